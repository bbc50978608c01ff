/*
 * Whether plain bytes end as files of their kind do.  A Crypt4GH file that was cut
 * between two segments opens like a whole one: only what it holds can tell.
 */
#ifndef VARLOCK_CORE_C4GH_ENDING_H
#define VARLOCK_CORE_C4GH_ENDING_H

#include <stddef.h>
#include <stdint.h>

#include "varlock/error.h"

enum { C4GH_START_BYTES = 16, C4GH_END_BYTES = 38 };

struct c4gh_ending {
    uint8_t start[C4GH_START_BYTES], end[C4GH_END_BYTES]; /* `end` right-aligned */
    uint64_t n_bytes;
};

/* Takes the next plain bytes of the file, which is followed from its first one on. */
void c4gh_ending_add(struct c4gh_ending *ending, const void *bytes, size_t n);

/* Looks at a file that is read to its end.  VL_ERR_DATA if its last segment is full, and
 * it is BGZF or CRAM and lacks the end block.  Returns a warning for the user if nothing
 * tells whether it is whole; *warning is else NULL. */
VL_MUST_CHECK
int c4gh_ending_check(const struct c4gh_ending *ending, const char *path,
                      const char **warning, struct vl_error *err);

#endif
