#!/usr/bin/env python3
"""check_slice.py [--synth] [--whole] [--unplaced] ORIGINAL MASKED SLICE CONTIG:BEG-END...

Is SLICE what the holder of these ranges (1-based) may see: records inside restored, those across
an edge restored inside only, all others as masked (formats/bdiff.md §5.2)?  Reads the three files
through samtools view and knows nothing else of varlock.  Prints counts, or the first difference and
exits 1.  With --synth records are told by name and flag (masking by --names keep), and those that
share them with another are only counted."""
import re
import subprocess
import sys
from collections import Counter

INSIDE_TAGS = ("MD", "NM", "AS", "XS", "OQ", "BQ", "MM", "ML", "MN")
PROPER, UNMAPPED, SECOND, SUPPLEMENTARY = 2, 4, 0x100 | 0x800, 0x800
KINDS = ("full", "inside", "edge", "masked", "whole")
flags = [a for a in sys.argv[1:] if a.startswith("--")]
files = [a for a in sys.argv[1:] if not a.startswith("--")]
INFINITY = float("inf")


def read_ranges(texts, path):
    """Merged (contig, beg, end); those that reach a contig's end take in what lies beyond."""
    header = subprocess.run(["samtools", "view", "-H", path], capture_output=True, check=True,
                            text=True).stdout
    lengths = dict(re.findall(r"^@SQ\tSN:(\S+)\tLN:(\d+)", header, re.M))
    out = []
    for text in texts:
        contig, beg, end = re.fullmatch(r"(.*):(\d+)-(\d+)", text).groups()
        out.append([contig, int(beg) - 1, int(end) if int(end) < int(lengths[contig]) else INFINITY])
    merged = []
    for contig, beg, end in sorted(out):
        if merged and merged[-1][0] == contig and beg <= merged[-1][2]:
            merged[-1][2] = max(end, merged[-1][2])
        else:
            merged.append([contig, beg, end])
    return [(c, b or -INFINITY, e) for c, b, e in merged]


ranges = read_ranges(files[3:], files[0])


def read_groups(path):
    """What a masked file calls each read group."""
    header = subprocess.run(["samtools", "view", "-H", path], capture_output=True, check=True,
                            text=True).stdout
    groups = re.findall(r"^@RG.*\tID:([^\t\n]+)", header, re.M)
    return {name: "rg%d" % (i + 1) for i, name in enumerate(groups)}


groups = read_groups(files[0])


def contig_lengths(path):
    header = subprocess.run(["samtools", "view", "-H", path], capture_output=True, check=True, text=True).stdout
    return {name: int(n) for name, n in re.findall(r"^@SQ.*\tSN:([^\t\n]+).*\tLN:(\d+)", header, re.M)}


lengths = contig_lengths(files[0])


def masked_flag(flag):
    """Of reads without a pair nothing of a mate is shown."""
    return flag & 0xFFF if flag & 1 else flag & 0xF15


class Read:
    def __init__(self, line):
        self.f = line.rstrip("\n").split("\t")
        self.name, self.flag, self.contig, self.pos = self.f[0], int(self.f[1]), self.f[2], int(self.f[3]) - 1
        self.cigar = [(int(n), op) for n, op in re.findall(r"(\d+)(.)", self.f[5])]
        self.seq, self.qual = self.f[9], self.f[10]
        self.tags = [(t[:2], t[5:], t) for t in self.f[11:]]
        self.aligned = not self.flag & UNMAPPED and self.contig != "*" and self.pos >= 0 and bool(self.cigar)
        used = self.cigar if not self.flag & UNMAPPED else []
        span = sum(n for n, op in used if op in "MDN=X") or 1
        self.end = self.pos + span
        solid = [i for i, (_, op) in enumerate(self.cigar) if op not in "SHP"] or [len(self.cigar)]
        clips = [(n, i < solid[0]) for i, (n, op) in enumerate(self.cigar) if op in "SH"]
        clips = clips if self.aligned else []
        self.unclipped = (self.pos - sum(n for n, lead in clips if lead),
                          self.end + sum(n for n, lead in clips if not lead))

    def bases(self):
        """(index in SEQ, reference position) of every aligned base."""
        q, r = 0, self.pos
        for n, op in self.cigar if self.aligned and self.seq != "*" else []:
            if op in "M=X":
                yield from zip(range(q, q + n), range(r, r + n))
            q += n if op in "MIS=X" else 0
            r += n if op in "MDN=X" else 0

    def query_length(self):
        return sum(n for n, op in self.cigar if op in "MIS=X")

    def is_whole(self):
        agree = not self.cigar or self.seq == "*" or self.query_length() == len(self.seq)
        return bool(self.flag & SECOND) or not agree or not self.fits_cram()

    def fits_cram(self):
        if self.contig != "*" and not 0 <= self.pos < lengths[self.contig]:
            return False
        return bool(self.flag & UNMAPPED) or (bool(self.cigar) and self.contig != "*" and
                                              self.end <= lengths[self.contig])

    def overlaps(self):
        if self.contig == "*":
            return "--unplaced" in flags
        return any(c == self.contig and b < self.end and self.pos < e for c, b, e in ranges)

    def inside(self):
        if self.contig == "*":
            return "--unplaced" in flags
        beg, end = self.unclipped
        return any(c == self.contig and b <= beg and end <= e for c, b, e in ranges)

    def reference(self):
        """The reference letters under the read as SEQ and MD tell them; None without MD."""
        md = [t[1] for t in self.tags if t[0] == "MD"]
        letters, q, out = [], 0, []
        for n, deleted, mismatch in re.findall(r"(\d+)|\^([A-Z]+)|([A-Z])", md[0] if md else ""):
            letters += [None] * int(n) if n else deleted or mismatch
        letters = iter(letters)
        for n, op in self.cigar:
            for i in range(n if op in "MD=X" else 0):
                out.append(next(letters, "?") or self.seq[q + i])
            q += n if op in "MIS=X" else 0
        return out if md else None


