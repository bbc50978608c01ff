# The header of a BAM comes back byte for byte, whatever its text holds, and the contig list with it.
# What is no header is refused with one line, and costs no memory.
. "$TOP/tests/cli/lib.bash"
# A sanitizer reserves terabytes of addresses.
has_asan=$(nm "$VARLOCK" | grep -m 1 __asan_init || true)
printf '%s\n' '##fileformat=VCFv4.2' '##contig=<ID=c1,length=1000>' '##contig=<ID=c2,length=500>' \
    '##INFO=<ID=AC,Number=A,Type=Integer,Description="">' '##INFO=<ID=AN,Number=1,Type=Integer,Description="">' \
    $'#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO' $'c1\t15\t.\tG\tC\t.\t.\tAC=5;AN=10' >pop.vcf
varlock vcf2vac -q -o pop.vac pop.vcf
mask=(varlock encrypt -q --mask permute -a pop.vac -p "$keys/owner.pub.pem" -d m.bdiff)

comes_back() { # WHAT HEADER: back.bam has the header in that file
    python3 "$py/header_bam.py" show back.bam >header.back
    cmp "$2" header.back >&2 || { note "$1: another header comes back"; return 1; }
}

names=$(python3 "$py/header_bam.py")
for name in $names; do
    python3 "$py/header_bam.py" "$name" "$name.bam"
    python3 "$py/header_bam.py" show "$name.bam" >"$name.header"
    "${mask[@]}" --force -o m.bam "$name.bam"
    decrypt_as owner m.bdiff m.bam back.bam
    comes_back "$name" "$name.header"
    samtools view m.bam | wc -l | grep -x 10 >/dev/null
done

# Lines after a NUL are read, if they are lines.
read_groups() {
    "${mask[@]}" --force -o m.bam "$1.bam"
    samtools view --no-PG -H m.bam | grep -c '^@RG' || true
}
[ "$(read_groups line_after_nul)" -eq 2 ]
[ "$(read_groups nul_before_newline)" -eq 2 ]
[ "$(read_groups nul_before_line)" -eq 1 ]
[ "$(read_groups no_text)" -eq 0 ]

# From a pipe, with threads, and of shards that join.
name=line_after_nul
cat $name.bam | "${mask[@]}" --force -o - - >m.bam
varlock decrypt -q -k "$keys/owner.pem" -d m.bdiff -o - - <m.bam >back.bam
comes_back pipe $name.header
"${mask[@]}" --force -@2 -o m.bam $name.bam
decrypt_as owner m.bdiff m.bam back.bam -@2
comes_back threads $name.header
samtools index $name.bam
printf %032d 7 >key
for shard in c1 c2; do
    [ $shard = c1 ] && last=() || last=(-r '*')
    varlock encrypt -q --mask permute -a pop.vac -p "$keys/owner.pub.pem" --mask-key key -r $shard "${last[@]}" -d $shard.bdiff -o $shard.bam $name.bam
done
varlock merge -q --force -k "$keys/owner.pem" -p "$keys/owner.pub.pem" -d m.bdiff -o m.bam c1.bam c1.bdiff c2.bam c2.bdiff
decrypt_as owner m.bdiff m.bam back.bam
comes_back shards $name.header

# SAM and CRAM cannot hold such a text: programs can read what is written instead.
export REF_PATH=/nowhere REF_CACHE=/nowhere
printf '>c1\n%s\n>c2\n%s\n' "$(printf 'ACGTACGTAC%.0s' {1..100})" "$(printf 'ACGTACGTAC%.0s' {1..50})" >o.fa
samtools faidx o.fa
for name in no_last_newline nul_in_comment padding line_after_nul; do
    "${mask[@]}" --force -o m.bam $name.bam
    decrypt_as owner m.bdiff m.bam back.sam
    decrypt_as owner m.bdiff m.bam back.cram -T o.fa
    for back in back.sam back.cram; do
        samtools view -T o.fa -h --no-PG $back >back.lines
        [ "$(grep -c '^r' back.lines)" -eq 10 ] || { note "$name: records are lost in $back"; exit 1; }
        [ "$(grep -c '^@RG' back.lines)" -eq 2 ] || { note "$name: read groups are lost in $back"; exit 1; }
        ! tr -d '\1-\377' <$back | grep . >/dev/null || [ $back = back.cram ] || { note "$name: a NUL in $back"; exit 1; }
    done
done

# The text of a CRAM is that of its header block.
samtools view -h --no-PG plain.bam | sed 's/more/mXre/' |
    samtools view --no-PG -C -T o.fa --output-fmt-option level=0 -o x.cram -
python3 "$py/header_bam.py" cram x.cram o.cram >o.text
"${mask[@]}" --force -T o.fa -o m.bam o.cram
decrypt_as owner m.bdiff m.bam back.bam
python3 "$py/header_bam.py" show back.bam | tail -c +9 | head -c "$(stat -c %s o.text)" | cmp - o.text

# No headers.
for name in $(python3 "$py/header_bam.py" refused); do
    python3 "$py/header_bam.py" "$name" "$name.bam"
    case $name in
    negative_size) why='corrupt: its header text has -1 bytes' ;;
    negative_contigs) why='corrupt: its header has -5 contigs' ;;
    no_name) why='corrupt: contig 1 of its header has a name of 0 bytes' ;;
    negative_name) why='corrupt: contig 1 of its header has a name of -9 bytes' ;;
    same_name_twice) why='contig c is listed twice' ;;
    bad_line) why='line 7 of its header cannot be read \(it has no ID\): @RG SM:x' ;;
    *) why='truncated or corrupt in (its header|its header text|the contig list of its header)' ;;
    esac
    (
        [ -n "$has_asan" ] || ulimit -v 500000
        refuses 1 "^varlock encrypt: $name.bam: $why$" "${mask[@]}" --force -o m.bam "$name.bam"
        refuses 1 "^varlock encrypt: -: $why$" bash -c 'cat "$0" | "$@" -' "$name.bam" "${mask[@]}" --force -o m.bam
    )
done
note "$(wc -w <<<"$names") headers"
