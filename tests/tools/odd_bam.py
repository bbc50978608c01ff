#!/usr/bin/env python3
"""odd_bam.py NAME PREFIX: the crafted input NAME as PREFIX.bam, with PREFIX.vcf whose sites lie
under its reads and, where its contigs are not huge, a reference PREFIX.fa.  Without arguments: the
names."""
import os
import random
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from bamfile import Record, header_text, tag, write, write_fasta

CONTIGS = [("c1", 100000), ("c2", 5000)]
LONG_CONTIG = 1200000000
MOST_REFERENCE = 1 << 24
PILE_AT = 3000
rng = random.Random(3)
cases = {}


def case(make):
    cases[make.__name__] = make
    return make


def seq(n, letters="ACGT"):
    return "".join(rng.choices(letters, k=n))


def qual(n):
    return bytes(rng.choices(range(42), k=n))


def read(i, n=100, letters="ACGT", **fields):
    record = dict(name="r%d" % i, tid=0, pos=1000 + 20 * i, mapq=60, cigar=[(n, "M")],
                  seq=seq(n, letters), qual=qual(n), aux=tag("RG", "Z", "lane1") + tag("NM", "C", 0))
    record.update(fields)
    return Record(**record)


def reads(change=lambda r: None, n=50, **fields):
    out = [read(i, **fields) for i in range(n)]
    for r in out:
        change(r)
    return out


@case
def no_tags():
    return CONTIGS, reads(aux=b"")


@case
def no_seq():
    return CONTIGS, reads(lambda r: r.__dict__.update(seq="", qual=None))


@case
def no_qual():
    return CONTIGS, reads(qual=None)


@case
def iupac():
    return CONTIGS, reads(letters="ACGTNRYKMSWBDHV=")


@case
def equals_and_x():
    return CONTIGS, reads(cigar=[(10, "="), (1, "X"), (9, "M"), (40, "="), (40, "X")])


@case
def splices():
    return CONTIGS, reads(cigar=[(30, "M"), (20000, "N"), (40, "M"), (300, "N"), (30, "M")])


@case
def no_aligned_base():
    return CONTIGS, [read(0, cigar=[(100, "I")]), read(1, cigar=[(60, "S"), (5, "D"), (40, "I")]),
                     read(2, cigar=[(100, "S")]), read(3, seq="", qual=None, cigar=[(7, "N")]),
                     read(4, cigar=[(100, "S"), (3, "P")]), read(5, cigar=[])]


@case
def empty_operators():
    return CONTIGS, reads(cigar=[(0, "M"), (50, "M"), (0, "D"), (0, "I"), (50, "M"), (0, "S")])


@case
def lengths_disagree():
    return CONTIGS, reads(flag=4, cigar=[(30, "M")])


@case
def cigar_over_65535_operators():
    ops = [(1, "M"), (1, "I"), (2, "M"), (1, "D")] * 20000
    return CONTIGS, [read(0), read(1, cigar=ops, seq=seq(80000), qual=qual(80000)),
                     read(2, seq="", qual=None, cigar=ops), read(3)]


@case
def arrays():
    def change(r):
        r.aux = b"".join(tag("B" + k, "B" + k, [rng.randint(0, 100) for _ in range(rng.choice([0, 1, 300]))])
                         for k in rng.sample("cCsSiIf", 7))
    return CONTIGS, reads(change)


@case
def integer_types():
    def change(r):
        r.aux = b"".join(tag("X" + k, k, rng.randint(0, 127)) for k in rng.sample("cCsSiI", 6))
        r.aux += tag("Xf", "f", rng.random()) + tag("Xd", "d", rng.random()) + tag("XA", "A", "x")
    return CONTIGS, reads(change)


@case
def repeated_tags():
    aux = tag("RG", "Z", "lane1") + tag("RG", "Z", "other") + tag("NM", "C", 1) + tag("NM", "i", 2)
    aux += tag("MD", "Z", "100") + tag("MD", "Z", "50A49") + tag("BX", "Z", "A") + tag("BX", "Z", "B")
    return CONTIGS, reads(aux=aux)


