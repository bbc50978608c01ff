/* What the VAC and BDIFF parts of `varlock view` print to. */
#ifndef VARLOCK_CORE_VIEW_OUTPUT_H
#define VARLOCK_CORE_VIEW_OUTPUT_H

#include <stdio.h>

#include "varlock/error.h"

/* Flushes; VL_ERR_IO where something was lost since the output was opened. */
VL_MUST_CHECK
int view_check_output(FILE *out, struct vl_error *err);

#endif
