/* What an operation tells its caller while it goes on. */
#ifndef VARLOCK_CORE_REPORT_H
#define VARLOCK_CORE_REPORT_H

#include "varlock/varlock.h"

/* Tells of n records done, which are that share of the input (negative: unknown).
 * VL_ERR_CANCELLED where the caller wants no more of it. */
int hooks_progress(const struct vl_hooks *hooks, uint64_t n, double share,
                   struct vl_error *err);

/* A line for the user, where somebody listens. */
void hooks_warn(const struct vl_hooks *hooks, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
