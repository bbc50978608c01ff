/* Bases of a read in the order in which sequencing errors are likely. */
#ifndef VARLOCK_CORE_QUALITY_RANK_H
#define VARLOCK_CORE_QUALITY_RANK_H

#include <stddef.h>
#include <stdint.h>

/* The order in which sequencing errors are likely: bases by quality and, if that is
 * equal, by index.  quality_rank returns the rank of a base, quality_rank_base the base
 * of a rank; index and rank are below n. */
size_t quality_rank(const uint8_t *qual, size_t n, size_t index);
size_t quality_rank_base(const uint8_t *qual, size_t n, size_t rank);

/* Writes the indices of all bases in that order.  This is faster if many ranks are
 * needed. */
void quality_order(const uint8_t *qual, size_t n, uint32_t *order);

enum { QUALITY_RANKS_FEW = 8 };

#endif
