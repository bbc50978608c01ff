# A private key or a passphrase file that others can read brings one line each; nothing else does.
. "$TOP/tests/cli/lib.bash"
make_input synth_bam.py samples 60
encrypt_for_owner pop.vac o.bam m -T o.fa --qual keep -s "$keys/owner.pem"
cp "$keys/owner.pem" "$keys/alice.pub.pem" "$keys/owner.pub.pem" .
openssl pkey -in owner.pem -aes256 -passout pass:secret -out locked.pem
echo secret >word
chmod 600 owner.pem locked.pem word
chmod 644 ./*.pub.pem

# warns PATTERN... -- COMMAND: the command succeeds, and these are its warnings of files
warns() {
    local patterns=()
    while [ "$1" != -- ]; do
        patterns+=("$1")
        shift
    done
    rm -f new.*
    "${@:2}" 2>said
    grep 'can read' said >warnings || true
    [ "$(wc -l <warnings)" -eq ${#patterns[@]} ] || { note "$*: $(cat warnings)"; return 1; }
    for pattern in "${patterns[@]}"; do
        grep -qE "^varlock [a-z]*: warning: $pattern: chmod 600\$" warnings || { note "$*: $(cat warnings)"; return 1; }
    done
}
decrypt=(varlock decrypt -d m.bdiff -o new.bam)
warns -- "${decrypt[@]}" -k owner.pem m.bam
warns -- "${decrypt[@]}" -k locked.pem --passphrase-file word m.bam
chmod 640 owner.pem
key='owner.pem: a private key that others can read \(mode 0640\)'
warns "$key" -- "${decrypt[@]}" -k owner.pem m.bam
warns -- "${decrypt[@]}" -q -k owner.pem m.bam
chmod 604 locked.pem
warns "$key" 'locked.pem: a private key that others can read \(mode 0604\)' -- \
    varlock reencrypt -k locked.pem --passphrase-file word -s owner.pem -p alice.pub.pem --all -d m.bdiff \
    -o new.bdiff m.bam
chmod 600 locked.pem owner.pem
head -c 32 /dev/zero >mask.key
chmod 644 mask.key
warns 'mask.key: a masking key that others can read \(mode 0644\)' -- \
    varlock encrypt --mask permute --mask-key mask.key -a pop.vac -p owner.pub.pem \
    -d masked.bdiff -o masked.bam o.bam
chmod 644 word
warns 'word: a passphrase that others can read \(mode 0644\)' -- \
    "${decrypt[@]}" -k locked.pem --passphrase-file word m.bam
warns -- "${decrypt[@]}" -k locked.pem --passphrase-file <(cat word) m.bam
warns 'word: a passphrase that others can read \(mode 0644\)' -- \
    varlock keygen -o new --bits 2048 --passphrase-file word
