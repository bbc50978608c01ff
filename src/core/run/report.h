/* What an operation tells its caller during a run. */
#ifndef VARLOCK_CORE_REPORT_H
#define VARLOCK_CORE_REPORT_H

#include "varlock/varlock.h"

/* Reports that n records are done, and which share of the input that is (negative:
 * unknown).  VL_ERR_CANCELLED if the caller asks to stop. */
int hooks_progress(const struct vl_hooks *hooks, uint64_t n, double share,
                   struct vl_error *err);

/* Sends a warning, or a note, to the caller's hook, if there is one. */
void hooks_warn(const struct vl_hooks *hooks, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void hooks_note(const struct vl_hooks *hooks, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
