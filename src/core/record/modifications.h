/* Base modifications of a piece of a read: the tags MM, ML and MN (SAM optional fields
 * specification §1.7). */
#ifndef VARLOCK_CORE_MODIFICATIONS_H
#define VARLOCK_CORE_MODIFICATIONS_H

#include <htslib/sam.h>
#include <stdbool.h>
#include <stdint.h>

#include "varlock/buf.h"

struct modifications {
    struct vl_buf mm; /* text with its NUL */
    struct vl_buf ml; /* one u8 per modification, in the order of `mm` */
    bool has_ml;
};

/* Cuts the record's modifications down to its bases [from, to), indexes in SEQ, and
 * counts from the first of these.  Every kind of modification is kept, even if no base
 * has it.  False if the record has no MM, or if MM, ML or MN does not fit SEQ.  Check
 * `failed` of the buffers for lost memory. */
bool modifications_cut(const bam1_t *b, int32_t from, int32_t to,
                       struct modifications *out);

void modifications_clear(struct modifications *modifications);

#endif
