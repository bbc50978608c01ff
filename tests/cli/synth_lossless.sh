# Whatever the input, synth masking with any number of threads shows the same, it is what the rules
# (synth_model.py) and the draws (check_synth.py) say, and decrypting gives the input back.
. "$TOP/tests/cli/lib.bash"
need_cryptography
printf %032d 7 >key

# lossless NAME INPUT REFERENCE VAC CHECKS [encrypt options]; CHECKS: model, draws, both or none
lossless() {
    local name=$1 input=$2 reference=$3 vac=$4 checks=$5 model=(--key key) haploid=() i
    shift 5
    # Neither the model nor what it is told measures insert sizes, nor knows that spliced reads have no
    # longest one.
    [[ $checks == none || " $* " == *' --blur '* ]] || set -- --blur 0 --inserts keep "$@"
    [[ " $* " == *' --max-insert '* ]] || set -- --max-insert 10000 "$@"
    mask_synth m "$input" "$reference" "$vac" "$@"
    mask_synth m2 "$input" "$reference" "$vac" "$@" -@2
    cmp <(masked_bytes m.bam) <(masked_bytes m2.bam)
    for ((i = 1; i < $#; i++)); do
        case ${!i} in
        --max-insert | --max-shift | --vault | --blur | --inserts) model+=("${!i}" "${@:i+1:1}") ;;
        --keep-discordant) model+=("${!i}") ;;
        --haploid) haploid=(--haploid "${@:i+1:1}") ;;
        esac
    done
    [ "${!#}" != --keep-discordant ] || model+=(--keep-discordant)
    case $checks in
    model | both) "$python" "$py/synth_model.py" "${model[@]}" "$input" m.bam >said ;;
    esac || { note "$name: $(cat said)"; return 1; }
    case $checks in
    draws | both)
        varlock view "$vac" >vac.txt
        $python "$py/check_synth.py" "$input" m.bam "$reference" key vac.txt "${haploid[@]}" >said
        ;;
    esac || { note "$name: $(cat said)"; return 1; }
    decrypt_as owner m2.bdiff m.bam back.bam 2>/dev/null && return 1
    decrypt_as owner m.bdiff m.bam back.bam -@1
    bamdiff "$input" back.bam >said || { note "$name: $(cat said)"; return 1; }
    note "$(printf '%-28s -> %7d -> 0' "$name" "$(sed 's/ .*//' said)")"
}

note 'input -> records compared -> differences'
for kind in $(python3 "$py/synth_bam.py"); do
    options=() size=
    case $kind in
    amplicon) size=$(by_tier 500 3000) ;;
    rna) options=(--max-insert none) size=$(by_tier 300 1000) ;;
    samples) options=(--haploid chrM) size=300 ;;
    ont) size=$(by_tier 6 18) ;;
    tenx | bisulfite) size=$(by_tier 300 1000) ;;
    esac
    make_input synth_bam.py $kind $size
    [ $kind != samples ] || share_names
    qual=keep
    [ $kind != trimmed ] || qual=shuffle
    lossless $kind o.bam o.fa pop.vac both --qual $qual "${options[@]}"
    [ "$TIER" = quick ] || lossless "$kind, defaults" o.bam o.fa pop.vac none --qual shuffle "${options[@]}"
done
printf 'chr1\t4000\t4200\nchr2\t0\t3000\n' >places.bed
make_input synth_bam.py mates 400
for options in '--qual flat --keep-discordant' '--qual bin4 --max-insert 300' '--names token --qual keep' \
    '--qual keep --blur 40 --inserts keep --keep-discordant' '--qual keep --max-shift 20' '--qual keep --vault places.bed' '--qual keep --keep-tags AS,XS,SA'; do
    checks=model
    [[ $options != *token* && $options != *--blur* ]] || checks=none
    [[ $options == *token* || $options != *--blur* ]] || checks=both
    # shellcheck disable=SC2086 # words
    lossless "mates $options" o.bam o.fa pop.vac $checks $options
done

