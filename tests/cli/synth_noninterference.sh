# A file and another one that has its public projection and is random in all else (scramble.py) are
# masked to the same bytes: what synth shows is a function of the projection and the masking key.
. "$TOP/tests/cli/lib.bash"
printf %032d 7 >key

# same_masked NAME SEED INPUT REFERENCE [scramble.py options] -- [encrypt options]
same_masked() {
    local name=$1 seed=$2 input=$3 reference=$4 scramble=()
    shift 4
    while [ "$1" != -- ]; do
        scramble+=("$1")
        shift
    done
    shift
    [[ " $* " == *' --blur '* ]] || set -- --blur 0 --inserts keep "$@"
    # Where reads are spliced there would be none.
    [[ " $* " == *' --max-insert '* ]] || set -- --max-insert 10000 "$@"
    python3 "$py/scramble.py" "${scramble[@]}" "$seed" "$input" "$reference" scrambled.bam
    mask_synth a "$input" "$reference" pop.vac "$@"
    mask_synth b scrambled.bam "$reference" pop.vac "$@" -@4
    cmp <(masked_bytes a.bam) <(masked_bytes b.bam) || {
        note "$name: $(diff <(samtools view a.bam) <(samtools view b.bam) | head -n 5)"
        return 1
    }
    # Bytes cannot be equal for want of something to scramble or to mask.
    note "$name: $(samtools view -c a.bam) masked records of $(samtools view -c "$input") and of" \
        "$(samtools view -c scrambled.bam)"
    ! cmp -s "$input" scrambled.bam || return 1
}

for seed in $(by_tier "1 2" "1 2 3 4 5 6"); do
    make_input randbam.py $seed
    insert=(--max-insert $((seed % 2 ? 300000 : 10000)))
    options=(--qual keep --names keep "${insert[@]}")
    [ $((seed % 2)) -eq 0 ] || options+=(--keep-discordant)
    same_masked "randbam $seed" $seed o.bam o.fa "${insert[@]}" -- "${options[@]}"
    same_masked "randbam $seed, blurred" $seed o.bam o.fa --blur "${insert[@]}" -- "${options[@]}" --blur 60 --inserts keep
done

for kind in $(by_tier "mates samples trimmed" "mates rna ont samples trimmed bisulfite amplicon"); do
    scramble=()
    case $kind in
    mates) size=$(by_tier 200 600) options=(--qual bin4) ;;
    rna) size=1000 scramble=(--max-insert none) options=(--qual keep --max-insert none --names token) ;;
    ont) size=24 options=(--qual flat) ;;
    samples) size=300 options=(--qual keep --haploid chrM) ;;
    trimmed) size=1000 options=(--qual shuffle) ;;
    bisulfite | amplicon) size=500 options=(--qual keep) ;;
    esac
    make_input synth_bam.py $kind $size
    [ $kind != samples ] || share_names
    same_masked $kind 1 o.bam o.fa "${scramble[@]}" -- "${options[@]}"
    scramble+=(--blur)
    case $kind in
    mates | rna) ;; # insert sizes of spliced reads cannot be drawn
    *) same_masked "$kind, drawn" 2 o.bam o.fa --draw -- "${options[@]}" --blur 100 --inserts 300,60 ;;
    esac
    [ $kind = samples ] || same_masked "$kind, blurred" 2 o.bam o.fa "${scramble[@]}" -- "${options[@]}" --blur 30 \
        --inserts keep
done

# Shards of the one show what the other shows as a whole.
make_input synth_bam.py trimmed 500
python3 "$py/scramble.py" --draw 3 o.bam o.fa scrambled.bam
samtools index scrambled.bam
moved=(--qual shuffle --blur 100 --inserts 300,60)
mask_synth a o.bam o.fa pop.vac "${moved[@]}"
shards=()
for region in $(samtools view -H scrambled.bam | sed -n 's/^@SQ.*SN:\([^\t]*\).*/\1/p') '*'; do
    n=${#shards[@]}
    mask_synth "shard$n" scrambled.bam o.fa pop.vac "${moved[@]}" -r "$region"
    shards+=("shard$n.bam" "shard$n.bdiff")
done
varlock merge -q --force -k "$keys/owner.pem" -p "$keys/owner.pub.pem" -d b.bdiff -o b.bam "${shards[@]}"
cmp <(masked_bytes a.bam) <(masked_bytes b.bam)

[ "$TIER" != quick ] || exit 0
# Real reads: recalibrated ones, whose QUAL tells bases and whose OQ does not.
if [ ! -e "$SHARED/data/na12878/reads.bam" ]; then
    note "without $SHARED/data"
    exit 0
fi
data=$SHARED/data/na12878
samtools view -H "$data/reads.bam" | python3 "$py/random_vcf.py" 50 "$data/ref.fa.gz" \
    20:9990000-10100000 21:9990000-10100000 >pop.vcf
varlock vcf2vac -q -o pop.vac pop.vcf
same_masked na12878-oq 1 "$data/reads.bam" "$data/ref.fa.gz" --keep-oq -- --qual oq
same_masked na12878-keep 2 "$data/reads.bam" "$data/ref.fa.gz" -- --qual keep
same_masked 'na12878, drawn' 3 "$data/reads.bam" "$data/ref.fa.gz" --keep-oq --draw -- --blur 100 --inserts 400,80

data=$SHARED/data/chr20-1mb
varlock vcf2vac -q -o pop.vac "$data/population.vcf.gz"
samtools view -b -o person.bam "$data/person.bam" z:1-200000
same_masked person 1 person.bam "$data/ref.fa" --
same_masked person-keep 2 person.bam "$data/ref.fa" -- --qual keep
same_masked 'person, drawn' 2 person.bam "$data/ref.fa" --draw -- --blur 100 --inserts 400,80
