# The decoders survive what is nearly right: the targets of tests/fuzz over the parts of the test
# vectors, whole, cut short, and with bytes changed, the same every time.
golden=$TESTDATA/golden keys=$KEYS
mkdir owner slice
export TESTDATA
fuzz_seeds "$keys/owner.pem" "$golden/owner.bdiff" "$golden/synth.bdiff" "$golden/pop.vac" owner
fuzz_seeds "$keys/alice.pem" "$golden/slice.bdiff" "$golden/synth-slice.bdiff" "$golden/pop.vac" slice

cat >spoil.py <<'END'
import os, random, sys

rng, directory, n = random.Random(2026), sys.argv[1], 300
seeds = [open(path, "rb").read() for path in sys.argv[2:]]
os.mkdir(directory)
for i in range(n):
    data = bytearray(seeds[i % len(seeds)])
    if i >= len(seeds) and i % 3 == 0:
        del data[rng.randrange(len(data)):]
    elif i >= len(seeds):
        for _ in range(rng.choice([1, 1, 2, 8])):
            data[rng.randrange(len(data))] = rng.choice([0, 127, 128, 255, rng.randrange(256)])
    with open(f"{directory}/{i:03}", "wb") as out:
        out.write(data)
END
for source in "$TOP"/tests/fuzz/fuzz_*.c; do
    target=$(basename "$source" .c)
    python3 spoil.py "$target" {owner,slice}/"$target"/seed-*
    "$FUZZERS/$target" "$target"/* >names || {
        echo "$target crashed on $(tail -n 1 names)" >&2
        exit 1
    }
    [ "$(tail -n 1 names)" = '300 inputs' ]
done