@case
def odd_standard_tags():
    auxes = [tag("RG", "i", 1), tag("MD", "i", 100), tag("NM", "Z", "x"), tag("MC", "i", 9),
             tag("MC", "Z", "100"), tag("MC", "Z", ""), tag("MD", "Z", ""), tag("MD", "Z", "9" * 30),
             tag("SA", "Z", "c1"), tag("SA", "Z", "c9,1,+,1M,0,0;"), tag("XA", "Z", ",,,;"),
             tag("NM", "c", -1), tag("NM", "S", 700) + tag("MD", "Z", "100"), tag("RG", "Z", "")]
    return CONTIGS, [read(i, aux=aux, flag=1) for i, aux in enumerate(auxes)]


@case
def malformed_tags():
    return CONTIGS, [read(0, aux=b"RGZlane1"), read(1, aux=b"X"), read(2, aux=b"XXq1"),
                     read(3, aux=tag("RG", "Z", "lane1") + b"XBBi\xff\xff\xff\x7f"), read(4)]


@case
def quality_255_inside():
    return CONTIGS, reads(qual=bytes([30] + [255] * 98 + [93]))


@case
def names():
    return CONTIGS, [read(i, name=n) for i, n in
                     enumerate(["*", "a", "x" * 254, "a/1", "tab free", "\x7f\xe9", "a"])]


@case
def mates_anywhere():
    mates = [(-1, -1), (0, -1), (1, 4999), (0, 99999), (-1, 7), (1, -5)]
    return CONTIGS, [read(i, flag=1, mtid=t, mpos=p, tlen=rng.choice([-2**31, 0, 2**31 - 1]))
                     for i, (t, p) in enumerate(mates * 5)]


@case
def unmapped_aligned():
    """As bwa leaves reads that hang over the end of a contig."""
    return CONTIGS, [read(i, flag=f, mapq=37) for i, f in enumerate([4, 0, 20, 4, 0])]


@case
def unpaired_with_mates():
    flags = [0x2, 0x8, 0x20, 0x28, 0x40, 0x80, 0xea, 0xfe]
    mates = [(-1, -1, 0), (0, 2000, 1100), (1, 20, 0), (-1, 30, -5)]
    return CONTIGS, [read(4 * i + j, flag=f, mtid=t, mpos=p, tlen=n, mapq=30,
                          cigar=[] if f & 4 else [(100, "M")])
                     for i, f in enumerate(flags) for j, (t, p, n) in enumerate(mates)]


@case
def mate_strand_missing_or_wrong():
    out = []
    for i in range(40):
        first, last = [(0x43, 0x93), (0x63, 0xb3), (0x41, 0x81), (0x53, 0xa3), (0x73, 0x93)][i % 5]
        at = 1000 + 500 * i
        gap = 0 if i % 7 == 0 else 200
        mates = dict(name="p%d" % i, mtid=0)
        out += [read(i, pos=at, flag=first, mpos=at + gap, tlen=gap + 100, **mates),
                read(i, pos=at + gap, flag=last, mpos=at, tlen=-gap - 100, **mates)]
    return CONTIGS, out


