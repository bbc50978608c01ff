# What is granted of a file masked by synth: templates inside restored, of other reads a piece; cut
# again; read by the owner.  SLICE_SEEDS widens it: "1-200", or a list of seeds.
. "$TOP/tests/cli/lib.bash"
printf %032d 7 >key

judge() { # TOOL [arguments]: its verdict, on stderr where it is bad
    $python "$py/$1" --synth "${@:2}" >verdict || { note "$(cut -c 1-500 verdict)"; return 1; }
}

# slice_shows SLICE WHO [--unplaced] [--of=REGIONS] REGION...: with and without the rest, and what the file holds
slice_shows() {
    local slice=$1 who=$2
    shift 2
    decrypt_as "$who" "$slice" m.bam shown.bam
    judge check_slice.py o.bam m.bam shown.bam "$@"
    cat verdict >>counts
    decrypt_as "$who" "$slice" m.bam all.bam --whole -@1
    judge check_slice.py --whole o.bam m.bam all.bam "$@"
    varlock view -k "$keys/$who.pem" "$slice" >slice.txt
    judge check_contents.py o.bam m.bam shown.bam "$@" --owner=owner.txt --slice=slice.txt
    # The names of groups and samples, comments, the key and digests are the owner's.
    varlock view --header -k "$keys/$who.pem" "$slice" | cat - slice.txt | sed "s/[CR][RX]:Z:JaneDoe//" >text
    ! grep -aE "JaneDoe|lane|original_|vac_|home made|dropped" text || return 1
}

# grants SEED [encrypt options]: of o.bam
grants() {
    local seed=$1 regions inner unplaced= options
    shift
    rm -f o.bam.*
    samtools index o.bam
    mask_synth m o.bam o.fa pop.vac --write-index --names keep "$@" -@$((seed % 2))
    varlock view -k "$keys/owner.pem" m.bdiff >owner.txt
    mapfile -t regions < <(random_regions "$seed" $((1 + seed % 3)))
    [ ${#regions[@]} -gt 0 ] || return 0
    owner_reads_regions "${regions[@]}"
    owner_reads_regions '*'
    [ $((seed % 2)) -eq 0 ] || unplaced=--unplaced
    as_bed "${regions[@]}" >regions.bed
    if [ $((seed % 4)) -lt 2 ]; then
        as_options "${regions[@]}" ${unplaced:+'*'}
    else
        options=(-R regions.bed ${unplaced:+--unmapped} -@2)
    fi
    varlock reencrypt -q --force -k "$keys/owner.pem" -p "$keys/alice.pub.pem" -d m.bdiff -o a.bdiff "${options[@]}" m.bam
    slice_shows a.bdiff alice $unplaced "${regions[@]}"

    # A part of what alice got, restored by her, and cut again for bob.
    inner=$(awk 'NR == 1 { third = int(($3 - $2) / 3); print $1 ":" $2 + 1 + third "-" $3 - third }' regions.bed)
    decrypt_as alice a.bdiff m.bam part.bam -r "$inner"
    decrypt_as alice a.bdiff m.bam shown.bam
    samtools index shown.bam
    cmp <(samtools view part.bam) <(samtools view shown.bam "$inner")
    varlock reencrypt -q --force -k "$keys/alice.pem" -p "$keys/bob.pub.pem" -d a.bdiff -o b.bdiff -r "$inner" m.bam
    slice_shows b.bdiff bob "--of=$(IFS=,; echo "${regions[*]}")" "$inner"
    # What the owner cuts for him may hold more: of a read, alice got one piece.
    varlock reencrypt -q --force -k "$keys/owner.pem" -p "$keys/bob.pub.pem" -d m.bdiff -o direct.bdiff -r "$inner" m.bam
    slice_shows direct.bdiff bob "$inner"
    refuses 3 'alice.pem is not the key of any' decrypt_as alice b.bdiff m.bam no.bam

    # All of it for alice: everything but the names of read groups, the header, and the order of
    # records at one place.
    varlock reencrypt -q --all --force -k "$keys/owner.pem" -p "$keys/alice.pub.pem" -d m.bdiff -o a.bdiff m.bam
    decrypt_as alice a.bdiff m.bam shown.bam
    cmp <(samtools view -x RG shown.bam | sort) <(samtools view -x RG o.bam | sort)
}

seeds=${SLICE_SEEDS:-$(by_tier 1-2 1-6)}
if [[ $seeds =~ ^([0-9]+)-([0-9]+)$ ]]; then
    seeds=$(seq "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}")
fi
for seed in $seeds; do
    note "randbam $seed"
    make_input randbam.py "$seed"
    options=(--qual flat)
    [ $((seed % 2)) -eq 0 ] || options=(--qual keep --keep-discordant --max-insert 300000)
    grants "$seed" "${options[@]}"
done
for kind in $(by_tier mates "mates rna tenx ont"); do
    note "$kind"
    options=(--qual shuffle) size=300
    [ $kind != rna ] || options=(--qual keep --max-insert none)
    [ $kind != ont ] || size=18
    make_input synth_bam.py $kind $size
    for seed in $(by_tier 1 "1 2"); do
        grants $seed "${options[@]}"
    done
done
# Under --names token the names of templates inside are told, and no others.
make_input synth_bam.py bisulfite 300
mask_synth m o.bam o.fa pop.vac --write-index --qual keep --names token
varlock reencrypt -q --force -k "$keys/owner.pem" -p "$keys/alice.pub.pem" -d m.bdiff -o a.bdiff -r chr1:8001-12000 m.bam
varlock view -k "$keys/alice.pem" a.bdiff | grep -o 'QNAME=[^,	]*' | cut -c 7- | sort -u >told
decrypt_as alice a.bdiff m.bam shown.bam
samtools view shown.bam | cut -f 1 | grep '^SYN' | sort -u | cmp - told
samtools view -e 'pos > 8000 && endpos <= 12000' o.bam | cut -f 1 | sort -u | comm -13 - told | cmp - /dev/null
[ "$(wc -l <told)" -gt 2 ]
[ "$(samtools view shown.bam | grep -c '^loose')" -gt 2 ]
! samtools view shown.bam | grep -vE '^(SYN|loose)' || exit 1

# Every kind of grant must have come up, or the checks above checked nothing.
awk '{ for (i = 1; i < NF; i += 2) n[$i] += $(i + 1) }
     END { print n["restored"], n["loose"], n["whole"], n["withheld"]
           exit !(n["restored"] && n["loose"] && n["whole"] && n["withheld"]) }' counts >&2
