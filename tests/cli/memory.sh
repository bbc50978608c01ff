# An allocation that fails is said as that, whatever it looks like further up (a broken seal, a damaged
# key, a file that is cut), and leaves nothing behind.  TIER=long: every seventh one.
. "$TOP/tests/cli/lib.bash"
if nm "$VARLOCK" | grep __asan_init >/dev/null; then
    note 'a sanitizer has allocations of its own'
    exit 77
fi
cp "$TESTDATA"/golden/* .
samtools faidx reference.fa
step=401
[ "${TIER:-quick}" = quick ] || step=7
python3 "$py/inject_memory.py" "$TOOLS/memory_shim.so" "$keys" "${STEP:-$step}" >&2
