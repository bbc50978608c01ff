# What `varlock fetch` makes of answers that are cut, unsorted, odd, or name files of the client's machine.
. "$TOP/tests/cli/lib.bash"
. "$TOP/tests/cli/fetch.bash"
unset HTS_AUTH_LOCATION

mkdir web
samtools view -b --no-PG -o web/x.bam "$TESTDATA/golden/person.sam"
get=(varlock fetch -q --retries none)

# vcf FILE CONTIG_LINES: a site each at 1, 11, 21 ... of z and of y
vcf() {
    printf '##fileformat=VCFv4.2\n%b#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n' "$2" >"$1"
    for contig in z y; do
        seq 1 10 3000 | sed "s/.*/$contig\t&\t.\tA\tC\t.\t.\t./"
    done >>"$1"
}
vcf web/v.vcf '##contig=<ID=z,length=3000>\n##contig=<ID=y,length=3000>\n'
vcf web/bare.vcf ''
vcf web/half.vcf '##contig=<ID=z,length=3000>\n'
bgzip -c web/v.vcf >web/v.vcf.gz
bcftools view --no-version -Ob -o web/v.bcf web/v.vcf 2>/dev/null
serve_htsget web
reads=$url/reads/superset variants=$url/variants/superset

# ---- variants: whole, by region, the header; htslib asks the server for nothing itself ----
records() {
    bcftools view --no-version -H "$1" 2>/dev/null
}
for file in v.vcf bare.vcf half.vcf v.vcf.gz v.bcf; do
    "${get[@]}" -o out "$variants/$file"
    cmp out "web/$file"
    "${get[@]}" -r z:101-200 -r y:2950 -o out "$variants/$file"
    cmp <(records out) <(records "web/$file" | awk '$1 == "z" && $2 > 100 && $2 <= 200 || $1 == "y" && $2 >= 2950')
    [ "$(records out | wc -l)" -eq 15 ]
    "${get[@]}" --class header -o out "$variants/$file"
    cmp <(bcftools view --no-version -h out) <(bcftools view --no-version -h "web/$file")
    [ "$(records out | wc -l)" -eq 0 ]
done
! grep -E '\.(csi|tbi)' requests || exit 1
refuses 2 'has no contig q' "${get[@]}" -r q -o no "$variants/v.vcf"
refuses 2 'has no contig q' "${get[@]}" -r q -o no "$variants/half.vcf"
"${get[@]}" -r q -o out "$variants/bare.vcf"
[ "$(records out | wc -l)" -eq 0 ]
