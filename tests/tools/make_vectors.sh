#!/usr/bin/env bash
# Rebuilds the binaries of testdata/golden from their text twins.  Ids, secrets and nonces are drawn
# anew, so every run gives other bytes of the same content; tests decode them and never compare
# bytes.  Needed only when a format gets a new version (the old vectors stay for the old one).
set -euo pipefail
VARLOCK=$(realpath "${VARLOCK:-$(dirname "$0")/../../varlock}")
cd "$(dirname "$0")/../../testdata/golden"
keys=../keys

# What is needed on the way; the index of the reference comes to stand beside it.
way=$(mktemp -d)
trap 'rm -rf "$way"' EXIT
printf 'masking key of the test vectors!' >"$way/mask.key"
cp reference.fa "$way"

# mask PREFIX BDIFF [options]
mask() {
    "$VARLOCK" encrypt -q --force -a pop.vac -p $keys/owner.pub.pem -p $keys/bob.pub.pem -s $keys/owner.pem \
        --mask-key "$way/mask.key" -d "$2" -o "$1.bam" --write-index "${@:3}" person.sam
}
# cut_slice MASKED OWNER SLICE REGION...: also the texts that varlock makes of the slice
cut_slice() {
    local masked=$1 owner=$2 slice=$3
    shift 3
    "$VARLOCK" reencrypt -q --force -k $keys/owner.pem -p $keys/alice.pub.pem -s $keys/owner.pem "${@/#/-r}" \
        -d "$owner" -o "$slice.bdiff" "$masked"
    chmod 644 "$owner" "$slice.bdiff"
    "$VARLOCK" decrypt -q -k $keys/alice.pem -d "$slice.bdiff" -o "$slice.sam" "$masked"
    "$VARLOCK" view -q -k $keys/alice.pem "$slice.bdiff" >"$slice.txt"
}

"$VARLOCK" vcf2vac -q -o pop.vac population.vcf
"$VARLOCK" view pop.vac >pop.txt
mask masked owner.bdiff --mask permute
cut_slice masked.bam owner.bdiff slice z:601-1600 y:1-220 '*'
mask synth synth.bdiff -T "$way/reference.fa" --qual bin4 --names token --blur 20 --inserts keep
cut_slice synth.bam synth.bdiff synth-slice z:601-1600 y:581-705 '*'
echo "rebuilt; look at the differences of pop.txt and of the .sam and .txt of the slices before committing"
