# The commands of "Over the wire" in README.md print what stands there.
. "$TOP/tests/cli/lib.bash"
. "$TOP/tests/cli/fetch.bash"
unset HTS_AUTH_LOCATION

mkdir web
samtools view -b --no-PG -o web/person.bam "$TESTDATA/golden/person.sam"
varlock crypt4gh encrypt -q -p "$keys/c4gh.pub" -o web/person.bam.c4gh web/person.bam
cp "$TESTDATA/golden/masked.bam" web
samtools index -M web/person.bam web/masked.bam
cp "$TESTDATA/golden/slice.bdiff" alice.bdiff
cp "$keys/alice.pem" "$keys/owner.pub.pem" .
cp "$keys/c4gh-plain.sec" me.sec
echo secret >token
chmod 600 token
serve_htsget web

sed -n '/^## Over the wire$/,/^## /p' "$TOP/README.md" | sed -n '/^```$/,/^```$/p' | grep -v '^```$' >written
grep '^\$ ' written | while read -r _ command; do
    echo "$ $command"
    bash -c "${command//http:\/\/127.0.0.1:8080/$url}" 2>&1 | sed "s#$url#http://127.0.0.1:8080#g" || true
done >printed
[ "$(grep -c '^\$ varlock fetch' written)" -ge 5 ]
# Compressed sizes depend on the libraries.
diff <(sed 's/^bytes\t.*/bytes/' written) <(sed 's/^bytes\t.*/bytes/' printed)
