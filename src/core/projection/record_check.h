/* The checksum of records as the original shows them (bdiff.md §5.2). */
#ifndef VARLOCK_CORE_RECORD_CHECK_H
#define VARLOCK_CORE_RECORD_CHECK_H

#include <htslib/sam.h>

#include "record/tags.h"
#include "varlock/buf.h"
#include "varlock/checksum.h"
#include "varlock/contig.h"
#include "varlock/error.h"

/* Adds the record to a running checksum (bdiff.md §5.2): every field as htslib returns
 * it, without bin, and with the pseudonym of the read group.  read_groups: original @RG
 * IDs; NULL if the record has the pseudonym already.  `scratch` is reused.
 * record_check_add_group is for callers that have read the tags: rg is the first RG, NULL
 * if the record has none. */
VL_MUST_CHECK
int record_check_add(const bam1_t *b, const struct vl_names *read_groups,
                     struct vl_checksum *sum, struct vl_buf *scratch);
VL_MUST_CHECK
int record_check_add_group(const bam1_t *b, const struct tag *rg,
                           const struct vl_names *read_groups, struct vl_checksum *sum,
                           struct vl_buf *scratch);

#endif
