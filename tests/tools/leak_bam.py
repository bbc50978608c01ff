"""Inputs that once showed what masking or a grant must hide: leak_bam.py NAME PREFIX writes
PREFIX.bam, PREFIX.vcf and PREFIX.ref (the reference of its one contig)."""
import random
import sys

from bamfile import Record, header_text, tag, write

name, prefix = sys.argv[1:]
random.seed(3)
LENGTH = 500000
ref = "".join(random.choices("ACGT", k=LENGTH))
contigs = [("c1", LENGTH)]
records = []
sites = {}


def read(name, pos, length=20, **fields):
    fields.setdefault("cigar", [(length, "M")])
    fields.setdefault("seq", ref[pos:pos + length])
    records.append(Record(name=name, tid=0, pos=pos, mapq=60, qual=b"!" * len(fields["seq"]), **fields))


def other(base):
    return "ACGT"[("ACGT".index(base) + 1) % 4]


if name == "forced":
    # A spliced read reaches sites under which it shows N only, 128 MB of reads follow, and reads
    # over those sites come last.
    read("spliced", 0, cigar=[(10, "M"), (399990, "N"), (90, "M")], seq=ref[:10] + "N" * 90)
    for i in range(4700):
        read("f%d" % i, 1 + i * 4, 20000)
    for i in range(20):
        read("late%d" % i, 400000, 90)
    sites = {p: "".join(b for b in "ACGT" if b != ref[p]) for p in range(400000, 400090)}
elif name == "deleted":
    # MD as an aligner writes it whose reference held the person's own allele at a deleted site.
    alt = other(ref[110])
    read("del", 100, cigar=[(10, "M"), (1, "D"), (10, "M")], seq=ref[100:110] + ref[111:121],
         aux=tag("MD", "Z", "10^%s10" % alt) + tag("NM", "i", 1))
    read("honest", 101, cigar=[(9, "M"), (1, "D"), (10, "M")], seq=ref[101:110] + ref[111:121],
         aux=tag("MD", "Z", "9^%s10" % ref[110]) + tag("NM", "i", 1))
    # A file without a site under its bases is not masked at all.
    read("covers", 300)
    sites = {110: alt, 310: other(ref[310])}
elif name == "places":
    # Tags that name places far away.
    read("near", 200, aux=tag("XA", "Z", "c1,+211,20M,0;") + tag("ZZ", "Z", "told"))
    for i, far in enumerate((tag("CC", "Z", "c1") + tag("CP", "i", 15000), tag("OP", "i", 15000),
                             tag("XP", "Z", "c1,+15000,20M,0;"), tag("SA", "Z", "c1,15000,+,20M,0,0;"))):
        read("far%d" % i, 201 + i, aux=far + tag("ZZ", "Z", "told"))
    sites = {205: other(ref[205])}
elif name == "whole_only":
    # A window without masked records: its place in the file is that of whole records.
    for i in range(50):
        pos = 10 + 100 * i
        read("s%d" % i, pos, flag=0x800, aux=tag("SA", "Z", "c1,%d,+,20M,60,0;" % (pos + 1)))
    sites = {20: other(ref[20])}
elif name == "malformed":
    # Tags that end in what is no tag, after a read group.
    for flag in (0, 0x800):
        read("r%d" % flag, 100, flag=flag, aux=tag("RG", "Z", "lane1") + b"ZZi\1")
    sites = {105: other(ref[105])}
elif name == "many_tags":
    names = [a + b for a in "abcdefghijklmnopqrstuvwxyz" for b in "0123456789"]
    read("r", 100, aux=b"".join(tag(names[i % 260], "C", 1) for i in range(190000)))
    sites = {105: other(ref[105])}

write(prefix + ".bam", header_text(contigs), contigs, records)
with open(prefix + ".ref", "w") as out:
    out.write(ref)
with open(prefix + ".vcf", "w") as out:
    out.write("##fileformat=VCFv4.2\n##contig=<ID=c1,length=%d>\n" % LENGTH)
    for field, number in (("AC", "A"), ("AN", "1")):
        out.write('##INFO=<ID=%s,Number=%s,Type=Integer,Description="">\n' % (field, number))
    out.write("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n")
    for p, alts in sorted(sites.items()):
        out.write("c1\t%d\t.\t%s\t%s\t.\t.\tAC=%s;AN=100\n"
                  % (p + 1, ref[p], ",".join(alts), ",".join(["25"] * len(alts))))
