# The example workflow masks what one run masks; where a shard is killed, the others go on, and
# resuming runs that shard and the merge, nothing else.
. "$TOP/tests/cli/lib.bash"
command -v snakemake >/dev/null || {
    note 'snakemake is not installed; make test-workflow installs it'
    exit 77
}
example=$TOP/examples/snakemake
workflow_input
workflow() {
    snakemake -s "$example/Snakefile" -c2 --keep-going \
        --config varlock=./varlock.sh shard_bases=20000 'options=--qual keep' >>snakemake.log 2>&1 || {
        tail -n 20 snakemake.log >&2
        return 1
    }
}
# varlock, which notes what it was started for, and dies on its first write for a shard that is to be killed.
cat >varlock.sh <<'EOF'
#!/bin/bash
what=$1
for word; do
    [[ $word != *.shards/*.bam ]] || [ "$what" = merge ] || what=$(basename "$word" .bam)
done
echo "$what" >>ran
if [ -e "kill.$what" ]; then
    ulimit -c 0 -f 0
fi
exec varlock "$@"
EOF
chmod +x varlock.sh

touch kill.0001
! workflow 2>/dev/null || exit 1
[ "$(sort ran | tr '\n' ' ')" = '0000 0001 0002 ' ]
[ -s masked.shards/0000.bam ]
[ -s masked.shards/0002.bdiff ]
[ ! -e masked.shards/0001.bam ]
[ ! -e masked.bam ]
rm kill.0001 ran
workflow
[ "$(sort ran | tr '\n' ' ')" = '0001 merge ' ]
rm ran
workflow
[ ! -e ran ]

varlock encrypt -q -a population.vac -T ref.fa --qual keep --mask-key mask.key -p owner.pub.pem \
    -d one.bdiff -o one.bam original.bam
cmp <(samtools view one.bam) <(samtools view masked.bam)
decrypt_as owner masked.bdiff masked.bam back.bam -V owner.pub.pem
same original.bam back.bam
samtools idxstats masked.bam >/dev/null
# The shards are gone, their logs are not.
[ "$(ls masked.shards)" = "$(printf '000%d.log\n' 0 1 2)" ]

# Without a reference, permute.
sed -i 's/^reference:.*/reference:/; s/^output:.*/output: permuted/' config.yaml
snakemake -s "$example/Snakefile" -c2 --config varlock=varlock >>snakemake.log 2>&1
decrypt_as owner permuted.bdiff permuted.bam back.bam
same original.bam back.bam
