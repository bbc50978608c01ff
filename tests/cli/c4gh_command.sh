# varlock crypt4gh against a second implementation (c4gh.py): what each writes the other reads, in every
# size and shape; headers, ranges and slices; and each wrong input has its line and exit code.
. "$TOP/tests/cli/lib.bash"
umask 022
unset C4GH_PASSPHRASE C4GH_SECRET_KEY C4GH_PUBLIC_KEY
c4gh="varlock crypt4gh"
second() {
    python3 "$py/c4gh.py" "$@"
}
made() { # SIZE: that many bytes, each size others
    python3 -c 'import random, sys; sys.stdout.buffer.write(random.Random(int(sys.argv[1])).randbytes(int(sys.argv[1])))' "$1"
}

# ---- keys ----
for who in ann bea; do $c4gh keygen -q -o $who --no-passphrase --comment "key of $who"; done
[ "$(stat -c %a ann.sec ann.pub | tr '\n' ' ')" = '600 644 ' ]
[ "$(head -n 1 ann.sec)" = '-----BEGIN CRYPT4GH PRIVATE KEY-----' ]
[ "$(head -n 1 ann.pub)" = '-----BEGIN CRYPT4GH PUBLIC KEY-----' ]
grep -v '^--' ann.sec | base64 -d | grep -a 'key of ann' >/dev/null
refuses 2 'ann.sec: ' $c4gh keygen -o ann --no-passphrase
echo word >words
$c4gh keygen -q -o lea --passphrase-file words
[ "$(head -n 1 lea.sec)" = '-----BEGIN CRYPT4GH ENCRYPTED PRIVATE KEY-----' ]
# The passphrase of a new key never comes from the variable of the other tools.
C4GH_PASSPHRASE=word refuses 2 'no passphrase: there is no terminal' $c4gh keygen -o no

# ---- sizes ----
for n in 0 1 65535 65536 65537 300000; do
    made $n >in
    $c4gh encrypt -q -p ann.pub -o x.c4gh in
    second read ann.sec x.c4gh | cmp - in
    $c4gh decrypt -q -k ann.sec x.c4gh | cmp - in
    [ "$(stat -c %s x.c4gh)" -eq $((124 + n + 28 * ((n + 65535) / 65536))) ]
done
$c4gh encrypt -q -p ann.pub <in | $c4gh decrypt -q -k ann.sec - | cmp - in
C4GH_PUBLIC_KEY=ann.pub $c4gh encrypt -q <in | C4GH_SECRET_KEY=ann.sec $c4gh decrypt -q | cmp - in
$c4gh decrypt -q -k ann.sec -o out x.c4gh
[ "$(stat -c %a out)" = 600 ]
# More batches than threads; an error in one of them.
made 5000000 >in
for threads in 0 1 3; do
    $c4gh encrypt -q -@$threads -p ann.pub -o x.c4gh in
    second read ann.sec x.c4gh | cmp - in
    $c4gh decrypt -q -@$threads -k ann.sec x.c4gh | cmp - in
    cp x.c4gh bad.c4gh
    printf '\377\377' | dd of=bad.c4gh bs=1 seek=$((124 + 40 * 65564 + 99)) conv=notrunc status=none
    refuses 1 'bad.c4gh: segment 41 does not open: the file is damaged$' $c4gh decrypt -@$threads -k ann.sec -o no bad.c4gh
    head -c $((124 + 70 * 65564 + 20)) x.c4gh >bad.c4gh
    refuses 1 'bad.c4gh: is truncated in segment 71' $c4gh decrypt -@$threads -k ann.sec -o no bad.c4gh
done
made 300000 >in

