# What synth masking cannot do is refused with the right exit code and one line, and leaves nothing;
# a masked file that is not the one that was made is not decrypted.
. "$TOP/tests/cli/lib.bash"
printf %032d 7 >key
make_input synth_bam.py samples 300
mask=(varlock encrypt -q -a pop.vac -p "$keys/owner.pub.pem" -d no.bdiff -o no.bam --write-index --qual keep)
mask_synth m o.bam o.fa pop.vac --qual keep

# ---- references ----
refuses 1 'none.fa: .*FASTA' "${mask[@]}" -T none.fa o.bam
samtools faidx o.fa chr1 >one.fa
samtools faidx one.fa
refuses 1 'one.fa: has no contig chrM' "${mask[@]}" -T one.fa o.bam
{ cat one.fa; samtools faidx o.fa chrM:1-2999 | sed 's/^>.*/>chrM/'; } >short.fa
samtools faidx short.fa
refuses 1 'short.fa: contig chrM has 2999 bases, not 3000: another assembly' "${mask[@]}" -T short.fa o.bam
sed 's/^@SQ\tSN:chrM\tLN:3000/&\tM5:0123456789abcdef0123456789abcdef/' <(samtools view -H --no-PG o.bam) >header
samtools reheader -P header o.bam >m5.bam
refuses 1 'o.fa: contig chrM has another M5' "${mask[@]}" -T o.fa m5.bam
# The right one, of letters of any case.
m5=$(samtools faidx o.fa chrM | sed 1d | tr -d '\n' | tr a-z A-Z | md5sum | cut -c 1-32)
sed -i "s/0123456789abcdef0123456789abcdef/$m5/" header
samtools reheader -P header o.bam >m5.bam
mask_synth ok m5.bam o.fa pop.vac --qual keep
cmp <(samtools view ok.bam) <(samtools view m.bam)
# VAC and FASTA of two assemblies.
awk -F '\t' -v OFS='\t' '/^#/ || NR % 50 { print; next } { t = $4; $4 = $5; $5 = t; print }' o.vcf |
    grep -v ',.*AC=' >other.vcf
varlock vcf2vac -q -o other.vac other.vcf
refuses 1 'other.vac: its reference bases are not those of o.fa at [0-9]+ of [0-9]+ sites of contig chr1 .*another assembly' \
    "${mask[@]}" -a other.vac -T o.fa o.bam
# One in five hundred is no other assembly.
awk -F '\t' -v OFS='\t' '/^#/ || NR % 500 { print; next } { t = $4; $4 = $5; $5 = t; print }' o.vcf |
    grep -v ',.*AC=' >nearly.vcf
varlock vcf2vac -q -o nearly.vac nearly.vcf
mask_synth ok o.bam o.fa nearly.vac --qual keep
sed 's/chr1/1/; s/chrM/MT/' o.vcf >names.vcf
varlock vcf2vac -q -o names.vac names.vcf
refuses 1 'no contig in common.*--rename-contigs' "${mask[@]}" -a names.vac -T o.fa o.bam
# The index is made where it is missing, also for a compressed FASTA.
rm -f o.fa.fai
mask_synth ok o.bam o.fa pop.vac --qual keep
[ -e o.fa.fai ]
bgzip -k o.fa
mask_synth ok o.bam o.fa.gz pop.vac --qual keep
cmp <(samtools view ok.bam) <(samtools view m.bam)

# ---- inputs ----
size=$(stat -c %s o.bam)
for cut_at in 20 300 $((size / 2)) $((size - 28)) $((size - 1)); do
    head -c $cut_at o.bam >cut.bam
    refuses 1 'cut.bam: ' "${mask[@]}" -T o.fa cut.bam
    refuses 1 'cut.bam: ' "${mask[@]}" -T o.fa -@2 cut.bam
