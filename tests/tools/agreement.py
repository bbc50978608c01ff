#!/usr/bin/env python3
"""agreement.py VAC.txt PERSON.tsv MASKED.tsv: at how many sites does a masked file show the person's
genotype, and how many would the allele counts alone let one expect?

VAC.txt is what `varlock view pop.vac` prints; the other two have POS, REF, the genotype in bases and
INFO/PRIVATE or nothing, as bcftools query prints them.  A site without a line in PERSON.tsv is
homozygous for REF; one without a line in MASKED.tsv does not count.  Exits 1 where the numbers are
more than four standard deviations apart, or MASKED shows a private allele."""
import sys
from math import sqrt


def read(path):
    """{(POS, length of REF): (alleles, is private)}"""
    genotypes = {}
    with open(path) as lines:
        for line in lines:
            pos, ref, genotype, private = line.rstrip("\n").split("\t")
            alleles = genotype.replace("|", "/").split("/")
            genotypes[int(pos), len(ref)] = (sorted(alleles + alleles * (len(alleles) == 1)), ref,
                                             private == "1")
    return genotypes


def main(vac, person, masked):
    person, masked = read(person), read(masked)
    observed = expected = variance = n_sites = 0
    with open(vac) as lines:
        for line in (x for x in lines if x[0] != "#"):
            _, pos, ref, *counts = line.split("\t")
            own, shown = (g.get((int(pos), 1)) for g in (person, masked))
            if shown is None:
                continue
            own = own[0] if own else [ref, ref]
            if any(len(allele) != 1 for allele in own):
                continue
            share = dict(zip("ACGT", (int(c) / sum(map(int, counts)) for c in counts)))
            chance = share[own[0]] * share[own[1]] * (1 if own[0] == own[1] else 2)
            n_sites += 1
            observed += own == shown[0]
            expected += chance
            variance += chance * (1 - chance)
    z = (observed - expected) / sqrt(variance)
    private = {(place, a) for place, (alleles, ref, is_private) in person.items() if is_private
               for a in alleles if a != ref}
    called = {(place, a) for place, (alleles, ref, _) in masked.items() for a in alleles if a != ref}
    print("%d sites, %d genotypes agree, %.1f by chance (z %.2f); %d of %d private alleles called" % (
        n_sites, observed, expected, z, len(private & called), len(private)))
    return int(abs(z) > 4 or bool(private & called) or not private or n_sites < 1000)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
