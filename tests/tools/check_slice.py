#!/usr/bin/env python3
"""check_slice.py [--synth] [--whole] [--unplaced] [--of=CONTIG:BEG-END,...] ORIGINAL MASKED SLICE CONTIG:BEG-END...

Is SLICE what the holder of these ranges (1-based) may see: templates that lie inside one range
restored, of other reads a loose piece, and with --whole all others as masked (formats/bdiff.md §5.10,
§8)?  --of: the ranges of the slice that it was cut from.  Reads the three files through samtools view
and knows nothing else of varlock.  Prints counts, or the first difference and exits 1.  With --synth
masked records are told by name and flag (masking by --names keep)."""
import re
import subprocess
import sys
from collections import Counter, defaultdict

PROPER, UNMAPPED, SECONDARY, SUPPLEMENTARY = 2, 4, 0x100, 0x800
KINDS = ("restored", "loose", "masked", "whole", "withheld")
flags = [a for a in sys.argv[1:] if a.startswith("--")]
files = [a for a in sys.argv[1:] if not a.startswith("--")]
INFINITY = float("inf")


def read_header(path):
    header = subprocess.run(["samtools", "view", "-H", path], capture_output=True, check=True,
                            text=True).stdout
    lengths = dict(re.findall(r"^@SQ\tSN:(\S+)\tLN:(\d+)", header, re.M))
    groups = re.findall(r"^@RG.*\tID:([^\t\n]+)", header, re.M)
    return lengths, {name: "rg%d" % (i + 1) for i, name in enumerate(groups)}


lengths, groups = read_header(files[0])
order_of = {name: i for i, name in enumerate(lengths)}


def read_ranges(texts):
    """Merged (contig, beg, end); those that reach a contig's end take in what lies beyond."""
    out = []
    for text in texts:
        contig, beg, end = re.fullmatch(r"(.*):(\d+)-(\d+)", text).groups()
        out.append([contig, int(beg) - 1, int(end) if int(end) < int(lengths[contig]) else INFINITY])
    merged = []
    for contig, beg, end in sorted(out):
        if merged and merged[-1][0] == contig and beg <= merged[-1][2]:
            merged[-1][2] = max(end, merged[-1][2])
        else:
            merged.append([contig, beg, end])
    return [(c, b or -INFINITY, e) for c, b, e in merged]


ranges = read_ranges(files[3:])


def parse_cigar(text):
    return [(int(n), op) for n, op in re.findall(r"(\d+)(.)", text)]


def spans(cigar, pos):
    """Aligned and unclipped extents."""
    end = pos + (sum(n for n, op in cigar if op in "MDN=X") or 1)
    solid = [i for i, (_, op) in enumerate(cigar) if op not in "SHP"] or [len(cigar)]
    lead = sum(n for i, (n, op) in enumerate(cigar) if op in "SH" and i < solid[0])
    trail = sum(n for i, (n, op) in enumerate(cigar) if op in "SH" and i > solid[0])
    return (pos, end), (pos - lead, end + trail)


class Read:
    def __init__(self, fields):
        f = self.f = list(fields)
        self.name, self.flag, self.contig, self.pos = f[0], int(f[1]), f[2], int(f[3]) - 1
        self.cigar, self.seq, self.qual = parse_cigar(f[5]), f[9], f[10]
        self.mate_contig = f[2] if f[6] == "=" else f[6]
        self.mate_pos, self.tlen = int(f[7]) - 1, int(f[8])
        self.tags = [(t[:2], t[5:], t) for t in f[11:]]
        self.aligned = not self.flag & UNMAPPED and self.contig != "*" and self.pos >= 0 and bool(self.cigar)
        (_, self.end), self.unclipped = spans(self.cigar if self.aligned else [], self.pos)
        if not self.aligned and not self.flag & UNMAPPED:
            self.end = spans(self.cigar, self.pos)[0][1]
        self.template, self.ends = (self.tag("RG"), self.name), self.flag & 0xC0

    def tag(self, name, kind="Z"):
        """The first one's text, if it is of that type."""
        found = [t for t in self.tags if t[0] == name][:1]
        return found[0][1] if found and found[0][2][3] == kind else None

    def has(self, name):
        return any(t[0] == name for t in self.tags)

    def bases(self):
        """(index in SEQ, reference position) of every aligned base."""
        q, r = 0, self.pos
        for n, op in self.cigar if self.aligned and self.seq != "*" else []:
            if op in "M=X":
                yield from zip(range(q, q + n), range(r, r + n))
            q += n if op in "MIS=X" else 0
            r += n if op in "MDN=X" else 0

    def lengths_agree(self):
        return not self.cigar or self.seq == "*" or sum(n for n, op in self.cigar if op in "MIS=X") == len(self.seq)

    def is_whole(self):
        """Not in a file masked by permute."""
        return bool(self.flag & (SECONDARY | SUPPLEMENTARY)) or not self.lengths_agree() or not self.fits_cram()

    def fits_cram(self):
        length = int(lengths.get(self.contig, 0))
        if self.contig != "*" and not 0 <= self.pos < length:
            return False
        return bool(self.flag & UNMAPPED) or (bool(self.cigar) and self.contig != "*" and self.end <= length)