# ---- shapes that others write ----
for shape in keys padded foreign empty plain edit: edit:100000 edit:0,70000 edit:65536,65536 edit:10,20,30,200000 \
    edit:0,0,5,5 edit:5,0 edit:1,2,3,400000 edit:1000000; do
    second write bea.pub,ann.pub $shape <in >x.c4gh
    second read ann.sec x.c4gh >expected
    $c4gh decrypt -q -k ann.sec x.c4gh | cmp - expected
    $c4gh decrypt -q -k ann.sec - <x.c4gh | cmp - expected
    # Other readers get the same, in a form that all take.
    $c4gh reencrypt -q -k ann.sec -p lea.pub -o y.c4gh x.c4gh
    VARLOCK_PASSPHRASE=word $c4gh decrypt -q -k lea.sec y.c4gh | cmp - expected
    second packets bea.sec y.c4gh >packets
    grep '^closed$' packets >/dev/null
    $c4gh decrypt -q -k bea.sec y.c4gh | cmp - expected
    refuses 3 'no key opens it: of the .* packets? of its header 0 open.*tried: ann.sec' $c4gh decrypt -k ann.sec -o no y.c4gh
    $c4gh reencrypt -q --trim -k ann.sec -p ann.pub -o y.c4gh x.c4gh
    second packets ann.sec y.c4gh >packets
    # No list that keeps nothing is one that all take.
    ! grep -E 'closed|edit_list .* 0( |$)' packets || [ ! -s expected ] || exit 1
    second read ann.sec y.c4gh | cmp - expected
done

# ---- files that the tools in Python and Rust wrote ----
seq 1 13000 >numbers
cp "$keys/c4gh-plain.sec" "$keys/ssh.sec" . && chmod 600 c4gh-plain.sec ssh.sec
for tool in python rust; do
    for key in c4gh-plain.sec ssh.sec; do
        $c4gh decrypt -q -k $key "$TESTDATA/crypt4gh/$tool.c4gh" | cmp - numbers
    done
    $c4gh decrypt -q -k c4gh-plain.sec "$TESTDATA/crypt4gh/$tool-edit.c4gh" | cmp - <(head -c 66000 numbers | tail -c 1000)
done

