/* What a masked record shows of the base qualities. */
#ifndef VARLOCK_CORE_QUALITY_H
#define VARLOCK_CORE_QUALITY_H

#include <htslib/sam.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    QUALITY_MISSING = 0xff, /* throughout a record without QUAL */
    QUALITY_MAX = 93,
    QUALITY_FLAT_VALUE = 30
};

enum quality_mode {
    QUALITY_KEEP,
    QUALITY_SHUFFLE, /* dealt among the records of a block (quality_deal.h) */
    QUALITY_OQ,      /* OQ, the qualities before recalibration, dealt */
    QUALITY_BIN4,    /* 2, 12, 23 or 37 */
    QUALITY_FLAT     /* 30 throughout */
};

/* Reads `keep`, `shuffle`, `oq`, `bin4` or `flat`.  False for any other text. */
bool quality_mode_parse(const char *text, enum quality_mode *mode);

/* True if OQ has the record's length and its qualities are 0 to 93. */
bool quality_has_oq(const bam1_t *b);

static inline bool quality_mode_deals(enum quality_mode mode)
{
    return mode == QUALITY_SHUFFLE || mode == QUALITY_OQ;
}

/* Writes the l_qseq qualities that the masked record shows, or, where they are dealt,
 * that are dealt for it.  A missing QUAL stays missing.  Under `oq` a record without a
 * valid OQ shows none, under `shuffle` one with qualities above 93. */
void quality_mask(const bam1_t *b, enum quality_mode mode, uint8_t *out);

#endif
