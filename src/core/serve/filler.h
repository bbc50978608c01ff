/* Bytes of a BGZF file that hold nothing (SAM specification, section 4.1). */
#ifndef VARLOCK_CORE_FILLER_H
#define VARLOCK_CORE_FILLER_H

#include <stddef.h>
#include <stdint.h>

#include "varlock/buf.h"

/* Any number of bytes from this on can be filled. */
enum { FILLER_MIN_BYTES = 140 };

/* Appends the next block of n bytes of filler, of 65,536 bytes at most, and returns its
 * size.  What is left can be filled, too. */
size_t filler_next(struct vl_buf *out, int64_t n);

#endif
