# The options of synth masking, one by one.
. "$TOP/tests/cli/lib.bash"
need_cryptography
printf %032d 7 >key

shown() { # FILE [samtools view options]: its records as text
    samtools view "${@:2}" "$1"
}
# refuses_masking CODE PATTERN [options]: of o.bam
refuses_masking() {
    refuses "$1" "$2" varlock encrypt -q -a pop.vac -T o.fa -p "$keys/owner.pub.pem" -d no.bdiff -o no.bam \
        "${@:3}" o.bam
}
restores() { # PREFIX
    decrypt_as owner "$1.bdiff" "$1.bam" back.bam
    same o.bam back.bam
}

# ---- one masking key: one person, in whatever files the reads come ----
# Insert sizes are drawn by the number of the read group, which differs between these files.
make_input synth_bam.py samples 500
still=(--qual keep --blur 0 --inserts keep)
mask_synth whole o.bam o.fa pop.vac "${still[@]}"
for lane in lane1 lane3; do
    # Lane 3 is of the same sample and alone in its header there.
    samtools view -h --no-PG -e "[RG]==\"$lane\"" o.bam | awk -F '\t' -v id="ID:$lane" '!/^@RG/ || $2 == id' |
        samtools view --no-PG -b -o $lane.bam -
    mask_synth $lane.m $lane.bam o.fa pop.vac "${still[@]}"
done
# Each under another pseudonym; flags, mates and order are of the reads alone.
cmp <(cat <(shown lane1.m.bam -x RG) <(shown lane3.m.bam -x RG) | sort) \
    <(shown whole.bam -e '[RG]=="rg1" || [RG]=="rg3"' | sed 's/\tRG:Z:rg[0-9]*//' | sort)
[ "$(shown lane3.m.bam | wc -l)" -gt 200 ]
# Two halves of a file, cut between reads of a name.
samtools view -h --no-PG -b -o even.bam -e 'qname =~ "[02468]$"' o.bam
samtools view -h --no-PG -b -o odd.bam -e 'qname =~ "[13579]$"' o.bam
for half in even odd; do
    mask_synth $half.m $half.bam o.fa pop.vac "${still[@]}"
done
cmp <({ shown even.m.bam; shown odd.m.bam; } | sort) <(shown whole.bam | sort)
# Another key, or another sample name, is another person; another library is not.
shown whole.bam | cut -f 10 >bases
printf %032d 8 >key
mask_synth other o.bam o.fa pop.vac "${still[@]}"
! cmp -s <(shown other.bam | cut -f 10) bases || exit 1
printf %032d 7 >key
for edit in SM:JaneDoe/SM:JohnDoe LB:lib-JaneDoe/LB:x; do
    samtools reheader -P <(samtools view -H --no-PG o.bam | sed "s/$edit/") o.bam >renamed.bam
    mask_synth r renamed.bam o.fa pop.vac "${still[@]}"
    [ $edit = LB:lib-JaneDoe/LB:x ] || ! cmp -s <(shown r.bam | cut -f 10) bases || exit 1
    [ $edit = SM:JaneDoe/SM:JohnDoe ] || cmp <(shown r.bam | cut -f 10) bases
done
# Without a key it is another one each time, and the owner's file has it sealed.
for n in 1 2; do
    varlock encrypt -q -a pop.vac -T o.fa -p "$keys/owner.pub.pem" -d r$n.bdiff -o r$n.bam --qual keep o.bam
done
! cmp -s <(shown r1.bam | cut -f 10) <(shown r2.bam | cut -f 10) || exit 1
! cmp -s <(shown r1.bam | cut -f 10) bases || exit 1
# Samples of one file stay apart: each shows genotypes of its own.  Sites where all reads of a sample
# agree, and whether two samples show the same there.
for group in rg1 rg2 rg3; do
    samtools view -b -e "[RG]==\"$group\"" -o $group.bam whole.bam
    samtools mpileup -B -Q 0 -f o.fa $group.bam 2>/dev/null | awk -F '\t' '
        $4 >= 4 { b = toupper($5); gsub(/\^.|\$/, "", b); gsub(/,/, ".", b)
                  if (b ~ /^(\.+|A+|C+|G+|T+)$/) print $1 ":" $2, substr(b, 1, 1) }' | sort >$group.sites
