"""Writes testdata/demo: a made-up population (population.vcf) and a made-up person's reads
(person.sam).  The same files every time; nothing in them comes from a real person.

make_demo.py DIRECTORY
"""
import random
import sys

CONTIGS = {"chr1": 6000, "chr2": 4000}
PEOPLE = 1000  # 2,000 chromosomes
READ = 100
FRAGMENT = (220, 380)
DEPTH = 16


def draw_population(rng, genome):
    """Sites as (contig, pos1, ref, {alt: count}), a third of them common."""
    sites = []
    for contig, bases in genome.items():
        for pos1 in sorted(rng.sample(range(50, len(bases) - 50), len(bases) // 60)):
            ref = bases[pos1 - 1]
            alts = rng.sample([b for b in "ACGT" if b != ref], 1 if rng.random() < 0.9 else 2)
            common = rng.random() < 0.34
            counts = {a: rng.randint(300, 900) if common else rng.randint(1, 40) for a in alts}
            sites.append((contig, pos1, ref, counts))
    return sites


def write_population(path, sites):
    with open(path, "w") as out:
        out.write("##fileformat=VCFv4.2\n")
        for contig, length in CONTIGS.items():
            out.write(f"##contig=<ID={contig},length={length}>\n")
        out.write('##INFO=<ID=AC,Number=A,Type=Integer,Description="ALT allele counts">\n')
        out.write('##INFO=<ID=AN,Number=1,Type=Integer,Description="Number of alleles">\n')
        out.write("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n")
        for contig, pos1, ref, counts in sites:
            ac = ",".join(map(str, counts.values()))
            out.write(f"{contig}\t{pos1}\t.\t{ref}\t{','.join(counts)}\t.\tPASS\t"
                      f"AC={ac};AN={2 * PEOPLE}\n")


def draw_haplotypes(rng, genome, sites):
    haplotypes = [{c: list(b) for c, b in genome.items()} for _ in range(2)]
    for haplotype in haplotypes:
        for contig, pos1, ref, counts in sites:
            ticket = rng.randrange(2 * PEOPLE)
            for alt, count in counts.items():
                if ticket < count:
                    haplotype[contig][pos1 - 1] = alt
                    break
                ticket -= count
    return haplotypes


def compare(bases, reference):
    """NM and MD of a read without gaps."""
    md, run, nm = "", 0, 0
    for base, ref in zip(bases, reference):
        if base == ref:
            run += 1
        else:
            md, run, nm = md + f"{run}{ref}", 0, nm + 1
    return nm, md + str(run)


def draw_reads(rng, genome, haplotypes):
    records = []
    for contig, reference in genome.items():
        for n in range(len(reference) * DEPTH // (2 * READ)):
            size = rng.randint(*FRAGMENT)
            start = rng.randrange(len(reference) - size)
            haplotype = rng.choice(haplotypes)[contig]
            places = [(start, 0x63, 1), (start + size - READ, 0x93, -1)]
            for (pos, flag, sign), (mate, _, _) in zip(places, reversed(places)):
                bases = [rng.choice("ACGT") if rng.random() < 0.002 else b
                         for b in haplotype[pos:pos + READ]]
                clip = rng.randint(3, 12) if rng.random() < 0.03 else 0
                quals = "".join(chr(33 + rng.choice((11, 25, 37, 37, 37))) for _ in bases)
                nm, md = compare(bases[clip:], reference[pos + clip:pos + READ])
                cigar = (f"{clip}S" if clip else "") + f"{READ - clip}M"
                records.append((contig, pos + clip, "\t".join(map(str, (
                    f"{contig}:{n}", flag, contig, pos + clip + 1, 60, cigar, "=", mate + 1,
                    sign * size, "".join(bases), quals, f"NM:i:{nm}", f"MD:Z:{md}",
                    f"AS:i:{READ - clip - 5 * nm}", "RG:Z:lane1")))))
    order = {contig: i for i, contig in enumerate(genome)}
    records.sort(key=lambda r: (order[r[0]], r[1]))
    return [r[2] for r in records]


def main():
    rng = random.Random(1)
    genome = {c: "".join(rng.choice("ACGT") for _ in range(n)) for c, n in CONTIGS.items()}
    sites = draw_population(rng, genome)
    write_population(f"{sys.argv[1]}/population.vcf", sites)
    haplotypes = draw_haplotypes(rng, genome, sites)
    with open(f"{sys.argv[1]}/person.sam", "w") as out:
        out.write("@HD\tVN:1.6\tSO:coordinate\n")
        for contig, length in CONTIGS.items():
            out.write(f"@SQ\tSN:{contig}\tLN:{length}\n")
        out.write("@RG\tID:lane1\tSM:MadeUpName\tLB:lib-MadeUpName\tPL:ILLUMINA\n")
        for line in draw_reads(rng, genome, haplotypes):
            out.write(line + "\n")


main()
