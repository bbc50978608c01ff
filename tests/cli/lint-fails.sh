# Every check of lint finds what it is for: each is shown a tree with one fault planted in it.
# Tier: long
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

# check, file, its one line, what is expected to be said of the file
while IFS='|' read -r check file line said; do
    plant "$file" <<<"$line"
    finds "$check" "$file: $said"
    rm "tree/$file"
done <<'END'
arrows|src/base/planted.c|#include "varlock/seal.h"|src/base includes varlock/seal.h of src/crypto, against
arrows|src/base/planted.c|#include "../core/record.h"|../core/record.h is neither a contract nor
arrows|src/core/planted.c|#include "varlock/audit.h"|src/core includes varlock/audit.h of src/audit, against
arrows|src/audit/planted.c|#include "varlock/fetch.h"|src/audit includes varlock/fetch.h of src/net, against
arrows|include/varlock/planted.h||belongs to no room
headers|include/varlock/planted.h|size_t n;|does not compile alone
libraries|src/base/planted.c|#include <openssl/evp.h>|<openssl/evp.h> belongs in src/crypto only
libraries|src/crypto/planted.c|#include <htslib/sam.h>|<htslib/sam.h> belongs in src/core or src/audit only
libraries|src/crypto/planted.c|#include <zstd.h>|<zstd.h> belongs in formats only
format|src/base/planted.c|int   planted;|1 places
END

plant src/base/planted.c <<<''
plant src/crypto/planted.c <<<''
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
plant man/planted.1 <<<'.Sh PLANTED'
finds man 'planted.1'

# A program that lacks one thing.
cat >hard.c <<'END'
#include <stdio.h>
#include <string.h>
int main(int argc, char **argv)
{
    char text[16];
    strcpy(text, argv[argc - 1]);
    return puts(text);
}
END
hard=(-O2 -fPIE -pie -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -Wl,-z,relro,-z,now)
cc "${hard[@]}" -o tree/planted hard.c
PROGRAM=./planted tree/tests/tools/lint.sh hardening >/dev/null
while IFS='|' read -r flags said; do
    # shellcheck disable=SC2086 # words
    cc "${hard[@]}" $flags -o tree/planted hard.c
    PROGRAM=./planted finds hardening "./planted: $said"
done <<'END'
-no-pie -fno-pie|not position-independent
-Wl,-z,norelro|no relocations are read-only
-Wl,-z,lazy|functions are bound late
-fno-stack-protector|the stack is not protected
-U_FORTIFY_SOURCE|buffers are not checked
END
rm tree/planted

mkdir -p tree/objects
printf 'int vl_encrypt(void);\nint vl_planted(void);\nint vl_planted(void) { return vl_encrypt(); }\n' |
    plant src/base/planted.c
printf 'int vl_encrypt(void);\nint vl_encrypt(void) { return 0; }\n' >encrypt.c
cc -c -o tree/objects/planted.o tree/src/base/planted.c
cc -c -o tree/objects/encrypt.o encrypt.c
ar rcs tree/objects/planted.a tree/objects/*.o
export LIBRARY=objects/planted.a
finds symbols 'src/base/planted.c: uses vl_encrypt of src/core, against the arrows'
