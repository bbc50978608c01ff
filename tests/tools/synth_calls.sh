#!/usr/bin/env bash
# Do other programs find the synthetic person, and nobody else, in a file masked by synth?
#   synth_calls.sh [--haploid] MASKED.bam REF.fa KEY VAC.txt SM CONTIG [SAMPLE]
# KEY, VAC.txt and SM as for persona.py; SAMPLE (sample1...) is what a file of several samples calls
# SM.  Asks samtools calmd for MD and NM, samtools fixmate for what mates say of each other, and
# bcftools for the genotypes on CONTIG.  Prints numbers; exits 1 where something is not as it should be.
set -euo pipefail
tools=$(cd "$(dirname "$0")" && pwd)
haploid=()
if [ "${1-}" = --haploid ]; then
    haploid=(--haploid)
    shift
fi
if [ $# -lt 6 ]; then
    sed -n 's/^# *\(synth_calls.sh\)/usage: \1/p' "$0" >&2
    exit 2
fi
masked=$1 key=$3 vac=$4 sm=$5 contig=$6 sample=${7-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0

fault() {
    echo "synth_calls: $*"
    status=1
}

# The index of a FASTA goes beside it, where nobody may be able to write.
case $2 in
*.gz) bgzip -dc "$2" >"$work/ref.fa" ;;
*) ln -s "$(realpath "$2")" "$work/ref.fa" ;;
esac
reference=$work/ref.fa
samtools faidx "$reference"

check_calmd() {
    samtools view "$masked" >"$work/as_is"
    samtools calmd -Q "$masked" "$reference" 2>"$work/log" | samtools view - >"$work/calmd"
    diff "$work/as_is" "$work/calmd" >"$work/diff" ||
        fault "calmd changes records: $(sed -n 2p "$work/diff")"
    echo "calmd: $(wc -l <"$work/as_is") records, $(grep -c '^<' "$work/diff" || true) changed"
}

# Pairs whose flags agree, as those of the original did; fixmate keeps their order, so that its
# output is compared as it is.
check_fixmate() {
    samtools sort -n -O sam "$masked" 2>"$work/log" | awk -F '\t' '
        function has(flag, bit) { return int(flag / bit) % 2 }
        function names(a, b) { return has(a, 8) == has(b, 4) && has(a, 32) == has(b, 16) }
        /^@/ { print; next }
        $1 == name && mate != "*" && $7 != "*" && names(flag, $2) && names($2, flag) &&
            has(flag, 64) + has($2, 64) == 1 && has(flag, 128) + has($2, 128) == 1 {
            print line "\n" $0
        }
        { name = $1 == name ? "" : $1; flag = $2; mate = $7; line = $0 }' >"$work/pairs.sam"
    samtools fixmate -O sam "$work/pairs.sam" "$work/fixed.sam"
    grep -v '^@' "$work/pairs.sam" | cut -f 1-9 >"$work/pairs" || true
    grep -v '^@' "$work/fixed.sam" | cut -f 1-9 >"$work/fixed" || true
    diff "$work/pairs" "$work/fixed" >"$work/diff" ||
        fault "fixmate changes mates: $(sed -n 2p "$work/diff")"
    echo "fixmate: $(($(wc -l <"$work/pairs") / 2)) pairs," \
        "$(grep -c '^<' "$work/diff" || true) records changed"
}

# The reads of SAMPLE on the contig; without those of no SEQ, over which bcftools 1.16 stumbles.
choose_reads() {
    local wanted='seq =~ "^[A-Z]"' groups
    if [ -n "$sample" ]; then
        groups=$(samtools view -H "$masked" | grep '^@RG' | tr '\t' '\n' | awk -v sample="$sample" '
            /^ID:/ { id = substr($0, 4) }
            $0 == "SM:" sample { printf "%s%s", n++ ? "|" : "", id }')
        wanted="$wanted && [RG] =~ \"^($groups)\$\""
    fi
    samtools index -c -o "$work/masked.csi" "$masked"
    samtools view -b -o "$work/chosen.bam" -e "$wanted" -X "$masked" "$work/masked.csi" "$contig"
    samtools index -c "$work/chosen.bam"
}

# POS, alleles, genotype in bases and depths of each place of the contig that reads cover.
call() {
    bcftools mpileup -Ou -f "$reference" -r "$contig" -B -A -I -q 60 -d 1000000 -a AD \
        --ignore-RG "$work/chosen.bam" 2>"$work/log" |
        bcftools call -m --ploidy $((2 - ${#haploid[@]})) -Ou |
        bcftools query -e 'SUM(AD) == 0' -f '%POS\t%REF,%ALT[\t%TGT\t%AD]\n'
}

# The called bases against the drawn ones: exactly at drawn sites with 10 reads, nothing elsewhere.
# By chance nearly all reads over a site may show one haplotype; what a caller makes of a base that
# less than one read in five shows is only counted.
compare() {
    awk -F '\t' '
        function sorted(a, b) { return a < b ? a "/" b : b "/" a }
        FNR == NR { drawn[$2] = sorted($4, $5); next }
        {
            split($2, allele, ",")
            n_depths = split($4, depth, ",")
            total = 0
            split("", of)
            for (i = 1; i <= n_depths; i++) { of[allele[i]] = depth[i]; total += depth[i] }
            is_drawn = $1 in drawn
            want = is_drawn ? drawn[$1] : sorted(allele[1], allele[1])
            split($3, c, "/")
            got = sorted(c[1], 2 in c ? c[2] : c[1])
        }
        is_drawn && total < 10 { next }
        is_drawn {
            n_sites++
            split(want, w, "/")
            if (w[1] != w[2]) {
                share = of[w[1] == allele[1] ? w[2] : w[1]] / total
                n_het++
                balance += share
                if (share < 0.2 || share > 0.8) { n_skewed++; next }
            }
        }
        got != want {
            n_wrong++
            if (n_wrong <= 5) print "synth_calls: " $1 " is " got " (" $2 ": " $4 "), drawn " want
        }
        END {
            mean = n_het ? balance / n_het : 0.5
            slack = n_het < 50 ? 0.2 : 0.05
            printf "calls: %d drawn sites, %d with 10 reads, ", length(drawn), n_sites
            printf "%d of those het, %d skewed, %d wrong; ", n_het, n_skewed, n_wrong
            printf "mean share of ALT in hets %.3f\n", mean
            off = mean < 0.5 - slack || mean > 0.5 + slack
            exit n_wrong || !n_sites || n_skewed > 1 + n_het / 50 || off
        }' "$work/drawn" "$work/called"
}

check_calmd
check_fixmate
python3 "$tools/persona.py" "${haploid[@]}" "$key" "$vac" "$reference" "$sm" "$contig" >"$work/drawn"
choose_reads
call >"$work/called"
compare || fault "bcftools does not find the persona of '$sm' on $contig"
exit $status
