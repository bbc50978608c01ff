#!/usr/bin/env python3
"""synth_model.py [--max-insert N|none] [--max-shift N] [--keep-discordant] [--vault BED]
[--key FILE --blur SD [--inserts MEDIAN,SD]] ORIGINAL.bam MASKED.bam: has MASKED just the records that synth masking with --names keep makes of
ORIGINAL?  Names, flags, geometry, mate fields, MAPQ, MC and the order of coordinates are compared."""
import argparse
import os
import re
import sys
from collections import Counter
from math import inf

from bamfile import CONSUMES_QUERY
from deal import geometry_key
from geometry import Geometry
from scramble import Limits, cigar_text, default_shift, insert_size, lay, load, place, says_far, size, stem


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--max-insert", type=insert_size, default=10000)
    parser.add_argument("--max-shift", type=int)
    parser.add_argument("--keep-discordant", action="store_true")
    parser.add_argument("--vault", default=os.devnull)
    parser.add_argument("--key")
    parser.add_argument("--blur", type=int, default=0)
    parser.add_argument("--inserts", default="keep")
    parser.add_argument("files", nargs=2)
    return parser.parse_args()


def is_facing(r):
    """Forward-reverse."""
    ahead, back = (r.mate.place, r.place) if r.place.reverse else (r.place, r.mate.place)
    return back.reverse and not ahead.reverse and ahead.five <= back.five


def is_near(r, o):
    return is_facing(r) and not says_far(r, o.limits) and not says_far(r.mate, o.limits)


def moves(r, o):
    """How far the 5' base of a mapped record moves by itself."""
    five = r.place.five
    return o.geometry.shifts_of(r.tid, int(r.place.reverse), five >> 10)[five & 1023] if o.blur else 0


def find_trimmed(records):
    """Per read group the lengths, but for the longest, that fewer than one read in twenty has."""
    lengths = {}
    for r in [r for r in records if not r.flag & 0x900][:10000]:
        if r.seq:
            lengths.setdefault(r.group, Counter())[len(r.seq)] += 1
    return {group: {n for n, k in found.items() if n < max(found) and k * 20 < sum(found.values())}
            for group, found in lengths.items()}


def drawn_insert(r, mate, o):
    a, b = r.place.n_bases, mate.place.n_bases
    if a == b and a in o.trimmed.get(r.group, ()):
        return a
    group = o.groups.index(r.group) + 1 if r.group in o.groups else 0
    return o.geometry.insert(group, stem(r.name), max(a, b), 10000 if o.max_insert == inf else o.max_insert)


def move(r, o):
    """How far the 5' base of a mapped record moves: by itself, or where its mate and the insert size
    put it."""
    mate = r.mate if r.mate and r.mate.place and (is_near(r, o) or o.keep_discordant) else None
    if not mate:
        return moves(r, o)
    is_first = not r.place.reverse if r.place.reverse != mate.place.reverse else \
        (r.place.five, r.number) <= (mate.place.five, mate.number)
    if is_first:
        return moves(r, o)
    gap = drawn_insert(mate, r, o) - 1 if o.draws and is_near(r, o) else r.place.five - mate.place.five
    return moves(mate, o) + mate.place.five + gap - r.place.five


def move_all(records, contigs, text, key, o):
    names = [name for name, _ in contigs]
    o.groups = re.findall(rb"(?m)^@RG\t(?:[^\n]*\t)?ID:([^\t\n]*)", text)
    library = tuple(map(int, o.inserts.split(","))) if o.draws else (0, 0)
    o.geometry, o.trimmed = Geometry(key, names, o.blur, o.draws, [library]), find_trimmed(records)
    for i, r in enumerate(records):
        r.number = i
    laid = [r for r in records if r.place]
    for r, shift in [(r, move(r, o)) for r in laid]:
        r.place = lay(r.tid, r.pos, r.cigar, bool(r.flag & 16), contigs[r.tid][1], shift)


def keeps_five(r, o):
    """Is its 5' base shown, or shown moved by place alone?"""
    return not (o.draws and r.place.reverse and r.mate and r.mate.place and is_near(r, o))


def is_over(tid, start, end, o):
    return any(tid == t and a < end and start < b for t, a, b in o.vault)


