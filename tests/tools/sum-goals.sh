#!/usr/bin/env bash
# Runs make for each goal, whatever the others come to; the last line adds up theirs.
#   sum-goals.sh GOAL...      goals whose last line is `N passed, N failed`
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1

log=$(mktemp)
trap 'rm -f "$log"' EXIT
passed=0
failed=0
for goal; do
    echo "== make $goal"
    "${MAKE:-make}" --no-print-directory "$goal" 2>&1 | tee "$log"
    status=${PIPESTATUS[0]}
    if [[ $(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$log" | tail -n 1) =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
        passed=$((passed + BASH_REMATCH[1]))
        failed=$((failed + BASH_REMATCH[2]))
        [ "$status" -eq 0 ] || [ "${BASH_REMATCH[2]}" -gt 0 ] || failed=$((failed + 1))
    else
        echo "make $goal did not finish (exit $status)"
        failed=$((failed + 1))
    fi
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
