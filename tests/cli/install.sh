# Programs build and run against what `make install` puts down; uninstall takes just that away.
. "$TOP/tests/cli/lib.bash"
if nm "$VARLOCK" | grep __asan_init >/dev/null; then
    echo "objects built for a sanitizer are not installed" >&2
    exit 77
fi
unset MAKEFLAGS MAKELEVEL MFLAGS
build=$(realpath --relative-to="$TOP" "${TOOLS%/tests/tools}")
program=$(realpath --relative-to="$TOP" "$VARLOCK")
in_tree() {
    make -s -C "$TOP" BUILD="$build" PROGRAM="$program" DESTDIR="$PWD/root" PREFIX=/usr \
        LIBDIR=/usr/lib/this-machine "$@"
}
# Installing must not build: other cases run the program meanwhile.
if ! in_tree -q "$program"; then
    echo "$program is not what make would build now" >&2
    exit 77
fi
mkdir bin
printf '#!/bin/sh\ntouch "%s/ldconfig-ran"\n' "$PWD" >bin/ldconfig
chmod 755 bin/ldconfig
export PATH=$PWD/bin:$PATH

# What was there before stays.
mkdir -p root/usr/share/doc/varlock root/usr/include/varlock
touch root/usr/share/doc/varlock/mine root/usr/include/varlock/mine.h
in_tree install
[ ! -e ldconfig-ran ]
doc=root/usr/share/doc/varlock lib=$PWD/root/usr/lib/this-machine headers=$PWD/root/usr/include
[ "$(root/usr/bin/varlock --version)" = "$(varlock --version)" ]
cmp root/usr/share/man/man1/varlock-encrypt.1 "$TOP/man/varlock-encrypt.1"
[ "$(ls "$headers/varlock")" = "$(printf 'error.h\nhooks.h\nmine.h\nrestored.h\nvarlock.h')" ]
for file in README.md NEWS.md LICENSE formats/bdiff.md examples/snakemake/Snakefile; do
    cmp "$doc/$file" "$TOP/$file"
done
[ -x "$doc/examples/restore.py" ]
[ "$(readlink "$lib/libvarlock.so")" = libvarlock.so.0 ]
readelf -d "$lib/libvarlock.so.0" | grep 'SONAME.*\[libvarlock\.so\.0\]' >/dev/null

# Both libraries show what the installed headers declare, and nothing else.
printf '#include <varlock/%s.h>\n' varlock restored hooks error >all.c
read -ra htslib < <(pkg-config --cflags htslib)
${CC:-cc} -E -P -I"$headers" "${htslib[@]}" all.c | grep -oE '\bvl_[a-z0-9_]+ ?\(' | tr -d ' (' | sort -u >declared
[ "$(wc -l <declared)" -ge 9 ]
nm -D --defined-only "$lib/libvarlock.so.0" | awk '{ print $3 }' | sort | diff declared - >&2
nm -g --defined-only "$lib/libvarlock.a" | awk 'NF == 3 { print $3 }' | sort | diff declared - >&2

# The prefix is where it will be, so that the staging directory comes in front.
export PKG_CONFIG_PATH=$lib/pkgconfig LD_LIBRARY_PATH=$lib
[ "varlock $(pkg-config --modversion varlock)" = "$(varlock --version)" ]
[ "$(pkg-config --variable=libdir varlock)" = /usr/lib/this-machine ]
# What the headers do not need is for static linking only.
[ "$(pkg-config --libs varlock | tr -d ' ')" = -L/usr/lib/this-machine-lvarlock ]
flags=(-Wall -Wextra -Werror -I"$headers" -L"$lib")
read -ra shared < <(pkg-config --cflags --libs varlock)
read -ra static < <(pkg-config --static --cflags --libs varlock | sed 's/-lvarlock/-l:libvarlock.a/')
${CC:-cc} -std=c11 "${flags[@]}" -o restore-shared "$doc/examples/restore.c" "${shared[@]}"
${CC:-cc} -std=c11 "${flags[@]}" -o restore-static "$doc/examples/restore.c" "${static[@]}"
readelf -d restore-shared | grep 'NEEDED.*libvarlock\.so\.0' >/dev/null
readelf -d restore-static | grep 'NEEDED.*libvarlock' && exit 1

