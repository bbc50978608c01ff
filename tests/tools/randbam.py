#!/usr/bin/env python3
"""randbam.py SEED PREFIX: a random valid sorted PREFIX.bam, PREFIX.vcf of a population over the
same contigs and their reference PREFIX.fa; they depend on the seed alone.

Alignments of a template agree with each other (mate fields, SA), so that a test may say what a
slice must not show; the rest is as odd as the specification allows."""
import os
import random
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from bamfile import (CONSUMES_QUERY, CONSUMES_REFERENCE, Record, header_text, tag, write,
                     write_fasta)

PAIRED, PROPER, UNMAPPED, MATE_UNMAPPED, REVERSE, MATE_REVERSE = 1, 2, 4, 8, 16, 32
FIRST, LAST, SECONDARY, QCFAIL, DUPLICATE, SUPPLEMENTARY = 64, 128, 256, 512, 1024, 2048


def make_contigs(rng):
    lengths = [rng.choice([1, 40, 300, 2000, 20000, 150000, 400000]) for _ in
               range(rng.randint(1, 6))]
    lengths.insert(rng.randint(0, len(lengths)), 0)
    lengths.append(rng.choice([5000, 250000]))
    return [("c%d" % i, n) for i, n in enumerate(lengths)]


def make_reference(rng, contigs):
    reference = {}
    for tid, (_, length) in enumerate(contigs):
        bases = rng.choices("ACGT", k=length)
        for _ in range(length // 3000):
            at = rng.randrange(length)
            for i in range(at, min(length, at + rng.randint(1, 40))):
                bases[i] = rng.choice("NNNNRY")
        reference[tid] = "".join(bases)
    return reference


def make_cigar(rng):
    """Operators of about 0 to 300 bases; sometimes without a single aligned one."""
    match = rng.choice([["M"], ["M"], ["M"], ["=", "X"], ["M", "=", "X"]])
    ops = []
    for _ in range(rng.choice([1, 1, 1, 2, 3, 6, 12])):
        kind = rng.random()
        if kind < 0.75:
            ops.append((rng.randint(1, 60), rng.choice(match)))
        elif kind < 0.84:
            ops.append((rng.randint(1, 8), "I"))
        elif kind < 0.92:
            ops.append((rng.randint(1, 12), "D"))
        elif kind < 0.97:
            ops.append((rng.choice([1, 50, 3000, 60000]), "N"))
        else:
            ops.append((rng.randint(1, 3), "P"))
    if rng.random() < 0.25:
        ops.insert(0, (rng.randint(1, 30), "S"))
    if rng.random() < 0.25:
        ops.append((rng.randint(1, 30), "S"))
    if rng.random() < 0.05:
        ops.insert(0, (rng.randint(1, 30), "H"))
    return ops


def query_length(cigar):
    return sum(n for n, op in cigar if op in CONSUMES_QUERY)


def make_seq(rng, reference, pos, cigar):
    """Mostly the reference, with errors, N, IUPAC and `=` here and there."""
    seq, at = [], pos
    odd = rng.random() < 0.1
    for n, op in cigar:
        for i in range(n if op in CONSUMES_QUERY else 0):
            base = reference[at + i:at + i + 1] if op in "M=X" else ""
            if op == "X" or base not in tuple("ACGT") or rng.random() < 0.02:
                base = rng.choice("ACGT")
            if odd and rng.random() < 0.1:
                base = rng.choice("NNRYKMSWBDHV=")
            seq.append(base)
        if op in CONSUMES_REFERENCE:
            at += n
    return "".join(seq)


def make_md(record, reference):
    """(MD, NM) as samtools calmd writes them; None past the contig's end."""
    if record.pos + record.span() > len(reference):
        return None
    text, matches, nm, q, r = [], 0, 0, 0, record.pos
    for n, op in record.cigar:
        if op in "M=X":
            for i in range(n):
                read, base = record.seq[q + i], reference[r + i]
                if read == "=" or (read == base and read != "N"):
                    matches += 1
                else:
                    text.append("%d%s" % (matches, base))
                    matches, nm = 0, nm + 1
        elif op == "D":
            text.append("%d^%s" % (matches, reference[r:r + n]))
            matches = 0
        nm += n if op in "ID" else 0
        q += n if op in CONSUMES_QUERY else 0
        r += n if op in CONSUMES_REFERENCE else 0
    return "".join(text) + str(matches), nm


def cigar_text(cigar):
    return "".join("%d%s" % c for c in cigar) or "*"


def random_text(rng, letters, n):
    return "".join(rng.choice(letters) for _ in range(rng.randint(0, n)))


def some_tags(rng):
    """A tag of each type, in any order and any part."""
    barcode = random_text(rng, "ACGTN", 10)
    tags = [
        tag("Xa", "A", rng.choice("!~aZ")), tag("Xc", "c", rng.randint(-128, 127)),
        tag("XC", "C", rng.randint(0, 255)), tag("Xs", "s", rng.randint(-32768, 32767)),
        tag("XS", "S", rng.randint(0, 65535)), tag("Xi", "i", rng.randint(-2**31, 2**31 - 1)),
        tag("XI", "I", rng.randint(0, 2**32 - 1)), tag("Xf", "f", rng.uniform(-1e9, 1e9)),
        tag("Xd", "d", rng.random()), tag("XZ", "Z", random_text(rng, " ~:;abcXYZ", 20)),
        tag("XH", "H", "0A1B"), tag("AS", rng.choice("cCsSiI"), rng.randint(0, 100)),
        tag("RX", "Z", rng.choice([barcode, "JaneDoe"])), tag("QX", "Z", "I" * len(barcode)),
        tag("CB", rng.choice("Z"), barcode + "-1"), tag("MI", "Z", str(rng.randint(0, 99))),
        tag("OQ", "Z", random_text(rng, "!#ABF", 30)), tag("BC", "Z", barcode),
    ]
    for kind, top in (("c", 127), ("C", 255), ("s", 32767), ("S", 65535), ("i", 9**9), ("I", 9**9)):
        tags.append(tag("B" + kind, "B" + kind, [rng.randint(0, top) for _ in range(rng.randint(0, 9))]))
    tags.append(tag("Bf", "Bf", [rng.random() for _ in range(rng.randint(0, 3))]))
    return rng.sample(tags, rng.choice([0, 1, 2, 5, len(tags)]))


class Maker:
    def __init__(self, rng, contigs, reference):
        self.rng, self.contigs, self.reference = rng, contigs, reference
        self.usable = [i for i, (_, n) in enumerate(contigs) if n > 1 and i % 4 != 3]
        self.usable = self.usable or [len(contigs) - 1]
        self.pile = (rng.choice(self.usable), rng.random())

    def place(self):
        rng = self.rng
        tid = rng.choice(self.usable)
        length = self.contigs[tid][1]
        if rng.random() < 0.3:
            tid, share = self.pile
            return tid, int(share * (self.contigs[tid][1] - 1))
        return tid, rng.choice([rng.randrange(length), max(0, length - rng.randint(1, 40))])

    def alignment(self, name, flag, near=None):
        rng = self.rng
        tid, pos = self.place()
        if near and rng.random() < 0.9:
            tid, pos = near.tid, min(max(0, near.pos + rng.randint(-400, 400)),
                                     self.contigs[near.tid][1] - 1)
        cigar = make_cigar(rng)
        seq = make_seq(rng, self.reference[tid], pos, cigar)
        return Record(name=name, flag=flag | rng.choice([0, REVERSE]), tid=tid, pos=pos,
                      cigar=cigar, seq=seq, mapq=rng.choice([0, 3, 20, 60, 255]))

    def sa_of(self, r):
        return "%s,%d,%s,%s,%d,0;" % (self.contigs[r.tid][0], r.pos + 1,
                                      "-" if r.flag & REVERSE else "+", cigar_text(r.cigar), r.mapq)

    def finish(self, record, tags):
        """SEQ, QUAL and the tags that describe the alignment."""
        rng = self.rng
        kind = rng.random()
        if record.seq and not record.flag & UNMAPPED and record.cigar and kind < 0.8:
            found = make_md(record, self.reference[record.tid])
            if found and rng.random() < 0.03:
                found = rng.choice([("7", 1), ("^A", 3), ("0", 0)])
            if found:
                tags.append(tag("MD", "Z", found[0]))
                tags.append(tag("NM", rng.choice("SiI" if found[1] > 255 else "CSiI"), found[1]))
        if rng.random() < 0.7:
            tags.append(tag("RG", "Z", rng.choice(["lane1", "lane 2", "not-in-header"])))
        if rng.random() < 0.04 and not record.flag & (SECONDARY | SUPPLEMENTARY):
            record.seq = ""
        record.qual = None
        if record.seq and rng.random() < 0.9:
            record.qual = bytes(rng.choices(range(0, 42), k=len(record.seq)))
        rng.shuffle(tags)
        record.aux = b"".join(tags)
        return record

    def unmapped(self, name, flag):
        rng = self.rng
        record = Record(name=name, flag=flag | UNMAPPED,
                        seq="".join(rng.choices("ACGTN", k=rng.randint(0, 120))))
        if rng.random() < 0.1:
            record.cigar = [(len(record.seq), "M")] if record.seq else [(5, "D")]
        return record

    def template(self, name):
        rng = self.rng
        extra = rng.choice([0, 0, 0, 0, DUPLICATE, QCFAIL])
        if rng.random() < 0.3:
            ends = [self.alignment(name, extra)]
        else:
            a = self.alignment(name, extra | PAIRED | FIRST | rng.choice([0, PROPER]))
            b = self.alignment(name, extra | PAIRED | LAST | (a.flag & PROPER), near=a)
            ends = [a, b]
            if rng.random() < 0.1:
                ends[1] = self.unmapped(name, extra | PAIRED | LAST)
                ends[1].tid, ends[1].pos = a.tid, a.pos
        if rng.random() < 0.04:
            ends = [self.unmapped(name, extra | (e.flag & (PAIRED | FIRST | LAST))) for e in ends]
        tags = [some_tags(rng) for _ in ends]
        if len(ends) == 2:
            for e, mate, own in ((ends[0], ends[1], tags[0]), (ends[1], ends[0], tags[1])):
                e.mtid, e.mpos = mate.tid, mate.pos
                e.flag |= MATE_REVERSE if mate.flag & REVERSE else 0
                e.flag |= MATE_UNMAPPED if mate.flag & UNMAPPED else 0
                e.tlen = mate.end() - e.pos if e.tid == mate.tid and e.tid >= 0 else 0
                if rng.random() < 0.7 and not mate.flag & UNMAPPED:
                    own.append(tag("MC", "Z", cigar_text(mate.cigar)))
        out = []
        for e, own in zip(ends, tags):
            if not e.flag & UNMAPPED and rng.random() < 0.06:
                out.append(self.further(e, own, SUPPLEMENTARY))
            elif not e.flag & UNMAPPED and rng.random() < 0.03:
                out.append(self.further(e, own, SECONDARY))
        return out + [self.finish(e, own) for e, own in zip(ends, tags)]

    def further(self, primary, tags, flag):
        """A supplementary or secondary alignment of the same read."""
        other = self.alignment(primary.name, primary.flag & ~REVERSE & ~PROPER | flag, near=primary)
        other.mtid, other.mpos = primary.mtid, primary.mpos
        own = [t for t in tags if t[:2] == b"MC"]
        if flag == SUPPLEMENTARY:
            tags.append(tag("SA", "Z", self.sa_of(other)))
        return self.finish(other, own + [tag("SA", "Z", self.sa_of(primary))])


def make_vcf(rng, contigs, reference):
    """Sites of every density, several lines and several ALTs at a position, indels between."""
    lines = ["##fileformat=VCFv4.2"]
    covered = [i for i, (_, n) in enumerate(contigs) if n > 0 and rng.random() < 0.9] or \
        [len(contigs) - 1]
    lines += ["##contig=<ID=%s,length=%d>" % contigs[i] for i in covered]
    lines += ['##INFO=<ID=AC,Number=A,Type=Integer,Description="ALT alleles">',
              '##INFO=<ID=AN,Number=1,Type=Integer,Description="Alleles">',
              "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"]
    for tid in covered:
        at, every = -1, rng.choice([1, 4, 30])
        while True:
            at += rng.randint(1, 2 * every)
            if at >= contigs[tid][1]:
                break
            ref = reference[tid][at]
            if ref not in "ACGT":
                continue
            if rng.random() < 0.002:
                ref = rng.choice("ACGT")
            alts = rng.sample([b for b in "ACGT" if b != ref], rng.choice([1, 1, 1, 2, 3]))
            total = rng.choice([2, 20, 5008])
            counts = [rng.randint(0, total // len(alts)) for _ in alts]
            groups = [list(zip(alts, counts))]
            if len(alts) > 1 and rng.random() < 0.5:
                groups = [[g] for g in groups[0]]
            if rng.random() < 0.05:
                groups.append([(ref + "A", 1)])
            for group in groups:
                lines.append("%s\t%d\t.\t%s\t%s\t.\t.\tAC=%s;AN=%d" % (
                    contigs[tid][0], at + 1, ref, ",".join(a for a, _ in group),
                    ",".join(str(c) for _, c in group), total))
    return "\n".join(lines) + "\n"


def main(seed, prefix):
    rng = random.Random(seed)
    contigs = make_contigs(rng)
    reference = make_reference(rng, contigs)
    maker = Maker(rng, contigs, reference)
    records = []
    for i in range(rng.choice([3, 300, 800, 5000])):
        records += maker.template("t%d" % i)
    records.sort(key=lambda r: (r.tid if r.tid >= 0 else len(contigs), r.pos))
    more = ("@RG\tID:lane1\tSM:JaneDoe\tLB:lib-JaneDoe\tPL:ILLUMINA\n"
            "@RG\tID:lane 2\tSM:JaneDoe\tPL:home made\n@CO\tJaneDoe's\n")
    write(prefix + ".bam", header_text(contigs, more), contigs, records)
    with open(prefix + ".vcf", "w") as out:
        out.write(make_vcf(rng, contigs, reference))
    write_fasta(prefix + ".fa", contigs, reference.values())


main(int(sys.argv[1]), sys.argv[2])
