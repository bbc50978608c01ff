/* The position of a record: its place in the sort order, and whether it lies in
 * ranges. */
#ifndef VARLOCK_CORE_LOCUS_H
#define VARLOCK_CORE_LOCUS_H

#include <htslib/sam.h>
#include <stdbool.h>
#include <stddef.h>

#include "varlock/bdiff.h"
#include "varlock/region.h"

/* Sort key of a record.  Unplaced reads come last. */
struct vl_locus locus_of(const bam1_t *b, size_t n_contigs);

int locus_compare(const struct vl_locus *a,
                  const struct vl_locus *b); /* without ordinals */

/* Counts masked records at the same position. */
struct locus_counter {
    struct vl_locus last;
    bool any;
};

struct vl_locus locus_count(struct locus_counter *counter, struct vl_locus here);

/* End of a record for the extents: 0 if it is unplaced. */
int64_t locus_end(const bam1_t *b);

/* True if the record overlaps the ranges, by the rule of `samtools view REGION`. */
bool ranges_take(const struct vl_ranges *ranges, const bam1_t *b);

#endif
