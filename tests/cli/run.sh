#!/usr/bin/env bash
# Runs the CLI cases: every tests/cli/<name>.sh of the tier TIER, or those named as arguments.
#
# Tiers: `quick` (default) has all cases but those with the line `# Tier: long`; `long` has those, and
# once more, at full breadth, the cases that look at TIER; `all` has every case at full breadth.
#
# A case is a bash script, run under `set -euo pipefail` in a fresh, empty directory; beside it
# may stand what it must print: <name>.stdout, <name>.stderr (whole and exact) and <name>.exit
# (default 0).  Exit 77 means skipped.  It sees VARLOCK (the program), TESTDATA, KEYS (the keys of
# TESTDATA, private ones readable by their owner only) and SHARED (data; SHARED may be absent), TOP (the tree), TOOLS (programs of tests/tools) and FUZZERS (those of
# tests/fuzz), and has `varlock` and the tools in its PATH.  The last line printed is `N passed,
# N failed, N skipped`.
set -uo pipefail
cases=$(cd "$(dirname "$0")" && pwd)
TOP=$(cd "$cases/../.." && pwd)
export TOP TESTDATA=$TOP/testdata SHARED=${SHARED:-$TOP/../shared}
export VARLOCK=${VARLOCK:-$TOP/varlock} TOOLS=${TOOLS:-$TOP/build/tests/tools}
export FUZZERS=${FUZZERS:-$TOOLS/../fuzz}
export LC_ALL=C
export TIER=${TIER:-quick}
unset VARLOCK_PASSPHRASE

work=$(mktemp -d "${TMPDIR:-/tmp}/varlock-cli.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
# A clone leaves private keys readable to others, which varlock warns of.
cp -R "$TESTDATA/keys" "$work/keys"
chmod -R go= "$work/keys"
export KEYS=$work/keys
ln -s "$VARLOCK" "$work/bin/varlock"
export PATH=$work/bin:$TOOLS:$PATH

# Runs one case; prints its line and, where it failed, what it said.
run_case() {
    local name=$1 directory=$work/$1 status why=() stream
    mkdir "$directory"
    local TIMEFORMAT='%U %S' seconds
    mkdir "$directory/run"
    { time (cd "$directory/run" &&
        timeout "${CASE_SECONDS:-3600}" bash -euo pipefail "$cases/$name.sh" \
            >../stdout 2>../stderr </dev/null); } 2>"$directory/cpu"
    status=$?
    seconds=$(tail -n 1 "$directory/cpu" | awk '{ printf "%.1f CPU s", $1 + $2 }')
    if [ $status -eq 77 ]; then
        echo "skip  $name: $(tail -n 1 "$directory/stderr")"
        return
    fi
    local expected=0
    [ -e "$cases/$name.exit" ] && expected=$(cat "$cases/$name.exit")
    [ $status -eq "$expected" ] || why+=("exit $status, not $expected")
    for stream in stdout stderr; do
        [ -e "$cases/$name.$stream" ] || continue
        diff "$cases/$name.$stream" "$directory/$stream" >"$directory/$stream.diff" ||
            why+=("$stream differs")
    done
    if [ ${#why[@]} -eq 0 ]; then
        echo "ok    $name ($seconds)"
    else
        echo "FAIL  $name: ${why[*]} ($seconds)"
        for stream in stdout.diff stderr.diff stdout stderr; do
            [ -s "$directory/$stream" ] && tail -n 20 "$directory/$stream" | sed "s/^/      $stream: /"
        done
    fi
    rm -rf "$directory"
}
export -f run_case
export work cases

# The cases of the tier.
cases_of_tier() {
    local file
    for file in "$cases"/*.sh; do
        [ "$file" != "$cases/run.sh" ] || continue
        case $TIER in
        quick) ! grep -qx '# Tier: long' "$file" || continue ;;
        long) grep -qE '^# Tier: long$|TIER|by_tier' "$file" || continue ;;
        all) ;;
        *) echo "TIER=$TIER is none of quick, long, all" >&2 && return 1 ;;
        esac
        basename "$file" .sh
    done
}

names=("$@")
if [ $# -eq 0 ]; then
    names=$(cases_of_tier) || exit 1
    mapfile -t names <<<"$names"
fi
printf '%s\n' "${names[@]}" | xargs -P "$(nproc)" -I{} bash -c 'run_case {} >"$work/{}.result"; cat "$work/{}.result"'
count() {
    cat "$work"/*.result | grep -c "^$1 "
}
n_failed=$(count FAIL)
echo "$(count ok) passed, $n_failed failed, $(count skip) skipped"
[ "$n_failed" -eq 0 ]
