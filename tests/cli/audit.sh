# What varlock audit says of masked files, and of files that each lack one thing: exactly the metrics
# that this concerns fail.
. "$TOP/tests/cli/lib.bash"
printf %032d 7 >key
samtools view --no-PG -b -o o.bam "$TESTDATA/demo/person.sam"
cp "$TESTDATA/demo/reference.fa" ref.fa
varlock vcf2vac -q -o pop.vac "$TESTDATA/demo/population.vcf"
mask_synth m o.bam ref.fa pop.vac
samtools view -h --no-PG m.bam >m.sam

# audit FILE [options]: `table`; prints what it exited with
audit() {
    local status=0
    varlock audit -q -a pop.vac -T ref.fa "${@:2}" --json table.json "$1" >table 2>log || status=$?
    [ ! -s log ] || note "$(cat log)"
    python3 -c 'import json
report = json.load(open("table.json"))
rows = [line.rstrip("\n").split("\t") for line in open("table")][1:]
assert [m["metric"] for m in report["metrics"]] == [r[0] for r in rows[:-1]]
assert [m["verdict"] for m in report["metrics"]] == [r[3] for r in rows[:-1]]
assert report["verdict"] == rows[-1][3]'
    echo $status
}

passes() { # FILE [options]
    [ "$(audit "$@")" -eq 0 ] || { note "$1: $(cat table)"; return 1; }
}

# fails_only METRICS FILE [options]: these metrics, with blanks between, fail, and no others
fails_only() {
    local wanted=$1 found
    shift
    [ "$(audit "$@")" -eq 4 ] || { note "$1 passes: $(cat table)"; return 1; }
    found=$(awk -F '\t' '$4 == "FAIL" && $1 != "all" { printf "%s%s", n++ ? " " : "", $1 }' table)
    [ "$found" = "$wanted" ] || { note "$1: $found instead of $wanted: $(cat table)"; return 1; }
}

# edited AWK: bad.bam, which is m.bam with each line as the program leaves it
edited() {
    awk -F '\t' -v OFS='\t' "$1" m.sam | samtools view --no-PG -b -o bad.bam -
}

passes m.bam
passes m.bam -@2
varlock encrypt -q -a pop.vac -T ref.fa -p "$keys/owner.pub.pem" -d c.bdiff -o m.cram o.bam
passes m.cram
passes m.bam

varlock audit -q -a pop.vac -T ref.fa --json - m.bam | python3 -c 'import json, sys
assert json.load(sys.stdin)["verdict"] == "pass"'
varlock audit -q -a pop.vac -T ref.fa --genotypes - m.bam | awk -F '\t' 'NF != 9 { exit 1 }'
varlock audit -q -a pop.vac -T ref.fa - <m.bam | cmp - table

# ---- A14 ----
edited '/^@RG/ { sub(/SM:sample1/, "SM:JaneDoe") } { print }'
fails_only A14.header bad.bam
samtools view -b -o bad.bam m.bam
fails_only A14.header bad.bam
# It names the path of its reference.
samtools view --no-PG -C -T ref.fa -o bad.cram m.bam
fails_only A14.header bad.cram
edited '!/^@/ && !n++ { $0 = $0 "\tAS:i:150" } { print }'
fails_only A14.tags bad.bam
passes bad.bam --keep-tags AS
edited '!/^@/ && !n++ { $0 = $0 "\tRX:Z:not a barcode" } { print }'
fails_only A14.tags bad.bam
edited '!/^@/ { $1 = "SRR1234567." $1 } { print }'
fails_only A14.names bad.bam
edited '/^@RG/ { sub(/SM:sample1/, "SM:JaneDoe") } !/^@/ { $1 = "JaneDoe" $1 } { print }'
fails_only 'A14.header A14.names' bad.bam
edited '!/^@/ { $1 = "SIM01:7:FC1:2:1169:" $1 } { print }'
passes bad.bam
awk -F '\t' '$1 == "names" && $2 == 2398 && $4 == "declared"' table | grep . >/dev/null

# ---- what was put back ----
varlock view pop.vac >pop.txt
# spoilt CHANGE: bad.bam
spoilt() {
    python3 "$py/spoil_masked.py" "$1" m.bam pop.txt spoilt.bam "${2-o.bam}"
    if [ "$1" = md ]; then
        mv spoilt.bam bad.bam
    else
        samtools calmd -b --no-PG spoilt.bam ref.fa >bad.bam 2>log
    fi
}
while read -r change metrics; do
    spoilt "$change"
    fails_only "$metrics" bad.bam
done <<'END'
private A7
indel A8
md A9
tlen A10
mates A11
phase A12
clip A15.clips
part A15.parts
pair A15.pairs
turned A15.pairs
unmapped A16
END
samtools view -h --no-PG m.bam | awk -F '\t' -v OFS='\t' '!/^@/ && !n++ { $0 = $0 "\tSA:Z:chr1,5,+,150M,60,0;" } { print }' |
    samtools view --no-PG -b -o bad.bam -
