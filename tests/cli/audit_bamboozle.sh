# Tier: long
# What BAMboozle (PyPI) leaves of a person's reads: header and tags, lengths of indels in TLEN, and mates that
# tell of rearrangements; no genotype.
. "$TOP/tests/cli/lib.bash"
need_shared chr20-1mb/person.bam
python3 -m venv peer >venv.log 2>&1 && peer/bin/pip -q install BAMboozle==0.5.0 >pip.log 2>&1 || {
    note "BAMboozle 0.5.0 cannot be installed from PyPI: $(tail -n 1 pip.log venv.log | tr '\n' ' ')"
    exit 77
}
data=$SHARED/data/chr20-1mb
cp "$data/ref.fa" "$data/ref.fa.fai" .
cp "$data/person.bam" "$data/person.bam.bai" .
varlock vcf2vac -q -o pop.vac "$data/population.vcf.gz"

# leaves METRICS [options of BAMboozle]: these fail, and no others
leaves() {
    local metrics=$1 status=0
    peer/bin/BAMboozle --bam person.bam --out bz.bam --fa ref.fa "${@:2}" >log 2>&1
    varlock audit -q -a pop.vac -T ref.fa --original person.bam --simulate 1000 --json table.json --html page.html \
        bz.bam >table || status=$?
    [ $status -eq 4 ] && [ "$(awk -F '\t' '$4 == "FAIL" && $1 != "all" { print $1 }' table | xargs)" = "$metrics" ] ||
        { note "$status: $(cat table)"; return 1; }
    grep "by ${metrics// /, }\." page.html >/dev/null
    awk -F '\t' '$1 == "A4" && $4 != "pass" { exit 1 }' table
}
leaves 'A10 A14.header A14.tags A15.pairs'
leaves 'A10 A14.header A14.tags A15.pairs' --strict
awk -F '\t' '$1 == "A14.tags" { exit $5 !~ /: RG AS $/ }' table
leaves 'A10 A14.header A14.tags A15.pairs A16' --keepunmapped
