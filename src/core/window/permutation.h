/* The 24 permutations of the bases A, C, G, T. */
#ifndef VARLOCK_CORE_PERMUTATION_H
#define VARLOCK_CORE_PERMUTATION_H

#include <stdint.h>

enum { N_PERMUTATIONS = 24 };

/* permutation_image: the base 0..3 (A, C, G, T) that permutation `id` puts in place of
 * `base`.  permutation_preimage: the base whose image is `image`.  `id` is the
 * lexicographic rank of the four images, 0 (identity) to 23. */
uint8_t permutation_image(uint8_t id, uint8_t base);

uint8_t permutation_preimage(uint8_t id, uint8_t base);

uint8_t permutation_rank(const uint8_t image[static 4]);

#endif
