# Qualities that tell the bases or the indels are not shown unasked; quality_bits.py says how much they tell.
. "$TOP/tests/cli/lib.bash"
need_cryptography
printf %032d 7 >key
encrypt=(varlock encrypt -a pop.vac -T o.fa -p "$keys/owner.pub.pem" -d no.bdiff -o no.bam --names keep)

requalify() { # MODE SAM BAM
    python3 "$py/requalify.py" "$1" <"$2" >told.sam
    samtools view --no-PG -b -o "$3" told.sam
    python3 "$py/quality_bits.py" --worst <told.sam >worst
}
# refused_by STATISTIC BAM [options]: with what quality_bits.py said of it, whatever the threads
refused_by() {
    local said
    case $1 in
    bits) said="tells $(sed -n '1s/[()]/\\&/g; 1s/\\)$/; limit/; 1s/ bit / bit of .*/p' worst)" ;;
    shift) said="beside indels lies $(sed -n '2s/[()]/\\&/g; 2s/\\)$/; limit/; 2s/^-//; 2s/ / (below|above) .*/p' worst)" ;;
    esac
    note "$2: $said"
    for threads in 0 2; do
        refuses 1 "^varlock encrypt: $2: (QUAL|OQ) $said.*: choose --qual flat" "${encrypt[@]}" -q -@$threads "${@:3}" "$2"
    done
}
accepted() { # BAM [options]: without a word on its qualities
    varlock encrypt -a pop.vac -T o.fa -p "$keys/owner.pub.pem" --force -d m.bdiff -o m.bam --names keep "${@:2}" "$1" 2>said
    ! grep -iE 'qual|OQ' said || exit 1
}

make_input synth_bam.py samples 120
samtools view -h --no-PG o.bam >o.sam
requalify even o.sam told.bam
accepted told.bam
# A base, a value above 63, the base after it, a neighbour, whatever the strand.
for mode in base high next same; do
    requalify $mode o.sam told.bam
    refused_by bits told.bam
    accepted told.bam --qual keep
    accepted told.bam --qual flat
done
requalify indels o.sam told.bam
refused_by shift told.bam

# OQ, where it is shown, also to a pipe.
requalify base o.sam base.bam
samtools view -h --no-PG base.bam |
    awk -F '\t' -v OFS='\t' '/^@/ { print; next } { print $0, "OQ:Z:" $11 }' | python3 "$py/requalify.py" even |
    samtools view --no-PG -b -o oq.bam -
refused_by bits oq.bam
status=0
varlock encrypt -q -a pop.vac -T o.fa -p "$keys/owner.pub.pem" -d no.bdiff -o - --names keep oq.bam >piped 2>said || status=$?
[ $status -eq 1 ] && [ ! -e no.bdiff ]
grep -q 'oq.bam: OQ tells' said
accepted oq.bam --qual oq

# Names and qualities at once.
awk -F '\t' -v OFS='\t' '!/^@/ { $1 = "SRR12345." NR } { print }' <(samtools view -h --no-PG base.bam) >named.sam
refuses 1 'named.sam: query names such as SRR.*; and QUAL tells .*--qual flat' varlock encrypt -q -a pop.vac -T o.fa \
    -p "$keys/owner.pub.pem" -d no.bdiff -o no.bam named.sam
requalify even o.sam told.bam
for line in 'ID:x PN:GATK ApplyBQSR' 'ID:TableRecalibration' 'ID:bamUtil-recab' 'ID:samtools CL:samtools calmd -bAr x.bam' \
    'ID:x DS:BAQ' 'ID:covariates CL:qualcal'; do
    samtools reheader -P <(samtools view -H --no-PG told.bam; printf '@PG\t%s\n' "${line/ /$'\t'}") told.bam >pg.bam
    refuses 1 'pg.bam: its @PG lines name a recalibration.*--qual flat' "${encrypt[@]}" -q pg.bam
    accepted pg.bam --qual flat
done

# Too few bases.
make_input synth_bam.py samples 20
samtools view -h --no-PG o.bam >o.sam
requalify base o.sam told.bam
grep -q 'too few' worst
varlock encrypt -a pop.vac -T o.fa -p "$keys/owner.pub.pem" --force -d m.bdiff -o m.bam --names keep told.bam 2>said
grep -qE 'the qualities shown are not judged: [0-9]+ bases are too few' said

# Long reads show none, whatever they tell; the BDIFF has them.
make_input synth_bam.py ont 8
samtools view -h --no-PG o.bam | python3 "$py/requalify.py" base | samtools view --no-PG -b -o told.bam -
for threads in 0 2; do
    varlock encrypt -a pop.vac -T o.fa -p "$keys/owner.pub.pem" --force -d m.bdiff -o m.bam -@$threads told.bam 2>said
    grep -q 'told.bam: has reads of more than 1,000 bases.*--qual flat' said
    [ "$(samtools view m.bam | cut -f 11 | fold -w 1 | sort -u)" = '?' ]
done
decrypt_as owner m.bdiff m.bam back.bam
same told.bam back.bam
accepted told.bam --qual keep
[ "$(samtools view m.bam | cut -f 11 | fold -w 1 | sort -u | tr -d '\n')" = 5I ]

# Real reads: raw ones are let through, recalibrated ones are not, and after BAQ neither.
[ "$TIER" != quick ] || exit 0
data=$SHARED/data/na12878
if [ ! -e "$data/reads.bam" ]; then
    note "without $SHARED/data"
    exit 0
fi
bgzip -dc "$data/ref.fa.gz" >o.fa
samtools faidx o.fa
samtools view -H "$data/reads.bam" | python3 "$py/random_vcf.py" 50 o.fa 20:9990000-10100000 21:9990000-10100000 >pop.vcf
varlock vcf2vac -q -o pop.vac pop.vcf
samtools view -h --no-PG "$data/reads.bam" >real.sam
accepted "$data/reads.bam"
for mode in own bins8 every=4 every=8; do
    requalify $mode real.sam told.bam
    refused_by bits told.bam
done
requalify oq real.sam told.bam
cat worst >&2
accepted told.bam
samtools calmd --no-PG -A -r -b told.bam o.fa >baq.bam 2>/dev/null
samtools view -h --no-PG baq.bam | python3 "$py/quality_bits.py" --worst >worst
refused_by shift baq.bam
