/* Whether outputs would overwrite inputs or each other. */
#ifndef VARLOCK_OUTPUT_PATHS_H
#define VARLOCK_OUTPUT_PATHS_H

#include <stddef.h>

#include "varlock/error.h"

/* VL_ERR_USAGE where both paths name one regular file or pipe, by whatever link, be it
 * there already or yet to be created ("-" never does). */
VL_MUST_CHECK
int vl_file_check_distinct(const char *output, const char *input, struct vl_error *err);

/* The same for every output against every input and every other output, and VL_ERR_USAGE
 * where two outputs are "-".  NULL paths are passed over. */
VL_MUST_CHECK
int vl_file_check_outputs(const char *const *outputs, size_t n_outputs,
                          const char *const *inputs, size_t n_inputs,
                          struct vl_error *err);

#endif
