/* Whether threads can start: htslib's bgzf_thread_pool does not look whether its reading
 * or writing thread did, and then waits for it for ever. */
#ifndef VARLOCK_THREAD_CHECK_H
#define VARLOCK_THREAD_CHECK_H

#include "varlock/error.h"

/* Starts n threads, one beside the other, and ends them; VL_ERR_MEMORY where that fails.
 * The C library keeps their stacks, or gives them back, so right after this as many can
 * start. */
int vl_thread_check(int n, struct vl_error *err);

#endif
