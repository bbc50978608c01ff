/* What a file shows that the VAC does not know: variants (A7) and indels (A8); and how
 * often mates disagree (A11), at the VAC's sites and elsewhere. */
#ifndef VARLOCK_AUDIT_STRANGERS_H
#define VARLOCK_AUDIT_STRANGERS_H

#include <htslib/sam.h>

#include "fragments.h"
#include "genotype.h"
#include "reference_piece.h"
#include "varlock/audit.h"
#include "varlock/vac.h"

struct mate_pairs {
    uint64_t n, n_disagree;
};

struct strangers {
    struct reference_piece reference;
    uint64_t n_places; /* deep enough for a verdict, the VAC's sites among them */
    uint64_t n_variants;
    uint64_t n_indels;
    char first_variant[80], first_indel[80]; /* where; "" where there is none */
    struct mate_pairs at_sites, elsewhere;
};

/* Looks at a place that is not one of the VAC's sites. */
VL_MUST_CHECK
int strangers_add_place(struct strangers *strangers, int32_t contig, int64_t pos,
                        const bam_pileup1_t *reads, int n_reads,
                        struct fragments *fragments, struct vl_error *err);

/* Looks at a site and what was called there. */
void strangers_add_site(struct strangers *strangers, int32_t contig,
                        const struct vl_site *site, const bam_pileup1_t *reads,
                        int n_reads, const struct fragments *fragments,
                        const struct genotype *genotype, bool is_sure);

VL_MUST_CHECK
int strangers_report_variants(const struct strangers *strangers,
                              struct audit_report *report);
VL_MUST_CHECK
int strangers_report_mates(const struct strangers *strangers,
                           struct audit_report *report);

#endif
