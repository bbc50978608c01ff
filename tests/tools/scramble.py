#!/usr/bin/env python3
"""scramble.py [--keep-oq] [--draw] [--blur] [--max-insert N|none] SEED IN.bam REF.fa OUT.bam: OUT has the public
projection of IN and is random in all else.  With the same --mask-key, --names, --qual (oq needs
--keep-oq), --max-insert and --max-shift, synth masking makes the same of both; with --draw, where
insert sizes are drawn, since the reverse read of a pair lies elsewhere; with --blur, where reads move,
since no PNEXT is shown.

Never changed: QUAL, lengths, RNEXT, tags that may be kept, POS of unplaced records.  PNEXT stays in
its class, near or far; where it is shown (--max-insert none, or far; no --blur) it stays.  Geometry stays where
a record's lengths disagree.  Where no other alignment of a geometry is found, only M, = and X are
exchanged."""
import argparse
import gzip
import random
import re
import struct
from math import inf

from bamfile import CONSUMES_QUERY, CONSUMES_REFERENCE, OPS, Record, read, tag, write

SIZES = dict(A=1, c=1, C=1, s=2, S=2, i=4, I=4, f=4, d=8)
KEPT = ("RG", "RX", "QX", "BX", "CB", "CR", "CY", "UB", "UR", "UY", "MI")
KEPT_FIELDS = {"@HD": ("VN", "SO"), "@SQ": ("SN", "LN", "M5", "AH"),
               "@RG": ("ID", "SM", "LB", "PL")}
RANDOM_FIELDS = {"@HD": ("GO", "SS", "xx"), "@SQ": ("AS", "DS", "SP", "UR", "xx"),
                 "@RG": ("CN", "DS", "PU", "PM", "PG", "xx")}
RANDOM_TAGS = dict(AS="int", XS="int", X0="int", NM="int", HP="int", vA="int", XT="A", Zf="f",
                   XA="Z", SA="Z", BC="Z", MD="Z", OQ="Z", BQ="Z", ZZ="Z", MM="Z", ML="BC", ZH="H")
MOVE = 300  # how far POS and the end go
SHORT_SHIFT = 1000  # the default of --max-shift where reads are short
NEAR_DISTANCE, NEAR_SPAN = 600000, 1000000  # of --max-insert none
EXON_MIN = 20


def tags(aux):
    """(name, type, value) of each tag; the value of an array begins with its element type."""
    at = 0
    while at < len(aux):
        kind, start = chr(aux[at + 2]), at + 3
        if kind in "ZH":
            end = aux.index(0, start) + 1
        elif kind == "B":
            end = start + 5 + SIZES[chr(aux[start])] * struct.unpack_from("<I", aux, start + 1)[0]
        else:
            end = start + SIZES[kind]
        if end > len(aux):
            raise ValueError("a tag is cut off")
        yield aux[at:at + 2].decode("latin-1"), kind, aux[start:end]
        at = end


def first_tag(aux, name, kind):
    """Its value; empty where the first tag of that name is of another type."""
    for found in tags(aux) if name.encode() in aux else ():
        if found[0] == name:
            return found[2] if found[1] == kind else b""
    return b""


def load(path):
    """As read(), with CIGARs taken out of CG, the text of MC as mc, and the read group of the header
    as group."""
    text, contigs, records = read(path)
    groups = set(re.findall(rb"(?m)^@RG\t(?:[^\n]*\t)?ID:([^\t\n]*)", text))
    for r in records:
        if r.cigar[:1] == [(len(r.seq), "S")] and first_tag(r.aux, "CG", "B")[:1] == b"I":
            array = first_tag(r.aux, "CG", "B")
            r.cigar = [(c >> 4, OPS[c & 15]) for c, in struct.iter_unpack("<I", array[5:])]
            r.aux = r.aux.replace(b"CGB" + array, b"")
        r.mc = first_tag(r.aux, "MC", "Z")[:-1].decode("latin-1")
        group = first_tag(r.aux, "RG", "Z")[:-1]
        r.group = group if group in groups else None
    return text, contigs, records


def size(cigar, kinds):
    return sum(n for n, op in cigar if op in kinds)


def mirrored(pos, cigar):
    """The same on the other strand: position x is -1-x there."""
    return -pos - size(cigar, CONSUMES_REFERENCE), cigar[::-1]


