# What `varlock serve` shows over HTTP is what decrypt writes, and the masked records beside it.
. "$TOP/tests/cli/lib.bash"
. "$TOP/tests/cli/serve.bash"
printf %032d 7 >key

make_input synth_bam.py mates 400
samtools index o.bam
mask_synth masked o.bam o.fa pop.vac --write-index
varlock reencrypt -q -k "$keys/owner.pem" -p "$keys/alice.pub.pem" -d masked.bdiff -o a.bdiff -r chr1:8001-12000 masked.bam
decrypt_as alice a.bdiff masked.bam granted.bam
mkdir there
cp masked.bam there/m.bam
show_restored masked.bam a.bdiff "$keys/alice.pem" >all.sam
show_restored masked.bam a.bdiff "$keys/alice.pem" chr1:8001-12000 >part.sam
[ "$(wc -l <part.sam)" -gt 20 ]

ask() { # PATH [arguments]: below the token; `status` and `body`
    python3 "$py/ask_http.py" "$base/$1" "${@:2}" >answer
    status=$(sed -n '1s/^HTTP[^ ]* \([0-9]*\).*/\1/p' answer)
    sed '1,/^$/d' answer >body
}
answers() { # STATUS PATTERN-IN-ANSWER PATH [arguments]
    ask "${@:3}"
    [ "$status" = "$1" ] && grep -aE -- "$2" answer >/dev/null ||
        { note "${*:3}: $status, not $1; or not /$2/: $(head -c 400 answer)"; return 1; }
}

start_serve -d a.bdiff -k "$keys/alice.pem" masked.bam
grep -E '^http://127.0.0.1:[0-9]+/[0-9a-f]{32}/reads/masked-[0-9a-f]{8}$' <<<"$reads" >/dev/null
[ "$file" = "$base/files/$id.bam" ]

# ---- samtools ----
cmp <(samtools view "$reads") all.sam
cmp <(samtools view -H --no-PG "$reads?class=header") <(samtools view -H --no-PG masked.bam)
[ "$(samtools view -c "$reads?class=header&format=BAM")" -eq 0 ]
samtools view "$reads?referenceName=chr1&start=8000&end=12000" | cmp - part.sam
cmp <(samtools view "$reads?referenceName=*" | sort) <(samtools view masked.bam '*' | sort)
mkdir work && cd work
samtools view "$file" chr1:8001-12000 | cmp - ../part.sam
samtools view -c "$file" '*' >/dev/null
[ "$(samtools view -c "$file")" -eq "$(awk '$3 == "*" || $4 > 0' ../all.sam | wc -l)" ]
cd ..
samtools view granted.bam | sort >restored.sam
[ "$(sort part.sam | comm -12 - restored.sam | wc -l)" -eq "$(wc -l <restored.sam)" ]

# ---- questions and refusals of htsget ----
tickets() { # the URL of the ticket in `body`
    python3 -c 'import json; print(json.load(open("body"))["htsget"]["urls"][0]["url"])'
}
answers 200 'Content-Type: application/vnd.ga4gh.htsget.v1' "reads/$id?referenceName=chr1"
head -c 11 body | grep '^{' >/dev/null
answers 400 '"UnsupportedFormat"' "reads/$id?format=CRAM"
answers 400 '"InvalidInput"' "reads/$id?class=body2"
answers 400 '"InvalidInput"' "reads/$id?start=5"
answers 400 '"InvalidInput"' "reads/$id?referenceName=*&start=5"
answers 400 '"InvalidInput"' "reads/$id?referenceName=chr1&start=-5"
answers 400 '"InvalidInput"' "reads/$id?referenceName=chr1&end=5x"
answers 400 '"InvalidRange"' "reads/$id?referenceName=chr1&start=6&end=5"
answers 404 '"NotFound"' "reads/$id?referenceName=chr99"
answers 404 '"NotFound"' reads/other
answers 400 '"InvalidInput"' "reads/$id?class=header&referenceName=chr1"
answers 400 '"InvalidInput"' "reads/$id?tags=MD,NM&notags=NM"
answers 200 '"artifact": "htsget"' reads/service-info
answers 200 'class=header' "reads/$id?referenceName=chr1&start=5&end=5"
post() { # REGIONS (JSON): the reads
    ask "reads/$id" -d "{\"format\": \"BAM\", \"regions\": $1}"
    [ "$status" = 200 ] || { note "POST: $(cat answer)"; return 1; }
    samtools view "$(tickets)"
}
post '[{"referenceName": "chr1", "start": 8000, "end": 12000}]' | cmp - part.sam
post '[{"referenceName": "chr1", "start": 9000, "end": 12000}, {"referenceName": "chr1", "start": 8000, "end": 9500},
       {"referenceName": "chr1", "start": 8100, "end": 8101}]' | cmp - part.sam
