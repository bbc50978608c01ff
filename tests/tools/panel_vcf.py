#!/usr/bin/env python3
"""panel_vcf.py VAC.txt FASTA.fai OWN.tsv N: a VCF on stdout of N people drawn from the VAC, as `varlock view`
prints it, and between them `me`, who has the genotypes that `varlock audit --genotypes` wrote."""
import random
import sys

vac, fai, own, n = sys.argv[1:]
random.seed(5)
n = int(n)
mine = {}
with open(own) as lines:
    for contig, pos, _, genotype, *_ in (line.split("\t") for line in lines if line[0] != "#"):
        mine[contig, pos] = genotype.split("/")
print("##fileformat=VCFv4.2")
with open(fai) as lines:
    for name, length, *_ in (line.split("\t") for line in lines):
        print("##contig=<ID=%s,length=%s>" % (name, length))
print('##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">')
names = ["p%d" % i for i in range(n)]
names[n // 2:n // 2] = ["me"]
print("\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT"] + names))
with open(vac) as lines:
    for contig, pos, ref, *counts in (line.split() for line in lines if line[0] != "#"):
        counts = list(map(int, counts))
        people = [random.choices("ACGT", counts, k=2) for _ in range(n)]
        people[n // 2:n // 2] = [mine.get((contig, pos), ["."] * 2)]
        alts = [b for b, k in zip("ACGT", counts) if k and b != ref]
        code = {b: str(i) for i, b in enumerate([ref] + alts)}
        print("\t".join([contig, pos, ".", ref, ",".join(alts), ".", ".", ".", "GT"] +
                        ["/".join(code.get(b, ".") for b in g) for g in people]))