# ---- ranges and slices ----
second write ann.pub edit:1000,200000,10,50000 <in >x.c4gh
second read ann.sec x.c4gh >expected
for range in 0-1 0-65536 65535-65537 100-100000 199990-200020 249999-250000 5-; do
    from=${range%-*} to=${range#*-}
    head -c "${to:-250000}" expected | tail -c +$((from + 1)) >part
    $c4gh decrypt -q -k ann.sec --range $range x.c4gh | cmp - part
    $c4gh decrypt -q -k ann.sec --range $range - <x.c4gh | cmp - part
    $c4gh slice -q -k ann.sec -p bea.pub --range $range -o s.c4gh x.c4gh
    second read bea.sec s.c4gh | cmp - part
    [ "$(second packets bea.sec s.c4gh)" = data_key ]
    $c4gh slice -k ann.sec -p bea.pub --range $range --header-only -o s.c4gh x.c4gh 2>err
    grep 'warning: --header-only: no access control: the recipients get the key of the whole file' err >/dev/null
    second read bea.sec s.c4gh | cmp - part
    cmp <(tail -c 200000 s.c4gh) <(tail -c 200000 x.c4gh)
done
$c4gh slice -q -k ann.sec -p bea.pub -p ann.pub --range 10-20 --range 20-25 --range 70000-70010 -o s.c4gh x.c4gh
{ head -c 25 expected | tail -c 15; head -c 70010 expected | tail -c 10; } >part
second read ann.sec s.c4gh | cmp - part
refuses 2 '5-5: is an empty range of bytes' $c4gh slice -k ann.sec -p bea.pub --range 5-5 -o no x.c4gh
refuses 2 '5: is no range of bytes, which is A-B' $c4gh decrypt -k ann.sec --range 5 -o no x.c4gh
refuses 2 '15-30: does not lie behind the range before it, 10-20' \
    $c4gh slice -k ann.sec -p bea.pub --range 10-20 --range 15-30 -o no x.c4gh
refuses 1 'has no bytes from 250000 on' $c4gh decrypt -q -k ann.sec --range 250000-250001 -o no x.c4gh
refuses 1 'has no bytes from 250000 on' $c4gh slice -q -k ann.sec -p bea.pub --range 250000- -o no x.c4gh

# ---- a header of its own, a sender ----
$c4gh encrypt -q -k bea.sec -p ann.pub --header h -o body in
[ "$(stat -c %s h)" -eq 124 ]
cat h body | second read ann.sec /dev/stdin | cmp - in
$c4gh decrypt -q -k ann.sec -V bea.pub --header h body | cmp - in
$c4gh decrypt -q -k ann.sec --header h --range 70000- body | cmp - <(tail -c +70001 in)
refuses 3 'sealed by the sender given; tried: ann.sec' $c4gh decrypt -k ann.sec -V ann.pub --header h -o no body

# ---- what view shows ----
second write bea.pub,ann.pub edit:1000,200000 <in >x.c4gh
$c4gh view -k ann.sec x.c4gh >shown
paste -s -d' ' shown | grep -x "packets	4 packet	1	108	closed packet	2	108	data_key packet	3	92	closed packet	4	92	edit_list \
key	ann.sec skip	1000 keep	200000 header_bytes	416 sealed_bytes	300140 plain_bytes	300000 edited_bytes	200000" >/dev/null
$c4gh view --json -k ann.sec x.c4gh | python3 -c '
import json, sys
v = json.load(sys.stdin)
assert [p["opens"] for p in v["packets"]] == [False, True, False, True], v
assert v["edit_list"] == [1000, 200000] and v["edited_bytes"] == 200000 and v["plain_bytes"] == 300000, v'
$c4gh view x.c4gh | grep -c closed | grep -x 4 >/dev/null

# ---- what is wrong ----
refuses 1 'in: is no Crypt4GH file' $c4gh decrypt -k ann.sec -o no in
refuses 1 'words: is truncated: its Crypt4GH header ends after 5 bytes' $c4gh decrypt -k ann.sec -o no words
refuses 1 'none: cannot open: No such file' $c4gh decrypt -k ann.sec -o no none
refuses 2 '-k/--key is required, or C4GH_SECRET_KEY' $c4gh decrypt -o no x.c4gh
refuses 2 '-p/--public-key is required, or C4GH_PUBLIC_KEY' $c4gh encrypt -o no in
refuses 3 'lea.sec: .*passphrase' $c4gh decrypt -k lea.sec -o no x.c4gh
C4GH_PASSPHRASE=wrong refuses 3 'tried: lea.sec: .*passphrase' $c4gh decrypt -q -k lea.sec -o no x.c4gh
refuses 3 'rsa3072.pub.pem: is no key that Crypt4GH can seal to' $c4gh encrypt -p "$keys/rsa3072.pub.pem" -o no in
cp "$keys/rsa3072.pem" rsa.pem && chmod 600 rsa.pem
refuses 3 'rsa.pem: is an RSA key; Crypt4GH needs' $c4gh decrypt -k rsa.pem -o no x.c4gh
refuses 2 'x.c4gh and x.c4gh are the same file' $c4gh decrypt -k ann.sec -o x.c4gh x.c4gh
second write bea.pub,ann.pub plain <in >x.c4gh
size=$(stat -c %s x.c4gh)
for cut in 20 100 $((size - 1)) $((size - 37860)); do
    head -c $cut x.c4gh >cut.c4gh
    refuses 1 'cut.c4gh: (is truncated|segment [0-9]+ does not open)' $c4gh decrypt -k ann.sec -o no cut.c4gh
done
cp x.c4gh bad.c4gh
printf '\377' | dd of=bad.c4gh bs=1 seek=100000 conv=notrunc status=none
refuses 1 'bad.c4gh: segment 2 does not open: the file is damaged$' $c4gh decrypt -k ann.sec -o no bad.c4gh
$c4gh encrypt -p ann.pub -o twice x.c4gh 2>err
grep 'warning: x.c4gh: is encrypted already' err >/dev/null

# Cut between segments: what is in it tells, or a line says that nothing does.
$c4gh encrypt -q -p ann.pub -o x.c4gh in
head -c $((124 + 2 * 65564)) x.c4gh >cut.c4gh
$c4gh decrypt -k ann.sec -o out cut.c4gh 2>err
grep 'cut.c4gh: ends with a full segment: whether it was cut there cannot be told' err >/dev/null
bgzip -c in >in.gz
$c4gh encrypt -q -p ann.pub -o x.c4gh in.gz
head -c $((124 + 2 * 65564)) x.c4gh >cut.c4gh
refuses 1 'cut.c4gh: is truncated behind segment 2: the BGZF file in it lacks its end block' \
    $c4gh decrypt -k ann.sec -o no cut.c4gh

# Groups of commands have their own help.
[ "$($c4gh --help)" = "$(varlock help crypt4gh)" ]
[ "$($c4gh view --help)" = "$(varlock help crypt4gh view)" ]
refuses 2 "unknown command 'crypt4gh veiw'; did you mean crypt4gh view\?" $c4gh veiw x.c4gh
