/* Checks that encoding is lossless: every record is restored before its residual is
 * written. */
#ifndef VARLOCK_CORE_RESIDUAL_CHECK_H
#define VARLOCK_CORE_RESIDUAL_CHECK_H

#include "residual/prediction.h"
#include "varlock/bdiff.h"
#include "varlock/contig.h"
#include "varlock/error.h"
#include "window/window_records.h"

/* Joins the window's masked records with the streams and compares the result with the
 * shown records.  VL_ERR_DATA if a record differs; the message names it.  `prediction` is
 * memory to use.  read_groups as in residual_encode. */
VL_MUST_CHECK
int residual_check(const struct window_records *w, const struct vl_bdiff_window *streams,
                   const struct vl_names *read_groups, struct prediction *prediction,
                   struct vl_error *err);

#endif
