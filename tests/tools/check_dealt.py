#!/usr/bin/env python3
"""check_dealt.py KEPT.bam MASKED.bam KEY: is MASKED, made with --qual shuffle, what deal.py makes of
KEPT, made of the same input by the same key with --qual keep?"""
import sys

from bamfile import read
from deal import deal, fit, geometry_key
from scramble import first_tag


def group_of(r):
    return first_tag(r.aux, "RG", "Z")[:-1].decode("latin-1")


def main(kept, masked, key):
    _, contigs, own = read(kept)
    _, _, shown = read(masked)
    key = geometry_key(open(key, "rb").read())
    sources = deal(own, 0, key, [name for name, _ in contigs], group_of)
    n = [0, 0, 0, 0]
    for i, (a, b, source) in enumerate(zip(own, shown, sources)):
        want = a.qual
        if source is None:
            want = bytes([30] * len(a.seq))
        elif source != i:
            want = fit(own[source].qual, a.flag & 16, len(a.seq))
        n[0] += source == i
        n[1] += source is not None and source != i
        n[2] += source is None
        n[3] += source is not None and len(own[source].seq) > len(a.seq)
        want = dict(vars(a), qual=want)
        if want != vars(b):
            sys.exit("record %d, %s: %s, not %s" % (i + 1, a.name, vars(b), want))
    assert len(own) == len(shown)
    print("%d own, %d dealt, %d flat; %d cut" % tuple(n))


main(*sys.argv[1:])
