#!/usr/bin/env python3
"""synth_model.py [--max-insert N|none] [--max-shift N] [--keep-discordant] [--vault BED]
ORIGINAL.bam MASKED.bam: has MASKED just the records that synth masking with --names keep makes of
ORIGINAL?  Names, flags, geometry, mate fields, MAPQ, MC and the order of coordinates are compared."""
import argparse
import os
import re
import sys
from collections import Counter
from math import inf

from bamfile import CONSUMES_QUERY
from scramble import cigar_text, default_shift, insert_size, is_shifted, load, pairing_distance, place, size


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--max-insert", type=insert_size, default=10000)
    parser.add_argument("--max-shift", type=int)
    parser.add_argument("--keep-discordant", action="store_true")
    parser.add_argument("--vault", default=os.devnull)
    parser.add_argument("files", nargs=2)
    return parser.parse_args()


def is_facing(r, o):
    """Forward-reverse, and no further apart than allowed."""
    ahead, back = (r.there, r.place) if r.place.reverse else (r.place, r.there)
    return back.reverse and not ahead.reverse and 0 < back.five - ahead.five <= o.max_insert


def is_vaulted(r, o):
    if o.hidden & {r.tid, r.mtid} or any(
            p and p.tid == tid and p.pos < end and start < p.end
            for p in (r.place, r.there) for tid, start, end in o.vault):
        return True
    if o.keep_discordant or r.flag & 9 != 1:
        return False
    if r.mtid not in (-1, r.tid):
        return True
    if r.there:
        return not is_facing(r, o)
    return (r.flag & 32 > 0) == r.place.reverse or \
        r.mtid == r.tid and abs(r.mpos - r.pos) > o.max_insert


def is_whole(r, o):
    """For itself; the other of a pair goes with it."""
    if r.flag & 0x900 or r.tid < 0:
        return r.flag & 0x900 or not r.flag & 4
    if r.flag & 4:
        return not r.mate
    return not r.place or len(r.seq) not in (0, size(r.cigar, CONSUMES_QUERY)) or \
        is_shifted(r.pos, r.place, o.max_shift) or is_vaulted(r, o) or \
        r.there and not r.mate and is_shifted(r.mpos, r.there, o.max_shift)


def masked(r, o):
    flag, mapq = r.flag & ~2, 60 if r.mapq >= 20 and not r.flag & 4 else 0
    if r.tid < 0:
        return r.name, flag, -1, -1, "", -1, -1, 0, mapq, ""
    if r.flag & 4:
        pos = r.there.pos
        return r.name, flag, r.tid, pos, "", r.tid, pos, 0, mapq, r.there.cigar
    mate = -1, -1, 0, mapq, ""
    if r.flag & 9 == 9:
        mate = r.tid, r.place.pos, 0, mapq, ""
    elif r.flag & 1 and r.there:
        same = r.there.tid == r.tid
        flag |= 2 if same and is_facing(r, o) else 0
        tlen = r.there.five - r.place.five if same else 0
        mate = r.there.tid, r.there.pos, tlen, mapq, r.there.cigar
    return (r.name, flag, r.tid, r.place.pos, r.place.cigar) + mate


def main(o):
    text, contigs, records = load(o.files[0])
    _, contigs_shown, shown = load(o.files[1])
    alternative = re.findall(rb"(?m)^@SQ(?=.*\tAH:).*\tSN:([^\t\n]+)", text)
    o.hidden = {i for i, (name, _) in enumerate(contigs)
                if name.startswith("HLA") or name.encode() in alternative}
    tids = {name: i for i, (name, _) in enumerate(contigs)}
    fields = [line.split() for line in open(o.vault)]
    o.vault = [(tids[f[0]], int(f[1]), int(f[2])) for f in fields if f and f[0] in tids]
    o.max_shift = default_shift(records) if o.max_shift is None else o.max_shift
    place(records, contigs, pairing_distance(o.max_insert), o.max_shift)
    kept = [r for r in records if not is_whole(r, o) and not (r.mate and is_whole(r.mate, o))]
    want = Counter(masked(r, o) for r in kept)
    got = Counter((r.name, r.flag, r.tid, r.pos, cigar_text(r.cigar), r.mtid, r.mpos, r.tlen,
                   r.mapq, r.mc) for r in shown)
    wrong = ["model  %s" % (t,) for t in want - got] + ["masked %s" % (t,) for t in got - want]
    places = [(r.tid if r.tid >= 0 else inf, r.pos) for r in shown]
    if places != sorted(places) or contigs != contigs_shown:
        wrong.insert(0, "records or contigs are in another order")
    if wrong:
        sys.exit("\n".join(wrong[:5]))
    print("%d records as the model says, %d whole" % (len(kept), len(records) - len(kept)))


main(options())
