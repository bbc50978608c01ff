#include "record/nibbles.h"

#include <string.h>

static uint64_t load_be64(const uint8_t *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    v = __builtin_bswap64(v);
#endif
    return v;
}

static void store_be64(uint8_t *p, uint64_t v)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    v = __builtin_bswap64(v);
#endif
    memcpy(p, &v, sizeof v);
}

/* Copies from an odd index to an even one.  Each byte of dst joins halves of two bytes of
 * src. */
static void copy_shifted(uint8_t *dst, const uint8_t *src, int64_t n_bytes)
{
    int64_t k = 0;
    for (; k + 8 <= n_bytes; k += 8)
        store_be64(dst + k, load_be64(src + k) << 4 | src[k + 8] >> 4);
    for (; k < n_bytes; k++)
        dst[k] = (uint8_t)(src[k] << 4 | src[k + 1] >> 4);
}

void nibbles_copy(uint8_t *dst, int64_t to, const uint8_t *src, int64_t from, int64_t n)
{
    if (n > 0 && (to & 1)) {
        seq_set_nibble(dst, to++, seq_nibble(src, from++));
        n--;
    }
    if (n <= 0)
        return;
    if (from & 1)
        copy_shifted(dst + (to >> 1), src + (from >> 1), n >> 1);
    else
        memcpy(dst + (to >> 1), src + (from >> 1), (size_t)(n >> 1));
    if (n & 1)
        seq_set_nibble(dst, to + n - 1, seq_nibble(src, from + n - 1));
}

void nibbles_fill(uint8_t *dst, int64_t to, int64_t n, int nibble)
{
    for (; n > 0 && (to & 1); n--)
        seq_set_nibble(dst, to++, nibble);
    if (n <= 0)
        return;
    memset(dst + (to >> 1), nibble << 4 | nibble, (size_t)(n >> 1));
    if (n & 1)
        seq_set_nibble(dst, to + n - 1, nibble);
}

/* Sets the lowest bit of every nibble of x that is not 0, and clears all other bits. */
static uint64_t any_bit(uint64_t x)
{
    return (x | x >> 1 | x >> 2 | x >> 3) & UINT64_C(0x1111111111111111);
}

/* Sets the lowest bit of every nibble of x that is 15, and clears all other bits.  The
 * byte order of x does not matter. */
static uint64_t every_bit(uint64_t x)
{
    x &= x >> 1;
    return x & x >> 2 & UINT64_C(0x1111111111111111);
}

/* Loads 16 nibbles from an even index on.  Bytes at and after p + left count as 0. */
static uint64_t load_some(const uint8_t *p, int64_t left)
{
    uint64_t v = 0;
    if (left >= 8)
        return load_be64(p);
    for (int64_t i = 0; i < left; i++)
        v |= (uint64_t)p[i] << (56 - 8 * i);
    return v;
}

int64_t nibbles_mismatch(const uint8_t *a, const uint8_t *b, int64_t from, int64_t to,
                         bool n_too)
{
    for (int64_t i = from & ~INT64_C(1); i < to; i += 16) {
        int64_t left = (to + 1) / 2 - (i >> 1);
        uint64_t v, w;
        /* Fast path: most words are equal, and an equal word needs no search. */
        if (left >= 8) {
            memcpy(&v, a + (i >> 1), sizeof v);
            memcpy(&w, b + (i >> 1), sizeof w);
            if (v == w && !(n_too && every_bit(v)))
                continue;
        }
        uint64_t x = load_some(a + (i >> 1), left), y = load_some(b + (i >> 1), left);
        uint64_t found = any_bit(x ^ y) | (n_too ? every_bit(x) : 0);
        if (i < from)
            found &= UINT64_MAX >> 4;
        if (found) {
            i += __builtin_clzll(found) / 4;
            return i < to ? i : to;
        }
    }
    return to;
}

void nibbles_hide_equal(uint8_t *seq, int64_t n)
{
    int64_t i = 0;
    for (; n - i >= 16; i += 16) {
        uint64_t v;
        memcpy(&v, seq + (i >> 1), sizeof v);
        v |= (any_bit(v) ^ UINT64_C(0x1111111111111111)) * NIBBLE_N;
        memcpy(seq + (i >> 1), &v, sizeof v);
    }
    for (; i < n; i++)
        if (seq_nibble(seq, i) == NIBBLE_EQUAL)
            seq_set_nibble(seq, i, NIBBLE_N);
}

static bool is_letter(int nibble)
{
    return nibble != NIBBLE_EQUAL && nibble != NIBBLE_N;
}

bool nibbles_are_letters(const uint8_t *seq, int64_t from, int64_t n)
{
    const uint64_t ALL = UINT64_C(0x1111111111111111);
    int64_t end = from + n;
    if (from < end && (from & 1) && !is_letter(seq_nibble(seq, from++)))
        return false;
    for (; end - from >= 16; from += 16) {
        uint64_t v;
        memcpy(&v, seq + (from >> 1), sizeof v);
        if (any_bit(v) != ALL || every_bit(v) != 0)
            return false;
    }
    while (from < end)
        if (!is_letter(seq_nibble(seq, from++)))
            return false;
    return true;
}

const int8_t base_of_nibble[16] = {-1, 0,  1,  -1, 2,  -1, -1, -1,
                                   3,  -1, -1, -1, -1, -1, -1, -1};

const uint8_t nibble_of_base[4] = {1, 2, 4, 8};
