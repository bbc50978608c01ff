# What somebody who knows the reference and the population gets out of masked files (attack.py): the
# truth where geometry and qualities are kept, and no more than chance under the defaults.
# FIGURES=FILE takes what every attack found.
. "$TOP/tests/cli/lib.bash"
"$python" -c 'import numpy' 2>/dev/null || {
    note 'python3-numpy is not installed'
    exit 77
}
kept=(--qual keep --blur 0 --inserts keep)

# masked NAME [encrypt options]: fills `files`; every person has a key
masked() {
    local name=$1 input i=0
    shift
    files=()
    for input in "$name"-[0-9].bam; do
        printf %032d $((++i)) >key
        mask_synth "m-${input%.bam}" "$input" "$name-.fa" pop.vac --write-index "$@"
        files+=("m-$input")
    done
}

# What alice gets of all that lies off the known indels.
cut_slice() { # NAME
    varlock reencrypt -q --force -k "$keys/owner.pem" -p "$keys/alice.pub.pem" -R "$1-.bed" -d "m-$1-0.bdiff" \
        -o a.bdiff "m-$1-0.bam"
    rm -f "a-$1.bam"
    decrypt_as alice a.bdiff "m-$1-0.bam" "a-$1.bam"
    files+=("a-$1.bam")
}

# finds NAME truth|chance [encrypt options]
finds() {
    local name=$1 want=$2 status=0
    masked "$name" "${@:3}"
    [ "$name" != edges ] || cut_slice "$name"
    "$python" "$py/attack.py" "$name" "$want" "$name-" "${files[@]}" >figures || status=$?
    tee -a "${FIGURES:-/dev/null}" <figures >&2
    return $status
}

# attack NAME: both halves
attack() {
    local name=$1 prefix=$1-
    "$python" "$py/attack.py" make "$name" "$prefix"
    varlock vcf2vac -q -o pop.vac "$prefix.vcf"
    finds "$name" truth "${kept[@]}"
    if [ "$name" = recalibrated ]; then
        refuses 1 'QUAL.*flat' mask_synth m "$name-0.bam" "$prefix.fa" pop.vac
        finds "$name" chance --qual shuffle
    else
        finds "$name" chance
    fi
    rm ./*"$prefix"*
}

attack trimmed
attack raw
[ "$TIER" != quick ] || exit 0
attack crowd
attack site
attack deepsite
attack families
attack recalibrated
attack edges
attack long
