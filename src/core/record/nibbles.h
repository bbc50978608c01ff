/* Packed bases: two nibbles a byte, the first one high, as BAM stores SEQ. */
#ifndef VARLOCK_CORE_NIBBLES_H
#define VARLOCK_CORE_NIBBLES_H

#include <stdbool.h>
#include <stdint.h>

enum { NIBBLE_EQUAL = 0, NIBBLE_N = 15 };

/* Copies n nibbles from index `from` of src to index `to` of dst; its other nibbles stay.
 */
void nibbles_copy(uint8_t *dst, int64_t to, const uint8_t *src, int64_t from, int64_t n);

/* Sets n nibbles from index `to` on. */
void nibbles_fill(uint8_t *dst, int64_t to, int64_t n, int nibble);

/* First index in [from, to) where a and b differ, or, with `n_too`, where a is N; `to`
 * where there is none. */
int64_t nibbles_mismatch(const uint8_t *a, const uint8_t *b, int64_t from, int64_t to,
                         bool n_too);

#endif
