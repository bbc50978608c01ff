/* Places where the sex chromosomes have a single copy. */
#ifndef VARLOCK_CORE_SEX_CONTIGS_H
#define VARLOCK_CORE_SEX_CONTIGS_H

#include "varlock/contig.h"
#include "varlock/error.h"
#include "varlock/region.h"

/* Adds to `haploid`: for `male`, X and Y outside their pseudoautosomal regions; for
 * `female`, Y outside them.  VL_ERR_USAGE if `sex` is neither, or if there is neither X
 * nor Y.  VL_ERR_DATA if the length of X or Y matches no known assembly. */
VL_MUST_CHECK
int sex_contigs_haploid(const char *sex, const struct vl_contigs *contigs,
                        struct vl_ranges *haploid, struct vl_error *err);

#endif