def geometry(pos, cigar, reverse):
    """(anchor, bases, introns), from 5' to 3', a reverse read's mirrored; None without an M."""
    if reverse:
        pos, cigar = mirrored(pos, cigar)
    anchor, n_bases, introns = None, 0, []
    for n, op in cigar:
        if anchor is None and n and op in "M=X":
            anchor = pos - n_bases
        if op == "N" and n and introns and introns[-1][1] == pos:
            introns[-1] = (introns[-1][0], pos + n)
        elif op == "N" and n:
            introns.append((pos, pos + n))
        n_bases += n if op in CONSUMES_QUERY else 0
        pos += n if op in CONSUMES_REFERENCE else 0
    return None if anchor is None else (anchor, n_bases, introns)


class Place:
    """What the masked file shows of a record."""

    def __init__(self, tid, reverse, inside, clips):
        self.tid, self.reverse, self.pos, self.end = tid, reverse, inside[0][0], inside[-1][1]
        self.end5 = self.end if reverse else self.pos
        ops = [(clips[0], "S"), (inside[0][1] - inside[0][0], "M")]
        for (_, last), (start, end) in zip(inside, inside[1:]):
            ops += [(start - last, "N"), (end - start, "M")]
        self.cigar = cigar_text([c for c in ops + [(clips[1], "S")] if c[0]])


def spread(at, left, introns):
    """The stretches of `left` bases from `at` on, over the introns."""
    blocks = []
    for start, end in introns:
        if end <= at:
            continue
        n = max(0, start - at)
        if left - n < EXON_MIN:
            break
        blocks += [(at, at + n)] if n else []
        at, left = end, left - n
    return blocks + [(at, at + left)]


def lay(tid, pos, cigar, reverse, length, shift=0):
    """The Place of a mapped record whose 5' base is moved; None where it has no aligned base.  five is
    its own 5' base."""
    shape = geometry(pos, cigar, reverse)
    if not shape or not length:
        return None
    five, n_bases, introns = shape
    moved = five + (-shift if reverse else shift)
    nearest = min(max(moved, -length), -1) if reverse else min(max(moved, 0), length - 1)
    for at, skipped in ((moved, introns), (nearest, introns), (nearest, [])):
        blocks = spread(at, n_bases, skipped)
        if reverse:
            blocks = [(-b, -a) for a, b in reversed(blocks)]
        inside = [(max(a, 0), min(b, length)) for a, b in blocks if a < length and b > 0]
        if inside:
            break
    clips = [sum(min(b, 0) - min(a, 0) for a, b in blocks),
             sum(max(b, length) - max(a, length) for a, b in blocks)]
    place = Place(tid, reverse, inside, clips)
    place.five, place.n_bases = -1 - five if reverse else five, n_bases
    return place


def parse_cigar(text):
    found = re.fullmatch(r"(\d+[MIDNSHP=X])+", text)
    return [(int(n), op) for n, op in re.findall(r"(\d+)(.)", text)] if found else []


def cigar_text(cigar):
    return "".join("%d%s" % c for c in cigar)


def stem(name):
    return name[:-2] if name.endswith(("/1", "/2")) else name


class Limits:
    """What the options say of templates."""

    def __init__(self, max_insert, max_shift, blurs=False):
        self.max_insert, self.max_shift, self.blurs = max_insert, max_shift, blurs
        none = max_insert == inf
        self.distance = NEAR_DISTANCE if none else max_insert
        self.span = max_shift + NEAR_SPAN if none else min(max_shift, self.distance)


def says_far(r, limits):
    return r.flag & 9 == 1 and r.mtid >= 0 and (
        r.mtid != r.tid or (r.flag & 16 > 0) == (r.flag & 32 > 0) or
        abs(r.mpos - r.pos) > limits.max_insert)


def may_have_mate(r, limits):
    if r.flag & 0x901 != 1 or r.tid < 0 or stem(r.name) in ("", "*"):
        return False
    return r.flag & 4 or r.place and r.place.n_bases <= min(limits.distance, limits.max_shift) and \
        r.place.n_bases + size(r.cigar, "N") <= limits.span


def are_at_hand(a, b, limits):
    return abs(a.place.five - b.place.five) < limits.distance if a.place and b.place else a.pos == b.pos


