/* The CIGAR that a masked record shows; most have one operator. */
#ifndef VARLOCK_CORE_MASKED_CIGAR_H
#define VARLOCK_CORE_MASKED_CIGAR_H

#include <stdint.h>

#include "varlock/fail.h"

struct masked_cigar {
    uint32_t n;
    uint32_t one;  /* the operator if n is 1 */
    uint32_t *ops; /* owned; the operators if n is above 1 */
};

/* They replace what *cigar owns.  VL_ERR_MEMORY. */
VL_MUST_CHECK
int masked_cigar_set(struct masked_cigar *cigar, const uint32_t *ops, uint32_t n);
VL_MUST_CHECK
int masked_cigar_copy(struct masked_cigar *to, const struct masked_cigar *from);

#endif
