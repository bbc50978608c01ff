/*
 * Whether base qualities may be shown as they are: they may tell of the bases that
 * masking hides, as after a recalibration.
 */
#ifndef VARLOCK_CORE_QUALITY_GUARD_H
#define VARLOCK_CORE_QUALITY_GUARD_H

#include <htslib/sam.h>
#include <stdint.h>

#include "varlock/error.h"

/* How often each quality stands on each pair of reference bases: that of the base and the
 * one sequenced before it. */
struct quality_counts {
    uint64_t n_records;
    uint64_t joint[64][16];
};

/* Adds the qualities of every fourth masked record; `reference` is packed like its SEQ.
 */
void quality_counts_add(struct quality_counts *counts, const bam1_t *masked,
                        const uint8_t *reference);
void quality_counts_merge(struct quality_counts *into, const struct quality_counts *from);

/* Bits that a quality tells of its pair of reference bases: mutual information, less the
 * bias of a plug-in estimate (Miller 1955). */
double quality_counts_bits(const struct quality_counts *counts);

/* VL_ERR_DATA where the qualities counted so far tell more of the bases than may be
 * shown. `path` starts the message. */
int quality_guard_check(const struct quality_counts *counts, const char *path,
                        struct vl_error *err);

#endif
