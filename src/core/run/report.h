/* What an operation tells its caller while it goes on. */
#ifndef VARLOCK_CORE_REPORT_H
#define VARLOCK_CORE_REPORT_H

#include "varlock/varlock.h"

/* Tells of n records done, which are that share of the input (negative: unknown). */
void hooks_progress(const struct vl_hooks *hooks, uint64_t n, double share);

/* A line for the user, where somebody listens. */
void hooks_warn(const struct vl_hooks *hooks, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