python3 - >many.json <<'PY'
import json
print(json.dumps({"regions": [{"referenceName": "chr1", "start": a, "end": a + 1} for a in range(2000, 12000)]}))
PY
ask "reads/$id" -f many.json
[ "$(samtools view -c "$(tickets)")" -eq "$(show_restored masked.bam a.bdiff "$keys/alice.pem" chr1:2001-12000 | wc -l)" ]
answers 400 'InvalidInput' "reads/$id" -d 'no json'
answers 400 'InvalidInput' "reads/$id" -d '{"regions": [{"start": 5}]}'
answers 400 'InvalidRange' "reads/$id" -d '{"regions": [{"referenceName": "chr1", "start": 5, "end": 5}]}'
answers 400 'InvalidInput' "reads/$id" -d '{"regions": []}'
answers 400 'InvalidInput' "reads/$id?format=BAM" -d '{}'
answers 404 'no such reads' "data/$id?set=0123456789abcdef"
answers 404 'no such reads' "data/$id?r=7777:1-2"

# ---- the file, by range ----
ask "files/$id.bam" -X HEAD
size=$(sed -n 's/^Content-Length: //p' answer)
grep 'Accept-Ranges: bytes' answer >/dev/null
python3 "$py/ask_http.py" "$file" | sed '1,/^$/d' >whole.bam
[ "$(stat -c %s whole.bam)" -eq "$size" ]
samtools quickcheck -v whole.bam
slice() { # RANGE FIRST LAST
    answers 206 "^Content-Range: bytes $2-$3/$size\$" "files/$id.bam" "Range: bytes=$1"
    python3 - "$2" "$3" <<'PY'
import sys
a, b = int(sys.argv[1]), int(sys.argv[2])
answer = open("answer", "rb").read().partition(b"\n\n")[2]
assert answer == open("whole.bam", "rb").read()[a:b + 1], (a, b, len(answer))
PY
}
slice 0-0 0 0
slice 100-99999 100 99999
slice $((size - 1000))- $((size - 1000)) $((size - 1))
slice -28 $((size - 28)) $((size - 1))
slice 5-99999999999999999999 5 $((size - 1))
answers 416 "^Content-Range: bytes \*/$size\$" "files/$id.bam" "Range: bytes=$size-"
answers 416 '' "files/$id.bam" 'Range: bytes=-0'
answers 200 "^Content-Length: $size" "files/$id.bam" 'Range: bytes=1-2,5-6' -X HEAD
answers 200 "^Content-Length: $size" "files/$id.bam" 'Range: bytes=9-2' -X HEAD
answers 200 '' "files/$id.bam.bai"
answers 200 '' "files/$id.bai"
answers 404 '' "files/$id.bam.csi"

