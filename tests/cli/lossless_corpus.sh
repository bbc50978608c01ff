# The alignment files of Debian's htslib-test and samtools-test packages, masked and restored.
# What does not count is listed with its reason.
# Tier: long
. "$TOP/tests/cli/lib.bash"
if ! command -v dpkg >/dev/null; then
    note "no dpkg to ask for the packages' files"
    exit 77
fi
mapfile -t files < <(dpkg -L htslib-test samtools-test 2>/dev/null | grep -E '\.(sam|bam|cram)$' | sort)
if [ ${#files[@]} -eq 0 ]; then
    note "htslib-test and samtools-test are not installed"
    exit 77
fi

# Only the references beside the files, none from the net.
export REF_PATH=$PWD/none REF_CACHE=$PWD/none

# Options naming the FASTA a CRAM was made with: ce#1.cram -> ce.fa
reference_of() {
    local stem=${1%.cram}
    reference=()
    for stem in "$stem" "${stem%%#*}"; do
        [ -e "$stem.fa" ] && reference=(-T "$stem.fa")
    done
    return 0
}

# Why samtools would not have it, or nothing.  A sorted file can be indexed.
reason() {
    local file=$1
    samtools view "${reference[@]}" -H "$file" >header 2>/dev/null || { echo "samtools cannot read it"; return; }
    case $file in
    *.sam) ;;
    *) samtools quickcheck "$file" 2>/dev/null || { echo "samtools quickcheck refuses it"; return; } ;;
    esac
    grep -q '^@SQ' header || { echo "no @SQ lines"; return; }
    grep -qE '^@CO.varlock:1' header && { echo "masked"; return; }
    samtools view "${reference[@]}" --no-PG "$file" >records.sam 2>/dev/null || { echo "samtools cannot read it"; return; }
    awk -F '\t' 'FNR == NR { if ($1 == "@SQ") for (i = 2; i <= NF; i++) if ($i ~ /^SN:/) number[substr($i, 4)] = ++n; next }
         { contig = $3 == "*" ? n + 1 : number[$3]
           if (contig < last || (contig == last && $4 + 0 < pos)) exit 1
           last = contig; pos = $4 + 0 }' header records.sam || { echo "not sorted by coordinate"; return; }
}

# SAM is compared as SAM where BAM cannot hold it: positions beyond 2^31, headers that differ.
round_trip_as() {
    local file=$1 format=$2
    varlock encrypt -q --force --mask permute "${reference[@]}" -O "$format" -a pop.vac -p "$keys/owner.pub.pem" -d masked.bdiff -o "masked.$format" "$file"
    decrypt_as owner masked.bdiff "masked.$format" "back.$format"
}

compared=0
for file in "${files[@]}"; do
    reference_of "$file"
    why=$(reason "$file")
    if [ -n "$why" ]; then
        note "skipped: $file: $why"
        continue
    fi
    python3 "$py/random_vcf.py" 5 <header >pop.vcf
    varlock vcf2vac -q -o pop.vac pop.vcf
    format=bam
    awk -F '[\t:]' '$1 == "@SQ" { for (i = 2; i < NF; i++) if ($i == "LN" && $(i + 1) > 2147483647) long = 1 }
                    END { exit !long }' header && format=sam
    round_trip_as "$file" $format
    same "${reference[@]}" "$file" "back.$format" >../difference 2>&1 || { note "$file: $(cat ../difference)"; exit 1; }
    compared=$((compared + 1))
done
note "$compared of ${#files[@]} files compared, all equal"
[ $compared -gt 100 ]
