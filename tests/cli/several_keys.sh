# decrypt and view take several private keys: the one that opens is named, and if none does, each is.
. "$TOP/tests/cli/lib.bash"
golden=$TESTDATA/golden
umask 077
cp "$keys"/c4gh-plain.sec "$keys"/c4gh-scrypt.sec "$keys"/ssh.sec "$keys"/bob.pem "$keys"/alice.pem "$keys"/owner-enc.pem .
echo varlock-test >words
echo wrong >wrong
varlock reencrypt -q -k "$keys/owner.pem" -p "$keys/alice.pub.pem" -p "$keys/c4gh.pub" --all -d "$golden/owner.bdiff" \
    -o m.bdiff "$golden/masked.bam"
decrypt=(varlock decrypt -d m.bdiff -o back.sam)
varlock view -k alice.pem m.bdiff >expected.txt

"${decrypt[@]}" -k bob.pem -k c4gh-plain.sec -k alice.pem "$golden/masked.bam" 2>said
grep -qx 'varlock decrypt: c4gh-plain.sec opens m.bdiff' said
rm back.sam
"${decrypt[@]}" -q -k bob.pem -k alice.pem "$golden/masked.bam" 2>said
[ ! -s said ]
rm back.sam
varlock view -k bob.pem -k c4gh-scrypt.sec --passphrase-file words m.bdiff 2>said | cmp - expected.txt
grep -qx 'varlock view: c4gh-scrypt.sec opens m.bdiff' said
# A passphrase that does not fit one key may fit another, and keys may come through pipes.
varlock view -k owner-enc.pem -k <(cat ssh.sec) -k <(cat alice.pem) --passphrase-file wrong m.bdiff 2>said | cmp - expected.txt
grep -q ' opens m.bdiff$' said

refuses 3 'decrypt: m.bdiff: none of the 3 keys opens it: bob.pem has no entry; c4gh-scrypt.sec: wrong passphrase; ssh.sec has no entry$' \
    "${decrypt[@]}" -q -k bob.pem -k c4gh-scrypt.sec -k ssh.sec --passphrase-file wrong "$golden/masked.bam"
refuses 3 'view: m.bdiff: none of the 2 keys opens it: bob.pem has no entry; c4gh-scrypt.sec: is encrypted and there is no passphrase' \
    varlock view -q -k bob.pem -k c4gh-scrypt.sec m.bdiff
refuses 3 'view: words: is not a key file' varlock view -q -k alice.pem -k words m.bdiff
refuses 1 'view: absent: ' varlock view -q -k alice.pem -k absent m.bdiff
refuses 2 'alice.pem' varlock decrypt -q -k bob.pem -k alice.pem -d m.bdiff -o alice.pem "$golden/masked.bam"
# The first byte of an entry's wrapped secret (bdiff.md §2) is changed: alice's, who comes first.
cp m.bdiff broken.bdiff
byte=$(od -An -tu1 -j 52 -N 1 broken.bdiff)
printf '%b' "\\x$(printf %02x $((byte ^ 1)))" | dd of=broken.bdiff bs=1 seek=52 conv=notrunc status=none
refuses 3 'view: broken.bdiff: none of the 2 keys opens it: the entry of alice.pem is broken; ssh.sec has no entry$' \
    varlock view -q -k alice.pem -k ssh.sec broken.bdiff
