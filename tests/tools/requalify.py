#!/usr/bin/env python3
"""requalify.py MODE: a SAM from standard input with other QUAL, to standard output.

  oq       that of OQ; OQ, BQ and @PG lines are gone, in the following three too
  every=N  that of OQ, but the file's own in every Nth template
  bins8    the file's own in Illumina's eight bins
  own      the file's own
  base     Q20 where the base, as sequenced, is A or C, else Q40
  high     the same with Q29 and Q93
  next     Q20 where the next base in the order of sequencing is A or C, else Q40
  same     Q20 where the base is that of its right neighbour in SEQ, else Q40
  even     Q20 and Q40 by the number of the record and the cycle, which tell nothing
  indels   Q20 beside indels, else Q40
"""
import re
import sys

EDGES = [(2, 0), (10, 6), (20, 15), (25, 22), (30, 27), (35, 33), (40, 37), (94, 40)]
COMPLEMENT = str.maketrans("ACGT", "TGCA")
LOW, HIGH = chr(33 + 20), chr(33 + 40)
mode, _, number = sys.argv[1].partition("=")


def by_sequencing(f, rule):
    """QUAL from the bases in the order of sequencing."""
    reverse = int(f[1]) & 0x10
    seq = f[9][::-1].translate(COMPLEMENT) if reverse else f[9]
    qual = rule(seq)
    return qual[::-1] if reverse else qual


def two(bases, low=LOW, high=HIGH):
    return "".join(low if c in "AC" else high for c in bases)


def beside_indels(f):
    at, low = 0, set()
    for n, op in re.findall(r"(\d+)([MIDNSHP=X])", f[5]):
        n = int(n)
        right = at + (n if op in "M=XIS" else 0)
        if op in "ID":
            low |= {at - 1, right}
        at = right
    return "".join(LOW if i in low else HIGH for i in range(len(f[9])))


def binned(qual):
    value = lambda c: next(to for below, to in EDGES if ord(c) - 33 < below)
    return "".join(chr(33 + value(c)) for c in qual)


templates = {}
for n, line in enumerate(sys.stdin):
    f = line.rstrip("\n").split("\t")
    real = mode in ("oq", "every", "bins8", "own")
    if f[0].startswith("@") and len(f[0]) == 3:
        if not (real and f[0] == "@PG"):
            sys.stdout.write(line)
        continue
    template = templates.setdefault(f[0], len(templates)) if mode == "every" else 0
    if real:
        oq = next(t[5:] for t in f[11:] if t.startswith("OQ:Z:"))
        f[11:] = [t for t in f[11:] if t[:3] not in ("OQ:", "BQ:")]
        if mode == "oq" or mode == "every" and template % int(number):
            f[10] = oq
        elif mode == "bins8":
            f[10] = binned(f[10])
    elif f[9] != "*":
        f[10] = {"base": lambda: by_sequencing(f, two),
                 "high": lambda: by_sequencing(f, lambda s: two(s, chr(33 + 29), chr(33 + 93))),
                 "next": lambda: by_sequencing(f, lambda s: two(s[1:] + "A")),
                 "same": lambda: "".join(LOW if a == b else HIGH
                                         for a, b in zip(f[9], f[9][1:] + "N")),
                 "even": lambda: "".join(HIGH if (n * 2654435761 + i * i * 40503) >> 7 & 1 else LOW
                                         for i in range(len(f[9]))),
                 "indels": lambda: beside_indels(f)}[mode]()
    print("\t".join(f))
