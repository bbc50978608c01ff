/* Reads a BAM from its start and indexes it while reading. */
#ifndef VARLOCK_CORE_BAM_INDEXER_H
#define VARLOCK_CORE_BAM_INDEXER_H

#include "alignment/alignment_input.h"
#include "varlock/bdiff.h"
#include "varlock/error.h"

/* Levels of bins: as many as the longest contig needs, and those of a .bai. */
enum { BAM_INDEXER_MIN_SHIFT = 14, BAM_INDEXER_BAI_LEVELS = 5 };
int bam_indexer_levels(const struct vl_contigs *contigs);

struct bam_indexer {
    struct alignment_input in;
    hts_idx_t *index;
    struct vl_locus last; /* of the record before */
};

/* `keys` and `pool` are as in alignment_input_open. */
VL_MUST_CHECK
int bam_indexer_open(struct bam_indexer *indexer, const char *path,
                     struct c4gh_keys *keys, htsThreadPool *pool, struct vl_error *err);

/* 1 and the next record, 0 at the end, errors as in alignment_input_next.  VL_ERR_SEAL if
 * the record is out of order, VL_ERR_USAGE if it reaches too far for an index. */
VL_MUST_CHECK
int bam_indexer_next(struct bam_indexer *indexer, bam1_t *b, struct vl_error *err);

/* Writes the index (CSI) into an existing file.  Called after the last record. */
VL_MUST_CHECK
int bam_indexer_save(struct bam_indexer *indexer, const char *path, struct vl_error *err);

void bam_indexer_close(struct bam_indexer *indexer);

#endif
