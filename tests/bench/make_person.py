#!/usr/bin/env python3
"""make_person.py MB DIR: where no aligner is: DIR/ref.fa, two contigs of MB/2 million bases each,
DIR/population.vcf over it, and DIR/person.bam, pairs of 150 bases at 30x with the tags of bwa,
sorted by samtools.  The same files every time."""
import os
import random
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools"))
import bamfile
import synth_bam

READ, COVERAGE = 150, 30


class Sequencer(synth_bam.World):
    """A World whose reads go to a stream, being too many to keep."""

    def add(self, *records):
        self.out.write(b"".join(r.pack() for r in records))
        return records


def binned_qualities(rng, n):
    """Four values, as recent machines write them; each is often that of the base before."""
    out, quality = bytearray(), 37
    for _ in range(n):
        if rng.random() < (0.01 if quality == 37 else 0.6):
            quality = rng.choice((37, 37, 25, 11))
        out.append(quality if rng.random() > 0.0003 else 2)
    return bytes(out)


def main(mb, directory):
    synth_bam.rng.seed(1)
    contigs = [(name, int(mb * 500000)) for name in ("chr1", "chr2")]
    world = Sequencer(contigs, [synth_bam.read_group("lane1", "JaneDoe")])
    world.qualities = binned_qualities(random.Random(1), 1000000)
    world.write_population(directory + "/population.vcf")
    bamfile.write_fasta(directory + "/ref.fa", contigs, world.reference)
    sort = ["samtools", "sort", "-@1", "-m", "512M", "-T", directory + "/sort", "--no-PG",
            "-o", directory + "/person.bam", "-"]
    with subprocess.Popen(sort, stdin=subprocess.PIPE) as sorter:
        world.out = sorter.stdin
        world.out.write(bamfile.head(world.header("bwa"), contigs))
        for tid, (_, length) in enumerate(contigs):
            n_pairs = length * COVERAGE // (2 * READ)
            synth_bam.add_short_pairs(world, tid, n_pairs, READ, tid * n_pairs)
        for i in range(int(mb * 1000)):
            pair = [world.unmapped("unmapped:%d" % i, n=READ) for _ in range(2)]
            world.add_pair(*pair, 0)
        world.out.close()
    if sorter.returncode != 0:
        sys.exit("make_person.py: samtools sort failed")


main(float(sys.argv[1]), sys.argv[2])