def are_ends(a, b):
    return {a.flag & 0xC0, b.flag & 0xC0} == {0x40, 0x80} and not (a.flag >> 1 ^ b.flag) & 4 and \
        not (b.flag >> 1 ^ a.flag) & 4 and not a.flag & b.flag & 4


def place(records, contigs, limits):
    """Gives each record its place, its mate (the record it pairs with; None where there is none) and
    is_crowded: there are records at hand that are no mate of it."""
    by_name = {}
    for r in records:
        r.place = r.mate = None
        mapped, reverse = r.tid >= 0 and not r.flag & 4, r.flag & 16 > 0
        if mapped and not r.flag & 0x900:
            r.place = lay(r.tid, r.pos, r.cigar, reverse, contigs[r.tid][1])
        r.near = []
        if may_have_mate(r, limits):
            others = by_name.setdefault((r.tid, r.group, stem(r.name)), [])
            for o in others:
                if are_at_hand(r, o, limits):
                    r.near.append(o)
                    o.near.append(r)
            others.append(r)
    for r in records:
        if len(r.near) == 1 and len(r.near[0].near) == 1 and are_ends(r, r.near[0]):
            r.mate = r.near[0]
        r.is_crowded = bool(r.near) and not r.mate
        r.is_far = says_far(r, limits)
        r.is_one_of_many = len(by_name.get((r.tid, r.group, stem(r.name)), [])) > 2


def insert_size(text):
    return inf if text == "none" else int(text)


def default_shift(records):
    primary = [r for r in records if not r.flag & 0x900][:10000]
    is_long = any(len(r.seq) > 1000 for r in primary)
    return 1000000 if is_long else SHORT_SHIFT


def split(rng, n, n_parts):
    """n as a sum of positive numbers."""
    cuts = [0] + sorted(rng.sample(range(1, n), n_parts - 1)) + [n]
    return [b - a for a, b in zip(cuts, cuts[1:])]


def recode(rng, cigar):
    """M, = and X for each other."""
    if rng.random() < 0.5:
        return cigar
    out = []
    for n, op in cigar:
        if n and op in "M=X":
            out += [(m, rng.choice("M=X")) for m in split(rng, n, rng.randint(1, min(4, n)))]
        else:
            out.append((n, op))
    return out


def clip(rng, n, n_deleted):
    """n query bases before the first aligned one."""
    n_inserted = rng.choice([0, 0, n, rng.randint(0, n)])
    n_padded = rng.choice([0] * 9 + [2]) if n_inserted else 0
    ops = [(rng.choice([0, 0, 0, rng.randint(1, 50)]), "H"), (n - n_inserted, "S"),
           (n_padded, "P"), (n_inserted, "I"), (n_deleted, "D")]
    return [c for c in ops if c[0]]


