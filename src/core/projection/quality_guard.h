/*
 * Decides whether base qualities may be shown.  After a recalibration, for example, they
 * tell of the bases that masking hides, and after BAQ of indels.
 *
 * The guard judges the qualities as they would be shown, along the original records.  It
 * sees records in the order of the input, and nothing else, so its verdict does not
 * depend on threads.
 *
 * Judged are the read groups and the lanes with QUALITY_GROUP_BASES counted bases or
 * more, the smaller read groups together, the smaller lanes of a flow cell together if
 * they have QUALITY_BASES_MIN, and all other lanes together.  Of each, its reads as a
 * whole, and the first and the last reads of its pairs, if they have QUALITY_BASES_MIN.
 */
#ifndef VARLOCK_CORE_QUALITY_GUARD_H
#define VARLOCK_CORE_QUALITY_GUARD_H

#include <htslib/sam.h>
#include <stdbool.h>
#include <stdint.h>

#include "projection/quality.h"
#include "varlock/error.h"
#include "varlock/names.h"

enum {
    QUALITY_READS_MAX = 1000000,   /* primary records that are judged, the first ones */
    QUALITY_BASES_MIN = 100000,    /* counted bases; fewer are not judged */
    QUALITY_GROUP_BASES = 2000000, /* counted bases */
    QUALITY_INDEL_READS_MIN = 200  /* reads with indels that are judged by these */
};

/* Sequential.  It holds up to 40 MB: 128 combinations of read group and lane are told
 * apart, and records of further ones belong to no group or lane. */
struct quality_guard;

/* True if the mode shows values that the guard should judge. */
bool quality_guard_judges(enum quality_mode mode);

/* Messages will start with `path`.  It and `read_groups` must outlive *guard.
 * VL_ERR_MEMORY. */
VL_MUST_CHECK
int quality_guard_open(struct quality_guard **guard, enum quality_mode mode,
                       const struct vl_names *read_groups, const char *path,
                       struct vl_error *err);

/* Adds an original record of that read group (-1: none); secondary and supplementary ones
 * are left out.  Judges after
 * QUALITY_READS_MAX primary records, or 2^31 counted bases, and takes no more after that.
 * VL_ERR_DATA if the qualities tell more than may be shown; the message names the group
 * that tells most.  VL_ERR_MEMORY. */
VL_MUST_CHECK
int quality_guard_add(struct quality_guard *guard, const bam1_t *b, int32_t read_group,
                      struct vl_error *err);

/* Judges what was added, unless that is done.  Errors are those of quality_guard_add. */
VL_MUST_CHECK
int quality_guard_finish(struct quality_guard *guard, struct vl_error *err);

/* Number of counted bases (quality_counts.h).  Below QUALITY_BASES_MIN nothing is judged.
 */
uint64_t quality_guard_n_bases(const struct quality_guard *guard);

void quality_guard_free(struct quality_guard *guard);

#endif
