# The masking is chosen, never fallen back to; closing line, masked header and view name it, and a run
# that would mask nothing is refused.
. "$TOP/tests/cli/lib.bash"
make_input synth_bam.py samples 60
encrypt=(varlock encrypt -a pop.vac -p "$keys/owner.pub.pem")

refuses 2 'no masking was chosen: give -T .*--mask permute' "${encrypt[@]}" -d no.bdiff -o no.bam o.bam
refuses 2 'belong to --mask synth' "${encrypt[@]}" --qual keep -d no.bdiff -o no.bam o.bam
refuses 2 'synth needs a reference' "${encrypt[@]}" --mask synth -d no.bdiff -o no.bam o.bam

for masking in synth permute; do
    options=(-T o.fa)
    [ $masking = synth ] || options+=(--mask permute)
    "${encrypt[@]}" "${options[@]}" -d $masking.bdiff -o $masking.bam o.bam 2>said
    grep "records masked ($masking), " said
    varlock view --header -k "$keys/owner.pem" $masking.bdiff >header
    grep -qx "masking	$masking" header
    samtools view -H $masking.bam >header
    grep -qE "^@CO	varlock:1 mask=$masking bdiff=[0-9a-f]{32}\$" header
    refuses 1 'is masked already' "${encrypt[@]}" "${options[@]}" -d no.bdiff -o no.bam $masking.bam
done
# The line is what the BDIFF says.
samtools view -h --no-PG synth.bam | sed 's/mask=synth/mask=permute/' | samtools view --no-PG -b -o other.bam
refuses 3 'other.bam: its header says mask=permute, but the masking was synth' \
    varlock decrypt -k "$keys/owner.pem" -d synth.bdiff -o no.bam other.bam
samtools view -h --no-PG synth.bam | sed 's/mask=synth //' | samtools view --no-PG -b -o other.bam
refuses 1 'other.bam: its @CO varlock line is of another form' \
    varlock decrypt -k "$keys/owner.pem" -d synth.bdiff -o no.bam other.bam
refuses 1 'o.bam: is not a masked file \(no @CO varlock line\)' \
    varlock decrypt -k "$keys/owner.pem" -d synth.bdiff -o no.bam o.bam
refuses 1 'o.bam: is not a masked file' \
    varlock reencrypt -k "$keys/owner.pem" -p "$keys/alice.pub.pem" -r '*' -d synth.bdiff -o no.bdiff o.bam

# permute without an effect.
vcf() { # NAME CONTIG POS
    printf '##fileformat=VCFv4.2\n##contig=<ID=c1,length=1000>\n##contig=<ID=c2,length=1000>\n' >"$1.vcf"
    printf '##INFO=<ID=AC,Number=A,Type=Integer,Description="c">\n' >>"$1.vcf"
    printf '##INFO=<ID=AN,Number=1,Type=Integer,Description="n">\n' >>"$1.vcf"
    printf '#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n%s\t%s\t.\tC\tA\t.\t.\tAC=5;AN=10\n' "$2" "$3" >>"$1.vcf"
    varlock vcf2vac -q -o "$1.vac" "$1.vcf"
}
{
    printf '@HD\tVN:1.6\tSO:coordinate\n@SQ\tSN:c1\tLN:1000\n@SQ\tSN:c2\tLN:1000\n'
    printf 'a\t0\tc1\t100\t60\t10M\t*\t0\t0\tACGTACGTAC\tIIIIIIIIII\n'
} >one.sam
sed 's/c\([12]\)/chr\1/' one.sam >chr.sam
vcf under c1 105
vcf beside c1 200
vcf elsewhere c2 105
sed 's/^c1/1/; s/^##contig=<ID=c1.*/&\n##contig=<ID=1,length=1000>/' under.vcf >prefix.vcf
varlock vcf2vac -q -o prefix.vac prefix.vcf
permute() { # VAC INPUT
    varlock encrypt -q --mask permute -a "$1.vac" -p "$keys/owner.pub.pem" -d new.bdiff -o new.sam "$2"
}
refuses 1 'no contig in common' permute under chr.sam
refuses 1 'prefix.vac: has no site on any contig of one.sam' permute prefix one.sam
# Sites that no read covers: the run is good, but shows every base, and says so.
for vac in beside elsewhere; do
    varlock encrypt --mask permute -a $vac.vac -p "$keys/owner.pub.pem" -d $vac.bdiff -o $vac.sam one.sam 2>said
    grep -q "no site of $vac.vac lies under a read of one.sam: every base is shown" said
done
# Reads without an aligned base have nothing to be masked.
sed 's/\t0\tc1\t/\t4\tc1\t/' one.sam >unmapped.sam
permute elsewhere unmapped.sam
