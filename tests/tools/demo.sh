#!/usr/bin/env bash
# The main job on a made-up person: mask, grant a region, restore it, restore everything.  Prints each
# command and what came out, checks it, and leaves the files in build/demo (DEMO_DIR).
set -euo pipefail
cd "$(dirname "$0")/../.."
VARLOCK=${VARLOCK:-$PWD/varlock}
data=$PWD/testdata/demo
DEMO_DIR=${DEMO_DIR:-build/demo}
rm -rf "$DEMO_DIR"
mkdir -p "$DEMO_DIR"
cd "$DEMO_DIR"
granted_contig=chr1 granted_from=8001 granted_to=10000

bold='' dim='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR-}" ]; then
    bold=$'\e[1m' dim=$'\e[2m' plain=$'\e[0m'
fi
title() {
    printf '\n%s%s%s\n' "$bold" "$1" "$plain"
    [ $# -eq 1 ] || printf '%s\n' "${@:2}"
}
# A command over as many lines as it needs.
show() {
    local word line="  \$ $1" unit=
    for word in "${@:2}" ''; do
        # An option and its value stay together.
        if [ -n "$unit" ] && [[ -z $word || $word == -* ]]; then
            if [ $((${#line} + ${#unit})) -gt 88 ]; then
                printf '%s%s \\%s\n' "$bold" "$line" "$plain"
                line='     '
            fi
            line+=$unit
            unit=
        fi
        unit+=" $word"
    done
    printf '%s%s%s\n' "$bold" "$line" "$plain"
}
# Shows a command, runs it, and what it says in the margin.
run() {
    show "$@"
    { if [ "$1" = varlock ]; then "$VARLOCK" "${@:2}"; else "$@"; fi; } 2>&1 | fold -s -w 92 |
        sed "s/ *$//; s/.*/    $dim&$plain/"
}
sizes() {
    ls -l "$@" | awk '{ printf "    %-18s %9d bytes\n", $NF, $5 }'
}
fail() {
    echo "demo: $*" >&2
    exit 1
}

# What the reads of a BAM show, a line for each position: contig, position, the alleles that a quarter of
# the reads, and at least three, have: A/G, A/A, A/ins2 or A/del3 (inserted or deleted behind it).
genotypes() {
    samtools mpileup -B -x -Q 0 "$1" 2>/dev/null | awk -F '\t' -v OFS='\t' '
        {
            split("", n)
            reads = 0
            for (rest = toupper($5); rest != "";) {
                allele = substr(rest, 1, 1)
                if (allele == "^") { rest = substr(rest, 3); continue }
                rest = substr(rest, 2)
                if (allele == "$" || allele == "*" || allele == "#") continue
                if (match(rest, /^[+-][0-9]+/)) {
                    long = RLENGTH + substr(rest, 2, RLENGTH - 1)
                    allele = (rest ~ /^[+]/ ? "ins" : "del") substr(rest, 2, RLENGTH - 1)
                    rest = substr(rest, long + 1)
                }
                n[allele]++
                reads++
            }
            seen = ""
            count = split("A C G T", order, " ")
            for (i = 1; i <= count; i++)
                if (n[order[i]] * 4 >= reads && n[order[i]] >= 3) seen = seen "/" order[i]
            for (a in n)
                if (length(a) > 1 && n[a] * 4 >= reads && n[a] >= 3) seen = seen "/" a
            seen = substr(seen, 2)
            if (seen != "") print $1, $2, seen ~ /\// ? seen : seen "/" seen
        }'
}

title 'A made-up person and population: 30,000 bases, 2,400 reads, some 500 known sites' \
    '(testdata/demo; masking needs the reads, their reference and the allele counts of a population)'
cp "$data/reference.fa" "$data/population.vcf" .
samtools view --no-PG -b -o original.bam "$data/person.sam"
sizes original.bam reference.fa population.vcf

title 'Key pairs: one of the owner of the genome, one of a researcher'
run varlock keygen --no-passphrase -o owner
run varlock keygen --no-passphrase -o researcher

title '1. vcf2vac: the population as allele counts'
run varlock vcf2vac -o population.vac population.vcf

title "2. encrypt: every read becomes a synthetic person's, who is drawn from the population" \
    'masked.bam can be shared.  owner.bdiff holds the differences, sealed to the owner.'
run varlock encrypt -a population.vac -T reference.fa -p owner.pub.pem -s owner.pem \
    -d owner.bdiff -o masked.bam --write-index original.bam
sizes masked.bam owner.bdiff

title '3. reencrypt: the owner grants the researcher 2,000 bases'
run varlock reencrypt -k owner.pem -s owner.pem -p researcher.pub.pem \
    -r $granted_contig:$granted_from-$granted_to -d owner.bdiff -o researcher.bdiff masked.bam
sizes researcher.bdiff

title '4. decrypt: the researcher restores these, and nothing else'
run varlock decrypt -k researcher.pem -V owner.pub.pem -d researcher.bdiff \
    -o researcher.bam masked.bam

# contig, pos, kind (known or private), granted?, original, masked, researcher: where the original or
# the masked file differ from the reference, at known sites and wherever the original does.
for file in original masked researcher; do
    genotypes $file.bam >$file.txt
done
awk -F '\t' -v OFS='\t' -v contig=$granted_contig -v from=$granted_from -v to=$granted_to '
    FILENAME ~ /fa$/ && /^>/ { name = substr($0, 2); at = 0; next }
    FILENAME ~ /fa$/ { for (i = 1; i <= length($0); i++) base[name, ++at] = substr($0, i, 1); next }
    FILENAME ~ /vcf$/ { if (!/^#/) known[$1, $2] = 1; next }
    FILENAME ~ /^masked/ { masked[$1, $2] = $3; next }
    FILENAME ~ /^researcher/ { researcher[$1, $2] = $3; next }
    {
        like_reference = base[$1, $2] "/" base[$1, $2]
        inside = $1 == contig && $2 >= from && $2 <= to
        if (!(($1, $2) in masked) || (inside && !(($1, $2) in researcher))) next
        if ($3 == like_reference && masked[$1, $2] == like_reference) next
        if ($3 != like_reference || ($1, $2) in known)
            print $1, $2, (($1, $2) in known ? "known" : "private"),
                (inside ? "yes" : "no"), $3, masked[$1, $2], ($1, $2) in researcher ? researcher[$1, $2] : "-"
    }' reference.fa population.vcf masked.txt researcher.txt original.txt >shown.txt

title 'What the three files show (private: the person has it, the population does not)'
row="    %-4s %6s  %-8s %-8s  %-9s %-9s %-10s  %s\n"
# shellcheck disable=SC2059 # the rows have one form
{
    printf "$bold$row$plain" '' '' '' granted original masked researcher 'which is'
    awk -F '\t' '$3 == "private" || seen[$4]++ < 4' shown.txt | sort -s -t $'\t' -k 4,4r |
        while IFS=$'\t' read -r contig pos kind granted original masked researcher; do
            what='not there'
            [ "$granted" = no ] || what='as the original'
            printf "$row" "$contig" "$pos" "$kind" "$granted" "$original" "$masked" "$researcher" "$what"
        done
}
awk -F '\t' '
    { n[$4]++; same[$4] += ($4 == "yes" ? $5 : "-") == $7; private += $3 == "private"; shown += $3 == "private" && $5 == $6 }
    END {
        printf "\n    inside  the granted region the researcher sees the original at %d of %d sites\n", same["yes"], n["yes"]
        printf "    outside the granted region the researcher sees nothing at %d of %d sites\n", same["no"], n["no"]
        printf "    of %d private variants the masked file shows %d\n", private, shown
        exit !(same["yes"] == n["yes"] && same["no"] == n["no"] && n["yes"] && n["no"] && private >= 4 && !shown)
    }' shown.txt || fail 'the files show something else than was granted'

title 'Asking for more is refused'
if run varlock decrypt -r chr2 -k researcher.pem -V owner.pub.pem -d researcher.bdiff -o more.bam masked.bam; then
    fail 'it was not'
fi
[ ! -e more.bam ] || fail 'it left more.bam'

title 'The owner restores everything'
run varlock decrypt -k owner.pem -V owner.pub.pem -d owner.bdiff -o restored.bam masked.bam
cmp <(samtools view --no-PG -h original.bam) <(samtools view --no-PG -h restored.bam)
echo '    header and records are those of original.bam'

title "The files are in $PWD."
