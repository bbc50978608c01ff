# tests/tools/read_bdiff.py, written from the documents alone, prints what `varlock view` prints, on
# the test vectors and on files made now, restores the originals, and finds what was changed in them;
# check_digests.py, written likewise, finds the digests of the records.
golden=$TESTDATA/golden keys=$KEYS
python=/usr/bin/python3 # where Debian's packages are
"$python" -c 'import cryptography, xxhash, zstandard' 2>/dev/null || {
    echo 'python3-cryptography, python3-xxhash or python3-zstandard is not installed' >&2
    exit 77
}
second() {
    "$python" "$TOP/tests/tools/read_bdiff.py" "$@"
}
agree() {
    varlock view "$@" >view.txt
    second "$@" >second.txt
    cmp view.txt second.txt
    [ -s view.txt ]
}
# The records of each window as it says, and with an original those of the owner's file one by one.
restores() { # KEY masked.bam FILE.bdiff [original.bam]
    second -k "$1" --restore "$2" "${@:3}"
}
# The digests of records, computed from the document.
digests() { # owner.bdiff masked.bam original.bam
    { varlock view --header -k "$keys/owner.pem" "$1" && varlock view -k "$keys/owner.pem" "$1"; } >all.txt
    "$python" "$TOP/tests/tools/check_digests.py" all.txt "$2" "$3"
}
# refuses STATUS PATTERN COMMAND...: ends so, and with one line that matches.
refuses() {
    local expected=$1 pattern=$2 status=0
    shift 2
    "$@" >/dev/null 2>refusal || status=$?
    if [ $status -ne "$expected" ] || ! grep -qE -- "$pattern" refusal || grep -q Traceback refusal; then
        echo "$*: exit $status, not $expected: $(cat refusal)" >&2
        return 1
    fi
}
[ "$(wc -l <"$TOP/tests/tools/read_bdiff.py")" -le 800 ]
agree "$golden/pop.vac"
agree -k "$keys/owner.pem" "$golden/owner.bdiff"
agree -k "$keys/bob.pem" "$golden/owner.bdiff"
agree -k "$keys/alice.pem" "$golden/slice.bdiff"
agree -k "$keys/owner.pem" "$golden/synth.bdiff"
agree -k "$keys/alice.pem" "$golden/synth-slice.bdiff"
second -V "$keys/owner.pub.pem" -k "$keys/alice.pem" "$golden/slice.bdiff" >/dev/null
refuses 1 'is refused: InvalidSignature' second -V "$keys/bob.pub.pem" -k "$keys/alice.pem" "$golden/slice.bdiff"
refuses 1 'is refused: IndexError' second -k "$keys/bob.pem" "$golden/slice.bdiff"

samtools view --no-PG -b -o original.bam "$golden/person.sam"
restores "$keys/owner.pem" "$golden/masked.bam" "$golden/owner.bdiff" original.bam
restores "$keys/owner.pem" "$golden/synth.bam" "$golden/synth.bdiff" original.bam
restores "$keys/alice.pem" "$golden/masked.bam" "$golden/slice.bdiff"
restores "$keys/alice.pem" "$golden/synth.bam" "$golden/synth-slice.bdiff"
refuses 1 'is refused: ' restores "$keys/owner.pem" "$golden/masked.bam" "$golden/synth.bdiff"
refuses 1 'is refused: AssertionError' \
    restores "$keys/owner.pem" "$golden/synth.bam" "$golden/synth.bdiff" "$golden/synth.bam"
digests "$golden/owner.bdiff" "$golden/masked.bam" original.bam
refuses 1 '^original.bam or original.bam: not what all.txt says' \
    digests "$golden/owner.bdiff" original.bam original.bam
refuses 1 'masked.bam: not what all.txt says' \
    digests "$golden/owner.bdiff" "$golden/masked.bam" "$golden/masked.bam"

# Made now: several recipients, no signature, a slice of a slice that grants `*`.
varlock vcf2vac -q -o pop.vac "$golden/population.vcf"
varlock encrypt -q --mask permute --force -a pop.vac -p "$keys/rsa3072.pub.pem" -p "$keys/owner.pub.pem" -d owner.bdiff \
    -o masked.bam --write-index "$golden/person.sam"
varlock reencrypt -q --force -k "$keys/owner.pem" -p "$keys/alice.pub.pem" -r z -r '*' -d owner.bdiff \
    -o slice.bdiff masked.bam
varlock reencrypt -q --force -k "$keys/alice.pem" -p "$keys/bob.pub.pem" -s "$keys/alice.pem" --unverified -r z:1-900 \
    -d slice.bdiff -o second.bdiff masked.bam
