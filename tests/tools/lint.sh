#!/usr/bin/env bash
# The house rules a machine can check.  Prints a line per finding; exits 1 when there is one.
#   lint.sh [CHECK...]     default: all of arrows libraries sizes words names pipes man format headers
#                          symbols hardening
# LINT_ROOT is the tree (default: this one), LIBRARY the static library whose symbols are read,
# PROGRAM the built program.
set -uo pipefail
cd "${LINT_ROOT:-$(dirname "$0")/../..}" || exit 1

findings=$(mktemp)
trap 'rm -f "$findings"' EXIT
say() {
    printf '%s\n' "$*" | tee -a "$findings"
}

# Lowest first; rooms of one line do not know each other.  Those of src/core stand between formats and
# the operations, which are src/core itself.
floors=(
    'src/base'
    'src/crypto'
    'formats'
    'src/core/record src/core/container src/core/crypt4gh'
    'src/core/window src/core/alignment src/core/run src/core/vcf'
    'src/core/projection'
    'src/core/residual'
    'src/core/mask src/core/restore src/core/view'
    'src/core/grant src/core/shard src/core/extract src/core/answer src/core/serve'
    'src/core'
    'src/net src/audit'
    'src/cmd'
)

floor_of_room() {
    local i
    for i in "${!floors[@]}"; do
        [[ " ${floors[i]} " != *" $1 "* ]] || echo "$i"
    done
}

# may_use USER OWNER: both are rooms, and OWNER is USER itself or lies on a lower floor.
may_use() {
    local user owner
    user=$(floor_of_room "$1") owner=$(floor_of_room "$2")
    [ -n "$user" ] && [ -n "$owner" ] && { [ "$1" = "$2" ] || [ "$owner" -lt "$user" ]; }
}

# Room of a contract header.
room_of_header() {
    case $1 in
    error | fail | buf | names | contig | little_endian | region | file | outfile | outfile_set | output_paths | \
        ending | thread_check | checksum | hooks | secret_file | wire | json) echo src/base ;;
    key | seal | digest | draw | chacha | base64) echo src/crypto ;;
    frame | vac | bdiff | bdiff_limits | crypt4gh) echo formats ;;
    varlock | receive | restored | serving | backend) echo src/core ;;
    fetch | serve) echo src/net ;;
    audit) echo src/audit ;;
    esac
}

sources() {
    find include src formats tests examples -name '*.[ch]' 2>/dev/null | sort
}

# The files a person wrote, binaries and what a build leaves aside.
texts() {
    find . \( -name .git -o -name build -o -name testdata \) -prune -o -type f \
        ! -name varlock ! -name '*.a' ! -name '*.o' ! -name '*.tar.gz' -print | sort
}

check_arrows() {
    local file room header target
    for header in include/varlock/*.h; do
        [ -n "$(room_of_header "$(basename "$header" .h)")" ] ||
            say "$header: belongs to no room; name it in lint.sh"
    done
    while IFS=: read -r file _ header; do
        room=${file%/*}
        if [ "$room" = include/varlock ]; then
            room=$(room_of_header "$(basename "$file" .h)")
        fi
        # src/core, and src/audit, which stands on its rooms, write the room of a header; the other
        # rooms know only their own.
        if [[ $header == varlock/* ]]; then
            target=$(room_of_header "$(basename "$header" .h)")
            # The options of an operation reach into its rooms; who calls one is seen by `symbols`.
            [ "$target" != src/core ] || [[ $room != src/core/* ]] || continue
        elif [[ $room == src/core* || $room == src/audit ]] && [ -e "src/core/$header" ]; then
            target=$(dirname "src/core/$header")
        elif [ -e "$room/$header" ]; then
            target=$room
        else
            say "$file: $header is neither a contract nor a header of its own folder"
            continue
        fi
        may_use "$room" "$target" ||
            say "$file: $room includes $header of $target, against the arrows"
    done < <(grep -rnoP '^\s*#\s*include\s*"\K[^"]+' include src formats --include='*.[ch]')
}

# Each outside library in one room only.
check_libraries() {
    local file header only room
    while IFS=: read -r file _ header; do
        case $header in
        htslib/*) only='src/core|src/audit' ;;
        openssl/*) only=src/crypto ;;
        zstd* | zdict*) only=formats ;;
        botan/*) only=src/crypto ;;
        xxhash* | jansson*) only=src/base ;;
        curl/* | microhttpd*) only=src/net ;;
        *) continue ;;
        esac
        room=${file%/*}
        [ "$room" != include/varlock ] || room=$(room_of_header "$(basename "$file" .h)")
        [[ $room/ =~ ^($only)/ ]] || say "$file: <$header> belongs in ${only//|/ or } only"
    done < <(grep -rnoP '^\s*#\s*include\s*[<"]\K[^>"]+' include src formats --include='*.[ch]')
}

# clang-format puts a function's braces, and no others, alone in the first column.
check_sizes() {
    local file
    for file in $(sources); do
        awk -v file="$file" '
            /^\{$/ { start = FNR }
            /^\}$/ && start {
                if (FNR - start + 1 > 80)
                    printf "%s:%d: function of %d lines, at most 80\n", file, start, FNR - start + 1
                start = 0
            }
            END { if (FNR > 600) printf "%s: %d lines, at most 600\n", file, FNR }' "$file"
    done | tee -a "$findings"
}

check_words() {
    local words='TO''DO|FIX''ME|X''XX'
    texts | tr '\n' '\0' | xargs -0 grep -nIwE "$words" | tee -a "$findings"
}

check_names() {
    local name
    texts | grep -E '\.(c|h|sh|py|1)$' | sed 's|.*/||' | sort | uniq -d | while read -r name; do
        say "$name: more than one file of that name: $(texts | grep "/$name\$" | tr '\n' ' ')"
    done
}

