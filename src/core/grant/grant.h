/*
 * What a slice may show of a record (bdiff.md §8).
 */
#ifndef VARLOCK_CORE_GRANT_H
#define VARLOCK_CORE_GRANT_H

#include <htslib/sam.h>

#include "projection/masked_md.h"
#include "varlock/bdiff.h"
#include "varlock/error.h"
#include "varlock/region.h"
#include "window/window_records.h"

/* One thread's view of a grant, with what it needs to look up mates. */
struct grant {
    const struct vl_ranges *ranges;
    bool everything; /* all that the parent shows; `ranges` is what it grants */
    const struct vl_contigs *contigs;
    const struct vl_names
        *read_groups; /* original @RG IDs; NULL: the parent shows pseudonyms */
    const struct window_records
        *window;           /* the records at hand, as the parent shows them */
    struct vl_buf by_name; /* their numbers sorted by name, for mates without MC */
    struct mask_scratch scratch;
};

/* Prepares for the records of one window. */
VL_MUST_CHECK
int grant_start(struct grant *grant, const struct window_records *window);

/* How much of masked record i of the window the ranges grant (enum vl_grade), never more
 * than the window grants itself. */
int grant_grade(const struct grant *grant, size_t i);

/* Whether whole record i of the window is granted. */
bool grant_takes_whole(const struct grant *grant, size_t i);

/* Builds in `shown` what the slice shows of masked record i at that grade (above NONE).
 * VL_ERR_MEMORY. */
VL_MUST_CHECK
int grant_show(struct grant *grant, size_t i, int grade, bam1_t *shown);

/* Builds in `shown` what the slice shows of a granted whole record: all of it, with the
 * read group's pseudonym.  VL_ERR_MEMORY. */
VL_MUST_CHECK
int grant_show_whole(struct grant *grant, size_t i, bam1_t *shown);

void grant_clear(struct grant *grant);

#endif
