# RSA, OpenSSH and Crypt4GH keys side by side: each recipient restores the same from one file, whatever
# its key is kept in; Ed25519 keys sign; and read_bdiff.py, written from bdiff.md, opens and verifies it.
. "$TOP/tests/cli/lib.bash"
golden=$TESTDATA/golden
command -v ssh-keygen >/dev/null || {
    note 'openssh-client is not installed'
    exit 77
}
echo varlock-test >words
umask 077
cp "$keys"/c4gh-*.sec "$keys"/ssh*.sec "$keys"/*25519*.pem "$keys/alice.pem" .
ssh-keygen -q -t ed25519 -N '' -C 'made now' -f id
ssh-keygen -q -t ed25519 -N varlock-test -C 'made now' -f locked
openssl genpkey -algorithm ED25519 -out made.pem
openssl pkey -in made.pem -pubout -out made.pub.pem
publics=(-p "$keys/alice.pub.pem" -p "$keys/c4gh.pub" -p "$keys/ssh.pub" -p "$keys/x25519.pub.pem"
    -p "$keys/ed25519.pub.pem" -p id.pub -p locked.pub -p made.pub.pem)
varlock vcf2vac -q -o pop.vac "$golden/population.vcf"
varlock encrypt -q --mask permute -a pop.vac "${publics[@]}" -s id -d m.bdiff -o m.bam --write-index "$golden/person.sam"
varlock view --header m.bdiff | grep -x 'recipients	8' >/dev/null
samtools view --no-PG -h "$golden/person.sam" >expected.sam

bcrypt='c4gh-bcrypt.sec ssh-enc.sec locked'
# Without Botan keys under bcrypt are refused, with the way out.
if ! ldd "$(command -v varlock)" | grep libbotan >/dev/null; then
    for key in $bcrypt; do
        refuses 3 'built without Botan; convert a copy of it \(OpenSSH: `ssh-keygen -p`.*relock' \
            varlock decrypt -q -k "$key" --passphrase-file words -d m.bdiff -o no.sam m.bam
    done
    bcrypt=
fi
for key in alice.pem c4gh-plain.sec c4gh-raw.sec c4gh-scrypt.sec c4gh-pbkdf2.sec ssh.sec x25519.pem ed25519.pem \
    ed25519-enc.pem id made.pem $bcrypt; do
    varlock decrypt -q -k "$key" --passphrase-file words -V id.pub -d m.bdiff -o back.sam m.bam
    cmp <(samtools view --no-PG -h back.sam) expected.sam || { note "$key"; exit 1; }
done

# A slice for an SSH key, cut and signed with others; what it is cut from was signed with Ed25519.
varlock reencrypt -q -k c4gh-plain.sec -p id.pub -s made.pem -V id.pub -r z:601-1600 -d m.bdiff -o slice.bdiff m.bam
varlock decrypt -q -k id -V made.pub.pem -d slice.bdiff -o slice.sam m.bam
[ "$(samtools view -c slice.sam)" -gt 0 ]
refuses 3 'slice.bdiff: c4gh-plain.sec is not the key of any of its 1 recipient' \
    varlock decrypt -q -k c4gh-plain.sec -d slice.bdiff -o no.sam m.bam
refuses 3 'was not signed with the key of id.pub' varlock decrypt -q -k id -V id.pub -d slice.bdiff -o no.sam m.bam
refuses 3 'was not signed with the key of .*alice.pub.pem' \
    varlock decrypt -q -k id -V "$keys/alice.pub.pem" -d slice.bdiff -o no.sam m.bam
# A signature of RSA is none of Ed25519.
varlock reencrypt -q -k id -p id.pub -s alice.pem --unverified --all -d m.bdiff -o rsa.bdiff m.bam
refuses 3 'was not signed with the key of id.pub' varlock decrypt -q -k id -V id.pub -d rsa.bdiff -o no.sam m.bam
varlock decrypt -q -k id -V "$keys/alice.pub.pem" -d rsa.bdiff -o back.sam m.bam

# X25519 keys, those of Crypt4GH, sign nothing.
for key in c4gh-plain.sec x25519.pem; do
    refuses 2 "$key: is an X25519 key, which makes no signatures; -s needs RSA or Ed25519" \
        varlock reencrypt -q -k id -p id.pub -s $key --unverified --all -d m.bdiff -o no.bdiff m.bam
done
refuses 2 'c4gh.pub: is an X25519 key, which makes no signatures; -V needs RSA or Ed25519' \
    varlock decrypt -q -k id -V "$keys/c4gh.pub" -d m.bdiff -o no.sam m.bam
refuses 2 'c4gh.pub: is an X25519 key, which makes no signatures; -V' \
    varlock reencrypt -q -k id -p id.pub -V "$keys/c4gh.pub" --all -d m.bdiff -o no.bdiff m.bam

# One key in two forms is one recipient.
python3 - <<'END' >form.pub
import base64, os
y = int.from_bytes(base64.b64decode(open('id.pub').read().split()[1])[-32:], 'little') & (1 << 255) - 1
p = 2**255 - 19
u = ((1 + y) * pow(1 - y, -1, p) % p).to_bytes(32, 'little')
print('-----BEGIN CRYPT4GH PUBLIC KEY-----\n%s\n-----END CRYPT4GH PUBLIC KEY-----' % base64.b64encode(u).decode())
END
varlock reencrypt -q -k id -p id.pub -p form.pub -p "$keys/c4gh.pub" --all -d m.bdiff -o two.bdiff m.bam
varlock view --header two.bdiff | grep -x 'recipients	2' >/dev/null
varlock reencrypt -q -k id -p form.pub --all -d m.bdiff -o form.bdiff m.bam
varlock decrypt -q -k id -d form.bdiff -o back.sam m.bam

# Whoever is no recipient, and what is no key.
head -c 32 /dev/zero >zeros.pub
printf 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA x\n' >one.pub
refuses 3 'bob.pem is not the key of any of its 8 recipients' \
    varlock decrypt -q -k "$keys/bob.pem" -d m.bdiff -o no.sam m.bam
refuses 3 'zeros.pub: is an X25519 public key of low order' \
    varlock reencrypt -q -k id -p zeros.pub --all -d m.bdiff -o no.bdiff m.bam
refuses 3 'one.pub: is no Ed25519 public key: not a usable point of the curve' \
    varlock reencrypt -q -k id -p one.pub --all -d m.bdiff -o no.bdiff m.bam
refuses 3 'id: is a private key; the public key belongs here' \
    varlock reencrypt -q -k id -p id --all -d m.bdiff -o no.bdiff m.bam
refuses 3 'id.pub: is a public key; the private key belongs here' \
    varlock decrypt -q -k id.pub -d m.bdiff -o no.sam m.bam
echo wrong >wrong
for key in c4gh-scrypt.sec ed25519-enc.pem $bcrypt; do
    refuses 3 "$key: wrong passphrase" \
        varlock decrypt -q -k "$key" --passphrase-file wrong -d m.bdiff -o no.sam m.bam
done

python=/usr/bin/python3 # where Debian's packages are
"$python" -c 'import cryptography, xxhash, zstandard' 2>/dev/null || {
    note 'python3-cryptography, python3-xxhash or python3-zstandard is not installed'
    exit 77
}
for key in alice.pem c4gh-plain.sec ssh.sec x25519.pem ed25519.pem id; do
    cmp <(varlock view -k $key m.bdiff) <("$python" "$py/read_bdiff.py" -V id.pub -k $key m.bdiff) || { note "$key"; exit 1; }
done
! "$python" "$py/read_bdiff.py" -V made.pub.pem -k id m.bdiff >/dev/null 2>&1 || exit 1

# Entries that do not open are passed over, four at most are tried, by both.
mkdir entries
"$python" "$py/hostile_bdiff.py" --entries "$golden/synth.bdiff" "$keys/owner.pem" id.pub entries
[ "$(ls entries | wc -l)" -gt 20 ]
varlock view -k "$keys/owner.pem" "$golden/synth.bdiff" >expected.txt
for file in entries/*; do
    case ${file#*/} in
    opens-*)
        cmp <(varlock view -k id "$file") expected.txt || { note "$file"; exit 1; }
        cmp <("$python" "$py/read_bdiff.py" -k id "$file") expected.txt || { note "$file"; exit 1; }
        ;;
    *)
        refuses 3 'the seal of the envelope is broken|is not the key of any of' varlock view -k id "$file"
        ! "$python" "$py/read_bdiff.py" -k id "$file" >/dev/null 2>&1 || { note "$file"; exit 1; }
        ;;
    esac
done
