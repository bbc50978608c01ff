/*
 * A shard: some contigs of an input, whole, read by its index; and what proves that
 * shards come from one run.
 */
#ifndef VARLOCK_CORE_SHARD_H
#define VARLOCK_CORE_SHARD_H

#include "alignment/alignment_input.h"
#include "varlock/digest.h"
#include "varlock/error.h"
#include "varlock/region.h"
#include "window/record_array.h"

/* All zero where the whole input is masked. */
struct shard {
    struct alignment_input *in; /* NULL: no shard */
    struct vl_ranges ranges;    /* what it covers: whole contigs, and `unplaced` */
    uint8_t run_sha256[VL_SHA256_BYTES]; /* set by shard_describe */
    size_t next;     /* which of the contigs it covers is being read */
    uint64_t n_read; /* of its records */
    bool is_there;   /* the input was read up to them */
};

/* Resolves `regions` (whole contigs, or `*`) against an input that was just opened;
 * VL_ERR_USAGE where one is none, VL_ERR_DATA where the input has no index. */
VL_MUST_CHECK
int shard_open(struct shard *shard, const struct vl_list *regions,
               struct alignment_input *in, struct vl_error *err);

/* Sets run_sha256: of the program's version, of `choices` (bytes of all options that
 * decide how records are masked), of the first records of the whole input (`head`) and of
 * the record counts in its index. */
VL_MUST_CHECK
int shard_describe(struct shard *shard, const struct vl_buf *choices,
                   const struct record_array *head, struct vl_error *err);

/* 1 and the next record of the shard, in the input's order; 0 at its end.  The first call
 * goes to the shard wherever the input was read to.  VL_ERR_DATA where the index lists
 * more or fewer records than there are. */
VL_MUST_CHECK
int shard_next(struct shard *shard, bam1_t *b, struct vl_error *err);

/* The ranges take in the whole contig; n_contigs stands for the unplaced reads. */
bool shard_covers(const struct vl_ranges *ranges, size_t contig, size_t n_contigs);

/* Between two contigs of the shard lies one that is not of it: there its masked file may
 * have to be cut. */
bool shard_is_interrupted(const struct shard *shard, uint32_t from, uint32_t to);

void shard_close(struct shard *shard);

#endif
