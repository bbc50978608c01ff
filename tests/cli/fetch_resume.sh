# A fetch that is killed at any moment goes on in the next run, to the same bytes.
. "$TOP/tests/cli/lib.bash"
. "$TOP/tests/cli/fetch.bash"
unset HTS_AUTH_LOCATION

mkdir web
make_input synth_bam.py trimmed "$(by_tier 400 3000)"
mv o.bam web/x.bam
samtools index web/x.bam
serve_htsget web
varlock crypt4gh encrypt -q -p "$keys/c4gh.pub" -o web/x.bam.c4gh web/x.bam

RANDOM=5
n_resumed=0
for try in $(seq "$(by_tier 3 20)"); do
    id=x.bam
    options=()
    [ $((try % 3)) -ne 0 ] || { id=x.bam.c4gh; options=(--c4gh-key "$keys/c4gh-plain.sec"); }
    rm -f out.bam out.bam.part
    varlock fetch -q "${options[@]}" -o out.bam "$url/reads/drip/$id" &
    pid=$!
    wanted=$((65 + RANDOM * 32768 % 60000))
    while [ ! -e out.bam.part ] || [ "$(stat -c %s out.bam.part 2>/dev/null || echo 0)" -lt $wanted ]; do
        kill -0 $pid 2>/dev/null || break
        sleep 0.005
    done
    signal=$( ((try % 2)) && echo KILL || echo TERM)
    kill -$signal $pid 2>/dev/null || true
    wait $pid 2>/dev/null || true
    if [ ! -e out.bam ]; then
        [ "$(ls -A | grep -c out.bam)" -le 1 ] || { note "left: $(ls -A)"; exit 1; }
        varlock fetch -q --verbose "${options[@]}" -o out.bam "$url/reads/drip/$id" 2>counts
        [ "$(sed -n 's/^resumed_bytes\t//p' counts)" -eq 0 ] || n_resumed=$((n_resumed + 1))
    fi
    cmp out.bam web/x.bam || { note "try $try"; exit 1; }
    [ ! -e out.bam.part ]
done
note "$n_resumed went on"
[ $n_resumed -gt 0 ]
# Two at once: the second is refused.
varlock fetch -q -o out.bam "$url/reads/stall/x.bam" --timeout 600 &
pid=$!
while [ ! -e out.bam.part ]; do
    kill -0 $pid
    sleep 0.02
done
status=0
varlock fetch -q -o out.bam "$url/reads/stall/x.bam" 2>said || status=$?
[ $status -eq 1 ] && grep 'another run is fetching' said >/dev/null
kill $pid
