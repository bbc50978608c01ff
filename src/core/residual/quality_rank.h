/* Bases of a read in the order in which sequencing errors are likely. */
#ifndef VARLOCK_CORE_QUALITY_RANK_H
#define VARLOCK_CORE_QUALITY_RANK_H

#include <stddef.h>
#include <stdint.h>

/* The order in which sequencing errors are likely: bases by quality and, where it is
 * equal, by index.  The rank of a base in it, of n bases; and the base of a rank below n.
 */
struct quality_ranks {
    const uint8_t *qual;
    size_t n;
    uint32_t below[257]; /* bases of a quality below each, up to the highest there is */
};

void quality_ranks_start(struct quality_ranks *ranks, const uint8_t *qual, size_t n);

size_t quality_rank(const struct quality_ranks *ranks, size_t index);

size_t quality_rank_base(const struct quality_ranks *ranks, size_t rank);

/* The same of all bases at once, which pays where many are asked for. */
void quality_order(const uint8_t *qual, size_t n, uint32_t *order);

enum { QUALITY_RANKS_FEW = 8 };

#endif
