#!/usr/bin/env python3
"""check_synth.py ORIGINAL.bam MASKED.bam REF.fa KEY VAC.txt [--haploid LIST]: is every record of
MASKED the slice of the synthetic haplotype that its name, sample and place ask for, and is there
nothing beside it but what may be shown?

KEY and VAC.txt as for persona.py; names must be the original's (`--names keep`).  LIST (default
chrM,MT) holds contigs and stretches as X:2699521-154931043.  Prints counts, or the first faults and
exits 1."""
import os
import re
import struct
import sys
from bisect import bisect_left

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import bamfile
import persona
from siphash import siphash

DRAW_NAMES = b"varlock draw names"
BARCODES = ("BX", "CB", "CR", "MI", "RX", "UB", "UR")
QUALITIES = {"QX": "RX", "CY": "CR", "UY": "UR"}
MASKED_CIGAR = re.compile(r"(\d+S)?\d+M(\d+N\d+M)*(\d+S)?")
PROPER, UNMAPPED, SECOND_ALIGNMENTS = 2, 4, 0x900
MOST_FAULTS = 10
FIXED = {"c": 1, "C": 1, "A": 1, "s": 2, "S": 2, "i": 4, "I": 4, "f": 4, "d": 8}


def fragment_name(name):
    return name[:-2] if name.endswith(("/1", "/2")) else name


def read_tags(aux):
    """[(name, type, value)]; values of Z and H as text, others as bytes."""
    tags, at = [], 0
    while at < len(aux):
        name, kind = aux[at:at + 2].decode("latin-1"), chr(aux[at + 2])
        at += 3
        if kind in "ZH":
            end = aux.index(0, at)
            tags.append((name, kind, aux[at:end].decode("latin-1")))
            at = end + 1
            continue
        size = FIXED.get(kind, 0)
        if kind == "B":
            n, = struct.unpack_from("<I", aux, at + 1)
            size = 5 + n * FIXED[chr(aux[at])]
        tags.append((name, kind, aux[at:at + size]))
        at += size
    return tags


def number(kind, value):
    return struct.unpack("<" + {"c": "b", "C": "B", "s": "h", "S": "H"}.get(kind, kind), value)[0]


class Haplotype:
    """One haplotype of a contig and where it differs from the reference."""

    def __init__(self, reference, changes):
        bases = bytearray(reference, "ascii")
        self.reference = reference
        self.changed = [pos for pos, base in changes if base != reference[pos]]
        for pos, base in changes:
            bases[pos] = ord(base)
        self.bases = bases.decode()

    def differences(self, beg, end, shown):
        """Positions at which MD names the reference's base; an N agrees with nothing."""
        if "N" in shown:
            return [p for p in range(beg, end)
                    if shown[p - beg] == "N" or shown[p - beg] != self.reference[p]]
        return self.changed[bisect_left(self.changed, beg):bisect_left(self.changed, end)]

    def slice(self, pos, cigar):
        """(SEQ, MD, NM) of an alignment of M, N and S."""
        seq, md, run, nm = [], [], 0, 0
        for n, op in cigar:
            if op == "S":
                seq.append("N" * n)
                continue
            if op == "M":
                shown, at = self.bases[pos:pos + n], pos
                seq.append(shown)
                for p in self.differences(pos, pos + len(shown), shown):
                    md.append("%d%s" % (run + p - at, self.reference[p]))
                    run, at, nm = 0, p + 1, nm + 1
                run += pos + n - at
            pos += n
        return "".join(seq), "".join(md) + str(run), nm


def fields_of(line):
    return dict(f.split(":", 1) for f in line.split("\t")[1:] if ":" in f)


def shown_sequence(line):
    fields = fields_of(line)
    return dict(fields, AH="*") if "AH" in fields else fields


