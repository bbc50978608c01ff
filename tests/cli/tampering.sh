# What is not exactly what was sealed, signed or masked is refused: exit 3, a line that says why,
# no output; what lies in windows that are not touched does not matter.
. "$TOP/tests/cli/lib.bash"

python3 "$py/randbam.py" 2 o
samtools index o.bam
varlock vcf2vac -q -o pop.vac o.vcf
encrypt_for_owner pop.vac o.bam m -s "$keys/owner.pem"
encrypt_for_owner pop.vac o.bam other
decrypt_owner=(varlock decrypt -q -k "$keys/owner.pem" -d m.bdiff -o out.bam)

# Keys and files.
refuses 3 'alice.pem' varlock decrypt -q -k "$keys/alice.pem" -d m.bdiff -o out.bam m.bam
refuses 3 'alice.pem' varlock reencrypt -q --force -k "$keys/alice.pem" -p "$keys/bob.pub.pem" -r c2 -d m.bdiff -o out.bdiff m.bam
refuses 3 'not masked together' varlock decrypt -q -k "$keys/owner.pem" -d other.bdiff -o out.bam m.bam
refuses 3 'not masked together' varlock decrypt -q -k "$keys/owner.pem" -d other.bdiff -o out.bam -r c2:1-9 m.bam
refuses 3 'not masked together' varlock reencrypt -q --force -k "$keys/owner.pem" -p "$keys/bob.pub.pem" -r c2 -d other.bdiff -o out.bdiff m.bam
# The other's records under this one's header.
(samtools view -H --no-PG m.bam; samtools view other.bam) | samtools view --no-PG -b -o mixed.bam -
samtools index mixed.bam
refuses 3 'not those that were masked|missing or were added' "${decrypt_owner[@]}" mixed.bam

# Signatures.
refuses 3 'not signed' varlock decrypt -q -k "$keys/owner.pem" -V "$keys/owner.pub.pem" -d other.bdiff -o out.bam other.bam
refuses 3 'alice.pub.pem' "${decrypt_owner[@]}" -V "$keys/alice.pub.pem" m.bam
decrypt_as owner m.bdiff m.bam out.bam -V "$keys/owner.pub.pem"
varlock reencrypt -q --force -k "$keys/owner.pem" -s "$keys/bob.pem" -V "$keys/owner.pub.pem" -p "$keys/alice.pub.pem" -r c2:1-20000 -d m.bdiff -o a.bdiff m.bam
decrypt_as alice a.bdiff m.bam out.bam -V "$keys/bob.pub.pem"
rm out.bam
refuses 3 'owner.pub.pem' varlock decrypt -q -k "$keys/alice.pem" -V "$keys/owner.pub.pem" -d a.bdiff -o out.bam m.bam
refuses 3 'alice.pub.pem' varlock reencrypt -q --force -k "$keys/owner.pem" -V "$keys/alice.pub.pem" -p "$keys/bob.pub.pem" -r c2 -d m.bdiff -o out.bdiff m.bam

# A record of the masked file: dropped, added or changed in a touched window.
why='not those that were masked|missing or were added|was not there when'
for change in $(python3 "$py/change_bam.py"); do
    python3 "$py/change_bam.py" m.bam bad.bam "$change"
    samtools index bad.bam
    refuses 3 "$why" "${decrypt_owner[@]}" bad.bam
    [ "$TIER" = quick ] || refuses 3 "$why" "${decrypt_owner[@]}" -@4 bad.bam
done
rm bad.bam bad.bam.bai
# MD and NM can be made anew by anyone and are not sealed.
python3 "$py/change_bam.py" m.bam bad.bam md_and_nm
decrypt_as owner m.bdiff bad.bam out.bam
same o.bam out.bam
rm out.bam

# Changed at the far end: only who reads there is stopped.
for change in $(by_tier "base add" "base flag drop add"); do
    python3 "$py/change_bam.py" m.bam far.bam "$change" 5500
    samtools index far.bam
    decrypt_as owner m.bdiff far.bam part.bam -r c2:1-5000
    samtools view o.bam c2:1-5000 | cmp - <(samtools view part.bam)
    decrypt_as alice a.bdiff far.bam part.bam -r c2:1-5000
    refuses 3 "$why" "${decrypt_owner[@]}" -r c2:240000-250000 far.bam
    refuses 3 "$why" varlock reencrypt -q --force -k "$keys/owner.pem" -p "$keys/bob.pub.pem" -r c2:240000-250000 -d m.bdiff -o out.bdiff far.bam
    python3 "$py/change_bam.py" m.bam near.bam "$change" 10
    samtools index near.bam
    refuses 3 "$why" varlock decrypt -q -k "$keys/alice.pem" -d a.bdiff -o out.bam near.bam
