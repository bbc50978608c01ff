# A slice holds what was granted and nothing else: opened with its recipient's key, every stream
# of it looked through.
. "$TOP/tests/cli/lib.bash"

# contents SLICE WHO [--of=REGIONS] REGION...
contents() {
    local slice=$1 who=$2
    shift 2
    decrypt_as "$who" "$slice" m.bam shown.bam
    varlock view -k "$keys/$who.pem" "$slice" >slice.txt
    python3 "$py/check_contents.py" o.bam m.bam shown.bam "$@" --owner=owner.txt --slice=slice.txt >&2
    # The read groups' names, the samples and the comments are nobody's but the owner's.
    varlock view --header -k "$keys/$who.pem" "$slice" | cat - slice.txt | sed 's/RX:Z:JaneDoe//' >text
    if grep -aE "JaneDoe|lane|original_|vac_|home made" text | head -n 3 | grep . >&2; then
        return 1
    fi
}

# grant WHOM REGION...: cut from the file of $from
grant() {
    local whom=$1 options=() region
    shift
    for region; do
        options+=(-r "$region")
    done
    varlock reencrypt -q --force -k "$keys/$from.pem" -p "$keys/$whom.pub.pem" -d "$from_bdiff" "${options[@]}" \
        -o "$whom.bdiff" m.bam
}

for seed in $(by_tier 2 "2 5 8"); do
    python3 "$py/randbam.py" $seed o
    varlock vcf2vac -q -o pop.vac o.vcf
    encrypt_for_owner pop.vac o.bam m
    varlock view -k "$keys/owner.pem" m.bdiff >owner.txt
    # The contig with the most reads, its ranges in three parts.
    read -r contig length _ < <(samtools idxstats m.bam | sort -k 3,3nr | head -n 1)
    from=owner from_bdiff=m.bdiff
    set -- "$contig:$((length / 5 + 1))-$((length / 2))" "$contig:$((length * 3 / 4))-$((length - 1))"
    grant alice "$@"
    contents alice.bdiff alice "$@"
    from=alice from_bdiff=alice.bdiff
    of=$1,$2
    set -- "$contig:$((length / 4))-$((length / 3))"
    grant bob "$@"
    contents bob.bdiff bob "--of=$of" "$@"
done