fails_only 'A14.tags A15.parts' bad.bam
fails_only A15.pairs m.bam --max-insert 400
fails_only 'A7 A8 A14.header A14.tags' o.bam
varlock encrypt -q --mask permute --mask-key key -a pop.vac -p "$keys/owner.pub.pem" -d p.bdiff -o p.bam o.bam
fails_only 'A7 A8' p.bam
# As many as make_demo.py made.
[ "$(awk '$1 ~ /^A[78]$/ { printf "%s %s;", $1, $2 }' table)" = 'A7 2;A8 2;' ]
# A slice of it has too little.
samtools view -b --no-PG -o few.bam -e 'pos < 300' m.bam
[ "$(audit few.bam)" -eq 4 ]
grep $'^A12\t.*\ttoo few\t' table >/dev/null
grep $'^all\t.*\ttoo few\t' table >/dev/null

# ---- with the original ----
# recomputed MASKED: the figures are those of compare_genotypes.py
recomputed() {
    audit o.bam --genotypes own.tsv >/dev/null
    audit "$1" --original o.bam --simulate 10 --genotypes masked.tsv >/dev/null
    python3 "$py/compare_genotypes.py" pop.txt own.tsv masked.tsv table >&2
}
passes m.bam --original o.bam
passes m.bam --original o.bam -@2
for file in m o p; do
    recomputed $file.bam
done
fails_only 'A1 A2 A3 A3.ibs0 A4 A7 A8 A14.header A14.tags' o.bam --original o.bam
# Kinship does not see what permute leaves.
fails_only 'A1 A2 A3.ibs0 A4 A7 A8' p.bam --original o.bam
fails_only 'A1 A2 A3.ibs0 A7 A8' p.bam --original o.bam --max-bits 1000
# Only the reference tells nothing, though many genotypes agree.
spoilt reference ref.fa
passes bad.bam --original o.bam --simulate 100
awk -F '\t' '$4 == "declared" && $1 ~ /^A/ { print $1 }' table | xargs | grep -x 'A1 A2 A3 A3.ibs0 A6.likelihood A6.hets A6.rare A12' >/dev/null
awk -F '\t' '$1 == "A4" { exit $2 > 0 }' table
samtools view -b --no-PG -o few.bam -e 'pos < 1500' o.bam
[ "$(audit m.bam --original few.bam)" -eq 4 ]
grep $'^A1\t.*\ttoo few\t' table >/dev/null

# ---- who is it? ----
passes m.bam --original o.bam --simulate 500
[ "$(awk '$1 ~ /^A6/ { n++ } END { print n }' table)" -eq 3 ]
mv table drawn
passes m.bam --original o.bam --simulate 500
cmp table drawn
fails_only 'A1 A2 A3.ibs0 A4 A6.likelihood A6.hets A6.rare A7 A8' p.bam --original o.bam --simulate 500
[ "$(awk '$1 ~ /^A6/ { print $2 }' table | xargs)" = '1 1 1' ]
audit o.bam --genotypes own.tsv >/dev/null
samtools faidx ref.fa
python3 "$py/panel_vcf.py" pop.txt ref.fa.fai own.tsv 40 >panel.vcf
bcftools view -Ob -o panel.bcf panel.vcf
passes m.bam --panel panel.vcf
passes m.bam --panel panel.bcf --original o.bam
fails_only 'A6.best.likelihood A6.best.hets A6.best.rare A7 A8' p.bam --panel panel.bcf
[ "$(grep '^A6.*fits best, me ' table | wc -l)" -eq 3 ]
bcftools view -s ^me -Ob -o others.bcf panel.vcf
fails_only 'A7 A8' p.bam --panel others.bcf

# ---- restored on the way ----
opened=(-k "$keys/owner.pem" -d m.bdiff)
audit m.bam --original o.bam >/dev/null
mv table with_original
passes m.bam "${opened[@]}"
cmp table with_original
varlock encrypt -q -a pop.vac -T ref.fa -p "$keys/owner.pub.pem" -s "$keys/owner.pem" -d signed.bdiff -o signed.bam o.bam
passes signed.bam -k "$keys/owner.pem" -d signed.bdiff -V "$keys/owner.pub.pem"
samtools index -c m.bam
varlock reencrypt -q -k "$keys/owner.pem" -p "$keys/alice.pub.pem" -r chr1:1-9000 -d m.bdiff -o slice.bdiff m.bam

# ---- genotypes ----
# as_bcftools FILE: where both are sure, bcftools calls what audit calls, but for one in a hundred
as_bcftools() {
    audit "$1" --genotypes genotypes >/dev/null
    bcftools mpileup -Ou -f ref.fa -B -A -q 20 -a AD "$1" 2>log | bcftools call -m -a GQ -Ou 2>log |
        bcftools query -f '%CHROM\t%POS\t[%TGT\t%GQ]\n' >called
    awk -F '\t' '
        FNR == NR { split($3, a, "/"); genotype[$1, $2] = a[1] < a[2] ? a[1] "/" a[2] : a[2] "/" a[1]; next }
        /^#/ || $5 < 20 || $6 + $7 + $8 + $9 < 8 || !(($1, $2) in genotype) { next }
        { n++; n_het += substr($4, 1, 1) != substr($4, 3); n_off += genotype[$1, $2] != $4 }
        END { print n " genotypes, " n_het " heterozygous, " n_off " of another kind"
              exit n < 400 || n_het < 50 || n_off > n / 100 }' called genotypes >&2
}
as_bcftools o.bam
as_bcftools m.bam
[ "$(awk '$1 == "sites" { print $2 }' table)" -gt 400 ]

