#include "mask/masked_cigar.h"

#include <stdlib.h>
#include <string.h>

int masked_cigar_set(struct masked_cigar *cigar, const uint32_t *ops, uint32_t n)
{
    free(cigar->ops);
    *cigar = (struct masked_cigar){.n = n, .one = n > 0 ? ops[0] : 0};
    if (n <= 1)
        return 0;
    cigar->ops = malloc(4 * (size_t)n);
    if (!cigar->ops)
        return VL_ERR_MEMORY;
    memcpy(cigar->ops, ops, 4 * (size_t)n);
    return 0;
}

int masked_cigar_copy(struct masked_cigar *to, const struct masked_cigar *from)
{
    return masked_cigar_set(to, from->n > 1 ? from->ops : &from->one, from->n);
}
