/* Query names that tell who the reads are of. */
#ifndef VARLOCK_CORE_QUERY_NAMES_H
#define VARLOCK_CORE_QUERY_NAMES_H

#include <htslib/sam.h>

#include "varlock/error.h"
#include "window/record_array.h"

/* VL_ERR_DATA naming the first record of `head` whose query name holds a private value of
 * the header's @RG lines or is an archive accession.  `path` starts the message. */
int query_names_check(sam_hdr_t *parsed, const struct record_array *head,
                      const char *path, struct vl_error *err);

#endif