def load(path):
    text = subprocess.run(["samtools", "view", path], capture_output=True, check=True, text=True,
                          errors="surrogateescape").stdout
    return [Read(line.split("\t")) for line in text.split("\n") if line]


def fail(what, *reads):
    print("check_slice:", what)
    for read in reads:
        print("   ", "\t".join(read.f))
    sys.exit(1)


# ---- templates ----

class Cut:
    """What one grant shows of the reads of an original, or of the slice before."""
    def __init__(self, originals, loose, ranges, unplaced):
        self.ranges, self.unplaced = ranges, unplaced
        self.ends = defaultdict(list)
        for read in originals:
            where = self.range_of(read)
            if where is not None and not read.flag & (SECONDARY | SUPPLEMENTARY) and read.name != "*":
                self.ends[read.template].append((read, where))
        self.restored = [r for r in originals if self.is_restored(r)]
        ids = {id(r) for r in self.restored}
        others = [r for r in originals if id(r) not in ids]
        self.loose = list(filter(None, map(self.piece, others + loose)))

    def around(self, contig, beg, end):
        return next((r for r in self.ranges if r[0] == contig and r[1] <= beg and end <= r[2]), None)

    def range_of(self, read):
        """The range that it lies in with all that it names; None: no such range."""
        if read.contig != "*":
            where = self.around(read.contig, *read.unclipped)
        elif not self.unplaced:
            return None
        elif read.mate_contig != "*":
            where = self.around(read.mate_contig, read.mate_pos, read.mate_pos + 1)
        else:
            where = "nowhere"
        inside = where and self.mate_fields_inside(read, where)
        for name in "SA", "OA":
            places = self.places(read, name)
            inside = inside and places is not None and all(
                self.around(c, *spans(cigar, pos)[1]) == where for c, pos, _, cigar in places)
        names = [t[0] for t in read.tags]
        inside = (inside and not {"CC", "CP", "OP", "XP", "XF"} & set(names)
                  and names.count("SA") <= 1 and names.count("OA") <= 1)
        return where if inside else None

    def mate_fields_inside(self, read, where):
        if read.mate_contig == "*" and read.mate_pos < 0:
            return read.tlen == 0
        if self.around(read.mate_contig, read.mate_pos, read.mate_pos + 1) != where:
            return False
        if read.mate_contig != read.contig or read.tlen == 0:
            return read.tlen == 0
        return read.pos + read.tlen <= where[2] if read.tlen > 0 else read.end + read.tlen >= where[1]

    @staticmethod
    def places(read, name):
        """[(contig, pos, strand, cigar)]; None where it is malformed."""
        if not read.has(name):
            return []
        found = []
        for place in [p for p in (read.tag(name) or "?").split(";") if p]:
            m = re.match(r"([^,]*),(\d+),([+-]),((?:\d+[MIDNSHP=X])+),", place)
            if not m or m[1] not in lengths or int(m[2]) == 0:
                return None
            found.append((m[1], int(m[2]) - 1, m[3], parse_cigar(m[4])))
        return found

    def mate_inside(self, read, where):
        if not read.flag & 1 or read.flag & 8 or (read.contig == "*" and read.mate_contig == "*"):
            return True
        return any(m.ends ^ read.ends == 0xC0 and there == where and
                   (m.contig, m.pos, m.mate_contig, m.mate_pos) ==
                   (read.mate_contig, read.mate_pos, read.contig, read.pos)
                   for m, there in (self.ends[read.template] if read.name != "*" else []))

    def is_restored(self, read):
        where = self.range_of(read)
        if where is None:
            return False
        if not read.flag & (SECONDARY | SUPPLEMENTARY):
            return self.mate_inside(read, where)
        return any(p.ends == read.ends and there == where and self.mate_inside(p, there)
                   for p, there in (self.ends[read.template] if read.name != "*" else []))

    # ---- loose reads ----

    def most_spanned(self, contig, beg, end):
        return max([min(e, end) - max(b, beg) for c, b, e in self.ranges if c == contig] + [0])

    def speaks(self, read):
        """Whether this alignment shows the read, of all that SA names."""
        places = self.places(read, "SA")
        if read.flag & SECONDARY or (read.flag & SUPPLEMENTARY and (not read.has("SA") or places is None)):
            return False
        key = (-self.most_spanned(read.contig, read.pos, read.end), order_of[read.contig], read.pos, bool(read.flag & 16))
        return all(key <= (-self.most_spanned(c, *spans(cigar, pos)[0]), order_of[c], pos, strand == "-")
                   for c, pos, strand, cigar in places or [])

    def piece(self, read):
        """The loose read, or None."""
        if not read.lengths_agree():
            return None
        longest = []
        for contig, beg, end in self.ranges:
            inside = [(q, r) for q, r in read.bases() if contig == read.contig and beg <= r < end]
            longest = max(longest, inside, key=len)
        if not longest or not self.speaks(read):
            return None
        (q0, beg), (q1, last) = longest[0], longest[-1]
        q1 += 1
        cigar, r = [], read.pos
        for n, op in read.cigar:
            if op in "M=X":
                k = min(r + n, last + 1) - max(r, beg)
                cigar += [(k, op)] if k > 0 else []
            elif beg < r <= last:
                cigar.append((n, op))
            r += n if op in "MDN=X" else 0
        text = "".join("%d%s" % c for c in cigar)
        seq, qual = read.seq[q0:q1], read.qual if read.qual == "*" else read.qual[q0:q1]
        f = ["*", str(read.flag & 0x610), read.contig, str(beg + 1), "60" if int(read.f[4]) >= 20 else "0",
             text, "*", "0", "0", seq, qual]
        return Read(f + sorted(self.piece_tags(read, cigar, seq, beg, q0, q1), key=lambda t: t[:2]))

    @staticmethod
    def piece_tags(read, cigar, seq, beg, q0, q1):
        tags = []
        under = reference(read)
        if under is not None:
            md, nm = make_md(cigar, seq, {p: c for p, c in under.items()}, beg)
            tags += ["MD:Z:" + md] + (["NM:i:%d" % nm] if read.has("NM") else [])
        cut = cut_modifications(read, q0, q1)
        if cut:
            tags += ["MM:Z:" + cut[0], "MN:i:%d" % (q1 - q0)]
            tags += ["ML:B:C" + "".join(",%s" % v for v in cut[1])] if cut[1] is not None else []
        group = read.tag("RG")
        if group in groups or re.fullmatch("rg[1-9][0-9]*", group or ""):
            tags.append("RG:Z:" + groups.get(group, group))
        return tags


