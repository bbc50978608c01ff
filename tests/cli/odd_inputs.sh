# Crafted inputs that few files have, each masked both ways and restored whole, by region where there is
# one to ask for, and after a trip through CRAM where there is a reference.
. "$TOP/tests/cli/lib.bash"
names=$(by_tier 'no_tags empty_operators cigar_over_65535_operators malformed_tags past_the_end mates_anywhere
    zero_length_neighbours empty no_contigs header_trailing_nuls unmapped_aligned unpaired_with_mates
    mate_strand_missing_or_wrong template_lengths empty_names back_operators undefined_flags split_operators
    unplaced_with_all mapped_without_contig' "$(python3 "$py/odd_bam.py")")

regions_of() {
    case $1 in
    pile) echo c1:3050-3060 c1:4000-6000 ;;
    contig_over_2_29) echo huge:1-600 huge:536870900-536870912 huge:1073741830-1073741900 huge:1199999000-1200000000 ;;
    zero_length_neighbours) echo c1:10-20 c2:300-300 ;;
    past_the_end) echo c2:4995-4999 c2 ;;
    no_contigs | only_unmapped) echo '*' ;;
    many_contigs) echo s300 s19998:1-5 s1 ;;
    *) echo c1:1100-1200 c1:20000-40000 c2 ;;
    esac
}

# odd NAME [encrypt options]: o.bam masked and restored
odd() {
    local name=$1 region
    shift
    rm -f m.bam.csi
    varlock encrypt -q $(masking "$@") --force -a pop.vac -p "$keys/owner.pub.pem" -d m.bdiff -o m.bam $index "$@" o.bam \
        2>encrypt.err || { note "$name: $(cat encrypt.err)"; return 1; }
    decrypt_as owner m.bdiff m.bam back.bam
    same o.bam back.bam >../difference 2>&1 || { note "$name: $(cat ../difference)"; return 1; }
    [ ! -e o.fa ] || through_cram "$@" 2>../difference || { note "$name: $(cat ../difference)"; return 1; }
    [ -n "$index" ] || return 0
    set -f
    for region in $(regions_of "$name"); do
        decrypt_as owner m.bdiff m.bam part.bam -r "$region"
        samtools view -b -o want.bam o.bam "$region"
        same -n want.bam part.bam >../difference 2>&1 || { note "$name $region: $(cat ../difference)"; return 1; }
    done
    set +f
}

for name in $names; do
    rm -f o.*
    python3 "$py/odd_bam.py" "$name" o
    varlock vcf2vac -q -o pop.vac o.vcf 2>vcf2vac.err || { note "$name: $(cat vcf2vac.err)"; exit 1; }
    # CSI, which holds any contig; what samtools cannot index has no regions.
    index=--write-index
    samtools index -c o.bam 2>index.err || { note "$name: $(tail -n 1 index.err)"; index=; }
    odd "$name"
    [ ! -e o.fa ] || odd "$name" -T o.fa --qual keep --names keep
done

# A slice cut out of the pile, whose window ends in the middle of a position.
python3 "$py/odd_bam.py" pile o
varlock vcf2vac -q -o pop.vac o.vcf
rm -f m.bam.csi
encrypt_for_owner pop.vac o.bam m
varlock reencrypt -q --force -k "$keys/owner.pem" -p "$keys/alice.pub.pem" -r c1:3050-3060 -d m.bdiff -o a.bdiff m.bam
decrypt_as alice a.bdiff m.bam shown.bam
python3 "$py/check_slice.py" o.bam m.bam shown.bam c1:3050-3060 >&2
note "$(wc -w <<<"$names") inputs"
