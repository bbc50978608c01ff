# The library's reader shows what decrypt writes, and the masked records beside it; region by region, and
# again after another region.  What is served, as regions and as a file that is never there, is the same.
. "$TOP/tests/cli/lib.bash"
printf %032d 7 >key

# shown SLICE-OR-- KEY-OR-- [REGION]...: as SAM lines
shown() {
    show_restored m.bam "$@"
}

# of_bam BAM REGION: as samtools has it.  For varlock the end of a contig is beyond all of its reads.
of_bam() {
    local length
    length=$(samtools view -H "$1" | awk -v name="SN:${2%:*}" '$1 == "@SQ" && $2 == name { sub("LN:", ""); print $3 }')
    samtools view "$1" "${2%-"${length:-x}"}"
}

# agrees EXPECTED-BAM BDIFF KEY REGION...: in each region, one after the other with one reader.  Of one
# place, the records of windows may come before those outside them.
agrees() {
    local expected=$1 bdiff=$2 key=$3 region
    shift 3
    for region in "$@"; do
        of_bam "$expected" "$region" | sort
    done >want.sam
    for region in "$@"; do
        shown "$bdiff" "$key" "$region" | tee one.sam | sort
        awk -F '\t' '$4 < last { exit 1 } { last = $4 }' one.sam || { note "$region: out of order"; return 1; }
    done >got.sam
    cmp got.sam want.sam || { note "$bdiff: $*"; diff got.sam want.sam | cut -c 1-200 | sed -n '1,6p' >&2; return 1; }
    shown "$bdiff" "$key" "$@" | sort | cmp - <(sort want.sam) || { note "$bdiff: in one go: $*"; return 1; }
}

# is_served EXPECTED-BAM BDIFF KEY REGION...: samtools finds the records in the file; several regions at once
# give each record once.
is_served() {
    local expected=$1 bdiff=$2 key=$3 region
    shift 3
    write_served m.bam "$bdiff" "$key" file.bam >id
    samtools quickcheck -v file.bam
    cmp <(samtools view file.bam | sort) <(samtools view "$expected" | awk '$3 == "*" || $4 > 0' | sort) || return 1
    for region in "$@"; do
        cmp <(of_bam file.bam "$region" | sort) <(of_bam "$expected" "$region" | sort) || { note "$region"; return 1; }
    done
    write_served m.bam "$bdiff" "$key" several.bam "$@" >id
    samtools quickcheck -v several.bam
    samtools index several.bam # in order
    for region in "$@"; do of_bam "$expected" "$region"; done | sort -u >want.sam
    samtools view several.bam | sort -u | cmp - want.sam || return 1
    [ "$(samtools view -c several.bam)" -le "$(samtools view "$expected" | sort | comm -12 - want.sam | wc -l)" ]
    rm file.bam.*
}

# What a slice shows with --whole, less the masked records that overlap what it grants.
expect_of_slice() { # REGION...
    decrypt_as alice a.bdiff m.bam restored.bam
    decrypt_as alice a.bdiff m.bam all.bam --whole
    samtools index all.bam # in order
    samtools view -h all.bam | awk -F '\t' '
        FILENAME == ARGV[1] { restored[$0]; next }
        FILENAME == ARGV[2] { if (!($0 in restored)) hidden[$0]; next }
        !($0 in hidden)' <(samtools view restored.bam) <(samtools view -M all.bam "$@") - |
        samtools view -b --no-PG -o expected.bam -
    samtools index expected.bam
}

# reads SEED [encrypt options]: o.bam masked, as its owner, alice and nobody see it
reads() {
    local seed=$1 granted asked options
    shift
    rm -f [moa]*.bam.*
    samtools index o.bam
    mask_synth m o.bam o.fa pop.vac --write-index "$@"
    mapfile -t granted < <(random_regions "$seed" $((1 + seed % 3)))
    mapfile -t asked < <(random_regions $((seed + 100)) 4)
    [ ${#granted[@]} -gt 0 ] || return 0
    asked+=("${granted[@]}" '*')
    samtools view -h --no-PG o.bam >o.sam
    shown m.bdiff "$keys/owner.pem" | cmp - <(samtools view o.bam)
    agrees o.bam m.bdiff "$keys/owner.pem" "${asked[@]}"
    agrees m.bam - - "${asked[@]}"
    as_options "${granted[@]}"
    [ $((seed % 2)) -eq 0 ] || options+=(-r '*')
    varlock reencrypt -q --force -k "$keys/owner.pem" -p "$keys/alice.pub.pem" -d m.bdiff -o a.bdiff "${options[@]}" m.bam
    [ $((seed % 2)) -eq 0 ] || granted+=('*')
    expect_of_slice "${granted[@]}"
    shown a.bdiff "$keys/alice.pem" | cmp - <(samtools view expected.bam)
    agrees expected.bam a.bdiff "$keys/alice.pem" "${asked[@]}"
    is_served expected.bam a.bdiff "$keys/alice.pem" "${asked[@]}"
    [ "$seed" -gt 2 ] || is_served o.bam m.bdiff "$keys/owner.pem" "${asked[@]}"
    [ "$seed" -gt 2 ] || is_served m.bam - - "${asked[@]}"
}

for seed in $(seq 1 "$(by_tier 6 60)"); do
    note "randbam $seed"
    make_input randbam.py "$seed"
    options=(--qual flat)
    [ $((seed % 2)) -eq 0 ] || options=(--qual keep --keep-discordant --max-insert 300000)
    [ $((seed % 3)) -gt 0 ] || options=(--mask permute)
    reads "$seed" "${options[@]}"
done
for kind in $(by_tier "mates rna" "mates rna tenx ont"); do
    note "$kind"
    options=(--qual shuffle) size=300
    [ "$kind" != rna ] || options=(--qual keep --max-insert none)
    [ "$kind" != ont ] || size=18
    make_input synth_bam.py "$kind" $size
    reads 1 "${options[@]}"
    reads 2 "${options[@]}"
done

# Without an index it reads from the start, and goes nowhere.
rm m.bam.csi
shown - - | cmp - <(samtools view m.bam)
! shown - - chr1:100-200 2>said || exit 1
grep 'index' said >/dev/null
