/*
 * Alignment headers: the raw text of the original, the contig table, and the header a
 * masked file shows instead (man varlock-encrypt).
 */
#ifndef VARLOCK_CORE_HEADER_H
#define VARLOCK_CORE_HEADER_H

#include <htslib/sam.h>

#include "varlock/bdiff.h"
#include "varlock/buf.h"
#include "varlock/contig.h"
#include "varlock/error.h"

/* Contig names and lengths of a header, in order and indexed, with M5 if the @SQ lines
 * give it.  VL_ERR_DATA if a name appears twice. */
VL_MUST_CHECK
int header_contigs(sam_hdr_t *header, const char *path, struct vl_contigs *contigs,
                   struct vl_error *err);

/* Sets the M5 of the contigs for which the @SQ lines of a header text give it.  Sets none
 * if the text cannot be parsed: whoever needs its lines says what is wrong.
 * VL_ERR_MEMORY. */
VL_MUST_CHECK
int header_find_m5(const struct vl_buf *text, struct vl_contigs *contigs,
                   struct vl_error *err);

/* Appends the text as programs can read it.  The last line gets its newline.  A NUL ends
 * its line.  Lines after the first NUL that do not begin with @ are left out; padding
 * with NULs is such a line. */
void header_repair(const void *text, size_t n, struct vl_buf *out);

/* The repaired text, parsed.  NULL, and VL_ERR_DATA in *err, if htslib cannot parse it.
 * Freed with sam_hdr_destroy. */
VL_MUST_CHECK
sam_hdr_t *header_parse(const struct vl_buf *text, struct vl_error *err);

/* VL_ERR_DATA with a message that gives the number and the text of the line at which
 * htslib stops parsing the repaired text. */
int header_blame(const char *text, size_t n, struct vl_error *err);

/* IDs of the @RG lines of a header text, in order, indexed. */
VL_MUST_CHECK
int header_read_groups(const struct vl_buf *text, struct vl_names *read_groups,
                       struct vl_error *err);

/* A header that htslib writes to a BAM as exactly this text and these contigs.  NULL if
 * memory runs out.  Freed with sam_hdr_destroy. */
VL_MUST_CHECK
sam_hdr_t *header_from_raw(const void *text, size_t n, const struct vl_contigs *contigs);

/* Repairs the text of such a header, for SAM and CRAM output.  VL_ERR_MEMORY. */
VL_MUST_CHECK
int header_repair_raw(sam_hdr_t *header);

/* VL_ERR_SEAL if two tables differ in contig names, order or lengths.  The message says
 * where. */
VL_MUST_CHECK
int header_check_contigs(const char *path, const struct vl_contigs *found,
                         const struct vl_contigs *sealed, struct vl_error *err);

#endif
