/* Where a record stands: its place in the sort order, and whether it lies in ranges. */
#ifndef VARLOCK_CORE_LOCUS_H
#define VARLOCK_CORE_LOCUS_H

#include <htslib/sam.h>
#include <stdbool.h>
#include <stddef.h>

#include "varlock/bdiff.h"
#include "varlock/region.h"

/* Key of the sort order; unplaced reads come last. */
struct vl_locus locus_of(const bam1_t *b, size_t n_contigs);

int locus_compare(const struct vl_locus *a,
                  const struct vl_locus *b); /* without ordinals */

/* Counts masked records at one position. */
struct locus_counter {
    struct vl_locus last;
    bool any;
};

struct vl_locus locus_count(struct locus_counter *counter, struct vl_locus here);

/* End of a record as the extents count it: 0 where it is unplaced. */
int64_t locus_end(const bam1_t *b);

/* The record overlaps the ranges as `samtools view REGION` sees it. */
bool ranges_take(const struct vl_ranges *ranges, const bam1_t *b);

#endif
