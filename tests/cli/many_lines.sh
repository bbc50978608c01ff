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
