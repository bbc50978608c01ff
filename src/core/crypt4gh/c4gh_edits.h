/*
 * Edit lists (crypt4gh.md §4.2) as ranges of the plain bytes that are kept.  What is left
 * when the others are cut away is called the edited bytes here.
 */
#ifndef VARLOCK_CORE_C4GH_EDITS_H
#define VARLOCK_CORE_C4GH_EDITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "varlock/buf.h"
#include "varlock/error.h"

struct c4gh_range {
    int64_t plain;  /* where it begins in the plain bytes */
    int64_t edited; /* and in the edited ones */
    int64_t n;      /* bytes, at least 1; INT64_MAX - plain: to the end */
};

struct c4gh_edits {
    struct vl_buf ranges; /* struct c4gh_range, in order, none touching the next one */
};

/* Makes ranges of the lengths, of which there are n: skip, keep, skip, keep, and so on.
 * Without a length, and behind an odd number of them, the rest is kept.  VL_ERR_MEMORY.
 */
VL_MUST_CHECK
int c4gh_edits_make(struct c4gh_edits *edits, const uint64_t *lengths, size_t n);

/* The range that holds the edited byte; NULL behind the last one. */
const struct c4gh_range *c4gh_edits_find(const struct c4gh_edits *edits, int64_t edited);

/* Number of edited bytes of a file of n_plain bytes. */
int64_t c4gh_edits_size(const struct c4gh_edits *edits, int64_t n_plain);

/* Makes edits that keep, of what `edits` keeps, the ranges of edited bytes, which are n,
 * ascending and do not overlap.  VL_ERR_MEMORY. */
struct byte_range;
VL_MUST_CHECK
int c4gh_edits_within(struct c4gh_edits *within, const struct c4gh_edits *edits,
                      const struct byte_range *ranges, size_t n);

/* Appends the lengths (u64 each) of a list that says the same and that all readers take,
 * unless nothing is kept: no length but the first is 0, and where n_plain (-1: not known)
 * tells the end, their number is even and nothing behind it is kept.  Appends nothing if
 * all is kept. */
void c4gh_edits_put(const struct c4gh_edits *edits, int64_t n_plain,
                    struct vl_buf *lengths);

void c4gh_edits_clear(struct c4gh_edits *edits);

#endif
