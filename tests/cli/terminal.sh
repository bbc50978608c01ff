# Binary output to a terminal is refused before any input is read.
refused() {
    local status=0
    script -qec "$*" /dev/null </dev/null >transcript || status=$?
    [ $status -eq 2 ]
    grep -q 'binary output is not written to a terminal' transcript
}
command -v script >/dev/null || { echo "no script(1)" >&2; exit 77; }
refused varlock decrypt -k k -d d -o - m
refused varlock decrypt -k k -d d -O cram -o - m
refused varlock encrypt -a v -p p -d d -o - in
refused varlock encrypt -a v -p p -d - -o o in
refused varlock reencrypt -k k -p p -d d -o - m
refused varlock vcf2vac -o - in.vcf
# Text is fine: the first complaint is another one.
status=0
script -qec 'varlock decrypt -k k -d d -O sam -o - m' /dev/null </dev/null >transcript || status=$?
[ $status -eq 1 ]
grep -q '^varlock decrypt: k: No such file' transcript
