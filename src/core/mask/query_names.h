/* Refuses query names that tell whose reads they are. */
#ifndef VARLOCK_CORE_QUERY_NAMES_H
#define VARLOCK_CORE_QUERY_NAMES_H

#include <htslib/sam.h>
#include <stdbool.h>

#include "varlock/error.h"
#include "varlock/names.h"
#include "window/record_array.h"

/* Collects and indexes the values of @RG lines that must not occur in a query name.
 * VL_ERR_MEMORY, without a message. */
VL_MUST_CHECK
int query_names_private(sam_hdr_t *parsed, struct vl_names *values);

/* True if the name is an archive accession or contains one of the values. */
bool query_name_tells(const char *name, const struct vl_names *values);

/* VL_ERR_DATA if a query name in `head` contains a private value of the header's @RG
 * lines or is an archive accession.  The message names the first such record.  Messages
 * start with `path`. */
int query_names_check(sam_hdr_t *parsed, const struct record_array *head,
                      const char *path, struct vl_error *err);

#endif
