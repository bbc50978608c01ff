/* What key files hold in network order, taken from a cursor. */
#ifndef BIG_ENDIAN_H
#define BIG_ENDIAN_H

#include "varlock/wire.h"

/* Reads an unsigned integer of n bytes, at most 4. */
static inline uint32_t get_be(struct vl_cursor *c, size_t n)
{
    const uint8_t *bytes = vl_get_bytes(c, n);
    uint32_t v = 0;
    for (size_t i = 0; bytes && i < n; i++)
        v = v << 8 | bytes[i];
    return v;
}

/* A run of bytes inside the memory of a cursor. */
struct octets {
    const uint8_t *bytes; /* NULL: the cursor is bad */
    size_t n;
};

/* Reads a length of n_length bytes and that many bytes. */
static inline struct octets get_octets(struct vl_cursor *c, size_t n_length)
{
    size_t n = get_be(c, n_length);
    return (struct octets){vl_get_bytes(c, n), n};
}

static inline bool octets_are(struct octets o, const char *text)
{
    return o.bytes && o.n == strlen(text) && memcmp(o.bytes, text, o.n) == 0;
}

#endif
