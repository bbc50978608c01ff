# 16,000 @RG lines, each with its reads: nothing looks through all of them for every one.  Bounds are of
# CPU time, more than ten times what is used.
. "$TOP/tests/cli/lib.bash"
python3 - <<'EOF'
n = 16000
with open("o.sam", "w") as out:
    out.write("@HD\tVN:1.6\tSO:coordinate\n@SQ\tSN:z\tLN:3000\n")
    for i in range(n):
        out.write("@RG\tID:lane%d\tSM:s%d\tLB:lib%d\tPL:ILLUMINA\n" % (i, i % 50, i))
    for i in range(n):
        out.write("r%d\t0\tz\t%d\t60\t10M\t*\t0\t0\tACGTACGTAC\tIIIIIIIIII\tRG:Z:lane%d\n" % (i, 1 + i * 2000 // n, i))
EOF

# A read of each of 16,000 samples, 100,000 sites: haplotypes are drawn only where reads lie.
python3 - <<'PYTHON'
import random
random.seed(1)
length, n = 200000, 16000
seq = "".join(random.choice("ACGT") for _ in range(length))
with open("dense.fa", "w") as out:
    out.write(">z\n%s\n" % seq)
with open("dense.vcf", "w") as out:
    out.write('##fileformat=VCFv4.2\n##contig=<ID=z,length=%d>\n'
              '##INFO=<ID=AC,Number=A,Type=Integer,Description="">\n'
              '##INFO=<ID=AN,Number=1,Type=Integer,Description="">\n'
              '#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n' % length)
    for i in range(0, length, 2):
        out.write("z\t%d\t.\t%s\t%s\t.\t.\tAC=5;AN=10\n" % (i + 1, seq[i], "ACGTA"["ACGT".index(seq[i]) + 1]))
with open("all.sam", "w") as out:
    out.write("@HD\tVN:1.6\tSO:coordinate\n@SQ\tSN:z\tLN:%d\n" % length)
    for i in range(n):
        out.write("@RG\tID:lane%d\tSM:s%d\n" % (i, i))
    for i in range(n):
        out.write("r%d\t0\tz\t%d\t60\t10M\t*\t0\t0\tACGTACGTAC\tIIIIIIIIII\tRG:Z:lane%d\n"
                  % (i, 1 + i * 12, n - 1 - i))
PYTHON
samtools faidx dense.fa
varlock vcf2vac -q -o dense.vac dense.vcf
(ulimit -t 15 && varlock encrypt -q -T dense.fa --qual keep --names keep -a dense.vac -p "$keys/owner.pub.pem" -d s.bdiff -o s.bam all.sam)
decrypt_as owner s.bdiff s.bam back.sam
cmp back.sam all.sam
rm s.bdiff s.bam

cp "$TESTDATA"/golden/{reference.fa,pop.vac} .
ulimit -t 5
varlock encrypt -q --mask permute -a pop.vac -p "$keys/owner.pub.pem" -d p.bdiff -o p.bam o.sam
varlock encrypt -q -T reference.fa --qual keep --names keep -a pop.vac -p "$keys/owner.pub.pem" -d s.bdiff -o s.bam o.sam
for masking in p s; do
    decrypt_as owner $masking.bdiff $masking.bam back.sam
    cmp back.sam o.sam
    varlock reencrypt -q -k "$keys/owner.pem" -p "$keys/alice.pub.pem" --all -d $masking.bdiff -o a.bdiff $masking.bam
    rm a.bdiff
done
