# OpenSSL reads what keygen writes; the private key is nobody else's; nothing is overwritten.
umask 022
varlock keygen -o plain --bits 2048 --no-passphrase
[ "$(stat -c %a plain.pem)" = 600 ]
[ "$(stat -c %a plain.pub.pem)" = 644 ]
head -n 1 plain.pem | grep -x -- '-----BEGIN PRIVATE KEY-----' >/dev/null
head -n 1 plain.pub.pem | grep -x -- '-----BEGIN PUBLIC KEY-----' >/dev/null
openssl pkey -in plain.pem -pubout | cmp - plain.pub.pem
openssl pkey -in plain.pem -check -noout >/dev/null
openssl rsa -in plain.pem -noout -text | grep '2048 bit' >/dev/null

varlock keygen -o default --no-passphrase -q 2>quiet
[ ! -s quiet ]
openssl rsa -in default.pem -noout -text | grep '3072 bit' >/dev/null

printf 'correct horse\nsecond line\n' >words
varlock keygen -o locked --bits 2048 --passphrase-file words
head -n 1 locked.pem | grep -x -- '-----BEGIN ENCRYPTED PRIVATE KEY-----' >/dev/null
openssl pkey -in locked.pem -passin 'pass:correct horse' -pubout | cmp - locked.pub.pem
! openssl pkey -in locked.pem -passin pass:wrong -noout 2>/dev/null || exit 1

# The other types, plain and encrypted: OpenSSL reads them, and varlock what OpenSSL makes of them.
for type in x25519 ed25519; do
    varlock keygen -q -o $type --type $type --no-passphrase
    varlock keygen -q -o $type-locked --type $type --passphrase-file words
    openssl pkey -in $type.pem -noout -text | grep -i "^$type Private-Key" >/dev/null
    openssl pkey -in $type.pem -pubout | cmp - $type.pub.pem
    openssl pkey -in $type-locked.pem -passin 'pass:correct horse' -pubout | cmp - $type-locked.pub.pem
done
status=0
varlock keygen -o no --type dsa --no-passphrase 2>err || status=$?
[ $status -eq 2 ]
grep -qx 'varlock keygen: a key cannot be of type dsa, only rsa, x25519 or ed25519' err
status=0
varlock keygen -o no --type x25519 --bits 2048 --no-passphrase 2>err || status=$?
[ $status -eq 2 ]
grep -qx 'varlock keygen: only RSA keys have a choice of bits' err
[ ! -e no.pem ]

before=$(cat plain.pem plain.pub.pem | sha256sum)
status=0
varlock keygen -o plain --bits 2048 --no-passphrase 2>err || status=$?
[ $status -eq 2 ]
grep -q '^varlock keygen: plain.pem: exists already' err
rm plain.pem
status=0
varlock keygen -o plain --bits 2048 --no-passphrase 2>err || status=$?
[ $status -eq 2 ]
grep -q '^varlock keygen: plain.pub.pem: exists already' err
[ ! -e plain.pem ]

status=0
varlock keygen -o no/such/name --bits 2048 --no-passphrase 2>err || status=$?
[ $status -eq 1 ]
grep -q '^varlock keygen: no/such/name' err
