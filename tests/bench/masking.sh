#!/usr/bin/env bash
# Whole commands against `samtools view -b` of the same file, runs interleaved; medians of wall
# and CPU seconds.
#   masking.sh DIRECTORY [RUNS]   a folder with person.bam, ref.fa and population.vcf.gz
# VARLOCK is the program, THREADS what follows -@ (2).
set -euo pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)
data=${1:-}
runs=${2:-5}
threads=${THREADS:-2}
varlock=${VARLOCK:-$top/varlock}
keys=$top/testdata/keys
for file in person.bam ref.fa population.vcf.gz; do
    if [ ! -e "$data/$file" ]; then
        echo "bench: DATA=DIR must name a folder with person.bam, ref.fa and population.vcf.gz; no ${data:-DIR}/$file" >&2
        exit 2
    fi
done
data=$(cd "$data" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/varlock-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"

# timed NAME COMMAND...: a line `NAME wall cpu` in times
timed() {
    local name=$1
    shift
    { TIMEFORMAT='%R %U %S'; time "$@" >/dev/null 2>>log; } 2>time
    awk -v name="$name" '{ print name, $1, $2 + $3 }' time >>times
}

region=$(samtools view -H "$data/person.bam" | awk '$1 == "@SQ" { print substr($2, 4) ":500001-510000"; exit }')
"$varlock" vcf2vac -q --contigs <(samtools faidx "$data/ref.fa" -o /dev/stdout) -o pop.vac "$data/population.vcf.gz" 2>>log ||
    "$varlock" vcf2vac -q -o pop.vac "$data/population.vcf.gz" 2>>log
for _ in $(seq "$runs"); do
    timed samtools_view samtools view -b -@"$threads" -o view.bam "$data/person.bam"
    timed encrypt_synth "$varlock" encrypt -q -@"$threads" -a pop.vac -T "$data/ref.fa" -p "$keys/owner.pub.pem" \
        -d s.bdiff -o s.bam --write-index "$data/person.bam"
    timed decrypt_synth "$varlock" decrypt -q -@"$threads" -k "$keys/owner.pem" -d s.bdiff -o back.bam s.bam
    timed reencrypt_10kb "$varlock" reencrypt -q -k "$keys/owner.pem" -p "$keys/alice.pub.pem" -r "$region" -d s.bdiff \
        -o a.bdiff s.bam
    timed decrypt_10kb "$varlock" decrypt -q -k "$keys/alice.pem" -d a.bdiff -o part.bam s.bam
    timed encrypt_permute "$varlock" encrypt -q -@"$threads" --mask permute -a pop.vac -p "$keys/owner.pub.pem" \
        -d p.bdiff -o p.bam "$data/person.bam"
    timed decrypt_permute "$varlock" decrypt -q -@"$threads" -k "$keys/owner.pem" -d p.bdiff -o back.bam p.bam
done

echo "# $data, -@ $threads, medians of $runs runs: command, wall s, CPU s, CPU by that of samtools view -b"
awk '{ print $1 }' times | uniq | awk '!seen[$1]++' | while read -r name; do
    median() { awk -v n="$name" -v c="$1" '$1 == n { print $c }' times | sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
    echo "$name $(median 2) $(median 3)"
done | awk 'NR == 1 { base = $3 } { printf "%-16s %8.2f %8.2f %6.2f\n", $1, $2, $3, (base > 0 ? $3 / base : 0) }'
stat -c '%n %s' view.bam s.bam s.bdiff p.bam p.bdiff a.bdiff | awk '{ printf "%-16s %12d bytes\n", $1, $2 }'
