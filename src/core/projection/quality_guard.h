/*
 * Decides whether base qualities may be shown unchanged.  After a recalibration, for
 * example, they can tell of the bases that masking hides.
 */
#ifndef VARLOCK_CORE_QUALITY_GUARD_H
#define VARLOCK_CORE_QUALITY_GUARD_H

#include <htslib/sam.h>
#include <stdint.h>

#include "varlock/error.h"

/* Counts of each quality for each pair of reference bases: the base itself and the one
 * that was sequenced before it. */
struct quality_counts {
    uint64_t n_records;
    uint64_t joint[64][16];
};

/* Adds the qualities of every fourth masked record; `reference` is packed like its SEQ.
 */
void quality_counts_add(struct quality_counts *counts, const bam1_t *masked,
                        const uint8_t *reference);
void quality_counts_merge(struct quality_counts *into, const struct quality_counts *from);

/* Mutual information in bits between a quality and its pair of reference bases, minus the
 * bias of a plug-in estimate (Miller 1955). */
double quality_counts_bits(const struct quality_counts *counts);

/* VL_ERR_DATA if the qualities counted so far tell more of the bases than may be shown.
 * Messages start with `path`. */
int quality_guard_check(const struct quality_counts *counts, const char *path,
                        struct vl_error *err);

#endif
