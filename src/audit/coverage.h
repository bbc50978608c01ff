/* How much of the original's coverage a masked file shows. */
#ifndef VARLOCK_AUDIT_COVERAGE_H
#define VARLOCK_AUDIT_COVERAGE_H

#include <htslib/sam.h>

#include "varlock/audit.h"
#include "varlock/contig.h"

enum { COVERAGE_BIN = 1000 /* bases */ };

struct coverage {
    size_t *first; /* number of each contig's first bin; of all bins, last */
    size_t n_contigs;
    uint64_t
        *bases[2]; /* aligned over each bin, in the original and in the masked file */
    uint64_t n_records[2]; /* primary ones */
};

VL_MUST_CHECK
int coverage_open(struct coverage *coverage, const struct vl_contigs *contigs,
                  struct vl_error *err);

/* Adds a record of the original, or of the masked file. */
void coverage_add(struct coverage *coverage, bool is_masked, const bam1_t *b);

/* Pearson's correlation of the bins that the original covers; *n becomes their number.
 * NaN if the original's are all alike. */
double coverage_correlation(const struct coverage *coverage, uint64_t *n);

VL_MUST_CHECK
int coverage_report(const struct coverage *coverage, struct audit_report *report);

void coverage_close(struct coverage *coverage);

#endif
