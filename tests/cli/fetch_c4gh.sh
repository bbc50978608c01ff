# Encrypted answers: the key is told, the answer opened on the way; tickets that htsget-rs made.
. "$TOP/tests/cli/lib.bash"
. "$TOP/tests/cli/fetch.bash"
unset HTS_AUTH_LOCATION C4GH_PASSPHRASE

mkdir web
samtools view -b --no-PG -o web/x.bam "$TESTDATA/golden/person.sam"
samtools index web/x.bam
varlock crypt4gh encrypt -q -p "$keys/c4gh.pub" -o web/x.bam.c4gh web/x.bam
mine=(--c4gh-key "$keys/c4gh-plain.sec")
serve_htsget web

varlock fetch -q "${mine[@]}" -o out.bam "$url/reads/x.bam.c4gh"
cmp out.bam web/x.bam
[ "$(stat -c %a out.bam)" = 600 ]
# What was told: the scheme, and the whole PEM file in base64.
tail -n 3 requests | head -n 1 >ticket
grep -F 'encryptionScheme=C4GH' ticket >/dev/null
told=$(sed -n 's/.*"htsget-context-public-key": "\([^"]*\)".*/\1/p' ticket)
cmp <(base64 -d <<<"$told") "$keys/c4gh.pub"
# No block host is told.
[ "$(grep -c htsget-context-public-key requests)" -eq 1 ]
varlock fetch -q "${mine[@]}" --c4gh-scheme legacy -o out.bam "$url/reads/many/x.bam.c4gh"
cmp out.bam web/x.bam
# As the draft of that server had it: the key alone, which is the middle line of its file.
grep "\"client-public-key\": \"$(sed -n 2p "$keys/c4gh.pub")\"" requests | grep -v encryptionScheme >/dev/null
# By an OpenSSH key too.
varlock crypt4gh encrypt -q -p "$keys/ssh.pub" -o web/ssh.bam.c4gh web/x.bam
varlock fetch -q --c4gh-key "$keys/ssh.sec" -o out.bam "$url/reads/ssh.bam.c4gh"
cmp out.bam web/x.bam

# Regions of a superset.
varlock fetch -q "${mine[@]}" -r z:1001-1600 -o out.bam "$url/reads/superset/x.bam.c4gh"
cmp <(samtools view out.bam) <(samtools view web/x.bam z:1001-1600)

# A ticket for each region, with a file of its own.
for region in z:1-300 y; do
    varlock crypt4gh slice -q -k "$keys/c4gh-plain.sec" -p "$keys/c4gh.pub" -r $region -o "web/each.${region%:*}" web/x.bam.c4gh \
        --index web/x.bam.bai
done
for regions in '-r z:1-300 -r y' '-r y -r z:1-300'; do
    varlock fetch -q "${mine[@]}" $regions -o out.bam "$url/reads/each/each"
    cmp <(samtools view out.bam) <(samtools view -M web/x.bam z:1-300 y)
done

# Files in a row in one ticket, as htsget-rs answers a POST: in any order, and with more than their ranges.
in_a_row() {
    python3 - "$@" >web/two.json <<'END'
import base64, json, os, sys
urls = []
for path in sys.argv[1:]:
    head = open(path, "rb").read(16)
    urls += [{"url": "data:;base64," + base64.b64encode(head).decode()},
             {"url": "http://127.0.0.1:PORT/data/plain/" + os.path.basename(path),
              "headers": {"Range": "bytes=16-%d" % (os.path.getsize(path) - 1)}}]
print(json.dumps({"htsget": {"format": "BAM", "urls": urls}}, indent=2))
END
}
varlock crypt4gh slice -q -k "$keys/c4gh-plain.sec" -p "$keys/c4gh.pub" -r z:1001-1600 -o web/late.c4gh web/x.bam.c4gh --index web/x.bam.bai
varlock crypt4gh slice -q -k "$keys/c4gh-plain.sec" -p "$keys/c4gh.pub" -r z:1-1300 -o web/early.c4gh web/x.bam.c4gh --index web/x.bam.bai
samtools view -M web/x.bam z:1-300 z:1001-1600 >want.sam
for files in 'web/early.c4gh web/late.c4gh' 'web/late.c4gh web/early.c4gh' 'web/x.bam.c4gh web/late.c4gh'; do
    in_a_row $files
    varlock fetch -q "${mine[@]}" -r z:1-300 -r z:1001-1600 -o out.bam "$url/ticket/two.json"
    samtools view out.bam | cmp - want.sam || { note "$files"; exit 1; }
done

# What is refused.
refuses 1 'the server sent plain data, although an encrypted answer was asked for: --allow-plain' \
    varlock fetch -q "${mine[@]}" -o no.bam "$url/reads/x.bam"
varlock fetch -q "${mine[@]}" --allow-plain -o out.bam "$url/reads/x.bam"
cmp out.bam web/x.bam
refuses 1 'sent 2 files for 1 regions' varlock fetch -q "${mine[@]}" -r z -o no.bam "$url/ticket/two.json"
refuses 2 'c4gh-scheme other: is neither' varlock fetch -q "${mine[@]}" --c4gh-scheme other -o no.bam "$url/reads/x.bam"
! varlock fetch -q --c4gh-key "$keys/ssh.sec" -o no.bam "$url/reads/x.bam.c4gh" 2>said || exit 1
grep -E 'reads/x.bam.c4gh: .*ssh.sec' said >/dev/null
# The answer may yet be opened with another key.
rm no.bam.part
head -c -30 web/x.bam.c4gh >web/cut.bam.c4gh
refuses 1 'reads/cut.bam.c4gh: (truncated|.*segment)' varlock fetch -q "${mine[@]}" -o no.bam "$url/reads/cut.bam.c4gh"

# ---- htsget-rs ----
recorded=$SHARED/interop/htsget-rs-0.10.0
if [ ! -e "$recorded" ]; then
    note "without $recorded"
    exit 0
fi
cp "$recorded"/small.bam* web
for ticket in "$recorded"/*.json; do
    sed 's|127.0.0.1:18921/c4gh/|127.0.0.1:PORT/data/plain/|' "$ticket" >"web/${ticket##*/}"
done
mine=(--c4gh-key "$recorded/keys/me.sec")
for region in 20:10000000-10000300 21:10000000-10000300 21:10004600-10004900; do
    name=gzi_$(tr :- __ <<<$region)
    varlock fetch -q "${mine[@]}" --no-filter -r $region -o "$name.c4gh" "$url/ticket/$name.json"
    grep "$(md5sum <"$name.c4gh" | cut -c 1-32)  $name" "$recorded/MD5-plain" >/dev/null || { note "$name"; exit 1; }
    varlock fetch -q "${mine[@]}" -r $region -o out.bam "$url/ticket/$name.json"
    cmp <(samtools view out.bam) <(samtools view web/small.bam $region)
done
varlock fetch -q "${mine[@]}" --class header -o header.bam "$url/ticket/header.json"
samtools quickcheck -u header.bam
cmp <(samtools view -H --no-PG header.bam) <(samtools view -H --no-PG web/small.bam)
