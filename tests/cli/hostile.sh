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

# Gaps that overlap masked records are refused where the reference is needed: decrypt needs none of these
# records, which did not move.  A slice looks for its own gaps.
make_input odd_bam.py no_tags
printf %032d 7 >key
mask_synth m o.bam o.fa pop.vac --blur 0 --qual keep --write-index
"$python" "$py/hostile_bdiff.py" --gap m.bdiff "$keys/owner.pem" gap.bdiff
decrypt_as owner gap.bdiff m.bam back.bam
refuses 3 'gap.bdiff: window 1: gaps of a window overlap' varlock reencrypt -q -k "$keys/owner.pem" -p "$keys/alice.pub.pem" \
    -d gap.bdiff -o a.bdiff -r c1:1001-1500 m.bam
