/*
 * A fast checksum over bytes that come in pieces: XXH3 with 64 bits (xxHash 0.8), in its
 * canonical, big-endian form.  It catches faults of this program, not attacks.
 */
#ifndef VARLOCK_CHECKSUM_H
#define VARLOCK_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

#include "varlock/error.h"

enum { VL_CHECKSUM_BYTES = 8 };

/* Returns the checksum of n bytes as a number. */
uint64_t vl_checksum(const void *bytes, size_t n);

struct vl_checksum; /* one running checksum; one thread at a time */

/* Returns a running checksum over nothing yet; NULL without memory. */
VL_MUST_CHECK
struct vl_checksum *vl_checksum_new(void);

void vl_checksum_add(struct vl_checksum *sum, const void *bytes, size_t n);

/* Writes the checksum of all bytes that were added; the handle then starts over with
 * nothing. */
void vl_checksum_finish(struct vl_checksum *sum, uint8_t out[static VL_CHECKSUM_BYTES]);

/* NULL is fine. */
void vl_checksum_free(struct vl_checksum *sum);

#endif
