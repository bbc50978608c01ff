/* Checks what a user requests against what a BDIFF grants. */
#ifndef VARLOCK_CORE_REQUEST_H
#define VARLOCK_CORE_REQUEST_H

#include <htslib/sam.h>

#include "varlock/bdiff.h"
#include "varlock/error.h"
#include "varlock/varlock.h"

/* True if the request names no region. */
bool request_is_empty(const struct vl_request *request);

/* VL_ERR_USAGE if two inputs come from standard input, or an output is also a BED file of
 * the request. */
int request_check_inputs(const struct vl_request *request, const char *input,
                         const char *const *outputs, size_t n_outputs,
                         struct vl_error *err);

/* The ranges that a request names, normalised. */
VL_MUST_CHECK
int request_parse(const struct vl_request *request, const struct vl_contigs *contigs,
                  struct vl_ranges *ranges, struct vl_error *err);

/* The ranges of a request, normalised.  An empty request gives the ranges that the header
 * grants.  VL_ERR_GRANT if the request asks for more; the message says what is
 * granted. */
VL_MUST_CHECK
int request_resolve(const struct vl_request *request,
                    const struct vl_bdiff_header *header, const char *bdiff_path,
                    struct vl_ranges *ranges, struct vl_error *err);

#endif
