# Alignments, indexes and VCFs that are encrypted (Crypt4GH) are read and written as plain ones are: the same
# masked records, restored reads, slices and joined shards, by region too; and no plaintext reaches a file.
. "$TOP/tests/cli/lib.bash"
unset C4GH_PASSPHRASE
printf %032d 7 >key
varlock crypt4gh keygen -q -o me --no-passphrase
varlock crypt4gh keygen -q -o other --no-passphrase
unsealed() { # FILE.c4gh
    varlock crypt4gh decrypt -q -k me.sec "$1"
}
seal() { # FILE...: each to FILE.c4gh
    local file
    for file; do varlock crypt4gh encrypt -q -p me.pub -o "$file.c4gh" "$file"; done
}
records() { # of a BAM or SAM on stdin; a CRAM's header has lines that no BAM has
    samtools view -
}
open=(--c4gh-key me.sec)
close=(--c4gh-recipient me.pub)
own=(-k "$keys/owner.pem")

python3 "$py/synth_bam.py" samples o 1500
samtools view --no-PG -C -T o.fa --output-fmt-option version=3.0 -o o.cram o.bam
samtools view --no-PG -h -o o.sam o.bam
samtools index -c o.bam && samtools index o.cram
bgzip -c o.vcf >o.vcf.gz
seal o.bam o.cram o.sam o.vcf o.vcf.gz o.bam.csi o.cram.crai

# ---- counts ----
varlock vcf2vac -q -o plain.vac o.vcf
for vcf in o.vcf.c4gh o.vcf.gz.c4gh; do
    varlock vcf2vac -q "${open[@]}" -o x.vac $vcf
    varlock vcf2vac -q -o y.vac "${vcf%.c4gh}"
    cmp x.vac y.vac
    varlock vcf2vac -q "${open[@]}" -o x.vac - <$vcf
    cmp x.vac y.vac
done

# ---- masking ----
mask() { # PREFIX OUTPUT INPUT [options]
    varlock encrypt -q --force -T o.fa -a plain.vac -p "$keys/owner.pub.pem" --mask-key key --qual flat -d "$1.bdiff" -o "$2" "${@:4}" "$3"
}
mask p p.bam o.bam --write-index
records <p.bam >plain.txt
for input in o.bam o.cram o.sam; do
    for threads in 0 2; do
        mask m m.bam.c4gh $input.c4gh "${open[@]}" "${close[@]}" -@$threads --write-index
        unsealed m.bam.c4gh | records | cmp - plain.txt
        # The index is that of the plain file, and encrypted as well.
        unsealed m.bam.c4gh >m.bam
        samtools index -c -o again.csi m.bam
        cmp <(unsealed m.bam.c4gh.csi.c4gh | bgzip -dc) <(bgzip -dc again.csi)
    done
done
[ ! -e m.bam.c4gh.csi ]
# Through pipes; the recipient decides, whatever the name.
cat o.bam.c4gh | mask m - - "${open[@]}" "${close[@]}" -O bam | unsealed - | records | cmp - plain.txt
mask m2 m2.cram.c4gh o.bam "${close[@]}" --write-index
unsealed m2.cram.c4gh >m2.cram
samtools index m2.cram
cmp <(unsealed m2.cram.c4gh.crai.c4gh | gzip -dc) <(gzip -dc m2.cram.crai)
rm m2.cram.crai
varlock reencrypt -q "${own[@]}" "${open[@]}" --reference o.fa -p me.pub -r chr1:5001-6000 -d m2.bdiff -o s.bdiff m2.cram.c4gh
varlock decrypt -q -k me.sec "${open[@]}" -T o.fa -d s.bdiff -o s.bam m2.cram.c4gh
varlock decrypt -q "${own[@]}" -T o.fa -d m2.bdiff -r chr1:5001-6000 -o t.bam m2.cram 2>err && exit 1
grep 'm2.cram: has no index' err >/dev/null
[ "$(samtools view -c s.bam)" -gt 10 ]
mask m2 m2 o.bam.c4gh "${open[@]}" "${close[@]}"
unsealed m2 | records | cmp - plain.txt
mask m m.bam.c4gh o.bam.c4gh "${open[@]}" "${close[@]}" --write-index

# ---- restoring and granting ----
varlock decrypt -q "${own[@]}" "${open[@]}" "${close[@]}" -d m.bdiff -o back.bam.c4gh m.bam.c4gh
unsealed back.bam.c4gh >back.bam
same o.bam back.bam
varlock decrypt -q "${own[@]}" "${open[@]}" -d m2.bdiff -o back.bam - <m2
same o.bam back.bam
for region in $(samtools idxstats o.bam | awk '$2 > 1000 && $3 > 10 { print $1 ":101-" int($2 / 2) }'); do
    varlock reencrypt -q --force "${own[@]}" "${open[@]}" -p me.pub -r "$region" -d m.bdiff -o s.bdiff m.bam.c4gh
    varlock decrypt -q -k me.sec "${open[@]}" -d s.bdiff -o s.bam m.bam.c4gh
    varlock reencrypt -q --force "${own[@]}" -p me.pub -r "$region" -d p.bdiff -o t.bdiff p.bam
    varlock decrypt -q -k me.sec -d t.bdiff -o t.bam p.bam
    cmp <(records <t.bam) <(records <s.bam)
