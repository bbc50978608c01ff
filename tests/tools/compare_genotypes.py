#!/usr/bin/env python3
"""compare_genotypes.py VAC.txt OWN.tsv MASKED.tsv TABLE: computes A1 to A4 and A6 of man varlock-audit again,
from the genotypes that `varlock audit --genotypes` wrote of an original and of its masked file, and
compares them with the audit's table.  VAC.txt is what `varlock view pop.vac` prints."""
import math
import sys


def genotypes(path):
    """{(contig, position): alleles} where GQ and depth suffice."""
    with open(path) as lines:
        rows = [line.split("\t") for line in lines if line[0] != "#"]
    return {(r[0], r[1]): r[3].strip().split("/") for r in rows
            if int(r[4]) >= 20 and sum(map(int, r[5:])) >= 8}


def sites(vac, own, masked):
    """Of each site: p, the alleles in the original and in the masked file that are not the reference's."""
    with open(vac) as lines:
        for line in lines:
            contig, pos, ref, *counts = line.split()
            if line[0] == "#" or (contig, pos) not in own or (contig, pos) not in masked:
                continue
            counts = dict(zip("ACGT", map(int, counts)))
            p = 1 - counts[ref] / sum(counts.values())
            if 0 < p < 1:
                yield p, *(sum(a != ref for a in g[contig, pos]) for g in (own, masked))


def bits(table):
    """Mutual information of one bin: rows of (p, own, masked)."""
    found = [[sum(r[1] == i and r[2] == k for r in table) for k in range(3)] for i in range(3)]
    expected = [[sum(((1 - p) ** 2, 2 * p * (1 - p), p * p)[k] for p, own, _ in table if own == i)
                 for k in range(3)] for i in range(3)]
    for _ in range(300):
        expected = [[e * sum(f) / sum(row) if sum(row) else 0 for e in row] for row, f in zip(expected, found)]
        sums = [sum(column) for column in zip(*expected)]
        wanted = [sum(column) for column in zip(*found)]
        expected = [[e * w / s if s else 0 for e, w, s in zip(row, wanted, sums)] for row in expected]
    free = (sum(map(any, found)) - 1) * (sum(map(any, zip(*found))) - 1) if table else 0
    return sum(f * math.log2(f / e) for fs, es in zip(found, expected) for f, e in zip(fs, es) if f) - \
        free / (2 * math.log(2))


def score(probability, is_seen, same, other):
    """What is added to a score, less its mean, and its variance."""
    mean = probability * same + (1 - probability) * other
    return (same if is_seen else other) - mean, probability * (1 - probability) * (same - other) ** 2


def half(probability):
    return math.log((1 + 1 / probability) / 2)


def scores(all_sites):
    """z of A6.likelihood, A6.hets, A6.rare."""
    each = {"likelihood": [], "hets": [], "rare": []}
    for p, own, masked in all_sites:
        chance = ((1 - p) ** 2, 2 * p * (1 - p), p * p)
        alike = chance[1] if own == 1 else 1 - chance[1]
        each["likelihood"].append(score(chance[own], own == masked, half(chance[own]), -math.log(2)))
        each["hets"].append(score(alike, (own == 1) == (masked == 1), half(alike), -math.log(2)))
        rarer, own, masked = (p, own, masked) if p <= 0.5 else (1 - p, 2 - own, 2 - masked)
        if rarer < 0.05 and own > 0:
            carried = 1 - (1 - rarer) ** 2
            each["rare"].append(((masked > 0) - carried, carried))
    return {"A6." + name: sum(x for x, _ in v) / math.sqrt(sum(y for _, y in v)) for name, v in each.items()}


def main(vac, own, masked, table):
    all_sites = list(sites(vac, genotypes(own), genotypes(masked)))
    n = len(all_sites)
    het = [((a == 1) - 2 * p * (1 - p), (b == 1) - 2 * p * (1 - p)) for p, a, b in all_sites]
    ibs0 = sum({a, b} == {0, 2} for _, a, b in all_sites)
    own_het, masked_het = (sum(r[i] == 1 for r in all_sites) for i in (1, 2))
    both = sum(a == b == 1 for _, a, b in all_sites)
    fewer = min(own_het, masked_het)
    folded = [(p, a, b) if p <= 0.5 else (1 - p, 2 - a, 2 - b) for p, a, b in all_sites]
    borders = (0, 0.02, 0.1, 0.25, 1)
    figures = {
        "A1": (sum(a == b for _, a, b in all_sites) / n,
               sum(((1 - p) ** 2, 2 * p * (1 - p), p * p)[a] for p, a, _ in all_sites) / n),
        "A2": (sum(x * y for x, y in het) /
               math.sqrt(sum(x * x for x, _ in het) * sum(y * y for _, y in het)), 0),
        "A3": ((2 * both - 4 * ibs0 - own_het - masked_het + 2 * fewer) / (4 * fewer), 0),
        "A3.ibs0": (ibs0, round(sum({0: p * p, 1: 0, 2: (1 - p) ** 2}[a] for p, a, _ in all_sites))),
        "A4": (sum(bits([r for r in folded if low <= r[0] < high]) for low, high in zip(borders, borders[1:])), 0),
    }
    with open(table) as lines:
        rows = {line.split("\t")[0]: line.split("\t") for line in lines}
    status = n < 300
    for metric, want in scores(all_sites).items():
        if metric in rows:
            got = rows[metric][4].split("; z ")[1].split(",")[0]
            off = abs(want - float(got)) > 0.006
            status |= off
            print("%s %s: z %.3f, audit %s" % ("FAIL" if off else "ok  ", metric, want, got))
    for metric, wanted in figures.items():
        for want, got in zip(wanted, rows[metric][1:3]):
            off = abs(want - float(got)) > 0.002 * max(1, abs(want))
            status |= off
            print("%s %s: %.5g, audit %s" % ("FAIL" if off else "ok  ", metric, want, got))
    sys.exit(status)


if __name__ == "__main__":
    main(*sys.argv[1:])
