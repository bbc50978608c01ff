# A reader that stalls does not keep a run that streams from ending by a signal, also not in its last
# write; then there are no outputs.
. "$TOP/tests/cli/lib.bash"
make_input synth_bam.py mates 400
samtools view -h --no-PG -o o.sam o.bam
export REF_PATH=/nowhere REF_CACHE=/nowhere
for format in bam cram sam; do
    mask=(varlock encrypt -q -a pop.vac -T o.fa --qual keep --names keep -p "$keys/owner.pub.pem" -d m.bdiff
        -O $format -o -)
    for threads in 0 2; do
        for signal in TERM INT; do
            status=0
            python3 "$py/stall.py" SIG$signal "${mask[@]}" -@$threads o.sam || status=$?
            [ $status -eq $((128 + $(kill -l $signal))) ] || { note "$format -@$threads $signal: exit $status"; exit 1; }
            [ -z "$(ls | grep bdiff)" ] || { note "$format -@$threads $signal left $(ls)"; exit 1; }
        done
        # The same run with a reader.
        "${mask[@]}" -@$threads o.sam >m.$format
        decrypt_as owner m.bdiff m.$format back.sam -T o.fa
        samtools quickcheck m.$format
        samtools view --no-PG -h back.sam | cmp - o.sam
        rm m.bdiff
    done
done
