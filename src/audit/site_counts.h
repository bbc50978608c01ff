/* How much of the VAC a file shows, and how many heterozygotes. */
#ifndef VARLOCK_AUDIT_SITE_COUNTS_H
#define VARLOCK_AUDIT_SITE_COUNTS_H

#include "site_calls.h"
#include "varlock/audit.h"

struct site_counts {
    uint64_t n_covered, n_sure, n_het;
    uint64_t balance[AUDIT_BALANCE]; /* heterozygous ones by the share of one allele */
    double het_expected;             /* at the sure sites, by the VAC's frequencies */
};

void site_counts_add(struct site_counts *counts, const struct site_call *call);

VL_MUST_CHECK
int site_counts_report(const struct site_counts *counts, struct audit_report *report);

#endif