def load(path):
    text = subprocess.run(["samtools", "view", path], capture_output=True, check=True, text=True,
                          errors="surrogateescape").stdout
    return [Read(line) for line in text.split("\n") if line]


def fail(what, *reads):
    print("check_slice:", what)
    for read in reads:
        print("   ", "\t".join(read.f))
    sys.exit(1)


def shown_tags(original, masked, full):
    """Tags of a read that lies inside: all of them, or those that speak of it alone.  The read
    group goes by its pseudonym, also where there is no masked record to have it from."""
    twin = {t[0]: t[2] for t in masked.tags} if masked else {}
    out = []
    if masked is None:
        rg = [t[1] for t in original.tags if t[0] == "RG"]
        twin = {"RG": "RG:Z:" + groups[rg[0]]} if rg and rg[0] in groups else {}
    for name, _, text in original.tags:
        if name in INSIDE_TAGS or (full and name != "RG"):
            out.append(text)
        elif name in twin:
            out.append(twin[name])
    return out


def template_inside(read, templates):
    """Every alignment the read's own record or its mate's names is in the ranges."""
    segment = read.flag & 0xC0
    others = [r for r in templates[read.name] if not r.flag & SECOND or
              (r.flag & SUPPLEMENTARY and r.flag & 0xC0 == segment)]
    return all(r.inside() or (r.flag & UNMAPPED and r.contig == "*") for r in others)


def check_edge(read, original, masked):
    want = list(masked.seq)
    for (q, r), (p, _) in zip(masked.bases(), original.bases()):
        if any(c == masked.contig and b <= r < e for c, b, e in ranges):
            want[q] = original.seq[p]
    if read.seq != "".join(want):
        fail("bases of an edge read", read, original, masked)
    same = [i for i in range(11) if i != 9]
    tags = [[t[2] for t in r.tags if t[0] not in ("MD", "NM")] for r in (read, masked)]
    if [read.f[i] for i in same] != [masked.f[i] for i in same] or tags[0] != tags[1]:
        fail("an edge read shows more than bases", read, masked)
    if read.reference() != masked.reference():
        fail("MD of an edge read", read, masked)


def main():
    originals, masked, slice_ = (load(f) for f in files[:3])
    counts, templates = dict.fromkeys(KINDS, 0), by_name(originals)
    masked, slice_ = iter(masked), iter(slice_ + [None])
    read = next(slice_)
    for original in originals:
        twin = None if original.is_whole() else next(masked)
        takes = original.overlaps() if twin else True
        if not takes and "--whole" not in flags:
            continue
        full = original.f[:11] + shown_tags(original, twin, True)
        kind = ""
        if twin is None:
            if read is None or read.f != full:
                continue
            kind = "whole"
        elif read is None or read.name != twin.name or masked_flag(read.flag) != twin.flag:
            fail("a masked record is missing", twin, *([read] if read else []))
        elif not takes or (not original.aligned and read.f == twin.f):
            kind = "masked" if read.f == twin.f else fail("a record outside", read, twin)
        elif not original.aligned or original.inside():
            kind = "full" if read.f == full else "inside"
            partial = own_fields(original, twin)
            if read.f != full and (not original.aligned or read.f != partial):
                fail("a read inside", read, original)
            if read.f == partial:
                kind = "inside" if original.aligned else kind
        else:
            check_edge(read, original, twin)
            kind = "edge"
        if kind in ("full", "whole") and not (original.inside() and template_inside(original, templates)):
            fail("a %s record's template reaches outside" % kind, read, *templates[read.name])
        counts[kind] += 1
        read = next(slice_)
    if read is not None:
        fail("a record that should not be there", read)
    print(" ".join("%s %d" % c for c in counts.items()))


