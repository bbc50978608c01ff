/* What a user asks for, against what a BDIFF grants. */
#ifndef VARLOCK_CORE_REQUEST_H
#define VARLOCK_CORE_REQUEST_H

#include <htslib/sam.h>

#include "varlock/bdiff.h"
#include "varlock/error.h"
#include "varlock/varlock.h"

/* The request names no region at all. */
bool request_is_empty(const struct vl_request *request);

/* VL_ERR_USAGE where standard input is asked for twice, or an output is a BED file. */
int request_check_inputs(const struct vl_request *request, const char *input,
                         const char *const *outputs, size_t n_outputs,
                         struct vl_error *err);

/* The ranges that a request names, normalised. */
VL_MUST_CHECK
int request_parse(const struct vl_request *request, const struct vl_contigs *contigs,
                  struct vl_ranges *ranges, struct vl_error *err);

/* The ranges of a request, normalised; those the header grants where it is empty.
 * VL_ERR_GRANT, saying what is granted, where it asks for more. */
VL_MUST_CHECK
int request_resolve(const struct vl_request *request,
                    const struct vl_bdiff_header *header, const char *bdiff_path,
                    struct vl_ranges *ranges, struct vl_error *err);

#endif
