/* The extents of a window: from the lowest position to the highest end of its records. */
#ifndef VARLOCK_CORE_EXTENT_H
#define VARLOCK_CORE_EXTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "varlock/bdiff.h"
#include "varlock/region.h"

/* The extents of the entry take in what lies from `beg` to `end` on its contig; the first
 * call (`first`) sets them. */
void entry_extend(struct vl_bdiff_entry *entry, struct vl_locus beg, int64_t end,
                  bool first);

/* The entry's extents meet the ranges. */
bool entry_overlaps(const struct vl_bdiff_entry *entry, const struct vl_ranges *ranges,
                    size_t n_contigs);

#endif
