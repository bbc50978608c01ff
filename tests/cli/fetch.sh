# What `varlock fetch` brings is what the server has, whole and by region, and faults on the way are
# mended or named.
. "$TOP/tests/cli/lib.bash"
. "$TOP/tests/cli/fetch.bash"
unset HTS_AUTH_LOCATION

mkdir web
samtools view -b --no-PG -o web/x.bam "$TESTDATA/golden/person.sam"
samtools index web/x.bam
serve_htsget web
get=(varlock fetch -q --timeout 2)

# ---- whole ----
for how in plain moved many whole superset 503 short 500 429 wait elsewhere whole-short whole-noranges stall drip; do
    "${get[@]}" -o out.bam "$url/reads/$how/x.bam"
    cmp out.bam web/x.bam || { note "$how"; exit 1; }
    [ ! -e out.bam.part ] || { note "$how: out.bam.part is left"; exit 1; }
    rm out.bam
done
"${get[@]}" "$url/reads/x.bam" >out.bam
cmp out.bam web/x.bam
grep -q '"accept": "application/vnd.ga4gh.htsget' requests
grep '/data/' requests | grep '"x-block": "yes"' >/dev/null

# ---- regions: the records that samtools finds, in its order ----
regions_equal() {
    samtools view --no-PG -o want.sam "${@:2}" web/x.bam "${regions[@]}"
    varlock fetch -q -o got.bam "${fetched[@]}" "$url/reads/$1x.bam"
    samtools view -o got.sam got.bam
    cmp want.sam got.sam || { note "$1 ${regions[*]}"; exit 1; }
    [ -s want.sam ] || { note "${regions[*]}: nothing to compare"; exit 1; }
}
for how in '' superset/ no-post/; do
    for regions in z:1001-1600 z 'z:1-300 z:200-500 z:1500-1600' '*'; do
        read -ra regions <<<"${regions//\*/\\*}"
        regions=("${regions[@]//\\/}")
        fetched=()
        for region in "${regions[@]}"; do
            fetched+=(-r "$region")
        done
        regions_equal "$how" -M
    done
done
printf 'z\t1000\t1600\nz\t100\t120\n' >some.bed
regions=(z:1001-1600 z:101-120) fetched=(-R some.bed)
regions_equal '' -M
grep '"POST"' requests | grep 'regions' >/dev/null

# A superset, kept.
"${get[@]}" --no-filter -r z:1001-1100 -o all.bam "$url/reads/superset/x.bam"
cmp all.bam web/x.bam

# ---- the header alone; the server's has no end block ----
"${get[@]}" --class header -o header.bam "$url/reads/x.bam"
samtools quickcheck -u header.bam
cmp <(samtools view -H --no-PG header.bam) <(samtools view -H --no-PG web/x.bam)

# ---- other outputs ----
"${get[@]}" -o out.sam "$url/reads/x.bam"
cmp <(samtools view out.sam) <(samtools view web/x.bam)

# ---- what cannot be mended ----
cd "$(mktemp -d -p .)"
bad() {
    local code=$1 pattern=$2 id=$3
    shift 3
    refuses "$code" "$pattern" varlock fetch -q --timeout 1 --retries none -o no.bam "$@" "$url/reads/$id"
}
bad 3 'status 401, InvalidAuthentication: for the test' 401/x.bam
bad 3 'status 403, PermissionDenied' 403/x.bam
bad 1 'status 404, NotFound' 404/x.bam
bad 1 'status 404, NotFound' missing.bam
bad 1 'status 503, Busy' always-503/x.bam
bad 1 'status 413, PayloadTooLarge' 413/x.bam
bad 2 'status 400, InvalidRange' 400/x.bam
bad 1 'sent no htsget ticket' no-json/x.bam
bad 1 'ticket without blocks' nothing/x.bam
bad 1 'its ticket leads to a URL that is refused \(file\), in block 1' file/x.bam
bad 1 'redirects' loop/x.bam
bad 1 'Protocol "file" not supported|file. not supported' to-file/x.bam
bad 1 "MD5 is [0-9a-f]{32}, not 0{32}" bad-md5/x.bam
bad 1 'corrupt|MD5' damaged/x.bam
bad 2 'has no contig q' superset/x.bam -r q
refuses 2 'is no http, https or htsget URL' varlock fetch -q ftp://127.0.0.1/reads/x
refuses 2 'holds a user name' varlock fetch -q http://me:secret@127.0.0.1/reads/x
rm -f no.bam.part
for how in wrong-range:1:'another range of bytes' ignore-range:1:'ignores Range' gzip:1:'compressed body' \
    d403:3:'status 403' d416:1:'status 416' always-short:1:'bytes remaining|ended early' \
    always-500:1:'status 500'; do
    IFS=: read -r name code pattern <<<"$how"
    status=0
    varlock fetch -q --timeout 1 --retries none -o no.bam "$url/reads/$name/x.bam" 2>said || status=$?
    [ $status -eq "$code" ] && grep -qE "$pattern" said && [ "$(wc -l <said)" -eq 1 ] || { note "$name: $status, $(cat said)"; exit 1; }
    # What came is kept for the next run; nothing else is there.
    [ ! -e no.bam ] && [ -e no.bam.part ] || { note "$name: $(ls)"; exit 1; }
    rm no.bam.part
done
cd ..

# ---- the next run goes on ----
! varlock fetch -q --retries none -o on.bam "$url/reads/d403/x.bam" 2>/dev/null || exit 1
size=$(stat -c %s on.bam.part)
[ "$size" -gt 64 ]
# Another answer begins anew, and a file that is not ours stays.
varlock fetch -q --verbose -o on.bam "$url/reads/x.bam" 2>counts
grep -x 'resumed_bytes	0' counts >/dev/null
cmp on.bam web/x.bam
echo mine >on.bam.part
refuses 2 'on.bam.part: is there, and is no part of an answer' varlock fetch -q -o on.bam "$url/reads/x.bam"