done
apart() {
    join "$1.sites" "$2.sites" | awk '$2 != $3 { n++ } END { print n + 0 }'
}
note "sites apart: two lanes of one sample $(apart rg1 rg3), two samples $(apart rg1 rg2)"
[ "$(apart rg1 rg2)" -ge 3 ]
# Lanes may differ where by chance all reads of one are of one haplotype.
[ "$(apart rg1 rg3)" -lt "$(apart rg1 rg2)" ]

# --like takes the key of an earlier run.
varlock encrypt -q -a pop.vac -T o.fa -p "$keys/owner.pub.pem" -d like.bdiff -o like.bam --qual keep --like r1.bdiff \
    -k "$keys/owner.pem" o.bam
cmp <(masked_bytes r1.bam) <(masked_bytes like.bam)
varlock reencrypt -q -k "$keys/owner.pem" -p "$keys/alice.pub.pem" --all -d r1.bdiff -o slice.bdiff r1.bam
refuses_masking 1 'slice.bdiff: is a slice' --qual keep --like slice.bdiff -k "$keys/alice.pem"
refuses_masking 3 'r1.bdiff: ' --qual keep --like r1.bdiff -k "$keys/alice.pem"
refuses_masking 2 '--like BDIFF and its key' --qual keep --like r1.bdiff
refuses_masking 2 '--like and --mask-key contradict' --qual keep --like r1.bdiff -k "$keys/owner.pem" --mask-key key

# ---- --haploid, --sex ----
varlock view pop.vac >vac.txt
mask_synth h o.bam o.fa pop.vac --qual keep --haploid chr1
$python "$py/check_synth.py" o.bam h.bam o.fa key vac.txt --haploid chr1 >&2
! $python "$py/check_synth.py" o.bam h.bam o.fa key vac.txt >/dev/null || exit 1
restores h
refuses_masking 2 '--sex: .*no contig X' --qual keep --sex male
refuses_masking 2 '--sex boy: .*neither female nor male' --qual keep --sex boy
# GRCh38's X and Y by their lengths; a few bases of each are enough.
$python - "$py" <<'END'
import random, sys
sys.path.insert(0, sys.argv[1])
from bamfile import Record, header_text, tag, write
rng = random.Random(1)
contigs = [("chrX", 156040895), ("chrY", 57227415)]
places = {0: [2000000, 50000000, 155800000], 1: [2000000, 20000000]}
records, sites = [], []
with open("sex.fa", "w") as out:
    for tid, (name, length) in enumerate(contigs):
        out.write(">%s\n" % name)
        at = 0
        for place in places[tid]:
            bases = "".join(rng.choices("ACGT", k=2000))
            out.write("N" * (place - at) + bases)
            at = place + 2000
            sites += [(name, p, bases[p - place]) for p in range(place, at, 10)]
            for i in range(100):
                pos = place + rng.randrange(1900)
                records.append(Record(name="s%d" % len(records), tid=tid, pos=pos, mapq=60,
                                      cigar=[(100, "M")], seq=bases[pos - place:][:100], qual=b"?" * 100))
        out.write("N" * (length - at) + "\n")
records.sort(key=lambda r: (r.tid, r.pos))
write("sex.bam", header_text(contigs), contigs, records)
with open("sex.vcf", "w") as out:
    out.write("##fileformat=VCFv4.2\n" + "".join("##contig=<ID=%s,length=%d>\n" % c for c in contigs))
    for name, number in (("AC", "A"), ("AN", "1")):
        out.write('##INFO=<ID=%s,Number=%s,Type=Integer,Description="">\n' % (name, number))
    out.write("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n")
    for name, p, ref in sites:
        out.write("%s\t%d\t.\t%s\t%s\t.\t.\tAC=50;AN=100\n" % (name, p + 1, ref, "CGTA"["ACGT".index(ref)]))
END
varlock vcf2vac -q -o sex.vac sex.vcf
for sex in none female male; do
    option=(--sex $sex)
    [ $sex != none ] || option=()
    mask_synth sex.m sex.bam sex.fa sex.vac --qual keep "${option[@]}"
    # A window takes no further contig once those it has come to 64 Mb, as X does alone.
    varlock view --header -k "$keys/owner.pem" sex.m.bdiff >header
    grep -qx 'windows	2' header
    # Sites that show two alleles, by the million.
    samtools view sex.m.bam | awk -v sex=$sex '
        { for (i = 1; i <= 100; i++) {
              p = $4 + i - 1
              if (p % 10 == 1) seen[$3 ":" int(p / 1000000) "\t" p, substr($10, i, 1)] } }
        END { for (k in seen) { split(k, f, SUBSEP); n[f[1]]++ }
              for (k in n) { split(k, f, "\t"); if (n[k] == 2) two[f[1]]++ }
              print sex, !!two["chrX:2"], !!two["chrX:50"], !!two["chrX:155"], !!two["chrY:2"], !!two["chrY:20"] }' |
        tee -a sexes >&2
