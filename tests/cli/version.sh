varlock --version
for command in keygen vcf2vac encrypt merge decrypt reencrypt view; do
    varlock "$command" --version | cmp - "$TOP/tests/cli/version.stdout"
    varlock "$command" -q --version --verbose | cmp - "$TOP/tests/cli/version.stdout"
done
