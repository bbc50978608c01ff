/*
 * What a slice may show of a record (bdiff.md §8).  A template is restored if it lies
 * inside one range with all that it names.  Of other reads a loose piece is shown.
 */
#ifndef VARLOCK_CORE_GRANT_H
#define VARLOCK_CORE_GRANT_H

#include <htslib/sam.h>

#include "grant/piece.h"
#include "grant/template_ends.h"
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
    const struct template_ends *elsewhere; /* ends in other windows; NULL: none */
    const struct window_records
        *window;               /* the records at hand, as the parent shows them */
    struct template_ends ends; /* those of this window */
    struct piece_maker pieces;
    struct vl_buf name, cigar, aux;
    bool failed; /* memory ran out: what was said since grant_start does not count */
};

/* Prepares for the records of one window, which must outlive the calls about them.
 * VL_ERR_MEMORY. */
VL_MUST_CHECK
int grant_start(struct grant *grant, const struct window_records *window);

/* Adds those ends of the window that records of other windows may ask for. */
void grant_put_straddling(const struct grant *grant, struct template_ends *out);

/* True if masked record i of the window, which the parent restores, is restored. */
bool grant_restores(struct grant *grant, size_t i);

/* True if whole record i of the window is restored. */
bool grant_takes_whole(struct grant *grant, size_t i);

/* Builds in `shown` what the slice shows of a restored record: everything, with the
 * pseudonym of its read group.  `masked` is its masked form, NULL for a whole record.
 * VL_ERR_MEMORY. */
VL_MUST_CHECK
int grant_show(struct grant *grant, const bam1_t *b, const bam1_t *masked, bam1_t *shown);

/* Builds in `shown` the loose read that the slice shows of a record that it does not
 * restore, or of a loose read of the parent: 1.  0 if there is nothing to show.
 * VL_ERR_MEMORY. */
VL_MUST_CHECK
int grant_show_loose(struct grant *grant, const bam1_t *b, bam1_t *shown);

void grant_clear(struct grant *grant);

#endif
