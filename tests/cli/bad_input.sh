# What cannot be done is refused with the right exit code (1 data or I/O, 2 usage, 3 key refused
# or not granted) and one line that says what to do; nothing is left behind.
. "$TOP/tests/cli/lib.bash"

python3 "$py/randbam.py" 2 o
samtools index o.bam
varlock vcf2vac -q -o pop.vac o.vcf
encrypt_for_owner pop.vac o.bam m
varlock reencrypt -q -k "$keys/owner.pem" -p "$keys/alice.pub.pem" -r c2:1001-20000 -d m.bdiff -o a.bdiff m.bam
mask=(varlock encrypt -q --mask permute -p "$keys/owner.pub.pem" -d out.bdiff -o out.bam --write-index)
restore=(varlock decrypt -q -k "$keys/owner.pem" -d m.bdiff -o out.bam)
cut=(varlock reencrypt -q -k "$keys/owner.pem" -p "$keys/bob.pub.pem" -d m.bdiff -o out.bdiff)

# Inputs that are missing, or are something else.
for missing in none/none.bam none.bam; do
    refuses 1 "$missing: .*No such file" "${mask[@]}" -a pop.vac $missing
    refuses 1 "$missing: .*No such file" "${restore[@]}" $missing
    refuses 1 "$missing: .*No such file" "${cut[@]}" -r c2 $missing
    refuses 1 "$missing: .*No such file" "${mask[@]}" -a $missing o.bam
    refuses 1 "$missing: .*No such file" varlock decrypt -q -k "$keys/owner.pem" -d $missing -o out.bam m.bam
    refuses 1 "$missing: .*No such file" varlock vcf2vac -q -o out.vac $missing
    refuses 1 "$missing: .*No such file" "${restore[@]}" -R $missing m.bam
done
refuses 1 'o.vcf: not a BAM, CRAM or SAM' "${mask[@]}" -a pop.vac o.vcf
refuses 1 'o.bam: ' "${mask[@]}" -a o.bam o.bam
refuses 1 'o.vcf: ' "${mask[@]}" -a o.vcf o.bam
refuses 1 'o.bam: ' varlock vcf2vac -q -o out.vac o.bam
: >nothing
refuses 1 'nothing: ' "${mask[@]}" -a pop.vac nothing
refuses 1 'nothing: ' "${mask[@]}" -a nothing o.bam
refuses 1 'nothing: ' varlock vcf2vac -q -o out.vac nothing
refuses 1 '\.: ' "${mask[@]}" -a pop.vac .

# A record before its contig, which no SAM text has.
samtools view -H o.bam | python3 -c '
import re, sys
sys.path.insert(0, sys.argv[1])
from bamfile import Record, header_text, write
contigs = [(name, int(n)) for name, n in re.findall("SN:([^\t]+)\tLN:([0-9]+)", sys.stdin.read())]
write("before.bam", header_text(contigs), contigs, [Record(name="r", flag=4, tid=1, pos=-2, seq="A", qual=b"!")])
' "$py"
refuses 1 'before.bam: record r lies before its contig' "${mask[@]}" -a pop.vac before.bam

# Order.
samtools sort -n -o unsorted.bam o.bam
refuses 1 'unsorted.bam: not sorted by coordinate .*samtools sort' "${mask[@]}" -a pop.vac unsorted.bam
refuses 1 'unsorted.bam: not sorted by coordinate' "${mask[@]}" -@4 -a pop.vac unsorted.bam
samtools view -h unsorted.bam | sed 's/SO:queryname/SO:coordinate/' | samtools view -b -o claims.bam -
refuses 1 'not sorted by coordinate \(.*:[0-9]+ follows .*:[0-9]+\)' "${mask[@]}" -a pop.vac claims.bam

