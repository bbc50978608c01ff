#!/usr/bin/env bash
# make_data.sh MB DIR: a person's genome of MB million bases at 30x in DIR: ref.fa, population.vcf.gz
# and person.bam, each with its index; does nothing where it is there already.  The reads come from
# mkperson and bwa where both are there (SHARED, ../shared by default), else from make_person.py.
set -euo pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)
shared=${SHARED:-$top/../shared}/bench
mb=$1
data=$2
[ ! -e "$data/person.bam" ] || exit 0

new=$data.new
rm -rf "$new"
mkdir -p "$new"
if [ -e "$shared/mkperson.c" ] && command -v bwa >/dev/null; then
    echo "bench: $mb Mb from mkperson and bwa" >&2
    ${CC:-cc} -O2 -o "$new/mkperson" "$shared/mkperson.c" -lz -lm
    "$new/mkperson" --out "$new" --length $((mb * 500000)) --chroms 2 --coverage 30
    bash "$shared/align.sh" "$new"
    rm -f "$new"/{reads_*,mkperson,person.vcf*,population.vcf,ref.fa.{amb,ann,bwt,pac,sa}}
else
    echo "bench: $mb Mb from make_person.py" >&2
    python3 "$top/tests/bench/make_person.py" "$mb" "$new"
    samtools faidx "$new/ref.fa"
    samtools index "$new/person.bam"
    bgzip "$new/population.vcf"
fi
mv "$new" "$data"
