/* The tags that a masked record shows. */
#ifndef VARLOCK_CORE_MASKED_TAGS_H
#define VARLOCK_CORE_MASKED_TAGS_H

#include <htslib/sam.h>
#include <stdbool.h>
#include <stdint.h>

#include "varlock/buf.h"
#include "varlock/contig.h"
#include "varlock/error.h"

struct tag_policy {
    const char *keep; /* --keep-tags: comma-separated names; NULL: none */
    const struct vl_names *read_groups; /* original @RG IDs in header order */
    bool computes_mc; /* the caller writes MC; false: the record's own MC is folded */
};

/* VL_ERR_USAGE if the list is not two-character names separated by commas. */
VL_MUST_CHECK
int tag_list_check(const char *list, struct vl_error *err);

/* Checks the list like tag_list_check.  Also VL_ERR_USAGE if the list names a tag that is
 * computed anew. */
VL_MUST_CHECK
int tag_policy_check_keep(const char *keep, struct vl_error *err);

/* Appends the kept tags of `original` in their masked form, sorted by name.  If n_mate is
 * above 0, the mate's CIGAR is among them as MC.  NM and MD are not.  A record with
 * malformed tags shows none. */
void tags_mask(const bam1_t *original, const struct tag_policy *policy,
               const uint32_t *mate, uint32_t n_mate, struct vl_buf *out);

/* Removes the tags of a checked list from the record. */
void tags_drop(bam1_t *b, const char *list);

#endif
