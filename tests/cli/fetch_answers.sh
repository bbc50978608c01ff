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
# A record that says it has a sample.
bgzip -dc web/v.bcf >bcf
python3 - bcf <<'END'
import struct, sys
data = bytearray(open(sys.argv[1], "rb").read())
data[9 + struct.unpack_from("<I", data, 5)[0] + 28] = 1
open(sys.argv[1], "wb").write(data)
END
bgzip -c bcf >web/sample.bcf
refuses 1 'sample.bcf: a record does not fit its header' "${get[@]}" -r z:1-100 -o no "$variants/sample.bcf"

# What only alignments have is refused before anything is asked, or when variants come all the same.
: >requests
for options in '-O bam' '--write-index' '--unmapped' '-r *'; do
    set -f
    refuses 2 'is for alignments, and these are variants' "${get[@]}" $options -o no "$variants/v.vcf"
    [ ! -s requests ]
    refuses 2 'is for alignments, and these are variants' "${get[@]}" $options -o no "$reads/v.vcf"
    : >requests
    set +f
done
refuses 2 'is for alignments' "${get[@]}" --format BCF -O bam -o no "$reads/v.bcf"
[ ! -s requests ]

# ---- a text ends with a line, in a BGZF file too ----
head -c -5 web/v.vcf >web/cut.vcf
bgzip -c web/cut.vcf >web/cut.vcf.gz
gzip -nc web/cut.vcf >web/gzip.vcf
samtools view -h --no-PG web/x.bam | sed '$s/$/\tXX:Z:whole/' | head -c -3 >web/cut.sam
for file in cut.vcf cut.vcf.gz gzip.vcf cut.sam; do
    for region in '' '-r z:1-100'; do
        refuses 1 "$file: truncated: its last line has no end" "${get[@]}" $region -o no "$variants/$file"
    done
done
# A header that is cut; records behind it are not looked at.
grep '^#' web/v.vcf | sed '$s/$/\tFORMAT\tpatient10/' | head -c -2 >web/head.vcf
samtools view -H --no-PG web/x.bam | head -c -2 >web/head.sam
for file in head.vcf head.sam; do
    refuses 1 "$file: truncated: its last line has no end" "${get[@]}" --class header -o no "$variants/$file"
done
for file in cut.vcf cut.vcf.gz; do
    "${get[@]}" --class header -o out "$variants/$file"
    cmp <(bcftools view --no-version -h out) <(bcftools view --no-version -h web/v.vcf)
done
varlock crypt4gh encrypt -q -p "$keys/c4gh.pub" -o web/cut.vcf.c4gh web/cut.vcf
refuses 1 'its last line has no end' "${get[@]}" --c4gh-key "$keys/c4gh-plain.sec" -o no "$variants/cut.vcf.c4gh"

# ---- reads: an answer is read to its end ----
samtools view -h --no-PG web/x.bam | awk -F '\t' '/^@/ { print; next } { line[n++] = $0 } END { while (n) print line[--n] }' |
    samtools view -b --no-PG -o web/tac.bam
"${get[@]}" -r z:1-300 -o out.bam "$reads/tac.bam"
cmp <(samtools view out.bam) <(samtools view -e 'rname == "z" && pos <= 300 && endpos >= 1' web/tac.bam)
[ "$(samtools view -c out.bam)" -gt 3 ]

# Records span blocks, the file is cut where a block ends, and gets an end block: only what lies behind the
# region may be missing.
make_input synth_bam.py trimmed 2000
samtools index o.bam
bgzip -dc o.bam | bgzip -c >web/spans.bam
python3 - web/spans.bam web/blocks.bam web/inside.bam <<'END'
import struct, sys
data = open(sys.argv[1], "rb").read()
ends = [0]
while ends[-1] < len(data):
    ends.append(ends[-1] + struct.unpack_from("<H", data, ends[-1] + 16)[0] + 1)
