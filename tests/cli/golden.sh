# What an earlier varlock wrote is read as it was meant: testdata/golden against its text twins.
golden=$TESTDATA/golden keys=$KEYS
for pair in masked:owner synth:synth; do
    for key in owner bob; do
        varlock decrypt -q -k "$keys/$key.pem" -V "$keys/owner.pub.pem" -d "$golden/${pair#*:}.bdiff" \
            -o out.sam "$golden/${pair%:*}.bam"
        cmp out.sam "$golden/person.sam"
    done
done
varlock view "$golden/pop.vac" | cmp - "$golden/pop.txt"

for pair in masked:slice synth:synth-slice; do
    slice=$golden/${pair#*:}
    varlock decrypt -q -k "$keys/alice.pem" -V "$keys/owner.pub.pem" -d "$slice.bdiff" -o slice.sam \
        "$golden/${pair%:*}.bam"
    cmp slice.sam "$slice.sam"
    varlock view -k "$keys/alice.pem" "$slice.bdiff" | cmp - "$slice.txt"

    # The slice shows of the original what was granted: every record that it restores.
    [ "$(grep -c ^R "$slice.txt")" -gt 20 ]
    [ "$(grep -c ^L "$slice.txt")" -gt 5 ]
    comm -12 <(grep -v ^@ slice.sam | cut -f 1,3-6,10,11 | sort) \
        <(grep -v ^@ "$golden/person.sam" | cut -f 1,3-6,10,11 | sort) >same
    [ "$(wc -l <same)" -ge "$(grep -c ^[RH] "$slice.txt")" ]
done
