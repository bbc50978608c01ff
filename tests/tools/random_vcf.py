#!/usr/bin/env python3
"""random_vcf.py EVERY [FASTA REGION...] <SAM header: a VCF of random sites, EVERY bases apart on
average, over the first bases of each contig (400,000 in all); with a FASTA over the named regions, with
the REF it has there."""
import random
import re
import subprocess
import sys

MOST = 400000
rng = random.Random(7)
every = int(sys.argv[1])
fasta = sys.argv[2] if len(sys.argv) > 2 else None
lengths = {}
for line in sys.stdin:
    if line.startswith("@SQ"):
        fields = dict(f.split(":", 1) for f in line.rstrip("\r\n").split("\t")[1:])
        if not set(fields["SN"]) & set("<>,;="):  # names a VCF cannot hold
            lengths[fields["SN"]] = int(fields["LN"])
lines = ["##fileformat=VCFv4.2"]
lines += ["##contig=<ID=%s,length=%d>" % item for item in lengths.items()]
lines += ['##INFO=<ID=AC,Number=A,Type=Integer,Description="ALT alleles">',
          '##INFO=<ID=AN,Number=1,Type=Integer,Description="Alleles">',
          "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"]


def bases_of(region):
    out = subprocess.run(["samtools", "faidx", fasta, region], capture_output=True, check=True,
                         text=True).stdout
    return "".join(out.split("\n")[1:]).upper()


spans = [(name, 0, "?" * min(length, MOST // len(lengths))) for name, length in lengths.items()]
if fasta:
    found = [re.fullmatch(r"(.*):(\d+)-(\d+)", r).groups() for r in sys.argv[3:]]
    spans = [(c, int(b) - 1, bases_of("%s:%s-%s" % (c, b, e))) for c, b, e in found]
for name, beg, bases in spans:
    at = rng.randrange(2 * every)
    while at < len(bases):
        ref = bases[at] if fasta else rng.choice("ACGT")
        if ref in "ACGT":
            alt = rng.choice([b for b in "ACGT" if b != ref])
            lines.append("%s\t%d\t.\t%s\t%s\t.\t.\tAC=%d;AN=200" % (
                name, beg + at + 1, ref, alt, rng.randint(0, 200)))
        at += rng.randint(1, 2 * every - 1)
print("\n".join(lines))
