# The file that `varlock serve` lays out is not much larger than its input, whatever the index says of reads
# that lie far apart or span much; regions of it are found; another index of the input makes another ID.
. "$TOP/tests/cli/lib.bash"

python3 - <<'PY'
import random

rng = random.Random(5)
LENGTH = 200000000


def write(name, reads, contigs=(("c1", LENGTH),)):
    with open(name + ".sam", "w") as out:
        out.write("@HD\tVN:1.6\tSO:coordinate\n")
        for contig in contigs:
            out.write("@SQ\tSN:%s\tLN:%d\n" % contig)
        for i, (contig, pos, cigar) in enumerate(sorted(reads)):
            bases = "".join(rng.choices("ACGT", k=100))
            quality = "".join(rng.choices("#,:FFFF", k=100))
            out.write("r%d\t0\t%s\t%d\t60\t%s\t*\t0\t0\t%s\t%s\n" % (i, contig, pos, cigar, bases, quality))


def places(n, end):
    return [rng.randrange(1, end) for i in range(n)]


write("sparse", [("c1", p, "100M") for p in places(25000, LENGTH - 200)])
write("spliced", [("c1", p, "50M500000N50M" if i % 10 == 0 else "100M") for i, p in enumerate(places(25000, 3000000))])
write("onelong", [("c1", p, "100M") for p in places(25000, LENGTH - 200)] + [("c1", 1000, "50M190000000N50M")])
write("deep", [("c1", 5000 + p % 10, "100M") for p in places(25000, LENGTH)])
write("csi", [(c, p, "100M") for c, l in (("c1", 1500000000), ("c2", 600000000)) for p in places(20000, l - 200)],
      (("c1", 1500000000), ("c2", 600000000)))
with open("many.sam", "w") as out:
    print("@HD\tVN:1.6\tSO:coordinate", file=out)
    for i in range(20000):
        print("@SQ\tSN:k%d\tLN:3000" % i, file=out)
    for i in range(0, 20000, 10):
        print("r%d\t0\tk%d\t%d\t60\t100M\t*\t0\t0\t%s\t%s" % (i, i, 100 + i % 1000, "ACGTT" * 20, "F" * 100), file=out)
PY

for name in sparse spliced onelong deep csi; do
    samtools view -b -o $name.bam $name.sam
    for index in bai csi; do
        [ $name.$index != csi.bai ] || continue
        [ $index = csi ] && samtools index -c $name.bam || samtools index $name.bam
        write_served $name.bam - - file.bam >id.$index
        size=$(stat -c %s $name.bam) served=$(stat -c %s file.bam)
        [ "$served" -lt $((5 * size / 2 + 500000)) ] || { note "$name.$index: $size bytes, served $served"; exit 1; }
        samtools quickcheck -v file.bam
        cmp <(samtools view file.bam) <(samtools view $name.bam)
        for region in c1:1-20000 c1:1000000-1000500 c1:2999000-3600000 c1:100000000-100050000 c1:191000000-191001000; do
            cmp <(samtools view file.bam $region) <(samtools view $name.bam $region) || { note "$name.$index $region"; exit 1; }
        done
        rm -f file.bam* $name.bam.bai $name.bam.csi
    done
done

# Bins of another size make another layout.
samtools index sparse.bam
write_served sparse.bam - - file.bam >id.fine
rm sparse.bam.bai
samtools index -c -m 20 sparse.bam
write_served sparse.bam - - file.bam >id.coarse
! cmp -s id.fine id.coarse || { note "the same ID: $(cat id.fine)"; exit 1; }
cmp <(samtools view file.bam c1:100000000-100050000) <(samtools view sparse.bam c1:100000000-100050000)

# Many contigs with few reads each.
samtools view -b -o many.bam many.sam
samtools index many.bam
write_served many.bam - - file.bam >id.many
[ "$(stat -c %s file.bam)" -lt $((60 * $(stat -c %s many.bam))) ] || { note "many contigs: $(stat -c %s many.bam file.bam)"; exit 1; }
for region in k0 k10:1-1200 k19990 k5; do
    cmp <(samtools view file.bam $region) <(samtools view many.bam $region)
done
