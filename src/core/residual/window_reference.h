/*
 * The reference under a window's masked records, as those records tell it: under the
 * synth masking a masked base is the reference base, but for the alleles of the synthetic
 * haplotypes, and of these the window lists the reference base.
 */
#ifndef VARLOCK_CORE_WINDOW_REFERENCE_H
#define VARLOCK_CORE_WINDOW_REFERENCE_H

#include "varlock/buf.h"
#include "varlock/error.h"
#include "window/record_array.h"
#include "window/sites.h"

struct window_reference {
    struct vl_buf runs;    /* of the masked records, sorted */
    struct vl_buf islands; /* stretches without a gap, in order */
    struct vl_buf bases;   /* theirs, a nibble in each byte */
};

/* Takes in the masked records; what they show at a listed site is put right.  Without an
 * entry for a site, the base is that of any one of the records.  VL_ERR_MEMORY. */
VL_MUST_CHECK
int window_reference_build(struct window_reference *reference,
                           const struct record_array *masked,
                           const struct site_list *sites);

/* The bases from pos0 on, and how many of them (at most n) lie without a gap; NULL and
 * the length of the gap (at most n) where no record covers pos0. */
const uint8_t *window_reference_at(const struct window_reference *reference,
                                   int32_t contig, int64_t pos0, int64_t n, int64_t *len);

void window_reference_clear(struct window_reference *reference);

#endif