end_block = data[ends[-2]:]
open(sys.argv[2], "wb").write(data[:ends[len(ends) // 2]] + end_block)
open(sys.argv[3], "wb").write(data[:ends[len(ends) // 2] - 9] + end_block)
END
contig=$(samtools idxstats o.bam | head -n 1 | cut -f 1)
near=$contig:1-$(samtools view o.bam "$contig" | sed -n '9p' | cut -f 4)
far=$contig:$(samtools view o.bam "$contig" | tail -n 9 | head -n 1 | cut -f 4)
"${get[@]}" -r "$near" -o out.bam "$reads/blocks.bam"
cmp <(samtools view out.bam) <(samtools view o.bam "$near")
[ "$(samtools view -c out.bam)" -gt 3 ]
for region in "$far" "$contig" '*'; do
    refuses 1 'blocks.bam: truncated or corrupt after record [0-9]+; a server that cuts' "${get[@]}" -r "$region" -o no "$reads/blocks.bam"
done
refuses 1 'blocks.bam: truncated or corrupt' "${get[@]}" -o no "$reads/blocks.bam"
refuses 1 'inside.bam: truncated or corrupt' "${get[@]}" -r "$near" -o no "$reads/inside.bam"
# Not where the header does not say that the order is known.
(samtools view -H --no-PG web/blocks.bam | sed 's/SO:coordinate/SO:unknown/') >unknown.sam
samtools reheader -P unknown.sam web/blocks.bam >web/unknown.bam 2>/dev/null
refuses 1 'unknown.bam: truncated or corrupt' "${get[@]}" -r "$near" -o no "$reads/unknown.bam"

# ---- a file for each region: their records go under one header ----
for contig in z y; do
    cp web/x.bam web/each.$contig
done
"${get[@]}" -r y -r z:1-300 -o out.bam "$url/reads/each/each"
samtools index web/x.bam
cmp <(samtools view out.bam) <(samtools view -M web/x.bam y z:1-300)
differs() { # SED_SCRIPT: what changes the header of y
    samtools view -h --no-PG web/x.bam | sed "$1" | samtools view -b --no-PG -o web/each.y -
}
differs '/^@CO/a @PG\tID:samtools\tCL:samtools view y'
"${get[@]}" -r y -r z:1-300 -o out.bam "$url/reads/each/each"
for script in 's/LN:1000/LN:1001/' '/SN:y/a @SQ\tSN:x\tLN:9' 's/SM:Nobody/SM:Somebody/'; do
    differs "$script"
    refuses 1 'the headers for two of the regions differ' "${get[@]}" -r y -r z:1-300 -o no "$url/reads/each/each"
done
head -c -28 web/x.bam >web/each.y
refuses 1 'truncated or corrupt' "${get[@]}" -r y -r z:1-300 -o no "$url/reads/each/each"
echo '{"htsget": {"urls": [{"url": "data:;base64,"}]}}' >web/empty.json
refuses 1 'empty.json: sent nothing' "${get[@]}" -o no "$url/ticket/empty.json"
varlock crypt4gh encrypt -q -p "$keys/c4gh.pub" -o web/y.c4gh web/x.bam
cp web/y.c4gh web/each.y
rm out.bam
"${get[@]}" --c4gh-key "$keys/c4gh-plain.sec" --allow-plain -r y -r z:1-300 -o out.bam "$url/reads/each/each"
[ "$(stat -c %a out.bam)" = 600 ]
head -c -28 web/x.bam >web/cut.bam
refuses 1 'truncated or corrupt' "${get[@]}" -r z:1-300 -o no "$reads/cut.bam"

# ---- CRAM: references that the server's header names are not looked for ----
cp o.fa web/ref.fa
mkdir mine
cp o.fa mine/secret.fa
samtools view -C --no-PG -T o.fa -o web/o.cram o.bam
samtools index web/o.cram
samtools view -T o.fa -o want.sam web/o.cram "$near"
for ur in "$PWD/mine/secret.fa" "$url/data/plain/ref.fa"; do
    samtools view -H --no-PG web/o.cram | sed "s#\tUR:[^\t]*##; /^@SQ/s#\$#\tUR:$ur#" >ur.sam
    samtools reheader -P ur.sam web/o.cram >web/ur.cram
    : >requests
    for region in '' "-r $near"; do
        REF_PATH=$url/md5/%s REF_CACHE=$PWD/cache/%s refuses 1 'ur.cram: .* needs its reference, give it with -T' \
            "${get[@]}" --format CRAM $region -o no.bam "$reads/ur.cram"
    done
    ! grep -E '/md5/|ref.fa' requests || exit 1
done
[ "$(ls mine)" = secret.fa ]
refuses 2 'writing CRAM needs its reference, -T' "${get[@]}" --format CRAM -r "$near" -o no.cram "$reads/ur.cram"
"${get[@]}" --format CRAM -T o.fa -r "$near" -o out.bam "$reads/ur.cram"
cmp <(samtools view out.bam) want.sam
"${get[@]}" --format CRAM -T o.fa -o out.cram "$reads/ur.cram"
cmp out.cram web/ur.cram
head -c 100 web/ur.cram >web/short.cram
refuses 1 'short.cram: its header cannot be read' "${get[@]}" --format CRAM --class header -o no "$reads/short.cram"
# With its reference inside it needs none.
samtools view -C --no-PG -T o.fa --output-fmt-option embed_ref=1 -o web/inside.cram o.bam
"${get[@]}" --format CRAM -r "$near" -o out.bam "$reads/inside.cram"
cmp <(samtools view out.bam) want.sam
"${get[@]}" --format CRAM -T o.fa -r "$near" -o out.cram "$reads/inside.cram"
cmp <(samtools view -T o.fa out.cram) want.sam
# Neither where a CRAM is written, though its contigs are not in -T.
{
    sed "s#\tM5:[^\t]*##; s#UR:.*#UR:$PWD/mine/secret.fa#" ur.sam
    samtools view o.bam
} | samtools view -b --no-PG -o web/ur.bam -
printf '>other\nACGT\n' >other.fa
for options in '' '--class header'; do
    refuses 2 'writing CRAM needs its reference, -T' "${get[@]}" $options -o no.cram "$reads/ur.bam"
    "${get[@]}" -T other.fa $options -o no.cram "$reads/ur.bam" 2>said || true
    "${get[@]}" -T o.fa $options -o out.cram "$reads/ur.bam"
done
samtools view -T o.fa -H --no-PG out.cram >/dev/null
[ "$(ls mine)" = secret.fa ]
