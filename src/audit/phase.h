/* A12: whether neighbouring heterozygous sites tell of two haplotypes. */
#ifndef VARLOCK_AUDIT_PHASE_H
#define VARLOCK_AUDIT_PHASE_H

#include "site_calls.h"

struct phase {
    int32_t contig; /* of the last heterozygous site */
    struct genotype last;
    struct fragments before; /* over it */
    uint64_t n_hets, n_links, n_coherent;
};

/* Takes the sites in order.  VL_ERR_MEMORY, without a message. */
VL_MUST_CHECK
int phase_add(struct phase *phase, const struct site_call *call);

VL_MUST_CHECK
int phase_report(const struct phase *phase, struct audit_report *report);

void phase_clear(struct phase *phase);

#endif
