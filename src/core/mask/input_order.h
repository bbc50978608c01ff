/* Checks that records can be masked: sorted by coordinate, and within bounds. */
#ifndef VARLOCK_CORE_INPUT_ORDER_H
#define VARLOCK_CORE_INPUT_ORDER_H

#include <htslib/sam.h>

#include "record/locus.h"
#include "varlock/contig.h"
#include "varlock/error.h"

/* VL_ERR_DATA if the record comes before *last in the sort order (`last` NULL: it is the
 * first record), lies before the start of its contig, or has a POS, PNEXT or TLEN beyond
 * the bounds of record.h.  Messages start with `path`. */
int input_order_check(const bam1_t *b, const struct vl_locus *last,
                      const struct vl_contigs *contigs, const char *path,
                      struct vl_error *err);

#endif