make_input synth_bam.py samples 300
share_names
lossless 'samples, drawn' o.bam o.fa pop.vac both --qual keep --blur 100 --inserts 300,60 --haploid chrM
lossless 'samples, drawn, tokens' o.bam o.fa pop.vac none --qual keep --names token --blur 20 --inserts 200,50
make_input synth_bam.py ont 6
lossless 'ont, blurred' o.bam o.fa pop.vac both --qual keep --blur 100 --inserts keep
# Pairs whose adapters were trimmed, which lie one upon the other.
rm o.*
"$python" - "$py" <<'END'
import sys
sys.path.insert(0, sys.argv[1])
import numpy, people
rng = numpy.random.default_rng(1)
world = people.Population(rng, 20000)
people.write_world("o", world)
reads = people.Reads([people.Haplotype(rng, world, has_alt) for has_alt in world.draw(rng, 1)[0]])
reads.shotgun(rng, 20, 150, 35)
reads.write("o.bam", 20000)
END
varlock vcf2vac -q -o pop.vac o.vcf
lossless 'trimmed, drawn' o.bam o.fa pop.vac both --qual shuffle --blur 100 --inserts 150,35

for seed in $(by_tier "1 2" "1 2 3 4 5 6 7 8"); do
    make_input randbam.py $seed
    qual=keep options=()
    [ $((seed % 4)) -lt 2 ] || qual=shuffle
    [ $((seed % 2)) -eq 0 ] || options=(--max-insert 300000 --keep-discordant)
    lossless "randbam $seed" o.bam o.fa pop.vac both --qual $qual "${options[@]}"
    [ "$TIER" = quick ] || lossless "randbam $seed, blurred" o.bam o.fa pop.vac none --qual shuffle --blur 100 "${options[@]}"
done

for name in $(by_tier '' "$(python3 "$py/odd_bam.py")"); do
    make_input odd_bam.py $name
    if [ ! -e o.fa ]; then
        note "odd $name: too long for a reference"
        continue
    fi
    lossless "odd $name" o.bam o.fa pop.vac none --qual shuffle --names keep
done

# From a pipe, as SAM and as CRAM; to SAM and CRAM, where the masked records must be the same.  Not the
# mates: htslib's CRAM sets 0x20 by the mate's record, whatever the flag was.
make_input synth_bam.py bisulfite 400
mask_synth m o.bam o.fa pop.vac --qual keep
mask_synth piped - o.fa pop.vac --qual keep -@2 <o.bam
cmp <(masked_bytes m.bam) <(masked_bytes piped.bam)
samtools view -h --no-PG -o o.sam o.bam
mask_synth piped - o.fa pop.vac --qual keep <o.sam
cmp <(masked_bytes m.bam) <(masked_bytes piped.bam)
decrypt_as owner piped.bdiff - back.sam <piped.bam
cmp o.sam back.sam
export REF_PATH=$PWD/none REF_CACHE=$PWD/none
samtools view -C -T o.fa --output-fmt-option store_md=1 --output-fmt-option store_nm=1 -o o.cram o.bam
mask_synth c o.cram o.fa pop.vac --qual keep
lossless 'bisulfite, CRAM' o.cram o.fa pop.vac none --qual keep
for format in sam cram; do
    varlock encrypt -q --force -a pop.vac -T o.fa -p "$keys/owner.pub.pem" -d f.bdiff -o f.$format --mask-key key \
        --qual keep o.bam
    # A CRAM has MD and NM in another order.
    cmp <(samtools view -T o.fa f.$format | cut -f 1-11) <(samtools view m.bam | cut -f 1-11)
    decrypt_as owner f.bdiff f.$format back.bam -T o.fa
    same o.bam back.bam
done

[ "$TIER" != quick ] || exit 0
# Real and simulated reads.
if [ ! -e "$SHARED/data/chr20-1mb/person.bam" ]; then
    note "without $SHARED/data"
    exit 0
fi
data=$SHARED/data/na12878
samtools view -H "$data/reads.bam" | python3 "$py/random_vcf.py" 50 "$data/ref.fa.gz" \
    20:9990000-10100000 21:9990000-10100000 >pop.vcf
varlock vcf2vac -q -o pop.vac pop.vcf
bgzip -dc "$data/ref.fa.gz" >na.fa
lossless na12878 "$data/reads.bam" na.fa pop.vac both --qual oq
lossless 'na12878, QUAL' "$data/reads.bam" na.fa pop.vac none --qual shuffle
samtools view -C -T na.fa -o na.cram "$data/reads.bam"
lossless 'na12878, CRAM' na.cram na.fa pop.vac none --qual bin4
data=$SHARED/data/chr20-1mb
varlock vcf2vac -q -o pop.vac "$data/population.vcf.gz"
lossless person "$data/person.bam" "$data/ref.fa" pop.vac none
samtools view -b -o person.bam "$data/person.bam" z:1-100000
lossless 'person, 100 kb' person.bam "$data/ref.fa" pop.vac both
