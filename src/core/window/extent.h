/* The extents of a window: from the lowest position to the highest end of its records. */
#ifndef VARLOCK_CORE_EXTENT_H
#define VARLOCK_CORE_EXTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "varlock/bdiff.h"
#include "varlock/region.h"

/* Widens the entry's extents so that they include `beg` to `end` on its contig.  The
 * first call (`first`) sets them. */
void entry_extend(struct vl_bdiff_entry *entry, struct vl_locus beg, int64_t end,
                  bool first);

/* True if the entry's extents overlap one of the ranges. */
bool entry_overlaps(const struct vl_bdiff_entry *entry, const struct vl_ranges *ranges,
                    size_t n_contigs);

#endif
