# Several inputs are converted as what `bcftools concat` makes of them, wherever they were cut and with any
# number of threads; the digest is that of their digests.  What cannot follow is refused.
. "$TOP/tests/cli/lib.bash"
command -v bcftools >/dev/null || { note 'bcftools is not installed'; exit 77; }

# What a VAC holds, its blocks as they are, less what tells its source.
contents() {
    varlock view --header "$1" | grep -v -e ^source_sha256 -e ^bytes_per_record
    python3 - "$1" <<'EOF'
import hashlib, struct, sys
vac = open(sys.argv[1], "rb").read()
print(hashlib.sha256(vac[:struct.unpack("<Q", vac[-32:-24])[0]]).hexdigest())
EOF
}

counts_of() {
    grep -v '^varlock' "$1"
}

# cut_at FILE N...: a.vcf, b.vcf and so on, which have the lines of FILE up to each N, and the rest.
cut_at() {
    local file=$1 from=1 n part
    parts=()
    shift
    for n in "$@" 1000000; do
        part=$(printf "\\$(printf %o $((97 + ${#parts[@]})))").vcf
        { grep '^#' "$file"; grep -v '^#' "$file" | awk -v from="$from" -v to="$n" 'NR >= from && NR <= to'; } >"$part"
        parts+=("$part")
        from=$((n + 1))
    done
}

for seed in $(seq 1 24); do
    [ $((seed % 6)) -ne 0 ] || continue
    python3 "$py/odd_vcf.py" "$seed" | tr -d '\r' >o.vcf
    n=$(grep -vc '^#' o.vcf)
    cut_at o.vcf $((n / 7)) $((n / 7 + 1)) $((n / 2)) $((n - 3))
    bcftools concat --no-version -o whole.vcf "${parts[@]}" 2>concat.err
    varlock vcf2vac --verbose -o whole.vac whole.vcf 2>whole.err
    contents whole.vac >whole.txt
    bgzip -f b.vcf
    bcftools view --no-version -Ob -o c.bcf c.vcf 2>view.err
    for threads in 0 1 3 9; do
        varlock vcf2vac --verbose -@$threads -o several.vac a.vcf b.vcf.gz - c.bcf e.vcf <d.vcf 2>several.err && exit 1
        varlock vcf2vac --verbose -@$threads -o several.vac a.vcf b.vcf.gz c.bcf - e.vcf <d.vcf 2>several.err
        contents several.vac | diff whole.txt -
        diff <(counts_of whole.err) <(counts_of several.err) >&2
    done
    digest=$(for part in a.vcf b.vcf.gz c.bcf d.vcf e.vcf; do sha256sum "$part"; done | cut -d ' ' -f 1 |
        python3 -c 'import hashlib, sys; print(hashlib.sha256(bytes.fromhex(sys.stdin.read())).hexdigest())')
    [ "$(varlock view --header several.vac | sed -n 's/^source_sha256\t//p')" = "$digest" ]
done

# Lines of one position, and a position whose ALTs exceed the total, cut at each place.
header='##fileformat=VCFv4.3
##contig=<ID=c1,length=1000>
##contig=<ID=c2,length=1000>
##INFO=<ID=AC,Number=A,Type=Integer,Description="">
##INFO=<ID=AN,Number=1,Type=Integer,Description="">
#CHROM	POS	ID	REF	ALT	QUAL	FILTER	INFO'
line() {
    printf '%s\t%s\t.\t%s\t%s\t.\t.\t%s\n' "$@"
}
{
    echo "$header"
    line c1 5 AT A 'AC=1;AN=9'
    line c1 5 A C 'AC=6;AN=10'
    line c1 5 A C 'AC=1;AN=10'
    line c1 5 A 'G,*' 'AC=3,2;AN=9'
    line c1 5 A T 'AC=1;AN=12'
    line c1 7 G '<DEL>' 'AC=1;AN=12'
    line c2 7 G A 'AC=1;AN=12'
    line c2 9 G A 'AC=13;AN=12'
} >o.vcf
varlock vcf2vac --verbose -o whole.vac o.vcf 2>whole.err
contents whole.vac >whole.txt
for i in $(seq 0 8); do
    for j in $(seq "$i" 8); do
        cut_at o.vcf "$i" "$j"
        varlock vcf2vac --verbose -@1 -o several.vac "${parts[@]}" 2>several.err
        contents several.vac | diff whole.txt -
        diff <(counts_of whole.err) <(counts_of several.err) >&2
    done
