# What servers do to those who fetch: other bytes than before, replies without an end, tricks with POST.
. "$TOP/tests/cli/lib.bash"
. "$TOP/tests/cli/fetch.bash"
unset HTS_AUTH_LOCATION

mkdir web
samtools view -b --no-PG -o web/x.bam "$TESTDATA/golden/person.sam"
samtools index web/x.bam
serve_htsget web
get=(varlock fetch -q --verbose --timeout 2)

counted() { # NAME: of the last run
    sed -n "s/^$1\t//p" said
}

# ---- the same places, another question: begins anew ----
fails_at_first() {
    ! varlock fetch -q --retries none -o out.bam "$@" "$url/reads/second403/x.bam" 2>said || exit 1
    [ "$(stat -c %s out.bam.part)" -gt 64 ]
}
fails_at_first -r z:1-300
"${get[@]}" -o out.bam -r z:1-300 "$url/reads/second403/x.bam" 2>said
[ "$(counted resumed_bytes)" -gt 0 ]
stop_htsget
serve_htsget web
fails_at_first -r z:1-300
"${get[@]}" -o out.bam -r z:1001-1600 "$url/reads/second403/x.bam" 2>said
[ "$(counted resumed_bytes)" -eq 0 ]
cmp <(samtools view out.bam) <(samtools view web/x.bam z:1001-1600)

# ---- a 206 that ends early is gone on with ----
"${get[@]}" -o out.bam "$url/reads/whole-cut/x.bam" 2>said
cmp out.bam web/x.bam

# ---- other bytes under the same URL ----
echo a a a >web/etag
"${get[@]}" -o out.bam "$url/reads/tagged/x.bam" 2>said
cmp out.bam web/x.bam
echo a b b >web/etag
rm out.bam
! varlock fetch -q -o out.bam "$url/reads/whole-tagged/x.bam" 2>said || exit 1
grep 'x.bam: was changed at the server while it was fetched' said >/dev/null
[ ! -e out.bam ]
rm out.bam.part
stop_htsget
serve_htsget web
echo a a a >web/etag
! varlock fetch -q --retries none -o out.bam "$url/reads/tagged/x.bam" 2>said || exit 1
size=$(stat -c %s out.bam.part)
[ "$size" -gt 64 ]
cp out.bam.part kept
echo b b b >web/etag
! varlock fetch -q --retries none -o out.bam "$url/reads/tagged/x.bam" 2>said || exit 1
grep 'was changed at the server since a part of it was fetched' said >/dev/null
[ ! -e out.bam.part ]
"${get[@]}" -o out.bam "$url/reads/tagged/x.bam" 2>said
cmp out.bam web/x.bam

# ---- what is there already ----
# All of it, though no server told how much that is.
echo a a a >web/etag
cp kept out.bam.part
tail -c +$((size - 64 + 1)) web/x.bam >>out.bam.part
"${get[@]}" -o out.bam "$url/reads/tagged/x.bam" 2>said
cmp out.bam web/x.bam
[ "$(counted resumed_bytes)" -eq "$(stat -c %s web/x.bam)" ]
# A run was killed while it began.
for n in 0 10 40; do
    head -c $n kept >out.bam.part
    "${get[@]}" -o out.bam "$url/reads/x.bam" 2>said
    cmp out.bam web/x.bam
done
# Another name of it may be another user's.
cp kept out.bam.part
ln out.bam.part other
refuses 1 "out.bam.part: is another user's, or has another name" varlock fetch -q -o out.bam "$url/reads/x.bam"
rm out.bam.part other
for text in 'not mine' 'varlock party'; do
    echo "$text" >out.bam.part
    refuses 2 'is no part of an answer' varlock fetch -q -o out.bam "$url/reads/x.bam"
done
rm out.bam.part

# ---- bodies without an end ----
refuses 3 'status 403' timeout 20 varlock fetch -q -o no.bam "$url/reads/endless/x.bam"
refuses 3 'status 403' varlock fetch -q -o no.bam "$url/reads/403gzip/x.bam"
refuses 1 'Operation too slow|timed out' timeout 20 \
    varlock fetch -q --timeout 1 --retries none -o no.bam "$url/reads/ticket-drip/x.bam"

# ---- POST ----
several=(-r z:1-300 -r z:1001-1600)
samtools view -M web/x.bam z:1-300 z:1001-1600 >want.sam
for how in moved301 post400; do
    "${get[@]}" "${several[@]}" -o out.bam "$url/reads/$how/x.bam" 2>said
    samtools view out.bam | cmp - want.sam || { note "$how"; exit 1; }
done
grep '"POST", "path": "/reads/x.bam"' requests >/dev/null # where the redirect leads
refuses 2 'InvalidRange' varlock fetch -q "${several[@]}" -o no.bam "$url/reads/post-range/x.bam"

# ---- what servers say ----
"${get[@]}" -o out.bam "$url/reads/date/x.bam" 2>said
cmp out.bam web/x.bam
printf '{"htsget": {"error": "NotFound", "message": "gone\xc2\x9b1mbad"}}' >web/refusal
refuses 1 'refused, with status 200: NotFound: gone\?\?1mbad' varlock fetch -q -o no.bam "$url/ticket/refusal"
for name in Host Content-Length transfer-encoding; do
    printf '{"htsget": {"urls": [{"url": "http://127.0.0.1:PORT/data/plain/x.bam", "headers": {"%s": "1"}}]}}' $name >web/framing
    refuses 1 'block 1 of its ticket is malformed' varlock fetch -q -o no.bam "$url/ticket/framing"
done
printf '{"htsget": {"urls": [{"url": "http://127.0.0.1:PORT/data/plain/x.bam", "headers": {"X-Empty": ""}}]}}' >web/empty
"${get[@]}" -o out.bam "$url/ticket/empty" 2>said
grep '"x-empty": ""' requests >/dev/null

# ---- secrets in the list of processes ----
for line in 'Authorization: Bearer x' 'cookie: x' 'Proxy-Authorization : x'; do
    refuses 2 'other users can read it there; a token goes into a file' varlock fetch -q --header "$line" -o no.bam "$url/reads/x.bam"
done