# Regions.
cp m.bam plain.bam
refuses 1 'plain.bam: has no index.*samtools index plain.bam' "${restore[@]}" -r c2:1-100 plain.bam
refuses 1 'plain.bam: has no index.*samtools index plain.bam' "${cut[@]}" -r c2:1-100 plain.bam
refuses 2 'nowhere' "${restore[@]}" -r nowhere m.bam
refuses 2 'c2:9-3' "${restore[@]}" -r c2:9-3 m.bam
refuses 2 'c2:x' "${cut[@]}" -r c2:x m.bam
printf 'c2\t5\n' >bad.bed
refuses 1 'bad.bed:? ?(line )?1' "${restore[@]}" -R bad.bed m.bam
alice=(varlock decrypt -q -k "$keys/alice.pem" -d a.bdiff -o out.bam)
for region in c2 c2:1-2000 c2:1000-1001 c2:20000-20001 c2:30000-30010 c1 '*'; do
    refuses 3 'a.bdiff: does not grant .*it grants: c2:1001-20000' "${alice[@]}" -r "$region" m.bam
    refuses 3 'it grants: c2:1001-20000' varlock reencrypt -q -k "$keys/alice.pem" -p "$keys/bob.pub.pem" \
        -d a.bdiff -o out.bdiff -r "$region" m.bam
done
refuses 3 'it grants: c2:1001-20000' "${alice[@]}" --unmapped m.bam

# Another assembly.
sed 's/^\(##contig=<ID=c2,length=\)250000/\1249999/' o.vcf >length.vcf
awk '/^#/ || $2 < 249000' length.vcf >lengths.vcf
varlock vcf2vac -q -o length.vac lengths.vcf
refuses 1 'c2 has 249999 bases.*250000' "${mask[@]}" -a length.vac o.bam
sed 's/^\(##contig=<ID=\)/\1chr/; s/^c/chrc/' o.vcf >names.vcf
varlock vcf2vac -q -o names.vac names.vcf
refuses 1 'no contig in common.*--rename-contigs' "${mask[@]}" -a names.vac o.bam
samtools view -H o.bam | sed 's/\(SN:c2.*\)/\1\tM5:00000000000000000000000000000001/' >header
samtools reheader -P header o.bam >m5.bam
sed 's/^\(##contig=<ID=c2,length=250000\)/\1,md5=00000000000000000000000000000002/' o.vcf >m5.vcf
varlock vcf2vac -q -o m5.vac m5.vcf
refuses 1 'c2 has another M5' "${mask[@]}" -a m5.vac m5.bam

# VCFs that say too little.
grep -v '^##contig' o.vcf >no_contigs.vcf
refuses 1 'no_contigs.vcf: .*--contigs' varlock vcf2vac -q -o out.vac no_contigs.vcf
grep -v '^##INFO' o.vcf | sed 's/AC=.*/./' >no_counts.vcf
refuses 1 'no_counts.vcf: .*AC' varlock vcf2vac -q -o out.vac no_counts.vcf
(grep '^#' o.vcf; grep -v '^#' o.vcf | tac) >backwards.vcf
refuses 1 'backwards.vcf: ' varlock vcf2vac -q -o out.vac backwards.vcf

# Cut off, in the header, in the middle, at a block's edge, without the end block.
size=$(stat -c %s o.bam)
masked_size=$(stat -c %s m.bam)
for cut_at in 0 1 20 300 100000 300000 -29 -28 -1; do
    head -c $((cut_at < 0 ? size + cut_at : cut_at)) o.bam >cut.bam
    refuses 1 'cut.bam: ' "${mask[@]}" -a pop.vac cut.bam
    head -c $((cut_at < 0 ? masked_size + cut_at : cut_at)) m.bam >cut.bam
    refuses 1 'cut.bam: ' "${restore[@]}" cut.bam
    refuses 1 'cut.bam: ' "${cut[@]}" --all cut.bam
done
# On a pipe the missing end shows when it comes.
piped() {
    local bytes=$1
    shift
    head -c "$bytes" "${@: -1}" | "${@:1:$#-1}" -
}
for cut_at in 300000 -28; do
    refuses 1 'truncated|corrupt' piped $((cut_at < 0 ? size + cut_at : cut_at)) "${mask[@]}" -a pop.vac o.bam
    refuses 1 'truncated|corrupt' piped $((cut_at < 0 ? masked_size + cut_at : cut_at)) "${restore[@]}" m.bam
done
head -c 200 pop.vac >cut.vac
refuses 1 'cut.vac: ' "${mask[@]}" -a cut.vac o.bam
rm cut.bam

refuses 1 'm.bam: is masked already' "${mask[@]}" -a pop.vac m.bam

