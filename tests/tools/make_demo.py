"""Writes testdata/demo: a made-up genome (reference.fa), a made-up population (population.vcf) and a
made-up person's reads (person.sam).  The same files every time; nothing in them comes from a real person.

make_demo.py DIRECTORY
"""
import random
import sys

CONTIGS = {"chr1": 20000, "chr2": 10000}
PEOPLE = 1000  # 2,000 chromosomes
READ = 150
FRAGMENT = (350, 550)
DEPTH = 12
# What only this person has: a base, and a deletion and an insertion on one of two chromosomes.
PRIVATE = {("chr1", 9001): "SNV", ("chr1", 9301): "DEL", ("chr1", 16001): "INS", ("chr2", 5001): "SNV"}


def other(rng, base, n=1):
    return rng.sample([b for b in "ACGT" if b != base], n)


def draw_population(rng, genome):
    """Sites as (contig, pos1, ref, {alt: count}), a third of them common."""
    sites = []
    for contig, bases in genome.items():
        taken = {pos1 + i for c, pos1 in PRIVATE if c == contig for i in range(-20, 20)}
        free = [pos1 for pos1 in range(50, len(bases) - 50) if pos1 not in taken]
        for pos1 in sorted(rng.sample(free, len(bases) // 60)):
            ref = bases[pos1 - 1]
            common = rng.random() < 0.34
            counts = {a: rng.randint(300, 900) if common else rng.randint(1, 40)
                      for a in other(rng, ref, 1 if rng.random() < 0.9 else 2)}
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


def draw_haplotype(rng, genome, sites, private):
    """The person's bases as {contig: [(pos0 or None where inserted, base)]}."""
    edits = {c: list(b) for c, b in genome.items()}
    for contig, pos1, ref, counts in sites:
        ticket = rng.randrange(2 * PEOPLE)
        for alt, count in counts.items():
            if ticket < count:
                edits[contig][pos1 - 1] = alt
                break
            ticket -= count
    for (contig, pos1), kind in private.items():
        if kind == "SNV":
            edits[contig][pos1 - 1] = other(rng, genome[contig][pos1 - 1])[0]
        elif kind == "DEL":
            edits[contig][pos1:pos1 + 4] = [""] * 4
        else:
            edits[contig][pos1 - 1] += "GATTACA"
    return {contig: [(pos0 if i == 0 else None, base)
                     for pos0, bases in enumerate(edit) for i, base in enumerate(bases)]
            for contig, edit in edits.items()}


def align(piece, reference):
    """CIGAR, NM and MD of consecutive bases of a haplotype."""
    cigar, md, run, nm, last = [], "", 0, 0, piece[0][0] - 1

    def grow(op, n=1):
        if cigar and cigar[-1][1] == op:
            cigar[-1][0] += n
        else:
            cigar.append([n, op])

    for pos0, base in piece:
        if pos0 is None:
            grow("I")
            nm += 1
            continue
        if pos0 > last + 1:
            grow("D", pos0 - last - 1)
            nm += pos0 - last - 1
            md, run = f"{md}{run}^{reference[last + 1:pos0]}", 0
        last = pos0
        grow("M")
        if base == reference[pos0]:
            run += 1
        else:
            md, run, nm = f"{md}{run}{reference[pos0]}", 0, nm + 1
    return "".join(f"{n}{op}" for n, op in cigar), nm, md + str(run)


def draw_pair(rng, name, contig, reference, haplotype):
    """Both records of a fragment as (pos0, line)."""
    size = rng.randint(*FRAGMENT)
    start = rng.randrange(len(haplotype) - size)
    pieces = [haplotype[at:at + READ] for at in (start, start + size - READ)]
    if any(p[0][0] is None or p[-1][0] is None for p in pieces):
        return []
    span = pieces[1][-1][0] - pieces[0][0][0] + 1
    flags = rng.choice(((0x63, 0x93), (0xa3, 0x53)))
    records = []
    for i, piece in enumerate(pieces):
        # A sequencer errs now and then.
        piece = [(p, rng.choice("ACGT") if rng.random() < 0.002 else b) for p, b in piece]
        cigar, nm, md = align(piece, reference)
        pos0, mate0 = piece[0][0], pieces[1 - i][0][0]
        quals = "".join(chr(33 + rng.choice((25, 37, 37, 37, 37))) for _ in piece)
        records.append((pos0, "\t".join(map(str, (
            name, flags[i], contig, pos0 + 1, 60, cigar, "=", mate0 + 1, -span if i else span,
            "".join(b for _, b in piece), quals, f"NM:i:{nm}", f"MD:Z:{md}", "RG:Z:lane1")))))
    return records


def draw_reads(rng, genome, haplotypes):
    lines = []
    for contig, reference in genome.items():
        records = []
        for n in range(len(reference) * DEPTH // (2 * READ)):
            records += draw_pair(rng, f"{contig}:{n}", contig, reference, rng.choice(haplotypes)[contig])
        records.sort(key=lambda r: r[0])
        lines += [line for _, line in records]
    return lines


def main():
    rng = random.Random(1)
    genome = {c: "".join(rng.choice("ACGT") for _ in range(n)) for c, n in CONTIGS.items()}
    with open(f"{sys.argv[1]}/reference.fa", "w") as out:
        for contig, bases in genome.items():
            out.write(f">{contig}\n")
            for at in range(0, len(bases), 100):
                out.write(bases[at:at + 100] + "\n")
    sites = draw_population(rng, genome)
    write_population(f"{sys.argv[1]}/population.vcf", sites)
    haplotypes = [draw_haplotype(rng, genome, sites, private) for private in (PRIVATE, {})]
    with open(f"{sys.argv[1]}/person.sam", "w") as out:
        out.write("@HD\tVN:1.6\tSO:coordinate\n")
        for contig, length in CONTIGS.items():
            out.write(f"@SQ\tSN:{contig}\tLN:{length}\n")
        out.write("@RG\tID:lane1\tSM:MadeUpName\tLB:lib-MadeUpName\tPL:ILLUMINA\n")
        for line in draw_reads(rng, genome, haplotypes):
            out.write(line + "\n")


main()
