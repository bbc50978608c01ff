/*
 * The masked form of a record under the permute masking.
 */
#ifndef VARLOCK_CORE_PERMUTE_RECORD_H
#define VARLOCK_CORE_PERMUTE_RECORD_H

#include <htslib/sam.h>

#include "record/md.h"
#include "record/tags.h"
#include "varlock/buf.h"
#include "window/sites.h"

/* Memory reused from record to record; one thread. */
struct mask_scratch {
    struct md_reference reference;
    struct vl_buf cigar, aux, md;
};

void mask_scratch_clear(struct mask_scratch *scratch);

/* The record leaves the masked file whole: secondary, supplementary, or SEQ and CIGAR
 * disagree. */
bool mask_takes_whole(const bam1_t *b);

/* Builds `masked` from `original`: bases at sites through their permutations (sites that
 * changed one are marked used), hidden bases as N, = and X as M, the kept tags, MD and NM
 * over the masked bases.  *withheld: the original has an MD that cannot be shown, because
 * it contradicts its record or the VAC's reference.  VL_ERR_MEMORY. */
int mask_record(const bam1_t *original, struct site_list *sites,
                const struct tag_policy *policy, struct mask_scratch *scratch,
                bam1_t *masked, bool *withheld);

/* Appends NM and MD of b's present bases to scratch->aux, where `like` (the same
 * alignment with other bases) has them; false where its MD cannot be read. */
bool mask_put_md(const bam1_t *b, const bam1_t *like, struct mask_scratch *scratch);

#endif
