#!/usr/bin/env python3
"""tally.py <OUTPUT of bcftools query -f '%CHROM\\t%POS\\t%REF\\t%ALT\\t%INFO/AC\\t%INFO/AN\\n': the sites that
varlock view must print of the VAC, by the rules of varlock-vcf2vac(1)."""
import sys

print("#CONTIG\tPOS\tREF\tA\tC\tG\tT")
sites = {}
for text in sys.stdin:
    contig, pos, ref, alts, ac, an = text.rstrip("\n").upper().split("\t")
    alts = alts.split(",")
    bases = [a for a in alts if a in "ACGT" and a != ref]
    if ref not in "ACGT" or len(ref) != 1 or not bases or "." in ac.split(",") or an in (".", "0"):
        continue
    counts = [int(n) for n in ac.split(",")]
    if len(counts) != len(alts) or min(counts) < 0 or "," in an or int(an) < 0 or int(pos) < 1:
        continue
    site = sites.setdefault((contig, pos), {"ref": ref, "an": 0, "sum": 0, "alts": {}})
    if len(set(bases)) < len(bases) or set(bases) & set(site["alts"]):
        continue
    site["an"] = max(site["an"], int(an))
    site["sum"] += sum(counts)
    site["alts"].update({a: n for a, n in zip(alts, counts) if a in bases})
for (contig, pos), site in sites.items():
    if site["alts"]:
        of = dict(site["alts"], **{site["ref"]: max(0, site["an"] - site["sum"])})
        print("\t".join([contig.lower(), pos, site["ref"]] + [str(of.get(b, 0)) for b in "ACGT"]))
