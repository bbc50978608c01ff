# Every command has a page, varlock(1) names it, and page and help list the same options.
# Those of all its commands, where it is a group.
help_of() {
    varlock help "$1"
    if varlock help "$1" | grep "varlock help $1 COMMAND" >/dev/null; then
        varlock help "$1" | sed -n 's/^  \([a-z][a-z0-9]*\) .*/\1/p' | xargs -I{} varlock help "$1" {}
    fi
}
options_of_help() {
    help_of "$1" | grep -oE -- '--[a-z][a-z0-9-]*' | sort -u
}
options_of_page() {
    grep -oE '^\.It Fl .*' "$TOP/man/varlock-$1.1" | grep -oE 'Fl -[a-z][a-z0-9-]*' |
        sed 's/^Fl /-/' | sort -u
}
letters_of_help() {
    help_of "$1" | grep -oE '^  -., --[a-z0-9-]+' | sed -E 's/^  -(.), --/\1 /' | sort -u
}
letters_of_page() {
    grep -E '^\.It Fl [^-]' "$TOP/man/varlock-$1.1" | sed -E 's/^\.It Fl (.).* Fl -([a-z0-9-]+).*/\1 \2/' |
        sort -u
}
varlock help | sed -n 's/^  \([a-z][a-z0-9]*\) .*/\1/p' >commands
[ "$(wc -l <commands)" -eq 11 ]
while read -r command; do
    grep -q "^.Xr varlock-$command 1" "$TOP/man/varlock.1"
    diff <(options_of_help "$command") <(options_of_page "$command")
    diff <(letters_of_help "$command") <(letters_of_page "$command")
    letters_of_help "$command"
done <commands | sort -u >letters
# A letter means the same everywhere.
[ -z "$(cut -d' ' -f1 letters | uniq -d)" ]
for page in "$TOP"/man/*.1; do
    grep -q '^\.Sh EXIT STATUS' "$page"
    for code in 0 1 2 3; do
        grep -qx "\.It $code" "$page"
    done
    grep -q '^\.Sh EXAMPLES' "$page"
done
