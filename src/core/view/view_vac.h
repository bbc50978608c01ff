/* The VAC part of `varlock view`. */
#ifndef VARLOCK_CORE_VIEW_VAC_H
#define VARLOCK_CORE_VIEW_VAC_H

#include <stdbool.h>
#include <stdio.h>

#include "container/vac_file.h"
#include "varlock/error.h"
#include "varlock/varlock.h"

/* Prints the sites in the requested regions (all where none is asked for), one line each:
 * contig, 1-based position, reference base, counts of A, C, G, T; or, with header_only,
 * lines of `key<TAB>value`.  VL_ERR_IO where `out` takes no more. */
VL_MUST_CHECK
int vac_print(struct vl_vac_reader *vac, const struct vl_request *request,
              bool header_only, FILE *out, struct vl_error *err);

#endif
