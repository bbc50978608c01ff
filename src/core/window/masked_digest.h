/* The digest of the masked records of a window (bdiff.md §6.4). */
#ifndef VARLOCK_CORE_MASKED_DIGEST_H
#define VARLOCK_CORE_MASKED_DIGEST_H

#include <htslib/sam.h>

#include "varlock/bdiff.h"
#include "varlock/digest.h"
#include "varlock/error.h"
#include "window/record_array.h"

/* SHA-256 of a contig table.  Every digest of masked records starts with it (bdiff.md
 * §6.4). */
VL_MUST_CHECK
int window_contigs_digest(const struct vl_contigs *contigs,
                          uint8_t out[static VL_SHA256_BYTES]);

/* Digest of consecutive masked records (bdiff.md §6.4). */
VL_MUST_CHECK
int window_masked_digest(const struct record_array *masked,
                         const uint8_t contigs_sha256[static VL_SHA256_BYTES],
                         uint8_t out[static VL_SHA256_BYTES]);

/* Adds one window to the digest over all windows (bdiff.md §6.3). */
void window_total_add(struct vl_digest *total, const struct vl_bdiff_entry *entry);

#endif
