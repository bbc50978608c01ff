# Two originals that differ outside the granted ranges only (scramble_outside.py) give slices of equal
# content: all that their holder can dump is the same, window borders and sizes included.  Under permute the
# masked files differ, since they show more; where qualities are dealt, they show those of reads outside.
. "$TOP/tests/cli/lib.bash"
printf %032d 7 >key

# cut_and_dump PREFIX REGION...: what can be had of the slice
cut_and_dump() {
    local name=$1 options
    shift
    as_options "$@"
    varlock reencrypt -q --force -k "$keys/owner.pem" -p "$keys/alice.pub.pem" -d "$name.bdiff" -o "$name.slice" "${options[@]}" "$name.bam"
    varlock view -k "$keys/alice.pem" "$name.slice" >"$name.view"
    varlock view --header -k "$keys/alice.pem" "$name.slice" | grep -v -e _id -e sha256 >"$name.header"
    decrypt_as alice "$name.slice" "$name.bam" "$name.shown.bam"
    decrypt_as alice "$name.slice" "$name.bam" "$name.all.bam" --whole
}

# some_regions SEED: one to three of the contig with most reads
some_regions() {
    samtools index o.bam
    samtools idxstats o.bam | sort -k 3,3nr | head -n 1 | awk -v seed="$1" '{
        srand(seed)
        part = int($2 / 4)
        for (i = 0; i <= seed % 3; i++) {
            beg = 1 + i * part + int(rand() * part / 2)
            print $1 ":" beg "-" beg + int((.3 + rand() / 5) * part)
        }
    }'
    rm o.bam.*
}

# same_slices WHAT SEED MASKING [encrypt options]
same_slices() {
    local what=$1 seed=$2 masking=$3 scramble=() differs=false regions name
    shift 3
    mapfile -t regions < <(some_regions "$seed")
    [[ " $* " != *' flat '* ]] || scramble=(--qual)
    [[ " $* " != *' shuffle '* ]] || scramble=(--qual) differs=true
    [ "$masking" != permute ] || scramble=(--fixed-pos --qual) differs=true
    # Where there is no longest insert, the place of a mate that is not near is public.
    [[ " $* " != *' none '* ]] || scramble+=(--fixed-pos)
    python3 "$py/scramble_outside.py" "${scramble[@]}" "$seed" o.bam o.fa b.bam "${regions[@]}" >scrambled
    cp o.bam a.bam
    rm -f ./*.bai ./*.csi
    for name in a b; do
        samtools index "$name.bam"
        if [ "$masking" = permute ]; then
            encrypt_for_owner pop.vac "$name.bam" "m$name" --mask-key key
        else
            mask_synth "m$name" "$name.bam" o.fa pop.vac --write-index --names keep "$@"
        fi
        cut_and_dump "m$name" "${regions[@]}"
    done
    ! cmp -s a.bam b.bam || { note "$what ${regions[*]}: nothing outside to change"; return 1; }
    $differs || cmp <(masked_bytes ma.bam) <(masked_bytes mb.bam) ||
        { note "$what: the masked files differ: $(diff <(samtools view ma.bam) <(samtools view mb.bam) | cut -c 1-300 | head -n 4)"; return 1; }
    diff ma.view mb.view >differs || { note "$what ${regions[*]}: $(cut -c 1-300 differs | head -n 6)"; return 1; }
    cmp ma.header mb.header
    cmp <(samtools view ma.shown.bam) <(samtools view mb.shown.bam)
    $differs || cmp <(samtools view ma.all.bam) <(samtools view mb.all.bam)
    note "$what: $(grep -c ^R ma.view || true) restored, $(grep -c ^L ma.view || true) loose; $(cat scrambled)"
    grep -c ^R ma.view >>n_restored || true
    grep -c ^L ma.view >>n_loose || true
    grep -c 'QUAL@' ma.view >>n_dealt || true
}

# The demo's person, whose reads are pairs; then kinds that have more tags, introns or modifications.
samtools view --no-PG -b -o o.bam "$TESTDATA/demo/person.sam"
cp "$TESTDATA/demo/reference.fa" o.fa
varlock vcf2vac -q -o pop.vac "$TESTDATA/demo/population.vcf"
for seed in ${NONINTERFERENCE_SEEDS:-$(by_tier "1 2" "1 2 3 4 5 6")}; do
    for masking in permute synth; do
        options=(--qual flat)
        [ $((seed % 2)) -eq 0 ] || options=(--qual keep)
        same_slices "person $seed, $masking" "$seed" $masking "${options[@]}"
    done
    same_slices "person $seed, dealt" "$seed" synth --qual shuffle
done
for kind in $(by_tier "ont" "ont rna bisulfite tenx samples"); do
    options=(--qual flat) size=400
    case $kind in
    ont) size=10 ;;
    rna) size=600 options=(--qual keep --max-insert none) ;;
    esac
    make_input synth_bam.py $kind $size
    for seed in $(by_tier 1 "1 2"); do
        for masking in permute synth; do
            same_slices "$kind $seed, $masking" "$seed" $masking "${options[@]}"
        done
    done
done
awk '{ n += $1 } END { exit n < 100 }' n_restored
awk '{ n += $1 } END { exit n < 100 }' n_loose
awk '{ n += $1 } END { exit n < 100 }' n_dealt
