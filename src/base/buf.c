#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "varlock/buf.h"

uint8_t *vl_buf_grow(struct vl_buf *buf, size_t n)
{
    if (buf->failed)
        return NULL;
    if (n > SIZE_MAX / 2 - buf->len) {
        buf->failed = true;
        return NULL;
    }
    if (n > buf->cap - buf->len || !buf->data) {
        size_t cap = buf->cap ? buf->cap : 64;
        while (cap - buf->len < n)
            cap *= 2;
        uint8_t *data = realloc(buf->data, cap);
        if (!data) {
            buf->failed = true;
            return NULL;
        }
        buf->data = data;
        buf->cap = cap;
    }
    return buf->data + buf->len;
}

void vl_buf_add_number(struct vl_buf *buf, uint64_t n)
{
    char digits[20];
    size_t at = sizeof digits;
    do
        digits[--at] = (char)('0' + n % 10);
    while (n /= 10);
    vl_buf_add(buf, digits + at, sizeof digits - at);
}

void vl_buf_addf(struct vl_buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n < 0 || !vl_buf_reserve(buf, (size_t)n + 1)) {
        buf->failed = true;
        return;
    }
    va_start(args, format);
    vsnprintf((char *)buf->data + buf->len, (size_t)n + 1, format, args);
    va_end(args);
    buf->len += (size_t)n;
}

void *vl_array_grow(void *v, size_t n, size_t *cap, size_t size)
{
    if (n < *cap)
        return v;
    size_t more = *cap ? 2 * *cap : 32;
    if (more < *cap || more > SIZE_MAX / size)
        return NULL;
    void *grown = realloc(v, more * size);
    if (grown)
        *cap = more;
    return grown;
}

void vl_buf_reset(struct vl_buf *buf)
{
    buf->len = 0;
    buf->failed = false;
}

void vl_buf_clear(struct vl_buf *buf)
{
    if (!buf)
        return;
    free(buf->data);
    *buf = VL_BUF_INIT;
}