done
cmp sexes - <<'END'
none 1 1 1 1 1
female 1 1 1 1 0
male 1 0 1 1 0
END
rm sex.fa
samtools view -H --no-PG o.bam | sed 's/SN:chrM/SN:X/' >header
samtools reheader -P header o.bam >x.bam
sed 's/>chrM/>X/' o.fa >x.fa
refuses 1 '--sex: contig X has 3000 bases.*--haploid' varlock encrypt -q -a pop.vac -T x.fa \
    -p "$keys/owner.pub.pem" -d no.bdiff -o no.bam --qual keep --sex male x.bam

# ---- --qual ----
make_input synth_bam.py bisulfite 300
samtools view -h --no-PG o.bam | awk -F '\t' -v OFS='\t' '/^@/ { print; next }
    { q = $11; gsub(/[^#]/, "5", q); print $0, "OQ:Z:" q }' | samtools view --no-PG -b -o oq.bam -
qualities() { # FILE: the distinct ones
    shown "$1" | cut -f 11 | fold -w 1 | sort -u | tr -d '\n'
}
mask_synth q oq.bam o.fa pop.vac
[ "$(qualities q.bam)" = '#5?' ] # OQ where every record has one; too few are alike to deal for some
decrypt_as owner q.bdiff q.bam back.bam
same oq.bam back.bam
for mode in keep shuffle oq bin4 flat; do
    mask_synth q o.bam o.fa pop.vac --qual $mode
    restores q
    case $mode in
    keep) [ "$(qualities q.bam)" = "$(qualities o.bam)" ] ;;
    shuffle) [ "$(qualities q.bam | tr -d '?')" = "$(qualities o.bam | tr -d '?')" ] ;;
    oq) shown q.bam | awk '$11 != "*" { exit 1 }' ;; # there is no OQ
    bin4) [ "$(qualities q.bam)" = '#-8F' ] ;;
    flat) [ "$(qualities q.bam)" = '?' ] ;;
    esac
done
mask_synth q oq.bam o.fa pop.vac --qual keep
[ "$(qualities q.bam)" = "$(qualities o.bam)" ]
refuses_masking 2 '--qual best: is none of shuffle, oq, bin4, flat, keep' --qual best
# What stands in a pipe is read before QUAL was judged: to be shown it must be asked for, but OQ may be.
pipe_out=(varlock encrypt -q --force -a pop.vac -T o.fa -p "$keys/owner.pub.pem" -d pipe.bdiff -o - --mask-key key)
refuses 2 'standard output.*give --qual' "${pipe_out[@]}" o.bam
for input in oq.bam '--qual keep o.bam' '--qual flat o.bam'; do
    # shellcheck disable=SC2086
    "${pipe_out[@]}" $input >pipe.bam
    decrypt_as owner pipe.bdiff pipe.bam back.bam
    same "${input##* }" back.bam
done
# Not kept unasked where it may tell bases (qualities_judged.sh has the rest).
cp o.bam as_it_was.bam
samtools reheader -P <(samtools view -H --no-PG as_it_was.bam; printf '@PG\tID:GATK ApplyBQSR\tVN:4\n') as_it_was.bam >o.bam
refuses_masking 1 'name a recalibration.*--qual flat'
mask_synth q o.bam o.fa pop.vac --qual keep
mv as_it_was.bam o.bam

