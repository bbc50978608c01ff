/* The checksum of records as the original shows them (bdiff.md §5.2). */
#ifndef VARLOCK_CORE_RECORD_CHECK_H
#define VARLOCK_CORE_RECORD_CHECK_H

#include <htslib/sam.h>

#include "varlock/buf.h"
#include "varlock/checksum.h"
#include "varlock/contig.h"
#include "varlock/error.h"

/* Adds a record of that grade (enum vl_grade, not none) to a running checksum (bdiff.md
 * §5.2): every field as htslib returns it, without bin, and with the pseudonym of the
 * read group.  Below grade full without what CRAM may change of the masked record's mate
 * fields.  read_groups: original @RG IDs; NULL if the record has the pseudonym already.
 * `scratch` is reused. */
VL_MUST_CHECK
int record_check_add(const bam1_t *b, int grade, const struct vl_names *read_groups,
                     struct vl_checksum *sum, struct vl_buf *scratch);

#endif