agree pop.vac
agree -k "$keys/rsa3072.pem" owner.bdiff
agree -k "$keys/alice.pem" slice.bdiff
agree -k "$keys/bob.pem" second.bdiff
second -V "$keys/alice.pub.pem" -k "$keys/bob.pem" second.bdiff >/dev/null
cp "$golden/reference.fa" .
for names in keep token; do
    varlock encrypt -q --force -a pop.vac -T reference.fa --qual keep --names $names -p "$keys/owner.pub.pem" \
        -d synth.bdiff -o synth.bam --write-index "$golden/person.sam"
    varlock reencrypt -q --force -k "$keys/owner.pem" -p "$keys/alice.pub.pem" -r z:500-1500 -r y -d synth.bdiff \
        -o slice.bdiff synth.bam
    agree -k "$keys/owner.pem" synth.bdiff
    agree -k "$keys/alice.pem" slice.bdiff
    restores "$keys/owner.pem" synth.bam synth.bdiff original.bam
    restores "$keys/alice.pem" synth.bam slice.bdiff
    [ $names = token ] || digests synth.bdiff synth.bam original.bam
done
# Spliced reads have no drawn insert sizes.
awk '/^@/ || $6 !~ /N/' "$golden/person.sam" >unspliced.sam
samtools view --no-PG -b -o unspliced.bam unspliced.sam
# Moved reads: by which of several places, and by the insert size. A slice of everything tells it, others do not.
for moved in '--blur 30 --inserts keep' '--blur 100 --inserts draw' '--blur 0 --inserts 150,20'; do
    # shellcheck disable=SC2086
    varlock encrypt -q --force -a pop.vac -T reference.fa --qual keep --names keep $moved -p "$keys/owner.pub.pem" \
        -d synth.bdiff -o synth.bam --write-index unspliced.sam
    agree -k "$keys/owner.pem" synth.bdiff
    restores "$keys/owner.pem" synth.bam synth.bdiff unspliced.bam
    for granted in '--all' '-r z:500-1500 -r y'; do
        # shellcheck disable=SC2086
        varlock reencrypt -q --force -k "$keys/owner.pem" -p "$keys/alice.pub.pem" $granted -d synth.bdiff \
            -o slice.bdiff synth.bam
        agree -k "$keys/alice.pem" slice.bdiff
        restores "$keys/alice.pem" synth.bam slice.bdiff
        varlock decrypt -q -k "$keys/alice.pem" -d slice.bdiff -o slice.sam synth.bam
    done
    varlock decrypt -q -k "$keys/owner.pem" -d synth.bdiff -o back.sam synth.bam
    cmp <(samtools view --no-PG -h back.sam) <(samtools view --no-PG -h unspliced.bam)
done

# Many windows, in files that have them.
if [ "$TIER" != quick ] && [ -e "$SHARED/data/chr20-1mb/person.bam" ]; then
    data=$SHARED/data/chr20-1mb
    varlock vcf2vac -q -o pop.vac "$data/population.vcf.gz"
    varlock encrypt -q --mask permute --force -@ 2 -a pop.vac -p "$keys/owner.pub.pem" -d owner.bdiff -o masked.bam --write-index \
        "$data/person.bam"
    contig=$(samtools view "$data/person.bam" | sed -n 20000p | cut -f 3)
    pos=$(samtools view "$data/person.bam" | sed -n 20000p | cut -f 4)
    varlock reencrypt -q --force -k "$keys/owner.pem" -p "$keys/alice.pub.pem" \
        -r "$contig:$pos-$((pos + 100000))" -d owner.bdiff -o slice.bdiff masked.bam
    agree pop.vac
    agree -k "$keys/owner.pem" owner.bdiff
    agree -k "$keys/alice.pem" slice.bdiff
    digests owner.bdiff masked.bam "$data/person.bam"
fi

# A changed byte is found by both, wherever it is.
size=$(stat -c %s "$golden/slice.bdiff")
for at in 0 8 10 12 20 33 36 41 50 330 370 420 $((size / 2)) $((size - 330)) $((size - 300)) \
    $((size - 100)) $((size - 40)) $((size - 1)); do
    cp "$golden/slice.bdiff" changed.bdiff
    byte=$(od -An -tu1 -j "$at" -N 1 changed.bdiff)
    printf '%b' "\\x$(printf %02x $((byte ^ 1)))" |
        dd of=changed.bdiff bs=1 seek="$at" conv=notrunc status=none
    refuses $((at == 0 ? 1 : 3)) '^varlock view: .*changed.bdiff: ' \
        varlock view -k "$keys/alice.pem" changed.bdiff
    refuses 1 'is refused: ' second -k "$keys/alice.pem" changed.bdiff
done