# ---- --names ----
mask_synth n o.bam o.fa pop.vac --qual keep --names token
mask_synth k o.bam o.fa pop.vac --qual keep --names keep
restores n
restores k
[ "$(shown k.bam | cut -f 1 | sort -u | wc -l)" -eq "$(shown n.bam | cut -f 1 | sort -u | wc -l)" ]
! shown n.bam | cut -f 1 | grep -vE "^[a-z2-7]{16}$" >/dev/null || exit 1
cmp <(shown n.bam | cut -f 2-11 | sort) <(shown k.bam | cut -f 2-11 | sort)
# Mates go by one token, which the key decides.
cmp <(shown n.bam | cut -f 1 | uniq -c | wc -l) <(shown n.bam | cut -f 1 | uniq | wc -l)
[ "$(shown n.bam | cut -f 1 | sort | uniq -d | wc -l)" -eq "$(shown k.bam | cut -f 1 | sort | uniq -d | wc -l)" ]
mask_synth n2 o.bam o.fa pop.vac --qual keep --names token -@2
cmp <(masked_bytes n.bam) <(masked_bytes n2.bam)
refuses_masking 2 '--names none: is neither keep nor token' --qual keep --names none
cp o.bam as_it_was.bam
for name in SRR1234567.1 DRR9.2 HWI:lib-JaneDoe:7 xJaneDoe; do
    samtools view -h --no-PG as_it_was.bam | awk -F '\t' -v OFS='\t' -v name=$name '
        /^@/ { print; next } NR == 20 { $1 = name } { print }' | samtools view --no-PG -b -o o.bam -
    refuses_masking 1 "query names such as $name .*--names" --qual keep
    mask_synth n o.bam o.fa pop.vac --qual keep --names keep
    mask_synth n o.bam o.fa pop.vac --qual keep --names token
    restores n
done
mv as_it_was.bam o.bam

# ---- what leaves: --max-insert, --keep-discordant, --vault, --max-shift, the summary ----
make_input synth_bam.py mates 300
# summary [options]: the line on stderr; the counts by --verbose go to `counts`.
summary() {
    # Spliced reads have no longest insert.
    [[ " $* " == *' --max-insert '* ]] || set -- --max-insert 10000 "$@"
    varlock encrypt --verbose --force -a pop.vac -T o.fa -p "$keys/owner.pub.pem" -d m.bdiff -o m.bam --mask-key key \
        --qual keep "$@" o.bam 2>said
    restores m
    sed -nE 's/^([a-z_]+)\t([0-9]+)$/\1 \2/p' said >counts
    grep '^varlock encrypt: [0-9]* of [0-9]* records masked (synth)' said
}
count() {
    awk -v name="$1" '$1 == name { print $2 }' counts
}
n=$(samtools view -c o.bam)
summary >line
note "$(cat line)"
masked=$(samtools view -c m.bam)
vaulted=$(count vaulted)
grep -qE "^varlock encrypt: $masked of $n records masked \(synth\), $((n - masked)) whole in the BDIFF" line
# The sum of the line's parts is what the file lacks.
sed -n 's/.*BDIFF: //p' line | tr ' ' '\n' | awk -v want=$((n - masked)) '{ sum += $1 } END { exit sum != want }'
[ "$(count secondary_or_supplementary)" -eq "$(samtools view -c -f 0x800 o.bam)" ]
! grep -q 'records masked' <(varlock encrypt -q --force -a pop.vac -T o.fa -p "$keys/owner.pub.pem" -d m.bdiff -o m.bam \
    --qual keep o.bam 2>&1) || exit 1
summary --max-insert none >line
[ "$(count vaulted)" -lt "$vaulted" ]
samtools view m.bam | awk '$7 == "=" && $8 - $4 > 25000 && $9 > 25000 { found = 1 } END { exit !found }'
summary --max-insert 300 >line
[ "$(count vaulted)" -gt "$vaulted" ]
samtools view m.bam | awk '$9 > 300 || $9 < -300 { exit 1 }'
summary --keep-discordant >line
[ "$(count vaulted)" -lt "$vaulted" ]
# What lies on HLA and alternate contigs leaves all the same, and a line says what that shows.
grep -q 'templates on HLA and alternate contigs (2) are not shown: .*--vault' said
samtools view m.bam | awk '$3 ~ /HLA|alt/ || $7 ~ /HLA|alt/ { exit 1 }'
samtools view m.bam | awk '$7 == "chr2" && $3 == "chr1" { found = 1 } END { exit !found }'
printf 'chr1\t9000\t25000\nchr2\t100\t200\n' >places.bed
summary --vault places.bed >line
[ "$(count vaulted)" -gt "$vaulted" ]
samtools index m.bam
[ "$(samtools view -c -L places.bed m.bam)" -eq 0 ]
[ "$(samtools view -c m.bam)" -gt 200 ]
[ "$(count too_long)" -eq 0 ]
longest=$(samtools view o.bam | awk '{ n = length($10); if (n > most) most = n } END { print most }')
summary --max-shift $((longest - 1)) >line
[ "$(count too_long)" -gt 0 ]
summary --max-shift "$longest" >line
[ "$(count too_long)" -eq 0 ]
# Whether reads are long is told by primary records, however many others come first.
{
    samtools view -H --no-PG o.bam
    printf 'long\t0\tchr1\t5001\t60\t1500S200M\t*\t0\t0\t%s\t*\n' "$(printf 'ACGT%.0s' {1..425})"
} >long.sam
awk '/^@/ { print; next }
    { for (i = 0; i < 10000; i++) printf "s%d\t256\tchr1\t1001\t60\t10M\t*\t0\t0\t*\t*\n", i; print }' \
    long.sam >behind.sam
