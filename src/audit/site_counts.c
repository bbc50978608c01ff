#include "site_counts.h"

#include <math.h>
#include <string.h>

#include "findings.h"

/* Expected share of sites with two different alleles, of all four. */
static double het_probability(const struct vl_site *site)
{
    double total = 0, squares = 0;
    for (int base = 0; base < 4; base++) {
        total += site->count[base];
        squares += (double)site->count[base] * site->count[base];
    }
    return total > 0 ? 1 - squares / (total * total) : 0;
}

void site_counts_add(struct site_counts *counts, const struct site_call *call)
{
    counts->n_covered++;
    if (!call->is_sure)
        return;
    counts->n_sure++;
    if (genotype_is_het(&call->genotype)) {
        /* Of the allele that is not the reference's, or of the second one. */
        const struct genotype *g = &call->genotype;
        double share =
            call->pile.n[g->b == call->site.ref ? g->a : g->b] / (double)call->pile.depth;
        int bin = (int)(share * AUDIT_BALANCE);
        counts->balance[bin < AUDIT_BALANCE ? bin : AUDIT_BALANCE - 1]++;
        counts->n_het++;
    }
    counts->het_expected += het_probability(&call->site);
}

int site_counts_report(const struct site_counts *counts, struct audit_report *report)
{
    memcpy(report->pictures.balance, counts->balance, sizeof counts->balance);
    int rc =
        findings_put(report, "sites", (double)counts->n_sure, NAN, AUDIT_DECLARED,
                     "of %llu covered sites have a genotype of GQ %d at depth %d",
                     (unsigned long long)counts->n_covered, SITE_GQ_MIN, SITE_DEPTH_MIN);
    return rc < 0 ? rc
                  : findings_put(report, "hets", (double)counts->n_het,
                                 round(counts->het_expected), AUDIT_DECLARED,
                                 "of these sites are heterozygous");
}
