#!/usr/bin/env python3
"""scramble_outside.py [--fixed-pos] [--qual] SEED IN.bam REF.fa OUT.bam CONTIG:BEG-END...: OUT shows the same
as IN inside these ranges (1-based), and something else outside.

Of templates that reach outside change: bases, CIGARs (balanced indels; at the 3' end also others, and
clips), tags, flag 0x2, MAPQ within its class, and QUAL (--qual) outside; secondary and supplementary records without a base inside are dropped, moved and
added.  Each alignment keeps its aligned bases inside, its 5' end, its length, its introns, and whether it
reaches outside; mate fields and MC follow.  --fixed-pos: POS stays too, since permute shows it."""
import random
import re
import struct
import sys
from collections import defaultdict

from bamfile import CONSUMES_QUERY, CONSUMES_REFERENCE, Record, read, tag, write
from scramble import tags

ENDS, SECOND, KEPT = 0xC0, 0x900, ("RG", "RX", "QX", "BX", "CB", "CR", "CY", "UB", "UR", "UY", "MI")
options = [a for a in sys.argv[1:] if a.startswith("--")]
seed, source, fasta, target, *regions = [a for a in sys.argv[1:] if not a.startswith("--")]
FIXED_POS, NEW_QUAL = "--fixed-pos" in options, "--qual" in options
random.seed(int(seed))
text, contigs, records = read(source)
number = {name: i for i, (name, _) in enumerate(contigs)}
reference = {m[1]: m[2].replace("\n", "").upper() for m in re.finditer(r">(\S+).*\n([^>]*)", open(fasta, encoding="ascii").read())}
counts = defaultdict(int)


def parse(region):
    name, beg, end = re.fullmatch(r"(.*):(\d+)-(\d+)", region).groups()
    beg, end, length = int(beg) - 1, int(end), contigs[number[name]][1]
    return number[name], beg or -(1 << 40), end if end < length else 1 << 40


ranges = []
for contig, begin, behind in sorted(map(parse, regions)):
    if ranges and ranges[-1][0] == contig and begin <= ranges[-1][2]:
        ranges[-1] = (contig, ranges[-1][1], max(behind, ranges[-1][2]))
    else:
        ranges.append((contig, begin, behind))


def size(cigar, kinds):
    return sum(n for n, op in cigar if op in kinds)


def is_aligned(r):
    return not r.flag & 4 and r.tid >= 0 and r.pos >= 0 and bool(r.cigar)


def in_ranges(tid, pos):
    return any(t == tid and b <= pos < e for t, b, e in ranges)


def overlaps(tid, beg, end):
    return any(t == tid and b < end and beg < e for t, b, e in ranges)


def aligned(r):
    """(index, position) of aligned bases."""
    q, p = 0, r.pos
    for n, op in r.cigar:
        if op in "M=X" and r.seq:
            yield from zip(range(q, q + n), range(p, p + n))
        q += n if op in CONSUMES_QUERY else 0
        p += n if op in CONSUMES_REFERENCE else 0


def unclipped(r):
    lead = size(r.cigar[:2], "SH") if r.cigar and r.cigar[0][1] in "SH" else 0
    return r.pos - lead, r.pos + size(r.cigar, "MDN=X") + size(r.cigar[-2:], "SH")


def lies_inside(r):
    """The range around the whole record, or None."""
    beg, end = unclipped(r) if is_aligned(r) else (r.pos, r.pos + 1)
    return next((x for x in ranges if x[0] == r.tid and x[1] <= beg and end <= x[2]), None)


def pieces(r):
    """The bases inside, range by range."""
    found = [[(q, p) for q, p in aligned(r) if x[0] == r.tid and x[1] <= p < x[2]] for x in ranges] if is_aligned(r) else []
    return [f for f in found if f]


# ---- CIGARs ----

