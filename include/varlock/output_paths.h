/* Checks that outputs do not overwrite inputs or each other. */
#ifndef VARLOCK_OUTPUT_PATHS_H
#define VARLOCK_OUTPUT_PATHS_H

#include <stddef.h>

#include "varlock/error.h"

/* Returns VL_ERR_USAGE where both paths lead to the same regular file or pipe, through
 * whatever links, and whether it exists already or is yet to be created.  "-" never
 * counts as the same file, not even as another "-". */
VL_MUST_CHECK
int vl_file_check_distinct(const char *output, const char *input, struct vl_error *err);

/* Checks every output against every input and every other output, as
 * vl_file_check_distinct does.  Two outputs that are "-" are also VL_ERR_USAGE.  NULL
 * paths are ignored. */
VL_MUST_CHECK
int vl_file_check_outputs(const char *const *outputs, size_t n_outputs,
                          const char *const *inputs, size_t n_inputs,
                          struct vl_error *err);

#endif
