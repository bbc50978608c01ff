#!/usr/bin/env bash
# Rebuilds the binaries of testdata/golden from their text twins.  Ids, secrets and nonces are drawn
# anew, so every run gives other bytes of the same content; tests decode them and never compare
# bytes.  Needed only when a format gets a new version (the old vectors stay for the old one).
set -euo pipefail
cd "$(dirname "$0")/../../testdata/golden"
VARLOCK=${VARLOCK:-../../varlock}
keys=../keys

printf 'masking key of the test vectors!' >mask.key.tmp
trap 'rm -f mask.key.tmp' EXIT
"$VARLOCK" vcf2vac -q -o pop.vac population.vcf
"$VARLOCK" encrypt -q -a pop.vac -p $keys/owner.pub.pem -p $keys/bob.pub.pem -s $keys/owner.pem \
    --mask-key mask.key.tmp -d owner.bdiff -o masked.bam --write-index person.sam
"$VARLOCK" reencrypt -q -k $keys/owner.pem -p $keys/alice.pub.pem -s $keys/owner.pem \
    -r z:601-1600 -r y:1-220 -r '*' -d owner.bdiff -o slice.bdiff masked.bam
chmod 644 owner.bdiff slice.bdiff
"$VARLOCK" view pop.vac >pop.txt
"$VARLOCK" decrypt -q -k $keys/alice.pem -d slice.bdiff -o slice.sam masked.bam
"$VARLOCK" view -k $keys/alice.pem slice.bdiff >slice.txt
echo "rebuilt; look at the differences of pop.txt, slice.sam and slice.txt before committing"
