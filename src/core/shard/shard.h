/*
 * A shard: whole contigs of an input, read by its index; and the digest that proves that
 * shards come from the same run.
 */
#ifndef VARLOCK_CORE_SHARD_H
#define VARLOCK_CORE_SHARD_H

#include "alignment/alignment_input.h"
#include "varlock/digest.h"
#include "varlock/error.h"
#include "varlock/region.h"
#include "window/record_array.h"

/* All members are zero if the whole input is masked. */
struct shard {
    struct alignment_input *in; /* NULL: no shard */
    struct vl_ranges ranges;    /* what the shard covers: whole contigs, and `unplaced` */
    uint8_t run_sha256[VL_SHA256_BYTES]; /* set by shard_describe */
    size_t next;                         /* which of the covered contigs is being read */
    uint64_t n_read;                     /* number of records read from that contig */
    bool is_there;                       /* the input has been read up to that contig */
};

/* Resolves `regions` (whole contigs, or `*`) against an input that was just opened.
 * VL_ERR_USAGE if a region is not a whole contig, VL_ERR_DATA if the input has no
 * index. */
VL_MUST_CHECK
int shard_open(struct shard *shard, const struct vl_list *regions,
               struct alignment_input *in, struct vl_error *err);

/* Sets run_sha256.  It covers the program's version, `choices` (bytes of all options that
 * decide how records are masked), the first records of the whole input (`head`) and the
 * record counts in its index. */
VL_MUST_CHECK
int shard_describe(struct shard *shard, const struct vl_buf *choices,
                   const struct record_array *head, struct vl_error *err);

/* 1 and the next record of the shard, in the input's order; 0 at its end.  The first call
 * goes to the start of the shard, wherever the input has been read to.  VL_ERR_DATA if
 * the index lists more or fewer records than there are. */
VL_MUST_CHECK
int shard_next(struct shard *shard, bam1_t *b, struct vl_error *err);

/* True if the ranges include the whole contig.  n_contigs stands for the unplaced
 * reads. */
bool shard_covers(const struct vl_ranges *ranges, size_t contig, size_t n_contigs);

/* True if a contig that is not in the shard lies between the contigs `from` and `to` of
 * the shard.  The shard's masked file may have to be cut there. */
bool shard_is_interrupted(const struct shard *shard, uint32_t from, uint32_t to);

void shard_close(struct shard *shard);

#endif
