# What an earlier varlock wrote is read as it was meant: testdata/golden against its text twins.
golden=$TESTDATA/golden keys=$TESTDATA/keys
for key in owner bob; do
    varlock decrypt -q -k "$keys/$key.pem" -V "$keys/owner.pub.pem" -d "$golden/owner.bdiff" \
        -o out.sam "$golden/masked.bam"
    cmp out.sam "$golden/person.sam"
done
varlock decrypt -q -k "$keys/alice.pem" -V "$keys/owner.pub.pem" -d "$golden/slice.bdiff" \
    -o slice.sam "$golden/masked.bam"
cmp slice.sam "$golden/slice.sam"
varlock view -k "$keys/alice.pem" "$golden/slice.bdiff" | cmp - "$golden/slice.txt"
varlock view "$golden/pop.vac" | cmp - "$golden/pop.txt"

# The slice shows of the original what was granted: every record that it restores in full.
[ "$(grep -c '	full	' "$golden/slice.txt")" -gt 20 ]
comm -12 <(grep -v ^@ slice.sam | cut -f 1-11 | sort) \
    <(grep -v ^@ "$golden/person.sam" | cut -f 1-11 | sort) >same
[ "$(wc -l <same)" -ge "$(grep -c -e '	full	' -e '	inside	' -e ^H "$golden/slice.txt")" ]
