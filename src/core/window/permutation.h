/* The 24 permutations of the bases A, C, G, T. */
#ifndef VARLOCK_CORE_PERMUTATION_H
#define VARLOCK_CORE_PERMUTATION_H

#include <stdint.h>

enum { N_PERMUTATIONS = 24 };

/* Image of base 0..3 (A, C, G, T) under permutation `id`: the lexicographic rank of the
 * four images, 0 (identity) to 23; and the reverse. */
uint8_t permutation_image(uint8_t id, uint8_t base);

uint8_t permutation_preimage(uint8_t id, uint8_t base);

uint8_t permutation_rank(const uint8_t image[static 4]);

#endif
