/* The VAC part of `varlock view`. */
#ifndef VARLOCK_CORE_VIEW_VAC_H
#define VARLOCK_CORE_VIEW_VAC_H

#include "container/vac_file.h"
#include "varlock/error.h"
#include "varlock/varlock.h"
#include "view/view_text.h"

/* Prints the sites in the requested regions (all where none is asked for), one line each:
 * contig, 1-based position, reference base, counts of A, C, G, T; or, with header_only,
 * lines of `key<TAB>value`.  Ends early, with 0, where `text` takes no more. */
VL_MUST_CHECK
int vac_print(struct vl_vac_reader *vac, const struct vl_view_options *options,
              struct view_text *text, struct vl_error *err);

#endif
