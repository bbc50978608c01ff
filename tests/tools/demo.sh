#!/usr/bin/env bash
# The four commands on a made-up person: mask, grant a region, restore it, restore everything.
# Prints each command and what came out; leaves the files in build/demo (DEMO_DIR).
# No reference is bundled, so the masking is permute; its masked reads can be compared with the
# original's one by one, which the table below does.
set -euo pipefail
cd "$(dirname "$0")/../.."
VARLOCK=${VARLOCK:-$PWD/varlock}
data=$PWD/testdata/demo
DEMO_DIR=${DEMO_DIR:-build/demo}
rm -rf "$DEMO_DIR"
mkdir -p "$DEMO_DIR"
cd "$DEMO_DIR"

varlock() {
    "$VARLOCK" "$@"
}
say() {
    printf '\n%s\n' "$*"
}
run() {
    printf '$ %s\n' "$*"
    "$@"
}
sizes() {
    ls -l "$@" | awk '{ printf "    %-20s %9d bytes\n", $NF, $5 }'
}
# The bases the reads of a file show at a position, counted.
bases_at() { # file contig pos
    samtools mpileup -B -x -Q 0 --ff 0x704 -r "$2:$3-$3" "$1" 2>/dev/null | cut -f 5 |
        sed -E 's/\^.//g; s/[$*]//g' | tr acgtn ACGTN | fold -w 1 | sort | uniq -c |
        awk '{ printf " %s %d", $2, $1 }'
}

say '# A made-up person, sequenced; two key pairs, one of the owner and one of a researcher.'
samtools view --no-PG -b -o original.bam "$data/person.sam"
samtools index original.bam
run varlock keygen --no-passphrase -o owner
run varlock keygen --no-passphrase -o researcher

say '# 1. Allele counts of a population.'
run varlock vcf2vac -o population.vac "$data/population.vcf"
sizes population.vac

say '# 2. Mask: masked.bam may be shown, owner.bdiff holds what was masked.  Here without a reference:'
echo '#    bases at sites of the population are exchanged (permute).  With one, -T ref.fa, every read'
echo "#    becomes a synthetic person's (synth), which hides far more."
run varlock encrypt --verbose -a population.vac -p owner.pub.pem -s owner.pem \
    -d owner.bdiff -o masked.bam --write-index original.bam
sizes original.bam masked.bam owner.bdiff

say '# 3. Grant the researcher a region.'
run varlock reencrypt -k owner.pem -s owner.pem -p researcher.pub.pem -r chr1:2001-4000 \
    -d owner.bdiff -o researcher.bdiff masked.bam
sizes researcher.bdiff

say '# 4. The researcher restores it; the records outside stay masked.'
run varlock decrypt --whole -k researcher.pem -V owner.pub.pem -d researcher.bdiff \
    -o researcher.bam masked.bam
samtools index researcher.bam

say '# What the files show at positions of the population (bases, and how many reads show them):'
grep -v '^#' "$data/population.vcf" | cut -f 1,2 | while read -r contig pos; do
    original=$(bases_at original.bam "$contig" "$pos")
    masked=$(bases_at masked.bam "$contig" "$pos")
    [ "$original" != "$masked" ] || continue
    restored=$(bases_at researcher.bam "$contig" "$pos")
    inside=no
    if [ "$contig" = chr1 ] && [ "$pos" -ge 2001 ] && [ "$pos" -le 4000 ]; then
        inside=yes
    fi
    printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$contig" "$pos" "$inside" "$original" "$masked" "$restored"
done >shown.txt
{
    printf 'contig\tpos\tgranted\toriginal\tmasked\tresearcher\n'
    awk -F '\t' 'seen[$3]++ < 4' shown.txt
} | expand -t 8,14,24,42,60
awk -F '\t' '($3 == "yes" && $4 != $6) || ($3 == "no" && $5 != $6) { bad = 1 } END { exit bad }' \
    shown.txt || { echo 'demo: the researcher sees something else than was granted' >&2; exit 1; }

say '# Asking for more is refused.'
printf '$ varlock decrypt -r chr2 -k researcher.pem ...\n'
status=0
varlock decrypt -r chr2 -k researcher.pem -V owner.pub.pem -d researcher.bdiff -o no.bam masked.bam ||
    status=$?
echo "    exit $status"
[ $status -eq 3 ] && [ ! -e no.bam ]

say '# The owner restores the original.'
run varlock decrypt -k owner.pem -V owner.pub.pem -d owner.bdiff -o restored.bam masked.bam
cmp <(samtools view --no-PG -h original.bam) <(samtools view --no-PG -h restored.bam)
echo '    header and records are those of original.bam'

say "The files are in $PWD."
