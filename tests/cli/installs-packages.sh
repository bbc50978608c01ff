# deps.sh installs what is missing and only that, is silent and changes nothing where all is
# there, goes on where the lists of packages cannot be had anew, installs for the demo no more than it
# needs, and refuses libraries that are too old.  dpkg-query, apt-get and pkg-config are played.
mkdir fake
cat >fake/dpkg-query <<'END'
#!/bin/sh
for package; do :; done
[ "$package" = "$MISSING" ] || [ "$MISSING" = all ] && exit 1
echo installed
END
cat >fake/apt-get <<'END'
#!/bin/sh
echo "apt-get $*" >>calls
case " $* " in *" update "*) [ -z "$OFFLINE" ] ;; esac
END
cat >fake/sudo <<'END'
#!/bin/sh
echo sudo >>calls
exec "$@"
END
cat >fake/pkg-config <<'END'
#!/bin/sh
case "$1 $2" in
"--atleast-version=1.16 htslib" | "--atleast-version=3.0 libcrypto") [ "$2" != "$OLD" ] ;;
--modversion*) echo 0.9 ;;
esac
END
chmod +x fake/*
export PATH=$PWD/fake:$PATH MISSING='' OLD='' OFFLINE=''

for tier in demo test dev; do
    "$TOP/tests/tools/deps.sh" $tier >out
    [ ! -s out ]
    [ ! -e calls ]
done

MISSING=mandoc "$TOP/tests/tools/deps.sh" test >out
[ ! -s out ]
MISSING=mandoc "$TOP/tests/tools/deps.sh" dev >out
grep '^deps: installing mandoc (' out >/dev/null
grep '^apt-get .* update' calls >/dev/null
grep '^apt-get .* install .* mandoc$' calls >/dev/null
if [ "$(id -u)" -eq 0 ]; then
    ! grep sudo calls || exit 1
else
    grep sudo calls >/dev/null
fi

OFFLINE=yes MISSING=check "$TOP/tests/tools/deps.sh" test >out 2>err
grep 'update failed; going on' err >/dev/null
grep '^apt-get .* install .* check$' calls >/dev/null

# Of the demo nothing for tests.
MISSING=all "$TOP/tests/tools/deps.sh" demo >out
! grep -wE 'check|clang|python3|nginx-light|bcftools' out || exit 1
MISSING=all "$TOP/tests/tools/deps.sh" dev snakemake >out
grep -w check out | grep -w clang | grep -w snakemake >/dev/null

status=0
"$TOP/tests/tools/deps.sh" all 2>err || status=$?
[ $status -eq 2 ]

for old in htslib libcrypto; do
    ! OLD=$old "$TOP/tests/tools/deps.sh" demo 2>err || exit 1
    grep "^deps: $old >= .* is needed, found: 0.9" err >/dev/null
done
