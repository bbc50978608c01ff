# Lines of a VCF mean the same whether varlock scans them itself, as in a VCF, or has them from htslib, as in
# a BCF that bcftools made of it; and the sites are those of `bcftools query`.
. "$TOP/tests/cli/lib.bash"
command -v bcftools >/dev/null || { note 'bcftools is not installed'; exit 77; }

seeds=${VCF_SEEDS:-$(by_tier 1-12 1-36)}
convert() {
    varlock vcf2vac --verbose "${@:2}" -o "$1.vac" >"$1.out" 2>"$1.err" || return 1
    varlock view "$1.vac" >"$1.sites"
}

# Messages as they are of a BCF, which has no lines.
in_bcf() {
    sed 's/o\.[a-z]*//; s/line [0-9]*, //' "$1"
}

n_refused=0
for seed in $(seq "${seeds%-*}" "${seeds#*-}"); do
    rm -f -- *.vac
    python3 "$py/odd_vcf.py" "$seed" >o.vcf
    bgzip -c o.vcf >o.vcf.gz
    gzip -c o.vcf >plain.vcf.gz
    text=0
    convert text o.vcf || text=$?
    for input in 'o.vcf.gz' 'o.vcf.gz -@2' 'plain.vcf.gz' '- -@1'; do
        status=0
        # shellcheck disable=SC2086
        convert other $input <o.vcf || status=$?
        if [ $status -ne $text ] || { [ $text -eq 0 ] && ! cmp text.sites other.sites; }; then
            note "seed $seed: $input differs from o.vcf"
            exit 1
        fi
    done
    if ! bcftools view --no-version -Ob -o o.bcf o.vcf 2>/dev/null; then
        [ $text -ne 0 ] || { note "seed $seed: bcftools refuses what varlock takes"; exit 1; }
        n_refused=$((n_refused + 1))
        continue
    fi
    status=0
    convert bcf o.bcf || status=$?
    if [ $status -ne $text ]; then
        note "seed $seed: VCF $text, BCF $status: $(cat text.err bcf.err)"
        exit 1
    fi
    if [ $text -ne 0 ]; then
        diff <(in_bcf text.err) <(in_bcf bcf.err) >&2
        n_refused=$((n_refused + 1))
        continue
    fi
    diff text.sites bcf.sites >&2
    diff <(in_bcf text.err) <(in_bcf bcf.err) >&2
    [ -n "$(bcftools query -l o.vcf)" ] ||
        diff text.sites <(bcftools query -f '%CHROM\t%POS\t%REF\t%ALT\t%INFO/AC\t%INFO/AN\n' o.vcf 2>/dev/null |
            python3 "$py/tally.py") >&2
done
[ $n_refused -ge $(((${seeds#*-} - ${seeds%-*} + 1) / 6)) ]

count_of() {
    sed -n "s/^$1\t//p" "$2.err"
}

# Lines that are no records are as if they were not there, and are counted; bcftools crashes at some.
for seed in $(seq "${seeds%-*}" "${seeds#*-}"); do
    [ $((seed % 6)) -ne 0 ] || continue
    python3 "$py/odd_vcf.py" "$seed" no-records >o.vcf
    gzip -c o.vcf >plain.vcf.gz
    convert text o.vcf
    convert other plain.vcf.gz
    cmp text.sites other.sites
    diff <(sed 's/^varlock.*//' text.err) <(sed 's/^varlock.*//' other.err) >&2
    awk -F '\t' '/^##/ && !/\t/ || !body { print } /^#CHROM/ { body = 1; next }
        body && $0 !~ /^#/ && $1 ~ /^c10?$/ && NF > 7 && $2 + 0 > 0' o.vcf >clean.vcf
    convert clean clean.vcf
    cmp text.sites clean.sites
    [ "$(count_of lines text)" -eq $(($(count_of lines clean) + $(count_of malformed text) - $(count_of malformed clean))) ]
    [ $(($(count_of malformed text) + $(count_of blank text) - $(count_of malformed clean))) -eq 5 ]
done
