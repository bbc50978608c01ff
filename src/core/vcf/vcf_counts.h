/*
 * Allele counts of a VCF record: from two INFO tags, or counted from its genotypes.
 */
#ifndef VARLOCK_CORE_VCF_COUNTS_H
#define VARLOCK_CORE_VCF_COUNTS_H

#include <htslib/vcf.h>
#include <stdbool.h>
#include <stdint.h>

#include "varlock/fail.h"
#include "vcf/vcf_variant.h"

/* What a record says of its alleles. */
enum vcf_counts_found { VCF_COUNTS_NONE, VCF_COUNTS_SET, VCF_COUNTS_MISFIT };

enum { VCF_MISFIT_BYTES = 128 };

struct vcf_counts {
    const char *ac_tag, *an_tag; /* NULL: not from INFO */
    bool from_genotypes;         /* where INFO does not have them */
    int32_t *values;             /* owned; what htslib extracts */
    int n_values;
    int64_t *ac;                   /* owned; of each ALT of the record read last */
    int n_alts;                    /* allocated in `ac` */
    int64_t an;                    /* of that record */
    char misfit[VCF_MISFIT_BYTES]; /* how the counts of the last such record do not fit */
};

/* The tags are NULL for AC and AN.  VL_ERR_DATA where the header lacks a tag asked for by
 * name, or gives neither AC and AN nor genotypes.  Tags asked for by name usually count a
 * part of the samples, so genotypes do not stand in for them. */
VL_MUST_CHECK
int vcf_counts_init(struct vcf_counts *counts, const bcf_hdr_t *header,
                    const char *vcf_name, const char *ac_tag, const char *an_tag,
                    struct vl_error *err);

/* Sets the counts of a variant from its record: VCF_COUNTS_SET, with `an` above 0;
 * _NONE where the line has none; _MISFIT, and the reason in counts->misfit, where they
 * contradict its alleles.  VL_ERR_MEMORY. */
VL_MUST_CHECK
int vcf_counts_read(struct vcf_counts *counts, const bcf_hdr_t *header,
                    struct vcf_variant *variant, struct vl_error *err);

void vcf_counts_clear(struct vcf_counts *counts);

#endif
