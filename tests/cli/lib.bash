# Shared by the cases that work on alignments; sourced, not run.
keys=$TESTDATA/keys
py=$TOP/tests/tools

note() {
    echo "$*" >&2
}

# The SHARED data or a skip.
need_shared() {
    if [ ! -e "$SHARED/data/$1" ]; then
        note "$SHARED/data/$1 is not there"
        exit 77
    fi
}

# Equal as alignments: see bamdiff.c.
same() {
    bamdiff "$@" >&2
}

# refuses CODE PATTERN COMMAND...: the command exits with CODE, prints one line on stderr, which
# matches PATTERN, and leaves the directory as it was.
refuses() {
    local code=$1 pattern=$2 status=0 before after
    shift 2
    before=$(ls -A)
    "$@" >/dev/null 2>"$PWD.refusal" </dev/null || status=$?
    after=$(ls -A)
    if [ $status -ne "$code" ] || [ "$before" != "$after" ] || ! grep -qE -- "$pattern" "$PWD.refusal" ||
        [ "$(wc -l <"$PWD.refusal")" -ne 1 ]; then
        note "$*: exit $status, not $code; or a line that is not /$pattern/; or files left:"
        note "$(cat "$PWD.refusal")"
        note "$(diff <(echo "$before") <(echo "$after"))"
        return 1
    fi
}

# encrypt_for_owner VAC BAM PREFIX [options]: PREFIX.bam and PREFIX.bdiff, indexed
encrypt_for_owner() {
    local vac=$1 bam=$2 prefix=$3
    shift 3
    varlock encrypt -q -a "$vac" -p "$keys/owner.pub.pem" -d "$prefix.bdiff" -o "$prefix.bam" "$@" "$bam"
    samtools index "$prefix.bam"
}

# decrypt_as WHO BDIFF MASKED OUTPUT [options]
decrypt_as() {
    local who=$1 bdiff=$2 masked=$3 output=$4
    shift 4
    varlock decrypt -q -k "$keys/$who.pem" -d "$bdiff" -o "$output" "$@" "$masked"
}

# Masks and restores with everything default; the restored file must be the original.
round_trip() { # VAC BAM [encrypt options]
    encrypt_for_owner "$1" "$2" masked "${@:3}"
    decrypt_as owner masked.bdiff masked.bam back.bam
    same "$2" back.bam
}
