#!/usr/bin/env python3
"""synth_bam.py KIND PREFIX [N]: input for the synth masking: a reference PREFIX.fa, a population
PREFIX.vcf over it and a person's reads PREFIX.bam; N templates (amplicon: reads).  The same files
every time.  Without arguments: the kinds."""
import math
import os
import random
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from bamfile import CONSUMES_QUERY, CONSUMES_REFERENCE, Record, tag, write, write_fasta

PAIRED, PROPER, UNMAPPED, MATE_UNMAPPED, REVERSE, MATE_REVERSE = 1, 2, 4, 8, 16, 32
FIRST, LAST, SECONDARY, QC_FAIL, DUPLICATE, SUPPLEMENTARY = 64, 128, 256, 512, 1024, 2048
CHROMOSOMES = 5008  # AN, as in 1000 Genomes
SITE_EVERY, PRIVATE_EVERY = 35, 3000
# Letters that no VCF may show as REF, and what it shows instead (VCF specification, REF).
FIRST_OF_IUPAC = dict(zip("RYKMSWBDHV", "ACGACACAAA"))
COMPLEMENT = str.maketrans("ACGT", "TGCA")
rng = random.Random()
kinds = {}


def kind(n_templates):
    def register(make):
        kinds[make.__name__] = (make, n_templates)
        return make
    return register


def seq(n):
    return "".join(rng.choices("ACGT", k=n))


def reverse_complement(bases):
    return bases.translate(COMPLEMENT)[::-1]


def parse(cigar):
    """[(length, letter)] of a CIGAR as text."""
    out, n = [], 0
    for c in cigar:
        if c.isdigit():
            n = 10 * n + int(c)
        else:
            out.append((n, c))
            n = 0
    return out


def cigar_text(cigar):
    return "".join("%d%s" % op for op in cigar)


def query_length(cigar):
    return sum(n for n, op in cigar if op in CONSUMES_QUERY)


def span(cigar):
    return sum(n for n, op in cigar if op in CONSUMES_REFERENCE)


def walk(pos, cigar):
    """(length, letter, place in SEQ, place in the reference) of each operator."""
    q, r = 0, pos
    for n, op in cigar:
        yield n, op, q, r
        q += n if op in CONSUMES_QUERY else 0
        r += n if op in CONSUMES_REFERENCE else 0


class World:
    """Contigs, a population over them, one person of it, and the reads so far."""

    def __init__(self, lengths, groups, uncovered=(), alternate=None):
        self.contigs, self.groups, self.alternate = lengths, groups, alternate or {}
        self.reference = [make_reference(n) for _, n in lengths]
        self.sites = [[] if name in uncovered else make_sites(bases)
                      for (name, _), bases in zip(lengths, self.reference)]
        self.uncovered = uncovered
        self.haplotypes = [[make_haplotype(*pair) for pair in zip(self.reference, self.sites)]
                           for _ in range(2)]
        self.qualities = bytes(rng.choices([2, 8, 15, 22, 27, 33, 37, 40],
                                           [2, 2, 3, 5, 10, 20, 50, 20], k=200000))
        self.records = []

    def length(self, tid):
        return self.contigs[tid][1]

    def bases(self, tid, pos, cigar, haplotype, error=0.004):
        """SEQ of a read of the person: clips and insertions are made up."""
        donor, out = self.haplotypes[haplotype][tid], []
        for n, op, _, r in walk(pos, cigar):
            if op in "M=X":
                out.append(donor[r:r + n])
            elif op in "IS":
                out.append(seq(n))
        bases = "".join(out)
        n_errors = int(len(bases) * error + rng.random())
        for at in (rng.randrange(len(bases)) for _ in range(n_errors if bases else 0)):
            bases = bases[:at] + rng.choice("ACGTN") + bases[at + 1:]
        return bases

    def quality(self, n):
        if n > 50000:
            return bytes(rng.choices(range(1, 50), k=n))
        at = rng.randrange(len(self.qualities) - n)
        return self.qualities[at:at + n]

    def read(self, name, tid, pos, cigar, flag=0, haplotype=0, group="lane1", aux=b"", **fields):
        """A mapped read with NM, MD and RG, then `aux`."""
        cigar = parse(cigar) if isinstance(cigar, str) else cigar
        if "seq" not in fields:
            fields["seq"] = self.bases(tid, pos, cigar, haplotype)
        if "qual" not in fields:
            fields["qual"] = self.quality(len(fields["seq"])) if fields["seq"] else None
        r = Record(name=name, tid=tid, pos=pos, cigar=cigar, flag=flag, **fields)
        r.mapq = fields.get("mapq", rng.choice([60] * 8 + [0, 3, 19, 20, 37]))
        if r.seq:
            md, r.nm = make_md(r, self.reference[tid])
            r.aux = tag("NM", "C" if r.nm < 256 else "S", r.nm) + tag("MD", "Z", md)
        if group is not None:
            r.aux += tag("RG", "Z", group)
        r.aux += aux
        return r

    def unmapped(self, name, flag=0, n=100, group="lane1", aux=b"", **fields):
        aux = aux if group is None else tag("RG", "Z", group) + aux
        return Record(name=name, flag=flag | UNMAPPED, seq=seq(n), qual=self.quality(n), aux=aux,
                      **fields)

    def add(self, *records):
        self.records += records
        return records

    def add_pair(self, a, b, flag=PROPER, mc=True):
        """Mates of each other, with the fields that say so."""
        a.flag |= PAIRED | FIRST | flag
        b.flag |= PAIRED | LAST | flag
        for r, mate in ((a, b), (b, a)):
            if r.flag & UNMAPPED and not mate.flag & UNMAPPED:
                r.tid, r.pos = mate.tid, mate.pos
        point_to(a, b, mc)
        point_to(b, a, mc)
        return self.add(a, b)

    def header(self, program):
        lines = ["@HD\tVN:1.6\tSO:coordinate"]
        lines += ["@SQ\tSN:%s\tLN:%d%s" % (name, n, self.alternate.get(name, ""))
                  for name, n in self.contigs]
        lines += ["@RG\t" + group for group in self.groups]
        lines += ["@PG\tID:%s\tPN:%s\tVN:1.0\tCL:%s /home/JaneDoe/ref.fa JaneDoe.fq" %
                  ((program,) * 3), "@CO\tblood of JaneDoe, taken in spring"]
        return ("\n".join(lines) + "\n").encode()

    def write(self, prefix, program):
        order = sorted(self.records, key=lambda r: (r.tid if r.tid >= 0 else 1 << 31, r.pos))
        write(prefix + ".bam", self.header(program), self.contigs, order)
        self.write_population(prefix + ".vcf")
        write_fasta(prefix + ".fa", self.contigs, map(soft_masked, self.reference))

    def write_population(self, path):
        with open(path, "w") as out:
            out.write("##fileformat=VCFv4.2\n")
            for name, n in self.contigs:
                if name not in self.uncovered:
                    out.write("##contig=<ID=%s,length=%d>\n" % (name, n))
            out.write('##INFO=<ID=AC,Number=A,Type=Integer,Description="ALT alleles">\n'
                      '##INFO=<ID=AN,Number=1,Type=Integer,Description="Alleles">\n'
                      "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n")
            for (name, _), sites in zip(self.contigs, self.sites):
                for pos, ref, alts in sites:
                    out.write("%s\t%d\t.\t%s\t%s\t.\tPASS\tAC=%s;AN=%d\n" % (
                        name, pos + 1, ref, ",".join(alts), ",".join(map(str, alts.values())),
                        CHROMOSOMES))


