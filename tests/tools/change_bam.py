#!/usr/bin/env python3
"""change_bam.py IN OUT CHANGE [N]: IN with one thing changed at record N (default: the middle).
Without arguments: the changes that a masked file does not survive."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from bamfile import read, tag, write


def base(r):
    at = next(i for i, c in enumerate(r.seq) if c in "ACGT")
    r.seq = r.seq[:at] + "ACGT"["ACGT".index(r.seq[at]) - 1] + r.seq[at + 1:]


def clipped_base(r):
    at = r.seq.index("N")
    r.seq = r.seq[:at] + "A" + r.seq[at + 1:]


def cigar(r):
    r.cigar = [(1, "M"), (r.span() - 1, "M")] if len(r.cigar) == 1 else r.cigar[::-1]


def set_fields(**fields):
    return lambda r: r.__dict__.update(fields)


CHANGES = {
    "name": lambda r: set_fields(name=r.name[:-1] + "~")(r),
    "base": base,
    "quality": lambda r: set_fields(qual=bytes([r.qual[0] ^ 1]) + r.qual[1:])(r),
    "no_quality": set_fields(qual=None),
    "flag": lambda r: set_fields(flag=r.flag ^ 0x400)(r),
    "mapq": lambda r: set_fields(mapq=r.mapq ^ 1)(r),
    "mate": lambda r: set_fields(mpos=r.mpos + 1)(r),
    "tlen": lambda r: set_fields(tlen=r.tlen + 1)(r),
    "cigar": cigar,
    "tag_value": lambda r: set_fields(aux=r.aux.replace(b"RGZrg1", b"RGZrg2", 1))(r),
    "tag_added": lambda r: set_fields(aux=r.aux + tag("XX", "C", 1))(r),
    "tags_dropped": set_fields(aux=b""),
}
MOVES = {
    "drop": lambda rs, n: rs[:n] + rs[n + 1:],
    "add": lambda rs, n: rs[:n] + [rs[n]] + rs[n:],
    "drop_first": lambda rs, n: rs[1:],
    "drop_last": lambda rs, n: rs[:-1],
    "drop_all": lambda rs, n: [],
    "add_last": lambda rs, n: rs + rs[-1:],
}


def suitable(r):
    """Every change changes it."""
    return r.qual and r.cigar and b"RGZrg1" in r.aux and not r.flag & 4 and len(r.cigar) == 1 and \
        r.span() > 1 and r.tid >= 0


def main(source, target, change, n=None):
    text, contigs, records = read(source)
    n = len(records) // 2 if n is None else int(n)
    while not suitable(records[n]):
        n += 1
    if change in MOVES:
        records = MOVES[change](records, n)
    elif change == "swap":
        while (records[n].tid, records[n].pos) != (records[n + 1].tid, records[n + 1].pos):
            n += 1
        records[n:n + 2] = records[n + 1], records[n]
    elif change == "md_and_nm":
        for r in records:
            r.aux = r.aux.partition(b"NM")[0].partition(b"MDZ")[0]
    else:
        CHANGES[change](records[n])
    write(target, text, contigs, records)


if len(sys.argv) > 1:
    main(*sys.argv[1:])
else:
    print(*CHANGES, *MOVES, "swap")
