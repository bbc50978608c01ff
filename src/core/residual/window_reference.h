/*
 * The reference under a window's masked records, computed from these records, and in the
 * gaps between them that the window lists.  Under the
 * synth masking a masked base is the reference base, except at alleles of the synthetic
 * haplotypes.  For these the window lists the reference base.
 */
#ifndef VARLOCK_CORE_WINDOW_REFERENCE_H
#define VARLOCK_CORE_WINDOW_REFERENCE_H

#include "varlock/buf.h"
#include "varlock/error.h"
#include "window/gap_list.h"
#include "window/record_array.h"
#include "window/sites.h"

struct window_reference {
    struct vl_buf runs;    /* of the masked records, sorted */
    struct vl_buf islands; /* stretches without a gap, in order */
    struct vl_buf bases;   /* bases of the islands, packed as in SEQ */
    int64_t n_bases;
};

/* Builds the reference from the masked records.  A base at a listed site is replaced by
 * the reference base.  At a site that is not listed, the base of any one of the records
 * is used.  VL_ERR_MEMORY; VL_ERR_DATA without a message if gaps (NULL: none) overlap
 * what the masked records cover. */
VL_MUST_CHECK
int window_reference_build(struct window_reference *reference,
                           const struct record_array *masked,
                           const struct site_list *sites, const struct gap_list *gaps);

/* Adds gaps to a reference that was built without.  Errors as above. */
VL_MUST_CHECK
int window_reference_add_gaps(struct window_reference *reference,
                              const struct gap_list *gaps);

/* Index, in the packed bases, of the base at pos0.  *len becomes the number of bases (at
 * most n) up to the next gap.  If the base is not known, the result is -1 and *len the
 * length of the gap (at most n). */
int64_t window_reference_at(const struct window_reference *reference, int32_t contig,
                            int64_t pos0, int64_t n, int64_t *len);

void window_reference_clear(struct window_reference *reference);

#endif
