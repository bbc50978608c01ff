/*
 * Allele counts of a VCF record: read from two INFO tags, or counted from its genotypes.
 */
#ifndef VARLOCK_CORE_VCF_COUNTS_H
#define VARLOCK_CORE_VCF_COUNTS_H

#include <htslib/vcf.h>
#include <stdbool.h>
#include <stdint.h>

#include "varlock/fail.h"
#include "vcf/vcf_variant.h"

/* Whether a record has allele counts, and whether they fit its alleles. */
enum vcf_counts_found { VCF_COUNTS_NONE, VCF_COUNTS_SET, VCF_COUNTS_MISFIT };

enum { VCF_MISFIT_BYTES = 128 };

struct vcf_counts {
    const char *ac_tag, *an_tag; /* NULL: counts are not read from INFO */
    bool from_genotypes;         /* count genotypes where INFO has no counts */
    int32_t *values;             /* owned; values that htslib extracts */
    int n_values;
    int64_t *ac;                   /* owned; count of each ALT of the record read last */
    int n_alts;                    /* number allocated in `ac` */
    int64_t an;                    /* total of the record read last */
    char misfit[VCF_MISFIT_BYTES]; /* why the counts of the last misfit record do not fit
                                    */
};

/* NULL tags mean AC and AN.  VL_ERR_DATA if the header lacks a tag that was asked for by
 * name, or has neither AC and AN nor genotypes.  Tags asked for by name usually count
 * only part of the samples, so genotypes do not replace them. */
VL_MUST_CHECK
int vcf_counts_init(struct vcf_counts *counts, const bcf_hdr_t *header,
                    const char *vcf_name, const char *ac_tag, const char *an_tag,
                    struct vl_error *err);

/* Sets the counts of a variant from its record.  VCF_COUNTS_SET: `an` is above 0.
 * VCF_COUNTS_NONE: the record has no counts.  VCF_COUNTS_MISFIT: the counts contradict
 * the record's alleles; counts->misfit says why.  VL_ERR_MEMORY. */
VL_MUST_CHECK
int vcf_counts_read(struct vcf_counts *counts, const bcf_hdr_t *header,
                    struct vcf_variant *variant, struct vl_error *err);

void vcf_counts_clear(struct vcf_counts *counts);

#endif
