#include <stdlib.h>
#include <string.h>

#include "varlock/little_endian.h"
#include "varlock/wire.h"

struct vl_cursor vl_cursor_over(const void *bytes, size_t n)
{
    /* A cursor is never NULL, because even NULL + 0 is undefined. */
    static const uint8_t NOTHING[1];
    const uint8_t *at = n > 0 ? bytes : NOTHING;
    return (struct vl_cursor){.at = at, .end = at + n, .bad = false};
}

size_t vl_left(const struct vl_cursor *c)
{
    return (size_t)(c->end - c->at);
}

const uint8_t *vl_get_bytes(struct vl_cursor *c, size_t n)
{
    if (n > vl_left(c)) {
        c->bad = true;
        c->at = c->end;
        return NULL;
    }
    const uint8_t *at = c->at;
    c->at += n;
    return at;
}

static uint64_t get_fixed(struct vl_cursor *c, size_t n)
{
    const uint8_t *p = vl_get_bytes(c, n);
    return p ? vl_load_le(p, n) : 0;
}

uint8_t vl_get_u8(struct vl_cursor *c)
{
    return (uint8_t)get_fixed(c, 1);
}

uint16_t vl_get_u16(struct vl_cursor *c)
{
    return (uint16_t)get_fixed(c, 2);
}

uint32_t vl_get_u32(struct vl_cursor *c)
{
    return (uint32_t)get_fixed(c, 4);
}

uint64_t vl_get_u64(struct vl_cursor *c)
{
    return get_fixed(c, 8);
}

static uint64_t varint_fail(struct vl_cursor *c)
{
    c->bad = true;
    c->at = c->end;
    return 0;
}

uint64_t vl_get_varint(struct vl_cursor *c)
{
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
        if (c->at == c->end)
            return varint_fail(c);
        uint8_t byte = *c->at++;
        if (shift == 63 && byte > 1)
            return varint_fail(c);
        v |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return byte == 0 && shift > 0 ? varint_fail(c) : v;
    }
    return varint_fail(c);
}

uint64_t vl_get_varint_max(struct vl_cursor *c, uint64_t limit)
{
    uint64_t v = vl_get_varint(c);
    return v > limit ? varint_fail(c) : v;
}

int64_t vl_get_zigzag(struct vl_cursor *c)
{
    uint64_t v = vl_get_varint(c);
    return (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
}

char *vl_get_string(struct vl_cursor *c, size_t max_bytes)
{
    size_t n = vl_get_varint_max(c, max_bytes);
    const uint8_t *bytes = c->bad ? NULL : vl_get_bytes(c, n);
    if (!bytes || memchr(bytes, 0, n)) {
        c->bad = true;
        return NULL;
    }
    char *s = malloc(n + 1);
    if (!s) {
        c->bad = true;
        return NULL;
    }
    memcpy(s, bytes, n);
    s[n] = '\0';
    return s;
}

static void put_fixed(struct vl_buf *b, uint64_t v, size_t n)
{
    uint8_t bytes[8];
    vl_store_le(bytes, v, n);
    vl_buf_add(b, bytes, n);
}

void vl_put_u8(struct vl_buf *b, uint8_t v)
{
    vl_buf_add_byte(b, v);
}

void vl_put_u16(struct vl_buf *b, uint16_t v)
{
    put_fixed(b, v, 2);
}

void vl_put_u32(struct vl_buf *b, uint32_t v)
{
    put_fixed(b, v, 4);
}

void vl_put_u64(struct vl_buf *b, uint64_t v)
{
    put_fixed(b, v, 8);
}

void vl_put_varint(struct vl_buf *b, uint64_t v)
{
    uint8_t bytes[10];
    size_t n = 0;
    for (; v >= 0x80; v >>= 7)
        bytes[n++] = (uint8_t)(v | 0x80);
    bytes[n++] = (uint8_t)v;
    vl_buf_add(b, bytes, n);
}

void vl_put_zigzag(struct vl_buf *b, int64_t v)
{
    vl_put_varint(b, ((uint64_t)v << 1) ^ (uint64_t)(v >> 63));
}

void vl_put_string(struct vl_buf *b, const char *s)
{
    size_t n = strlen(s);
    vl_put_varint(b, n);
    vl_buf_add(b, s, n);
}
