# A sealed file is not a trusted file: validly sealed BDIFFs beyond each row of bdiff.md's table of
# limits are refused by every command with one line and no output, for at most 256 MB and little time.
. "$TOP/tests/cli/lib.bash"
"$python" -c 'import cryptography, zstandard' 2>/dev/null || {
    note 'python3-cryptography or python3-zstandard is not installed'
    exit 77
}
golden=$TESTDATA/golden
mkdir made run
"$python" "$py/hostile_bdiff.py" "$golden/synth.bdiff" "$keys/owner.pem" made >/dev/null
[ "$(ls made | wc -l)" -gt 100 ]
# Sanitizers take memory of their own.
max_mb=256
! grep -q __asan_init "$(command -v varlock)" || max_mb=0
cd run
"$python" "$py/refuse_hostile.py" $max_mb varlock "$golden/synth.bam" "$keys/owner.pem" "$keys/alice.pub.pem" ../made/*

# What it is made of is fine.
varlock decrypt -q -k "$keys/owner.pem" -d "$golden/synth.bdiff" -o fine.sam "$golden/synth.bam"
