# The tarball packs itself again, byte for byte, without a repository; it has what is committed.
# Tier: long
if [ -e "$TOP/.git" ] && ! command -v git >/dev/null; then
    echo 'git is not installed' >&2
    exit 77
fi
unset MAKEFLAGS MAKELEVEL MFLAGS
mkdir first second
make -s -C "$TOP" dist DIST_DIR="$PWD/first"
tar -xzf first/*.tar.gz
make -s -C varlock-* dist DIST_DIR="$PWD/second"
cmp first/*.tar.gz second/*.tar.gz
if [ -e "$TOP/.git" ]; then
    git -C "$TOP" -c safe.directory="$TOP" ls-tree -r --name-only HEAD | LC_ALL=C sort | cmp - varlock-*/MANIFEST
fi
(cd varlock-* && find . -type f ! -name MANIFEST | sed 's|^\./||' | LC_ALL=C sort) | cmp - varlock-*/MANIFEST