def reference(read):
    """{position: letter} under the read as SEQ and MD tell it; None where they do not."""
    md, under = read.tag("MD"), {}
    if md is None or not read.aligned or read.seq == "*":
        return None
    steps = re.findall(r"(\d+)|\^([A-Z]+)|([A-Z])", md)
    if "".join(n or "^" * bool(d) + d or m for n, d, m in steps) != md:
        return None
    letters = iter([c for n, d, m in steps for c in ([None] * int(n) if n else [x for x in d] if d else [m])])
    q, p = 0, read.pos
    for n, op in read.cigar:
        for i in range(n if op in "MD=X" else 0):
            letter = next(letters, "?")
            if letter is None:
                letter = read.seq[q + i] if op != "D" else "?"
                letter = "?" if letter in "=N" else letter
            under[p + i] = letter
        q += n if op in "MIS=X" else 0
        p += n if op in "MDN=X" else 0
    return None if "?" in under.values() or next(letters, "") != "" else under


def make_md(cigar, seq, under, pos):
    md, matches, nm, q = "", 0, 0, 0
    for n, op in cigar:
        if op in "M=X":
            for i in range(n):
                same = seq[q + i] == "=" or (seq[q + i] == under[pos + i] and seq[q + i] != "N")
                md, matches = (md, matches + 1) if same else (md + "%d%s" % (matches, under[pos + i]), 0)
                nm += not same
        elif op == "D":
            md, matches = md + "%d^%s" % (matches, "".join(under[pos + i] for i in range(n))), 0
        nm += n if op in "ID" else 0
        q += n if op in "MIS=X" else 0
        pos += n if op in "MDN=X" else 0
    return md + str(matches), nm


