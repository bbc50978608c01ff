/*
 * The masked form of a record under the permute masking.
 */
#ifndef VARLOCK_CORE_PERMUTE_RECORD_H
#define VARLOCK_CORE_PERMUTE_RECORD_H

#include <htslib/sam.h>

#include "projection/masked_md.h"
#include "projection/masked_tags.h"
#include "varlock/buf.h"
#include "varlock/contig.h"
#include "varlock/error.h"
#include "window/sites.h"

/* True if the record leaves the masked file and is stored whole: it is secondary or
 * supplementary, its SEQ and CIGAR disagree, or CRAM could not hold it. */
bool mask_takes_whole(const bam1_t *b, const struct vl_contigs *contigs);

/* Builds `masked` from `original`: bases at sites through their permutations (sites that
 * changed one are marked used), hidden bases as N, = and X as M, the kept tags, MD and NM
 * over the masked bases, core fields as masked_core.h says, no CIGAR of an unmapped read.
 * *withheld: the original has an MD that cannot be shown, because it contradicts its
 * record or the VAC's reference.  VL_ERR_MEMORY. */
VL_MUST_CHECK
int mask_record(const bam1_t *original, struct site_list *sites,
                const struct tag_policy *policy, struct mask_scratch *scratch,
                bam1_t *masked, bool *withheld);

#endif
