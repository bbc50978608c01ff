#!/usr/bin/env python3
"""make_vcf.py KIND N_LINES: a sorted VCF without samples on standard output, the same every time.

KIND is `1000g` (INFO as in the sites files of the 1000 Genomes Project, phase 3) or `gnomad` (100 INFO
fields a line, counts and frequencies by ancestry and sex as in gnomAD).  Half of the lines lie on each
of two contigs of 20,000,000 bases, from their beginning and as dense as in those projects where they
fit; 3 % are indels, 0.5 % have two ALTs."""
import random
import sys

CONTIG_BASES = 20000000
CONTIGS = ["chr1", "chr2"]
BASES_PER_LINE = {"1000g": 32, "gnomad": 4}
POPULATIONS = ["EAS", "AMR", "AFR", "EUR", "SAS"]
# Of gnomAD: AC, AN, AF and nhomalt of all and of each group, of both sexes and of each, are 88; 12 more.
GROUPS = ["afr", "amr", "eas", "fin", "nfe", "sas", "asj"]
SEXES = ["", "_XX", "_XY"]
# Name, type, and a value.
SCORES = [("FS", "Float", lambda r: "%.5e" % r.random()), ("MQ", "Float", lambda r: "%.5e" % (60 * r.random())),
          ("QD", "Float", lambda r: "%.5e" % (30 * r.random())), ("SOR", "Float", lambda r: "%.5e" % r.random()),
          ("VQSLOD", "Float", lambda r: "%.4f" % r.uniform(-5, 20)), ("DP", "Integer", lambda r: r.randrange(10**6)),
          ("VarDP", "Integer", lambda r: r.randrange(10**5)), ("allele_type", "String", lambda r: "snv"),
          ("InbreedingCoeff", "Float", lambda r: "%.4f" % r.uniform(-1, 1)),
          ("variant_type", "String", lambda r: "snv"),
          ("cadd_phred", "Float", lambda r: "%.5e" % (40 * r.random())),
          ("vep", "String", lambda r: "|".join(r.choice(VEP) for _ in range(24)))]
VEP = ["", "", "", "T", "intron_variant", "MODIFIER", "ENSG00000187634", "Transcript", "protein_coding", "YES"]


def header(kind):
    yield "##fileformat=VCFv4.2"
    yield '##FILTER=<ID=AC0,Description="No alternate allele counted">'
    for name in CONTIGS:
        yield "##contig=<ID=%s,length=%d>" % (name, CONTIG_BASES)
    info = '##INFO=<ID=%s,Number=%s,Type=%s,Description="Bench">'
    if kind == "1000g":
        for name in ["AC", "AF"] + [p + "_AF" for p in POPULATIONS]:
            yield info % (name, "A", "Integer" if name == "AC" else "Float")
        for name, kind_of in [("AN", "Integer"), ("NS", "Integer"), ("DP", "Integer"), ("AA", "String"), ("VT", "String")]:
            yield info % (name, "." if name == "VT" else "1", kind_of)
        yield info % ("MULTI_ALLELIC", "0", "Flag")
    else:
        for suffix in [""] + ["_" + g + s for g in GROUPS for s in SEXES]:
            for name, number, kind_of in [("AC", "A", "Integer"), ("AN", "1", "Integer"), ("AF", "A", "Float"),
                                          ("nhomalt", "A", "Integer")]:
                yield info % (name + suffix, number, kind_of)
        for name, kind_of, _ in SCORES:
            yield info % (name, "." if name == "vep" else "1", kind_of)
    yield "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"


def listed(values):
    return ",".join(map(str, values))


def allele_counts(rng, n_alts, an):
    return [min(int(1 / (rng.random() + 1 / an)), an // n_alts) for _ in range(n_alts)]


def info_1000g(rng, n_alts):
    an = 5008
    ac = allele_counts(rng, n_alts, an)
    fields = ["AC=" + listed(ac), "AF=" + listed("%g" % (c / an) for c in ac), "AN=%d" % an, "NS=2504",
              "DP=%d" % rng.randrange(8000, 25000)]
    fields += [p + "_AF=" + listed("%.4g" % min(1, c / an * rng.random() * 2) for c in ac) for p in POPULATIONS]
    fields += ["AA=%s|||" % rng.choice("ACGT"), "VT=SNP"] + ["MULTI_ALLELIC"] * (n_alts > 1)
    return fields


def info_gnomad(rng, n_alts):
    total = 152312 - 2 * min(50000, int(rng.expovariate(1 / 60)))  # few samples lack a call
    fields = []
    for suffix, part in [("", 1.0)] + [("_" + g + s, 0.14 / (1 if not s else 2)) for g in GROUPS for s in SEXES]:
        an = max(2, int(total * part))
        ac = allele_counts(rng, n_alts, an)
        fields += ["AC%s=%s" % (suffix, listed(ac)), "AN%s=%d" % (suffix, an),
                   "AF%s=%s" % (suffix, listed("%.5e" % (c / an) for c in ac)),
                   "nhomalt%s=%s" % (suffix, listed(c * c // (2 * an) for c in ac))]
    fields += ["%s=%s" % (name, value(rng)) for name, _, value in SCORES]
    return fields


def main():
    kind, n_lines = sys.argv[1], int(sys.argv[2])
    info = {"1000g": info_1000g, "gnomad": info_gnomad}[kind]
    rng = random.Random(2026)
    sys.stdout.write("\n".join(header(kind)) + "\n")
    for i, name in enumerate(CONTIGS):
        n = n_lines // 2 + (n_lines % 2 if i == 0 else 0)
        step = min(BASES_PER_LINE[kind], CONTIG_BASES // (n + 1))
        for k in range(n):
            pos = k * step + 1 + rng.randrange(step)
            ref = rng.choice("ACGT")
            others = [b for b in "ACGT" if b != ref]
            alts = rng.sample(others, 2 if rng.random() < 0.005 else 1)
            if rng.random() < 0.03:
                alts = [ref + a for a in alts]
            name_of = "rs%d" % rng.randrange(10**9) if rng.random() < 0.5 else "."
            passes = "PASS" if kind == "1000g" or rng.random() < 0.8 else "AC0"
            sys.stdout.write("\t".join([name, str(pos), name_of, ref, ",".join(alts), "100", passes,
                                        ";".join(info(rng, len(alts)))]) + "\n")


if __name__ == "__main__":
    main()
