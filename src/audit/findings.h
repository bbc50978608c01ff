/* Puts findings into a report. */
#ifndef VARLOCK_AUDIT_FINDINGS_H
#define VARLOCK_AUDIT_FINDINGS_H

#include "varlock/audit.h"

/* What chance may make one statistic exceed.  With ten of them, a file that leaks nothing
 * fails once in 1,000 times. */
#define FINDINGS_ALPHA 1e-4

/* Appends a finding.  VL_ERR_MEMORY. */
VL_MUST_CHECK
int findings_put(struct audit_report *report, const char *metric, double value,
                 double chance, enum audit_verdict verdict, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

/* Appends a count that must be 0: n of n_all. */
VL_MUST_CHECK
int findings_put_none(struct audit_report *report, const char *metric, uint64_t n,
                      uint64_t n_all, const char *what);

#endif
