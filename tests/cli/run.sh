#!/usr/bin/env bash
# Runs the CLI cases: every tests/cli/<name>.sh but this one, or those named as arguments.
#
# A case is a bash script, run under `set -euo pipefail` in a fresh, empty directory; beside it
# may stand what it must print: <name>.stdout, <name>.stderr (whole and exact) and <name>.exit
# (default 0).  Exit 77 means skipped.  It sees VARLOCK (the program), TESTDATA and SHARED (data;
# SHARED may be absent), TOP (the tree), TOOLS (programs of tests/tools) and FUZZERS (those of
# tests/fuzz), and has `varlock` and the tools in its PATH.  The last line printed is `N passed,
# N failed, N skipped`.
set -uo pipefail
cases=$(cd "$(dirname "$0")" && pwd)
TOP=$(cd "$cases/../.." && pwd)
export TOP TESTDATA=$TOP/testdata SHARED=${SHARED:-$TOP/../shared}
export VARLOCK=${VARLOCK:-$TOP/varlock} TOOLS=${TOOLS:-$TOP/build/tests/tools}
export FUZZERS=${FUZZERS:-$TOOLS/../fuzz}
export LC_ALL=C
unset VARLOCK_PASSPHRASE

work=$(mktemp -d "${TMPDIR:-/tmp}/varlock-cli.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
ln -s "$VARLOCK" "$work/bin/varlock"
export PATH=$work/bin:$TOOLS:$PATH

# Runs one case; prints its line and, where it failed, what it said.
run_case() {
    local name=$1 directory=$work/$1 status why=() stream
    mkdir "$directory"
    (cd "$directory" && mkdir run && cd run &&
        timeout "${CASE_SECONDS:-900}" bash -euo pipefail "$cases/$name.sh" \
            >../stdout 2>../stderr </dev/null)
    status=$?
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
        echo "ok    $name"
    else
        echo "FAIL  $name: ${why[*]}"
        for stream in stdout.diff stderr.diff stdout stderr; do
            [ -s "$directory/$stream" ] && tail -n 20 "$directory/$stream" | sed "s/^/      $stream: /"
        done
    fi
    rm -rf "$directory"
}
export -f run_case
export work cases

names=("$@")
[ $# -gt 0 ] || mapfile -t names < <(cd "$cases" && ls -- *.sh | grep -vx run.sh | sed 's/\.sh$//')
printf '%s\n' "${names[@]}" | xargs -P "$(nproc)" -I{} bash -c 'run_case {} >"$work/{}.result"; cat "$work/{}.result"'
count() {
    cat "$work"/*.result | grep -c "^$1 "
}
n_failed=$(count FAIL)
echo "$(count ok) passed, $n_failed failed, $(count skip) skipped"
[ "$n_failed" -eq 0 ]