def balanced(n):
    """n aligned bases, with an insertion and a deletion of equal length."""
    k = random.randint(1, min(4, (n - 9) // 3))
    a = random.randint(3, n - k - 6)
    ops = [(k, "I"), (k, "D")]
    random.shuffle(ops)
    # The insertion takes k of the query, so k fewer bases are aligned.
    b = n - k - a
    left = random.randint(3, b - 3) if b > 6 else b
    middle = [(left, "M"), ops[1], (b - left, "M")] if b > left else None
    return [(a, "M"), ops[0]] + middle if middle else [(n, "M")]


def change_run(n, outer, may_shift):
    """Another alignment of n bases outside; `outer`: they are the read's 3' end, written from the 5' side."""
    kind = random.choice(["none", "balanced", "balanced", "clip", "gap"])
    if kind == "balanced" and n >= 16:
        counts["balanced"] += 1
        return balanced(n)
    if outer and may_shift and kind == "clip":
        k = random.randint(1, n - 1) if n > 1 else 0
        counts["clip"] += k > 0
        return [(n - k, "M")] + ([(k, "S")] if k else [])
    if outer and may_shift and kind == "gap" and n >= 12:
        k = random.randint(1, 3)
        counts["gap"] += 1
        return [(5, "M"), (k, "D"), (n - 5, "M")] if random.random() < .5 else [(5, "M"), (k, "I"), (n - 5 - k, "M")]
    return [(n, "M")]


def split_runs(r):
    """The operators, aligned ones cut at the edges of the ranges: [(n, op, outside)]."""
    p, out = r.pos, []
    for n, op in r.cigar:
        if op in "M=X":
            cuts = sorted({p, p + n} | {x for t, b, e in ranges for x in (b, e) if t == r.tid and p < x < p + n})
            out += [(b - a, op, not in_ranges(r.tid, a)) for a, b in zip(cuts, cuts[1:])]
        else:
            out.append((n, op, None))
        p += n if op in CONSUMES_REFERENCE else 0
    return out


def join(ops):
    out = []
    for n, op in ops:
        if out and out[-1][1] == op:
            out[-1] = (out[-1][0] + n, op)
        elif n:
            out.append((n, op))
    return out


def new_cigar(r):
    """Changes runs outside; the 5' end, the length and what is inside stay."""
    reverse = bool(r.flag & 16)
    runs = split_runs(r)
    runs = runs[::-1] if reverse else runs
    last = max((i for i, x in enumerate(runs) if x[2] is not None), default=None)
    plain = last == len(runs) - 1  # no clip of its own behind it
    out = []
    for i, (n, op, outside) in enumerate(runs):
        if outside and op == "M" and random.random() < .7:
            out += change_run(n, i == last and plain and len(runs) > 0, not (reverse and FIXED_POS))
        else:
            out.append((n, op))
    out = join(out[::-1] if reverse else out)
    pos = r.pos
    if reverse:
        pos = r.pos + size(r.cigar, "MDN=X") - size(out, "MDN=X")
    new = Record(tid=r.tid, pos=pos, flag=r.flag, cigar=out, seq=r.seq)
    end = pos + size(out, "MDN=X")
    good = pos >= 0 and end <= contigs[r.tid][1] and any(op in "M=X" for _, op in out)
    good = good and pieces(new) == pieces(r) and lies_inside(new) is None
    good = good and (bool(pieces(r)) or not overlaps(r.tid, pos, end))
    if good and inside_operators(new) == inside_operators(r):
        r.pos, r.cigar = pos, out


def inside_operators(r):
    """The operators between the first and the last base of each piece."""
    found = []
    for piece in pieces(r):
        first, last, p, ops = piece[0][1], piece[-1][1], r.pos, []
        for n, op in r.cigar:
            if op in "M=X":
                k = min(p + n, last + 1) - max(p, first)
                ops += [(k, op)] if k > 0 else []
            elif first < p <= last:
                ops.append((n, op))
            p += n if op in CONSUMES_REFERENCE else 0
        found.append(ops)
    return found


# ---- bases and tags ----

def kept_indexes(r):
    """SEQ between the first and the last base of each piece."""
    return {q for piece in pieces(r) for q in range(piece[0][0], piece[-1][0] + 1)}


def make_md(r):
    bases, md, n_same, nm = reference[contigs[r.tid][0]], "", 0, size(r.cigar, "ID")
    q, p = 0, r.pos
    for n, op in r.cigar:
        if op in "M=X":
            for i in range(n):
                if r.seq[q + i] in ("=", bases[p + i]):
                    n_same += 1
                else:
                    md, n_same, nm = md + "%d%s" % (n_same, bases[p + i]), 0, nm + 1
        elif op == "D":
            md, n_same = md + "%d^%s" % (n_same, bases[p:p + n]), 0
        q += n if op in CONSUMES_QUERY else 0
        p += n if op in CONSUMES_REFERENCE else 0
    return md + str(n_same), nm


def modifications(r, found, keep, before):
    """MM and ML for the new bases: those of kept bases, and some of the others."""
    mm = found["MM"][1][:-1].decode()
    ml = list(found["ML"][1][5:]) if "ML" in found else None
    text, values, at, reverse = "", [], 0, bool(r.flag & 16)
    complement = str.maketrans("ACGTMRWSYKVHDBN", "TGCAKYWSRMBDHVN")

    def as_read(seq):
        return seq.translate(complement)[::-1] if reverse else seq
    old, new = as_read(before), as_read(r.seq)
    for m in re.finditer(r"(([ACGTUN])[+-]([a-zA-Z]+|\d+)[?.]?)((?:,\d+)*);", mm):
        codes, base = len(m[3]) if m[3].isalpha() else 1, m[2].replace("U", "T")
        places, k, marked = [i for i, c in enumerate(old) if base in ("N", c)], -1, {}
        for skip in map(int, m[4].split(",")[1:]):
            k += skip + 1
            marked[places[k]] = ml[at:at + codes] if ml is not None else []
            at += codes
        text, skipped = text + m[1], 0
        for i in [i for i, c in enumerate(new) if base in ("N", c)]:
            inside = (len(new) - 1 - i if reverse else i) in keep
            if i in marked if inside else random.random() < .3:
                text, skipped = text + ",%d" % skipped, 0
                values += marked[i] if inside else random.choices(range(256), k=codes if ml is not None else 0)
            else:
                skipped += 1
        text += ";"
    return text, values


def first_tags(r):
    found = {}
    for name, kind, value in tags(r.aux):
        found.setdefault(name, (kind, value))
    return found


def is_honest(r):
    """MD is the reference's, and MM fits SEQ: else nobody could say what they show inside."""
    found = first_tags(r)
    mm = found.get("MM", ("Z", b"\0"))
    if "MD" in found and r.seq and is_aligned(r):
        fits = size(r.cigar, CONSUMES_QUERY) == len(r.seq) and r.pos + size(r.cigar, "MDN=X") <= contigs[r.tid][1]
        if not fits or found["MD"] != ("Z", make_md(r)[0].encode() + b"\0"):
            return False
    if mm[0] != "Z" or not re.fullmatch(rb"([ACGTUN][+-]([a-zA-Z]+|\d+)[?.]?(,\d+)*;)*\0", mm[1]):
        return False
    try:
        modifications(r, found, set(), r.seq)
    except (KeyError, IndexError):
        return "MM" not in found
    return "MN" not in found or int.from_bytes(found["MN"][1], "little") == len(r.seq)


def new_content(r):
    keep, before = kept_indexes(r), r.seq
    r.seq = "".join(c if q in keep else random.choice("ACGT") for q, c in enumerate(r.seq))
    if NEW_QUAL and r.qual is not None:
        r.qual = bytes(v if q in keep else random.randint(2, 40) for q, v in enumerate(r.qual))
    found = first_tags(r)
    aux = b"".join(name.encode() + k.encode() + v for name, (k, v) in found.items() if name in KEPT)
    if "MD" in found and r.seq and is_aligned(r):
        md, nm = make_md(r)
        aux += tag("MD", "Z", md) + (tag("NM", "I", nm) if "NM" in found else b"")
    if "MM" in found and r.seq:
        mm, ml = modifications(r, found, keep, before)
        aux += tag("MM", "Z", mm) + (tag("ML", "BC", ml) if "ML" in found else b"")
    aux += tag("MC", "Z", "") if "MC" in found else b""
    for name in random.sample(("AS", "XS", "ZZ", "HP"), random.randint(0, 4)):
        aux += tag(name, "i", random.randint(0, 99))
    r.mapq = random.randint(20, 60) if r.mapq >= 20 else random.randint(0, 19)
    r.aux, r.names_mc, r.sa = aux, "MC" in found, found.get("SA")


# ---- templates ----

def places(value):
    return [p.split(",") for p in value[:-1].decode().split(";") if p]


def place_outside(tid, n):
    """A place that no range touches; None where none is found."""
    for _ in range(50):
        pos = random.randint(0, max(0, contigs[tid][1] - n))
        if not overlaps(tid, pos - n, pos + 2 * n):
            return pos
    return None


def new_sa(r):
    """Names what it named inside, and other places outside."""
    if not r.sa or r.sa[0] != "Z":
        return
    out, tids = "", [t for t, (_, n) in enumerate(contigs) if n > 500]
    for place in places(r.sa[1]):
        if len(place) < 4 or place[0] not in number:
            out += ",".join(place) + ";"
            continue
        cigar = [(int(n), op) for n, op in re.findall(r"(\d+)(.)", place[3])]
        beg = int(place[1]) - 1
        near = overlaps(number[place[0]], beg, beg + size(cigar, "MDN=X") + 1)
        tid = random.choice(tids)
        pos = None if near else place_outside(tid, 100)
        out += ",".join(place) + ";" if pos is None else "%s,%d,+,50M50S,%d,1;" % (contigs[tid][0], pos + 1, random.randint(0, 60))
        counts["sa"] += pos is not None
    r.aux += tag("SA", "Z", out)


def five_prime(r):
    return r.pos + size(r.cigar, "MDN=X") if r.flag & 16 else r.pos


def mend_mates(group):
    primary = [r for r in group if not r.flag & SECOND]
    pair = len(primary) == 2 and primary[0].flag & ENDS ^ primary[1].flag & ENDS == ENDS
    for r, mate in zip(primary, primary[::-1]) if pair else []:
        # What is placed beside its mate goes with it.
        if not is_aligned(r) and (r.tid, r.old_pos) == (mate.tid, mate.old_pos):
            r.pos = mate.pos
    for r, mate in zip(primary, primary[::-1]) if pair else []:
        if (r.mtid, r.mpos) != (mate.tid, mate.old_pos):
            continue
        r.mpos = mate.pos
        if r.tlen and r.tid == mate.tid:
            r.tlen = five_prime(mate) - five_prime(r)
        if r.names_mc and is_aligned(mate):
            r.aux = r.aux.replace(b"MCZ\0", tag("MC", "Z", "".join("%d%s" % c for c in mate.cigar)))
    for r in group:
        r.aux = r.aux.replace(b"MCZ\0", tag("MC", "Z", r.old_mc)) if r.names_mc else r.aux


def added(group):
    """Another alignment of a read, outside."""
    of = random.choice(group)
    tid = random.choice([t for t, (_, n) in enumerate(contigs) if n > 500] or [0])
    pos = place_outside(tid, 60)
    if pos is None or not of.seq:
        return []
    counts["added"] += 1
    n = min(50, len(of.seq))
    return [Record(name=of.name, flag=of.flag & ~0xD02 | random.choice((0x100, 0x800)), tid=tid, pos=pos, mapq=random.randint(0, 60),
                   mtid=of.mtid, mpos=of.mpos, cigar=[(n, "M")], seq=of.seq[:n], qual=of.qual and of.qual[:n], aux=of.aux[:0])]


def scramble(group):
    out = []
    for r in group:
        r.old_pos = r.pos
        r.old_mc = next((v[:-1].decode("latin-1") for name, k, v in tags(r.aux) if name == "MC" and k == "Z"), "")
        if r.flag & SECOND and not pieces(r) and random.random() < .5:
            counts["dropped"] += 1
            continue
        agree = not r.seq or size(r.cigar, CONSUMES_QUERY) == len(r.seq)
        r.names_mc, r.sa = False, None
        if not is_honest(r):
            out.append(r)
            continue
        on_contig = is_aligned(r) and r.pos + size(r.cigar, "MDN=X") <= contigs[r.tid][1]
        if on_contig and agree and lies_inside(r) is None:
            new_cigar(r)
        new_content(r)
        new_sa(r)
        out.append(r)
    mend_mates(out)
    if any(r.flag & 1 and is_aligned(r) for r in out) and random.random() < .3 and all(not r.flag & SECOND for r in group):
        for r in out:
            r.flag ^= 2
    return out + (added(out) if out and random.random() < .1 else [])


def main():
    templates, out, shared = defaultdict(list), [], defaultdict(set)
    for i, r in enumerate(records):
        r.at = i
        r.group = next((v for name, k, v in tags(r.aux) if name == "RG"), b"")
        templates[r.group, r.name].append(r)
        shared[r.name].add(r.group)
    for group in templates.values():
        # Secondary records that no tag names are no part of it.
        where = {lies_inside(r) for r in group if not r.flag & 0x100}
        outside = len(where) > 1 or None in where
        # Who is whose mate is not asked where read groups share a name.
        odd = any(r.tid < 0 for r in group) or group[0].name == "*" or len(shared[group[0].name]) > 1
        counts["templates"] += outside and not odd
        out += scramble(group) if outside and not odd else \
            [r for r in group if not r.flag & 0x100 or pieces(r) or lies_inside(r) or random.random() < .5]
    out.sort(key=lambda r: (r.tid if r.tid >= 0 else 1 << 30, r.pos, getattr(r, "at", -1)))
    write(target, text, contigs, out)
    print(" ".join("%s %d" % c for c in sorted(counts.items())))


if __name__ == "__main__":
    main()
