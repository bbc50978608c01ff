/* The header that a masked file shows (man varlock-encrypt). */
#ifndef VARLOCK_CORE_MASKED_HEADER_H
#define VARLOCK_CORE_MASKED_HEADER_H

#include <stdint.h>

#include "varlock/bdiff.h"
#include "varlock/buf.h"
#include "varlock/contig.h"
#include "varlock/digest.h"
#include "varlock/error.h"

/* The line `@CO varlock:1 mask=<synth|permute> bdiff=<32 hex digits>`. */
struct masked_line {
    uint8_t mask_model; /* enum vl_mask_model */
    uint8_t bdiff_id[VL_BDIFF_ID_BYTES];
};

/* "synth" or "permute". */
const char *mask_model_name(uint8_t mask_model);

/* The header of a masked file: appended as text.  `text` is the original's. */
VL_MUST_CHECK
int header_mask(const struct vl_buf *text, const struct vl_contigs *contigs,
                const struct masked_line *line, struct vl_buf *out, struct vl_error *err);

/* SHA-256 of a header's @RG lines in their order, each with its newline.  It covers what
 * a masked file says about samples.  VL_ERR_MEMORY. */
VL_MUST_CHECK
int header_read_groups_digest(const struct vl_buf *text, uint8_t sha256[VL_SHA256_BYTES]);

/* 1 and what the varlock line of a header says.  0 if there is no such line.  VL_ERR_DATA
 * if the line has another form, as of another version. */
int header_masked_line(const char *text, struct masked_line *line);

#endif