@case
def template_lengths():
    """CRAM takes them, and RNEXT, from a mate that seems to fit."""
    out = []
    flags = [(0x45, 0x89), (0x49, 0x85), (0x41, 0x85), (0x49, 0x81), (0x4d, 0x8d), (0x41, 0x81), (0x61, 0x91),
             (0x01, 0x11), (0x01, 0x01), (0x41, 0x41), (0x81, 0x81), (0x81, 0x41)]
    for i in range(96):
        first, last = flags[i % 12]
        at, gap = 1000 + 500 * i, (0, 60)[i % 24 // 12]
        n = (60, 100)[i % 48 // 24]
        tlen = (gap + 60 if gap else n) * (1 if first & 0x40 or gap or i < 48 else -1)
        mates = dict(name="p%d" % i)
        out += [read(i, n, pos=at, flag=first, mtid=(0, 1, 0, -1)[i // 24], mpos=at + gap, tlen=tlen, **mates),
                read(i, 60, pos=at + gap, flag=last, mtid=(0, 0, 1, 0)[i // 24], mpos=at, tlen=-tlen, **mates)]
    return CONTIGS, out


@case
def empty_names():
    return CONTIGS, reads(name="")


@case
def back_operators():
    return CONTIGS, [read(i, cigar=[(60, "M"), (5, "B"), (40, "M")]) for i in range(5)] + reads()[5:]


@case
def undefined_flags():
    return CONTIGS, [read(i, flag=f) for i, f in enumerate([0x1000, 0xf000, 0x8010, 0x4001, 0x9400])]


@case
def split_operators():
    cigars = [[(10, "M"), (90, "M")], [(5, "S"), (5, "S"), (90, "M")], [(2, "H"), (3, "H"), (100, "M")],
              [(40, "M"), (5, "I"), (5, "I"), (50, "M")], [(40, "M"), (5, "D"), (6, "D"), (60, "M")],
              [(40, "M"), (50, "N"), (60, "N"), (60, "M")], [(40, "M"), (1, "P"), (1, "P"), (60, "M")],
              [(0, "H"), (100, "M"), (0, "N")], [(50, "M"), (0, "P"), (50, "M")], [(0, "M"), (100, "I")],
              [(30, "="), (30, "="), (40, "X")], [(50, "M"), (0, "D"), (50, "=")]]
    aux = tag("MD", "Z", "100") + tag("NM", "C", 0) + tag("MC", "Z", "50M0D25M25M")
    return CONTIGS, [read(i, cigar=c, aux=aux) for i, c in enumerate(cigars * 4)]


@case
def no_operator_of_any_length():
    return CONTIGS, [read(i, pos=900, seq="", qual=None, cigar=[(0, "M")]) for i in range(5)] + reads()


@case
def unplaced_with_all():
    return CONTIGS, reads() + [read(i, tid=-1, pos=p, flag=f, mapq=9, tlen=30, mtid=t, mpos=p)
                               for i, (f, t, p) in enumerate([(4, -1, -1), (20, -1, 10), (4, 0, -1),
                                                              (0x85, 0, 50), (0x75, -1, -1)] * 3)]


@case
def mapped_without_contig():
    return CONTIGS, reads() + [read(i, tid=-1, pos=p, flag=f, cigar=c)
                               for i, (p, f, c) in enumerate([(-1, 0, []), (7, 16, [(100, "M")]), (-1, 1, [])])]


@case
def mapped_without_cigar():
    return CONTIGS, [read(i, pos=900, cigar=[], flag=f) for i, f in enumerate([0, 16, 1])] + reads()


@case
def past_the_end():
    out = [read(i, tid=1, pos=4990 + i // 10) for i in range(50)]
    return CONTIGS, out + [read(60, tid=1, pos=6000)]


@case
def contig_without_position():
    return CONTIGS, [read(i, pos=-1, flag=f, cigar=[]) for i, f in enumerate([0, 4, 5])] + reads()


@case
def unmapped_without_position():
    return CONTIGS, [read(i, pos=-1, flag=f, cigar=[]) for i, f in enumerate([4, 5, 4])] + reads()


@case
def zero_length_neighbours():
    return [("z1", 0), ("c1", 5000), ("z2", 0), ("z3", 0), ("c2", 300), ("z4", 0)], \
        [read(i, tid=1, pos=i) for i in range(30)] + [read(i, tid=4, pos=i) for i in range(30)]


@case
def empty():
    return CONTIGS, []


@case
def no_contigs():
    return [], [read(i, tid=-1, pos=-1, flag=4, cigar=[]) for i in range(20)]


@case
def only_unmapped():
    return CONTIGS, reads(lambda r: r.__dict__.update(tid=-1, pos=-1, flag=rng.choice([4, 77, 141]), cigar=[]))


@case
def only_second_alignments():
    return CONTIGS, [read(i, pos=i * 10, flag=rng.choice([256, 2048])) for i in range(9000)]


@case
def many_contigs():
    contigs = [("s%d" % i, 300) for i in range(20000)]
    return contigs, [read(i, tid=i, pos=0) for i in range(0, 20000, 3)]


@case
def pile():
    reference = seq(150)
    out = []
    for i in range(100000):
        bases = list(reference[:100])
        bases[i % 100] = "ACGT"[i % 4]
        out.append(Record(name="p%d" % i, flag=16 * (i % 2), tid=0, pos=PILE_AT, mapq=60, qual=None,
                          cigar=[(100, "M")], seq="".join(bases)))
    return CONTIGS, [read(0)] + out + [read(200), read(300)]


@case
def contig_over_2_29():
    contigs = [("huge", LONG_CONTIG), ("c2", 5000)]
    places = [5, 2**29 - 50, 2**29, 2**29 + 100, 2**30, 2**30 + 40, LONG_CONTIG - 100]
    return contigs, [read(i, pos=p) for i, p in enumerate(sorted(places * 20))]


RAW_HEADERS = {
    "header_order": b"@CO\tfirst\tof all\n@RG\tSM:x\tID:lane1\tzz:y\n@SQ\tLN:100000\tSN:c1\n"
                    b"@PG\tID:a\tCL:b  c\n@SQ\tUR:file:/x y\tSN:c2\tLN:5000\tXX:1\n",
    "header_no_last_newline": header_text(CONTIGS, "@CO\tends here").rstrip(b"\n"),
    "header_trailing_nuls": header_text(CONTIGS) + b"\0" * 37,
    "header_latin1": header_text(CONTIGS) + b"@CO\tM\xfcller \xf0\n@CO\t\n",
    "header_blank_fields": header_text(CONTIGS, "@PG\tID:p\tCL:\n@PG\tID:q\tPP:none-such\n@RG\tID:lane1\tSM:\n"),
    "header_same_rg_twice": header_text(CONTIGS, "@RG\tID:lane1\tSM:a\n@RG\tID:lane2\tSM:a\n"),
    "header_without_hd": b"@SQ\tSN:c1\tLN:100000\n@SQ\tSN:c2\tLN:5000\n",
    "header_unsorted_hd": b"@HD\tVN:1.0\tSO:unsorted\n@SQ\tSN:c1\tLN:100000\n@SQ\tSN:c2\tLN:5000\n",
    "header_unknown_types": header_text(CONTIGS, "@XY\tab:c\n@xq\tZZ:1\n"),
    "header_no_text": b"",
    "header_no_sq_lines": b"@HD\tVN:1.6\tSO:coordinate\n@RG\tID:lane1\tSM:x\n",
}


def sites(contigs, records):
    spans = {}
    for r in records:
        if not isinstance(r, bytes) and r.tid >= 0 and not r.flag & 4:
            spans.setdefault(r.tid, set()).update(range(max(0, r.pos), r.pos + min(r.span(), 30000), 5))
    if not spans:  # a VAC without a site is refused
        spans[0] = {10}
    for tid in sorted(spans):
        for at in sorted(spans[tid])[:50000]:
            if at < (contigs or CONTIGS)[tid][1]:
                yield tid, at


def make_reference(contigs):
    """The bases of each contig; nothing where there are too many."""
    if sum(n for _, n in contigs) > MOST_REFERENCE:
        return None
    return [bytearray(seq(n), "ascii") for _, n in contigs]


def main(name, prefix):
    text = RAW_HEADERS.get(name)
    contigs, records = cases["integer_types"]() if text is not None else cases[name]()
    if text is None:
        text = header_text(contigs, "@RG\tID:lane1\tSM:JaneDoe\n")
    write(prefix + ".bam", text, contigs, records)
    with open(prefix + ".vcf", "w") as out:
        out.write("##fileformat=VCFv4.2\n")
        for contig in contigs or CONTIGS:
            out.write("##contig=<ID=%s,length=%d>\n" % contig)
        out.write('##INFO=<ID=AC,Number=A,Type=Integer,Description="ALT alleles">\n'
                  '##INFO=<ID=AN,Number=1,Type=Integer,Description="Alleles">\n')
        out.write("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n")
        reference = make_reference(contigs or CONTIGS)
        for tid, at in sites(contigs, records):
            ref, alt = rng.sample("ACGT", 2)
            out.write("%s\t%d\t.\t%s\t%s\t.\t.\tAC=%d;AN=200\n" % (
                (contigs or CONTIGS)[tid][0], at + 1, ref, alt, rng.randint(0, 200)))
            if reference:
                reference[tid][at] = ord(ref)
    if reference is not None:
        write_fasta(prefix + ".fa", contigs or CONTIGS, [bases.decode() for bases in reference])


if len(sys.argv) == 3:
    main(*sys.argv[1:])
else:
    print("\n".join(list(cases) + list(RAW_HEADERS)))
