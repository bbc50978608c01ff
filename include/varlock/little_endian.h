/*
 * Unsigned integers as little-endian bytes, at any address, on any machine. vl_store_le
 * returns the address after the bytes that it wrote.
 */
#ifndef VARLOCK_LITTLE_ENDIAN_H
#define VARLOCK_LITTLE_ENDIAN_H

#include <stddef.h>
#include <stdint.h>

/* Stores the low n bytes of v, 1 <= n <= 8. */
static inline uint8_t *vl_store_le(uint8_t *at, uint64_t v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        at[i] = (uint8_t)(v >> (8 * i));
    return at + n;
}

static inline uint64_t vl_load_le(const uint8_t *at, size_t n)
{
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++)
        v |= (uint64_t)at[i] << (8 * i);
    return v;
}

#endif
