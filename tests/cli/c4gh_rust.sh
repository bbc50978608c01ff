# Tier: long
# Crypt4GH files pass between varlock and the tool in Rust, which `make interop` builds (WITH_INTEROP).
. "$TOP/tests/cli/lib.bash"
[ -n "${WITH_INTEROP-}" ] || {
    note 'only make interop builds crypt4gh 0.4.1'
    exit 77
}
SODIUM_USE_PKG_CONFIG=1 cargo install -q crypt4gh --version 0.4.1 --debug --root rust >cargo.log 2>&1 || {
    note "cargo cannot install crypt4gh 0.4.1: $(tail -n 1 cargo.log)"
    exit 1
}
theirs() {
    rust/bin/crypt4gh "$@" 2>theirs.log || { note "crypt4gh $*: $(cat theirs.log)"; return 1; }
}
varlock crypt4gh keygen -q --no-passphrase -o ann
varlock crypt4gh keygen -q --no-passphrase -o bea
ssh-keygen -q -t ed25519 -N '' -f dee
for n in 0 1 65535 65536 65537 10000000; do
    python3 -c 'import random, sys; sys.stdout.buffer.write(random.Random(int(sys.argv[1])).randbytes(int(sys.argv[1])))' $n >in
    varlock crypt4gh encrypt -q -p ann.pub -p bea.pub -p dee.pub -o x.c4gh in
    for key in ann.sec bea.sec dee; do
        theirs decrypt --sk $key <x.c4gh | cmp - in
    done
    theirs encrypt --sk ann.sec --recipient_pk bea.pub --recipient_pk dee.pub <in >x.c4gh
    for key in bea.sec dee; do
        varlock crypt4gh decrypt -q -k $key -V ann.pub x.c4gh | cmp - in
    done
done
theirs reencrypt --sk bea.sec --recipient_pk ann.pub <x.c4gh >y.c4gh
varlock crypt4gh decrypt -q -k ann.sec y.c4gh | cmp - in
varlock crypt4gh reencrypt -q -k bea.sec -p ann.pub -o y.c4gh x.c4gh
theirs decrypt --sk ann.sec <y.c4gh | cmp - in
theirs rearrange --sk ann.sec --range 70000-200001 <y.c4gh >z.c4gh
theirs decrypt --sk ann.sec <z.c4gh >part
varlock crypt4gh decrypt -q -k ann.sec z.c4gh | cmp - part
varlock crypt4gh slice -q --header-only -k ann.sec -p bea.pub --range 5-50000 --range 60000-60010 -o w.c4gh z.c4gh
varlock crypt4gh decrypt -q -k bea.sec w.c4gh >ours
theirs decrypt --sk bea.sec <w.c4gh | cmp - ours
