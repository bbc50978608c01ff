/* MD and NM over the bases that a masked record shows. */
#ifndef VARLOCK_CORE_MASKED_MD_H
#define VARLOCK_CORE_MASKED_MD_H

#include <htslib/sam.h>
#include <stdbool.h>

#include "record/md.h"
#include "varlock/buf.h"

/* Memory reused from record to record; one thread. */
struct mask_scratch {
    struct md_reference reference;
    struct vl_buf cigar, aux, md;
};

void mask_scratch_clear(struct mask_scratch *scratch);

/* Appends NM and MD of b's current bases to scratch->aux if `like` has them.  `like` is
 * the same alignment with other bases.  False if its MD cannot be read.  Without memory
 * scratch->aux is marked as failed. */
bool mask_put_md(const bam1_t *b, const bam1_t *like, struct mask_scratch *scratch);

#endif
