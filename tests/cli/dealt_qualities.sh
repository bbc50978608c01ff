# --qual shuffle, the default: qualities are dealt as bdiff.md says, by any number of threads and in
# shards, and come back from the owner's file, from slices, and from slices of slices.
. "$TOP/tests/cli/lib.bash"
need_cryptography
printf %032d 7 >key
printf %032d 8 >key2

# As a second reader finds them, who knows bdiff.md only.
second_reader() { # WHO BDIFF [ORIGINAL]
    $python "$py/read_bdiff.py" -k "$keys/$1.pem" --restore m.bam "${@:2}" || { note "$2"; return 1; }
    cmp <(varlock view -k "$keys/$1.pem" "$2") <($python "$py/read_bdiff.py" -k "$keys/$1.pem" "$2")
}
grant() { # WHO BDIFF TO SLICE [options]
    varlock reencrypt -q --force -k "$keys/$1.pem" -p "$keys/$3.pub.pem" -d "$2" -o "$4" "${@:5}" m.bam
}
# What the slice restores has its own qualities.
own_qualities() { # WHO SLICE REGION
    decrypt_as "$1" "$2" m.bam shown.bam
    samtools view shown.bam | cut -f 1,2,11 | sort >shown.txt
    samtools view -e 'pos > 2000 && endpos < 29000' o.bam "$3" | cut -f 1,2,11 | sort >own.txt
    [ "$(comm -12 shown.txt own.txt | wc -l)" -gt 100 ]
    python3 "$py/check_slice.py" --synth o.bam m.bam shown.bam "$3" >verdict || { note "$(head -c 500 verdict)"; return 1; }
}

make_input synth_bam.py trimmed
samtools index o.bam
mask_synth kept o.bam o.fa pop.vac --qual keep
mask_synth m o.bam o.fa pop.vac --write-index
mask_synth m4 o.bam o.fa pop.vac --qual shuffle -@4
cmp <(masked_bytes m.bam) <(masked_bytes m4.bam)
$python "$py/check_dealt.py" kept.bam m.bam key >said || { note "$(cut -c 1-500 said)"; exit 1; }
note "$(cat said)"
# Some of each kind, or nothing was checked.
[[ $(cat said) =~ ^([0-9]+)\ own,\ ([0-9]+)\ dealt,\ ([0-9]+)\ flat\;\ ([0-9]+)\ cut$ ]]
[ "${BASH_REMATCH[2]}" -gt 1000 ] && [ "${BASH_REMATCH[3]}" -gt 20 ] && [ "${BASH_REMATCH[4]}" -gt 100 ]
# Another key deals otherwise.
mask_synth kept2 o.bam o.fa pop.vac --qual keep --mask-key key2
mask_synth m2 o.bam o.fa pop.vac --mask-key key2
$python "$py/check_dealt.py" kept2.bam m2.bam key2
! $python "$py/check_dealt.py" kept2.bam m2.bam key 2>/dev/null || exit 1

decrypt_as owner m.bdiff m.bam back.bam -@2
same o.bam back.bam
owner_reads_regions chr1:10,000-12,000
owner_reads_regions '*'
second_reader owner m.bdiff o.bam
varlock view --header -k "$keys/owner.pem" m.bdiff | grep '^qual.shuffle$' >/dev/null
varlock view --header -k "$keys/owner.pem" kept.bdiff | grep '^qual.keep$' >/dev/null
through_cram -T o.fa --mask-key key

# A slice, a slice of it, and one that is cut of a slice of everything.
grant owner m.bdiff alice a.bdiff -r chr1:2000-30000
own_qualities alice a.bdiff chr1:2000-30000
second_reader alice a.bdiff
grant alice a.bdiff bob b.bdiff -r chr1:2500-29000
own_qualities bob b.bdiff chr1:2500-29000
second_reader bob b.bdiff
grant owner m.bdiff alice all.bdiff --all
decrypt_as alice all.bdiff m.bam shown.bam
cmp <(samtools view -x RG shown.bam | sort) <(samtools view -x RG o.bam | sort)
second_reader alice all.bdiff
varlock view --header -k "$keys/alice.pem" all.bdiff >header.txt
grep -q '^qual.shuffle$' header.txt
! grep qual_place header.txt || exit 1
grant alice all.bdiff bob c.bdiff -r chr1:2500-29000
own_qualities bob c.bdiff chr1:2500-29000
decrypt_as bob b.bdiff m.bam b.bam
decrypt_as bob c.bdiff m.bam c.bam
cmp <(samtools view b.bam) <(samtools view c.bam)
# Nothing in a slice tells of the dealing but the places of what it restores.
! varlock view --header -k "$keys/bob.pem" c.bdiff | grep '^qual\t' || exit 1

# Shards joined: places are dealt by contig.
n=0
for shard in chr1 chr2 '*'; do
    mask_synth "shard$((++n))" o.bam o.fa pop.vac -r "$shard"
done
varlock merge -q --force -k "$keys/owner.pem" -p "$keys/owner.pub.pem" -d j.bdiff -o j.bam shard1.bam shard1.bdiff \
    shard2.bam shard2.bdiff shard3.bam shard3.bdiff
cmp <(samtools view m.bam) <(samtools view j.bam)
decrypt_as owner j.bdiff j.bam back.bam
same o.bam back.bam

# OQ in place of QUAL, dealt in the same way.
samtools view -h o.bam | awk -F '\t' -v OFS='\t' '/^@/ { print; next }
    { oq = $11; gsub(/I/, "#", $11); print $0, "OQ:Z:" oq }' | samtools view --no-PG -b -o oq.bam -
mv oq.bam o.bam
mask_synth oq o.bam o.fa pop.vac
decrypt_as owner oq.bdiff oq.bam back.bam
same o.bam back.bam
# OQ is told by the masked file, but for what shows 30.
varlock view -k "$keys/owner.pem" oq.bdiff | grep '^R' >told.txt
[ "$(grep -c 'OQ:Z:(masked QUAL)' told.txt)" -gt 1000 ]
