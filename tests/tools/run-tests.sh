#!/usr/bin/env bash
# Runs the unit tests, the CLI cases and, when asked with the argument `lint`, lint; the last
# line sums them up (lint counts as one case).  Started by the Makefile, which sets VARLOCK,
# UNIT_TESTS and TOOLS.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1

log=$(mktemp)
trap 'rm -f "$log"' EXIT
passed=0
failed=0

# Check's default limit of four seconds a test is too tight under sanitizers on a busy machine.
export CK_DEFAULT_TIMEOUT=${CK_DEFAULT_TIMEOUT:-240}
"$UNIT_TESTS" 2>&1 | tee "$log"
if [[ $(tail -n 200 "$log") =~ Checks:\ ([0-9]+),\ Failures:\ ([0-9]+),\ Errors:\ ([0-9]+) ]]; then
    bad=$((BASH_REMATCH[2] + BASH_REMATCH[3]))
    passed=$((passed + BASH_REMATCH[1] - bad))
    failed=$((failed + bad))
else
    echo "unit tests: no summary line, so they did not finish"
    failed=$((failed + 1))
fi

tests/cli/run.sh 2>&1 | tee "$log"
if [[ $(tail -n 1 "$log") =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed ]]; then
    passed=$((passed + BASH_REMATCH[1]))
    failed=$((failed + BASH_REMATCH[2]))
else
    echo "CLI cases: no summary line, so they did not finish"
    failed=$((failed + 1))
fi

if [ "${1-}" = lint ]; then
    if tests/tools/lint.sh; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
    fi
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
