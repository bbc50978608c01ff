#!/usr/bin/env python3
"""check_contents.py [--synth] [--unplaced] [--of=...] ORIGINAL MASKED SLICE-OUTPUT CONTIG:BEG-END... --owner=DUMP --slice=DUMP

Does a slice hold what its holder is shown, and nothing else?  The dumps are what `varlock view`
(or tests/tools/read_bdiff.py) prints of the owner's BDIFF and of the slice."""
import re
from collections import Counter

from check_slice import expected, fail, files, flags, lengths, load, ranges, twins_of

dumps = dict(f[2:].split("=", 1) for f in flags if "=" in f)


def read_dump(path, others):
    """(extents, number of masked records, lines) of every window."""
    windows = []
    with open(path, errors="surrogateescape") as text:
        for line in text:
            f = line.rstrip("\n").split("\t")
            if f[0] == "W":
                windows.append((f[2], int(f[3]), []))
            elif f[0] in "PSVRHL":
                windows[-1][2].append(f)
            elif f[0] not in others:
                fail("a line of an unknown kind: %s" % line)
    return windows


def in_ranges(contig, pos):
    return any(c == contig and b <= pos < e for c, b, e in ranges)


def check_extents(text):
    """What a window holds lies inside: so do its ends, which may be on two contigs."""
    m = re.fullmatch(r"(.*):(\d+)-(?:(.*):)?(\d+)", text)
    if m and not (in_ranges(m[1], int(m[2]) - 1) and in_ranges(m[3] or m[1], int(m[4]) - 1)):
        fail("a window reaches outside: " + text)


def main():
    originals, cut_reads = expected()
    masked, shown = load(files[1]), load(files[2])
    owner, cut = read_dump(dumps["owner"], "NFQM"), read_dump(dumps["slice"], "NFQ")
    first, starts = 0, []
    for _, n, _ in owner:
        starts.append(first)
        first += n
    twins = twins_of(originals, masked)
    originals_of = {id(m): k for k, m in twins.items()}
    restored = {id(r) for r in cut_reads.restored}
    sites = {tuple(f) for _, _, lines in owner for f in lines if f[0] in "PS"}
    whole = Counter((r.name, str(r.flag), r.contig, str(r.pos + 1)) for r in cut_reads.restored)
    loose = Counter((r.f[1], r.f[2], r.f[3], r.f[4], r.f[5]) for r in cut_reads.loose)
    at, counts = 0, dict.fromkeys("PSVRHL", 0)
    order = {name: i for i, name in enumerate(lengths)}
    for extents, n, lines in cut:
        while owner[at][1] != n:
            at += 1
        check_extents(extents)
        before = (-1,)
        for f in lines:
            counts[f[0]] += 1
            if f[0] in "PSV" and not in_ranges(f[1], int(f[2]) - 1) or \
                    f[0] in "PS" and tuple(f) not in sites:
                fail("a site outside: %s" % f)
            if f[0] == "R":
                read = masked[starts[at] + int(f[1]) - 1]
                if originals_of.get(id(read)) not in restored | {None}:
                    fail("a record that is not restored is in the slice: %s" % f, read)
            if f[0] == "H" and whole[tuple(f[2:6])] == 0:
                fail("a whole record that is not shown: %s" % f)
            if f[0] == "L":
                place = order[f[2]], int(f[3]), int(f[1]), int(f[4]), len(re.findall("[A-Z=]", f[5]))
                if place < before:
                    fail("loose reads are not sorted by what they show: %s" % f)
                before = place
                loose[tuple(f[1:6])] -= 1
        at += 1
    if any(loose.values()):
        fail("other loose reads than are shown: %s" % +loose)
    if counts["R"] + counts["H"] != len(cut_reads.restored) or len(shown) != counts["R"] + counts["H"] + counts["L"]:
        fail("%s, but %d records restored and %d shown" % (counts, len(cut_reads.restored), len(shown)))
    print(" ".join("%s %d" % c for c in counts.items()))


main()
