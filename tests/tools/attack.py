#!/usr/bin/env python3
"""What a masked file tells somebody who knows the reference and the population.

    attack.py make NAME PREFIX              people of people.py, as PREFIX*.bam, .fa, .vcf
    attack.py NAME truth|chance PREFIX BAM...   the attack on masked files of them, in their order

With `truth` the attack has to succeed, as it does where nothing is hidden (--blur 0 --inserts keep --qual
keep); with `chance` (the defaults) it has to fail.  Figures go to stdout; exit 1 where it is otherwise."""
import gzip
import pickle
import sys
from statistics import NormalDist

import numpy as np

import bamfile
import people

BLUR = 100
CANDIDATES = 300


# ---- what a masked file shows ----

def shown(path):
    """The records of a BAM as columns, and all its bytes."""
    data = gzip.open(path).read()
    at = 8 + int.from_bytes(data[4:8], "little")
    n_contigs, at = int.from_bytes(data[at:at + 4], "little"), at + 4
    for _ in range(n_contigs):
        at += 8 + int.from_bytes(data[at:at + 4], "little")
    offsets = []
    while at < len(data):
        offsets.append(at)
        at += 4 + int.from_bytes(data[at:at + 4], "little")
    data = np.frombuffer(data, np.uint8)
    fixed = data[np.array(offsets)[:, None] + np.arange(36)].view(
        [("size", "<i4"), ("tid", "<i4"), ("pos", "<i4"), ("l_name", "u1"), ("mapq", "u1"),
         ("bin", "<u2"), ("n_cigar", "<u2"), ("flag", "<u2"), ("l_seq", "<i4"), ("mtid", "<i4"),
         ("mpos", "<i4"), ("tlen", "<i4")]).ravel()
    return fixed, np.array(offsets), data


def forward_reads(path):
    """Of pairs: 5' end, 5' end of the mate less that, length, sorted by the first."""
    fixed, _, _ = shown(path)
    fixed = fixed[(fixed["flag"] & 0x17 == 3) & (fixed["tlen"] > 0)]
    fixed = fixed[np.argsort(fixed["pos"], kind="stable")]
    return fixed["pos"].astype(int), fixed["tlen"].astype(int), fixed["l_seq"].astype(int)


# ---- log likelihood ratios of 1 and 2 copies of each indel against none, as [site, copies] ----

def by_inserts(population, x, insert):
    """Over a deletion the ends of a pair lie further apart."""
    longest = insert.max() + people.LONGEST_INDEL
    density = np.convolve(np.bincount(insert, minlength=longest + 1), np.ones(9) / 9, "same") + 0.05
    out = np.zeros((len(population.at), 3))
    for i, (at, net) in enumerate(zip(population.at, population.net)):
        near = slice(*np.searchsorted(x, (at - longest, at)))
        over = insert[near][x[near] + insert[near] > at + max(net, 0)]
        ratio = density[np.clip(over - net, 0, longest)] / density[over]
        out[i, 1:] = np.log((1 + ratio) / 2).sum(), np.log(ratio).sum()
    return out


