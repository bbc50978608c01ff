# Outputs are named together or not at all, whatever call fails, whatever signal comes, and whoever else
# writes them.  In the long tier: at every call, also on file systems without hard links and the like.
. "$TOP/tests/cli/lib.bash"
if nm "$VARLOCK" | grep __asan_init >/dev/null; then
    note 'a sanitizer wants to be loaded before everything else'
    exit 77
fi
make_input synth_bam.py mates 60
samtools index o.bam
varlock crypt4gh keygen -q --no-passphrase -o me
varlock crypt4gh encrypt -q -p me.pub -o o.bam.c4gh o.bam
samtools view -h --no-PG o.bam >o.sam
printf %032d 7 >key
contigs=($(samtools view -H o.bam | sed -n 's/.*\tSN:\([^\t]*\).*/\1/p'))
shard() { # PREFIX REGION...
    as_options "${@:2}"
    varlock encrypt -q --mask permute -a pop.vac -p "$keys/owner.pub.pem" --mask-key key "${options[@]}" \
        -d "$1.bdiff" -o "$1.bam" o.bam
}
shard s1 "${contigs[0]}"
shard s2 "${contigs[@]:1}" '*'
encrypt_for_owner pop.vac o.bam m --mask permute
python3 "$py/inject_faults.py" "$TOOLS/fault_shim.so" "$keys" "$(by_tier quick long)" >&2
