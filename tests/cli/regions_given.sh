# Regions as samtools takes them: -r, -R and -L, behind the file, with suffixes, in braces; BED files
# plain, by gzip or bgzip, and from standard input.
. "$TOP/tests/cli/lib.bash"
{
    printf '@HD\tVN:1.6\tSO:coordinate\n@SQ\tSN:chr1\tLN:3000000\n@SQ\tSN:chr1:x\tLN:5000\n@SQ\tSN:chr2\tLN:9000\n'
    for contig in chr1 chr1:x chr2; do
        step=250
        [ $contig != chr1 ] || step=100000
        for ((i = 1; i < 20; i++)); do
            printf '%s.%d\t0\t%s\t%d\t60\t10M\t*\t0\t0\tACGTACGTAC\tIIIIIIIIII\n' $contig $i $contig $((i * step))
        done
    done
} >o.sam
samtools view --no-PG -b -o o.bam o.sam
samtools index o.bam
{
    printf '##fileformat=VCFv4.2\n##contig=<ID=chr1,length=3000000>\n##contig=<ID=chr1:x,length=5000>\n'
    printf '##contig=<ID=chr2,length=9000>\n##INFO=<ID=AC,Number=A,Type=Integer,Description="c">\n'
    printf '##INFO=<ID=AN,Number=1,Type=Integer,Description="n">\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n'
    printf 'chr1\t100005\t.\tA\tC\t.\t.\tAC=5;AN=10\n'
} >o.vcf
varlock vcf2vac -q -o pop.vac o.vcf
encrypt_for_owner pop.vac o.bam m

# gives REGION...: what samtools gives, however it is asked
gives() {
    as_options "$@"
    samtools view o.bam "$@" >want.sam
    [ -s want.sam ]
    decrypt_as owner m.bdiff m.bam part.bam "${options[@]}"
    cmp <(samtools view part.bam) want.sam
    varlock decrypt -q -k "$keys/owner.pem" -d m.bdiff -o part.bam m.bam "$@"
    cmp <(samtools view part.bam) want.sam
}
gives chr1:1m-1.5m
gives chr1:0.25M-3e5 chr2:1k-2.5K
gives chr1:1000k-1,200,000 chr2
refuses 2 'ambiguous, write {chr1:x} or {chr1}:x' decrypt_as owner m.bdiff m.bam no.bam -r chr1:x
gives '{chr1:x}:1k-2k'
gives chr1:x:1000-2000
gives '{chr1}:1.9m-'
gives chr2:4000
refuses 2 'region chr1:1.5: malformed' decrypt_as owner m.bdiff m.bam no.bam -r chr1:1.5
refuses 2 'region chr1:1t: malformed' varlock decrypt -k "$keys/owner.pem" -d m.bdiff -o no.bam m.bam chr1:1t

# BED files.
printf '#c\nchr1\t249999\t300000\nchr2\t999\t2500\n' >r.bed
printf 'chr1:x\t0\t900\n' >x.bed
gzip -k r.bed
bgzip -c r.bed >b.bed.gz
samtools view -M -L r.bed o.bam >want.sam
[ "$(wc -l <want.sam)" -gt 5 ]
for option in -R -L --regions-file --targets-file; do
    for bed in r.bed r.bed.gz b.bed.gz - /dev/stdin; do
        decrypt_as owner m.bdiff m.bam part.bam $option $bed <r.bed
        cmp <(samtools view part.bam) want.sam
        decrypt_as owner m.bdiff m.bam part.bam $option $bed <b.bed.gz
        cmp <(samtools view part.bam) want.sam
    done
done
cat r.bed x.bed >both.bed
samtools view -M -L both.bed o.bam >want.sam
decrypt_as owner m.bdiff m.bam part.bam -R r.bed -L x.bed
cmp <(samtools view part.bam) want.sam
for cut in 10 40; do
    head -c -$cut b.bed.gz >cut.bed.gz
    refuses 1 'cut.bed.gz:' decrypt_as owner m.bdiff m.bam no.bam -R cut.bed.gz
    head -c -$cut r.bed.gz >cut.bed.gz
    refuses 1 'cut.bed.gz:' decrypt_as owner m.bdiff m.bam no.bam -R cut.bed.gz
done
# Cut between blocks: there is more to come.
head -c -28 b.bed.gz >cut.bed.gz
refuses 1 'cut.bed.gz: truncated' decrypt_as owner m.bdiff m.bam no.bam -R cut.bed.gz
refuses 2 'two inputs come from standard input' decrypt_as owner m.bdiff - no.bam -R -
refuses 2 'two inputs come from standard input' decrypt_as owner m.bdiff m.bam no.bam -R - -L -
printf 'chr1\t1\0\t5\n' >nul.bed
refuses 1 'nul.bed:1: holds a NUL byte' decrypt_as owner m.bdiff m.bam no.bam -R nul.bed
refuses 1 '/: ' decrypt_as owner m.bdiff m.bam no.bam -R /

# The others take them too.
varlock reencrypt -q -k "$keys/owner.pem" -p "$keys/alice.pub.pem" -d m.bdiff -o a.bdiff m.bam chr1:1m-1.2m chr2
varlock view --header -k "$keys/alice.pem" a.bdiff | grep -x 'granted	chr1:1000000-1200000 chr2' >/dev/null
varlock reencrypt -q -k "$keys/owner.pem" -p "$keys/alice.pub.pem" -d m.bdiff -o b.bdiff -L - m.bam <b.bed.gz
varlock view --header -k "$keys/alice.pem" b.bdiff | grep -x 'granted	chr1:250000-300000 chr2:1000-2500' >/dev/null
varlock view pop.vac chr1:100k-100,010 | grep '^chr1	100005' >/dev/null
! varlock view pop.vac chr1:100,006- | grep '^chr1	' || exit 1
varlock view -L r.bed -k "$keys/owner.pem" m.bdiff >seen
varlock view -k "$keys/owner.pem" m.bdiff chr1:250k-300k chr2:1k-2.5k | cmp - seen

# Many of them: nothing quadratic.
seq 1 1000000 | awk -v OFS='\t' '{ print "chr1", $1 * 2, $1 * 2 + 1 }' >long.bed
decrypt_as owner m.bdiff m.bam part.bam -R long.bed
many=()
for ((i = 1; i <= 16000; i++)); do
    many+=(-r "chr1:$((i * 100))-$((i * 100 + 5))")
done
timeout 60 varlock decrypt -q -k "$keys/owner.pem" -d m.bdiff -o part.bam m.bam "${many[@]}"