done

# One contig a file, as each header knows its own.
sed -e /c2/d o.vcf >1.vcf
sed -e '/^##.*c1/d' -e '/^c1/d' o.vcf >2.vcf
varlock vcf2vac -q -o several.vac 1.vcf 2.vcf
contents several.vac | diff whole.txt -
varlock vcf2vac -q -o several.vac 2.vcf 1.vcf
[ "$(varlock view several.vac | cut -f 1 | uniq | tr '\n' ' ')" = '#CONTIG c2 c1 ' ]
# A list may be a pipe.
varlock vcf2vac -q -o several.vac --contigs <(printf 'c1\t1000\nc2\t1000\n') 1.vcf 2.vcf
contents several.vac | diff whole.txt -

rm -f several.vac ./*.err
cut_at o.vcf 5 6
cp 1.vcf again.vcf
ln -s 1.vcf link.vcf
for threads in 0 2; do
    refuses 1 'a.vcf: line 7, record 1 \(c1:5\): not sorted: .*7 of a VCF given before' \
        varlock vcf2vac -@$threads -q -o out.vac b.vcf a.vcf
    refuses 1 'again.vcf: line .*not sorted' varlock vcf2vac -@$threads -q -o out.vac 1.vcf again.vcf
    refuses 1 'again.vcf: not sorted: contig c1 had its records before' \
        varlock vcf2vac -@$threads -q -o out.vac 1.vcf 2.vcf again.vcf
    refuses 2 '1.vcf and link.vcf are the same file' varlock vcf2vac -@$threads -q -o out.vac 1.vcf 2.vcf link.vcf
    refuses 2 '1.vcf and 1.vcf are the same file' varlock vcf2vac -@$threads -q -o out.vac 1.vcf 1.vcf
    refuses 2 '2.vcf.*same file' varlock vcf2vac -@$threads -q -o 2.vcf 1.vcf 2.vcf
    sed 's/length=1000/length=999/' 2.vcf >length.vcf
    sed 's/c1,length=1000/c1,length=999/' o.vcf | grep -v '^c1' >other.vcf
    varlock vcf2vac -q -o out.vac 1.vcf length.vcf
    rm out.vac
    refuses 1 'other.vcf: contig c1 has 999 bases, but 1000' varlock vcf2vac -@$threads -q -o out.vac 1.vcf other.vcf
    sed 's/^c2\t7\tG/c2\t7\tT/; s/^c2\t7\t\.\tG/c2\t7\t.\tT/' 2.vcf >ref.vcf
    { sed '/^c2\t9/d' 2.vcf; } >before.vcf
    refuses 1 'ref.vcf: line 6, record 1 \(c2:7\): REF T, but G' varlock vcf2vac -@$threads -q -o out.vac before.vcf ref.vcf
    # The first of the files that fail is told, and no other.
    refuses 1 'absent.vcf: cannot open: No such file' varlock vcf2vac -@$threads -q -o out.vac 1.vcf absent.vcf ref.vcf gone.vcf
    # A length that one header lacks and another tells.
    sed 's/,length=1000//' 2.vcf >unknown.vcf
    printf '%s\n' "$header" | sed 's/c2,length=1000/c2,length=8/' >short.vcf
    refuses 1 'contig c2: position 9 lies behind its end at 8' varlock vcf2vac -@$threads -q -o out.vac unknown.vcf short.vcf
    refuses 1 'no sites from 1 lines: 1 not SNV' varlock vcf2vac -@$threads -q -o out.vac <(echo "$header") <(echo "$header"; line c1 5 AT A .)
done
varlock vcf2vac -o out.vac 1.vcf <(echo "$header") 2>err
grep -q '/dev/fd/.*: no sites' err
