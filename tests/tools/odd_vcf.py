#!/usr/bin/env python3
"""odd_vcf.py SEED [no-records]: a VCF of random lines that a panel may have and few have: alleles in lower case, symbolic
or repeated, lines split and joined, tags missing, in any order, twice, or named nearly as AC and AN, values
missing or beyond 32 bits, genotypes or none.  Every sixth SEED has one line that must be refused."""
import random
import sys

seed = int(sys.argv[1])
rng = random.Random(seed)
samples = rng.choice([0, 0, 1, 3])
HEADER = """##fileformat=VCFv4.3
##FILTER=<ID=q10,Description="">
##contig=<ID=c1,length=100000>
##contig=<ID=c10>
##contig=<ID=unused,length=5>
##INFO=<ID=AC,Number=A,Type=Integer,Description="">
##INFO=<ID=AN,Number=1,Type=Integer,Description="">
##INFO=<ID=BAC,Number=A,Type=Integer,Description="">
##INFO=<ID=AC_nfe,Number=A,Type=Integer,Description="">
##INFO=<ID=AN_nfe,Number=1,Type=Integer,Description="">
##INFO=<ID=AF,Number=A,Type=Float,Description="">
##INFO=<ID=NOTE,Number=.,Type=String,Description="">
##INFO=<ID=DB,Number=0,Type=Flag,Description="">
##FORMAT=<ID=GT,Number=1,Type=String,Description="">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="">"""
COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"


def genotypes(n_alleles):
    if rng.random() < 0.5:
        return ["GT"] + [rng.choice("|/").join(rng.choice(["."] + [str(i) for i in range(n_alleles)]) for _ in "12")
                         for _ in range(samples)]
    return ["GT:DP"] + ["0/%d:%d" % (rng.randrange(n_alleles), rng.randrange(99)) for _ in range(samples)]


def info(alts):
    an = rng.choice([2, 10, 5008, 2000000000])
    counts = [rng.randrange(1 + an // (4 * len(alts))) for _ in alts]
    tags = {"AC": ",".join(map(str, counts)), "AN": str(an)}
    odd = rng.random()
    if odd < 0.05:
        del tags[rng.choice(["AC", "AN"])]
    elif odd < 0.1:
        tags[rng.choice(["AC", "AN"])] = rng.choice([".", "", "4294967296", "99999999999999999999"])
    elif odd < 0.12:
        tags["AN"] = "0"
    fields = ["%s=%s" % item for item in tags.items()]
    fields += rng.sample(["BAC=" + tags.get("AC", "1"), "AC_nfe=0", "AN_nfe=1", "AF=0.5", "NOTE=AC=7,AN=8", "NOTE=AC", "DB",
                          "NOTE"], rng.randrange(4))
    if rng.random() < 0.7:
        rng.shuffle(fields)
    if rng.random() < 0.05:
        fields += ["AC=0", "AN=1"]  # again: the first ones count
    return ";".join(fields) + (";" if rng.random() < 0.05 else "")


def line(contig, pos):
    ref = rng.choice("ACGT")
    alts = rng.sample([b for b in "ACGTacgt" if b.upper() != ref], rng.choice([1, 1, 1, 2]))
    for odd, chance in [("<DEL>", 0.05), ("*", 0.05), (ref + "A", 0.05), (ref, 0.02), (alts[0], 0.02)]:
        if rng.random() < chance:
            alts.insert(rng.randrange(len(alts) + 1), odd)
    ref = rng.choice([ref] * 8 + [ref.lower(), ref + "C", "N"])
    fields = [contig, str(pos), rng.choice([".", "rs1"]), ref, ",".join(alts), rng.choice([".", "100", "9.5"]),
              rng.choice([".", "PASS", "q10", "q10;PASS"]), info(alts)]
    return "\t".join(fields + (genotypes(1 + len(alts)) if samples else []))


def odd(text):
    """A line that must cost no more than itself: what bcftools reads of it is known, or it is skipped."""
    f = text.split("\t")
    f[3:5] = ["A", "C"]
    f[7] = rng.choice(["AC=3;AN=2", "AC=1,1;AN=2", "AC=-1;AN=2", "AC=1;AN=-2", "AC=1;AN=2,2", "AC=x;AN=2", "AC=1.0;AN=2",
                       "AC=1;AN=2 ", "AC=,1;AN=2", "AC=1;AN=2;;", "AC=1,.;AN=2", "AC=0x1;AN=2", "AC=+1;AN=2"])
    if rng.random() < 0.3:
        f[rng.choice([3, 4, 5])] = rng.choice(["", ".", "N", "R", "C,", ",C", "<", "A,C"])
    return "\t".join(f)


def no_record(text):
    """What bcftools makes something else of, or stops at."""
    f = text.split("\t")
    f[3:5] = ["A", "C"]
    return rng.choice(["", " ", "\t\t", "#" + text, "##" + text, " ".join(f), "\t".join(f[:7]), "\t".join(f[:5]), f[0],
                       "\t".join(f[:7]) + " " + f[7], "\t".join([""] + f[1:]), "\t".join([f[0] + " "] + f[1:]),
                       "\t".join([f[0], "0"] + f[2:]), "\t".join([f[0], "x"] + f[2:]), "\t".join([f[0], "-5"] + f[2:])])


def spoilt(text):
    f = text.split("\t")
    f[3:5] = ["A", "C"]
    f[7] = "AC=1;AN=2"
    f[8:] = ["GT"] + ["0/0"] * samples if samples else []
    kind = rng.randrange(3)
    if kind == 0:
        f[0], f[1] = "c1", "100001"
    elif kind == 1:
        f[0] = "chr" + f[0]
    else:
        f[1] = "1"
    return "\t".join(f)


lines = []
for name in ["c1", "c10"]:
    at = 1
    for _ in range(rng.randrange(1, 200)):
        at += rng.choice([1, 1, 2, 50])
        lines.append(line(name, at))
for at in range(len(lines)):
    if rng.random() < 0.03:
        lines[at] = odd(lines[at])
if len(sys.argv) > 2:
    for _ in range(5):
        lines.insert(rng.randrange(len(lines) + 1), no_record(rng.choice(lines)))
if seed % 6 == 0:
    lines.append(spoilt(lines[-1]))
end = "\r\n" if rng.random() < 0.2 else "\n"
header = HEADER.split("\n") + [COLUMNS + ("\tFORMAT" + "".join("\ts%d" % i for i in range(samples)) if samples else "")]
sys.stdout.buffer.write("".join(text + "\n" for text in header).encode() + "".join(text + end for text in lines).encode())
