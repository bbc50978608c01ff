#include "window/permutation.h"

#include <string.h>

/* Images of A, C, G, T in lexicographic order. */
static const uint8_t IMAGES[N_PERMUTATIONS][4] = {
    {0, 1, 2, 3}, {0, 1, 3, 2}, {0, 2, 1, 3}, {0, 2, 3, 1}, {0, 3, 1, 2}, {0, 3, 2, 1},
    {1, 0, 2, 3}, {1, 0, 3, 2}, {1, 2, 0, 3}, {1, 2, 3, 0}, {1, 3, 0, 2}, {1, 3, 2, 0},
    {2, 0, 1, 3}, {2, 0, 3, 1}, {2, 1, 0, 3}, {2, 1, 3, 0}, {2, 3, 0, 1}, {2, 3, 1, 0},
    {3, 0, 1, 2}, {3, 0, 2, 1}, {3, 1, 0, 2}, {3, 1, 2, 0}, {3, 2, 0, 1}, {3, 2, 1, 0},
};

uint8_t permutation_rank(const uint8_t image[static 4])
{
    uint8_t rank = 0;
    while (memcmp(IMAGES[rank], image, 4) != 0)
        rank++;
    return rank;
}

uint8_t permutation_image(uint8_t id, uint8_t base)
{
    return IMAGES[id][base];
}

uint8_t permutation_preimage(uint8_t id, uint8_t base)
{
    uint8_t i = 0;
    while (IMAGES[id][i] != base)
        i++;
    return i;
}
