# Templates whose records lie in several windows are restored like others, if all of them lie inside.
. "$TOP/tests/cli/lib.bash"
printf %032d 7 >key

# 26,000 pairs, some with a supplementary record 120 kb away: more windows than are kept.
awk 'BEGIN {
    OFS = "\t"
    print "@HD", "VN:1.6", "SO:coordinate"
    print "@SQ", "SN:chr1", "LN:1100000"
    print "@RG", "ID:lane1", "SM:one"
    for (i = 0; i < 26000; i++) {
        pos = 1 + 40 * i
        far = i % 100 ? 300 : 30000
        seq = substr("ACGTTGCAACGGATCTTACGACGTT", 1 + i % 5, 20)
        rest = "MC:Z:20M\tRG:Z:lane1"
        split_off = i % 40 == 0 && i < 3500
        if (split_off)
            print "q" i, 2147, "chr1", pos + 120000, 60, "8H12M", "=", pos + far, 0, substr(seq, 9), "IIIIIIIIIIII", \
                "SA:Z:chr1," pos ",+,8M12S,60,0;", rest
        print "q" i, 99, "chr1", pos, 60, split_off ? "8M12S" : "20M", "=", pos + far, far + 20, seq, "IIIIIIIIIIIIIIIIIIII", \
            split_off ? "SA:Z:chr1," pos + 120000 ",+,8S12M,60,0;\t" rest : rest
        print "q" i, 147, "chr1", pos + far, 60, "20M", "=", pos, -far - 20, seq, "IIIIIIIIIIIIIIIIIIII", rest
    }
}' | samtools sort --no-PG -o o.bam -
samtools index o.bam
printf '>chr1\n%s\n' "$(yes ACGTTGCAACGGATCTTACG | head -n 55000 | tr -d '\n')" >o.fa
samtools faidx o.fa
printf '##fileformat=VCFv4.2\n##contig=<ID=chr1,length=1100000>\n##INFO=<ID=AC,Number=A,Type=Integer,Description="">
##INFO=<ID=AN,Number=1,Type=Integer,Description="">\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n' >o.vcf
awk 'BEGIN { for (pos = 101; pos < 300000; pos += 100) print "chr1\t" pos "\t.\tA\tG\t.\t.\tAC=50;AN=100" }' >>o.vcf
varlock vcf2vac -q -o pop.vac o.vcf

for masking in permute synth; do
    rm -f m.bam.*
    options=()
    [ $masking = permute ] || options=(-T o.fa --qual keep --names keep --max-insert 50000)
    encrypt_for_owner pop.vac o.bam m "${options[@]}"
    synth=()
    [ $masking = permute ] || synth=(--synth)
    for region in chr1:20001-1000000 chr1:100001-240000; do
        varlock reencrypt -q --force -k "$keys/owner.pem" -p "$keys/alice.pub.pem" -r $region -d m.bdiff -o a.bdiff \
            m.bam
        [ "$(varlock view -k "$keys/alice.pem" a.bdiff | grep -c ^W)" -gt 1 ]
        decrypt_as alice a.bdiff m.bam shown.bam
        $python "$py/check_slice.py" "${synth[@]}" o.bam m.bam shown.bam $region >verdict || { note "$(cut -c 1-400 verdict)"; exit 1; }
        cat verdict >&2
        grep -q 'restored [1-9].*loose [1-9].*whole [1-9]' verdict
    done
done
