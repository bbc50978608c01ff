# `varlock view` of a BDIFF: what it shows with a key and without, and what it never shows.
golden=$TESTDATA/golden keys=$KEYS
fails() { # exit status, pattern, command
    local expected=$1 pattern=$2 status=0
    shift 2
    "$@" >out 2>err || status=$?
    if [ $status -ne "$expected" ] || ! grep -q -- "$pattern" err; then
        echo "$*: exit $status, $(cat err)" >&2
        return 1
    fi
}

# Without a key: the envelope.  One hint is the owner's.
varlock view --header "$golden/owner.bdiff" >header
cut -f 1 header | uniq | paste -sd' ' | grep -x 'format file_id recipients recipient_hint file_bytes' >/dev/null
id=$(sed -n 's/^file_id\t//p' header)
hint=$({ printf '%b' "$(sed 's/../\\x&/g' <<<"$id")"; openssl pkey -pubin -in "$keys/owner.pub.pem" -outform DER; } |
    sha256sum | cut -c 1-16)
grep -qx "recipient_hint	$hint" header
fails 2 'give a private key' varlock view "$golden/owner.bdiff"
fails 3 'is not the key of any' varlock view -k "$keys/alice.pem" "$golden/owner.bdiff"

# With one: what is sealed, but for the masking key.
varlock view --header -k "$keys/owner.pem" "$golden/owner.bdiff" >header
grep -qx "root_id	$id" header
samtools view -H "$golden/masked.bam" | grep "bdiff=$id" >/dev/null
grep -qx "vac_sha256	$(sha256sum <"$golden/pop.vac" | cut -d' ' -f 1)" header
grep -qx "file_bytes	$(stat -c %s "$golden/owner.bdiff")" header
grep -qx "masked_records	$(samtools view -c "$golden/masked.bam")" header
sed -n 's/^original_header\t//p' header | cmp - <(grep ^@ "$golden/person.sam")
! grep -qi "$(printf 'masking key of the test vectors!' | od -An -tx1 -v | tr -d ' \n')" header || exit 1
! grep -q 'masking key of the test' header || exit 1

# A slice tells nothing of the owner's fields, and is asked for no more than it grants.
varlock view --header -k "$keys/alice.pem" "$golden/slice.bdiff" >header
grep -qx 'granted	z:601-1600 y:1-220 \*' header
! grep -qE '^(original|vac)' header || exit 1
fails 3 'does not grant z:100-700' varlock view -r z:100-700 -k "$keys/alice.pem" "$golden/slice.bdiff"
[ ! -s out ]
varlock view -r z:700-800 -k "$keys/alice.pem" "$golden/slice.bdiff" | cmp - "$golden/slice.txt"

printf 'no format' >other
fails 1 'neither a VAC nor a BDIFF' varlock view other
: >other
fails 1 'neither a VAC nor a BDIFF' varlock view --header other
head -c 50 "$golden/owner.bdiff" >other
fails 3 'truncated inside the envelope' varlock view --header other
fails 1 'writing text failed' sh -c 'exec varlock view -k "$1" "$2" >/dev/full' - "$keys/owner.pem" \
    "$golden/owner.bdiff"
