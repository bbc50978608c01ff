# The page of `varlock serve --open`; in Chromium it shows restored reads in what is granted, and masked ones
# beside it.
. "$TOP/tests/cli/lib.bash"
. "$TOP/tests/cli/serve.bash"
printf %032d 7 >key

make_input synth_bam.py mates 400
samtools index o.bam
mask_synth masked o.bam o.fa pop.vac --write-index
varlock reencrypt -q -k "$keys/owner.pem" -p "$keys/alice.pub.pem" -d masked.bdiff -o a.bdiff -r chr1:8001-12000 masked.bam
alice=(-T o.fa -d a.bdiff -k "$keys/alice.pem" masked.bam)

# igv.js is found beside the program.
mkdir -p bin share/varlock
cp "$VARLOCK" bin/varlock
refuses 1 'make igv' bin/varlock serve --open "${alice[@]}"
echo '/* igv.js */' >share/varlock/igv.min.js
PATH=$PWD/bin:$PATH
start_page() {
    start_serve --open "$@"
    page=$base/
}
ask() { # PATH: `answer` has its header, `body` its body
    python3 "$py/ask_http.py" "$base/$1" >answer
    sed '1,/^$/d' answer >body
}

start_page "${alice[@]}"
ask ''
grep "^Content-Security-Policy: default-src 'none'; script-src 'self';" answer >/dev/null
! grep -E 'https?://' body || exit 1
for file in index.html:'' page.css:page.css page.js:page.js; do
    ask "${file#*:}"
    cmp body "$TOP/src/net/page/${file%%:*}"
done
ask igv.js
cmp body share/varlock/igv.min.js
ask session.json
python3 - <<'PY'
import json
session = json.load(open("body"))
assert session["granted"] == ["chr1:8001-12000"], session
assert session["shown"]["bam"] != session["masked"]["bam"], session
assert session["fasta"] == "reference.fa", session
json.dump([session["shown"]["bam"], session["masked"]["bam"]], open("files", "w"))
PY
masked=$(python3 -c 'import json; print(json.load(open("files"))[1])')
cmp <(samtools view "$base/reads/$(basename "$masked" .bam)") <(samtools view masked.bam)
ask reference.fa
cmp body o.fa
ask reference.fa.fai
cmp body o.fa.fai
ask chrom.sizes
cut -f 1,2 o.fa.fai | cmp - body
python3 "$py/ask_http.py" "${base}reference.fa" >answer
grep '^HTTP/1.1 404' answer >/dev/null
stop_serve
# A reference that bgzip compressed has an index more, or is left out.
bgzip -c o.fa >z.fa.gz
samtools faidx z.fa.gz
start_page -T z.fa.gz "${alice[@]:2}"
ask session.json
grep '"gzi": "reference.fa.gzi"' body >/dev/null
for file in reference.fa:z.fa.gz reference.fa.fai:z.fa.gz.fai reference.fa.gzi:z.fa.gz.gzi; do
    ask "${file%:*}"
    cmp body "${file#*:}"
done
stop_serve
mv z.fa.gz.gzi away
start_page -T z.fa.gz "${alice[@]:2}"
ask session.json
! grep -E '"(fasta|fai|gzi)"' body || exit 1
stop_serve
mv away z.fa.gz.gzi
# What is shown as it is has one track.
start_page masked.bam
ask session.json
! grep -E '"(masked|fasta)"' body || exit 1
stop_serve
# Without --open there is no page.
start_serve "${alice[@]}"
for path in '' page.js igv.js session.json reference.fa; do
    ask "$path"
    grep '^HTTP/1.1 404' answer >/dev/null || { note "$path"; exit 1; }
done
stop_serve

[ "$TIER" != quick ] || exit 0
# browse [options] URL
browse() {
    timeout 120 chromium --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage \
        --user-data-dir="$PWD/chromium" --virtual-time-budget=30000 "$@" 2>chromium.log
}
browse --dump-dom 'data:text/html,<p>here' 2>/dev/null | grep here >/dev/null || { note "chromium does not run here"; exit 77; }
python3 "$TOP/src/net/page/fetch_igv.py" share/varlock >fetched 2>&1 || { note "igv.js: $(tail -n 1 fetched)"; exit 77; }
start_page "${alice[@]}"
# igv.js hides duplicates, what failed quality controls, and unmapped reads.
count() {
    samtools view -c -F 1540 "$1" "$region"
}
samtools index masked.bam
for region in chr1:9001-9400 chr1:15001-15400; do
    browse --dump-dom "$page#$region" >dom
    region=$(sed -n 's/.*<body data-region="\([^"]*\)".*/\1/p' dom) # what fits into the window
    said=$(sed -n 's/.*<p id="said"[^>]*>\([^<]*\).*/\1/p' dom)
    [ "$said" = "restored: $(count "$file") reads, masked: $(count masked.bam) reads" ] || { note "$region: $said"; exit 1; }
done
[ "$(samtools view "$file" chr1:9001-9400 | sort | md5sum)" != "$(samtools view masked.bam chr1:9001-9400 | sort | md5sum)" ]
for scheme in 1:light 0:dark; do
    browse --window-size=1200,800 --blink-settings=preferredColorScheme=${scheme%:*} \
        --screenshot="${scheme#*:}.png" "$page#chr1:11900-12100"
    [ "$(stat -c %s "${scheme#*:}.png")" -gt 10000 ]
done
! cmp -s light.png dark.png || exit 1
stop_serve
start_page -T z.fa.gz "${alice[@]:2}"
browse --dump-dom "$page#chr1:9001-9100" >dom
grep ' GET /-/reference.fa.gzi 200 ' log >/dev/null
grep ' GET /-/reference.fa 206 ' log >/dev/null
# Nothing was asked of anybody else: what igv.js tries is stopped by the policy, and the log has the rest.
grep ' GET /-/igv.js ' log >/dev/null
