# Two builds of one tree, in directories of other names, are equal; no compiler warns, whatever it is asked
# for; the variables of whoever packs or builds for another machine are honoured.
# Tier: long
unset MAKEFLAGS MAKELEVEL MFLAGS
tree() { # NAME: a copy of what is built
    mkdir "$1"
    (cd "$TOP" && tar -cf - Makefile README.md NEWS.md LICENSE varlock.pc.in examples include src formats man tests/unit tests/tools tests/fuzz) | tar -C "$1" -xf -
}
build() { # TREE [make arguments]
    make -C "$1" V=1 "${@:2}" >log 2>&1 || {
        tail -n 20 log >&2
        return 1
    }
    ! grep -i warning log >&2 || return 1
}
tree one
tree another_name
for copy in one another_name; do
    build $copy all
done
for copy in one another_name; do
    make -s -C $copy install PREFIX=/usr DESTDIR="$PWD/$copy.root" >log 2>&1
done
# What is there for link-time optimisation knows where it was compiled; it is not installed.
diff -r one.root another_name.root
[ -e one.root/usr/bin/varlock ]
! grep -raF "$PWD" one.root >/dev/null || exit 1

build one test-programs
build one BUILD=build/O0 PROGRAM=build/O0/varlock CFLAGS=-O0 all build/O0/unit-tests
build one BUILD=build/O2 PROGRAM=build/O2/varlock CFLAGS=-O2 CPPFLAGS=-DPLANTED LDFLAGS=-Wl,--build-id=none all
grep -- ' -DPLANTED .*-O2' log >/dev/null
grep -- ' -O2 .*-Wl,--build-id=none' log >/dev/null
if command -v clang >/dev/null; then
    build one BUILD=build/clang PROGRAM=build/clang/varlock CC=clang all
    build one BUILD=build/clang0 PROGRAM=build/clang0/varlock CC=clang CFLAGS=-O0 all
fi

# Tools by other names.
for tool in cc ar objcopy pkg-config; do
    printf '#!/bin/sh\necho %s >>"%s/called"\nexec %s "$@"\n' $tool "$PWD" $tool >my-$tool
    chmod +x my-$tool
done
make -C one -s BUILD=build/other PROGRAM=build/other/varlock CC="$PWD/my-cc" AR="$PWD/my-ar" OBJCOPY="$PWD/my-objcopy" \
    PKG_CONFIG="$PWD/my-pkg-config" CFLAGS='-O0 -ffat-lto-objects' all build/other/installed/libvarlock.a >log 2>&1
[ "$(sort -u called | tr '\n' ' ')" = 'ar cc objcopy pkg-config ' ]