done
# Each name that the index can have; of a CRAM too.
cp m.bam.c4gh n.bam.c4gh
unsealed m.bam.c4gh.csi.c4gh >index.csi
seal index.csi
for name in n.bam.c4gh.csi n.bam.csi n.bam.c4gh.csi.c4gh n.bam.csi.c4gh; do
    case $name in *.c4gh) cp index.csi.c4gh $name ;; *.csi) cp index.csi $name ;; esac
    varlock decrypt -q "${own[@]}" "${open[@]}" -r "$region" -d m.bdiff -o s.bam n.bam.c4gh
    rm $name
    refuses 1 'n.bam.c4gh: has no index beside it' varlock decrypt -q "${own[@]}" "${open[@]}" -r "$region" -d m.bdiff -o no.bam n.bam.c4gh
done

# ---- shards ----
pairs=()
while read -r contig; do
    mask "shard$contig" "shard$contig.bam.c4gh" o.bam.c4gh "${open[@]}" "${close[@]}" -r "$contig"
    pairs+=("shard$contig.bam.c4gh" "shard$contig.bdiff")
done < <(samtools idxstats o.bam | cut -f 1)
varlock merge -q "${own[@]}" "${open[@]}" "${close[@]}" -p "$keys/owner.pub.pem" -d j.bdiff -o j.bam.c4gh "${pairs[@]}"
unsealed j.bam.c4gh | records | cmp - plain.txt
varlock decrypt -q "${own[@]}" "${open[@]}" -d j.bdiff -o back.bam j.bam.c4gh
same o.bam back.bam
unsealed j.bam.c4gh >j.bam
samtools index -c -o again.csi j.bam
cmp <(unsealed j.bam.c4gh.csi.c4gh | bgzip -dc) <(bgzip -dc again.csi)

# ---- no plaintext in a file ----
if strace -o trace true 2>/dev/null; then
    export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0" # which does not work under ptrace
    strace -f -qq -s 200000 -xx -e trace=write,pwrite64,writev -o writes \
        varlock encrypt -q --force -T o.fa -a plain.vac -p "$keys/owner.pub.pem" --qual flat -d m.bdiff -o m.bam.c4gh "${open[@]}" "${close[@]}" \
        --write-index o.bam.c4gh
    # The start of a BGZF block, of which a BAM and its index are made.
    ! grep -F '\x1f\x8b\x08\x04' writes >/dev/null || { note 'plaintext was written'; exit 1; }
    strace -f -qq -s 200000 -xx -e trace=write,pwrite64,writev -o writes varlock encrypt -q --force -T o.fa -a plain.vac -p "$keys/owner.pub.pem" --qual flat \
        -d m2.bdiff -o m2.bam o.bam
    grep -F '\x1f\x8b\x08\x04' writes >/dev/null
fi

# ---- what is wrong ----
fresh=(varlock encrypt -q -T o.fa -a plain.vac -p "$keys/owner.pub.pem" --qual flat -d no.bdiff -o)
refuses 3 'o.bam.c4gh: is encrypted \(Crypt4GH\), and no key was given that opens it: --c4gh-key FILE' "${fresh[@]}" no.bam o.bam.c4gh
refuses 3 'o.bam.c4gh: no key opens it.*tried: other.sec' "${fresh[@]}" no.bam --c4gh-key other.sec o.bam.c4gh
refuses 2 '-o no.bam.c4gh: is to be encrypted by its name, but for nobody: --c4gh-recipient' "${fresh[@]}" no.bam.c4gh o.bam
refuses 2 '(same file)' "${fresh[@]}" me.pub "${close[@]}" o.bam
refuses 3 'no key that Crypt4GH can seal to' "${fresh[@]}" no.bam --c4gh-recipient "$keys/owner.pub.pem" o.bam
refuses 3 'm.bam.c4gh: is encrypted' varlock decrypt -q "${own[@]}" -d m.bdiff -o no.bam m.bam.c4gh
refuses 3 'o.vcf.c4gh: is encrypted' varlock vcf2vac -q -o no.vac o.vcf.c4gh
size=$(stat -c %s o.bam.c4gh)
head -c $((size - 100)) o.bam.c4gh >cut.bam.c4gh
refuses 1 'cut.bam.c4gh: segment [0-9]+ does not open: the file is damaged, or truncated there' \
    "${fresh[@]}" no.bam "${open[@]}" cut.bam.c4gh
head -c $((124 + 65564)) o.bam.c4gh >cut.bam.c4gh
refuses 1 'cut.bam.c4gh: truncated \(its end block is missing\)' "${fresh[@]}" no.bam "${open[@]}" cut.bam.c4gh
cp o.bam.c4gh bad.bam.c4gh
printf '\377\377' | dd of=bad.bam.c4gh bs=1 seek=70000 conv=notrunc status=none
refuses 1 'bad.bam.c4gh: segment 2 does not open: the file is damaged' "${fresh[@]}" no.bam "${open[@]}" bad.bam.c4gh
head -c $(($(stat -c %s o.vcf.c4gh) - 9)) o.vcf.c4gh >cut.vcf.c4gh
refuses 1 'cut.vcf.c4gh: segment [0-9]+ does not open' varlock vcf2vac -q "${open[@]}" -o no.vac cut.vcf.c4gh
