# On a person's 30x reads: files masked by synth pass, whatever the key, one masked by permute fails as
# predicted, and of the original no more than bcftools calls is found.
# Tier: long
. "$TOP/tests/cli/lib.bash"
need_shared chr20-1mb/person.bam
data=$SHARED/data/chr20-1mb
original=$data/person.bam
cp "$data/ref.fa" .
varlock vcf2vac -q -o pop.vac "$data/population.vcf.gz"
varlock view pop.vac >pop.txt

# audit FILE [options]: `table`; prints what it exited with
audit() {
    local status=0
    varlock audit -q -a pop.vac -T ref.fa --original "$original" --simulate 1000 "$@" >table || status=$?
    echo $status
}
figure() { # METRIC
    awk -F '\t' -v metric="$1" '$1 == metric { print $2 }' table
}

for i in {1..10}; do
    printf %032d "$i" >key
    mask_synth m "$original" ref.fa pop.vac
    [ "$(audit m.bam)" -eq 0 ] || { note "key $i: $(cat table)"; exit 1; }
done
audit m.bam --genotypes masked.tsv >/dev/null
cat table >&2
awk "BEGIN { exit !($(figure coverage) > 0.95) }"

varlock encrypt -q --mask permute --mask-key key -a pop.vac -p "$keys/owner.pub.pem" -d p.bdiff -o p.bam "$original"
[ "$(audit p.bam)" -eq 4 ]
cat table >&2
awk -F '\t' '$4 == "FAIL" { print $1 }' table | xargs >failed
[ "$(cat failed)" = 'A1 A2 A3.ibs0 A4 A6.likelihood A6.hets A6.rare A7 A8 A15.clips A15.pairs all' ] || { note "$(cat failed)"; exit 1; }
awk "BEGIN { exit !($(figure A2) > 0.95 && $(figure A4) > 1000) }"

# Variants that the VAC lacks, as bcftools calls them.
bcftools mpileup -Ou -B -q 20 -f ref.fa "$original" 2>log | bcftools call -m -v -V indels -Ou 2>log |
    bcftools query -i 'QUAL >= 20' -f '%POS\t%ALT\n' |
    awk 'FNR == NR { split("A C G T", base); for (i in base) n[$2, base[i]] = $(i + 3); next }
        { split($2, alt, ","); found += !n[$1, alt[1]] } END { print found }' pop.txt - >strangers
[ "$(audit "$original" --genotypes own.tsv)" -eq 4 ]
[ "$(cat strangers)" -gt 30 ]
[ "$(figure A7)" -eq "$(cat strangers)" ]
# Few others: their median is not taken from z.
varlock audit -q -a pop.vac -T ref.fa --original "$original" --simulate 10 m.bam >table
python3 "$py/compare_genotypes.py" pop.txt own.tsv masked.tsv table >&2

# The same reads elsewhere are not the original.
samtools view -h --no-PG "$original" | awk -F '\t' -v OFS='\t' '/^@/ { print; next }
    $4 > 0 { $4 = $4 * 7919 % 990000 + 1; print }' | samtools sort --no-PG -o other.bam 2>log
refuses 1 'not the original' varlock audit -q -a pop.vac -T ref.fa --original other.bam m.bam
