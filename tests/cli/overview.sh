# Help on stdout and exit 0 where it was asked for, on stderr and exit 2 where a command is missing.
varlock help >help
varlock --help | cmp - help
varlock -h | cmp - help
status=0
varlock >out 2>err || status=$?
[ $status -eq 2 ]
[ ! -s out ]
cmp err help
for command in keygen vcf2vac encrypt merge decrypt reencrypt view audit; do
    grep -q "^  $command " help
    varlock "$command" --help >"$command.help"
    varlock "$command" -h | cmp - "$command.help"
    varlock help "$command" | cmp - "$command.help"
    head -n 1 "$command.help" | grep "^Usage: varlock $command " >/dev/null
done
