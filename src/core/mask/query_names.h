/* Refuses query names that tell whose reads they are. */
#ifndef VARLOCK_CORE_QUERY_NAMES_H
#define VARLOCK_CORE_QUERY_NAMES_H

#include <htslib/sam.h>

#include "varlock/error.h"
#include "window/record_array.h"

/* VL_ERR_DATA if a query name in `head` contains a private value of the header's @RG
 * lines or is an archive accession.  The message names the first such record.  Messages
 * start with `path`. */
int query_names_check(sam_hdr_t *parsed, const struct record_array *head,
                      const char *path, struct vl_error *err);

#endif
