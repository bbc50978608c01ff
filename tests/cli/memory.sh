# An allocation that fails is said as that, whatever it looks like further up (a broken seal, a damaged
# key, a file that is cut), and leaves nothing behind.  TIER=long: every nineteenth one.
. "$TOP/tests/cli/lib.bash"
if nm "$VARLOCK" | grep __asan_init >/dev/null; then
    note 'a sanitizer has allocations of its own'
    exit 77
fi
cp "$TESTDATA"/golden/* .
samtools faidx reference.fa
varlock crypt4gh keygen -q --no-passphrase -o me
varlock crypt4gh encrypt -q -p me.pub -o synth.c4gh synth.bam
varlock crypt4gh encrypt -q -p me.pub -o synth.csi.c4gh synth.bam.csi
step=401
[ "${TIER:-quick}" = quick ] || step=19
python3 "$py/inject_memory.py" "$TOOLS/memory_shim.so" "$keys" "${STEP:-$step}" >&2
