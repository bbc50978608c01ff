# Random BAMs through all four commands.  PROPERTY_SEEDS widens it: "1-200", or a list of seeds.
. "$TOP/tests/cli/lib.bash"

# slice_shows SLICE WHO [--unplaced] [--of=REGIONS] REGION...: with and without the rest
slice_shows() {
    local slice=$1 who=$2
    shift 2
    decrypt_as "$who" "$slice" m.bam shown.bam
    python3 "$py/check_slice.py" o.bam m.bam shown.bam "$@" >>counts
    decrypt_as "$who" "$slice" m.bam all.bam --whole -@1
    python3 "$py/check_slice.py" --whole o.bam m.bam all.bam "$@" >/dev/null
}

one_seed() {
    local seed=$1 regions inner unplaced=
    rm -f o.fa.fai
    python3 "$py/randbam.py" "$seed" o
    samtools index o.bam
    varlock vcf2vac -q -o pop.vac o.vcf
    encrypt_for_owner pop.vac o.bam m --mask-key key
    encrypt_for_owner pop.vac o.bam m4 --mask-key key -@4
    same -n m.bam m4.bam
    cmp <(samtools view m.bam) <(samtools view m4.bam)
    decrypt_as owner m.bdiff m.bam back.bam
    same o.bam back.bam
    decrypt_as owner m4.bdiff m4.bam back.bam -@4
    same o.bam back.bam
    through_cram

    # Duplicates and reads that failed quality control count in their columns as the others do.
    if [ $((seed % 4)) -eq 0 ]; then
        samtools view -h o.bam | awk -F '\t' -v OFS='\t' '/^@/ { print; next }
            { $2 = $2 % 512 + 512 * 3 * (NR % 2) + 2048 * int($2 / 2048); print }' | samtools view -b -o flags.bam -
        encrypt_for_owner pop.vac flags.bam f --mask-key key
        cmp <(samtools view m.bam | cut -f 10) <(samtools view f.bam | cut -f 10)
    fi

    mapfile -t regions < <(random_regions "$seed" $((1 + seed % 3)))
    [ ${#regions[@]} -gt 0 ] || return 0
    owner_reads_regions "${regions[@]}"
    owner_reads_regions '*'
    [ $((seed % 2)) -eq 0 ] || unplaced=--unplaced
    as_bed "${regions[@]}" >regions.bed
    if [ $((seed % 4)) -lt 2 ]; then
        as_options "${regions[@]}" ${unplaced:+'*'}
        varlock reencrypt -q --force -k "$keys/owner.pem" -p "$keys/alice.pub.pem" -d m.bdiff -o a.bdiff \
            "${options[@]}" m.bam
    else
        varlock reencrypt -q --force -k "$keys/owner.pem" -p "$keys/alice.pub.pem" -d m.bdiff -o a.bdiff \
            -R regions.bed ${unplaced:+--unmapped} -@2 m.bam
    fi
    slice_shows a.bdiff alice $unplaced "${regions[@]}"

    # A part of what alice got, restored by her, and cut again for bob.
    inner=$(awk 'NR == 1 { third = int(($3 - $2) / 3); print $1 ":" $2 + 1 + third "-" $3 - third }' regions.bed)
    decrypt_as alice a.bdiff m.bam part.bam -r "$inner"
    decrypt_as alice a.bdiff m.bam shown.bam
    samtools index shown.bam
    cmp <(samtools view part.bam) <(samtools view shown.bam "$inner")
    varlock reencrypt -q --force -k "$keys/alice.pem" -p "$keys/bob.pub.pem" -d a.bdiff -o b.bdiff -r "$inner" m.bam
    slice_shows b.bdiff bob "--of=$(IFS=,; echo "${regions[*]}")" "$inner"
    refuses 3 'alice.pem is not the key of any' decrypt_as alice b.bdiff m.bam no.bam
}

seeds=${PROPERTY_SEEDS:-$(by_tier 1-2 1-14)}
if [[ $seeds =~ ^([0-9]+)-([0-9]+)$ ]]; then
    seeds=$(seq "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}")
fi
head -c 32 /dev/zero >key
for seed in $seeds; do
    note "seed $seed"
    one_seed "$seed"
done
# Every kind of grant must have come up, or the checks above checked nothing.
awk '{ for (i = 1; i < NF; i += 2) n[$i] += $(i + 1) }
     END { print n["restored"], n["loose"], n["whole"], n["withheld"]
           exit !(n["restored"] && n["loose"] && n["whole"] && n["withheld"]) }' counts >&2
