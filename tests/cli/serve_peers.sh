# Tier: long
# pysam and the htsget clients of PyPI get from `varlock serve` what samtools gets.
. "$TOP/tests/cli/lib.bash"
. "$TOP/tests/cli/serve.bash"
printf %032d 7 >key
python3 -m venv peer >venv.log 2>&1 &&
    peer/bin/pip -q install --only-binary :all: pysam==0.24.1 htslurp==0.1.0 >pip.log 2>&1 &&
    peer/bin/pip -q install htsget==0.2.6 >>pip.log 2>&1 || {
    note "pysam, htslurp and htsget cannot be installed from PyPI: $(tail -n 1 pip.log venv.log | tr '\n' ' ')"
    exit 77
}

make_input synth_bam.py mates 3000
samtools index o.bam
mask_synth masked o.bam o.fa pop.vac --write-index
varlock reencrypt -q -k "$keys/owner.pem" -p "$keys/alice.pub.pem" -d masked.bdiff -o a.bdiff -r chr1:8001-12000 masked.bam
start_serve -d a.bdiff -k "$keys/alice.pem" masked.bam
for region in 7000-9000 8000-12000 20000-21000; do
    beg=${region%-*} end=${region#*-}
    show_restored masked.bam a.bdiff "$keys/alice.pem" "chr1:$((beg + 1))-$end" >want.sam
    [ -s want.sam ]
    peer/bin/python - "$file" "$reads" "$beg" "$end" <<'PY'
import sys
import pysam
file, reads, beg, end = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
with pysam.AlignmentFile(file) as bam, open("pysam.sam", "w") as out:
    for record in bam.fetch("chr1", beg, end):
        out.write(record.to_string() + "\n")
with pysam.AlignmentFile("%s?referenceName=chr1&start=%d&end=%d" % (reads, beg, end)) as bam, open("ticket.sam", "w") as out:
    for record in bam:
        out.write(record.to_string() + "\n")
PY
    cmp pysam.sam want.sam || { note "pysam, file, $region"; exit 1; }
    cmp ticket.sam want.sam || { note "pysam, htsget, $region"; exit 1; }
    peer/bin/htsget --output htsget.bam -r chr1 -s "$beg" -e "$end" "$reads"
    samtools view htsget.bam | cmp - want.sam || { note "htsget, $region"; exit 1; }
    peer/bin/python - "${reads%/*}" "${reads##*/}" "chr1:$((beg + 1))-$end" >slurped.sam <<'PY'
import sys
import htslurp
for line in htslurp.stream_records(sys.argv[1], sys.argv[2], "BAM", region=sys.argv[3]):
    print(line.decode().rstrip("\n"))
PY
    # It turns records to text by itself: their names, flags, places and bases.
    cmp <(cut -f 1-6,10 slurped.sam) <(cut -f 1-6,10 want.sam) || { note "htslurp, $region"; exit 1; }
done
