# Where memory for htslib's reading or writing thread is missing, the run ends and does not hang.
. "$TOP/tests/cli/lib.bash"
if nm "$VARLOCK" | grep __asan_init >/dev/null; then
    note 'a sanitizer needs more address space than the limits here'
    exit 77
fi
make_input synth_bam.py mates 60
bgzip -c o.vcf >o.vcf.gz
encrypt_for_owner pop.vac o.bam m --mask permute
n_refused=0
ends() { # COMMAND...
    local kb status
    for kb in $(seq 20000 1500 47000); do
        status=0
        (ulimit -v "$kb" && exec timeout 120 "$@") >/dev/null 2>said || status=$?
        if [ $status -eq 124 ] || [ $status -gt 127 ]; then
            note "$kb kB: exit $status: $*; $(cat said)"
            return 1
        fi
        if grep -q 'threads cannot start' said; then
            n_refused=$((n_refused + 1))
        fi
    done
}
ends varlock decrypt -q -@1 -k "$keys/owner.pem" -d m.bdiff -o x.bam m.bam
ends varlock decrypt -q -@2 -k "$keys/owner.pem" -d m.bdiff -o x.bam m.bam
ends varlock encrypt -q -@2 --force --mask permute -a pop.vac -p "$keys/owner.pub.pem" -d x.bdiff -o x.bam o.bam
ends varlock vcf2vac -q -@2 -o x.vac o.vcf.gz
[ $n_refused -gt 0 ]
