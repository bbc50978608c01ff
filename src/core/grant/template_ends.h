/*
 * Ends of templates: primary records that, with every place they name, lie inside one
 * range of a grant.  A template is restored if both its ends are among them.
 */
#ifndef VARLOCK_CORE_TEMPLATE_ENDS_H
#define VARLOCK_CORE_TEMPLATE_ENDS_H

#include <htslib/sam.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "varlock/buf.h"

struct template_end {
    uint64_t template; /* hash of read group and name: templates are told apart by both */
    int64_t pos, mpos;
    size_t range; /* number of the range that it lies in */
    int32_t tid, mtid;
    uint16_t flag;
    bool is_split; /* it names other alignments (SA, OA) */
};

struct template_ends {
    struct vl_buf v; /* struct template_end; sorted by template_ends_sort */
};

/* The record's end, without a range.  False if it has no name (`*`) by which another
 * record could be found. */
bool template_end_of(const bam1_t *b, struct template_end *end);

void template_ends_add(struct template_ends *ends, const struct template_end *end);

/* Sorts the ends.  VL_ERR_MEMORY if an end could not be added. */
int template_ends_sort(struct template_ends *ends);

/* True if the ends hold the mate that `end` names, and the mate names `end`. */
bool template_ends_have_mate(const struct template_ends *ends,
                             const struct template_end *end);

/* The next primary record of the read that `end` is another alignment of, in the same
 * range.  *at is 0 for the first one.  NULL if there are no more. */
const struct template_end *template_ends_next_primary(const struct template_ends *ends,
                                                      const struct template_end *end,
                                                      size_t *at);

void template_ends_clear(struct template_ends *ends);

#endif
