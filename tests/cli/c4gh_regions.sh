# varlock crypt4gh decrypt -r and slice -r give what samtools and bcftools give: the header, and each record
# that overlaps the regions once, of BAM, CRAM, VCF and BCF, with plain and encrypted indexes.
. "$TOP/tests/cli/lib.bash"
unset C4GH_PASSPHRASE
varlock crypt4gh keygen -q -o me --no-passphrase
varlock crypt4gh keygen -q -o you --no-passphrase
python3 "$py/synth_bam.py" samples o 1500
samtools view --no-PG -C -T o.fa --output-fmt-option version=3.0 -o o.cram o.bam
bgzip -c o.vcf >o.vcf.gz
bcftools view --no-version -Ob -o o.bcf o.vcf.gz
samtools index -c o.bam && samtools index o.cram && bcftools index -t o.vcf.gz && bcftools index o.bcf
cp o.bam.csi index.csi
for file in o.bam o.cram o.vcf.gz o.bcf o.bam.csi o.vcf.gz.tbi o.cram.crai o.bcf.csi; do
    varlock crypt4gh encrypt -q -p me.pub -o $file.c4gh $file
done
header_of() {
    samtools view -H --no-PG "$@"
}

regions() { # REGION...: as options
    printf -- '-r\n%s\n' "$@"
}
alignments() { # FILE EXPECTED-RECORDS REGION...
    local file=$1 expected=$2 options
    shift 2
    mapfile -t options < <(regions "$@")
    varlock crypt4gh decrypt -q -k me.sec -T o.fa "${options[@]}" -o part."${file#*.}" "$file.c4gh"
    cmp <(samtools view -T o.fa part."${file#*.}") "$expected"
    cmp <(header_of part."${file#*.}" | grep -v '^@PG') <(header_of "$file" | grep -v '^@PG')
    varlock crypt4gh slice -q -k me.sec -p you.pub -T o.fa "${options[@]}" -o s.c4gh "$file.c4gh"
    varlock crypt4gh decrypt -q -k you.sec -o whole s.c4gh
    cmp <(samtools view -T o.fa whole) "$expected"
    refuses 3 's.c4gh: no key opens it' varlock crypt4gh decrypt -q -k me.sec -o no s.c4gh
}
for file in o.bam o.cram; do
    for set in 'chr1:5000-9000' 'chr1' 'chr1:1-1' 'chr1:5000-5100 chr1:5101-5200' 'chr1:100-200 chr1:250-300 chrM:1-3000' \
        'chrM chr1:19000-20000' '*' 'chr1:7000-7010 *'; do
        read -ra wanted <<<"$set"
        samtools view -T o.fa -M $file "${wanted[@]}" >expected.sam
        [[ $set != *'*'* ]] || { # which -M does not take
            : >expected.sam
            for region in "${wanted[@]}"; do samtools view -T o.fa $file "$region" >>expected.sam; done
        }
        [ "$set" = chr1:1-1 ] || [ -s expected.sam ]
        alignments $file expected.sam "${wanted[@]}"
    done
done
# A record that lies over three ranges comes once.
samtools view -M o.bam chr1:5000-5001 chr1:5010-5011 chr1:5020-5021 >expected.sam
alignments o.bam expected.sam chr1:5000-5001 chr1:5010-5011 chr1:5020-5021

for file in o.vcf.gz o.bcf; do
    for set in 'chr1:5000-9000' 'chr1' 'chr1:5000-5600 chr1:5601-6200' 'chrM:1-2000 chr1:1-500'; do
        read -ra wanted <<<"$set"
        mapfile -t options < <(regions "${wanted[@]}")
        bcftools view --no-version -H $file -r "$(IFS=,; echo "${wanted[*]}")" | sort -u >expected
        [ -s expected ]
        varlock crypt4gh decrypt -q -k me.sec "${options[@]}" -o part $file.c4gh
        cmp <(bcftools view --no-version -H part | sort) expected
        cmp <(bcftools view --no-version -h part) <(bcftools view --no-version -h $file)
        varlock crypt4gh slice -q -k me.sec -p you.pub "${options[@]}" $file.c4gh | varlock crypt4gh decrypt -q -k you.sec - |
            bcftools view --no-version -H - | sort | cmp - expected
    done
done
# The lines of a VCF come as they are.
varlock crypt4gh decrypt -q -k me.sec -r chr1 -o part o.vcf.gz.c4gh
cmp <(bgzip -dc part) <(grep -E $'^#|^chr1\t' o.vcf)

