/*
 * Shards that are to be joined.  They are opened, checked against each other, and put in
 * order.
 */
#ifndef VARLOCK_CORE_SHARD_SET_H
#define VARLOCK_CORE_SHARD_SET_H

#include "container/bdiff_file.h"
#include "restore/masked_file.h"
#include "run/signatures.h"
#include "varlock/error.h"
#include "varlock/key.h"

struct shard_file {
    const char *bdiff_path; /* not owned */
    struct vl_bdiff_reader *bdiff;
    struct masked_file masked; /* its BAM, read without threads */
};

/* A run of neighbouring contigs that one shard covers.  The number of contigs stands for
 * the unplaced reads. */
struct shard_run {
    struct shard_file *shard;
    size_t first, end;             /* contigs [first, end) */
    size_t first_entry, end_entry; /* their windows in the shard's index */
    int64_t from, to;   /* virtual offsets of their records in its BAM; to -1: its end */
    int64_t joined_end; /* byte offset of their end in the joined file; merge.c sets it */
};

struct shard_set {
    struct shard_file *v;
    size_t n;
    struct shard_run *runs; /* in the order of the contigs; each contig in only one run */
    size_t n_runs, cap_runs;
};

/* `paths`: a masked BAM, its BDIFF, and so on; c4gh_keys open BAMs that are encrypted.
 * VL_ERR_USAGE if the paths are not pairs. VL_ERR_DATA if a file is not a shard, or if
 * the shards come from different runs, overlap, or leave out a contig.  Other errors are
 * those of the readers. */
VL_MUST_CHECK
int shard_set_open(struct shard_set *set, const struct vl_list *paths,
                   const struct vl_key *key, const char *key_path,
                   const struct verifier *verifier, struct c4gh_keys *c4gh_keys,
                   struct vl_error *err);

void shard_set_close(struct shard_set *set);

#endif
