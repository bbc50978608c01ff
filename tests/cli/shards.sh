# Shards joined are what one run makes: the same masked records, the same restored file, the same
# grants, at any number of threads; and what is no complete set of shards of one run is refused.
. "$TOP/tests/cli/lib.bash"
need_cryptography
printf %032d 7 >key
printf %032d 8 >key2

mask() { # PREFIX INPUT [options]
    local prefix=$1 input=$2
    shift 2
    varlock encrypt -q $(masking "${options[@]}" "$@") --force -a pop.vac -p "$keys/owner.pub.pem" -s "$keys/owner.pem" -d "$prefix.bdiff" \
        -o "$prefix.bam" --mask-key key "${options[@]}" "$@" "$input"
}
merge() { # PREFIX FILE...
    varlock merge -q --force -k "$keys/owner.pem" -p "$keys/alice.pub.pem" -s "$keys/owner.pem" \
        -V "$keys/owner.pub.pem" -d "$1.bdiff" -o "$1.bam" "${@:2}"
}
# The bytes of the blocks behind the first one, which holds the header.
blocks() {
    $python - "$1" <<'EOF'
import struct, sys
data = open(sys.argv[1], "rb").read()
sys.stdout.buffer.write(data[struct.unpack("<H", data[16:18])[0] + 1:])
EOF
}
text() {
    samtools view -h --no-PG "$1" | sed '/^@CO\tvarlock:1/d'
}

# joins NAME INPUT RESTORED: masks INPUT once whole and once in shards, a contig (or several) each,
# given in another order; joined, they show and restore the same.
joins() {
    local name=$1 input=$2 restored=$3 shard=0 group pairs=()
    mask one "$input" --write-index
    rm -f shard*
    while read -ra group; do
        shard=$((shard + 1))
        mask shard$shard "$input" "${group[@]}" -@$((shard % 3))
        pairs=(shard$shard.bam shard$shard.bdiff "${pairs[@]}")
    done
    merge m "${pairs[@]}"
    cmp <(text one.bam) <(text m.bam)
    merge m2 "${pairs[@]}" -@2
    cmp <(masked_bytes m.bam) <(masked_bytes m2.bam)
    # The index is that of samtools.
    samtools index -c -o again.csi m.bam
    cmp <(bgzip -dc m.bam.csi) <(bgzip -dc again.csi)
    decrypt_as alice m.bdiff m.bam back.bam -V "$keys/owner.pub.pem"
    same "$restored" back.bam
    decrypt_as alice m2.bdiff m2.bam back.bam -@2
    same "$restored" back.bam
    note "$name: $shard shards"
}
contigs_of() { # and * behind them
    samtools idxstats "$1" 2>/dev/null | cut -f 1
}
each_contig() { # INPUT
    contigs_of "$1" | sed 's/^/-r /'
}

# Contigs of any kind: mates and SA on others, unmapped reads with and without a place, no reads.
make_input synth_bam.py mates 400
samtools index o.bam
for masking in permute synth; do
    options=()
    [ $masking = permute ] || options=(-T o.fa --qual keep)
    each_contig o.bam | joins "$masking, a contig each" o.bam o.bam
    samtools index shard1.bam
    # Blocks were copied, not made anew: samtools cat has the same.
    samtools cat --no-PG -o cat.bam $(for i in 1 2 3 4 5 6 7 8; do echo shard$i.bam; done)
    cmp <(blocks m.bam) <(blocks cat.bam)
    # Grants are those of one run.
    for region in chr1:1-9000 chr2 '*'; do
        varlock reencrypt -q --force -k "$keys/owner.pem" -p "$keys/bob.pub.pem" -r "$region" -d one.bdiff -o a.bdiff one.bam
        decrypt_as bob a.bdiff one.bam a.bam
        varlock reencrypt -q --force -k "$keys/alice.pem" -p "$keys/bob.pub.pem" -r "$region" -d m.bdiff -o b.bdiff m.bam
        decrypt_as bob b.bdiff m.bam b.bam
        cmp <(text a.bam) <(text b.bam)
        decrypt_as alice m.bdiff m.bam part.bam -r "$region"
        samtools view -h --no-PG -M o.bam "$region" | cmp - <(samtools view -h --no-PG part.bam)
    done
    # All of a shard is what it has of its contig, not more.
    for region in --all "-r chr1"; do
        # shellcheck disable=SC2086 # words
        varlock reencrypt -q --force -k "$keys/owner.pem" -p "$keys/bob.pub.pem" $region -d shard1.bdiff -o a.bdiff shard1.bam
        decrypt_as bob a.bdiff shard1.bam "part${region##* }.bam"
    done
    cmp <(text part--all.bam) <(text partchr1.bam)
    # Groups, in no order, with others between them.
    joins "$masking, groups" o.bam o.bam <<EOF
-r * -r tiny -r chr1
-r chr2 -r HLA-A*01:01:01:01
-r decoy -r empty -r chr1_alt
EOF
    joins "$masking, one shard of all" o.bam o.bam <<<"$(each_contig o.bam | tr '\n' ' ')"