class Header:
    """The original's read groups, and the header lines that the masked file may have."""

    def __init__(self, text):
        lines = text.rstrip(b"\0").decode("latin-1").split("\n")
        groups = [fields_of(line) for line in lines if line.startswith("@RG\t")]
        self.number_of_group = {}
        for i, group in enumerate(groups):
            self.number_of_group.setdefault(group.get("ID"), i + 1)
        self.samples = [g.get("SM", "").encode("latin-1") for g in groups]
        self.expected = [r"@HD\tVN:[0-9.]+\tSO:coordinate"]
        self.expected += [self.kept("@SQ", shown_sequence(line), ("SN", "LN", "M5", "AH"))
                          for line in lines if line.startswith("@SQ\t")]
        pseudonyms = {"SM": {}, "LB": {}}
        for i, group in enumerate(groups):
            shown = {"ID": "rg%d" % (i + 1)}
            for field, word in (("SM", "sample"), ("LB", "lib")):
                if group.get(field):
                    known = pseudonyms[field]
                    shown[field] = word + str(known.setdefault(group[field], len(known) + 1))
            line = self.kept("@RG", shown, ("ID", "SM", "LB"))
            platform = group.get("PL")
            self.expected.append(line + (r"(\tPL:%s)?" % re.escape(platform) if platform else ""))
        self.expected += [r"@PG\tID:varlock\tPN:varlock\tVN:[^\t]+",
                          r"@CO\tvarlock:1 mask=synth bdiff=[0-9a-f]{32}"]

    @staticmethod
    def kept(kind, values, names):
        return re.escape("\t".join([kind] + ["%s:%s" % (n, values[n]) for n in names if n in values]))

    def faults(self, text):
        lines = text.decode("latin-1").split("\n")[:-1]
        if len(lines) != len(self.expected):
            yield "header: %d lines, not %d" % (len(lines), len(self.expected))
        for line, expected in zip(lines, self.expected):
            if not re.fullmatch(expected, line):
                yield "header: %r is not /%s/" % (line, expected)


class Checker:
    def __init__(self, header, key, reference, sites, contigs, haploid):
        self.header, self.key, self.reference = header, key, reference
        self.sites, self.contigs, self.haploid = sites, contigs, haploid
        self.name_key = persona.hkdf(key, DRAW_NAMES)[:16]
        self.haplotypes, self.sides = {}, {}
        self.n_mapped = self.n_unmapped = self.n_bases = self.n_changed = 0

    def side(self, name):
        """Which of the two haplotypes a fragment shows."""
        name = fragment_name(name)
        if name not in self.sides:
            self.sides[name] = siphash(self.name_key, name.encode("latin-1")) & 1
        return self.sides[name]

    def haplotype(self, sample, tid, side):
        if (sample, tid) not in self.haplotypes:
            contig = self.contigs[tid][0]
            bases = self.reference[contig]
            drawn = persona.draw(self.key, sample, contig, self.sites.get(contig, []), bases,
                                 self.haploid.get(contig, []))
            self.haplotypes[sample, tid] = [Haplotype(bases, [(d[0], d[1 + h]) for d in drawn])
                                            for h in range(2)]
        return self.haplotypes[sample, tid][side]

    def faults(self, record, groups):
        """What is wrong with a masked record whose original has one of these read groups."""
        tags = read_tags(record.aux)
        values = {name: value for name, _, value in tags}
        names = [t[0] for t in tags]
        yield from self.tag_faults(tags, values)
        group = values.get("RG")
        if groups is None or group not in groups:
            yield "no primary record of this name and FLAG" if groups is None else "RG %s" % group
            return
        if record.mapq not in (0, 60):
            yield "MAPQ %d" % record.mapq
        if record.flag & SECOND_ALIGNMENTS:
            yield "secondary or supplementary"
        if record.flag & UNMAPPED or record.tid < 0:
            yield from self.unmapped_faults(record, names)
            return
        sample = self.header.samples[int(group[2:]) - 1] if group else b""
        yield from self.mapped_faults(record, sample, names, tags)

    def unmapped_faults(self, record, names):
        self.n_unmapped += 1
        if record.cigar or record.seq.strip("N") or not record.flag & UNMAPPED:
            yield "unmapped with CIGAR or bases"
        if names[-1:] in (["MD"], ["NM"]):
            yield "unmapped with MD or NM"

    def mapped_faults(self, record, sample, names, tags):
        self.n_mapped += 1
        cigar = "".join("%d%s" % c for c in record.cigar)
        end = record.pos + sum(n for n, op in record.cigar if op in "MN")
        if not MASKED_CIGAR.fullmatch(cigar) or end > self.contigs[record.tid][1] or record.pos < 0:
            yield "CIGAR %s at %d" % (cigar, record.pos + 1)
            return
        if not record.seq:
            if names[-1:] in (["MD"], ["NM"]):
                yield "MD or NM without SEQ"
            return
        haplotype = self.haplotype(sample, record.tid, self.side(record.name))
        seq, md, nm = haplotype.slice(record.pos, record.cigar)
        self.n_bases += len(seq)
        self.n_changed += nm
        if record.seq != seq:
            at = len(os.path.commonprefix([record.seq, seq]))
            yield "SEQ from base %d: %s, not %s" % (at + 1, record.seq[at:at + 20], seq[at:at + 20])
        if names[-2:] != ["NM", "MD"]:
            yield "NM and MD are not the last tags"
        elif number(*tags[-2][1:]) != nm or tags[-1][1:] != ("Z", md):
            yield "NM %d MD %s, not %d %s" % (number(*tags[-2][1:]), tags[-1][2], nm, md)

    def tag_faults(self, tags, values):
        plain = [t for t in tags if t[0] not in ("NM", "MD")]
        names = [t[0] for t in plain]
        if names != sorted(set(names)):
            yield "tags in the order %s" % [t[0] for t in tags]
        for name, kind, value in plain:
            if kind != "Z":
                yield "tag %s of type %s" % (name, kind)
            elif name in BARCODES:
                if not re.fullmatch(r"[ABCGTN0-9+_/-]*", value):
                    yield "tag %s:%s" % (name, value)
            elif name in QUALITIES:
                if len(values.get(QUALITIES[name], "")) != len(value):
                    yield "tag %s of another length than %s" % (name, QUALITIES[name])
            elif name == "MC":
                if not MASKED_CIGAR.fullmatch(value):
                    yield "tag MC:%s" % value
            elif name != "RG":
                yield "tag %s" % name


