/* What the tests of permute_columns.c share: its rule, written in another way. */
#ifndef PERMUTE_FIXTURE_H
#define PERMUTE_FIXTURE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "varlock/draw.h"

/* Computes the rule of permute_columns.h in another way: it draws the images from a list
 * that shrinks, sorts the originals once by (column count, tie draw), and computes the
 * rank as a Lehmer code. */
static inline uint8_t permutation_by_rule(const uint32_t vac[4], const uint32_t seen[4],
                                          const struct vl_site_draws *draws)
{
    int left[4] = {0, 1, 2, 3}, order[4] = {0, 1, 2, 3}, image[4], rank = 0;
    for (int i = 1; i < 4; i++)
        for (int j = i; j > 0; j--) {
            int a = order[j - 1], b = order[j];
            if (seen[a] > seen[b] ||
                (seen[a] == seen[b] && draws->tie[a] > draws->tie[b]))
                break;
            order[j - 1] = b;
            order[j] = a;
        }
    for (int step = 0; step < 4; step++) {
        int n = 4 - step, k = 0;
        uint64_t sum[4];
        for (int i = 0; i < n; i++)
            sum[i] = (i ? sum[i - 1] : 0) + vac[left[i]];
        bool even = sum[n - 1] == 0;
        for (int i = 0; even && i < n; i++)
            sum[i] = (uint64_t)i + 1;
        uint64_t index =
            (uint64_t)((unsigned __int128)draws->step[step] * sum[n - 1] >> 64);
        while (sum[k] <= index)
            k++;
        image[order[step]] = left[k];
        memmove(left + k, left + k + 1, (size_t)(n - k - 1) * sizeof *left);
    }
    for (int i = 0; i < 4; i++) {
        int smaller = 0;
        for (int j = i + 1; j < 4; j++)
            smaller += image[j] < image[i];
        rank += smaller * (int[]){6, 2, 1, 0}[i];
    }
    return (uint8_t)rank;
}

#endif
