/* What a masked record shows of the base qualities. */
#ifndef VARLOCK_CORE_QUALITY_H
#define VARLOCK_CORE_QUALITY_H

#include <htslib/sam.h>
#include <stdbool.h>
#include <stdint.h>

enum quality_mode {
    QUALITY_KEEP,
    QUALITY_OQ,   /* OQ, the qualities before recalibration */
    QUALITY_BIN4, /* 2, 12, 23 or 37 */
    QUALITY_FLAT  /* 30 throughout */
};

/* `keep`, `oq`, `bin4`, `flat`; false for anything else. */
bool quality_mode_parse(const char *text, enum quality_mode *mode);

/* OQ of the record's length, with qualities of 0 to 93. */
bool quality_has_oq(const bam1_t *b);

/* Writes the l_qseq qualities that the masked record shows; a missing QUAL stays missing,
 * and under `oq` a record without a good OQ shows none. */
void quality_mask(const bam1_t *b, enum quality_mode mode, uint8_t *out);

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

#endif
