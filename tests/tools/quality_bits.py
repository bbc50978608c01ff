#!/usr/bin/env python3
"""quality_bits.py: what QUAL tells, by the rules of varlock-encrypt(1), of a SAM on standard input.
One line for each judged group and end: bits a base by the two bases before, and by the neighbours;
then how far QUAL beside indels lies off its cycle's mean, by 1 and by 5 bases; reads with indels;
counted bases; the group.  With --worst: the greatest bits and the greatest shift, each with its
group."""
import math
import re
import sys
from collections import Counter, defaultdict

READS, BASES_MIN, GROUP_BASES, INDEL_READS = 1000000, 100000, 2000000, 200
COMPLEMENT = str.maketrans("ACGTN", "TGCAN")
NAME = re.compile(r"(?:[^:]*:[^:]*:([^:]+:\d\d?):\d+:\d+:\d.*|([^:]+:\d\d?):\d+:[^:]*:[^:]*)$")
OPERATOR = re.compile(r"(\d+)([MIDNSHP=X])")


def lane_of(name):
    found = NAME.match(name)
    return found and (found.group(1) or found.group(2))


class Counts:
    def __init__(self):
        self.words = {"first": Counter(), "last": Counter()}  # (quality, four bases)
        self.cycles = {"first": defaultdict(Counter), "last": defaultdict(Counter)}
        self.beside = {1: Counter(), 5: Counter()}  # (end, cycle, quality)
        self.n_indel_reads = 0

    def add(self, flag, cigar, seq, qual):
        """Everything in the order of sequencing."""
        end = "last" if flag & 0x80 else "first"
        operators = [(int(n), op) for n, op in OPERATOR.findall(cigar)]
        if flag & 0x10:
            operators, seq, qual = operators[::-1], seq[::-1].translate(COMPLEMENT), qual[::-1]
        for cycle, q in enumerate(qual):
            self.cycles[end][cycle][q] += 1
        at, any_indel = 0, False
        for n, op in operators:
            if op in "M=X":
                for i in range(at + 2, at + n - 1):
                    word = seq[i - 2:i + 2]
                    if not word.strip("ACGT"):
                        self.words[end][qual[i], word] += 1
            if op in "ID":
                any_indel = True
                right = at + (n if op == "I" else 0)
                for width, beside in self.beside.items():
                    for i in list(range(max(0, at - width), at)) + list(
                            range(right, min(len(seq), right + width))):
                        beside[end, i, qual[i]] += 1
            if op in "M=XIS":
                at += n
        self.n_indel_reads += any_indel

    def n_bases(self, ends=("first", "last")):
        return sum(sum(self.words[end].values()) for end in ends)

    def merge(self, other):
        for end in self.words:
            self.words[end].update(other.words[end])
            for cycle, values in other.cycles[end].items():
                self.cycles[end][cycle].update(values)
        for width in self.beside:
            self.beside[width].update(other.beside[width])
        self.n_indel_reads += other.n_indel_reads

    def bits(self, ends, piece):
        joint = Counter()
        for end in ends:
            for (q, word), n in self.words[end].items():
                joint[q, word[piece]] += n
        values, contexts, total = Counter(), Counter(), sum(joint.values())
        for (q, context), n in joint.items():
            values[q] += n
            contexts[context] += n
        entropy = lambda counts: -sum(n / total * math.log2(n / total) for n in counts.values())
        bias = (len(values) - 1) * (len(contexts) - 1) / (2 * total * math.log(2))
        return entropy(values) + entropy(contexts) - entropy(joint) - bias

    def shift(self, width):
        total = moved = 0
        means = {(end, cycle): sum(q * n for q, n in values.items()) / sum(values.values())
                 for end in self.cycles for cycle, values in self.cycles[end].items()}
        for (end, cycle, q), n in self.beside[width].items():
            total += n
            moved += n * (q - means[end, cycle])
        return moved / total if total else 0


def read(lines):
    groups, n_reads = defaultdict(Counts), 0
    for line in lines:
        if line.startswith("@"):
            continue
        name, flag, contig, _, _, cigar, _, _, _, seq, qual, *tags = line.rstrip("\n").split("\t")
        flag = int(flag)
        if flag & 0x900:
            continue
        n_reads += 1
        if n_reads > READS:
            break
        if flag & 4 or contig == "*" or "*" in (cigar, seq, qual):
            continue
        group = next((t[5:] for t in tags if t.startswith("RG:Z:")), None)
        groups[group, lane_of(name)].add(flag, cigar, seq, [ord(c) - 33 for c in qual])
    return groups


def sum_of(parts):
    total = Counts()
    for part in parts:
        total.merge(part)
    return total


def judged(groups):
    """[(name, Counts)]"""
    every = sum_of(groups.values()).n_bases()
    out = []

    def take(parts, name, least):
        """Judges the parts as one group, if they have enough bases; says which it took."""
        counts = sum_of(groups[k] for k in parts)
        if not parts or counts.n_bases() < least:
            return set()
        out.append(("all reads" if counts.n_bases() == every else name, counts))
        return set(parts)

    def divide(left, key, name, least):
        taken = set()
        for value in sorted(set(map(key, left)), key=str):
            taken |= take([k for k in left if key(k) == value], name(value), least)
        return left - taken

    def rest(left, key, name, together):
        values = set(map(key, left))
        take(left, name(values.pop()) if len(values) == 1 else together, BASES_MIN)

    group = lambda k: k[0]
    lane = lambda k: k[1]
    cell = lambda k: k[1] and k[1].split(":")[0]
    name_group = lambda v: "read group " + v if v else "reads without a read group"
    name_lane = lambda v: "lane " + v if v else "reads without a lane"
    name_cell = lambda v: "small lanes of flow cell " + v if v else "reads without a lane"
    rest(divide(set(groups), group, name_group, GROUP_BASES), group, name_group, "small read groups")
    left = divide(set(groups), lane, name_lane, GROUP_BASES)
    rest(divide(left, cell, name_cell, BASES_MIN), lane, name_lane, "small lanes")
    return out


def main():
    groups = read(sys.stdin)
    worst_bits, worst_shift = (0, "nothing"), (0, "nothing")
    if sum(c.n_bases() for c in groups.values()) < BASES_MIN:
        print("too few bases")
        return
    for name, counts in judged(groups):
        shifts = [counts.shift(1), counts.shift(5)] if counts.n_indel_reads >= INDEL_READS else [0]
        worst_shift = max([worst_shift] + [(s, name) for s in shifts], key=lambda w: abs(w[0]))
        ends = [e for e in counts.words
                if BASES_MIN <= counts.n_bases([e]) < counts.n_bases()]
        for what, of in [(name, list(counts.words))] + [("%s, %s reads" % (name, e), [e])
                                                       for e in ends]:
            bits = [counts.bits(of, slice(0, 3)), counts.bits(of, slice(1, 4))]
            worst_bits = max(worst_bits, (max(bits), what), key=lambda w: w[0])
            if "--worst" not in sys.argv:
                print("%.4f\t%.4f\t%s\t%d\t%d\t%s" % (
                    *bits, "\t".join("%.2f" % s for s in shifts), counts.n_indel_reads,
                    counts.n_bases(of), what))
    if "--worst" in sys.argv:
        print("%.3f bit (%s)" % worst_bits)
        print("%.1f (%s)" % worst_shift)


main()
