# A slice of everything: passed on window by window without the masked records, which comes to the
# same as cutting it record by record, but for windows that hold what only cutting takes out.
. "$TOP/tests/cli/lib.bash"

# make_sam ODD: 15,000 reads over five windows, some whole; ODD: a read group without an @RG line in
# the second window.
make_sam() {
    awk -v odd="$1" 'BEGIN {
        OFS = "\t"
        print "@HD", "VN:1.6", "SO:coordinate"
        print "@SQ", "SN:chr1", "LN:400000"
        print "@SQ", "SN:chr2", "LN:1000"
        print "@RG", "ID:lane1", "SM:JaneDoe"
        print "@RG", "ID:lane2", "SM:JaneDoe"
        for (i = 0; i < 15000; i++) {
            group = odd && i >= 6000 && i < 6010 ? "lane3" : "lane" 1 + i % 2
            rest = i % 7 ? "AS:i:" 20 + i % 5 "\tRG:Z:" group : "RG:Z:" group "\tX0:Z:" i % 11
            seq = substr("ACGTTGCAAC", 1 + i % 4, 5) substr("GGATCTTACG", 1 + i % 5, 6)
            if (i % 50 == 0)
                print "q" i, 2048, "chr1", 20 * i + 1, 30, "5S6M", "*", 0, 0, seq, "IIIIIIIIIII", \
                    "SA:Z:chr1," 20 * i + 1 ",+,11M,60,0;\t" rest
            print "q" i, 0, "chr1", 20 * i + 1, 60 - i % 3, i % 9 ? "11M" : "4M2I5M", "*", 0, 0, seq, \
                "IIIIIIIII" i % 8 "I", rest
        }
        print "last", 4, "*", 0, 0, "*", "*", 0, 0, "ACGTACGTACG", "IIIIIIIIIII", "RG:Z:lane2"
    }' | samtools view --no-PG -b -o o.bam
}

# reencrypt OWNER_OR_WHO BDIFF SLICE [options]
reencrypt() {
    varlock reencrypt -q --force -k "$keys/$1.pem" -p "$keys/alice.pub.pem" -d "$2" -o "$3" "${@:4}"
}

# The windows as text; what is granted differs only in the header.
says() {
    varlock view -k "$keys/alice.pem" "$1"
}

printf '>chr1\n%s\n>chr2\n%s\n' "$(yes ACGTTGCAAC | head -n 40000 | tr -d '\n')" \
    "$(yes ACGTTGCAAC | head -n 100 | tr -d '\n')" >o.fa
samtools faidx o.fa
awk 'BEGIN {
    OFS = "\t"
    print "##fileformat=VCFv4.2\n##contig=<ID=chr1,length=400000>\n##contig=<ID=chr2,length=1000>"
    print "##INFO=<ID=AC,Number=A,Type=Integer,Description=\"\">"
    print "##INFO=<ID=AN,Number=1,Type=Integer,Description=\"\">"
    print "#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO"
    for (pos = 101; pos < 300000; pos += 100)
        print "chr1", pos, ".", "A", "G", ".", ".", "AC=50;AN=100"
}' >o.vcf
varlock vcf2vac -q -o pop.vac o.vcf

for masking in permute synth; do
    reference=()
    [ $masking = permute ] || reference=(-T o.fa --qual keep --blur 0 --inserts keep)
    make_sam 0
    encrypt_for_owner pop.vac o.bam m "${reference[@]}"
    reencrypt owner m.bdiff all.bdiff --all m.bam
    [ "$(says all.bdiff | grep -c '^W')" -gt 2 ]

    # Cut record by record, and a slice of the slice.
    reencrypt owner m.bdiff cut.bdiff -r chr1 -r chr2 -r '*' m.bam -@1
    cmp <(says all.bdiff) <(says cut.bdiff)
    reencrypt alice all.bdiff again.bdiff --all m.bam
    cmp <(says all.bdiff) <(says again.bdiff)
    varlock reencrypt --verbose --all --force -k "$keys/owner.pem" -p "$keys/alice.pub.pem" -d m.bdiff -o all.bdiff m.bam \
        2>passed
    varlock reencrypt --verbose --force -k "$keys/owner.pem" -p "$keys/alice.pub.pem" -d m.bdiff -o cut.bdiff m.bam \
        -r chr1 -r chr2 -r '*' 2>cut
    diff <(grep -v -e bdiff_bytes -e warning: -e granted passed) <(grep -v -e bdiff_bytes -e warning: -e granted cut)
    grep -q 'records_whole.*[1-9]' passed

    # It shows the original, and neither names of read groups nor the original's order.
    decrypt_as alice all.bdiff m.bam shown.bam
    cmp <(samtools view -x RG shown.bam | sort) <(samtools view -x RG o.bam | sort)
    cmp <(samtools view shown.bam | grep -o 'RG:Z:.*' | cut -f 1 | sort | uniq -c) \
        <(samtools view o.bam | grep -o 'RG:Z:.*' | cut -f 1 | sed s/lane/rg/ | sort | uniq -c)
    { says all.bdiff && varlock view --header -k "$keys/alice.pem" all.bdiff; } >text
    ! grep -E 'lane|JaneDoe|^order' text || exit 1
    if "$python" -c 'import cryptography, xxhash, zstandard' 2>/dev/null; then
        "$python" "$py/read_bdiff.py" -k "$keys/alice.pem" --restore m.bam all.bdiff
    fi

    # The records of the masked file are not read: there need not be any.
    samtools view -H m.bam | samtools view --no-PG -b -o empty.bam
    reencrypt owner m.bdiff unread.bdiff --all empty.bam
    cmp <(says all.bdiff) <(says unread.bdiff)
    refuses 1 'empty.bam: has no index' reencrypt owner m.bdiff no.bdiff -r chr1 empty.bam

    # One window must be cut, with an index, without and by threads.
    make_sam 1
    encrypt_for_owner pop.vac o.bam m "${reference[@]}"
    reencrypt owner m.bdiff all.bdiff --all m.bam -@2
    decrypt_as alice all.bdiff m.bam shown.bam
    cmp <(samtools view -x RG shown.bam | sort) <(samtools view -x RG o.bam | sort)
    { says all.bdiff && varlock view --header -k "$keys/alice.pem" all.bdiff; } >text
    ! grep -E 'lane|JaneDoe' text || exit 1
    rm m.bam.*
    reencrypt owner m.bdiff unindexed.bdiff --all m.bam
    cmp <(says all.bdiff) <(says unindexed.bdiff)
    # Which needs its masked records.
    samtools view -H m.bam | samtools view --no-PG -b -o empty.bam
    refuses 3 'records near chr1:' reencrypt owner m.bdiff no.bdiff --all empty.bam
done

# Where masking moved reads, what is passed on tells it by the key of the geometry, and what is cut by
# its places.
make_sam 0
encrypt_for_owner pop.vac o.bam m -T o.fa --qual shuffle
reencrypt owner m.bdiff all.bdiff --all m.bam
reencrypt owner m.bdiff cut.bdiff -r chr1 -r chr2 -r '*' m.bam
reencrypt alice all.bdiff again.bdiff -r chr1 -r chr2 -r '*' m.bam
# Which supplementary record is whose is not known where its primary record names none.
for slice in all cut again; do
    decrypt_as alice $slice.bdiff m.bam shown.bam
    cmp <(samtools view -F 0x800 -x RG shown.bam | sort) <(samtools view -F 0x800 -x RG o.bam | sort)
done
! cmp -s <(says all.bdiff) <(says cut.bdiff) || exit 1
cmp <(says cut.bdiff) <(says again.bdiff)
