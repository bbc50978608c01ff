/* The VAC part of `varlock view`. */
#ifndef VARLOCK_CORE_VIEW_VAC_H
#define VARLOCK_CORE_VIEW_VAC_H

#include "container/vac_file.h"
#include "varlock/error.h"
#include "varlock/varlock.h"
#include "view/view_text.h"

/* Prints the sites in the requested regions (all sites if no region is requested).  Each
 * line has the contig, the 1-based position, the reference base and the counts of A, C,
 * G, T.  With header_only it prints lines of `key<TAB>value` instead.  Stops early and
 * returns 0 if `text` accepts no more. */
VL_MUST_CHECK
int vac_print(struct vl_vac_reader *vac, const struct vl_view_options *options,
              struct view_text *text, struct vl_error *err);

#endif
