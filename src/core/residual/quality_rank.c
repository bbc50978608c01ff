#include "residual/quality_rank.h"

#include <string.h>

void quality_ranks_start(struct quality_ranks *r, const uint8_t *qual, size_t n)
{
    /* There are four counters per quality.  Neighbours are often equal, and a single
     * counter would have to wait for its previous sum. */
    uint32_t count[4][256] = {0};
    int highest = 0;
    r->qual = qual;
    r->n = n;
    for (size_t i = 0; i < n; i++) {
        count[i % 4][qual[i]]++;
        highest = qual[i] > highest ? qual[i] : highest;
    }
    r->below[0] = 0;
    for (int q = 0; q <= highest; q++)
        r->below[q + 1] =
            r->below[q] + count[0][q] + count[1][q] + count[2][q] + count[3][q];
}

size_t quality_rank(const struct quality_ranks *r, size_t index)
{
    size_t rank = r->below[r->qual[index]];
    for (size_t i = 0; i < index; i++)
        rank += r->qual[i] == r->qual[index];
    return rank;
}

size_t quality_rank_base(const struct quality_ranks *r, size_t rank)
{
    int q = 0;
    while (r->below[q + 1] <= rank)
        q++;
    const uint8_t *at = memchr(r->qual, q, r->n);
    for (size_t left = rank - r->below[q]; left > 0; left--)
        at = memchr(at + 1, q, r->n - (size_t)(at + 1 - r->qual));
    return (size_t)(at - r->qual);
}

void quality_order(const uint8_t *qual, size_t n, uint32_t *order)
{
    struct quality_ranks ranks;
    quality_ranks_start(&ranks, qual, n);
    for (size_t i = 0; i < n; i++)
        order[ranks.below[qual[i]]++] = (uint32_t)i;
}
