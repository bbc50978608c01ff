# What is no shard, or no complete set of shards of one run, is refused with a line that says why, and
# leaves nothing behind.
. "$TOP/tests/cli/lib.bash"
printf %032d 7 >key
printf %032d 8 >key2
make_input synth_bam.py samples 300
samtools index o.bam
samtools faidx o.fa
mapfile -t contigs < <(samtools view -H o.bam | sed -n 's/^@SQ\tSN:\([^\t]*\).*/\1/p')
[ ${#contigs[@]} -ge 2 ]

mask() { # PREFIX [options]
    local prefix=$1
    shift
    varlock encrypt -q $(masking "$@") --force -a pop.vac -p "$keys/owner.pub.pem" -d "$prefix.bdiff" -o "$prefix.bam" "$@"
}
shard=(--mask-key key -T o.fa --qual keep)

# encrypt -r
refuses 2 'needs --mask-key' mask no -T o.fa --qual keep -r "${contigs[0]}" o.bam
refuses 2 'whole contigs' mask no "${shard[@]}" -r "${contigs[0]}:1-1000" o.bam
refuses 2 'whole contigs' mask no "${shard[@]}" -r "${contigs[0]}" -r "${contigs[1]}:2-" o.bam
refuses 2 'unknown contig' mask no "${shard[@]}" -r nowhere o.bam
from_pipe() {
    mask no "${shard[@]}" -r "${contigs[0]}" - <o.bam
}
refuses 1 'not SAM or a pipe' from_pipe
samtools view -C -T o.fa -o o.cram o.bam 2>/dev/null
samtools index o.cram
refuses 1 'o.cram: shards are made of an indexed BAM' mask no "${shard[@]}" -r "${contigs[0]}" o.cram
cp o.bam bare.bam
refuses 1 'has no index' mask no "${shard[@]}" -r "${contigs[0]}" bare.bam
samtools view -h --no-PG o.bam | awk '/^@/ || NR % 7' | samtools view --no-PG -b -o old.bam -
samtools index old.bam
samtools view --no-PG -b -l 0 -o old.bam o.bam 2>/dev/null
refuses 1 'its index counts|truncated or corrupt|cannot seek' mask no "${shard[@]}" -r "${contigs[1]}" old.bam
# A contig that the index says has more records than the file.
samtools view -h --no-PG o.bam | awk -F '\t' -v c="${contigs[1]}" '/^@/ || $3 != c || n++' |
    samtools view --no-PG -b -o less.bam -
cp o.bam.bai less.bam.bai
refuses 1 'its index counts [0-9]+ records on|truncated or corrupt' mask no "${shard[@]}" -r "${contigs[1]}" less.bam

# Shards of one run, and others that differ in one thing.
options_of() {
    options=()
    local c
    for c; do
        options+=(-r "$c")
    done
}
mask a "${shard[@]}" -s "$keys/owner.pem" -r "${contigs[0]}" o.bam
options_of "${contigs[@]:1}" '*'
mask b "${shard[@]}" "${options[@]}" -s "$keys/owner.pem" o.bam
merge() {
    varlock merge -q -k "$keys/owner.pem" -p "$keys/owner.pub.pem" -d m.bdiff -o m.bam "$@"
}
merge b.bam b.bdiff a.bam a.bdiff
rm m.*
differs() { # WHAT [encrypt options]
    local what=$1
    shift
    mask x "$@" "${options[@]}" o.bam
    refuses 1 "^varlock merge: a.bdiff and x.bdiff are not shards of one run: they differ in .*$what" \
        merge a.bam a.bdiff x.bam x.bdiff
}
differs 'masking key$' --mask-key key2 -T o.fa --qual keep
differs masking --mask-key key
differs options "${shard[@]}" --qual flat
differs options "${shard[@]}" --names token
differs options "${shard[@]}" --max-insert 500
differs options "${shard[@]}" --max-shift 500
differs options "${shard[@]}" --keep-discordant
differs options "${shard[@]}" --haploid "${contigs[0]}"
differs options "${shard[@]}" --keep-tags AS
differs drop-tags "${shard[@]}" --drop-tags AS
printf '%s\t10\t20\n' "${contigs[1]}" >v.bed
differs options "${shard[@]}" --vault v.bed
cp pop.vac keep.vac
sed 's/AC=[0-9]*/AC=7/' o.vcf >x.vcf
varlock vcf2vac -q -o pop.vac x.vcf
differs VAC "${shard[@]}"
mv keep.vac pop.vac
# Another original: of another header; of the same one and other reads, the first of them or the last.
cp o.bam keep.bam
samtools view -h --no-PG keep.bam | sed 's/^@HD.*/&\n@CO\tother/' | samtools view --no-PG -b -o o.bam -
samtools index o.bam
differs 'header of the original' "${shard[@]}"
samtools view -h --no-PG keep.bam | awk -F '\t' -v OFS='\t' '!/^@/ && !n++ { $1 = "other" } { print }' |
    samtools view --no-PG -b -o o.bam -
samtools index o.bam
differs original "${shard[@]}"
samtools view -h --no-PG keep.bam | head -n -1 | samtools view --no-PG -b -o o.bam -
samtools index o.bam
differs original "${shard[@]}"
cp keep.bam o.bam
samtools index o.bam

# Sets that are not complete, files that are no shards.
refuses 1 "no shard given covers: ${contigs[1]}.* \*$" merge a.bam a.bdiff
refuses 1 "no shard given covers: ${contigs[0]}$" merge b.bam b.bdiff
refuses 1 "a.bdiff and a.bdiff overlap: both cover ${contigs[0]}$" merge a.bam a.bdiff b.bam b.bdiff a.bam a.bdiff
mask all "${shard[@]}" o.bam
refuses 1 'all.bdiff: is not a shard but the BDIFF of a whole file' merge a.bam a.bdiff all.bam all.bdiff
samtools index b.bam
varlock reencrypt -q --all -k "$keys/owner.pem" -p "$keys/owner.pub.pem" -d b.bdiff -o slice.bdiff b.bam
refuses 1 'slice.bdiff: is not a shard but a slice' merge a.bam a.bdiff b.bam slice.bdiff
refuses 2 'pairs' merge a.bam a.bdiff b.bam
refuses 2 'shard.bam shard.bdiff ... is missing' merge
refuses 3 'not a BDIFF' merge a.bdiff a.bam
refuses 3 'a.bam: was not masked together' merge a.bam a.bdiff a.bam b.bdiff
refuses 1 'gone.bdiff: No such file' merge a.bam gone.bdiff
refuses 1 'gone.bam: cannot open' merge gone.bam a.bdiff
refuses 2 'must be a file' merge -o - a.bam a.bdiff b.bam b.bdiff
refuses 2 '/dev/null: .*must be a file' merge -o /dev/null a.bam a.bdiff b.bam b.bdiff
for output in a.bam b.bdiff key; do
    refuses 2 'are the same file' varlock merge -k key -p "$keys/owner.pub.pem" -d m.bdiff -o $output a.bam a.bdiff b.bam b.bdiff
    refuses 2 'are the same file' varlock merge -k key -p "$keys/owner.pub.pem" -o m.bam -d $output a.bam a.bdiff b.bam b.bdiff
done
samtools view -C -T o.fa -o b.cram b.bam 2>/dev/null
refuses 1 'b.cram: shards are joined as BAM' merge a.bam a.bdiff b.cram b.bdiff
samtools view -h --no-PG -o b.sam b.bam
refuses 1 'b.sam: shards are joined as BAM' merge a.bam a.bdiff b.sam b.bdiff

# Keys and signatures.
refuses 3 'alice.pem is not the key' varlock merge -q -k "$keys/alice.pem" -p "$keys/owner.pub.pem" -d m.bdiff -o m.bam \
    a.bam a.bdiff b.bam b.bdiff
refuses 3 'was not signed with the key of .*bob.pub.pem' merge -V "$keys/bob.pub.pem" a.bam a.bdiff b.bam b.bdiff
mask b "${shard[@]}" "${options[@]}" o.bam
refuses 3 'b.bdiff: is not signed' merge -V "$keys/owner.pub.pem" a.bam a.bdiff b.bam b.bdiff

# Shards that were cut or changed: the file that is wrong is named.
for file in a b; do
    head -c $(($(stat -c %s $file.bam) - 100)) $file.bam >cut.bam
    head -c $(($(stat -c %s $file.bdiff) - 1)) $file.bdiff >cut.bdiff
    other=$([ $file = a ] && echo b || echo a)
    refuses 1 'cut.bam: truncated' merge cut.bam $file.bdiff $other.bam $other.bdiff
    refuses 3 'cut.bdiff: ' merge $file.bam cut.bdiff $other.bam $other.bdiff
    read -ra changes < <(python3 "$py/change_bam.py")
    [ "$TIER" != quick ] || changes=("${changes[0]}")
    for change in "${changes[@]}"; do
        python3 "$py/change_bam.py" $file.bam bad.bam "$change"
        for threads in 0 2; do
            refuses 3 '^varlock merge: bad.bam: .*(not those that were masked|missing|was not there)' \
                merge -@$threads bad.bam $file.bdiff $other.bam $other.bdiff
        done
    done
done
# A damaged block, a record of another shard, records out of order.
flip='import sys; d = bytearray(open(sys.argv[1], "rb").read()); d[len(d) // 2] ^= 255; open("bad.bam", "wb").write(d)'
for file in a b; do
    other=$([ $file = a ] && echo b || echo a)
    for threads in 0 2; do
        python3 -c "$flip" $file.bam
        # htslib 1.16 loses a result of its pool after a block that cannot be inflated.
        ASAN_OPTIONS=detect_leaks=0 refuses 1 '^varlock merge: bad.bam: truncated or corrupt' \
            merge -@$threads bad.bam $file.bdiff $other.bam $other.bdiff
        { samtools view -h --no-PG $file.bam && samtools view $other.bam | sed -n 1p; } | samtools view --no-PG -b -o bad.bam -
        refuses 3 '^varlock merge: bad.bam: record .* (was not there|is out of order)' \
            merge -@$threads bad.bam $file.bdiff $other.bam $other.bdiff
        samtools view -h --no-PG $file.bam | awk '/^@/ { print; next } !n++ { first = $0; next } { print } END { print first }' |
            samtools view --no-PG -b -o bad.bam -
        refuses 3 '^varlock merge: bad.bam: ' merge -@$threads bad.bam $file.bdiff $other.bam $other.bdiff
    done
done
