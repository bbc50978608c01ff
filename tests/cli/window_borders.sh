# Where a window ends follows from masked records alone: with 80,000 more whole records at one place,
# which go to windows beside, the windows of masked records are the same, and nothing is lost.
. "$TOP/tests/cli/lib.bash"
printf %032d 7 >key

masked_windows() { # PREFIX: how many masked records each window has
    varlock view -q -k "$keys/owner.pem" "$1.bdiff" 2>/dev/null | awk -F '\t' '$1 == "W" && $4 > 0 { print $4 }'
}

make_input synth_bam.py mates "$(by_tier 3000 20000)"
samtools sort --no-PG -o few.bam o.bam
{
    samtools view -h --no-PG few.bam
    for ((i = 0; i < 80000; i++)); do
        printf 'extra%d\t256\tchr1\t5001\t60\t10M\t*\t0\t0\t*\t*\tAS:i:%d\n' $i $i
    done
} | samtools sort --no-PG -o many.bam -
for masking in synth permute; do
    options=(--mask synth -T o.fa --qual keep)
    [ $masking = synth ] || options=(--mask permute)
    for file in few many; do
        varlock encrypt -q --force -a pop.vac -p "$keys/owner.pub.pem" -d $file.m.bdiff -o $file.m.bam --mask-key key \
            "${options[@]}" $file.bam
        decrypt_as owner $file.m.bdiff $file.m.bam back.bam
        same $file.bam back.bam
    done
    cmp <(masked_bytes few.m.bam) <(masked_bytes many.m.bam)
    cmp <(masked_windows few.m) <(masked_windows many.m)
    note "$masking: $(masked_windows many.m | wc -l) windows of masked records"
    [ "$(masked_windows many.m | wc -l)" -ge 2 ]
    windows=$(varlock view --header -q -k "$keys/owner.pem" many.m.bdiff 2>/dev/null | sed -n 's/^windows\t//p')
    [ "$windows" -ge $(($(masked_windows many.m | wc -l) + 2)) ]
    # By region, too.
    samtools index many.m.bam
    decrypt_as owner many.m.bdiff many.m.bam part.bam -r chr1:5,001-5,010
    samtools index many.bam
    samtools view -b --no-PG -o want.bam many.bam chr1:5001-5010
    same want.bam part.bam
done
