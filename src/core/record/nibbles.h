/* Packed bases: two nibbles per byte, the first one high, as BAM stores SEQ. */
#ifndef VARLOCK_CORE_NIBBLES_H
#define VARLOCK_CORE_NIBBLES_H

#include <stdbool.h>
#include <stdint.h>

enum { NIBBLE_EQUAL = 0, NIBBLE_N = 15 };

/* Copies n nibbles from index `from` of src to index `to` of dst.  Other nibbles of dst
 * stay. */
void nibbles_copy(uint8_t *dst, int64_t to, const uint8_t *src, int64_t from, int64_t n);

/* Sets n nibbles, starting at index `to`. */
void nibbles_fill(uint8_t *dst, int64_t to, int64_t n, int nibble);

/* First index in [from, to) where a and b differ or, with `n_too`, where a is N.  `to` if
 * there is none. */
int64_t nibbles_mismatch(const uint8_t *a, const uint8_t *b, int64_t from, int64_t to,
                         bool n_too);

/* Sets those of the first n nibbles that are = to N. */
void nibbles_hide_equal(uint8_t *seq, int64_t n);

/* True if none of n nibbles, from index `from` on, is N or =. */
bool nibbles_are_letters(const uint8_t *seq, int64_t from, int64_t n);

static inline int seq_nibble(const uint8_t *seq, int64_t i)
{
    return seq[i >> 1] >> ((~i & 1) << 2) & 0xf;
}

static inline void seq_set_nibble(uint8_t *seq, int64_t i, int nibble)
{
    int shift = (int)(~i & 1) << 2;
    seq[i >> 1] = (uint8_t)((seq[i >> 1] & ~(0xf << shift)) | nibble << shift);
}

/* 0..3 for the nibbles of A, C, G, T; -1 for other nibbles. */
extern const int8_t base_of_nibble[16];

/* Nibble of base 0..3. */
extern const uint8_t nibble_of_base[4];

#endif
