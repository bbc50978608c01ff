#!/usr/bin/env python3
"""check_contents.py [--synth] ORIGINAL MASKED SLICE-OUTPUT CONTIG:BEG-END... --owner=DUMP --slice=DUMP

Does a slice hold what its holder is shown, and nothing else?  The dumps are what `varlock view`
(or tests/tools/read_bdiff.py) prints of the owner's BDIFF and of the slice."""
import sys

from check_slice import INSIDE_TAGS, fail, files, flags, key, key_is_shared, load, ranges

dumps = dict(f[2:].split("=", 1) for f in flags if "=" in f)


def read_dump(path):
    """(number of masked records, lines) of every window."""
    windows = []
    with open(path, errors="surrogateescape") as text:
        for line in text:
            f = line.rstrip("\n").split("\t")
            if f[0] == "W":
                windows.append((int(f[3]), []))
            elif f[0] in "PSVRH":
                windows[-1][1].append(f)
            elif f[0] not in "NF":
                fail("a line of an unknown kind: " + line)
    return windows


def in_ranges(contig, pos):
    return any(c == contig and b <= pos < e for c, b, e in ranges)


def at_rank(read):
    """Where the base of each rank stands: those of low quality come first."""
    quality = read.qual if read.qual != "*" else ""
    return sorted(range(len(read.seq)), key=lambda q: (quality[q:q + 1], q))


def lies_inside(masked, original):
    """What the record is restored for: as masked it overlaps, or the original lies inside."""
    return not masked.aligned or masked.overlaps() or original is None or original.inside()


def check_record(f, masked, original):
    grade, cigar, hidden, patches, fields, tags = f[2], f[3], f[4], f[5], f[6], f[7:]
    if not lies_inside(masked, original) or (
            grade != "edge" and masked.aligned and original and not original.inside()):
        fail("a record outside is in the slice: %s" % f, masked)
    allowed = INSIDE_TAGS if grade == "inside" else ("MD", "NM")
    extra = [t for t in tags if "(masked)" not in t and t[:2] not in allowed]
    if grade != "full" and extra:
        fail("a tag that is not granted: %s" % extra, masked)
    if grade == "edge":
        where, order = dict(masked.bases()), at_rank(masked)
        at = [order[int(p.split(":")[0])] for p in patches.split(",")] if patches != "." else []
        if (cigar, hidden, fields) != (".", ".", ".") or \
                not all(q in where and in_ranges(masked.contig, where[q]) for q in at):
            fail("an edge record holds more than the bases inside: %s" % f, masked)


def main():
    originals, masked, shown = (load(f) for f in files[:3])
    owner, cut = read_dump(dumps["owner"]), read_dump(dumps["slice"])
    first, starts = 0, []
    for n, _ in owner:
        starts.append(first)
        first += n
    # In permute the masked record lies where the original does.
    shared = key_is_shared(originals) | key_is_shared(masked)
    own = {key(r): r for r in originals if "--synth" in flags and key(r) not in shared}
    sites = {tuple(f) for _, lines in owner for f in lines if f[0] in "PS"}
    whole = {(r.name, str(r.flag), r.contig, str(r.pos + 1)) for r in shown}
    at, counts = 0, dict.fromkeys("PSVRH", 0)
    for n, lines in cut:
        while owner[at][0] != n:
            at += 1
        for f in lines:
            counts[f[0]] += 1
            if f[0] in "PSV" and not in_ranges(f[1], int(f[2]) - 1) or \
                    f[0] in "PS" and tuple(f) not in sites:
                fail("a site outside: %s" % f)
            if f[0] == "R":
                read = masked[starts[at] + int(f[1]) - 1]
                check_record(f, read, own.get(key(read)))
            if f[0] == "H" and tuple(f[2:6]) not in whole:
                fail("a whole record that is not shown: %s" % f)
        at += 1
    print(" ".join("%s %d" % c for c in counts.items()))


main()