def cut_modifications(read, q0, q1):
    """(MM, [ML] or None) of the bases [q0, q1); None without MM, or where it does not fit."""
    mm, ml, mn = read.tag("MM"), read.tag("ML", "B"), read.tag("MN", "i")
    if mm is None or (read.has("ML") and (ml is None or ml[:1] != "C")) or \
            (read.has("MN") and mn != str(len(read.seq))):
        return None
    probabilities = None if ml is None else ml.split(",")[1:]
    seq = read.seq.translate(str.maketrans("ACGTMRWSYKVHDBN", "TGCAKYWSRMBDHVN"))[::-1] if read.flag & 16 else read.seq
    lo, hi = (len(seq) - q1, len(seq) - q0) if read.flag & 16 else (q0, q1)
    text, kept, at = "", [], 0
    for kind in re.findall("[^;]*;", mm):
        m = re.fullmatch(r"([ACGTUN][+-]([a-zA-Z]+|\d+)[?.]?)((?:,\d+)*);", kind)
        if not m:
            return None
        codes = len(m[2]) if m[2].isalpha() else 1
        places = [i for i, c in enumerate(seq) if m[1][0] == "N" or c == m[1][0].replace("U", "T")]
        marked, k = {}, -1
        for skip in map(int, m[3].split(",")[1:]):
            k += skip + 1
            if k >= len(places):
                return None
            marked[places[k]] = at
            at += codes
        text, skipped = text + m[1], 0
        for i in [p for p in places if lo <= p < hi]:
            if i in marked:
                text, skipped = text + ",%d" % skipped, 0
                kept += probabilities[marked[i]:marked[i] + codes] if probabilities else []
            else:
                skipped += 1
        text += ";"
    if probabilities is not None and at != len(probabilities):
        return None
    return text, None if probabilities is None else kept


# ---- comparing ----

def line(read):
    """The record as a slice shows it: by the pseudonym of its read group, or without one."""
    out = []
    for t in read.f[11:]:
        if not t.startswith("RG:"):
            out.append(t)
        elif t.startswith("RG:Z:") and t[5:] in groups:
            out.append("RG:Z:" + groups[t[5:]])
    return "\t".join(read.f[:11] + out)


def loose_line(read):
    return "\t".join(read.f[1:])


def key(read):
    """Of reads without a pair the masked file shows nothing of a mate."""
    return read.name, (read.flag & 0xFFF if read.flag & 1 else read.flag & 0xF15) & ~PROPER


def expected():
    """The cut, after that of the slice before."""
    originals, loose, unplaced = load(files[0]), [], "--unplaced" in flags
    of = [f[5:] for f in flags if f.startswith("--of=")]
    everything = originals
    if of:
        before = Cut(originals, [], read_ranges(of[0].split(",")), True)
        originals, loose = before.restored, before.loose
    return everything, Cut(originals, loose, ranges, unplaced)


def twins_of(originals, masked):
    """{id of an original: its masked record}, where it can be told."""
    if "--synth" not in flags:
        return dict(zip([id(r) for r in originals if not r.is_whole()], masked))
    n, m = Counter(map(key, originals)), Counter(map(key, masked))
    by_key = {key(r): r for r in masked if m[key(r)] == 1}
    return {id(r): by_key[key(r)] for r in originals if n[key(r)] == 1 and key(r) in by_key}


def check_order(reads):
    places = [(order_of.get(r.contig, len(order_of)), r.pos) for r in reads]
    for before, after, read in zip(places, places[1:], reads[1:]):
        if before > after:
            fail("out of order", read)


def compare(what, want, got):
    for text in (want - got):
        fail("a %s record is missing: %s" % (what, text))
    for text in (got - want):
        fail("a %s record should not be there: %s" % (what, text))


def main():
    originals, cut = expected()
    masked, shown = load(files[1]), load(files[2])
    twins = twins_of(originals, masked)
    check_order(shown)
    loose = [r for r in shown if re.fullmatch(r"loose\.\d+\.\d+", r.name)]
    compare("loose", Counter(map(loose_line, cut.loose)), Counter(map(loose_line, loose)))
    if len({r.name for r in loose}) != len(loose):
        fail("loose reads share a name")
    others = Counter("\t".join(r.f) for r in shown if not re.fullmatch(r"loose\.\d+\.\d+", r.name))
    restored = Counter(map(line, cut.restored))
    counts = dict.fromkeys(KINDS, 0)
    counts["restored"] = len(cut.restored)
    counts["loose"] = len(loose)
    counts["whole"] = sum(id(r) not in twins for r in cut.restored)
    touching = [r for r in originals if cut.most_spanned(r.contig, r.pos, r.end) > 0]
    counts["withheld"] = max(0, len(touching) - len(cut.restored) - len(loose))
    if "--whole" in flags:
        rest = others - restored
        compare("restored", restored, others - rest)
        # Masked records are those of all that is not restored; of restored ones no masked form stays.
        counts["masked"] = sum(rest.values())
        compare("masked", Counter(), rest - Counter("\t".join(r.f) for r in masked))
        stays = {"\t".join(twins[id(r)].f) for r in cut.restored if id(r) in twins} & rest.keys()
        of_others = {"\t".join(m.f) for k, m in twins.items() if k not in set(map(id, cut.restored))}
        for text in stays - of_others if "--synth" not in flags else stays:
            fail("a restored record is there as masked, too: " + text)
    else:
        compare("restored", restored, others)
    print(" ".join("%s %d" % c for c in counts.items()))


if __name__ == "__main__":
    main()
