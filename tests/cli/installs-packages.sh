# deps.sh installs what is missing and only that, is silent and changes nothing where all is
# there, and refuses libraries that are too old.  dpkg-query, apt-get and pkg-config are played.
mkdir fake
cat >fake/dpkg-query <<'END'
#!/bin/sh
for package; do :; done
[ "$package" = "$MISSING" ] && exit 1
echo installed
END
cat >fake/apt-get <<'END'
#!/bin/sh
echo "apt-get $*" >>calls
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
export PATH=$PWD/fake:$PATH MISSING='' OLD=''

"$TOP/tests/tools/deps.sh" >out
[ ! -s out ]
[ ! -e calls ]

MISSING=mandoc "$TOP/tests/tools/deps.sh" >out
grep '^deps: installing mandoc (' out >/dev/null
grep '^apt-get update' calls >/dev/null
grep '^apt-get install.* mandoc$' calls >/dev/null
if [ "$(id -u)" -eq 0 ]; then
    ! grep sudo calls || exit 1
else
    grep sudo calls >/dev/null
fi

for old in htslib libcrypto; do
    ! OLD=$old "$TOP/tests/tools/deps.sh" 2>err || exit 1
    grep "^deps: $old >= .* is needed, found: 0.9" err >/dev/null
done
