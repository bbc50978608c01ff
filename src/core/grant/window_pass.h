/*
 * Passes on a window that is granted as a whole.  What the owner keeps is removed from
 * its streams, the other streams stay packed, and no record is read.
 */
#ifndef VARLOCK_CORE_WINDOW_PASS_H
#define VARLOCK_CORE_WINDOW_PASS_H

#include "varlock/bdiff.h"
#include "varlock/buf.h"
#include "varlock/contig.h"
#include "varlock/error.h"

/* What a window shows: the number of masked records that it restores, of whole records,
 * of loose reads, and of sites. */
struct window_shows {
    uint64_t n_restored;
    uint64_t n_whole;
    uint64_t n_loose;
    uint64_t n_sites;
};

/* Appends to `out` the window's plaintext for a slice that grants everything in the
 * window, which has n_masked records in the parent.  The slice shows the records that
 * cutting would show, with pseudonyms for read groups and without ordinals.  read_groups:
 * original @RG IDs if the parent is the owner's file, otherwise NULL.  Returns 1.
 * Returns 0 and appends nothing if the window is malformed, or if only cutting record by
 * record can tell what may be shown.  VL_ERR_MEMORY, or VL_ERR_DATA if the result is
 * larger than a window may be. */
VL_MUST_CHECK
int window_pass(const uint8_t *plain, size_t n, uint32_t n_masked,
                const struct vl_names *read_groups, struct vl_buf *out,
                struct window_shows *shows, struct vl_error *err);

#endif