done
# A second reader, written from the document.
second() {
    $python "$py/read_bdiff.py" "$@"
}
if $python -c 'import xxhash, zstandard' 2>/dev/null; then
    cmp <(varlock view -k "$keys/owner.pem" shard1.bdiff) <(second -k "$keys/owner.pem" shard1.bdiff)
    second -V "$keys/owner.pub.pem" -k "$keys/alice.pem" --restore m.bam m.bdiff o.bam
fi

options=(-T o.fa --qual keep)
for seed in $(by_tier 2 "2 5"); do
    make_input randbam.py $seed
    samtools index o.bam
    each_contig o.bam | joins "randbam $seed" o.bam o.bam
done
# Another index; several samples.
samtools index -c o.bam
rm o.bam.bai
each_contig o.bam | joins 'by CSI' o.bam o.bam
make_input synth_bam.py samples 300
samtools index o.bam
each_contig o.bam | joins samples o.bam o.bam

# Records that queries pass over: on a contig without a position (samtools indexes one a contig); unmapped
# ones before all others.
# A contig whose last reads lie far before its end, and one without reads before the next.
cat >edges.py <<'EOF'
import sys
sys.path.insert(0, sys.argv[1])
from bamfile import Record, header_text, write
records = [Record(name="a%d" % i, tid=0, pos=10 + i // 50, cigar=[(50, "M")], seq="ACGTA" * 10) for i in range(900)]
for tid in 2, 3:
    records += [Record(name="u%d.%d" % (tid, i), tid=tid, pos=pos, flag=4, seq="ACGTA" * 10)
                for i, pos in enumerate([-1] + [0] * 700 + [5] * 1400)]
    records += [Record(name="b%d.%d" % (tid, i), tid=tid, pos=5 + i, cigar=[(50, "M")], seq="ACGTA" * 10)
                for i in range(2000)]
records += [Record(name="n%d" % i, flag=4, seq="ACGTA" * 10) for i in range(700)]
contigs = [("c%d" % i, 3000000) for i in range(4)]
write("e.bam", header_text(contigs), contigs, records)
EOF
$python edges.py "$py"
{
    printf '##fileformat=VCFv4.2\n'
    printf '##INFO=<ID=%s,Number=1,Type=Integer,Description="">\n' AC AN
    printf '##contig=<ID=c%d,length=3000000>\n' 0 1 2 3
    printf '#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\nc0\t30\t.\tA\tC\t.\t.\tAC=30;AN=100\nc3\t40\t.\tG\tT\t.\t.\tAC=30;AN=100\n'
} >e.vcf
varlock vcf2vac -q -o pop.vac e.vcf
options=()
for kind in -b -c; do
    rm -f e.bam.*
    samtools index $kind e.bam
    each_contig e.bam | joins "edges, $kind" e.bam e.bam
done
# Blocks that hold header and records, as not all programs write them, and the empty one in between.
for i in 1 2 3 4 5; do
    bgzip -dc shard$i.bam | bgzip -c >s.bam
    mv s.bam shard$i.bam
done
merge m shard5.bam shard5.bdiff shard3.bam shard3.bdiff shard1.bam shard1.bdiff shard2.bam shard2.bdiff shard4.bam shard4.bdiff
cmp <(text one.bam) <(text m.bam)
joins 'edges, every second one' e.bam e.bam <<EOF
-r c0 -r c2 -r *
-r c3 -r c1
EOF
for i in 1 2; do
    bgzip -dc shard$i.bam | bgzip -c >s.bam
    mv s.bam shard$i.bam
done
merge m shard1.bam shard1.bdiff shard2.bam shard2.bdiff
cmp <(text one.bam) <(text m.bam)

# Files of nothing, of contigs without length, beyond what BAI takes, without @SQ lines or any header text.
options=()
for kind in empty no_contigs $(by_tier '' 'only_unmapped zero_length_neighbours mates_anywhere contig_over_2_29
    header_no_sq_lines header_no_text header_trailing_nuls'); do
    make_input odd_bam.py $kind
    samtools index -c o.bam
    each_contig o.bam | joins "odd $kind" o.bam o.bam
done

# What is decided by the first reads is decided by those of the whole file.
make_input synth_bam.py bisulfite 300
samtools index o.bam
first=$(contigs_of o.bam | head -n 1) last=$(contigs_of o.bam | tail -n 2 | head -n 1)
samtools view -h --no-PG o.bam | awk -F '\t' -v OFS='\t' -v c="$first" '$3 == c && /^[^@]/ { $0 = $0 "\tOQ:Z:" $11 } { print }' |
    samtools view --no-PG -b -o oq.bam -
samtools index oq.bam
options=(-T o.fa)
each_contig oq.bam | joins 'OQ on one contig' oq.bam oq.bam
samtools view -h --no-PG o.bam | awk -F '\t' -v OFS='\t' -v c="$first" '$3 == c && /^[^@]/ { $1 = "SRR1." $1 } { print }' |
    samtools view --no-PG -b -o names.bam -
samtools index names.bam
refuses 1 'archive accessions' mask no names.bam -r "$last"