def group_of(record):
    return next((value for name, _, value in read_tags(record.aux) if name == "RG"), None)


def groups_of_names(records, header):
    """{(QNAME, FLAG but for 0x2): the read groups its records may show}."""
    groups = {}
    for r in records:
        if not r.flag & SECOND_ALIGNMENTS:
            n = header.number_of_group.get(group_of(r))
            groups.setdefault((r.name, r.flag & ~PROPER), set()).add("rg%d" % n if n else None)
    return groups


def main(arguments):
    haploid = "chrM,MT"
    if "--haploid" in arguments:
        at = arguments.index("--haploid")
        haploid = arguments[at + 1]
        del arguments[at:at + 2]
    if len(arguments) != 5:
        sys.exit(__doc__)
    assert siphash(bytes(range(16)), bytes(range(15))) == 0xa129ca6149be45e5  # the paper's vector
    original, masked, fasta, key, vac = arguments
    text, _, records = bamfile.read(original)
    header = Header(text)
    groups = groups_of_names(records, header)
    n_original = len(records)
    text, contigs, records = bamfile.read(masked)
    faults = ["check_synth: " + f for f in header.faults(text)]
    checker = Checker(header, persona.read_key(key), persona.read_fasta(fasta),
                      persona.read_sites(vac), contigs, persona.read_haploid(haploid))
    last = (0, -1)
    for i, r in enumerate(records):
        place = (r.tid if r.tid >= 0 else len(contigs), r.pos)
        found = ["out of order"] if place < last else []
        last = place
        found += checker.faults(r, groups.get((r.name, r.flag & ~PROPER)))
        faults += ["check_synth: record %d, %s flag %d %s:%d: %s" % (
            i + 1, r.name, r.flag, contigs[r.tid][0] if r.tid >= 0 else "*", r.pos + 1, f)
                   for f in found]
    print("%d records of %d: %d mapped, %d unmapped; %d bases, %d not the reference's; %d faults" % (
        len(records), n_original, checker.n_mapped, checker.n_unmapped, checker.n_bases,
        checker.n_changed, len(faults)))
    print(*faults[:MOST_FAULTS], sep="\n", end="\n" if faults else "")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
