#!/bin/sh
# What has become of a Slurm job, in the words Snakemake waits for; needs no accounting.
state=$(scontrol -o show job "$1" | sed -n 's/.* JobState=\([A-Z_]*\).*/\1/p')
case $state in
COMPLETED) echo success ;;
PENDING | CONFIGURING | RUNNING | COMPLETING | SUSPENDED | REQUEUED) echo running ;;
*) echo failed ;;
esac
