# Deep data: very many reads at one place, and reads over an intron of 500 kb under which more bytes
# of records lie than permute holds (128 MB).  Lossless, and the same with any number of threads.
# Tier: long
. "$TOP/tests/cli/lib.bash"
printf %032d 7 >key

# deep MASK: o.bam there and back, at -@0 and -@4
deep() {
    local options=(--mask "$1" --mask-key key) threads
    [ "$1" = permute ] || options+=(-T o.fa --qual keep)
    for threads in 0 4; do
        varlock encrypt -q --mask permute --force -a pop.vac -p "$keys/owner.pub.pem" -d m$threads.bdiff -o m$threads.bam \
            "${options[@]}" -@$threads o.bam
        decrypt_as owner m$threads.bdiff m$threads.bam back.bam -@$threads
        same o.bam back.bam
    done
    cmp <(masked_bytes m0.bam) <(masked_bytes m4.bam)
}

make_input synth_bam.py amplicon 50000
deep permute
deep synth

make_input synth_bam.py introns 1000
deep permute
samtools view m0.bam | cut -f 10 >seen_all
pad=$(printf '%0100000d' 0)
samtools view -h o.bam | sed "/^@/! s/\$/\tpd:Z:$pad/" | samtools view -b --no-PG -o padded.bam -
mv padded.bam o.bam
deep permute
# What was decided early was decided from fewer reads.
samtools view m0.bam | cut -f 10 >seen_some
! cmp -s seen_all seen_some || { note 'no site was decided early: the case holds too little'; exit 1; }
deep synth
