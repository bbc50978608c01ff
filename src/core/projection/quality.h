/* What a masked record shows of the base qualities. */
#ifndef VARLOCK_CORE_QUALITY_H
#define VARLOCK_CORE_QUALITY_H

#include <htslib/sam.h>
#include <stdbool.h>
#include <stdint.h>

enum { QUALITY_MISSING = 0xff }; /* throughout a record without QUAL */

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

#endif