def make_reference(length):
    """Upper case, with a few stretches of N and a IUPAC letter."""
    bases = seq(length)
    for _ in range(length // 20000 + (length >= 1000)):
        at, n = rng.randrange(length), rng.randint(5, 200)
        bases = bases[:at] + "N" * len(bases[at:at + n]) + bases[at + n:]
    if length >= 1000:
        at = rng.randrange(length)
        bases = bases[:at] + rng.choice("RYKMSW") + bases[at + 1:]
    return bases


def soft_masked(bases):
    for _ in range(len(bases) // 3000 + 1):
        at, n = rng.randrange(len(bases)), rng.randint(10, 600)
        bases = bases[:at] + bases[at:at + n].lower() + bases[at + n:]
    return bases


def make_sites(bases):
    """[(pos0, REF, {ALT: count})], most of them rare."""
    sites, at = [], -1
    while True:
        at += 1 + int(rng.expovariate(1 / (SITE_EVERY - 1)))
        if at >= len(bases):
            return sites
        ref = FIRST_OF_IUPAC.get(bases[at], bases[at])
        if ref == "N":
            continue
        alts = rng.sample([b for b in "ACGT" if b != ref], rng.choice([1] * 27 + [2, 2, 3]))
        low, high = rng.choices([(1, 25), (26, 250), (251, CHROMOSOMES - 2)], [80, 13, 7])[0]
        shares = [1] + [rng.random() for _ in alts[1:]]
        whole = rng.randint(low, high) / sum(shares)
        counts = {alt: max(1, int(whole * share)) for alt, share in zip(alts, shares)}
        sites.append((at, ref, counts))


def make_haplotype(reference, sites):
    """A person's: alleles drawn from the population, some of nobody else, bases where the
    reference has none."""
    bases = [b if b in "ACGT" else rng.choice("ACGT") for b in reference]
    for pos, ref, alts in sites:
        ticket = rng.randrange(CHROMOSOMES)
        for alt, count in alts.items():
            if 0 <= ticket < count:
                bases[pos] = alt
            ticket -= count
    for _ in range(len(bases) // PRIVATE_EVERY):
        bases[rng.randrange(len(bases))] = rng.choice("ACGT")
    return "".join(bases)


def make_md(record, reference):
    """(MD, NM) as samtools calmd writes them."""
    text, run, nm = [], 0, 0
    for n, op, q, r in walk(record.pos, record.cigar):
        if op in "M=X":
            got, want = record.seq[q:q + n], reference[r:r + n]
            if got == want and "N" not in got:
                run += n
                continue
            for base, ref in zip(got, want):
                if base == ref != "N":
                    run += 1
                else:
                    text.append("%d%s" % (run, ref))
                    run, nm = 0, nm + 1
        elif op == "D":
            text.append("%d^%s" % (run, reference[r:r + n]))
            run = 0
        nm += n if op in "ID" else 0
    return "".join(text) + str(run), nm


def point_to(r, mate, mc=True):
    """The fields of `r` that speak of its mate."""
    r.mtid, r.mpos = mate.tid, mate.pos
    r.flag |= (MATE_UNMAPPED if mate.flag & UNMAPPED else 0) | \
        (MATE_REVERSE if mate.flag & REVERSE else 0)
    if r.tid == mate.tid and not (r.flag | mate.flag) & UNMAPPED:
        r.tlen = five_prime(mate) - five_prime(r)
    if mc and not mate.flag & UNMAPPED:
        r.aux += tag("MC", "Z", cigar_text(mate.cigar))


def five_prime(r):
    return r.end() if r.flag & REVERSE else r.pos


def read_group(name, sample, platform="ILLUMINA"):
    sample_field = "\tSM:" + sample if sample else ""
    return "ID:%s%s\tLB:lib-%s\tPL:%s\tPU:HX1.%s" % (name, sample_field, sample, platform, name)


def read_name(i):
    return "SYN:7:F1:%d:%d:%d:%d" % (1 + i % 4, 1101 + i % 97, 1000 + i * 7919 % 20000, i)


def some_cigar(n):
    """Of n query bases: mostly one match; clips and indels here and there."""
    ops, what = [(n, "M")], rng.random()
    if what < 0.15:
        at, size = rng.randint(1, n - 10), rng.choice([1, 1, 2, 3, 8])
        ops = [(at, "M"), (size, "D"), (n - at, "M")]
        if what < 0.07:
            ops = [(at, "M"), (size, "I"), (n - at - size, "M")]
    if rng.random() < 0.1:
        ops = clipped(ops, rng.randint(1, 20))
    if rng.random() < 0.1:
        ops = clipped(ops[::-1], rng.randint(1, 20))[::-1]
    return ops


def clipped(ops, n):
    """The first n bases of the first match as a clip, where it is longer."""
    if ops[0][1] != "M" or ops[0][0] <= n:
        return ops
    return [(n, "S"), (ops[0][0] - n, "M")] + ops[1:]


def add_short_pairs(world, tid, n, size=100, first=0, group="lane1", beg=50, end=None):
    """Ordinary pairs between two places of a contig."""
    end = end or world.length(tid) - 50
    for i in range(first, first + n):
        fragment = min(int(rng.gauss(320, 50)), end - beg - 20)
        at = rng.randrange(beg, end - fragment)
        cigars = [some_cigar(size), some_cigar(size)]
        places = [at, at + fragment - span(cigars[1])]
        haplotype, flags = rng.randrange(2), rng.choice([(0, REVERSE), (REVERSE, 0)])
        extra = rng.choice([0] * 20 + [DUPLICATE, QC_FAIL])
        pair = [world.read(read_name(i), tid, p, c, extra, haplotype, group,
                           tag("AS", "C", size) + tag("XS", "C", 20))
                for p, c in zip(places, cigars)]
        pair[1].flag |= REVERSE
        world.add_pair(*(pair if flags[0] == 0 else pair[::-1]))


# ---- long reads ----

def long_cigar(length, run, indel):
    """Of about `length` bases; `run` the mean match, `indel` the sizes of gaps."""
    ops, n = [], 0
    while n < length:
        ops += [(1 + int(rng.expovariate(1 / run)), "M"), (rng.choice(indel), rng.choice("ID"))]
        n += ops[-2][0] + (ops[-1][0] if ops[-1][1] == "I" else 0)
    return ops + [(1 + int(rng.expovariate(1 / run)), "M")]


def long_tags(r, reference):
    """minimap2's tags and those of modified bases."""
    cs, run = [], 0
    for n, op, q, at in walk(r.pos, r.cigar):
        if op == "I":
            cs.append(":%d+%s" % (run, r.seq[q:q + n].lower()))
        elif op == "D":
            cs.append(":%d-%s" % (run, reference[at:at + n].lower()))
        elif op == "M":
            for base, ref in zip(r.seq[q:q + n], reference[at:at + n]):
                if base == ref:
                    run += 1
                else:
                    cs.append(":%d*%s" % (run, (ref + base).lower()))
                    run = 0
            continue
        run = 0
    n_anchors = len(r.seq) // 15
    return tag("tp", "A", "P") + tag("cm", "i", n_anchors) + tag("s1", "i", 13 * n_anchors) + \
        tag("s2", "i", 40) + tag("de", "f", 0.07) + tag("cs", "Z", "".join(cs) + ":%d" % run)


def modified_bases(bases):
    """MM, ML and MN of a read as it was sequenced."""
    left, skips = bases.count("C"), []
    while left > 0:
        skip = min(left - 1, int(rng.expovariate(1 / 30)))
        skips.append(skip)
        left -= skip + 1
    return tag("MM", "Z", "C+m?" + "".join(",%d" % s for s in skips) + ";") + \
        tag("ML", "BC", rng.choices(range(256), k=len(skips))) + tag("MN", "i", len(bases))


def place_long(world, name, cigar, flag, **fields):
    """A read of this CIGAR at a random place of a contig it fits on."""
    fits = [t for t in range(len(world.contigs)) if world.length(t) > span(cigar) + 2]
    tid = rng.choice(fits)
    pos = rng.randrange(world.length(tid) - span(cigar))
    r = world.read(name, tid, pos, cigar, flag, rng.randrange(2), **fields)
    r.aux += long_tags(r, world.reference[tid])
    return r


def split_read(world, name, length):
    """A primary alignment and a hard-clipped supplementary one of what the primary clips."""
    parts = [long_cigar(length, 14, [1, 1, 2, 5]), long_cigar(length // 3, 14, [1, 1, 2])]
    sizes = [query_length(p) for p in parts]
    strand = rng.choice([0, REVERSE])
    tail = place_long(world, name, parts[1], strand | SUPPLEMENTARY)
    head = place_long(world, name, parts[0], 0)
    sequenced = reverse_complement(tail.seq) if strand else tail.seq
    head.seq += sequenced
    head.qual += tail.qual[::-1] if strand else tail.qual
    head.cigar = head.cigar + [(sizes[1], "S")]
    hard = [(sizes[0], "H")]
    tail.cigar = tail.cigar + hard if strand else hard + tail.cigar
    modified = modified_bases(head.seq)
    for r, other in ((head, tail), (tail, head)):
        ends = [[o] if o[1] in "SH" else [] for o in (other.cigar[0], other.cigar[-1])]
        ends = [[(n, "S") for n, _ in e] for e in ends]
        short = ends[0] + [(other.span(), "M")] + ends[1]
        r.aux += tag("SA", "Z", "%s,%d,%s,%s,%d,%d;" % (
            world.contigs[other.tid][0], other.pos + 1, "-" if other.flag & REVERSE else "+",
            cigar_text(short), other.mapq, other.nm)) + modified
    world.add(head, tail)


@kind(36)
def ont(n):
    world = World([("chr1", 400000), ("chr2", 150000)], [read_group("lane1", "JaneDoe", "ONT")])
    for i in range(n):
        name = "%08x-0000-4000-8000-%012x" % (rng.getrandbits(32), i)
        length = min(100000, int(math.exp(rng.gauss(9.8, 0.9))))
        if i % 6 == 5:
            split_read(world, name, length)
            continue
        cigar = long_cigar(length, 14, [1] * 8 + [2, 2, 3, 12, 60])
        if i % 12 == 0:  # more operators than BAM's field for their number holds
            cigar = long_cigar(95000, 0.8, [1])
        if rng.random() < 0.5:
            cigar = [(rng.choice([15, 300, 2500, 7000]), "S")] + cigar
        if rng.random() < 0.5:
            cigar = cigar + [(rng.choice([15, 300, 2500, 7000]), "S")]
        r = place_long(world, name, cigar, rng.choice([0, REVERSE]))
        r.aux += modified_bases(reverse_complement(r.seq) if r.flag & REVERSE else r.seq)
        world.add(r)
        if i % 9 == 0:
            world.add(world.unmapped(name + "u", n=length))
    return world, "minimap2"


# ---- RNA ----

def make_gene(length):
    """Exons [(beg, end)] with introns of 100 bases to 200 kb."""
    exons = []
    at = rng.randrange(1000, length // 2)
    for _ in range(rng.randint(3, 7)):
        exons.append((at, at + rng.randint(40, 400)))
        at = exons[-1][1] + int(math.exp(rng.uniform(math.log(100), math.log(200000))))
        if at > length - 2000:
            break
    return exons


def spliced(exons, beg, n):
    """(pos, CIGAR) of n bases of a transcript."""
    pos, ops, last = None, [], 0
    for exon_beg, exon_end in exons:
        size = min(n, exon_end - exon_beg - beg)
        if size <= 0:
            beg -= exon_end - exon_beg
            continue
        if pos is None:
            pos = exon_beg + beg
        else:
            ops.append((exon_beg - last, "N"))
        ops.append((size, "M"))
        last, n, beg = exon_beg + beg + size, n - size, 0
    return pos, ops


def ragged(pos, ops):
    """Clips, which may take in all bases before a splice, and indels beside junctions."""
    what = rng.random()
    if what < 0.1 and ops[0][0] > 9:
        size = rng.choice([1, 4, ops[0][0] - 2])
        return pos + size, clipped(ops, size)
    if what < 0.2 and ops[-1][0] > 9:
        return pos, clipped(ops[::-1], rng.choice([1, 4, ops[-1][0] - 2]))[::-1]
    if what < 0.25 and len(ops) > 1:
        return pos + ops[0][0], [(ops[0][0], "S")] + ops[1:]
    if what < 0.3 and len(ops) > 1:
        return pos, ops[:-1] + [(ops[-1][0], "S")]
    if what < 0.4 and ops[0][0] > 12:
        size = rng.randint(1, 6)
        middle = [(size, "I"), (ops[0][0] - 5 - size, "M")] if what < 0.35 else \
            [(size, "D"), (ops[0][0] - 5 - size, "M"), (size, "I")]
        return pos, [(5, "M")] + middle + ops[1:]
    return pos, ops


def star_tags(r, n_hits, hit, strand):
    starts = [(at + 1, at + n) for n, op, _, at in walk(r.pos, r.cigar) if op == "N"]
    introns = [p for pair in starts for p in pair]
    return tag("XS", "A", strand) + tag("NH", "C", n_hits) + tag("HI", "C", hit) + \
        tag("AS", "C", 98) + tag("nM", "C", r.nm) + \
        tag("jM", "Bc", [rng.choice([0, 1, 2, 21]) for _ in starts] or [-1]) + \
        tag("jI", "Bi", introns or [-1])


@kind(2500)
def rna(n):
    world = World([("chr1", 600000), ("chr2", 150000)], [read_group("lane1", "JaneDoe")])
    genes = [(t, make_gene(world.length(t)), rng.choice("+-")) for t in (0, 0, 0, 0, 0, 0, 1)]
    for i in range(n):
        tid, exons, strand = rng.choice(genes)
        total = sum(e - b for b, e in exons)
        size = min(75, total // 2)
        fragment = min(total, rng.randint(size, 400))
        at = rng.randrange(total - fragment + 1)
        haplotype, n_hits = rng.randrange(2), rng.choice([1, 1, 1, 1, 2])
        ends = [ragged(*spliced(exons, at, size)),
                ragged(*spliced(exons, at + fragment - size, size))]
        a, b = [world.read(read_name(i), tid, *end, flag, haplotype)
                for end, flag in zip(ends, (0, REVERSE))]
        for r in (a, b):
            r.aux += star_tags(r, n_hits, 1, strand)
        if n_hits == 2:
            world.add(world.read(read_name(i), 1, 500 + i, [(size, "M")], SECONDARY, mapq=3,
                                 aux=tag("NH", "C", 2) + tag("HI", "C", 2)))
        if i % 10 == 0:
            world.add(rng.choice([a, b]))
        elif i % 40 == 1:
            world.add_pair(a, world.unmapped(a.name, aux=tag("uT", "A", "1"), n=size), 0)
        else:
            world.add_pair(*rng.choice([(a, b), (b, a)]), mc=i % 3 > 0)
    return world, "STAR"


@kind(2000)
def introns(n):
    """Some reads with an intron of 500 kb; most others lie under it, some over its far end."""
    beg, intron, n_spliced = 20000, 500000, n // 20
    end = beg + intron
    world = World([("chr1", 560000)], [read_group("lane1", "JaneDoe")])
    for i in range(n_spliced):
        left = rng.randint(20, 80)
        cigar = [(left, "M"), (intron, "N"), (100 - left, "M")]
        world.add(world.read(read_name(i), 0, beg + rng.randrange(2000), cigar,
                             rng.choice([0, REVERSE]), rng.randrange(2)))
    n_far = n // 5
    add_short_pairs(world, 0, n - n_spliced - n_far, first=n, beg=beg + 2200, end=end - 100)
    add_short_pairs(world, 0, n_far, first=2 * n, beg=end, end=end + 2200)
    return world, "STAR"


# ---- amplicons ----

@kind(100000)
def amplicon(n):
    world = World([("chr7", 5000)], [read_group("lane1", "JaneDoe")])
    beg = next(i for i in range(1000, 4000) if set(world.reference[0][i:i + 250]) <= set("ACGT"))
    for i in range(n // 2):
        sizes = rng.choices(range(30, 61), k=2)
        primers = rng.choices([0, 8, 17, 18, 19, 20, 21, 22, 25], k=2)
        left = beg + rng.randrange(180)
        right = rng.randrange(max(left + 20, beg + 60), beg + 250)
        matches = [s - p for s, p in zip(sizes, primers)]
        clips = [[(p, "S")] if p else [] for p in primers]
        places = [(left, clips[0] + [(matches[0], "M")]),
                  (max(left, right - matches[1]), [(matches[1], "M")] + clips[1])]
        haplotype = rng.randrange(2)
        a, b = [world.read(read_name(i), 0, *place, flag, haplotype)
                for place, flag in zip(places, (0, REVERSE))]
        world.add_pair(*((a, b) if i % 2 else (b, a)))
    return world, "bwa"


# ---- bisulfite ----

def convert(bases, original, reference):
    """Bisulfite-converted bases and their methylation calls (Bismark's XM); `original` and
    `reference` are in the direction of the converted strand."""
    out, calls = [], []
    for i, (base, ref) in enumerate(zip(bases, original)):
        call = "."
        if base == "C" == ref:
            after = reference[i + 1:i + 3]
            letter = "z" if after[:1] == "G" else "x" if after[1:] == "G" else "h"
            methylated = rng.random() < (0.7 if letter == "z" else 0.01)
            base, call = ("C", letter.upper()) if methylated else ("T", letter)
        out.append(base)
        calls.append(call)
    return "".join(out), "".join(calls)


def bisulfite_read(world, name, pos, n, flag, top, haplotype):
    bases = world.bases(0, pos, [(n, "M")], haplotype)
    reference = world.reference[0]
    if top:
        bases, calls = convert(bases, reference[pos:pos + n], reference[pos:pos + n + 2])
    else:
        context = reverse_complement(reference[pos - 2:pos + n])
        bases, calls = convert(reverse_complement(bases), context[:n], context)
        bases, calls = reverse_complement(bases), calls[::-1]
    first = (flag & REVERSE == 0) == top
    aux = tag("XM", "Z", calls) + tag("XR", "Z", "CT" if first else "GA") + \
        tag("XG", "Z", "CT" if top else "GA") + \
        rng.choice([tag("YC", "Z", "CT" if top else "GA"), tag("YC", "Z", "0,0,255")])
    return world.read(name, 0, pos, [(n, "M")], flag, seq=bases, aux=aux)


@kind(2500)
def bisulfite(n):
    world = World([("chr1", 30000)], [read_group("lane1", "JaneDoe")])
    for i in range(n):
        fragment, size = rng.randint(100, 400), 90
        at = rng.randrange(10, world.length(0) - fragment - 10)
        top, haplotype = rng.random() < 0.5, rng.randrange(2)
        a, b = [bisulfite_read(world, read_name(i), pos, size, flag, top, haplotype)
                for pos, flag in ((at, 0), (at + fragment - size, REVERSE))]
        if i % 8 == 0:
            world.add(a if top else b)
        else:
            world.add_pair(*((a, b) if top else (b, a)))
    return world, "Bismark"


# ---- single cells ----

def barcode_tags(cell):
    """Of 10x and linked reads; every eighth read's are odd somehow."""
    umi, spare = seq(12), seq(8)
    tags = {"CB": cell + "-1", "CR": cell, "CY": "F" * 16, "UB": umi, "UR": umi, "UY": "F," * 6,
            "BX": spare + "-1", "RX": spare + "+" + seq(6), "QX": "F" * 8 + " " + "F" * 6,
            "MI": "%d/A" % rng.randint(0, 99)}
    kept = {name: tag(name, "Z", tags[name]) for name in rng.sample(sorted(tags), 9)}
    odd = rng.choice([None] * 60 + [
        ("CB", "Z", tags["CB"].lower()), ("CB", "i", 7), ("CR", "Z", "JaneDoe"),
        ("CY", "Z", "F" * 20), ("CY", "Z", "F" * 3), ("UB", "Z", ""), ("UR", "A", "A"),
        ("UY", "BC", [30] * 12), ("BX", "Z", "A12C03B07D90"), ("RX", "Z", "ACGT ACGT"),
        ("QX", "H", "1AE301"), ("QX", "Z", ""), ("MI", "i", 12), ("MI", "Z", "smith"),
        ("MI", "Z", "1:2")])
    if odd:
        kept[odd[0]] = tag(*odd)
    values = list(kept.values())
    rng.shuffle(values)
    return b"".join(values) + tag("GN", "Z", "SRY") + tag("RE", "A", "E") + tag("xf", "C", 25)


@kind(4000)
def tenx(n):
    world = World([("chr1", 30000)], [read_group("JaneDoe:0:1:HX1:1", "JaneDoe")])
    cells = [seq(16) for _ in range(40)]
    for i in range(n):
        aux = barcode_tags(rng.choice(cells))
        group = "JaneDoe:0:1:HX1:1"
        if i % 25 == 0:
            world.add(world.unmapped(read_name(i), n=91, group=group, aux=aux))
            continue
        cigar = some_cigar(91)
        if i % 5 == 0:
            cigar = [(40, "M"), (rng.randint(200, 9000), "N"), (51, "M")]
        pos = rng.randrange(world.length(0) - span(cigar))
        world.add(world.read(read_name(i), 0, pos, cigar, rng.choice([0, REVERSE]),
                             rng.randrange(2), group, aux))
    return world, "cellranger"


# ---- samples ----

@kind(2500)
def samples(n):
    """Four read groups of three samples, one without SM, reads of no group and of an unknown."""
    donors = [("lane1", "JaneDoe"), ("lane2", "John Roe, 2nd"), ("lane3", "JaneDoe"),
              ("lane4", "Sample"), ("lane5", "")]
    world = World([("chr1", 20000), ("chrM", 3000)], [read_group(*d) for d in donors])
    groups = [name for name, _ in donors] + [None, "nowhere"]
    for i, group in enumerate(groups):
        world.haplotypes = [[make_haplotype(*pair) for pair in zip(world.reference, world.sites)]
                            for _ in range(2)]
        add_short_pairs(world, 0, n, first=i * 2 * n, group=group)
        add_short_pairs(world, 1, n // 4, first=(2 * i + 1) * n, group=group)
    for i in range(30):
        group = groups[i % len(groups)]
        a, b = [world.unmapped(read_name(10 ** 6 + i), group=group) for _ in range(2)]
        world.add_pair(a, b, 0)
    return world, "bwa"


@kind(1000)
def trimmed(n):
    """Pairs of whose reads a third lost their ends, reads of one name and place, unplaced ones."""
    world = World([("chr1", 40000), ("chr2", 3000)], [read_group("lane1", "JaneDoe"),
                                                     read_group("lane2", "JaneDoe")])
    for i in range(n):
        sizes = [rng.choice([100, 100, rng.randrange(30, 100)]) for _ in range(2)]
        at = rng.randrange(100, 39000)
        places = at, at + rng.randrange(150, 400)
        pair = [world.read(read_name(i), 0, p, "%dM" % k, group="lane%d" % (1 + (i % 20 == 0)))
                for p, k in zip(places, sizes)]
        pair[1].flag |= REVERSE
        world.add_pair(*(pair if i % 2 else pair[::-1]))
    add_short_pairs(world, 1, 10, first=n)
    for i in range(n // 10):
        world.add(world.unmapped("u%d" % i))
    for i in range(n // 20):  # equal but for QUAL, and for what is not shown
        world.add(*(world.read("*", 0, 1000 + 7 * i, "50M") for _ in range(2)))
    return world, "bwa"


# ---- mates ----

class Mates:
    """Every way in which two reads of a template can lie."""

    def __init__(self, world):
        self.world, self.n = world, 10 ** 6

    def name(self):
        self.n += 1
        return read_name(self.n)

    def read(self, tid, pos, flag=0, cigar="100M", name=None, **fields):
        return self.world.read(name or self.name(), tid, pos, cigar, flag, **fields)

    def pair(self, a, b, flag=0, mc=True, **fields):
        """Two reads as (tid, pos, flag[, CIGAR])."""
        name = fields.pop("name", None) or self.name()
        pair = [self.read(*place, name=name, **fields) for place in (a, b)]
        return self.world.add_pair(*pair, flag, mc)

    def half_mapped(self, pos, flag):
        name = self.name()
        pair = [self.read(0, pos, flag, some_cigar(100), name),
                self.world.unmapped(name, rng.choice([0, REVERSE]))]
        rng.shuffle(pair)
        self.world.add_pair(*pair, 0)

    def unmapped_pair(self, tid=-1, pos=-1):
        name = self.name()
        pair = [self.world.unmapped(name, tid=tid, pos=pos) for _ in range(2)]
        self.world.add_pair(*pair, 0)

    def placed(self, pos):
        """Pairs by where they lie."""
        self.pair((0, pos, 0), (1, pos // 2, REVERSE), mc=pos % 2)
        self.pair((0, pos, 0), (0, pos + 200, 0))
        self.pair((0, pos, REVERSE), (0, pos + 150, REVERSE))
        self.pair((0, pos, REVERSE), (0, pos + 300, 0))
        self.pair((0, pos, 0), (0, pos + 10, REVERSE, "80M"), PROPER)
        self.pair((0, pos, 0), (0, pos, REVERSE), PROPER)
        self.pair((0, pos, 0, "20S80M"), (0, pos, REVERSE, "80M20S"), PROPER)
        for distance in (9850, 9899, 9900, 9901, 9950, 10050, 30000):
            for mc in (True, False):
                self.pair((0, pos, 0), (0, pos + distance, REVERSE), mc=mc)
        self.pair((0, pos, 0), (0, pos + 400, REVERSE, "30M2D50M3I17M"), PROPER)
        self.pair((0, pos, 0, "50M700D50M"), (0, pos + 400, REVERSE), PROPER)
        for mc in (True, False):
            self.pair((0, pos, 0), (0, pos + 3000, REVERSE, "50M1200D50M"), PROPER, mc)
        self.pair((0, pos, 0, "50M1200D50M"), (0, pos + 3000, REVERSE, "50M1200D50M"), PROPER)
        self.pair((0, pos, 0, "10M900N90M"), (0, pos + 1500, REVERSE, "4M80N96M"), PROPER)

    def missing(self, pos):
        """Mates, or what their records should say, that the file does not hold."""
        for mc in (True, False):
            for other in ((0, pos + 250, REVERSE), (0, pos + 9000, REVERSE),
                          (0, pos + 20000, REVERSE), (1, 900, REVERSE), (0, pos + 100, 0)):
                a, b = self.pair((0, pos, 0), other, mc=mc)
                self.world.records.remove(rng.choice([a, b]))
        a, b = self.pair((0, pos, 0), (0, pos + 200, REVERSE))
        a.mtid = a.mpos = -1
        a, b = self.pair((0, pos, 0), (0, pos + 200, REVERSE))
        a.flag, b.flag = a.flag & ~FIRST, b.flag & ~LAST
        a, b = self.pair((0, pos, 0), (0, pos + 200, REVERSE))
        a.flag |= LAST
        a, b = self.pair((0, pos, 0), (0, pos + 200, REVERSE))
        b.flag |= MATE_UNMAPPED
        a, b = self.pair((0, pos, 0), (0, pos + 200, REVERSE))
        a.flag &= ~MATE_REVERSE
        a, b = self.pair((0, pos, 0), (0, pos + 200, REVERSE))
        a.mpos, a.tlen = pos + 60, 7
        orphan = self.world.unmapped(self.name(), PAIRED | FIRST, tid=0, pos=pos)
        orphan.mtid, orphan.mpos = 0, pos
        self.world.add(orphan, self.world.unmapped(self.name(), tid=0, pos=pos))

    def marked(self, pos):
        """Flags, names, and fields that are missing."""
        for flag in (DUPLICATE, QC_FAIL, DUPLICATE | QC_FAIL):
            self.pair((0, pos, flag), (0, pos + 180, REVERSE | flag), PROPER)
        a, b = self.pair((0, pos, 0), (0, pos + 220, REVERSE), PROPER)
        a.name, b.name = a.name + "/1", b.name + "/2"
        self.world.add(self.read(0, pos, name="lonely%d/1" % pos), self.read(0, pos, REVERSE))
        self.pair((0, pos, 0), (0, pos + 210, REVERSE), PROPER, qual=None)
        self.pair((0, pos, 0, "10S80M10S"), (0, pos + 210, REVERSE), PROPER, seq="")
        self.world.add(self.read(0, pos, cigar="40M500N60M", seq=""))
        for cigar in ("100S", "50S50I", "100S5H", "30S40D70S"):
            self.world.add(self.read(0, pos, cigar=cigar))
        self.pair((0, pos, 0, "100S"), (0, pos + 200, REVERSE))
        a, b = self.pair((0, pos, 0, "60M40S"), (0, pos + 250, REVERSE), PROPER)
        extra = self.read(1, pos // 3, SUPPLEMENTARY | PAIRED | FIRST, "60H40M", a.name,
                          seq=a.seq[60:], aux=tag("SA", "Z", "chr1,%d,+,60M40S,60,0;" % (pos + 1)))
        a.aux += tag("SA", "Z", "chr2,%d,+,60S40M,60,0;" % (pos // 3 + 1))
        point_to(extra, b)
        self.world.add(extra)

    def edges(self):
        """Clips that hang over a contig's ends, and contigs that hide what lies on them."""
        for tid, length in ((0, self.world.length(0)), (2, 3000)):
            for size in (1, 30, 99):
                left = (tid, 0, 0, "%dS%dM" % (size, 100 - size))
                right = (tid, length - 100 + size, REVERSE, "%dM%dS" % (100 - size, size))
                self.pair(left, (tid, 150, REVERSE), PROPER)
                self.pair((tid, length - 400, 0), right, PROPER)
                self.world.add(self.read(*left), self.read(*right))
                self.world.add(self.read(tid, 0, REVERSE, "5S40M300N%dM%dI5S" % (49 - size // 2,
                                                                                1 + size // 2)))
            self.world.add(self.read(tid, length - 60, 0, "20M20N20M40S"),
                           self.read(tid, 5, REVERSE, "40S20M30N20M5D20M"))
            self.pair((tid, 3, 0, "40S60M"), (tid, 30, REVERSE), PROPER)
        tiny = self.world.contigs.index(("tiny", 40))
        for pos, cigar in ((0, "40M"), (0, "60S40M60S"), (5, "90S30M"), (10, "30M90S"), (39, "1M9S"),
                           (0, "1M"), (2, "10M5D20M3S")):
            for flag in (0, REVERSE):
                self.world.add(self.read(tiny, pos, flag, cigar))
        self.pair((tiny, 0, 0, "30M"), (tiny, 20, REVERSE, "20M"), PROPER)
        for tid in range(len(self.world.contigs)):
            if self.world.length(tid) == 4000:
                add_short_pairs(self.world, tid, 20, first=2 * 10 ** 6 + 100 * tid)
                self.pair((0, 5000, 0), (tid, 700, REVERSE))
                self.world.add(self.read(tid, 800, REVERSE))


@kind(1500)
def mates(n):
    """Half-mapped, unmapped, far, outward, split, missing and marked pairs; odd contigs."""
    contigs = [("chr1", 60000), ("chr2", 30000), ("decoy", 3000), ("tiny", 40), ("empty", 5000),
               ("HLA-A*01:01:01:01", 4000), ("chr1_alt", 4000)]
    world = World(contigs, [read_group("lane1", "JaneDoe")], uncovered=("decoy",),
                  alternate={"chr1_alt": "\tAH:chr1:2000-6000"})
    add_short_pairs(world, 0, n, beg=9000, end=25000)
    add_short_pairs(world, 1, n // 5, first=n)
    make = Mates(world)
    make.edges()
    for pos in (4001, 14002, 14003, 24000):
        make.placed(pos)
        make.missing(pos)
        make.marked(pos)
        for flag in (0, REVERSE):
            make.half_mapped(pos, flag)
        make.unmapped_pair()
        make.unmapped_pair(0, pos)
        world.add(world.unmapped(make.name()))
    return world, "bwa"


def main(name, prefix, n=None):
    rng.seed(name)
    make, n_templates = kinds[name]
    world, program = make(int(n) if n else n_templates)
    world.write(prefix, program)


if __name__ == "__main__":
    if len(sys.argv) > 2:
        main(*sys.argv[1:])
    else:
        print(*kinds)
