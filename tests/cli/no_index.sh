# A record that cannot be indexed is named, with what helps; without an index it is restored.
. "$TOP/tests/cli/lib.bash"
line() { # NAME POS
    printf '%s\t0\tc1\t%d\t60\t10M\t*\t0\t0\tACGTACGTAC\tIIIIIIIIII\n' "$1" "$2"
}
{
    printf '@HD\tVN:1.6\tSO:coordinate\n@SQ\tSN:c1\tLN:1000\n'
    line a 100
    line b 2009800
} >beyond.sam
{
    printf '##fileformat=VCFv4.2\n##contig=<ID=c1,length=1000>\n##INFO=<ID=AC,Number=A,Type=Integer,Description="c">\n'
    printf '##INFO=<ID=AN,Number=1,Type=Integer,Description="n">\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n'
    printf 'c1\t105\t.\tC\tA\t.\t.\tAC=5;AN=10\n'
} >o.vcf
varlock vcf2vac -q -o pop.vac o.vcf
encrypt=(varlock encrypt -q --mask permute -a pop.vac -p "$keys/owner.pub.pem")
# It is not in the masked file.
"${encrypt[@]}" -d m.bdiff -o m.bam --write-index beyond.sam
refuses 1 'record b at c1:2009800 cannot be indexed; leave out --write-index$' \
    varlock decrypt -q -k "$keys/owner.pem" -d m.bdiff -o no.bam --write-index m.bam
decrypt_as owner m.bdiff m.bam back.bam
samtools view back.bam | cmp - <(samtools view beyond.sam)
# What the disk says is not the index's fault.
full() {
    varlock encrypt -q --mask permute -a pop.vac -p "$keys/owner.pub.pem" -d no.bdiff -o /dev/full one.sam
}
head -n 3 beyond.sam >one.sam
refuses 1 'No space left' full
