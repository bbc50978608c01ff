# `make help` has a line for each goal that README or tests/README.md tells of, and needs no libraries.
unset MAKEFLAGS MAKELEVEL MFLAGS
make -s -C "$TOP" help PKG_CONFIG=false >help
for goal in $(grep -ohE '`make [a-z-]+' "$TOP/README.md" "$TOP/tests/README.md" | sed 's/.* //' | sort -u); do
    grep -qE "^  make $goal +[^ ]" help || {
        echo "make help does not tell of $goal" >&2
        exit 1
    }
done
[ "$(wc -l <help)" -gt 12 ]