def by_name(reads):
    templates = {}
    for read in reads:
        templates.setdefault(read.name, []).append(read)
    return templates


# ---- synth: other coordinates, another order ----

def key(read):
    return read.name, masked_flag(read.flag) & ~PROPER


def key_is_shared(reads):
    n = Counter(map(key, reads))
    return {k for k in n if n[k] > 1}


def own_fields(original, twin):
    """What a read inside shows below full: its own fields but for what speaks of the mate."""
    f = list(original.f[:11])
    f[1] = str(twin.flag)
    f[6:9] = twin.f[6:9]
    return f + shown_tags(original, twin, False)


def check_synth_edge(read, original, twin):
    """The masked record with the bases inside as the original aligned them there, N where not."""
    own = {r: original.seq[q] for q, r in original.bases()}
    want = list(twin.seq)
    for q, r in twin.bases():
        if any(c == twin.contig and b <= r < e for c, b, e in ranges):
            want[q] = own.get(r, "N")
    if read.seq != "".join(want):
        fail("bases of an edge read", read, original, twin)
    tags = [[t[2] for t in r.tags if t[0] not in ("MD", "NM")] for r in (read, twin)]
    if read.f[:9] + [read.qual] != twin.f[:9] + [twin.qual] or tags[0] != tags[1]:
        fail("an edge read shows more than bases", read, twin)
    # A base `=` tells of no reference.
    letters = zip(read.reference() or "?", twin.reference() or "")
    if twin.seq != "*" and any(a not in ("=", b) for a, b in letters):
        fail("MD of an edge read", read, twin)


def lies(read, templates):
    """What the read says of its mate is not what the mate says of itself, and no secret of it."""
    contig = read.contig if read.f[6] == "=" else read.f[6]
    others = [r for r in templates[read.name] if r is not read and not r.flag & SECOND]
    return bool(others) and not any((r.contig, r.f[3]) == (contig, read.f[7]) for r in others)


def synth_kind(original, twin, read, templates):
    """Which kind of record the slice shows for an original with a masked form; None: none."""
    if read and twin and read.f == original.f[:11] + shown_tags(original, twin, True) and \
            original.inside() and (template_inside(original, templates) or lies(original, templates)):
        return "full"
    if original.aligned and original.inside():
        if not read or read.f != own_fields(original, twin):
            fail("a read inside", original, twin, *([read] if read else []))
        return "inside"
    overlaps = twin.overlaps()
    if overlaps and twin.aligned:
        if not read:
            fail("an edge read is missing", original, twin)
        check_synth_edge(read, original, twin)
        return "edge"
    if overlaps or "--whole" in flags:
        if not read or read.f != twin.f:
            fail("not as masked", original, twin, *([read] if read else []))
        return "masked"
    if read:
        fail("a read outside", original, twin, read)
    return None


def check_order(reads, path):
    header = subprocess.run(["samtools", "view", "-H", path], capture_output=True, check=True,
                            text=True).stdout
    number = {name: i for i, name in enumerate(re.findall(r"^@SQ.*\tSN:(\S+)", header, re.M))}
    places = [(number.get(r.contig, len(number)), r.pos) for r in reads]
    for before, after, read in zip(places, places[1:], reads[1:]):
        if before > after:
            fail("out of order", read)


def synth():
    originals, masked, shown = (load(f) for f in files[:3])
    counts, templates = dict.fromkeys(KINDS + ("shared",), 0), by_name(originals)
    shared = key_is_shared(originals) | key_is_shared(masked)
    twins, reads = {key(r): r for r in masked}, {key(r): r for r in shown}
    second = Counter("\t".join(r.f) for r in shown if r.flag & SECOND)
    left = {key(r) for r in shown} - shared
    check_order(shown, files[0])
    for original in originals:
        k = key(original)
        twin = twins.get(k)
        if k in shared and not original.flag & SECOND:
            counts["shared"] += 1
            continue
        kind = "whole" if twin is None else synth_kind(original, twin, reads.get(k), templates)
        if kind == "whole":
            full = "\t".join(original.f[:11] + shown_tags(original, None, True))
            if second[full] == 0 and (k not in reads or "\t".join(reads[k].f) != full):
                continue
            if not (original.inside() and template_inside(original, templates)):
                fail("a whole record's template reaches outside", *templates[original.name])
            second[full] -= 1
        left.discard(k)
        counts[kind] = counts.get(kind, 0) + 1
    counts.pop(None, None)
    if left or any(n > 0 for n in second.values()):
        fail("a record that should not be there: %s" % list(left)[:3], *[reads[k] for k in left][:3])
    print(" ".join("%s %d" % c for c in counts.items()))


if __name__ == "__main__":
    synth() if "--synth" in flags else main()
