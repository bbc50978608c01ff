# Lines of a VCF mean the same whether varlock scans them itself, as in a VCF, or has them from htslib, as in
# a BCF that bcftools made of it; and the sites are those of `bcftools query`.
. "$TOP/tests/cli/lib.bash"
command -v bcftools >/dev/null || { note 'bcftools is not installed'; exit 77; }

seeds=${VCF_SEEDS:-$(by_tier 1-12 1-36)}
convert() {
    varlock vcf2vac --verbose "${@:2}" -o "$1.vac" >"$1.out" 2>"$1.err" || return 1
    varlock view "$1.vac" >"$1.sites"
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
        diff <(sed 's/o\.[a-z]*//' text.err) <(sed 's/o\.[a-z]*//' bcf.err) >&2
        n_refused=$((n_refused + 1))
        continue
    fi
    diff text.sites bcf.sites >&2
    diff text.err bcf.err >&2
    [ -n "$(bcftools query -l o.vcf)" ] ||
        diff text.sites <(bcftools query -f '%CHROM\t%POS\t%REF\t%ALT\t%INFO/AC\t%INFO/AN\n' o.vcf 2>/dev/null |
            python3 "$py/tally.py") >&2
done
[ $n_refused -ge $(((${seeds#*-} - ${seeds%-*} + 1) / 6)) ]
