# The masked file of real and simulated reads: valid, by the design, and restorable after the
# trips that leave its records as they are.
# Tier: long
. "$TOP/tests/cli/lib.bash"
need_shared chr20-1mb/person.bam
need_shared na12878/reads.bam
export REF_PATH=$PWD/none REF_CACHE=$PWD/none

# hidden FILE TEXT...: none of them in what the BAM holds
hidden() {
    local file=$1 text
    shift
    bgzip -dc "$file" >raw
    for text; do
        if grep -qaF -- "$text" raw; then
            note "$file shows $text"
            return 1
        fi
    done
}

# valid ORIGINAL VCF REF
valid() {
    samtools quickcheck masked.bam
    samtools stats masked.bam >/dev/null
    varlock view -k "$keys/owner.pem" masked.bdiff >items
    python3 "$py/check_masked.py" "$1" masked.bam "$2" "$3" items >&2
}

# trips ORIGINAL REF: recompressed, through CRAM, and CRAM all the way
trips() {
    local original=$1 reference=$2
    samtools view -b -o again.bam masked.bam
    decrypt_as owner masked.bdiff again.bam back.bam
    same "$original" back.bam
    samtools view -C -T "$reference" masked.bam | samtools view -T "$reference" -b -o again.bam -
    decrypt_as owner masked.bdiff again.bam back.bam
    same "$original" back.bam

    samtools view -C -T "$reference" -o in.cram "$original"
    varlock encrypt -q --force --mask permute -a pop.vac -p "$keys/owner.pub.pem" -T "$reference" -d c.bdiff -o c.cram --write-index in.cram
    samtools quickcheck c.cram
    decrypt_as owner c.bdiff c.cram back.cram -T "$reference" -O cram
    cmp <(samtools view -T "$reference" in.cram) <(samtools view -T "$reference" back.cram)
    decrypt_as owner c.bdiff c.cram part.sam -T "$reference" -r "$3"
    samtools index in.cram
    cmp <(samtools view -T "$reference" in.cram "$3") <(samtools view part.sam)
}

data=$SHARED/data/chr20-1mb
varlock vcf2vac -q -o pop.vac "$data/population.vcf.gz"
round_trip pop.vac "$data/person.bam" -@1
valid "$data/person.bam" "$data/population.vcf.gz" "$data/ref.fa"
hidden masked.bam JaneDoe lane1 bwa 0.7.17 samtools FC1.1
cmp <(samtools view --no-PG -h "$data/person.bam") <(samtools view --no-PG -h back.bam)
trips "$data/person.bam" "$data/ref.fa" z:500001-500200

data=$SHARED/data/na12878
samtools view -H "$data/reads.bam" >header
python3 "$py/random_vcf.py" 50 "$data/ref.fa.gz" 20:9990000-10100000 21:9990000-10100000 <header >pop.vcf
varlock vcf2vac -q -o pop.vac pop.vcf
round_trip pop.vac "$data/reads.bam"
valid "$data/reads.bam" pop.vcf "$data/ref.fa.gz"
hidden masked.bam NA12878 Solexa 20FUK. 20GAV. GATK bwa humgen PrintReads XTA
cmp <(samtools view --no-PG -h "$data/reads.bam") <(samtools view --no-PG -h back.bam)
trips "$data/reads.bam" "$data/ref.fa.gz" 20:10001000-10001200

# With MD on every record; and a CRAM made from a header without M5, which must not name the
# reference's path.
samtools calmd -b "$data/reads.bam" "$data/ref.fa.gz" >calmd.bam 2>/dev/null
round_trip pop.vac calmd.bam
valid calmd.bam pop.vcf "$data/ref.fa.gz"
varlock encrypt -q --force --mask permute -a pop.vac -p "$keys/owner.pub.pem" -T "$data/ref.fa.gz" -d c.bdiff -o c.cram calmd.bam
samtools view -H c.cram | grep -c M5: >&2
if samtools view -H c.cram | grep UR:; then
    note "the masked CRAM names the reference's path"
    exit 1
fi