# ---- who may ask, and for what ----
answers 403 'not the server' "reads/$id" 'Host: evil.example'
answers 200 '' "reads/$id" "Host: localhost:$port"
token=${base##*/}
root=${base%/*}
for path in / /reads/"$id" /"${token%?}"x/reads/"$id" /"$token" //"$token"/reads/"$id" /"$token"/../"$token"/reads/"$id" \
    /"$token"/files/../../../../etc/passwd /"$token"/files/..%2f..%2fetc%2fpasswd /"$token"/files/"$id".bam%00.txt2 \
    /"$token"/files/there/m.bam /"$token"/reads/ /"$token"/reads/"$id".tdf /"$token"/data/; do
    python3 "$py/ask_http.py" "$root$path" >answer
    grep '^HTTP/1.1 404' answer >/dev/null || { note "$path: $(sed -n 1p answer)"; exit 1; }
done
answers 405 '^Allow: GET, HEAD, OPTIONS$' "files/$id.bam" -X DELETE
answers 405 '' "files/$id.bam" -d x
answers 405 '^Allow: GET, HEAD, POST, OPTIONS$' "reads/$id" -X PUT
ask "reads/$id" 'Origin: http://evil.example'
! grep -i 'access-control' answer || exit 1
python3 -c 'print("{\"regions\": [" + " " * 1100000 + "]}")' >long.json
answers 413 '"PayloadTooLarge"' "reads/$id" -f long.json
# Who does not know the token sends no body: 2 GB are refused before they come.
for path in "${base%?}x/reads/$id" "$base/reads/$id"; do
    python3 "$py/ask_http.py" "$path" -X POST "Content-Length: 2000000000" >answer
    grep -E '^HTTP/1.1 (404|413)' answer >/dev/null
done
python3 - "$port" <<'PY'
import sys
port = ":%04X" % int(sys.argv[1])
at = [line.split() for line in open("/proc/net/tcp")] + [line.split() for line in open("/proc/net/tcp6")]
assert [a[1] for a in at if a[3] == "0A" and a[1].endswith(port)] == ["0100007F" + port], "listens elsewhere"
PY

# ---- what breaks clients must not break it ----
python3 - "$root" "$token" "$id" <<'PY'
import socket, sys, time
from urllib.parse import urlsplit
where = (urlsplit(sys.argv[1]).hostname, urlsplit(sys.argv[1]).port)
host = "%s:%d" % where
token, name = sys.argv[2:]
kept = []


def send(data, read=0, keep=False):
    s = socket.create_connection(where, 30)
    s.sendall(data)
    got = b""
    while len(got) < read:
        some = s.recv(read - len(got))
        if not some:
            break
        got += some
    if keep:
        kept.append(s)
    else:
        s.close()
    return got


get = ("GET /%s/files/%s.bam HTTP/1.1\r\nHost: %s\r\n\r\n" % (token, name, host)).encode()
began = time.monotonic()
assert send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200), 1) == b""  # a TLS hello
assert time.monotonic() - began < 5
flood = b"".join(b"X-%d: %s\r\n" % (i, b"a" * 90) for i in range(3000))
assert b" 431 " in send(b"GET / HTTP/1.1\r\n" + flood + b"\r\n", 13)
assert b" 414 " in send(b"GET /" + b"a" * 200000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 13)
assert b" 403 " in send(b"GET /" + token.encode() + b"/reads/x HTTP/1.0\r\n\r\n", 13)  # no host
for method in b"GET", b"DELETE", b"POST":  # a body that does not end, from whom knows nothing
    assert b" 404 " in send(method + b" / HTTP/1.1\r\nHost: %s\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n" % host.encode(), 13, keep=True)
send(b"GET /" + token.encode() + b"/reads/", keep=True)  # half a request, and waits
for i in range(30):
    send(get, 1000)  # goes away early
for i in range(10):
    send(get, 100, keep=True)  # reads no more
assert send(get, 17) == b"HTTP/1.1 200 OK\r\n"
PY
samtools view "$reads?referenceName=chr1&start=8000&end=12000" | cmp - part.sam
for client in 1 2 3 4 5 6 7 8 9 10; do
    samtools view "$reads?referenceName=chr1&start=8000&end=12000" >"client.$client" &
    clients+=($!)
done
wait "${clients[@]}"
for client in 1 2 3 4 5 6 7 8 9 10; do
    cmp "client.$client" part.sam
done
resident() {
    awk '/^VmRSS/ { print $2 }' "/proc/$serve_pid/status"
}
# Half requests in all connections there may be: they go after 15 seconds, also where bytes dribble in.
if [ "$TIER" != quick ]; then
    python3 - "$root" "$token" <<'PY'
import socket, sys, time
from urllib.parse import urlsplit
where = (urlsplit(sys.argv[1]).hostname, urlsplit(sys.argv[1]).port)
began = time.monotonic()
halves = [socket.create_connection(where, 60) for i in range(100)]
for half in halves:
    half.sendall(b"GET /")
s = socket.create_connection(where, 60)
s.sendall(b"GET /%s/reads/service-info HTTP/1.1\r\nHost: %s:%d\r\n\r\n" % (sys.argv[2].encode(), where[0].encode(), where[1]))
s.settimeout(1)
answer = b""
while not answer and time.monotonic() - began < 50:
    try:
        answer = s.recv(15)
    except socket.timeout:
        for half in halves[:20]:
            try:
                half.sendall(b"x")
            except OSError:
                pass
assert answer == b"HTTP/1.1 200 OK", answer
PY
fi
before=$(resident)
python3 - "$base" "$id" <<'PY'
import sys, urllib.request
for i in range(200):
    url = "%s/data/%s?r=0:%d-%d" % (sys.argv[1], sys.argv[2], 8000 + i, 9000 + i)
    assert urllib.request.urlopen(url).read()[:2] == b"\x1f\x8b"
PY
[ "$(resident)" -lt $((before + 8000)) ] || { note "grew from $before to $(resident) kB"; exit 1; }

# ---- the log, and the end ----
! grep "$token" log || exit 1
grep -E "^[0-9-]{10}T[0-9:]{8}Z GET /-/reads/$id\?referenceName=chr1&start=8000&end=12000 200 [0-9]+ [0-9.]+s$" log >/dev/null
# Readers that have stalled do not keep it.
python3 - "$root" "$token" "$id" "$serve_pid" <<'PY'
import os, signal, socket, sys, time
from urllib.parse import urlsplit
where = (urlsplit(sys.argv[1]).hostname, urlsplit(sys.argv[1]).port)
get = ("GET /%s/files/%s.bam HTTP/1.1\r\nHost: %s:%d\r\n\r\n" % (*sys.argv[2:4], *where)).encode()
stalled = [socket.create_connection(where, 30) for i in range(5)]
for s in stalled:
    s.sendall(get)
    s.recv(100)
os.kill(int(sys.argv[4]), signal.SIGINT)
deadline = time.monotonic() + 30
while time.monotonic() < deadline and os.path.exists("/proc/" + sys.argv[4]):
    time.sleep(0.05)
assert time.monotonic() < deadline, "it still runs"
PY
wait "$serve_pid"
serve_pid=

# ---- other inputs ----
start_serve -q --allow-origin https://igv.org -d masked.bdiff -k "$keys/owner.pem" masked.bam
cmp <(samtools view "$reads") <(samtools view o.bam)
cmp <(samtools view -H --no-PG "$reads") <(samtools view -H --no-PG o.bam)
answers 200 '^Access-Control-Allow-Origin: https://igv.org$' "reads/$id" 'Origin: https://igv.org'
answers 204 '^Access-Control-Allow-Headers: authorization$' "reads/$id" 'Origin: https://igv.org' -X OPTIONS \
    'Access-Control-Request-Headers: authorization'
ask "reads/$id" 'Origin: http://igv.org'
! grep -i 'access-control' answer || exit 1
[ ! -s log ]
kill -TERM "$serve_pid"
wait "$serve_pid"
start_serve masked.bam
cmp <(samtools view "$reads") <(samtools view masked.bam)
stop_serve
varlock crypt4gh encrypt -q -p "$keys/c4gh.pub" -o masked.bam.c4gh masked.bam
varlock crypt4gh encrypt -q -p "$keys/c4gh.pub" -o masked.bam.csi.c4gh masked.bam.csi
start_serve --c4gh-key "$keys/c4gh-plain.sec" -d a.bdiff -k "$keys/alice.pem" masked.bam.c4gh
samtools view "$reads?referenceName=chr1&start=8000&end=12000" | cmp - part.sam
(cd work && samtools view "$file" chr1:8001-12000 | cmp - ../part.sam)
stop_serve
samtools view -C -T o.fa -o masked.cram masked.bam
samtools index masked.cram
start_serve -T o.fa -d a.bdiff -k "$keys/alice.pem" masked.cram
cmp <(samtools view "$reads?referenceName=chr1&start=8000&end=12000" | cut -f 1-11) <(cut -f 1-11 part.sam)
answers 404 'is made of a BAM only' "files/$id.bam"
stop_serve
# A contig that BAI cannot hold; without an index there are reads, but no regions of a file.
printf '@HD\tVN:1.6\tSO:coordinate\n@SQ\tSN:long\tLN:700000000\n%s\n%s\n' \
    $'r1\t0\tlong\t600000000\t60\t5M\t*\t0\t0\tACGTA\tIIIII' $'r2\t0\tlong\t600000100\t60\t5M\t*\t0\t0\tACGTA\tIIIII' |
    samtools view -b -o long.bam
start_serve long.bam
[ "$(samtools view -c "$reads")" -eq 2 ]
answers 404 'samtools index' "files/$id.bam"
answers 400 'InvalidInput.*' "reads/$id?referenceName=long"
grep 'samtools index' body >/dev/null
stop_serve
samtools index -c long.bam
start_serve long.bam
answers 200 '' "files/$id.bam.csi"
answers 404 '' "files/$id.bam.bai"
(cd work && samtools view "$file" long:600000050-600000200 | cmp - <(samtools view ../long.bam long:600000050-600000200))
stop_serve
start_serve --once -d a.bdiff -k "$keys/alice.pem" masked.bam
samtools view "$reads?referenceName=chr1&start=8000&end=12000" | cmp - part.sam
wait "$serve_pid"
serve_pid=

# ---- what was altered is not shown ----
name=$(samtools view masked.bam chr1:9000-9100 | awk 'NR == 1 { print $1 }')
samtools view -b --no-PG -e "qname != \"$name\"" -o altered.bam masked.bam
samtools index altered.bam
start_serve -d a.bdiff -k "$keys/alice.pem" altered.bam
! samtools view "$reads?referenceName=chr1&start=8000&end=12000" >no.sam 2>/dev/null || exit 1
! (cd work && samtools view "$file" chr1:8001-12000 >no.sam 2>/dev/null) || exit 1
grep 'altered.bam: .*window' log >/dev/null
stop_serve

# ---- what cannot be served ----
refuses 3 'bob.pem' varlock serve -d a.bdiff -k "$keys/bob.pem" masked.bam
refuses 2 'go together' varlock serve -d a.bdiff masked.bam
refuses 2 'is not of the form' varlock serve --allow-origin igv.org masked.bam
for origin in '*' null https:// http://a/b http://me:pw@a http://A http://a:b http://a:123456 'http://a b' ftp://a; do
    refuses 2 'is not of the form' varlock serve --allow-origin "$origin" masked.bam
done
refuses 2 'a pipe cannot be served' varlock serve -
refuses 2 'a pipe cannot be served' varlock serve <(cat masked.bam)
refuses 1 'No such file' varlock serve nowhere.bam
status=0
varlock serve masked.bam >/dev/full 2>err || status=$?
[ $status -eq 1 ]
grep 'standard output' err >/dev/null
start_serve masked.bam
refuses 1 "127.0.0.1:$port: cannot serve there" varlock serve --port "$port" masked.bam
