# To other programs a masked file is one of a person, and of another person than the original's: the
# genotypes are those that were drawn, and agree with the original's no more often than by chance.
# Tier: long
. "$TOP/tests/cli/lib.bash"
need_shared chr20-1mb/person.bam
need_cryptography
data=$SHARED/data/chr20-1mb
printf %032d 7 >key
varlock vcf2vac -q -o pop.vac "$data/population.vcf.gz"
varlock view pop.vac >pop.txt
mask_synth m "$data/person.bam" "$data/ref.fa" pop.vac -@1
bash "$py/synth_calls.sh" m.bam "$data/ref.fa" key pop.txt JaneDoe z >&2

bcftools mpileup -Ou -f "$data/ref.fa" -B -A -a AD m.bam 2>log | bcftools call -m -Ou |
    bcftools query -e 'SUM(AD) < 10' -f '%POS\t%REF\t[%TGT]\t\n' >masked.tsv
bcftools query -f '%POS\t%REF\t[%TGT]\t%INFO/PRIVATE\n' "$data/person.vcf.gz" >person.tsv
[ "$(grep -c '	1$' person.tsv)" -eq 45 ]
python3 "$py/agreement.py" pop.txt person.tsv masked.tsv >&2

# The same of the person himself, which must be found out.
awk -F '\t' -v OFS='\t' 'FNR == NR { own[$1 FS $2] = $0; next }
    ($1 FS $2) in own { $0 = own[$1 FS $2] } { print }' person.tsv masked.tsv >himself.tsv
! python3 "$py/agreement.py" pop.txt person.tsv himself.tsv >&2 || exit 1
