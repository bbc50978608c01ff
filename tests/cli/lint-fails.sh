# Every check of lint finds what it is for: each is shown a tree with one fault planted in it.
mkdir tree
cp -r "$TOP/include" "$TOP/src" "$TOP/formats" "$TOP/man" "$TOP/.clang-format" tree
mkdir -p tree/tests/tools
cp "$TOP/tests/tools/lint.sh" tree/tests/tools

finds() { # check expected
    local status=0
    tree/tests/tools/lint.sh "$1" >out || status=$?
    if [ $status -ne 1 ] || ! grep -qF -- "$2" out; then
        echo "lint.sh $1 does not find: $2" >&2
        cat out >&2
        return 1
    fi
}
plant() { # file, text on stdin
    cat >"tree/$1"
}

plant src/base/planted.c <<<'#include "varlock/seal.h"'
finds arrows 'src/base/planted.c: src/base includes varlock/seal.h of src/crypto, against the arrows'
plant src/base/planted.c <<<'#include "../core/record.h"'
finds arrows 'src/base/planted.c: ../core/record.h is neither a contract nor'
plant include/varlock/planted.h <<<''
finds arrows 'include/varlock/planted.h: belongs to no room'
plant include/varlock/planted.h <<<'size_t n;'
finds headers 'include/varlock/planted.h: does not compile alone'
rm tree/include/varlock/planted.h
plant src/base/planted.c <<<'#include <openssl/evp.h>'
finds libraries 'src/base/planted.c: <openssl/evp.h> belongs in src/crypto only'
plant src/crypto/planted.c <<<'#include <htslib/sam.h>'
finds libraries 'src/crypto/planted.c: <htslib/sam.h> belongs in src/core only'
plant src/crypto/planted.c <<<'#include <zstd.h>'
finds libraries 'src/crypto/planted.c: <zstd.h> belongs in formats only'
finds names 'planted.c: more than one file of that name'
rm tree/src/crypto/planted.c
{
    printf 'int planted(void)\n{\n'
    head -n 79 < <(yes '    ;')
    printf '}\n'
} | plant src/base/planted.c
finds sizes 'src/base/planted.c:2: function of 81 lines'
head -n 601 < <(yes '') | plant src/base/planted.c
finds sizes 'src/base/planted.c: 601 lines'
printf '/* %s: later */\n' TO''DO | plant src/base/planted.c
finds words 'planted.c:1:'
plant src/base/planted.c <<<'int   planted;'
finds format 'src/base/planted.c: 1 places'
plant man/planted.1 <<<'.Sh PLANTED'
finds man 'planted.1'

mkdir -p tree/objects
printf 'int vl_encrypt(void);\nint vl_planted(void);\nint vl_planted(void) { return vl_encrypt(); }\n' |
    plant src/base/planted.c
printf 'int vl_encrypt(void);\nint vl_encrypt(void) { return 0; }\n' >encrypt.c
cc -c -o tree/objects/planted.o tree/src/base/planted.c
cc -c -o tree/objects/encrypt.o encrypt.c
ar rcs tree/objects/planted.a tree/objects/*.o
export LIBRARY=objects/planted.a
finds symbols 'src/base/planted.c: uses vl_encrypt of src/core, against the arrows'
