/*
 * A growable byte buffer; one thread at a time.  `failed` remembers that an allocation
 * failed, so no append has to report it: encoders check once, when they are done.
 */
#ifndef VARLOCK_BUF_H
#define VARLOCK_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "varlock/error.h"

struct vl_buf {
    uint8_t *data; /* owned; NULL while empty */
    size_t len;    /* bytes in use */
    size_t cap;    /* bytes allocated */
    bool failed;   /* an allocation failed; later appends do nothing */
};

#define VL_BUF_INIT ((struct vl_buf){0})

/* Makes room for n more bytes and returns where they start; NULL without memory.  Does
 * not change len.  vl_buf_reserve does what vl_buf_grow does, and is faster where there
 * is room already. */
uint8_t *vl_buf_grow(struct vl_buf *buf, size_t n);
static inline uint8_t *vl_buf_reserve(struct vl_buf *buf, size_t n)
{
    return !buf->failed && buf->data && n <= buf->cap - buf->len ? buf->data + buf->len
                                                                 : vl_buf_grow(buf, n);
}

/* Appends n bytes; vl_buf_add_byte appends one. */
static inline void vl_buf_add(struct vl_buf *buf, const void *bytes, size_t n)
{
    uint8_t *at = n > 0 ? vl_buf_reserve(buf, n) : NULL;
    if (!at)
        return;
    memcpy(at, bytes, n);
    buf->len += n;
}

static inline void vl_buf_add_byte(struct vl_buf *buf, uint8_t byte)
{
    uint8_t *at = vl_buf_reserve(buf, 1);
    if (!at)
        return;
    *at = byte;
    buf->len++;
}

/* Appends a number in decimal. */
void vl_buf_add_number(struct vl_buf *buf, uint64_t n);

/* Appends printf output, without a NUL. */
void vl_buf_addf(struct vl_buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* For arrays that grow by one element.  Returns `v` with room for an (n+1)th element of
 * `size` bytes, moved where needed, and updates *cap.  Returns NULL without memory; v is
 * then unchanged. */
VL_MUST_CHECK
void *vl_array_grow(void *v, size_t n, size_t *cap, size_t size);

/* Sets len to 0 and clears `failed`; the memory is kept. */
void vl_buf_reset(struct vl_buf *buf);

/* Frees the memory; the buffer is empty and usable again.  NULL is fine. */
void vl_buf_clear(struct vl_buf *buf);

#endif
