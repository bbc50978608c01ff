# Tier: long
# Crypt4GH files and keys pass between varlock and the reference implementation (PyPI's crypt4gh), both ways:
# keys of every kind, several recipients, edit lists, new headers, all sizes; and files of the Go and Rust
# tools, where the fixtures are there.
. "$TOP/tests/cli/lib.bash"
umask 022
python3 -m venv peer >venv.log 2>&1 && peer/bin/pip -q install crypt4gh==1.8.6 >pip.log 2>&1 || {
    note "crypt4gh 1.8.6 cannot be installed from PyPI: $(tail -n 1 pip.log venv.log | tr '\n' ' ')"
    exit 77
}
export PYTHONWARNINGS=ignore
ours="varlock crypt4gh"
theirs() {
    peer/bin/crypt4gh "$@" 2>theirs.log || { note "crypt4gh $*: $(cat theirs.log)"; return 1; }
}
made() {
    python3 -c 'import random, sys; sys.stdout.buffer.write(random.Random(int(sys.argv[1])).randbytes(int(sys.argv[1])))' "$1"
}
echo word >words

# ---- keys ----
$ours keygen -q -o ann --no-passphrase
$ours keygen -q -o bea --passphrase-file words --comment 'of varlock'
peer/bin/crypt4gh-keygen --sk cid.sec --pk cid.pub --nocrypt >keygen.log 2>&1
ssh-keygen -q -t ed25519 -N '' -f dee
ssh-keygen -q -t ed25519 -N word -f eve
chmod 600 ./*.sec
export C4GH_PASSPHRASE=word
locked=$(ldd "$(command -v varlock)" | grep libbotan >/dev/null && echo eve || true)

# ---- sizes and keys ----
for n in 0 1 65535 65536 65537 10000000; do
    made $n >in
    for key in ann bea; do
        theirs encrypt --recipient_pk $key.pub <in >x.c4gh
        $ours decrypt -q -k $key.sec x.c4gh | cmp - in
    done
    $ours encrypt -q -p ann.pub -p bea.pub -p cid.pub -p dee.pub -p eve.pub -o x.c4gh in
    for key in ann.sec bea.sec cid.sec dee eve; do
        theirs decrypt --sk $key <x.c4gh | cmp - in
    done
    theirs encrypt --sk ann.sec --recipient_pk cid.pub --recipient_pk dee.pub --recipient_pk eve.pub <in >x.c4gh
    for key in cid.sec dee $locked; do
        $ours decrypt -q -k $key -V ann.pub x.c4gh | cmp - in
    done
done

# ---- headers ----
made 300000 >in
$ours encrypt -q -p ann.pub -o x.c4gh in
theirs reencrypt --sk ann.sec --recipient_pk cid.pub <x.c4gh >y.c4gh
$ours decrypt -q -k cid.sec y.c4gh | cmp - in
$ours reencrypt -q -k cid.sec -p bea.pub -p dee.pub -o z.c4gh y.c4gh
theirs decrypt --sk bea.sec <z.c4gh | cmp - in
theirs encrypt --recipient_pk ann.pub --header h <in >body
$ours decrypt -q -k ann.sec --header h body | cmp - in
$ours encrypt -q -p ann.pub --header h -o body in
cat h body | theirs decrypt --sk ann.sec | cmp - in

# ---- edit lists: theirs, whose --range A-B is of B - A - 1 bytes, and ours ----
theirs rearrange --sk ann.sec --range 70000-200001 <x.c4gh >y.c4gh
theirs decrypt --sk ann.sec <y.c4gh >part
[ "$(stat -c %s part)" -eq 130000 ]
$ours decrypt -q -k ann.sec y.c4gh | cmp - part
$ours slice -q -k ann.sec -p cid.pub --range 5-50000 --range 60000-60010 -o z.c4gh y.c4gh
$ours decrypt -q -k cid.sec z.c4gh >ours
theirs decrypt --sk cid.sec <z.c4gh | cmp - ours
$ours slice -q --header-only -k ann.sec -p cid.pub --range 5-50000 --range 60000-60010 -o z.c4gh y.c4gh
theirs decrypt --sk cid.sec <z.c4gh | cmp - ours
$ours reencrypt -q -k ann.sec -p cid.pub -o z.c4gh y.c4gh
theirs decrypt --sk cid.sec <z.c4gh | cmp - part

# ---- files of Go and Rust ----
files=$SHARED/interop/files
if [ -e "$files" ]; then
    cp "$SHARED/interop/keys/py1.sec" py1.sec && chmod 600 py1.sec
    for tool in py go rust; do
        $ours decrypt -q -k py1.sec "$files/tiny.$tool.c4gh" | cmp - "$files/tiny.bam"
    done
    $ours decrypt -q -k py1.sec "$files/tiny.py.edit.c4gh" >part
    $ours decrypt -q -k py1.sec "$files/tiny.rust.edit.c4gh" | cmp - part
    theirs decrypt --sk py1.sec <"$files/tiny.py.edit.c4gh" | cmp - part
    for tool in py go; do
        [ "$($ours decrypt -q -k py1.sec "$files/empty.$tool.c4gh" | wc -c)" -eq 0 ]
    done
    # A ticket of htsget-rs, put together: the edit list comes before the data key.
    rs=$SHARED/interop/htsget-rs-0.10.0
    cp "$rs/keys/me.sec" me.sec && chmod 600 me.sec
    for ticket in gzi_20_10000000_10000300 gzi_21_10000000_10000300 gzi_21_10004600_10004900; do
        python3 - "$rs/$ticket.json" "$rs/small.bam.c4gh" >ticket.c4gh <<'END'
import base64, json, sys
data = open(sys.argv[2], 'rb').read()
for part in json.load(open(sys.argv[1]))['htsget']['urls']:
    url = part['url']
    if url.startswith('data:'):
        sys.stdout.buffer.write(base64.b64decode(url.split(',', 1)[1]))
    else:
        headers = {k.lower(): v for k, v in part.get('headers', {}).items()}
        first, last = headers['range'].split('=')[1].split('-')
        sys.stdout.buffer.write(data[int(first):int(last) + 1])
END
        $ours decrypt -q -k me.sec -o out ticket.c4gh
        grep "^$(md5sum out | cut -d' ' -f1)" "$rs/MD5-plain" >/dev/null || { note "$ticket"; exit 1; }
    done
fi