# `grep -q` leaves its pipe at the first match; under pipefail the writer's SIGPIPE then reads as "no
# match", now and then. To /dev/null it reads on.
check_pipes() {
    grep -nE '[^|]\|\s*grep (-[a-zA-Z]+ )*-[a-zA-Z]*q' tests/cli/*.sh | sed 's|$|: grep -q behind a pipe|' | tee -a "$findings"
}

check_man() {
    # The pages refer to each other, and to others, which need not be installed.
    mandoc -T lint man/*.1 2>&1 | grep -v -e "referenced manual not found" -e "outdated mandoc.db" |
        tee -a "$findings"
}

check_format() {
    # shellcheck disable=SC2046 # names without blanks
    clang-format --dry-run -Werror $(sources) 2>&1 | grep -a 'error:' |
        cut -d: -f1 | uniq -c | awk '{print $2 ": " $1 " places clang-format would change"}' |
        tee -a "$findings"
}

check_headers() {
    local header
    for header in include/varlock/*.h $(find src formats -name '*.h'); do
        # shellcheck disable=SC2046 # flags
        ${CC:-cc} -std=c11 -D_GNU_SOURCE -Iinclude -Isrc/core $(pkg-config --cflags htslib libcrypto libzstd libxxhash) \
            -fsyntax-only -x c "$header" >/dev/null 2>&1 || say "$header: does not compile alone"
    done
}

# The arrows once more, by what the library's objects call.
check_symbols() {
    local library=${LIBRARY:-libvarlock.a} member symbol user owner
    if [ ! -e "$library" ]; then
        say "$library: not there, so its symbols were not checked; run make first"
        return
    fi
    declare -A room owner_of
    for file in src/*/*.c src/core/*/*.c formats/*.c; do
        member=$(basename "$file" .c)
        room[$member]=${file%/*}
    done
    while read -r member symbol; do
        owner_of[$symbol]=$member
    done < <(nm -A -g --defined-only "$library" |
        sed -nE 's|^[^:]*:(.*)\.o:[0-9a-f]* [TDBRC] (.*)$|\1 \2|p')
    while read -r member symbol; do
        [ -n "${owner_of[$symbol]-}" ] || continue
        user=${room[$member]} owner=${room[${owner_of[$symbol]}]}
        may_use "$user" "$owner" ||
            say "$user/$member.c: uses $symbol of $owner, against the arrows"
    done < <(nm -A -u "$library" | sed -nE 's|^[^:]*:(.*)\.o: +U (.*)$|\1 \2|p')
}

# The built program has what HARDEN_CFLAGS and HARDEN_LDFLAGS ask for.
check_hardening() {
    local program=${PROGRAM:-./varlock} options pattern said
    if [ ! -e "$program" ]; then
        say "$program: not there, so it was not looked into; run make first"
        return
    fi
    while IFS='|' read -r options pattern said; do
        readelf "$options" "$program" 2>/dev/null | grep -E -- "$pattern" >/dev/null || say "$program: $said"
    done <<'END'
-hW|Type: +DYN|not position-independent
-lW|GNU_RELRO|no relocations are read-only
-dW|Flags:.*NOW|functions are bound late, so that their table can be written
-sW|__stack_chk_fail|the stack is not protected
-sW|__[a-z]+_chk@|buffers are not checked (_FORTIFY_SOURCE)
END
}

checks=("$@")
[ $# -gt 0 ] || checks=(arrows libraries sizes words names pipes man format headers symbols hardening)
for check in "${checks[@]}"; do
    "check_$check"
done
if [ -s "$findings" ]; then
    echo "lint: $(wc -l <"$findings") findings"
    exit 1
fi
echo "lint: clean"
