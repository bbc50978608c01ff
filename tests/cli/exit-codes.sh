# 1 for what cannot be read or written, 2 for usage, 3 for refused keys, broken seals and regions
# that were not granted; one line on stderr each, and no output left behind.
exits() {
    local code=$1 expected=$2 status=0
    shift 2
    varlock "$@" >out 2>err </dev/null || status=$?
    if [ $status -ne "$code" ] || ! grep -qF -- "$expected" err || [ "$(wc -l <err)" -ne 1 ]; then
        echo "varlock $*: exit $status, $(cat err)" >&2
        return 1
    fi
    if [ -n "$(ls new* 2>/dev/null)" ]; then
        echo "varlock $*: left $(ls new*)" >&2
        return 1
    fi
}
for name in owner other; do
    varlock keygen -q -o $name --bits 2048 --no-passphrase
done
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out short.pem 2>/dev/null
openssl pkey -in short.pem -pubout -out short.pub.pem
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ec.pem
openssl pkey -in ec.pem -pubout -out ec.pub.pem
openssl pkey -in owner.pem -aes256 -passout pass:secret -out locked.pem
echo text >text

data=$TESTDATA/demo
varlock vcf2vac -q -o pop.vac "$data/population.vcf"
varlock encrypt --mask permute -q -a pop.vac -p owner.pub.pem -d owner.bdiff -o masked.bam --write-index "$data/person.sam"
varlock reencrypt -q -k owner.pem -p other.pub.pem -r chr1:1001-2000 -d owner.bdiff -o slice.bdiff masked.bam

exits 1 'absent' vcf2vac -o new.vac absent
exits 1 'text' vcf2vac -o new.vac text
exits 1 'absent' encrypt --mask permute -a absent -p owner.pub.pem -d new.bdiff -o new.bam "$data/person.sam"
exits 1 'text' encrypt --mask permute -a text -p owner.pub.pem -d new.bdiff -o new.bam "$data/person.sam"
exits 1 'absent' encrypt --mask permute -a pop.vac -p owner.pub.pem -d new.bdiff -o new.bam absent
exits 1 'no/such/new.bam' encrypt --mask permute -a pop.vac -p owner.pub.pem -d new.bdiff -o no/such/new.bam \
    "$data/person.sam"
exits 1 '/dev/full' encrypt --mask permute -a pop.vac -p owner.pub.pem -d new.bdiff -o /dev/full "$data/person.sam"
exits 1 'absent' decrypt -k owner.pem -d absent -o new.bam masked.bam
exits 1 'absent' decrypt -k absent -d owner.bdiff -o new.bam masked.bam
exits 1 'absent' view absent
exits 1 'text' view text
# Read-only to root too: a directory that is a file.
exits 1 'text/new.vac' vcf2vac -o text/new.vac "$data/population.vcf"

exits 2 'is a directory' vcf2vac -o / "$data/population.vcf"
exits 2 'unknown contig' decrypt -k owner.pem -d owner.bdiff -r chr9 -o new.bam masked.bam
exits 2 'region chr1:5-4' decrypt -k owner.pem -d owner.bdiff -r chr1:5-4 -o new.bam masked.bam
exits 2 'nonsense' encrypt --mask nonsense -a pop.vac -p owner.pub.pem -d new.bdiff -o new.bam "$data/person.sam"

for key in short ec owner; do
    file=$key.pub.pem
    [ $key = owner ] && file=owner.pem
    exits 3 "$file" encrypt --mask permute -a pop.vac -p $file -d new.bdiff -o new.bam "$data/person.sam"
done
exits 3 owner.pub.pem decrypt -k owner.pub.pem -d owner.bdiff -o new.bam masked.bam
exits 3 short.pem decrypt -k short.pem -d owner.bdiff -o new.bam masked.bam
exits 3 ec.pem decrypt -k ec.pem -d owner.bdiff -o new.bam masked.bam
exits 3 text decrypt -k text -d owner.bdiff -o new.bam masked.bam
exits 3 owner.bdiff decrypt -k other.pem -d owner.bdiff -o new.bam masked.bam
VARLOCK_PASSPHRASE=wrong exits 3 locked.pem decrypt -k locked.pem -d owner.bdiff -o new.bam masked.bam
VARLOCK_PASSPHRASE=secret varlock decrypt -q -k locked.pem -d owner.bdiff -o whole.bam masked.bam
exits 3 owner.bdiff decrypt -k owner.pem -V other.pub.pem -d owner.bdiff -o new.bam masked.bam
exits 3 'chr1:1001-2000' decrypt -k other.pem -r chr1:1001-2001 -d slice.bdiff -o new.bam masked.bam
exits 3 'chr1:1001-2000' reencrypt -k other.pem -p owner.pub.pem -r chr2 -d slice.bdiff -o new.bdiff masked.bam
head -c -1 owner.bdiff >cut.bdiff
exits 3 cut.bdiff decrypt -k owner.pem -d cut.bdiff -o new.bam masked.bam

# A lost standard output is a failure too.
status=0
varlock --version >/dev/full 2>err || status=$?
[ $status -eq 1 ]
grep -qx 'varlock: standard output: writing failed: No space left on device' err
