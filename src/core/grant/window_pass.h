/*
 * A window that is granted as a whole: what the owner keeps is taken out of its streams,
 * the others are passed on packed as they are, and no record is looked at.
 */
#ifndef VARLOCK_CORE_WINDOW_PASS_H
#define VARLOCK_CORE_WINDOW_PASS_H

#include "varlock/bdiff.h"
#include "varlock/buf.h"
#include "varlock/contig.h"
#include "varlock/error.h"

/* How many records a window shows at each grade, the whole ones apart, and its sites. */
struct window_shows {
    uint64_t n_graded[VL_GRADE_FULL + 1];
    uint64_t n_whole;
    uint64_t n_sites;
};

/* Appends to `out` the plaintext that a slice holds of a parent's window of n_masked
 * records where it grants everything: the same records as cutting would, the read groups
 * by their pseudonyms, no ordinals.  read_groups: original @RG IDs
 * where the parent is the owner's file, else NULL.  1; 0, and nothing appended, where
 * only cutting record by record tells what may be shown, or the window is malformed;
 * VL_ERR_MEMORY, or VL_ERR_DATA where that passes what a window may hold. */
VL_MUST_CHECK
int window_pass(const uint8_t *plain, size_t n, uint32_t n_masked,
                const struct vl_names *read_groups, struct vl_buf *out,
                struct window_shows *shows, struct vl_error *err);

#endif
