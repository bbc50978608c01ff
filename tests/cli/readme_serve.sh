# The commands of "For programs that know nothing of varlock" in README.md print what stands there.
. "$TOP/tests/cli/lib.bash"
cp "$TESTDATA/golden/masked.bam" .
samtools index masked.bam
cp "$TESTDATA/golden/slice.bdiff" alice.bdiff
cp "$keys/alice.pem" .
title='For programs that know nothing of varlock'
sed -n "/^## $title\$/,/^## /p" "$TOP/README.md" | sed -n '/^```$/,/^```$/p' | grep -v '^```$' >written
# Port, token and the digits of the ID differ from run to run.
same_everywhere() {
    sed -E 's#127.0.0.1:[0-9]+/[0-9a-f]{32}/#HERE/#; s/masked-[0-9a-f]{8}/masked-ID/'
}
{
    grep '^\$ ' written | while read -r _ command; do
        echo "$ $command"
        eval "$command" 2>&1 || true
        if [[ $command == *'&' ]]; then
            echo $! >pid
            while [ "$(wc -l <urls)" -lt 2 ]; do
                kill -0 "$(cat pid)"
                sleep 0.02
            done
        fi
    done
} | same_everywhere >printed
kill "$(cat pid)"
[ "$(grep -c '^\$ ' written)" -ge 5 ]
diff <(same_everywhere <written) printed
