"""Simulated people with indels as human genomes have them, and their reads, aligned without a fault:
what attack.py is tried on.  The same seed gives the same files.

Indels: 1,133 a Mb among 5,008 chromosomes, ALT frequencies of density 1/f.  These are the 3.6 million
of 1000 Genomes phase 3 (Nature 2015, 526:68), and leave each person 200 a Mb (there 550,000 to 625,000
a genome).  Lengths: a power law of exponent 1.8 up to 50 bases (Cartwright, Mol Biol Evol 2009, 26:473),
so that half are of one base and 8 % of ten or more; six deletions for four insertions."""
import numpy as np

import bamfile

CHROMOSOMES = 5008
INDELS_PER_MB = 1133
LONGEST_INDEL = 50
READ = 150
SHORTEST_FRAGMENT = 60
CODES = np.array([1, 2, 4, 8], np.uint8)  # A C G T of a BAM


class Population:
    """A reference and the indels known over it: `net` is reference bases less the ALT's, so that a
    deletion is positive.  Reference bases from `at` on are deleted, or bases inserted before it."""

    def __init__(self, rng, length, at=None, net=None, frequency=None):
        self.reference = CODES[rng.integers(0, 4, length)]
        if at is None:
            at = np.sort(rng.integers(1000, length - 1000, length * INDELS_PER_MB // 1000000))
            at = at[np.diff(at, prepend=0) > LONGEST_INDEL + 10]
            sizes = np.arange(1, LONGEST_INDEL + 1)
            net = rng.choice(sizes, len(at), p=sizes ** -1.8 / (sizes ** -1.8).sum())
            net = net * np.where(rng.random(len(at)) < 0.6, 1, -1)
            frequency = CHROMOSOMES ** (rng.random(len(at)) - 1)
        self.at, self.net, self.frequency = at, net, frequency

    def draw(self, rng, n):
        """n people as [person, haplotype, site]: is the ALT there?"""
        return rng.random((n, 2, len(self.at))) < self.frequency


def without_indels(rng, length):
    return Population(rng, length, *np.zeros((3, 0), int))


class Haplotype:
    """Bases, for each its place in the reference (if inserted, that of the next base that is there),
    and how many inserted bases stand before it."""

    def __init__(self, rng, population, has_alt=slice(0, 0)):
        self.indels, bases, places, done, at_hap = [], [], [], 0, 0
        for at, net in zip(population.at[has_alt], population.net[has_alt]):
            bases.append(population.reference[done:at])
            places.append(np.arange(done, at))
            at_hap += at - done
            self.indels.append((at_hap, net))
            if net < 0:
                bases.append(CODES[rng.integers(0, 4, -net)])
                places.append(np.full(-net, at))
                at_hap -= net
            done = at + max(net, 0)
        bases.append(population.reference[done:])
        places.append(np.arange(done, len(population.reference)))
        self.bases, self.places = np.concatenate(bases), np.concatenate(places)
        self.starts = np.array([at for at, _ in self.indels])
        inserted = np.zeros(len(self.bases) + 1, int)
        for at, net in self.indels:
            inserted[at + 1:at + 1 - min(net, 0)] = 1
        self.inserted = np.cumsum(inserted)

    def is_plain(self, start, length):
        last = start + length - 1
        return ((self.places[last] - self.places[start] == length - 1) &
                (self.inserted[last + 1] == self.inserted[start]))

    def cigar(self, start, length):
        """Inserted bases at an end are clipped."""
        ops, here, end = [], start, start + length
        first = np.searchsorted(self.starts, start - LONGEST_INDEL)
        for at, net in self.indels[first:np.searchsorted(self.starts, end)]:
            if net > 0 and start < at:
                ops += [(at - here, "M"), (net, "D")]
                here = at
            elif net < 0 and at - net > start:
                beg, stop = max(at, start), min(at - net, end)
                ops += [(beg - here, "M")] * (beg > here)
                ops += [(stop - beg, "S" if beg == start or stop == end else "I")]
                here = stop
        return ops + [(end - here, "M")] * (end > here)


class Reads:
    """Fragments of a person's haplotypes [start, start + size), each read from both ends."""

    def __init__(self, haplotypes):
        self.haplotypes = haplotypes
        self.fragments = []

    def add(self, which, start, size):
        self.fragments.append(np.stack([np.broadcast_to(which, len(start)), start, size]))

    def shotgun(self, rng, depth, insert, sd):
        """Pairs from everywhere."""
        length = min(len(h.bases) for h in self.haplotypes)
        n = int(depth * length / (2 * READ))
        size = np.maximum(SHORTEST_FRAGMENT, rng.normal(insert, sd, n).astype(int))
        self.add(rng.integers(0, 2, n), (rng.random(n) * (length - size)).astype(int), size)

    def columns(self):
        """One row for every read: forward ones, then reverse ones."""
        which, start, size = np.concatenate(self.fragments, 1)
        length = np.minimum(size, READ)
        names = np.arange(len(start))
        c = {"which": np.tile(which, 2), "length": np.tile(length, 2), "name": np.tile(names, 2),
             "start": np.concatenate([start, start + size - length])}
        c["reverse"] = np.repeat([False, True], len(start))
        # Which of the two is read first depends on nothing.
        c["first"] = (c["name"] % 2 == 0) ^ c["reverse"]
        self.align(c)
        c["mate"] = np.roll(c["pos"], len(start))
        span = c["end"][len(start):] - c["pos"][:len(start)]
        c["tlen"] = np.concatenate([span, -span])
        return c

    def align(self, c):
        n = len(c["start"])
        c["pos"], c["end"] = np.zeros(n, int), np.zeros(n, int)
        c["cigar"] = np.empty(n, object)
        for i, hap in enumerate(self.haplotypes):
            rows = np.flatnonzero(c["which"] == i)
            start, length = c["start"][rows], c["length"][rows]
            c["pos"][rows] = hap.places[start]
            c["end"][rows] = hap.places[start + length - 1] + 1
            odd = np.flatnonzero(~hap.is_plain(start, length))
            for row, s, n_bases in zip(rows[odd], start[odd], length[odd]):
                cigar = hap.cigar(s, n_bases)
                c["cigar"][row] = cigar
                span = sum(n for n, op in cigar if op in "MD")
                c["end"][row] = c["pos"][row] + span

    def sequences(self, c, rows):
        """The bases of reads of one length, in the reference's direction."""
        at = c["start"][rows, None] + np.arange(c["length"][rows[0]])
        out = np.empty(at.shape, np.uint8)
        for i, hap in enumerate(self.haplotypes):
            mine = c["which"][rows] == i
            out[mine] = hap.bases[at[mine]]
        return out

    def write(self, path, contig_length, qualities=None):
        """`qualities` makes the QUAL of bases in the reference's direction of reads, each of which is
        reverse or not; without it all are 37."""
        c = self.columns()
        n_ops = np.array([1 if cigar is None else len(cigar) for cigar in c["cigar"]])
        chunks = np.empty(len(n_ops), object)
        for length, n in np.unique(np.stack([c["length"], n_ops]), axis=1).T:
            rows = np.flatnonzero((c["length"] == length) & (n_ops == n))
            seq = self.sequences(c, rows)
            qual = qualities(seq, c["reverse"][rows]) if qualities else 37
            records = pack(c, rows, seq, qual, n)
            data, size = records.tobytes(), records.itemsize
            for i, row in enumerate(rows):
                chunks[row] = data[i * size:i * size + size]
        contigs = [("chr1", contig_length)]
        text = bamfile.header_text(contigs, "@RG\tID:lane1\tSM:JaneDoe\tLB:lib\n")
        bamfile.write(path, text, contigs, chunks[np.argsort(c["pos"], kind="stable")])


class Sequencer:
    """QUAL that depends on a read's own bases, by the last two, `strength` being the SD of what they
    do, and on the read, the cycle and chance."""

    def __init__(self, rng, strength):
        self.rng, self.effect = rng, rng.normal(0, strength, (4, 4))

    def __call__(self, seq, reverse):
        before, own = contexts(seq, reverse)
        quality = 34 - 8 * np.linspace(0, 1, seq.shape[1]) ** 2 + self.effect[before, own]
        quality = quality + self.rng.normal(0, 2, (len(seq), 1)) + self.rng.normal(0, 3, seq.shape)
        return flipped(np.clip(np.rint(quality), 2, 41).astype(np.uint8), reverse)


def flipped(rows, reverse):
    return np.where(reverse[:, None], rows[:, ::-1], rows)


def contexts(seq, reverse):
    """A read's bases as 0 to 3, and the ones before them, in the order they were read."""
    own = np.log2(seq).astype(np.uint8)
    own = flipped(np.where(reverse[:, None], 3 - own, own), reverse)
    return np.roll(own, 1, axis=1), own


def pack(c, rows, seq, qual, n_ops):
    """Records of one length and number of CIGAR operations."""
    length = seq.shape[1]
    out = np.zeros(len(rows), [
        ("size", "<i4"), ("tid", "<i4"), ("pos", "<i4"), ("l_name", "u1"), ("mapq", "u1"),
        ("bin", "<u2"), ("n_cigar", "<u2"), ("flag", "<u2"), ("l_seq", "<i4"), ("mtid", "<i4"),
        ("mpos", "<i4"), ("tlen", "<i4"), ("name", "S10"), ("cigar", "<u4", (n_ops,)),
        ("seq", "u1", ((length + 1) // 2,)), ("qual", "u1", (length,)), ("rg", "S9")])
    out["size"], out["l_name"], out["mapq"], out["n_cigar"] = out.itemsize - 4, 10, 60, n_ops
    reverse, first = c["reverse"][rows], c["first"][rows]
    out["flag"] = 3 + np.where(reverse, 0x10, 0x20) + np.where(first, 0x40, 0x80)
    out["pos"], out["l_seq"], out["mpos"] = c["pos"][rows], length, c["mate"][rows]
    out["tlen"] = c["tlen"][rows]
    out["name"] = np.char.mod("r%08d", c["name"][rows])
    out["cigar"] = [[k << 4 | bamfile.OPS.index(op) for k, op in c["cigar"][row] or [(length, "M")]]
                    for row in rows] if n_ops > 1 else length << 4
    even = np.pad(seq, ((0, 0), (0, length % 2)))
    out["seq"] = even[:, ::2] << 4 | even[:, 1::2]
    out["qual"], out["rg"] = qual, b"RGZlane1"
    return out


def write_world(prefix, population):
    """PREFIX.fa, and PREFIX.vcf: a site in 50 bases, none of which matters."""
    letters = np.frombuffer(b"=AC.G...T", np.uint8)[population.reference].tobytes().decode()
    bamfile.write_fasta(prefix + ".fa", [("chr1", len(letters))], [letters])
    with open(prefix + ".vcf", "w") as out:
        out.write("##fileformat=VCFv4.2\n##contig=<ID=chr1,length=%d>\n" % len(letters))
        for field, number in (("AC", "A"), ("AN", "1")):
            out.write('##INFO=<ID=%s,Number=%s,Type=Integer,Description="">\n' % (field, number))
        out.write("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n")
        for at in range(25, len(letters), 50):
            alt = "CGTA"["ACGT".index(letters[at])]
            out.write("chr1\t%d\t.\t%s\t%s\t.\t.\tAC=%d;AN=100\n"
                      % (at + 1, letters[at], alt, 1 + at % 97))