done

# The contig table.
for edit in 's/SN:c2/SN:x2/' 's/LN:250000/LN:250001/' '/SN:c1\t/d'; do
    samtools view -H --no-PG m.bam | sed "$edit" >header
    if [ "$edit" = '/SN:c1\t/d' ]; then
        samtools view m.bam | awk -F '\t' '$3 == "c2"' | sed 's/\tc1\t/\t*\t/' | cat header - | samtools view --no-PG -b -o contigs.bam -
    else
        samtools reheader -P header m.bam >contigs.bam
    fi
    refuses 3 'contig' "${decrypt_owner[@]}" contigs.bam
done

# Every length and every byte of a small BDIFF.
printf '@HD\tVN:1.6\tSO:coordinate\n@SQ\tSN:c1\tLN:100\nr1\t0\tc1\t5\t60\t4M\t*\t0\t0\tACGT\tIIII\n' >small.sam
samtools view -H small.sam | python3 "$py/random_vcf.py" 2 >small.vcf
varlock vcf2vac -q -o small.vac small.vcf
mkdir small
varlock encrypt -q --mask permute --force -a small.vac -p "$keys/owner.pub.pem" -d small/s.bdiff -o small/m.bam small.sam
(cd small && python3 "$py/damage_bdiff.py" $(by_tier --fewest) s.bdiff m.bam "$keys/owner.pem" >&2)
varlock encrypt -q --mask permute --force -a small.vac -p "$keys/owner.pub.pem" -s "$keys/owner.pem" -d small/s.bdiff -o small/m.bam small.sam
(cd small && python3 "$py/damage_bdiff.py" $(by_tier --fewest --few) s.bdiff m.bam "$keys/owner.pem" -V "$keys/owner.pub.pem" >&2)

# What the masked header says of samples is what it said when the file was masked; lines that tools
# add are no harm, and a trip through CRAM is none.
python3 "$py/synth_bam.py" samples t 300
varlock vcf2vac -q -o t.vac t.vcf
encrypt_for_owner t.vac t.bam tm --mask permute
[ "$(samtools view -H tm.bam | grep -c ^@RG)" -gt 1 ]
samtools view -H --no-PG tm.bam >head.sam
varlock reencrypt -q --force -k "$keys/owner.pem" -p "$keys/alice.pub.pem" -r "$(samtools idxstats tm.bam | head -n 1 | cut -f 1)" \
    -d tm.bdiff -o ta.bdiff tm.bam
with_header() { # SED-PROGRAM
    sed "$1" head.sam >changed.sam
    samtools view --no-header tm.bam >>changed.sam
    samtools view --no-PG -b -o changed.bam changed.sam
    samtools index changed.bam
}
for edit in '0,/SM:sample1/s//SM:sample2/' '0,/^@RG/{/^@RG/d}' '/ID:rg1\t/{h;d};/ID:rg2\t/G' \
    '/ID:rg1\t/s/$/\tDS:x/' '/ID:rg1\t/a@RG\tID:rg99\tSM:sample1'; do
    with_header "$edit"
    ! cmp -s <(samtools view -H --no-PG changed.bam | grep ^@RG) <(grep ^@RG head.sam) || exit 1
    refuses 3 'changed.bam: its @RG lines are not those' varlock decrypt -q -k "$keys/owner.pem" -d tm.bdiff -o out.bam changed.bam
    refuses 3 'its @RG lines' varlock decrypt -q -k "$keys/alice.pem" -d ta.bdiff -o out.bam changed.bam
    refuses 3 'its @RG lines' varlock reencrypt -q --force -k "$keys/owner.pem" -p "$keys/bob.pub.pem" --unmapped -d tm.bdiff -o out.bdiff changed.bam
done
with_header '$a@PG\tID:other\tPN:other'
samtools view -C -T t.fa -o changed.cram changed.bam
samtools view -b -o again.bam -T t.fa changed.cram
for masked in changed.bam again.bam; do
    decrypt_as alice ta.bdiff $masked part.bam
    decrypt_as owner tm.bdiff $masked back.bam
    same t.bam back.bam
done
