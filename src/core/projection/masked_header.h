/* The header that a masked file shows (man varlock-encrypt). */
#ifndef VARLOCK_CORE_MASKED_HEADER_H
#define VARLOCK_CORE_MASKED_HEADER_H

#include <stdint.h>

#include "varlock/bdiff.h"
#include "varlock/buf.h"
#include "varlock/contig.h"
#include "varlock/digest.h"
#include "varlock/error.h"

/* The header of a masked file: appended as text.  `text` is the original's. */
VL_MUST_CHECK
int header_mask(const struct vl_buf *text, const struct vl_contigs *contigs,
                const uint8_t bdiff_id[static VL_BDIFF_ID_BYTES], struct vl_buf *out,
                struct vl_error *err);

/* SHA-256 of a header's @RG lines, in their order, each with its newline: what a masked
 * file says of samples.  VL_ERR_MEMORY. */
VL_MUST_CHECK
int header_read_groups_digest(const struct vl_buf *text, uint8_t sha256[VL_SHA256_BYTES]);

/* 1 and the BDIFF id a masked header names in its `@CO varlock:1 bdiff=` line, 0 where it
 * has none. */
int header_bdiff_id(const char *text, uint8_t id[static VL_BDIFF_ID_BYTES]);

#endif
