/* Checks that threads can start.  This is needed because htslib's bgzf_thread_pool
 * does not check that its reading or writing thread started, and then waits for it for
 * ever. */
#ifndef VARLOCK_THREAD_CHECK_H
#define VARLOCK_THREAD_CHECK_H

#include "varlock/error.h"

/* Starts n threads that run at the same time, and ends them.  Returns VL_ERR_MEMORY where
 * that fails.  The C library keeps their stacks or gives them back, so as many threads
 * can start right after this. */
int vl_thread_check(int n, struct vl_error *err);

/* To be called before a thread starts that pthread_cancel may end.  glibc loads a library
 * for that when it is first needed, and aborts if there is no memory for it; this loads
 * it for good.  Returns VL_ERR_MEMORY where that fails. */
int vl_cancel_check(struct vl_error *err);

#endif
