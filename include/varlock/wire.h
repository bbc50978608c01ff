/*
 * Integers and runs of bytes as formats/README.md defines them: little-endian, LEB128
 * varints, zigzag for signed integers.  Writers append to a vl_buf, whose `failed` flag
 * tells that an allocation failed.  Readers take from a cursor that never passes its end.
 * A read beyond the end sets `bad`, returns zeros and leaves the cursor at its end, so a
 * decoder may check `bad` once per structure.
 */
#ifndef VARLOCK_WIRE_H
#define VARLOCK_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "varlock/buf.h"
#include "varlock/error.h"

struct vl_cursor {
    const uint8_t *at;  /* next unread byte */
    const uint8_t *end; /* one past the last */
    bool bad;           /* something was read beyond the end, or a varint was malformed */
};

/* Returns a cursor over n bytes.  The memory stays the caller's and must outlive the
 * cursor; it may be NULL where n is 0. */
struct vl_cursor vl_cursor_over(const void *bytes, size_t n);

/* Returns the number of bytes that were not read yet. */
size_t vl_left(const struct vl_cursor *c);

uint8_t vl_get_u8(struct vl_cursor *c);
uint16_t vl_get_u16(struct vl_cursor *c);
uint32_t vl_get_u32(struct vl_cursor *c);
uint64_t vl_get_u64(struct vl_cursor *c);

/* Reads LEB128 of at most 10 bytes, in its shortest form; anything else sets `bad`. */
uint64_t vl_get_varint(struct vl_cursor *c);

/* Reads a varint as vl_get_varint does, and undoes the zigzag form of a signed
 * integer. */
int64_t vl_get_zigzag(struct vl_cursor *c);

/* Returns n bytes inside the cursor's memory; NULL (and `bad`) where fewer are left. */
const uint8_t *vl_get_bytes(struct vl_cursor *c, size_t n);

/* Reads a varint that must be at most `limit`; where it is not, sets `bad` and returns
 * 0. */
uint64_t vl_get_varint_max(struct vl_cursor *c, uint64_t limit);

/* Reads a varint length (at most max_bytes) and that many bytes, none of them NUL.
 * Returns them as a new string that the caller frees; NULL (and `bad`) on malformed input
 * or without memory. */
VL_MUST_CHECK
char *vl_get_string(struct vl_cursor *c, size_t max_bytes);

void vl_put_u8(struct vl_buf *b, uint8_t v);
void vl_put_u16(struct vl_buf *b, uint16_t v);
void vl_put_u32(struct vl_buf *b, uint32_t v);
void vl_put_u64(struct vl_buf *b, uint64_t v);
void vl_put_varint(struct vl_buf *b, uint64_t v);
void vl_put_zigzag(struct vl_buf *b, int64_t v);
void vl_put_string(struct vl_buf *b, const char *s);

#endif
