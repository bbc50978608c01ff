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

/* A grant as one thread applies it, with memory to look up mates. */
struct grant {
    const struct vl_ranges *ranges;
    bool everything; /* grant all that the parent shows; `ranges` is what it grants */
    const struct vl_contigs *contigs;
    const struct vl_names
        *read_groups; /* original @RG IDs; NULL: the parent shows pseudonyms */
    const struct window_records
        *window;           /* the records at hand, as the parent shows them */
    struct vl_buf by_name; /* their numbers, sorted by name, to find mates without MC */
    struct mask_scratch scratch;
    bool failed; /* memory ran out: what grant_grade and grant_takes_whole said since
                    grant_start does not count */
};

/* Prepares for the records of one window, which must outlive the calls about them.
 * VL_ERR_MEMORY. */
VL_MUST_CHECK
int grant_start(struct grant *grant, const struct window_records *window);

/* The grade (enum vl_grade) that the ranges grant to masked record i of the window.  It
 * never exceeds the grade that the window has itself. */
int grant_grade(struct grant *grant, size_t i);

/* True if whole record i of the window is granted. */
bool grant_takes_whole(struct grant *grant, size_t i);

/* Builds in `shown` what the slice shows of masked record i at that grade, which is above
 * NONE.  VL_ERR_MEMORY. */
VL_MUST_CHECK
int grant_show(struct grant *grant, size_t i, int grade, bam1_t *shown);

/* Builds in `shown` what the slice shows of a granted whole record: everything, with the
 * pseudonym of its read group.  VL_ERR_MEMORY. */
VL_MUST_CHECK
int grant_show_whole(struct grant *grant, size_t i, bam1_t *shown);

void grant_clear(struct grant *grant);

#endif
