#!/usr/bin/env bash
# Runs the tests of TIER, see tests/README.md: `quick` is the unit tests and most CLI cases, `long` the
# other cases, the wider ones and lint, `all` every test at full breadth.  The last line sums them up
# (lint counts as one case).  Started by the Makefile, which sets VARLOCK, UNIT_TESTS and TOOLS.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1

log=$(mktemp)
trap 'rm -f "$log"' EXIT
passed=0
failed=0
export TIER=${TIER:-quick}
SECONDS=0

run_unit_tests() {
    "$UNIT_TESTS" 2>&1 | tee "$log"
    if [[ $(tail -n 200 "$log") =~ Checks:\ ([0-9]+),\ Failures:\ ([0-9]+),\ Errors:\ ([0-9]+) ]]; then
        bad=$((BASH_REMATCH[2] + BASH_REMATCH[3]))
        passed=$((passed + BASH_REMATCH[1] - bad))
        failed=$((failed + bad))
    else
        echo "unit tests: no summary line, so they did not finish"
        failed=$((failed + 1))
    fi
}
[ "$TIER" = long ] || run_unit_tests

tests/cli/run.sh 2>&1 | tee "$log"
if [[ $(tail -n 1 "$log") =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed ]]; then
    passed=$((passed + BASH_REMATCH[1]))
    failed=$((failed + BASH_REMATCH[2]))
else
    echo "CLI cases: no summary line, so they did not finish"
    failed=$((failed + 1))
fi

if [ "$TIER" = long ]; then
    if tests/tools/lint.sh; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
    fi
fi

times >"$log" # not in a pipe, whose children are others
awk -F '[ms ]' -v tier="$TIER" -v wall=$SECONDS \
    'NR == 2 { printf "tier %s: %d s, %d CPU s\n", tier, wall, 60 * $1 + $2 + 60 * $4 + $5 }' "$log"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