def fill(rng, n_query, n_reference):
    """Aligned bases with insertions and deletions between them, an aligned one first."""
    extra = rng.choice([0, 0, rng.randint(0, 4), rng.randint(0, n_query // 20)])
    n_inserted = min(max(0, n_query - n_reference) + extra, n_query - 1)
    n_deleted = n_inserted - n_query + n_reference
    n_aligned = n_query - n_inserted
    gaps = []
    for n, op in ((n_inserted, "I"), (n_deleted, "D")):
        n_parts = min(n, (n_aligned - 1) // 2, rng.randint(1, 2 + n // 2))
        gaps += [(m, op) for m in split(rng, n, max(1, n_parts))] if n else []
    rng.shuffle(gaps)
    out = []
    for n in split(rng, n_aligned, min(n_aligned, len(gaps) + 1)):
        out += [(n, "M")] + gaps[:1]
        gaps = gaps[1:]
    return out + gaps


def between(rng, low, high, usual):
    """Mostly `usual` or near it, brought into low to high."""
    n = usual + rng.choice([0, 0, rng.randint(-5, 5), rng.randint(-40, 40)])
    return max(low, min(high, n))


def fresh(rng, shape, start, end, bounds):
    """(start, CIGAR) of geometry `shape` from 5' to 3', or None; start and end are the old ones,
    bounds those of the contig."""
    (at, left, introns), (low, high) = shape, bounds
    n_deleted = rng.choice([0] * 9 + [rng.randint(1, 9)])
    first = max(at, low + n_deleted, start - MOVE + n_deleted)
    last = min(at + left - 1, start + MOVE, introns[0][0] - 1 if introns else inf)
    if first > last:
        return None
    n = between(rng, first, last, rng.choice([at, at + rng.randint(0, 30), start])) - at
    cigar, at, left = clip(rng, n, n_deleted), at + n, left - n
    new_start = at - n_deleted
    for i, (a, b) in enumerate(introns):
        n = between(rng, 1, left - len(introns) + i, a - at)
        if a <= at or n >= left:
            return None
        cigar += fill(rng, n, a - at) + splice(rng, b - a)
        at, left = b, left - n
    n_deleted = rng.choice([0] * 9 + [rng.randint(1, 9)])
    new_end = between(rng, end - MOVE, min(high, end + MOVE), at + left)
    n = between(rng, 0, left - 1, max(0, at + left - new_end))
    if new_end - n_deleted <= at:
        return None
    cigar += fill(rng, left - n, new_end - n_deleted - at) + clip(rng, n, n_deleted)[::-1]
    return new_start, cigar


def splice(rng, n):
    return [(m, "N") for m in split(rng, n, 2 if n > 1 and rng.random() < 0.1 else 1)]


def first_aligned(pos, cigar):
    before = next(i for i, (n, op) in enumerate(cigar) if n and op in "M=X")
    return pos + size(cigar[:before], CONSUMES_REFERENCE)


def vary(rng, pos, cigar, reverse, length):
    """(POS, CIGAR) of the same geometry, no further beyond the contig's end than it was."""
    shape, end = geometry(pos, cigar, reverse), pos + size(cigar, CONSUMES_REFERENCE)
    most = max(length, end)
    start, stop, bounds = (-end, -pos, (-most, 0)) if reverse else (pos, end, (0, most))
    for _ in range(8):
        made = fresh(rng, shape, start, stop, bounds)
        made = made and (mirrored(*made) if reverse else made)
        if made and geometry(*made, reverse) == shape and 0 <= made[0] and \
                (first_aligned(*made) < length or first_aligned(pos, cigar) >= length):
            return made[0], recode(rng, made[1])
    return pos, recode(rng, cigar)


def is_movable(r):
    return r.place and r.pos >= 0 and len(r.seq) in (0, size(r.cigar, CONSUMES_QUERY))


def move(rng, r, contigs):
    """Sets new_pos and new_cigar."""
    r.new_pos, r.new_cigar = r.pos, r.cigar
    if is_movable(r):
        r.new_pos, r.new_cigar = vary(rng, r.pos, r.cigar, r.flag & 16 > 0, contigs[r.tid][1])


def draw_insert(rng, r, contigs, limits):
    """Moves the reverse read of a pair to any distance from the forward one."""
    if not r.mate or not r.place or not r.mate.place or not r.flag & 16 or r.mate.flag & 16 or \
            r.is_far or r.mate.is_far or r.is_one_of_many or not is_movable(r) or size(r.cigar, "N"):
        return
    low, high = r.mate.place.five, r.place.five + contigs[r.tid][1] - r.place.end
    if low <= r.place.five <= high and first_aligned(r.pos, r.cigar) < contigs[r.tid][1]:
        five = rng.randint(low, min(high, low + min(limits.max_insert, 2000) - 1))
        r.pos = max(0, r.pos + five - r.place.five)


def tell_mate(rng, r, contigs, limits):
    """Sets new_mpos and new_mc: PNEXT of the mate or any other of the same class, and any MC."""
    r.new_mpos, r.new_mc = r.mpos, rng.choice(["", "*", "5S90M2D5M", "90M"])
    if r.mate and r.mtid == r.tid and rng.random() < 0.5:
        r.new_mpos = r.mate.new_pos
    if not r.flag & 1 or r.flag & 0xC and r.mtid >= 0 or r.mtid < 0:
        r.new_mpos = rng.randint(0, 1 << 20) if r.tid >= 0 and rng.random() < 0.5 else r.mpos
    elif (r.is_far or limits.max_insert == inf) and not limits.blurs:
        r.new_mpos = r.mpos  # it is shown
    elif r.is_far or limits.max_insert == inf:
        if r.mtid != r.tid or (r.flag & 16 > 0) == (r.flag & 32 > 0) or limits.max_insert == inf:
            r.new_mpos = max(0, r.new_mpos + rng.randint(-500, 500))
    else:
        r.new_mpos += rng.choice([0, rng.randint(-500, 500)])
        n = limits.max_insert
        r.new_mpos = max(0, min(max(r.new_mpos, r.new_pos - n), r.new_pos + n))


class Bases:
    """Random ones without a draw for each: pieces of a long random text."""

    def __init__(self, rng, longest):
        self.rng = rng
        self.texts = ["".join(rng.choices(letters, k=longest + 10000)) for letters in
                      ("ACGT", "ACGTN", "ACGTNRYKMSWBDHV=", "N")]

    def some(self, n, kind=None):
        text = self.texts[self.rng.randrange(len(self.texts)) if kind is None else kind]
        at = self.rng.randrange(len(text) - n)
        return text[at:at + n]

    def like_reference(self, pos, cigar, contig):
        out = []
        for n, op in cigar:
            there = contig[pos:pos + n] if op in "M=" else ""
            if op in CONSUMES_QUERY:
                out.append(there if len(there) == n else self.some(n, 0))
            pos += n if op in CONSUMES_REFERENCE else 0
        return "".join(out)

    def of(self, r, reference):
        if r.tid >= 0 and size(r.cigar, CONSUMES_QUERY) == len(r.seq) and self.rng.random() < 0.4:
            return self.like_reference(r.pos, r.cigar, reference[r.tid])
        return self.some(len(r.seq))


def random_text(rng, n):
    return "".join(rng.choices("ACGTacgt0123456789,;:+-*=/ ~!JQ", k=rng.randint(0, n)))


def random_value(rng, kind):
    if kind[0] == "B":
        return [random_value(rng, kind[1]) for _ in range(rng.randint(0, 9))]
    if kind == "Z":
        return rng.choice([random_text(rng, 40), "20,+%d,90M10S,0;" % rng.randint(1, 1 << 20)])
    if kind in "fd":
        return rng.uniform(-9, 9)
    if kind in "AH":
        return rng.choice("AZ~!") if kind == "A" else "%02X" % rng.randrange(256)
    bits = 8 * SIZES[kind]
    return rng.getrandbits(bits) - (1 << bits - 1 if kind.islower() else 0)


def random_tag(rng, name, kind):
    kind = rng.choice("cCsSiI") if kind == "int" else kind
    return tag(name, kind, random_value(rng, kind))


def scramble_tags(rng, r, kept):
    """Several tags of one name stay in their order: the first of them counts."""
    by_name = {}
    try:
        found = list(tags(r.aux))
    except (IndexError, KeyError, ValueError, struct.error):
        return r.aux
    for name, kind, value in found:
        whole = name.encode("latin-1") + kind.encode() + value
        if name in kept:
            by_name.setdefault(name, []).append(whole)
        elif name not in ("MC", "CG") and rng.random() < 0.6:
            kind += chr(value[0]) if kind == "B" else ""
            by_name[name] = [whole if rng.random() < 0.2 else random_tag(rng, name, kind)]
    if r.new_mc:
        by_name["MC"] = [tag("MC", "Z", r.new_mc)]
    for name in rng.sample(list(RANDOM_TAGS), rng.randint(0, 6)):
        if name not in by_name and name not in kept:
            by_name[name] = [random_tag(rng, name, RANDOM_TAGS[name])]
    shuffled = list(by_name.values())
    rng.shuffle(shuffled)
    return b"".join(t for same in shuffled for t in same)


def scramble_record(rng, r, bases, reference, kept):
    r.pos, r.cigar, r.mpos = r.new_pos, r.new_cigar, r.new_mpos
    r.seq = bases.of(r, reference)
    r.flag ^= rng.choice([0, 2])
    r.mapq = rng.randint(20, 255) if r.mapq >= 20 else rng.randint(0, 19)
    r.mapq = rng.randint(0, 255) if r.flag & 4 else r.mapq
    r.tlen = rng.choice([0, rng.randint(-999, 999), rng.randint(-1 << 31, (1 << 31) - 1)])
    r.aux = scramble_tags(rng, r, kept)


def further(rng, primary, contigs, bases):
    """A secondary or supplementary record of the same name, there or elsewhere."""
    tid, pos = primary.tid, primary.pos
    if rng.random() < 0.5:
        tid = rng.choice([i for i, (_, length) in enumerate(contigs) if length])
        pos = rng.randrange(contigs[tid][1])
    n = rng.randint(1, min(rng.choice([150, 150, 1500]), contigs[tid][1] - pos))
    n_clipped = rng.choice([0, 0, 10])
    r = Record(name=primary.name, tid=tid, pos=pos, mapq=rng.randrange(256), new_mc="",
               flag=primary.flag ^ rng.choice([0, 2, 16]) | rng.choice([0x100, 0x800, 0x900]),
               cigar=clip(rng, n_clipped, 0) + [(n, "M")], mtid=primary.mtid, mpos=primary.mpos,
               seq=rng.choice(["", bases.some(n + n_clipped)]), aux=rng.choice([b"", primary.aux]))
    r.qual = bytes(rng.choices(range(42), k=len(r.seq))) if rng.random() < 0.8 else None
    r.aux = scramble_tags(rng, r, KEPT)
    return r


def random_fields(rng, kind):
    names = rng.sample(RANDOM_FIELDS[kind], rng.randint(0, 3))
    values = dict(GO=rng.choice(["none", "query", "reference"]), SS="coordinate:queryname")
    return ["%s:%s" % (name, values.get(name) or "x%x" % rng.getrandbits(40)) for name in names]


def scramble_header(rng, text):
    """@SQ and @RG keep their order, the first line is @HD, and everything else may be anywhere."""
    first, others = [], []
    for line in text.rstrip(b"\0").decode("latin-1").split("\n"):
        kind, *fields = line.split("\t")
        if kind in KEPT_FIELDS:
            old = [f for f in fields if f[:2] in KEPT_FIELDS[kind]]
            new = old[1:] + random_fields(rng, kind)
            rng.shuffle(new)
            (first if kind == "@HD" else others).append("\t".join([kind] + old[:1] + new))
    for i in range(rng.randint(0, 4)):
        line = rng.choice(["@CO\t%x", "@PG\tID:p%d\tPN:%%x" % i, "@PG\tID:q%d\tCL:a -b %%x" % i])
        others.insert(rng.randint(0, len(others)), line % rng.getrandbits(99))
    return "".join(line + "\n" for line in first + others).encode("latin-1")


def read_fasta(path):
    with gzip.open(path, "rt") if path.endswith("gz") else open(path) as lines:
        entries = lines.read().split(">")[1:]
    parts = (entry.partition("\n") for entry in entries)
    return {head.split()[0]: body.replace("\n", "").upper() for head, _, body in parts}


def main(o):
    rng = random.Random(o.seed)
    text, contigs, records = load(o.files[0])
    fasta = read_fasta(o.files[1])
    reference = [fasta.get(name, "") for name, _ in contigs]
    limits = Limits(o.max_insert, default_shift(records), o.blur or o.draw)
    records = [r for r in records if not r.flag & 0x900]
    place(records, contigs, limits)
    bases = Bases(rng, max([len(r.seq) for r in records] + [2000]))
    near = [r for r in records if r.tid >= 0 and 0 <= r.pos < contigs[r.tid][1]]
    more = [further(rng, rng.choice(near), contigs, bases)
            for _ in range(len(near) and 3 + len(near) // 20)]
    for r in records:
        if o.draw:
            draw_insert(rng, r, contigs, limits)
        move(rng, r, contigs)
    for r in records:
        if r.flag & 4 and r.mate:
            r.new_pos = r.mate.new_pos
        if r.flag & 4:
            r.new_cigar = []
    for r in records:
        tell_mate(rng, r, contigs, limits)
    for r in records:
        scramble_record(rng, r, bases, reference, KEPT + ("OQ",) * o.keep_oq)
    placed = [r for r in records if r.tid >= 0] + more
    rng.shuffle(placed)
    placed.sort(key=lambda r: (r.tid, r.pos))
    unplaced = [r for r in records if r.tid < 0]
    write(o.files[2], scramble_header(rng, text), contigs, placed + unplaced)


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--keep-oq", action="store_true")
    parser.add_argument("--draw", action="store_true")
    parser.add_argument("--blur", action="store_true")
    parser.add_argument("--max-insert", type=insert_size, default=10000)
    parser.add_argument("seed", type=int)
    parser.add_argument("files", nargs=3)
    return parser.parse_args()


if __name__ == "__main__":
    main(options())
