# The page of varlock audit says what the report says, alone; in Chromium it shows it, light, dark, and
# printed on two pages.
. "$TOP/tests/cli/lib.bash"
printf %032d 7 >key
samtools view --no-PG -b -o o.bam "$TESTDATA/demo/person.sam"
cp "$TESTDATA/demo/reference.fa" ref.fa
varlock vcf2vac -q -o pop.vac "$TESTDATA/demo/population.vcf"
mask_synth '<m>&' o.bam ref.fa pop.vac
mask_synth plain o.bam ref.fa pop.vac --names token --qual flat
varlock encrypt -q --mask permute --mask-key key -a pop.vac -p "$keys/owner.pub.pem" -d p.bdiff -o p.bam o.bam

# page STATUS FILE PICTURES [options]: page.html; `risks`
page() {
    local wanted=$1 file=$2 pictures=$3 status=0
    varlock audit -q -a pop.vac -T ref.fa --html page.html --json page.json "${@:4}" "$file" >table || status=$?
    [ $status -eq "$wanted" ] || { note "$file: $status; $(cat table)"; return 1; }
    # shellcheck disable=SC2086 # words
    python3 "$py/check_page.py" page.html page.json $pictures >risks
    [ "$(python3 -c 'import json; print(json.load(open("page.json"))["masked_sha256"])')" = \
        "$(sha256sum <"$file" | cut -d' ' -f 1)" ]
}

all='genotypes bits linked balance depth'
page 0 '<m>&.bam' balance
page 0 '<m>&.bam' "$all" --original o.bam --simulate 100
grep -F '<h1>Audit of &lt;m&gt;&amp;.bam</h1>' page.html >/dev/null
[ "$(cat risks)" = 'left left closed left closed left' ]
page 0 plain.bam "$all" -k "$keys/owner.pem" -d plain.bdiff --simulate 100
grep 'private keys for 1 recipient of' page.html >/dev/null
[ "$(cat risks)" = 'left left closed closed closed left' ]
samtools view -b --no-PG -o few.bam -e 'pos < 300' plain.bam
page 4 few.bam balance
page 4 p.bam "$all" --original o.bam --simulate 100
grep -F 'Failed: do not publish' page.html >/dev/null
page 4 o.bam balance
grep 'not told by its header' page.html >/dev/null
refuses 2 page.html varlock audit -a pop.vac -T ref.fa --html page.html --json page.html plain.bam

[ "$TIER" != quick ] || exit 0
# browse [options] URL
browse() {
    timeout 120 chromium --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage \
        --user-data-dir="$PWD/chromium" "$@" 2>chromium.log
}
browse --dump-dom 'data:text/html,<p>here' 2>/dev/null | grep here >/dev/null || { note "chromium does not run here"; exit 77; }
page 4 p.bam "$all" --original o.bam --simulate 100
browse --dump-dom "file://$PWD/page.html" >dom
[ "$(grep -o '<figure' dom | wc -l)" -eq 5 ]
grep -o '<p class="verdict fail" id="verdict">.*' dom | grep 'A1, A2, A3.ibs0, A4' >/dev/null
for scheme in 1:light 0:dark; do
    browse --window-size=1000,1900 --blink-settings=preferredColorScheme=${scheme%:*} \
        --screenshot="${scheme#*:}.png" "file://$PWD/page.html"
    [ "$(stat -c %s "${scheme#*:}.png")" -gt 10000 ]
done
! cmp -s light.png dark.png || exit 1
browse --no-pdf-header-footer --print-to-pdf=page.pdf "file://$PWD/page.html"
[ "$(grep -ac '/Type /Page\b' page.pdf)" -le 2 ]
[ "$(grep -ac '/Type /Page\b' page.pdf)" -ge 1 ]
