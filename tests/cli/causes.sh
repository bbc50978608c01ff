# Errors name their cause, and what helps.
. "$TOP/tests/cli/lib.bash"
golden=$TESTDATA/golden
cp "$golden"/{pop.vac,reference.fa,synth.bam,synth.bam.csi,synth.bdiff,person.sam} .
samtools faidx reference.fa
encrypt=(varlock encrypt -q --mask permute -a pop.vac -p "$keys/owner.pub.pem" -d no.bdiff -o no.bam)

# Lines of the header, by their number: as SAM, and as BAM, whose text htslib parses later.
fault() { # NAME LINE
    { sed -n '1,4p' person.sam; printf '%b\n' "$2"; sed -n '5,$p' person.sam; } >"$1.sam"
    python3 - "$1" "$py" <<'EOF'
import re, sys
sys.path.insert(0, sys.argv[2])
from bamfile import header_text, write
text = "".join(line for line in open(sys.argv[1] + ".sam") if line[0] == "@")
contigs = [(name, int(n)) for name, n in re.findall("SN:([^\t]+)\tLN:([0-9]+)", text)]
write(sys.argv[1] + ".bam", text.encode(), contigs, [])
EOF
    for file in "$1.sam" "$1.bam"; do
        refuses 1 "$file: line 5 of its header cannot be read \\($3\\): $4" "${encrypt[@]}" "$file"
    done
}
fault rg '@RG\tSM:x' 'it has no ID' '@RG SM:x'
fault pg '@PG\tPN:x\tCL:bwa mem' 'it has no ID' '@PG PN:x'
fault field '@PG\tID:a\tXX' 'a field is not TAG:value.*' '@PG ID:a XX'
fault blanks '@RG ID:a SM:b' 'its fields are not separated by tabs' '@RG ID:a'
long=$(printf 'x%.0s' {1..200})
fault long "@RG\tDS:$long" 'it has no ID' '@RG DS:x{50,56}\.\.\.$'

# Cut files.
for file in synth.bam; do
    head -c -28 $file >cut.bam
    refuses 1 'cut.bam: truncated \(its end block is missing\): copy it again; .*samtools view -o new.bam cut.bam' \
        varlock decrypt -q -k "$keys/owner.pem" -d synth.bdiff -o no.bam cut.bam
done

# CRAM without its reference.
export REF_PATH=/nowhere REF_CACHE=/nowhere
samtools view --no-PG -C -T reference.fa -o m.cram synth.bam
samtools index m.cram
mkdir away
mv reference.fa* away
cram='m.cram: cannot be read after record 0: a CRAM needs its reference, give it with -T'
refuses 1 "$cram" varlock reencrypt -q -k "$keys/owner.pem" -p "$keys/alice.pub.pem" -r z:1-900 -d synth.bdiff -o no.bdiff m.cram
refuses 1 "$cram" varlock decrypt -q -k "$keys/owner.pem" -d synth.bdiff -r z:1-900 -o no.bam m.cram
refuses 1 "$cram" varlock decrypt -q -k "$keys/owner.pem" -d synth.bdiff -o no.bam m.cram
mv away/* .
varlock reencrypt -q -k "$keys/owner.pem" -p "$keys/alice.pub.pem" -r z:1-900 -T reference.fa -d synth.bdiff -o a.bdiff m.cram

# Keys.
refuses 2 'synth.bdiff: .*sealed; give .* with -k' varlock view synth.bdiff
refuses 2 'k/--key is required' varlock decrypt -q -d synth.bdiff -o no.bam synth.bam
openssl pkey -in "$keys/owner.pem" -aes256 -passout pass:secret -out locked.pem
chmod 600 locked.pem
refuses 3 'locked.pem: is encrypted and there is no passphrase for it \(--passphrase-file, VARLOCK_PASSPHRASE' \
    setsid -w varlock decrypt -q -k locked.pem -d synth.bdiff -o no.bam synth.bam

# Names and qualities at once.
make_input synth_bam.py samples 100
samtools view -h --no-PG o.bam | awk -F '\t' -v OFS='\t' '
    /^@PG/ { next }
    /^@/ { print; next }
    !done { print "@PG\tID:GATK ApplyBQSR\tPN:gatk"; done = 1 }
    { $1 = "SRR12345." NR; print }' >told.sam
samtools sort --no-PG -o told.bam told.sam 2>/dev/null || samtools view --no-PG -b -o told.bam told.sam
refuses 1 'told.bam: query names such as SRR.*--names keep or token; and its @PG lines name a recalibration' \
    varlock encrypt -q -a pop.vac -T o.fa -p "$keys/owner.pub.pem" -d no.bdiff -o no.bam told.bam
refuses 1 'told.bam: its @PG lines name a recalibration' \
    varlock encrypt -q -a pop.vac -T o.fa --names keep -p "$keys/owner.pub.pem" -d no.bdiff -o no.bam told.bam
refuses 2 'told.bam: query names such as SRR.*--names keep or token; and standard output is read before .*give --qual' \
    varlock encrypt -q -a pop.vac -T o.fa -p "$keys/owner.pub.pem" -d no.bdiff -o - told.bam
