# Where a passphrase comes from: file before environment before terminal; never empty for a new key.
opens() { # key passphrase
    openssl pkey -in "$1" -passin "pass:$2" -noout 2>/dev/null
}
echo from-file >file
printf 'dos\r\n' >dos
: >empty
head -c 2000 /dev/zero | tr '\0' x >long

VARLOCK_PASSPHRASE=from-env varlock keygen -o env --bits 2048
opens env.pem from-env
VARLOCK_PASSPHRASE=from-env varlock keygen -o both --bits 2048 --passphrase-file file
opens both.pem from-file
varlock keygen -o dos --bits 2048 --passphrase-file dos
opens dos.pem dos

fails() {
    local code=$1 expected=$2 status=0
    shift 2
    setsid -w varlock "$@" 2>err </dev/null || status=$?
    [ $status -eq "$code" ]
    grep -qF -- "$expected" err
}
fails 2 'give --passphrase-file, VARLOCK_PASSPHRASE or --no-passphrase' keygen -o new --bits 2048
fails 2 'empty; --no-passphrase' keygen -o new --bits 2048 --passphrase-file empty
VARLOCK_PASSPHRASE='' fails 2 'empty; --no-passphrase' keygen -o new --bits 2048
fails 2 'longer than 1024 bytes' keygen -o new --bits 2048 --passphrase-file long
fails 1 'absent: No such file or directory' keygen -o new --bits 2048 --passphrase-file absent
[ ! -e new.pem ]
[ ! -e new.pub.pem ]