mask_synth long long.sam o.fa pop.vac --qual keep --blur 0
mask_synth behind behind.sam o.fa pop.vac --qual keep --blur 0
[ "$(shown long.bam | cut -f 4,6)" = 3501$'\t'1700M ]
cmp <(shown long.bam) <(shown behind.bam)
refuses_masking 1 'none.bed: .*No such file' --qual keep --vault none.bed
printf 'chr1\tx\ty\n' >bad.bed
refuses_masking 1 'bad.bed.*1' --qual keep --vault bad.bed

# ---- --blur, --inserts ----
mask_synth b o.bam o.fa pop.vac --qual keep --blur 30 --inserts keep
restores b
mask_synth z o.bam o.fa pop.vac --qual keep
# A pair moves as one, but for what contig ends clip; most reads move.
places() { # FILE: name, flag, POS and TLEN of pairs
    shown "$1" -f 2 | awk '{ print $1 "/" $2, $4, $9 }' | sort
}
join <(places b.bam) <(places z.bam) | awk '{ n++; moved += $2 != $4; same += $3 == $5 }
    END { exit n < 100 || moved < 0.9 * n || same < 0.95 * n }'
for wrong in x -1 10001 1.5; do
    refuses_masking 2 '--blur [^ ]*: is no number from 0 to 10000' --qual keep --blur=$wrong
done
for wrong in x 400 400, 400,x 400,80,1; do
    refuses_masking 2 '--inserts [^ ]*: is none of draw, keep and MEDIAN,SD' --qual keep --inserts $wrong
done
refuses_masking 1 'has spliced reads' --qual keep --inserts draw
samtools view -h --no-PG o.bam | awk -F '\t' '/^@/ || $6 !~ /N/' | samtools view --no-PG -b -o straight.bam -
# By default 5' ends are moved, and insert sizes drawn; where reads are spliced all stay, and a line says so.
varlock encrypt --force -a pop.vac -T o.fa -p "$keys/owner.pub.pem" -d s.bdiff -o s.bam --mask-key key --qual keep o.bam 2>said
grep -q 'has spliced reads: .*--blur 0 --inserts keep --max-insert none' said
mask_synth z o.bam o.fa pop.vac --qual keep --blur 0 --inserts keep --max-insert none
cmp <(masked_bytes s.bam) <(masked_bytes z.bam)
mask_synth d straight.bam o.fa pop.vac --qual keep
mask_synth z straight.bam o.fa pop.vac --qual keep --blur 100 --inserts draw --max-insert 10000
cmp <(masked_bytes d.bam) <(masked_bytes z.bam)
mask_synth d straight.bam o.fa pop.vac --qual keep --inserts 300,20
# Mean and deviation of what is shown are those asked for.
shown d.bam -f 2 | awk '$9 > 0 { n++; sum += $9; squares += $9 * $9 }
    END { mean = sum / n; sd = sqrt(squares / n - mean * mean)
          print n, mean, sd; exit n < 100 || mean < 290 || mean > 310 || sd < 14 || sd > 26 }' >&2

# ---- tags ----
tags() { # FILE: the names of tags it shows
    shown "$1" | cut -f 12- | tr '\t' '\n' | cut -c 1-2 | sort -u | tr '\n' ' '
}
mask_synth m o.bam o.fa pop.vac --qual keep
[ "$(tags m.bam)" = 'MC MD NM RG ' ]
mask_synth m o.bam o.fa pop.vac --qual keep --keep-tags XS,SA,uT
[ "$(tags m.bam)" = 'MC MD NM RG SA XS ' ]
restores m
varlock encrypt -q --force -a pop.vac -T o.fa -p "$keys/owner.pub.pem" -d m.bdiff -o m.bam --mask-key key --qual keep \
    --drop-tags AS,SA o.bam
varlock decrypt -k "$keys/owner.pem" -d m.bdiff -o back.bam m.bam 2>said
grep -q '^varlock decrypt: .*AS,SA.* dropped' said
samtools view -b --no-PG -x AS -x SA -o want.bam o.bam
same want.bam back.bam
refuses_masking 2 'RG tells the sample' --qual keep --drop-tags RG
