#!/usr/bin/env python3
"""spoil_masked.py CHANGE MASKED VAC.txt OUT [ORIGINAL.bam|REFERENCE.fa]: a masked BAM with one thing put back that masking
removes.  VAC.txt is what `varlock view pop.vac` prints.  MC is that of the changed mates; MD and NM are
left to samtools calmd, but under `md`."""
import collections
import hashlib
import sys

from bamfile import Record, read, tag, write

BASES = "ACGT"
change, masked, vac, out, *rest = sys.argv[1:]
text, contigs, records = read(masked)
original = {(r.name, r.flag & 0xC0): r for r in read(rest[0])[2]} if rest and rest[0].endswith(".bam") else {}
sites = {}  # (tid, position from 0): bases of the population
with open(vac) as lines:
    for line in (x for x in lines if x[0] != "#"):
        contig, pos, _, *counts = line.split("\t")
        tid = next(i for i, c in enumerate(contigs) if c[0] == contig)
        sites[tid, int(pos) - 1] = [b for b, n in zip(BASES, counts) if int(n)]


def coin(*what):
    return hashlib.sha256(repr(what).encode()).digest()[0] & 1


def shown(r, pos):
    """Index in SEQ of a place that a read without gaps covers, or None."""
    return pos - r.pos if len(r.cigar) == 1 and r.pos <= pos < r.end() else None


def deepest(accept):
    """The deepest place on the first contig."""
    depth = collections.Counter(p for r in records if r.tid == 0 for p in range(r.pos, r.end()))
    return max(filter(accept, depth), key=lambda p: depth[p])


def put(r, at, base):
    r.seq = r.seq[:at] + base + r.seq[at + 1:]


def other(base, among=BASES):
    return next(b for b in among if b != base)


def middle(accept=lambda r: True):
    """A first mate, forward, with its mate on the same contig."""
    fit = [r for r in records if r.flag & 0x50 == 0x40 and r.mtid == r.tid and r.tlen > 300 and
           len(r.cigar) == 1 and accept(r)]
    return fit[len(fit) // 2]


def at_sites(change_base):
    for (tid, pos), bases in sites.items():
        if len(bases) < 2:
            continue
        over = [r for r in records if r.tid == tid and shown(r, pos) is not None]
        for r in over:
            change_base(r, pos, shown(r, pos), bases, over)


def disagree(r, pos, at, bases, over):
    mate = [x for x in over if x.name == r.name and x is not r]
    if mate and r.flag & 0x40:
        put(r, at, other(mate[0].seq[shown(mate[0], pos)], bases))


def shuffle(r, pos, at, bases, over):
    seen = sorted({x.seq[shown(x, pos)] for x in over})
    if len(seen) == 2 and min(sum(x.seq[shown(x, pos)] == b for x in over) for b in seen) > 2:
        flips.append((r, at, seen[coin(r.name, pos)]))


flips = []
if change == "private":
    # A variant of one haplotype, where the population has none.
    place = deepest(lambda p: (0, p) not in sites)
    for r in records:
        at = shown(r, place) if r.tid == 0 else None
        if at is not None and coin(r.name):
            put(r, at, other(r.seq[at]))
elif change == "indel":
    place = deepest(lambda p: True)
    for r in records:
        if r.tid == 0 and r.pos + 20 < place < r.end() - 20 and coin(r.name):
            left = place - r.pos
            r.seq = r.seq[:left] + "A" + r.seq[left:left + 4] + r.seq[left + 5:]
            r.cigar = [(left, "M"), (1, "I"), (4, "M"), (1, "D"), (len(r.seq) - left - 5, "M")]
elif change == "md":
    for r in records:
        old = original.get((r.name, r.flag & 0xC0))
        if old:
            aux = old.aux[old.aux.index(b"MDZ"):]
            r.aux = r.aux[:r.aux.index(b"MDZ")] + aux[:aux.index(b"\0") + 1]
elif change == "tlen":
    for r in records:
        old = original.get((r.name, r.flag & 0xC0))
        r.tlen = old.tlen if old else r.tlen
elif change == "mates":
    at_sites(disagree)
elif change == "phase":
    at_sites(shuffle)
    for flip in flips:
        put(*flip)
elif change == "clip":
    r = middle()
    r.cigar = [(len(r.seq) - 5, "M"), (5, "S")]
elif change == "part":
    middle().flag |= 0x800
elif change == "pair":
    r = middle(lambda r: r.tid == 0)
    r.mtid, r.tlen = 1, 0
elif change == "turned":
    for r in records:
        if r.name == middle().name:
            r.flag ^= 0x20 if r.flag & 0x40 else 0x10
elif change == "reference":
    # As masks do that show the reference's bases everywhere.
    with open(rest[0]) as fasta:
        parts = fasta.read().split(">")[1:]
    bases = {p.split("\n", 1)[0].split()[0]: "".join(p.split("\n")[1:]) for p in parts}
    for r in (r for r in records if len(r.cigar) == 1):
        r.seq = bases[contigs[r.tid][0]][r.pos:r.end()]
elif change == "unmapped":
    records.append(Record(name="u", flag=4, seq="ACGTACGTNN", qual=b"\x1e" * 10))
else:
    sys.exit("unknown change " + change)

by_end = {(r.name, r.flag & 0xC0): r for r in records}
for r in records:
    mate = by_end.get((r.name, r.flag & 0xC0 ^ 0xC0))
    if mate and b"MCZ" in r.aux:
        at = r.aux.index(b"MCZ")
        end = r.aux.index(b"\0", at) + 1
        r.aux = r.aux[:at] + tag("MC", "Z", "".join("%d%s" % c for c in mate.cigar)) + r.aux[end:]
write(out, text, contigs, records)
