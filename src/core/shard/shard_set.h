/*
 * Shards that are to be joined: opened, checked against each other, put in order.
 */
#ifndef VARLOCK_CORE_SHARD_SET_H
#define VARLOCK_CORE_SHARD_SET_H

#include "container/bdiff_file.h"
#include "restore/masked_file.h"
#include "run/signatures.h"
#include "varlock/error.h"
#include "varlock/key.h"

struct shard_file {
    const char *bdiff_path; /* the caller's */
    struct vl_bdiff_reader *bdiff;
    struct masked_file masked; /* its BAM, without threads */
};

/* Neighbouring contigs that one shard covers; the number of contigs stands for the
 * unplaced reads. */
struct shard_run {
    struct shard_file *shard;
    size_t first, end;             /* contigs: the last one is end - 1 */
    size_t first_entry, end_entry; /* their windows in the shard's index */
    int64_t from, to;   /* their records in its BAM, virtual offsets; to -1: its end */
    int64_t joined_end; /* where they end in the joined file, bytes; merge.c sets it */
};

struct shard_set {
    struct shard_file *v;
    size_t n;
    struct shard_run *runs; /* in the order of the contigs, each contig in just one */
    size_t n_runs, cap_runs;
};

/* `paths`: a masked BAM, its BDIFF, and so on.  VL_ERR_DATA where a file is no shard,
 * where shards are not of one run, overlap, or leave out a contig; VL_ERR_USAGE where the
 * paths are no pairs; else what the readers say. */
VL_MUST_CHECK
int shard_set_open(struct shard_set *set, const struct vl_list *paths,
                   const struct vl_key *key, const char *key_path,
                   const struct verifier *verifier, struct vl_error *err);

void shard_set_close(struct shard_set *set);

#endif