def by_places(population, places, blur, is_last=False):
    """No read starts in what is deleted; those that start in an insertion seem to start before it.
    `is_last`: the places are those of reverse reads' first, the reference's last, bases.

    Reads of one place stay together, so that in deep data the places are a lattice each point of which
    is moved: their number in a long stretch varies less than that of independent reads would.  The
    weights are the best ones for that noise, whose spectrum is 1 + rate (1 - smoothing^2)."""
    half = 10 * blur
    length = 2 * half + 2 * people.LONGEST_INDEL
    count = np.bincount(places + length, minlength=len(population.reference) + 3 * length)
    rate = len(places) / len(population.reference)
    smoothing = np.exp(-(2 * np.pi * np.fft.rfftfreq(length) * blur) ** 2 / 2)
    out = np.zeros((len(population.at), 3))
    for i, (at, net) in enumerate(zip(population.at, population.net)):
        hole = np.fft.rfft(np.sign(net) * (np.arange(length) // abs(net) == 0)) * smoothing
        lacking, weights = (np.roll(np.fft.irfft(h, length), half)
                            for h in (hole, hole / (1 + rate * (1 - smoothing ** 2))))
        beg = at - half + length - (abs(net) if net < 0 and not is_last else 0)
        found = (rate - count[beg:beg + length]) @ weights
        for copies in (1, 2):
            out[i, copies] = copies / 2 * found - copies ** 2 / 8 * rate * (lacking @ weights)
    return out


def by_all_places(population, x, insert, blur):
    """Unblurred, both ends are those of the fragment; else the second is drawn from the first."""
    out = by_places(population, x, blur)
    return out if blur else out + by_places(population, x + insert - 1, 0, is_last=True)


def by_lengths(population, x, insert, length, longest=people.READ):
    """A trimmed read is as long as its fragment."""
    out = np.zeros((len(population.at), 3))
    trimmed = length < longest
    x, insert, net_seen = x[trimmed], insert[trimmed], (insert - length)[trimmed]
    for i, (at, net) in enumerate(zip(population.at, population.net)):
        near = slice(*np.searchsorted(x, (at - longest - people.LONGEST_INDEL, at)))
        seen = net_seen[near][x[near] + insert[near] > at + max(net, 0)]
        n_alt, n_ref = np.count_nonzero(seen == net), np.count_nonzero(seen == 0)
        out[i, 1] = (n_alt + n_ref) * np.log(0.5 / 0.99) + n_alt * np.log(99)
        out[i, 2] = (n_alt - n_ref) * np.log(99)
    return out


# ---- from them to people ----

def auc(positives, negatives):
    """P(positive > negative), ties by half."""
    both = np.concatenate([positives, negatives])
    values, inverse, counts = np.unique(both, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    n = len(positives)
    return (ranks[:n].sum() - n * (n + 1) / 2) / (n * len(negatives))


def matching_z(scores):
    """scores[file, candidate], the first candidates being the files' people: do files rank their own
    higher than other files rank them?  Against all ways to match these people with these files
    (Hoeffding's combinatorial z).  Also the ranks of the right ones, 1 being the best."""
    n, n_candidates = scores.shape
    ranks = (scores[:, None, :] > scores[:, :n, None]).sum(2) + 1 + \
        ((scores[:, None, :] == scores[:, :n, None]).sum(2) - 1) / 2
    normal = np.vectorize(NormalDist().inv_cdf)(1 - (ranks - 0.5) / n_candidates)
    d = normal - normal.mean(0) - normal.mean(1)[:, None] + normal.mean()
    spread = (d ** 2).sum() / (n - 1)
    return (np.trace(d) / spread ** 0.5 if spread > 1e-9 else 0.0), np.diag(ranks)


# ---- the attacks ----

class Crowd:
    """Inserts and starts summed over the indels of many people at 30x."""
    length, n_people, insert, sd, depth = 1000000, 6, 350, 50, 30

    def make(self, rng, prefix):
        world = people.Population(rng, self.length)
        folk = world.draw(rng, self.n_people)
        people.write_world(prefix, world)
        for i, person in enumerate(folk):
            reads = people.Reads([people.Haplotype(rng, world, alts) for alts in person])
            reads.shotgun(rng, self.depth, self.insert, self.sd)
            reads.write("%s%d.bam" % (prefix, i), self.length)
        strangers = world.draw(rng, CANDIDATES - self.n_people)
        return {"world": world, "copies": np.concatenate([folk, strangers]).sum(1)}

    def run(self, made, paths, is_hidden):
        files = [forward_reads(path) for path in paths]
        world, blur = made["world"], BLUR if is_hidden else 0
        yield from self.rank("insert sizes", [by_inserts(world, x, d) for x, d, _ in files], made)
        yield from self.rank("starts", [by_all_places(world, x, d, blur) for x, d, _ in files], made)

    def rank(self, what, ratios, made):
        copies, n = made["copies"], len(ratios)
        sites = np.arange(copies.shape[1])
        scores = np.array([[r[sites, c].sum() for c in copies] for r in ratios])
        z, ranks = matching_z(scores)
        own = np.trace(scores) / n
        gain = own - (scores[:, :n].sum() / n - own) / (n - 1)
        yield what + " z", z, (3, 99), (-2, 2), "ranks %s of %d; %.2f nats above other files" % (
            " ".join("%g" % r for r in ranks), len(copies), gain)


class Trimmed(Crowd):
    """Pairs whose adapters were trimmed."""
    length, n_people, insert, sd, depth = 300000, 6, 150, 35, 30

    def run(self, made, paths, is_hidden):
        world, copies = made["world"], made["copies"]
        frequency = world.frequency[:, None]
        prior = np.log(np.hstack([(1 - frequency) ** 2, 2 * frequency * (1 - frequency), frequency ** 2]))
        ratios = [by_lengths(world, *forward_reads(path)) for path in paths]
        mine = copies[:len(paths)]
        is_exact = np.array([(r + prior).argmax(1) for r in ratios]) == mine
        by_chance = (np.tile(prior.argmax(1), (len(paths), 1)) == mine)[mine > 0].mean()
        yield "indel genotypes, exact share", is_exact[mine > 0].mean(), (0.8, 1), (0, by_chance), \
            "of %d; by frequencies alone %.3f; at %d other sites %.3f" % (
                (mine > 0).sum(), by_chance, (mine == 0).sum(), is_exact[mine == 0].mean())
        yield from self.rank("read lengths", ratios, made)


class Site:
    """One site with 10 bases more or less: is it there?"""
    length, size, spacing, insert, sd, depth = 1000000, 10, 500, 400, 100, 30

    def make(self, rng, prefix):
        at = np.arange(self.spacing, self.length - self.spacing, self.spacing)
        net = np.where(np.arange(len(at)) % 2, self.size, -self.size)
        world = people.Population(rng, self.length, at, net, np.full(len(at), 0.5))
        copies = np.arange(len(at)) // 2 % 3
        people.write_world(prefix, world)
        reads = people.Reads([people.Haplotype(rng, world, copies > i) for i in (0, 1)])
        reads.shotgun(rng, self.depth, self.insert, self.sd)
        reads.write(prefix + "0.bam", self.length)
        return {"world": world, "copies": copies}

    def run(self, made, paths, is_hidden):
        world, copies = made["world"], made["copies"]
        x, insert, _ = forward_reads(paths[0])
        ratios = by_all_places(world, x, insert, BLUR if is_hidden else 0)
        if not is_hidden:
            ratios = ratios + by_inserts(world, x, insert)
        for n, zygosity in (1, "heterozygous"), (2, "homozygous"):
            each = [auc(ratios[kind & (copies == n), n], ratios[kind & (copies == 0), n])
                    for kind in (world.net > 0, world.net < 0)]
            yield "%s AUC" % zygosity, sum(each) / 2, (0.6, 1), (0.4, 0.6), \
                "%d bases at %dx, %d sites; deletions %.3f, insertions %.3f" % (
                    self.size, self.depth, (copies == n).sum(), *each)


class DeepSite(Site):
    depth = 100


class Families:
    """Do duplicates average the blur away?"""
    length = 2000000
    sizes = (20,) * 400 + (5000,) * 40

    def make(self, rng, prefix):
        world = people.without_indels(rng, self.length)
        people.write_world(prefix, world)
        reads = people.Reads([people.Haplotype(rng, world)])
        start = rng.permutation(np.arange(1000, self.length - 2000, 2000))[:len(self.sizes)]
        size = rng.normal(400, 50, len(start)).astype(int)
        reads.add(0, np.repeat(start, self.sizes), np.repeat(size, self.sizes))
        reads.write(prefix + "0.bam", self.length)
        return {"start": start}

    def run(self, made, paths, is_hidden):
        fixed, offsets, data = shown(paths[0])
        forward = fixed["flag"] & 0x10 == 0
        names = data[offsets[forward][:, None] + 36 + np.arange(1, 9)].view("S8").ravel().astype(int)
        family = np.repeat(np.arange(len(self.sizes)), self.sizes)[names]
        mean = np.bincount(family, fixed["pos"][forward]) / np.bincount(family)
        for size in sorted(set(self.sizes)):
            mine = np.array(self.sizes) == size
            off = (mean - made["start"])[mine]
            yield "families of %d, SD of the mean place" % size, off.std(), (0, 0.1), (70, 130), \
                "%d families" % mine.sum()


class RawQuality:
    """Does QUAL tell the SNVs under it?"""
    length, spacing, strength = 300000, 250, 0.7

    def make(self, rng, prefix):
        world = people.without_indels(rng, self.length)
        people.write_world(prefix, world)
        at = np.arange(self.spacing, self.length - self.spacing, self.spacing)
        alt = np.roll(people.CODES, 1)[np.log2(world.reference[at]).astype(int)]
        carried = rng.random(len(at)) < 0.5
        other = people.without_indels(rng, self.length)
        other.reference = world.reference.copy()
        other.reference[at[carried]] = alt[carried]
        reads = people.Reads([people.Haplotype(rng, w) for w in (world, other)])
        reads.shotgun(rng, 30, 400, 50)
        reads.write(prefix + "0.bam", self.length, people.Sequencer(rng, self.strength))
        return {"reference": world.reference, "at": at, "alt": alt, "carried": carried}

    def qualities(self, path, reference):
        """Of whole reads: position, strand, QUAL less what is common to its read and to its cycle,
        and the reference under it as contexts()."""
        fixed, offsets, data = shown(path)
        is_whole = (fixed["l_seq"] == people.READ) & (fixed["n_cigar"] == 1)
        fixed, offsets = fixed[is_whole], offsets[is_whole]
        pos, reverse = fixed["pos"].astype(int), fixed["flag"] & 0x10 > 0
        cycles = np.arange(people.READ)
        qual = data[(offsets + 40 + fixed["l_name"] + (people.READ + 1) // 2)[:, None] + cycles]
        rest = people.flipped(qual, reverse).astype(float)
        rest -= rest.mean(0)
        rest -= rest.mean(1, keepdims=True)
        return pos, reverse, rest, *people.contexts(reference[pos[:, None] + cycles], reverse)

    def run(self, made, paths, is_hidden):
        reference = made["reference"]
        # What bases do to QUAL is learned from reads that are not masked.
        *_, rest, before, own = self.qualities(made["prefix"] + "0.bam", reference)
        both = before[:, 1:] * 4 + own[:, 1:]
        effect = np.array([rest[:, 1:][both == i].mean() for i in range(16)]).reshape(4, 4)
        variance = rest.var()
        pos, reverse, rest, before, own = self.qualities(paths[0], reference)
        scores = np.zeros(len(made["at"]))
        for i, (at, alt) in enumerate(zip(made["at"], np.log2(made["alt"]).astype(int))):
            rows = np.arange(*np.searchsorted(pos, (at - people.READ + 2, at - 1)))
            cycle = np.where(reverse[rows], people.READ - 1 - at + pos[rows], at - pos[rows])
            ref, last, after = own[rows, cycle], before[rows, cycle], own[rows, cycle + 1]
            alt = np.where(reverse[rows], 3 - alt, alt)
            if_ref, if_alt = ((effect[last, base], effect[base, after]) for base in (ref, alt))
            ratio = sum(((rest[rows, cycle + j] - if_ref[j]) ** 2 -
                         (rest[rows, cycle + j] - if_alt[j]) ** 2) / (2 * variance) for j in (0, 1))
            scores[i] = np.logaddexp(0, ratio).sum() - len(rows) * np.log(2)
        carried = made["carried"]
        yield "SNV AUC", auc(scores[carried], scores[~carried]), (0.65, 1), (0.44, 0.56), \
            "%d heterozygous of %d sites" % (carried.sum(), len(carried))


class RecalibratedQuality(RawQuality):
    strength = 2.5


class Edges:
    """A slice grants all but what lies around the known indels.  Do the reads at its edges tell them?
    The files are the masked one and what a recipient of the slice restores of it."""
    length, spacing, margin = 200000, 1500, 40

    def make(self, rng, prefix):
        at = np.arange(self.spacing, self.length - self.spacing, self.spacing)
        net = rng.integers(1, 21, len(at)) * rng.choice([-1, 1], len(at))
        world = people.Population(rng, self.length, at, net, np.full(len(at), 0.3))
        alts = world.draw(rng, 1)[0]
        people.write_world(prefix, world)
        reads = people.Reads([people.Haplotype(rng, world, has_alt) for has_alt in alts])
        reads.shotgun(rng, 30, 350, 60)
        reads.write(prefix + "0.bam", self.length, people.Sequencer(rng, RawQuality.strength))
        with open(prefix + ".bed", "w") as bed:
            for beg, end in zip(at, at[1:]):
                bed.write("chr1\t%d\t%d\n" % (beg + self.margin, end - self.margin))
        return {"world": world, "copies": alts.sum(0)}

    def nets(self, pieces, masked, site):
        """For reads whose 5' end lies beyond the site: what lies between it and the piece, less the
        read's bases there, by each masked record that has the piece's name, or its QUAL where the
        piece would stand in it."""
        for piece in pieces:
            reverse = bool(piece.flag & 0x10)
            edge = piece.end() if reverse else piece.pos
            if edge != site + (-self.margin if reverse else self.margin) or len(piece.seq) < 20:
                continue
            for m in masked:
                beyond = len(m.seq) - len(piece.seq)
                is_there = m.qual.startswith if reverse else m.qual.endswith
                if beyond > 0 and bool(m.flag & 0x10) == reverse and \
                        (m.name == piece.name or is_there(piece.qual)):
                    yield m.end() - beyond - edge if reverse else edge - m.pos - beyond

    def run(self, made, paths, is_hidden):
        world, copies = made["world"], made["copies"]
        reach = people.READ + 4 * BLUR + people.LONGEST_INDEL
        records = [[r for r in bamfile.read(path)[2] if r.tid >= 0] for path in paths]
        starts = [np.array([r.pos for r in file]) for file in records]
        scores, n_seen = np.zeros(len(world.at)), 0
        for i, (at, net) in enumerate(zip(world.at, world.net)):
            masked, pieces = (file[slice(*np.searchsorted(s, (at - reach, at + reach)))]
                              for file, s in zip(records, starts))
            seen = np.array(list(self.nets(pieces, masked, at)))
            n_seen += len(seen)
            scores[i] = np.count_nonzero(seen == net) - 0.1 * np.count_nonzero(seen == 0)
        yield "indels beside edges, AUC", auc(scores[copies > 0], scores[copies == 0]), (0.9, 1), \
            (0.35, 0.65), "%d of %d sites, %d links" % ((copies > 0).sum(), len(copies), n_seen)


class LongReads:
    """Behind an indel, the QUAL of a long read fits the reference only when it is slid by the net."""
    length, spacing, read, part, depth = 300000, 3000, 4000, 400, 10

    def make(self, rng, prefix):
        at = np.arange(self.spacing, self.length - self.spacing, self.spacing)
        net = rng.integers(1, 21, len(at)) * rng.choice([-1, 1], len(at))
        world = people.Population(rng, self.length, at, net, np.full(len(at), 0.3))
        people.write_world(prefix, world)
        haplotypes = [people.Haplotype(rng, world, has_alt) for has_alt in world.draw(rng, 1)[0]]
        sequencer = people.Sequencer(rng, 2 * RecalibratedQuality.strength)
        records, nets = [], {}
        for i in range(self.depth * self.length // self.read):
            start = int(rng.integers(0, self.length - 2 * self.read))
            hap, reverse = haplotypes[i % 2], bool(i // 2 % 2)
            seq = hap.bases[start:start + self.read]
            qual = sequencer(seq[None], np.array([reverse]))[0].tobytes()
            cigar = [(int(n), op) for n, op in hap.cigar(start, self.read)]
            name = "m%d" % i
            records.append(bamfile.Record(
                name=name, pos=int(hap.places[start]), mapq=60, flag=0x10 * reverse, cigar=cigar, qual=qual,
                seq="".join("=AC.G...T"[code] for code in seq), tid=0))
            nets[name] = sum(n * ((op == "D") - (op == "I")) for n, op in cigar)
        records.sort(key=lambda r: r.pos)
        contigs = [("chr1", self.length)]
        bamfile.write(prefix + "0.bam", bamfile.header_text(contigs), contigs, records)
        return {"world": world, "effect": sequencer.effect, "nets": nets}

    def run(self, made, paths, is_hidden):
        reference, effect, n_exact, n = made["world"].reference, made["effect"], 0, 0
        slides = np.arange(-people.LONGEST_INDEL, people.LONGEST_INDEL + 1)
        for r in bamfile.read(paths[0])[2]:
            net, reverse = made["nets"][r.name], bool(r.flag & 0x10)
            if net == 0 or len(r.cigar) > 1 or not 1000 < r.pos < self.length - self.read - 1000:
                continue
            # The part that was read last, where the masked record shows it, and that place's surroundings.
            beg = r.pos if reverse else r.pos + self.read - self.part
            qual = np.frombuffer(r.qual, np.uint8).astype(float)
            qual = qual[:self.part] if reverse else qual[-self.part:]
            seq = reference[(beg + slides * (-1 if reverse else 1))[:, None] + np.arange(self.part)]
            before, own = people.contexts(seq, np.full(len(seq), reverse))
            expected = people.flipped(effect[before, own], np.full(len(seq), reverse))
            fit = (expected - expected.mean(1, keepdims=True)) @ (qual - qual.mean())
            n += 1
            n_exact += slides[fit.argmax()] == net
        yield "net indels of reads, exact share", n_exact / n, (0.8, 1), (0, 0.05), "of %d reads" % n


ATTACKS = {"crowd": Crowd, "trimmed": Trimmed, "site": Site, "deepsite": DeepSite,
           "families": Families, "raw": RawQuality, "recalibrated": RecalibratedQuality,
           "edges": Edges, "long": LongReads}


def main(what, *rest):
    if what == "make":
        name, prefix = rest
        made = ATTACKS[name]().make(np.random.default_rng(11), prefix)
        with open(prefix + ".made", "wb") as out:
            pickle.dump(made, out)
        return
    want, prefix, *paths = rest
    with open(prefix + ".made", "rb") as file:
        made = pickle.load(file)
    made["prefix"] = prefix
    failed = False
    for figure, value, truth, chance, text in ATTACKS[what]().run(made, paths, want == "chance"):
        low, high = truth if want == "truth" else chance
        is_so = low <= value <= high
        failed |= not is_so
        print("%s %s, %s: %s %.3f (%s)" % ("ok  " if is_so else "FAIL", what, want, figure, value, text))
    sys.exit(failed)


if __name__ == "__main__":
    main(*sys.argv[1:])
