/*
 * Integers and byte runs as formats/README.md lays them down: little-endian, LEB128
 * varints, zigzag for signed ones.  Writers append to a vl_buf (its `failed` flag tells
 * of lost memory); readers take from a cursor that never passes its end: a read beyond it
 * sets `bad`, returns zeros and leaves the cursor at its end, so a decoder may check
 * `bad` once per structure.
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

/* The memory stays the caller's and must outlive the cursor; NULL where there are no
 * bytes. */
struct vl_cursor vl_cursor_over(const void *bytes, size_t n);

/* Bytes not read yet. */
size_t vl_left(const struct vl_cursor *c);

uint8_t vl_get_u8(struct vl_cursor *c);
uint16_t vl_get_u16(struct vl_cursor *c);
uint32_t vl_get_u32(struct vl_cursor *c);
uint64_t vl_get_u64(struct vl_cursor *c);

/* LEB128, at most 10 bytes, shortest form only; anything else sets `bad`. */
uint64_t vl_get_varint(struct vl_cursor *c);

/* A varint of the same rules, taken as a signed integer. */
int64_t vl_get_zigzag(struct vl_cursor *c);

/* n bytes inside the cursor's memory, or NULL (and `bad`) when fewer are left. */
const uint8_t *vl_get_bytes(struct vl_cursor *c, size_t n);

/* A varint that must be at most `limit`; otherwise sets `bad` and returns 0. */
uint64_t vl_get_varint_max(struct vl_cursor *c, uint64_t limit);

/* Varint length (at most max_bytes), then that many bytes without NUL among them, as a
 * new string that the caller frees; NULL (and `bad`) on malformed input or lost memory.
 */
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
