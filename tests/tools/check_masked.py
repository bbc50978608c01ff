#!/usr/bin/env python3
"""check_masked.py ORIGINAL MASKED VCF [REF.fa]: does MASKED show of ORIGINAL only what the
permute masking lets it: one permutation of bases a site, soft clips and insertions hidden, tags of
the short list, a bare header?  Reads them through samtools view (REF.fa: MD and NM through
samtools calmd too) and the sites from the VCF's text, and knows nothing else of varlock."""
import gzip
import re
import subprocess
import sys
from bisect import bisect_left

KEPT = ("BX", "CB", "CR", "CY", "MC", "MI", "QX", "RG", "RX", "UB", "UR", "UY")
HEADER = [r"@HD\tVN:[0-9.]+\tSO:coordinate", r"@SQ\tSN:\S+\tLN:\d+(\tM5:[0-9a-f]{32})?(\tAH:\S+)?",
          r"@RG\tID:rg\d+(\tSM:sample\d+)?(\tLB:lib\d+)?(\tPL:\w+)?",
          r"@PG\tID:varlock\tPN:varlock\tVN:[0-9.]+", r"@CO\tvarlock:1 mask=permute bdiff=[0-9a-f]{32}"]
original, masked, vcf = sys.argv[1:4]


def lines(*command):
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as p:
        for line in p.stdout:
            yield line.rstrip("\n").split("\t")


def fail(what, *reads):
    print("check_masked:", what)
    for read in reads:
        print("   ", "\t".join(read))
    sys.exit(1)


def read_sites():
    sites = {}
    with (gzip.open(vcf, "rt") if vcf.endswith(".gz") else open(vcf)) as text:
        for line in text:
            f = line.split("\t", 5)
            if line[0] != "#" and f[3] in tuple("ACGT") and any(a in tuple("ACGT") for a in f[4].split(",")):
                sites.setdefault(f[0], set()).add(int(f[1]) - 1)
    return {contig: sorted(s) for contig, s in sites.items()}


def fold(cigar):
    """=, X and M as M, neighbours joined where something was folded."""
    ops = re.findall(r"(\d+)(.)", cigar)
    if not any(op in "=X" for _, op in ops):
        return cigar
    out = []
    for n, op in ops:
        op = "M" if op in "=X" else op
        if out and out[-1][1] == op == "M":
            out[-1][0] += int(n)
        else:
            out.append([int(n), op])
    return "".join("%d%s" % tuple(o) for o in out)


def check_bases(a, b, sites, columns):
    """Aligned bases through their column's permutation at sites, untouched elsewhere; the rest N."""
    if a[9] == "*" or b[9] == "*":
        return a[9] == b[9]
    if len(a[9]) != len(b[9]):
        return False
    if int(a[1]) & 4 or a[2] == "*" or a[3] == "0" or a[5] == "*":
        return set(b[9]) == {"N"}
    q, r = 0, int(a[3]) - 1
    for n, op in re.findall(r"(\d+)(.)", a[5]):
        n = int(n)
        if op in "M=X":
            was, now, start = a[9][q:q + n].replace("=", "N"), b[9][q:q + n], 0
            for i in range(bisect_left(sites, r), bisect_left(sites, r + n)):
                at = sites[i] - r
                columns.setdefault((a[2], sites[i]), set()).add((was[at], now[at]))
                if was[start:at] != now[start:at]:
                    return False
                start = at + 1
            if was[start:] != now[start:]:
                return False
        elif op in "IS" and set(b[9][q:q + n]) != {"N"}:
            return False
        q += n if op in "MIS=X" else 0
        r += n if op in "MDN=X" else 0
    return True


def check_tags(b):
    names = [t[:2] for t in b[11:]]
    kept = [n for n in names if n not in ("NM", "MD")]
    order = kept == sorted(set(kept)) and names[len(kept):] in ([], ["MD"], ["NM", "MD"])
    values = all((t[:2] != "RG" or re.fullmatch(r"RG:Z:rg\d+", t)) and (t[:2] != "MC" or not set(t[5:]) & set("=X"))
                 for t in b[11:])
    return order and values and set(kept) <= set(KEPT)


def check_column(where, pairs):
    """One permutation of A, C, G, T; everything else stays."""
    bases = [p for p in pairs if p[0] in "ACGT"]
    if any(p[0] != p[1] for p in pairs if p[0] not in "ACGT"):
        fail("an N or IUPAC base changed at %s:%d" % (where[0], where[1] + 1))
    if len({p[0] for p in bases}) != len(bases) or len({p[1] for p in bases}) != len(bases) or \
            any(p[1] not in "ACGT" for p in bases):
        fail("no permutation at %s:%d: %s" % (where[0], where[1] + 1, sorted(pairs)))
    return any(p[0] != p[1] for p in bases)


def check_recorded(columns, path):
    """The permutations that `varlock view` lists are those the two files show."""
    listed = {}
    with open(path) as items:
        for f in (line.rstrip("\n").split("\t") for line in items):
            if f[0] == "P" and listed.setdefault((f[1], int(f[2]) - 1), f[3]) != f[3]:
                fail("two windows differ on %s:%s" % (f[1], f[2]))
    if listed.keys() - columns.keys():
        fail("permutations are listed that no column shows")
    for where, pairs in columns.items():
        images = dict(zip("ACGT", listed.get(where, "ACGT>ACGT")[5:]))
        if any(images[was] != now for was, now in pairs if was in images):
            fail("%s:%d is not listed as it is: %s" % (where[0], where[1] + 1, sorted(pairs)))


def md_and_nm(path, reference):
    """For each primary record: what it says, and what calmd says."""
    view = "samtools view -u -F 0x900 '%s'" % path
    said = lines("sh", "-c", view + " | samtools view -")
    right = lines("sh", "-c", view + " | samtools calmd - '%s' | samtools view -" % reference)
    for records in zip(said, right):
        yield [{t[:2]: t[5:] for t in f[11:] if t[:2] in ("NM", "MD")} for f in records]


def check_calmd(reference):
    """Where calmd has nothing to say against the original, it has nothing against the masked file."""
    n = 0
    for i, (a, b) in enumerate(zip(md_and_nm(original, reference), md_and_nm(masked, reference))):
        agree = a[0].items() <= a[1].items()
        if agree and not b[0].items() <= b[1].items():
            fail("calmd disagrees on record %d: %s" % (i + 1, b))
        n += agree and "MD" in b[0]
    return n


def main():
    sites, columns, n = read_sites(), {}, 0
    for line in lines("samtools", "view", "-H", "--no-PG", masked):
        if not any(re.fullmatch(h, "\t".join(line)) for h in HEADER):
            fail("a header line", line)
    shown = lines("samtools", "view", masked)
    for a in lines("samtools", "view", "-F", "0x900", original):
        b = next(shown, None)
        if b is None:
            fail("a record is missing", a)
        same = [i for i in (0, 1, 2, 3, 4, 6, 7, 8, 10) if a[i] != b[i]]
        if same or b[5] != fold(a[5]) or not check_bases(a, b, sites.get(a[2], []), columns) or not check_tags(b):
            fail("a record", a, b)
        n += 1
    if next(shown, None):
        fail("records after the last one")
    changed = sum(check_column(*c) for c in columns.items())
    print("%d records, %d columns, %d changed" % (n, len(columns), changed), end="")
    if len(sys.argv) > 4:
        print(", %d with MD as calmd's" % check_calmd(sys.argv[4]), end="")
    if len(sys.argv) > 5:
        check_recorded(columns, sys.argv[5])
    print()
    if not changed:
        fail("no column changed")


main()