# Keys.
for key in rsa1024 ec-p256; do
    refuses 3 "$key.pub.pem: " varlock encrypt -q --mask permute -a pop.vac -p "$keys/$key.pub.pem" -d out.bdiff -o out.bam o.bam
    refuses 3 "$key.pub.pem: " varlock reencrypt -q -k "$keys/owner.pem" -p "$keys/$key.pub.pem" -r c2 -d m.bdiff -o out.bdiff m.bam
    refuses 3 "$key.pem: " varlock decrypt -q -k "$keys/$key.pem" -d m.bdiff -o out.bam m.bam
    refuses 3 "$key.pem: " "${mask[@]}" -s "$keys/$key.pem" -a pop.vac o.bam
    refuses 3 "$key.pub.pem: " "${restore[@]}" -V "$keys/$key.pub.pem" m.bam
done
refuses 3 'owner.pem: .*public' varlock encrypt -q --mask permute -a pop.vac -p "$keys/owner.pem" -d out.bdiff -o out.bam o.bam
refuses 3 'owner.pub.pem: .*private' varlock decrypt -q -k "$keys/owner.pub.pem" -d m.bdiff -o out.bam m.bam
refuses 3 'o.vcf: ' varlock encrypt -q --mask permute -a pop.vac -p o.vcf -d out.bdiff -o out.bam o.bam
head -c 31 /dev/zero >short.key
refuses 3 'short.key: .*32' "${mask[@]}" --mask-key short.key -a pop.vac o.bam

# Outputs.
mkdir directory
for target in directory none/out; do
    code=1
    [ $target != directory ] || code=2
    refuses $code "$target: " varlock encrypt -q --mask permute -a pop.vac -p "$keys/owner.pub.pem" -d out.bdiff -o $target o.bam
    refuses $code "$target: " varlock encrypt -q --mask permute -a pop.vac -p "$keys/owner.pub.pem" -d $target -o out.bam o.bam
    refuses $code "$target: " varlock decrypt -q -k "$keys/owner.pem" -d m.bdiff -o $target m.bam
    refuses $code "$target: " varlock vcf2vac -q -o $target o.vcf
    refuses $code "$target: " varlock reencrypt -q --all -k "$keys/owner.pem" -p "$keys/bob.pub.pem" -d m.bdiff -o $target m.bam
done
refuses 2 'same file' varlock decrypt -q -k "$keys/owner.pem" -d m.bdiff -o m.bam m.bam
refuses 2 '--write-index' varlock decrypt -q -k "$keys/owner.pem" -d m.bdiff -O sam --write-index -o out.sam m.bam

# A disk that is full: at once, or after 100 kB.
full() {
    "$@" >/dev/full
}
refuses 1 'No space left' full varlock encrypt -q --mask permute -a pop.vac -p "$keys/owner.pub.pem" -d out.bdiff -o - o.bam
refuses 1 'No space left' full varlock decrypt -q -k "$keys/owner.pem" -d m.bdiff -o - m.bam
refuses 1 'No space left' full varlock decrypt -q -k "$keys/owner.pem" -d m.bdiff -O sam -o - m.bam
limited() (
    trap '' XFSZ
    ulimit -f 100
    "$@"
)
refuses 1 'File too large' limited "${mask[@]}" -a pop.vac o.bam
refuses 1 'File too large' limited "${restore[@]}" m.bam
# htslib keeps the memory of a file whose writing thread failed.
ASAN_OPTIONS=detect_leaks=0 refuses 1 'File too large' limited "${restore[@]}" -@4 m.bam
refuses 1 'File too large' limited varlock vcf2vac -q -o out.vac o.vcf
refuses 1 'File too large' limited "${cut[@]}" --all m.bam

# A failed run to stdout does not look finished: no end block.
head -c $((size / 2)) o.bam | varlock encrypt -q --mask permute -a pop.vac -p "$keys/owner.pub.pem" -d out.bdiff -o - - >stream 2>/dev/null && exit 1
[ "$(tail -c 28 stream | od -An -tx1 | tr -d ' \n')" != 1f8b08040000000000ff0600424302001b0003000000000000000000 ]
[ ! -e out.bdiff ]
rm stream

# Killed halfway: the input stalls, the temporaries are there.
ends_when_killed o.bam varlock encrypt -q --mask permute -a pop.vac -p "$keys/owner.pub.pem" -d killed/out.bdiff \
    -o killed/out.bam --write-index -
