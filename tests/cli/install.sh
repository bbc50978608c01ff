# A program builds and runs against what `make install` puts down; uninstall takes it all away.
if nm "$VARLOCK" | grep __asan_init >/dev/null; then
    echo "objects built for a sanitizer are not installed" >&2
    exit 77
fi
unset MAKEFLAGS MAKELEVEL MFLAGS
build=$(realpath --relative-to="$TOP" "${TOOLS%/tests/tools}")
program=$(realpath --relative-to="$TOP" "$VARLOCK")
in_tree() {
    make -s -C "$TOP" BUILD="$build" PROGRAM="$program" DESTDIR="$PWD/root" PREFIX=/usr "$@"
}
# Installing must not build: other cases run the program meanwhile.
if ! in_tree -q "$program"; then
    echo "$program is not what make would build now" >&2
    exit 77
fi
in_tree install
[ "$(root/usr/bin/varlock --version)" = "$(varlock --version)" ]
cmp root/usr/share/man/man1/varlock-encrypt.1 "$TOP/man/varlock-encrypt.1"
[ "$(ls root/usr/include/varlock)" = "$(printf 'error.h\nvarlock.h')" ]

cat >client.c <<'END'
#include <stdio.h>
#include <varlock/varlock.h>

int main(void)
{
    struct vl_error err = {0};
    struct vl_keygen_options options = {.name = "client", .bits = 2048};
    if (vl_keygen(&options, &err) < 0)
        return fprintf(stderr, "%s\n", err.message), 1;
    puts(VARLOCK_VERSION);
    return 0;
}
END
export PKG_CONFIG_PATH=$PWD/root/usr/lib/pkgconfig
[ "varlock $(pkg-config --modversion varlock)" = "$(varlock --version)" ]
# The prefix is where it will be, so that the staging directory comes in front.
${CC:-cc} -std=c11 -I"$PWD/root/usr/include" -o client client.c -L"$PWD/root/usr/lib" \
    $(pkg-config --cflags --libs varlock)
[ "varlock $(./client)" = "$(varlock --version)" ]
openssl pkey -in client.pem -check -noout >/dev/null
# Only vl_* is visible.
[ -z "$(nm -g --defined-only root/usr/lib/libvarlock.a | awk 'NF == 3 && $3 !~ /^vl_/')" ]

in_tree uninstall
[ -z "$(find root -type f)" ]
