# Usage errors: exit 2, one line that points to the help, nothing on stdout, nothing written.
refused() {
    local expected=$1 status=0
    shift
    varlock "$@" >out 2>err </dev/null || status=$?
    if [ $status -ne 2 ] || [ -s out ] || [ "$(wc -l <err)" -ne 1 ] || ! grep -qF -- "$expected" err; then
        echo "varlock $*: exit $status, $(cat err)" >&2
        return 1
    fi
    rm out err
}
need() {
    refused "varlock $1: -$2 is required (see \`varlock help $1\`)" "${@:3}"
}
refused 'varlock: unknown command '"'masq'"' (see `varlock help`)' masq
refused 'varlock: unknown command '"'masq'"' (see `varlock help`)' help masq
for pair in encrpt:encrypt decrypt-:decrypt reencypt:reencrypt veiw:view keygne:keygen vcf2vcf:vcf2vac enc:encrypt \
    hlep:help mrege:merge; do
    refused "varlock: unknown command '${pair%:*}'; did you mean ${pair#*:}?" "${pair%:*}"
    refused "varlock: unknown command '${pair%:*}'; did you mean ${pair#*:}?" help "${pair%:*}"
done
refused 'extra is one argument too many' help encrypt extra
refused 'extra is one argument too many' --version extra

need keygen o/--output keygen
need encrypt a/--vac encrypt
need encrypt p/--public-key encrypt -a v
need encrypt d/--bdiff encrypt -a v -p p
need encrypt o/--output encrypt -a v -p p -d d
need decrypt k/--key decrypt
need reencrypt p/--public-key reencrypt -k k
need merge k/--key merge
need merge o/--output merge -k k -p p -d d
need vcf2vac o/--output vcf2vac

refused 'in.bam|- is missing' encrypt -a v -p p -d d -o o
refused 'masked.bam is missing' decrypt -k k -d d -o o
refused 'file.vac|file.bdiff is missing' view
refused 'shard.bam shard.bdiff ... is missing' merge -k k -p p -d d -o o
refused 'two is one argument too many' encrypt -a v -p p -d d -o o one two
refused 'in is one argument too many' keygen -o name in
refused 'unknown option -x (see `varlock help encrypt`)' encrypt -x
refused 'unknown option -x (see' encrypt -qx
refused 'unknown option --frob (see' decrypt --frob
refused 'unknown option --uotput; did you mean --output? (see' decrypt --uotput o
refused 'unknown option --reigon; did you mean --region?' decrypt --reigon=chr1
refused 'unknown option --outputs; did you mean --output?' encrypt --outputs=o
refused 'unknown option --signkey; did you mean --sign-key?' encrypt --signkey k
refused '--max is ambiguous: several options begin with it' encrypt --max 3
refused '--whole takes no value' decrypt --whole=3
refused '--who takes no value' decrypt --who=3
refused '-k needs a value' decrypt -k
refused '--key needs a value' decrypt --key
refused '--threads: x is not a number from 0 to 1024' decrypt -@ x
refused '--threads: -1 is not a number' decrypt -@ -1
refused '--threads: 4294967297 is not a number' decrypt -@ 4294967297
refused '--bits: 2047 is not a number from 2048 to 8192' keygen --bits 2047 -o name
refused '--bits: 8193 is not a number' keygen --bits 8193 -o name
refused '--output-fmt: vcf is not bam, cram or sam' decrypt -k k -d d -o o -O vcf m
refused '--write-index needs an output file' decrypt -k k -d d -o - --write-index m
refused 'keys are written to two files' keygen -o -
refused 'contradict' keygen -o name --no-passphrase --passphrase-file /dev/null
for option in -a -p -s -T -d -o --mask-key --vault -r; do
    refused ': its value is empty' encrypt -a v -p p -d d -o o "$option" '' in
done
refused '--passphrase-file: its value is empty' decrypt -k k -d d -o o --passphrase-file= m
refused 'argument 1 of in.bam|- is empty' encrypt -a v -p p -d d -o o ''
refused 'argument 2 of masked.bam is empty' decrypt -k k -d d -o o m ''
refused 'standard input (-) is given twice, but can be read once' vcf2vac -o o - -
[ -z "$(ls)" ]