golden=$TESTDATA/golden region=z:601-1,600
restore_with() {
    "$@" "$golden/masked.bam" "$golden/slice.bdiff" "$keys/alice.pem" "$region" part.bam 2>said
    grep 'records restored' said >/dev/null
    cmp want.bam part.bam
    cmp want.bam.csi part.bam.csi
    rm part.bam part.bam.csi
}
varlock decrypt -q -k "$keys/alice.pem" -d "$golden/slice.bdiff" -r "$region" -o want.bam --write-index \
    "$golden/masked.bam"
[ "$(samtools view -c want.bam)" -gt 10 ]
restore_with ./restore-shared
LD_LIBRARY_PATH='' restore_with ./restore-static
restore_with python3 "$doc/examples/restore.py"
# The reader counts what samtools counts in what decrypt writes.
read -ra htslib < <(pkg-config --cflags --libs htslib)
${CC:-cc} -std=c11 "${flags[@]}" -o depth "$doc/examples/depth.c" "${shared[@]}" "${htslib[@]}"
./depth "$golden/masked.bam" "$golden/slice.bdiff" "$keys/alice.pem" "$region" >depth.txt
samtools depth -r "$region" want.bam | cmp - depth.txt
[ -s depth.txt ]
# The library's message comes through.
! python3 "$doc/examples/restore.py" "$golden/masked.bam" "$golden/slice.bdiff" "$keys/bob.pem" "$region" \
    part.bam 2>said || exit 1
grep 'restore.py: .*slice.bdiff' said >/dev/null

# C++ takes the headers as they are.
cat >client.cc <<'END_OF_FILE'
#include <varlock/varlock.h>
#include <varlock/hooks.h>
#include <varlock/error.h>
#include <cstdio>
#include <cstring>

static int cancel(void *, uint64_t, double)
{
    return 1;
}

int main()
{
    vl_error err = vl_error();
    vl_vcf2vac_options no_input = vl_vcf2vac_options();
    no_input.size = sizeof no_input;
    no_input.hooks.progress = cancel;
    if (vl_vcf2vac(&no_input, NULL, &err) != VL_ERR_USAGE || !std::strstr(err.message, "options.input"))
        return std::fprintf(stderr, "%s\n", err.message), 1;
    vl_keygen_options options = vl_keygen_options();
    options.size = sizeof options;
    options.name = "client";
    options.bits = 2048;
    if (vl_keygen(&options, &err) < 0)
        return std::fprintf(stderr, "%s\n", err.message), 1;
    return std::puts(vl_version()) < 0 || std::strcmp(vl_version(), VARLOCK_VERSION) != 0;
}
END_OF_FILE
for kind in shared static; do
    declare -n link=$kind
    ${CXX:-g++} -std=c++11 -pedantic "${flags[@]}" -o client client.cc "${link[@]}"
    [ "varlock $(./client)" = "$(varlock --version)" ]
    openssl pkey -in client.pem -check -noout >/dev/null
    rm client.pem client.pub.pem
done

in_tree uninstall
printf '%s\n' root/usr/include/varlock/mine.h root/usr/share/doc/varlock/mine >mine
find root ! -type d | sort | diff mine - >&2
[ ! -e "$doc/examples" ]

# Without a staging directory the loader hears of the library.
in_place() {
    in_tree DESTDIR= PREFIX="$PWD/here" LIBDIR="$PWD/here/lib" DOCDIR="$PWD/here/doc" "$@"
}
in_place install
[ -e ldconfig-ran ]
export PKG_CONFIG_PATH=$PWD/here/lib/pkgconfig LD_LIBRARY_PATH=
read -ra shared < <(pkg-config --cflags --libs varlock)
${CC:-cc} -std=c11 -o restore here/doc/examples/restore.c "${shared[@]}" -Wl,-rpath,"$PWD/here/lib"
restore_with ./restore
in_place uninstall
[ -z "$(find here ! -type d)" ]
