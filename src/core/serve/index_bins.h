/*
 * What the index of a BAM tells of where its records lie (SAM specification, section 5;
 * CSIv1).  htslib answers for a region only, and with all that may overlap it; the bins
 * also tell what lies inside them.
 */
#ifndef VARLOCK_CORE_INDEX_BINS_H
#define VARLOCK_CORE_INDEX_BINS_H

#include <stddef.h>

#include <htslib/hts.h>

#include "varlock/buf.h"
#include "varlock/error.h"

/* Records of one bin that lie together in the file. */
struct bin_chunk {
    uint32_t contig;
    int64_t beg, end;       /* the bin: they begin and end inside */
    uint64_t first, behind; /* virtual offsets of the first record, and behind the last */
};

struct index_bins {
    struct vl_buf chunks; /* struct bin_chunk, contig by contig */
};

/* Takes the chunks out of a .bai or .csi that htslib has loaded.  VL_ERR_DATA if it is
 * neither. */
VL_MUST_CHECK
int index_bins_read(struct index_bins *bins, hts_idx_t *index, const char *path,
                    struct vl_error *err);

/* The chunks of a contig, and how many there are. */
const struct bin_chunk *index_bins_of(const struct index_bins *bins, uint32_t contig,
                                      size_t *n);

void index_bins_clear(struct index_bins *bins);

#endif
