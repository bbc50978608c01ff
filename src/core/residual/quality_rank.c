#include "residual/quality_rank.h"

#include <string.h>

/* Number of the n qualities that are at most `limit`.  The inner sum fits a byte, so that
 * compilers add up many bytes at once. */
static size_t count_at_most(const uint8_t *qual, size_t n, uint8_t limit)
{
    size_t total = 0;
    for (size_t i = 0; i < n;) {
        size_t end = n - i < UINT8_MAX ? n : i + UINT8_MAX;
        uint8_t some = 0;
        for (; i < end; i++)
            some = (uint8_t)(some + (qual[i] <= limit));
        total += some;
    }
    return total;
}

size_t quality_rank(const uint8_t *qual, size_t n, size_t index)
{
    uint8_t q = qual[index];
    if (q == 0)
        return count_at_most(qual, index, q);
    /* Lower ones anywhere, equal ones before it. */
    return count_at_most(qual, index, q) +
           count_at_most(qual + index, n - index, (uint8_t)(q - 1));
}

size_t quality_rank_base(const uint8_t *qual, size_t n, size_t rank)
{
    uint8_t low = UINT8_MAX, high = 0; /* the base's quality lies between */
    size_t below = 0;                  /* bases whose quality is less than `low` */
    for (size_t i = 0; i < n; i++) {
        low = qual[i] < low ? qual[i] : low;
        high = qual[i] > high ? qual[i] : high;
    }
    while (low < high) {
        uint8_t mid = (uint8_t)(low + (high - low) / 2);
        size_t at_most = count_at_most(qual, n, mid);
        if (at_most > rank) {
            high = mid;
        } else {
            low = (uint8_t)(mid + 1);
            below = at_most;
        }
    }
    const uint8_t *at = memchr(qual, low, n);
    for (size_t left = rank - below; left > 0; left--)
        at = memchr(at + 1, low, n - (size_t)(at + 1 - qual));
    return (size_t)(at - qual);
}

void quality_order(const uint8_t *qual, size_t n, uint32_t *order)
{
    /* There are four counters per quality.  Neighbours are often equal, and a single
     * counter would have to wait for its previous sum. */
    uint32_t count[4][UINT8_MAX + 1] = {0};
    uint32_t below[UINT8_MAX + 2]; /* bases with a quality below each quality */
    for (size_t i = 0; i < n; i++)
        count[i % 4][qual[i]]++;
    below[0] = 0;
    for (int q = 0; q <= UINT8_MAX; q++)
        below[q + 1] = below[q] + count[0][q] + count[1][q] + count[2][q] + count[3][q];
    for (size_t i = 0; i < n; i++)
        order[below[qual[i]]++] = (uint32_t)i;
}
