#!/usr/bin/env bash
# Packs the tree as varlock-VERSION.tar.gz: what is committed, or in an unpacked tarball, which has no
# repository, what its MANIFEST lists.  The same files always make the same bytes.
#   dist.sh VERSION [DIRECTORY]      DIRECTORY, where the tarball goes, is that of the tree by default
set -euo pipefail
cd "$(dirname "$0")/../.."
name=varlock-$1
output=${2:-.}/$name.tar.gz

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/$name"
# The tree may belong to somebody else than who packs it, as in a container.
repository() {
    git -c safe.directory="$PWD" "$@"
}
if [ -e .git ]; then
    repository archive HEAD | tar -C "$work/$name" -xf -
    time=$(repository log -1 --format=%ct)
    (cd "$work/$name" && find . -type f | sed 's|^\./||' | LC_ALL=C sort) >"$work/files"
    mv "$work/files" "$work/$name/MANIFEST"
elif [ -e MANIFEST ]; then
    tar -cf - MANIFEST --verbatim-files-from -T MANIFEST | tar -C "$work/$name" -xf -
    time=$(stat -c %Y MANIFEST)
else
    echo 'dist: neither a git repository nor an unpacked tarball' >&2
    exit 1
fi
tar -C "$work" --sort=name --format=gnu --mtime="@$time" --owner=0 --group=0 --numeric-owner \
    --mode=u=rwX,go=rX -cf - "$name" | gzip -9n >"$work/packed"
mv "$work/packed" "$output"
echo "dist: $output"