done
samtools sort -n -o unsorted.bam o.bam
refuses 1 'unsorted.bam: not sorted by coordinate .*samtools sort' "${mask[@]}" -T o.fa unsorted.bam
samtools view -h unsorted.bam | sed 's/SO:queryname/SO:coordinate/' | samtools view -b -o claims.bam -
refuses 1 'not sorted by coordinate \(.*:[0-9]+ follows .*:[0-9]+\)' "${mask[@]}" -T o.fa claims.bam
# Places and lengths that no sum of lengths may start from.
for edit in 4=4611686018427387903 8=4611686018427387903 9=4611686018427387904 9=-4611686018427387904; do
    samtools view -h o.bam | awk -F '\t' -v OFS='\t' -v column=${edit%=*} -v value=${edit#*=} '
        !/^@/ && $3 != "*" && !done { $1 = "farthest"; $column = value; done = 1 }
        { print }' >far.sam
    refuses 1 'far.sam: record farthest has a POS, PNEXT or TLEN out of range' "${mask[@]}" -T o.fa far.sam
done
refuses 1 'm.bam: is masked already' "${mask[@]}" -T o.fa m.bam
refuses 1 'o.vcf: not a BAM, CRAM or SAM' "${mask[@]}" -T o.fa o.vcf
head -c 31 key >short.key
refuses 3 'short.key: .*32' "${mask[@]}" -T o.fa --mask-key short.key o.bam
refuses 1 'none.key: .*No such file' "${mask[@]}" -T o.fa --mask-key none.key o.bam

# ---- options ----
refuses 2 '--mask synth needs a reference' "${mask[@]:0:11}" --mask synth o.bam
refuses 2 'belong to --mask synth' "${mask[@]:0:11}" --qual keep o.bam
refuses 2 'belong to --mask synth' "${mask[@]}" -T o.fa --mask permute o.bam
refuses 2 '--mask synthetic: is neither permute nor synth' "${mask[@]}" -T o.fa --mask synthetic o.bam
for bad in 0 -1 x none5 99999999999; do
    refuses 2 "--max-insert: $bad is " "${mask[@]}" -T o.fa --max-insert $bad o.bam
    refuses 2 "--max-shift: $bad is " "${mask[@]}" -T o.fa --max-shift $bad o.bam
done
refuses 2 '--max-shift: none is ' "${mask[@]}" -T o.fa --max-shift none o.bam
for list in A AS,X AS, 'A S' AS,XYZ; do
    refuses 2 'tags' "${mask[@]}" -T o.fa --keep-tags "$list" o.bam
    refuses 2 'tags' "${mask[@]}" -T o.fa --drop-tags "$list" o.bam
done
refuses 2 'are the same file' "${mask[@]}" -T o.fa -o o.fa o.bam

# ---- outputs ----
full() {
    "$@" >/dev/full
}
refuses 1 'No space left' full varlock encrypt -q -a pop.vac -T o.fa -p "$keys/owner.pub.pem" -d no.bdiff -o - \
    --qual keep o.bam
limited() (
    trap '' XFSZ
    ulimit -f 100
    "$@"
)
refuses 1 'File too large' limited "${mask[@]}" -T o.fa o.bam
refuses 1 'File too large' limited varlock decrypt -q -k "$keys/owner.pem" -d m.bdiff -o no.bam m.bam
# Half of it is more than is read before the first output.
mkdir large
(cd large && make_input synth_bam.py samples 2000)
ends_when_killed large/o.bam varlock encrypt -q -a large/pop.vac -T large/o.fa -p "$keys/owner.pub.pem" -d killed/out.bdiff \
    -o killed/out.bam --write-index --qual keep -

# ---- another file, or not all of it ----
restore=(varlock decrypt -q -k "$keys/owner.pem" -d m.bdiff -o no.bam)
samtools index m.bam
printf %032d 8 >key
mask_synth other o.bam o.fa pop.vac --qual keep --write-index
refuses 3 'not masked together' "${restore[@]}" other.bam
refuses 3 'not masked together' varlock decrypt -q -k "$keys/owner.pem" -d other.bdiff -o no.bam m.bam
refuses 3 'not masked together' "${restore[@]}" -r chr1:1-500 other.bam
refuses 3 'not masked together' varlock reencrypt -q -k "$keys/owner.pem" -p "$keys/alice.pub.pem" -r chr1 \
    -d other.bdiff -o no.bdiff m.bam
refuses 3 'alice.pem' varlock decrypt -q -k "$keys/alice.pem" -d m.bdiff -o no.bam m.bam
# The other person's records under this one's header.
samtools reheader -P <(samtools view -H --no-PG m.bam) other.bam >mixed.bam
refuses 3 'not those that were masked|missing or were added' "${restore[@]}" mixed.bam
why='not those that were masked|missing or were added|was not there when'
for change in $(python3 "$py/change_bam.py"); do
    for n in 10 $(by_tier '' 2500); do
        python3 "$py/change_bam.py" m.bam bad.bam "$change" $n
        refuses 3 "$why" "${restore[@]}" bad.bam
    done
    [ "$TIER" = quick ] || refuses 3 "$why" "${restore[@]}" -@2 bad.bam
done
python3 "$py/change_bam.py" m.bam bad.bam md_and_nm
decrypt_as owner m.bdiff bad.bam back.bam
same o.bam back.bam

# Trips that change no record.
samtools view -b --output-fmt-option level=9 -o again.bam m.bam
decrypt_as owner m.bdiff again.bam back.bam
same o.bam back.bam
samtools view -h -o again.sam m.bam
decrypt_as owner m.bdiff again.sam back.bam
same o.bam back.bam
samtools view -C -T o.fa -o again.cram m.bam
decrypt_as owner m.bdiff again.cram back.bam -T o.fa
same o.bam back.bam
samtools calmd -b m.bam o.fa >again.bam 2>/dev/null
decrypt_as owner m.bdiff again.bam back.bam
same o.bam back.bam
# samtools sort keeps records of one place as they are.
samtools sort -o again.bam m.bam
decrypt_as owner m.bdiff again.bam back.bam
same o.bam back.bam
# By way of another order it does not.
samtools collate -O m.bam | samtools sort -o again.bam -
refuses 3 'not those that were masked' "${restore[@]}" again.bam