# ---- odd inputs ----
cp pop.vac demo.vac
for name in $(by_tier 'unmapped_without_position empty' 'unmapped_without_position many_contigs empty malformed_tags past_the_end mapped_without_contig'); do
    make_input odd_bam.py $name
    status=0
    varlock audit -q -a pop.vac -T o.fa --original o.bam --simulate 5 --html page.html o.bam >table || status=$?
    [ $status -eq 4 ] || { note "$name: $status"; exit 1; }
done
mv demo.vac pop.vac
samtools view --no-PG -b -o o.bam "$TESTDATA/demo/person.sam"

# ---- what it refuses ----
fine=(-a pop.vac -T ref.fa)
refuses 1 absent varlock audit "${fine[@]}" absent.bam
refuses 1 absent varlock audit -a absent -T ref.fa m.bam
refuses 1 absent varlock audit -a pop.vac -T absent m.bam
refuses 1 'not a BAM' varlock audit "${fine[@]}" "$TESTDATA/demo/population.vcf"
head -c 20000 m.bam >cut.bam
refuses 1 truncated varlock audit "${fine[@]}" cut.bam
refuses 2 'list of tags' varlock audit "${fine[@]}" --keep-tags X m.bam
refuses 2 m.bam varlock audit "${fine[@]}" --json m.bam m.bam
refuses 2 pop.vac varlock audit "${fine[@]}" --genotypes pop.vac m.bam
refuses 2 'standard output' varlock audit "${fine[@]}" --json - --html - m.bam
refuses 1 no/such varlock audit "${fine[@]}" --json no/such/table.json m.bam
refuses 1 absent varlock audit "${fine[@]}" --original absent m.bam
refuses 3 'is a slice' varlock audit "${fine[@]}" -k "$keys/alice.pem" -d slice.bdiff m.bam
refuses 3 m.bdiff varlock audit "${fine[@]}" -k "$keys/alice.pem" -d m.bdiff m.bam
refuses 3 'not signed|unsigned|signature' varlock audit "${fine[@]}" "${opened[@]}" -V "$keys/owner.pub.pem" m.bam
refuses 3 p.bam varlock audit "${fine[@]}" "${opened[@]}" p.bam
refuses 2 'go together' varlock audit "${fine[@]}" -d m.bdiff m.bam
refuses 2 'either' varlock audit "${fine[@]}" "${opened[@]}" --original o.bam m.bam
refuses 2 'read twice' varlock audit "${fine[@]}" "${opened[@]}" -
refuses 2 m.bdiff varlock audit "${fine[@]}" "${opened[@]}" --json m.bdiff m.bam
refuses 2 'either' varlock audit "${fine[@]}" --panel panel.vcf --simulate 5 m.bam
refuses 2 'needs --original' varlock audit "${fine[@]}" --simulate 5 m.bam
refuses 1 absent varlock audit "${fine[@]}" --panel absent m.bam
refuses 1 'no samples' varlock audit "${fine[@]}" --panel "$TESTDATA/demo/population.vcf" m.bam
refuses 1 'not a VCF' varlock audit "${fine[@]}" --panel o.bam m.bam
{ grep '^#' panel.vcf && grep -v '^#' panel.vcf | sort -k 1,1r -s; } >other.vcf
refuses 1 'out of order' varlock audit "${fine[@]}" --panel other.vcf m.bam
refuses 2 o.bam varlock audit "${fine[@]}" --original o.bam --json o.bam m.bam
samtools view -h --no-PG o.bam | sed 's/^\(@SQ.*\)chr2/\1chr9/; s/\tchr2\t/\tchr9\t/' | samtools view -b --no-PG -o other.bam -
refuses 1 'contig 2 is chr9' varlock audit "${fine[@]}" --original other.bam m.bam
samtools sort -n --no-PG -o unsorted.bam m.bam
refuses 1 'not sorted by coordinate' varlock audit "${fine[@]}" unsorted.bam
sed 's/^>chr2/>chr9/' ref.fa >other.fa
samtools faidx other.fa
refuses 1 'no contig chr2' varlock audit -a pop.vac -T other.fa m.bam
sed 's/20000/20001/' "$TESTDATA/demo/population.vcf" >other.vcf
varlock vcf2vac -q -o other.vac other.vcf
refuses 1 'another assembly' varlock audit -a other.vac -T ref.fa m.bam
sed 's/chr\([12]\)/\1/' "$TESTDATA/demo/population.vcf" >other.vcf
varlock vcf2vac -q -o other.vac other.vcf
refuses 1 'no contig in common' varlock audit -a other.vac -T ref.fa m.bam