# Each with its encrypted index alone.
for file in o.bam o.cram o.vcf.gz o.bcf; do
    varlock crypt4gh decrypt -q -k me.sec -T o.fa -r chr1:5000-9000 -o with $file.c4gh
    mkdir aside && mv $file.*i aside
    varlock crypt4gh decrypt -q -k me.sec -T o.fa -r chr1:5000-9000 -o without $file.c4gh
    cmp with without
    varlock crypt4gh decrypt -q -@2 -k me.sec -T o.fa -r chr1:5000-9000 -o threads $file.c4gh
    cmp with threads
    mv aside/* . && rmdir aside
done

# Where the index is, and where it is not.
rm o.bam.csi
varlock crypt4gh decrypt -q -k me.sec -r chr1:5000-9000 -o part.bam o.bam.c4gh
varlock crypt4gh decrypt -q -k me.sec -r chr1:5000-9000 --index index.csi -o again.bam o.bam.c4gh
cmp part.bam again.bam
mv o.bam.csi.c4gh elsewhere
varlock crypt4gh decrypt -q -k me.sec -r chr1:5000-9000 --index elsewhere -o again.bam o.bam.c4gh
cmp part.bam again.bam
refuses 1 'o.bam.c4gh: has no index beside it' varlock crypt4gh decrypt -q -k me.sec -r chr1:5000-9000 -o no o.bam.c4gh
refuses 1 'none: cannot open' varlock crypt4gh decrypt -q -k me.sec -r chr1 --index none -o no o.bam.c4gh
refuses 2 'chr9: unknown contig' varlock crypt4gh decrypt -q -k me.sec -r chr9 --index elsewhere -o no o.bam.c4gh
refuses 2 'region \*: variants have places' varlock crypt4gh decrypt -q -k me.sec -r '*' -o no o.bcf.c4gh
refuses 2 'regions do not go together with --range' varlock crypt4gh decrypt -q -k me.sec -r chr1 --range 0-5 -o no o.bcf.c4gh
refuses 2 'a slice is of ranges of bytes \(--range\) or of regions \(-r\)' varlock crypt4gh slice -q -k me.sec -p you.pub -o no o.bcf.c4gh
refuses 2 '--header-only goes with --range' varlock crypt4gh slice -q -k me.sec -p you.pub --header-only -r chr1 -o no o.bcf.c4gh
varlock crypt4gh encrypt -q -p me.pub -o o.fa.c4gh o.fa
refuses 1 'o.fa.c4gh: regions need a BAM, CRAM, VCF or BCF file' varlock crypt4gh decrypt -q -k me.sec -r chr1 -o no o.fa.c4gh
refuses 3 'o.bcf.c4gh: no key opens it' varlock crypt4gh decrypt -q -k you.sec -r chr1 -o no o.bcf.c4gh
head -c $(($(stat -c %s o.bcf.c4gh) - 50)) o.bcf.c4gh >cut.bcf.c4gh
cp o.bcf.csi cut.bcf.csi
refuses 1 'cut.bcf.c4gh: segment [0-9]+ does not open' varlock crypt4gh decrypt -q -k me.sec -r chr1 -o no cut.bcf.c4gh

# What goes to a pipe does not look finished after a failure.
end_of() {
    tail -c 28 | od -An -tx1 | tr -d ' \n'
}
end=$(end_of <o.bam)
for file in o.bam o.bcf o.vcf.gz; do
    cp $file.c4gh "bad-$file.c4gh"
    printf '\377\377' | dd of="bad-$file.c4gh" bs=1 seek=$(($(stat -c %s $file.c4gh) / 2)) conv=notrunc status=none
    case $file in o.bam) index=elsewhere ;; o.bcf) index=o.bcf.csi ;; *) index=o.vcf.gz.tbi ;; esac
    status=0
    varlock crypt4gh decrypt -q -k me.sec -r chr1 --index $index "bad-$file.c4gh" >part 2>err || status=$?
    [ $status -eq 1 ] && grep 'does not open: the file is damaged' err >/dev/null
    [ "$(end_of <part)" != "$end" ]
    status=0
    varlock crypt4gh slice -q -k me.sec -p you.pub -r chr1 --index $index "bad-$file.c4gh" >part 2>err || status=$?
    [ $status -eq 1 ]
    varlock crypt4gh decrypt -q -k you.sec part >whole 2>err || true
    [ "$(end_of <whole)" != "$end" ]
done
