# The example workflow through a Slurm of one node, which this case starts and stops; its files are all
# in the scratch directory.
. "$TOP/tests/cli/lib.bash"
[ -n "${WITH_SLURM-}" ] || {
    note 'make test-cluster runs it'
    exit 77
}
for program in snakemake slurmctld slurmd munged; do
    command -v $program >/dev/null || PATH=$PATH:/usr/sbin command -v $program >/dev/null || {
        note "$program is not installed; make test-cluster installs it"
        exit 77
    }
done
PATH=$PATH:/usr/sbin
example=$TOP/examples/snakemake
node=$(hostname -s)
mkdir -m 700 munge
mkdir state spool
head -c 128 /dev/urandom >munge/key
chmod 600 munge/key
cat >slurm.conf <<EOF
ClusterName=test
SlurmctldHost=$node(127.0.0.1)
SlurmctldPort=${SLURM_PORT:-16817}
SlurmdPort=$((${SLURM_PORT:-16817} + 1))
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
AuthInfo=socket=$PWD/munge/socket
CryptoType=crypto/munge
StateSaveLocation=$PWD/state
SlurmdSpoolDir=$PWD/spool
SlurmctldPidFile=$PWD/slurmctld.pid
SlurmdPidFile=$PWD/slurmd.pid
ProctrackType=proctrack/pgid
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
MpiDefault=none
SwitchType=switch/none
NodeName=$node NodeAddr=127.0.0.1 CPUs=$(nproc) RealMemory=1000 State=UNKNOWN
PartitionName=main Nodes=$node Default=YES State=UP
EOF
export SLURM_CONF=$PWD/slurm.conf
daemons=()
stop() {
    kill "${daemons[@]}" 2>/dev/null || true
    wait
}
trap stop EXIT
daemon() { # NAME COMMAND...
    local name=$1
    shift
    "$@" >"$name.out" 2>&1 &
    daemons+=($!)
}
daemon munged munged --foreground --force --key-file="$PWD/munge/key" --socket="$PWD/munge/socket" \
    --pid-file="$PWD/munge/pid" --log-file="$PWD/munge/log" --seed-file="$PWD/munge/seed"
for ((i = 0; i < 100; i++)); do
    [ ! -S munge/socket ] || break
    sleep 0.1
done
daemon slurmctld slurmctld -D -c
daemon slurmd slurmd -D -N "$node"
for ((i = 0; i < 300; i++)); do
    [[ $(sinfo -h -o %T 2>/dev/null) != idle ]] || break
    sleep 0.2
done
[ "$(sinfo -h -o %T)" = idle ] || {
    tail -n 5 munged.out slurmctld.out slurmd.out >&2
    exit 1
}

workflow_input
workflow() {
    timeout 300 snakemake -s "$example/Snakefile" --profile "$example/slurm" --latency-wait 5 --keep-going \
        --config varlock=./varlock.sh shard_bases=20000 mem_mb=100 threads=1 'options=--qual keep' \
        >snakemake.log 2>&1
}
# Notes what ran and in which job; a shard that is to hang waits to be cancelled.
cat >varlock.sh <<'EOF'
#!/bin/bash
what=$1
for word; do
    [[ $word != *.shards/*.bam ]] || [ "$what" = merge ] || what=$(basename "$word" .bam)
done
echo "$what $SLURM_JOB_ID" >>ran
[ ! -e "hang.$what" ] || sleep 300
exec varlock "$@"
EOF
chmod +x varlock.sh
touch hang.0001 ran
workflow &
pid=$!
for ((i = 0; i < 600; i++)); do
    [ "$(wc -l <ran)" -ne 3 ] || break
    kill -0 $pid 2>/dev/null || break
    sleep 0.2
done
[ "$(wc -l <ran)" -eq 3 ] || {
    tail -n 20 snakemake.log .snakemake/log/*.slurm >&2
    exit 1
}
scancel "$(awk '$1 == "0001" { print $2 }' ran)"
! wait $pid || exit 1
[ "$(cut -d' ' -f1 ran | sort | tr '\n' ' ')" = '0000 0001 0002 ' ]
[ -s masked.shards/0000.bam ]
[ ! -e masked.shards/0001.bam ]
rm hang.0001 ran
workflow || {
    tail -n 20 snakemake.log >&2
    exit 1
}
[ "$(cut -d' ' -f1 ran | sort | tr '\n' ' ')" = '0001 merge ' ]
awk '$2 !~ /^[0-9]+$/ { exit 1 }' ran
decrypt_as owner masked.bdiff masked.bam back.bam -V owner.pub.pem
same original.bam back.bam
