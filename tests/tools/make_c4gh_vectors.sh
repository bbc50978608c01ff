#!/usr/bin/env bash
# make_c4gh_vectors.sh PYTHON RUST: makes testdata/crypt4gh anew with the tools of others.  PYTHON is crypt4gh
# 1.8.6 of PyPI, RUST that of cargo (0.4.1); both are named crypt4gh.  The plain text is `seq 1 13000`.
set -euo pipefail
cd "$(dirname "$0")/../.."
python=$1 rust=$2
keys=testdata/keys out=testdata/crypt4gh
plain=$(mktemp)
trap 'rm -f "$plain"' EXIT
seq 1 13000 >"$plain"
for tool in python rust; do
    "${!tool}" encrypt --sk $keys/c4gh-plain.sec --recipient_pk $keys/ssh.pub --recipient_pk $keys/c4gh.pub <"$plain" >$out/$tool.c4gh
    "${!tool}" rearrange --sk $keys/c4gh-plain.sec --range 65000-66001 <$out/$tool.c4gh >$out/$tool-edit.c4gh
done
