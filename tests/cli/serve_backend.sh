# A folder of Crypt4GH files as the storage of an htsget server: a client of our own plays htsget-rs, by both of
# its protocols.
. "$TOP/tests/cli/lib.bash"
. "$TOP/tests/cli/serve.bash"

# refuses_http STATUS URL: and the answer is short.
refuses_http() {
    python3 "$py/ask_http.py" "$2" >answer
    head -1 answer | grep "^HTTP/1.1 $1 " >/dev/null
    [ "$(stat -c %s answer)" -lt 1000 ]
}

make_input synth_bam.py mates 3000
for who in server client archive; do
    varlock crypt4gh keygen -q --no-passphrase -o $who
done
mkdir -p store/folder
samtools index -o plain.bam.bai o.bam
mv o.bam plain.bam
cp plain.bam.bai store/x.bam.bai
varlock crypt4gh encrypt -q -p archive.pub -o store/x.bam.c4gh plain.bam
varlock crypt4gh encrypt -q -p client.pub -o store/other.bam.c4gh plain.bam
cp store/x.bam.c4gh store/.hidden.c4gh
cp store/x.bam.c4gh outside.c4gh
ln -s ../outside.c4gh store/link.bam.c4gh
printf 'crypt4gh\1\0\0\0\1\0\0\0\5\0\0\0' >store/damaged.bam.c4gh
# What an archive may have lying beside them by mistake.
cp archive.sec plain.bam store/
cp plain.bam store/plain.bam.c4gh
for index in x.bam.csi x.bam.crai x.bam.tbi x.bam.gzi lonely.bam.bai archive.bai; do
    cp plain.bam.bai store/$index
done
[ "$(stat -c %s plain.bam)" -gt 300000 ]

mkfifo urls
varlock serve --backend --c4gh-key archive.sec store >urls 2>log &
serve_pid=$!
read -r url <urls
python3 "$py/play_htsget_rs.py" "$url" x.bam plain.bam server.sec server.pub client.sec client.pub
# Without a key it is the file as it lies there; varlock opens what it made.
python3 "$py/ask_http.py" "${url}x.bam.c4gh" | sed '1,/^$/d' | cmp - store/x.bam.c4gh
for index in bai csi crai tbi gzi; do
    python3 "$py/ask_http.py" "${url}x.bam.$index" | sed '1,/^$/d' | cmp - plain.bam.bai
done
# What these keys do not open, and a key that Crypt4GH does not know; the answer names no file of keys.
python3 "$py/ask_http.py" "${url}other.bam.c4gh" "client-public-key: $(sed -n 2p client.pub)" >answer
grep '^HTTP/1.1 403 ' answer >/dev/null
! grep archive answer || exit 1
python3 "$py/ask_http.py" "${url}x.bam.c4gh" "Htsget-Context-Public-Key: $(base64 -w0 "$keys/owner.pub.pem")" >answer
grep '^HTTP/1.1 400 ' answer >/dev/null
python3 "$py/ask_http.py" "${url}x.bam.c4gh" "Range: bytes=$(stat -c %s store/x.bam.c4gh)-" >answer
grep '^HTTP/1.1 416 ' answer >/dev/null
grep "^Content-Range: bytes \*/$(stat -c %s store/x.bam.c4gh)$" answer >/dev/null
# Nothing else of the folder, and no plain file under a false name.
for name in archive.sec plain.bam lonely.bam.bai archive.bai .bai x.bam x.bam.c4gh.bai; do
    refuses_http 404 "$url$name"
done
refuses_http 500 "${url}plain.bam.c4gh"
python3 "$py/ask_http.py" "${url}x.bam.c4gh" "client-public-key: $(sed -n 2p client.pub)" | sed '1,/^$/d' >mine.c4gh
varlock crypt4gh decrypt -q -k client.sec -o mine.bam mine.c4gh
cmp mine.bam plain.bam
refuses 3 'server.sec|no packet|none of' varlock crypt4gh decrypt -q -k server.sec -o no.bam mine.c4gh
! grep -E "$(basename "$url")" log || exit 1
grep 'warning: whoever knows the URL gets every file of store' log >/dev/null
stop_serve

# Several data keys and an edit list are passed on.
varlock crypt4gh slice -q --header-only -k archive.sec -p archive.pub --range 1000-200000 -o store/part.bam.c4gh store/x.bam.c4gh
rm urls
mkfifo urls
varlock serve -q --backend --c4gh-key archive.sec store >urls &
serve_pid=$!
read -r url <urls
python3 "$py/ask_http.py" "${url}part.bam.c4gh" "client-public-key: $(sed -n 2p client.pub)" | sed '1,/^$/d' >part.c4gh
varlock crypt4gh decrypt -q -k client.sec -o part part.c4gh
cmp part <(head -c 200000 plain.bam | tail -c +1001)
stop_serve

refuses 2 'needs --c4gh-key' varlock serve --backend store
refuses 2 'goes without -d and --open' varlock serve --backend --open --c4gh-key archive.sec store
refuses 1 'nowhere: cannot open' varlock serve --backend --c4gh-key archive.sec nowhere