def shows_pnext(r, o):
    """The mate is not at hand and its place is public."""
    return not o.blur and r.flag & 9 == 1 and not r.mate and r.mtid >= 0 and r.mpos >= 0 and \
        (o.max_insert == inf or says_far(r, o.limits))


def is_vaulted(r, o):
    return bool(o.hidden & {r.tid, r.mtid}) or is_over(r.tid, r.place.pos, r.place.end, o) or \
        keeps_five(r, o) and is_over(r.tid, r.place.five, r.place.five + 1, o) or \
        shows_pnext(r, o) and is_over(r.mtid, r.mpos, r.mpos + 1, o) or \
        not o.keep_discordant and (says_far(r, o.limits) or
                                   bool(r.mate and r.mate.place) and not is_near(r, o))


def is_whole(r, o):
    """For itself; the other of a pair goes with it."""
    if r.flag & 0x900 or r.tid < 0:
        return r.flag & 0x900 or not r.flag & 4
    if r.is_crowded:
        return True
    if r.flag & 4:
        return not r.mate or r.tid in o.hidden
    return not r.place or len(r.seq) not in (0, size(r.cigar, CONSUMES_QUERY)) or \
        r.place.n_bases > o.max_shift or is_vaulted(r, o)


def masked(r, o):
    flag, mapq = r.flag & ~2, 60 if r.mapq >= 20 and not r.flag & 4 else 0
    if r.tid < 0:
        return r.name, flag, -1, -1, "", -1, -1, 0, 0, ""
    if r.flag & 4:
        mate = r.mate.place
        return r.name, flag, r.tid, mate.pos, "", r.tid, mate.pos, 0, 0, mate.cigar
    mate = -1, -1, 0, mapq, ""
    if r.flag & 9 == 9:
        mate = r.tid, r.place.pos, 0, mapq, ""
    elif r.mate:
        there = r.mate.place
        flag |= 2 if is_near(r, o) else 0
        mate = r.tid, there.pos, there.end5 - r.place.end5, mapq, there.cigar
    elif shows_pnext(r, o):
        mate = r.mtid, r.mpos, 0, mapq, ""
    return (r.name, flag, r.tid, r.place.pos, r.place.cigar) + mate


def order(r):
    """The order of masked records, but for bytes behind the name."""
    return (r.tid if r.tid >= 0 else inf, r.pos, r.tid >= 0 and (r.flag & 16, r.name.encode("latin-1")))


def main(o):
    text, contigs, records = load(o.files[0])
    _, contigs_shown, shown = load(o.files[1])
    alternative = re.findall(rb"(?m)^@SQ(?=.*\tAH:).*\tSN:([^\t\n]+)", text)
    o.hidden = {i for i, (name, _) in enumerate(contigs)
                if name.startswith("HLA") or name.endswith("_alt") or name.encode() in alternative}
    tids = {name: i for i, (name, _) in enumerate(contigs)}
    fields = [line.split() for line in open(o.vault)]
    o.vault = [(tids[f[0]], int(f[1]), int(f[2])) for f in fields if f and f[0] in tids]
    o.max_shift = default_shift(records) if o.max_shift is None else o.max_shift
    o.limits = Limits(o.max_insert, o.max_shift)
    place(records, contigs, o.limits)
    o.draws = o.inserts != "keep"
    if o.blur or o.draws:
        move_all(records, contigs, text, geometry_key(open(o.key, "rb").read()), o)
    kept = [r for r in records if not is_whole(r, o) and not (r.mate and is_whole(r.mate, o))]
    want = Counter(masked(r, o) for r in kept)
    got = Counter((r.name, r.flag, r.tid, r.pos, cigar_text(r.cigar), r.mtid, r.mpos, r.tlen,
                   r.mapq, r.mc) for r in shown)
    wrong = ["model  %s" % (t,) for t in want - got] + ["masked %s" % (t,) for t in got - want]
    places = [order(r) for r in shown]
    if places != sorted(places) or contigs != contigs_shown:
        wrong.insert(0, "records or contigs are in another order")
    if wrong:
        sys.exit("\n".join(wrong[:5]))
    print("%d records as the model says, %d whole" % (len(kept), len(records) - len(kept)))


main(options())
