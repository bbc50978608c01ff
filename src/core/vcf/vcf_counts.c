#include "vcf/vcf_counts.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool has_tag(const bcf_hdr_t *header, int kind, const char *tag, int *id)
{
    *id = bcf_hdr_id2int(header, BCF_DT_ID, tag);
    return *id >= 0 && bcf_hdr_idinfo_exists(header, kind, *id);
}

static int check_info_tag(const bcf_hdr_t *header, const char *vcf_name, const char *tag,
                          struct vl_error *err)
{
    int id;
    if (!has_tag(header, BCF_HL_INFO, tag, &id))
        return vl_error_set(err, VL_ERR_DATA, "%s: its header has no INFO tag %s",
                            vcf_name, tag);
    if (bcf_hdr_id2type(header, BCF_HL_INFO, id) != BCF_HT_INT)
        return vl_error_set(err, VL_ERR_DATA, "%s: INFO tag %s is not of type Integer",
                            vcf_name, tag);
    return 0;
}

static int choose_tags(struct vcf_counts *counts, const bcf_hdr_t *header,
                       const char *vcf_name, const char *ac_tag, const char *an_tag,
                       struct vl_error *err)
{
    int id;
    bool named = ac_tag || an_tag;
    counts->ac_tag = ac_tag ? ac_tag : "AC";
    counts->an_tag = an_tag ? an_tag : "AN";
    bool standard =
        strcmp(counts->ac_tag, "AC") == 0 && strcmp(counts->an_tag, "AN") == 0;
    counts->from_genotypes = standard && bcf_hdr_nsamples(header) > 0 &&
                             has_tag(header, BCF_HL_FMT, "GT", &id);
    if (named || (has_tag(header, BCF_HL_INFO, "AC", &id) &&
                  has_tag(header, BCF_HL_INFO, "AN", &id))) {
        int rc = check_info_tag(header, vcf_name, counts->ac_tag, err);
        return rc < 0 ? rc : check_info_tag(header, vcf_name, counts->an_tag, err);
    }
    counts->ac_tag = counts->an_tag = NULL;
    if (counts->from_genotypes)
        return 0;
    return vl_error_set(
        err, VL_ERR_DATA,
        "%s: no allele counts: its header has neither the INFO tags AC and AN "
        "nor samples with GT; name other tags with --ac and --an",
        vcf_name);
}

int vcf_counts_init(struct vcf_counts *counts, const bcf_hdr_t *header,
                    const char *vcf_name, const char *ac_tag, const char *an_tag,
                    struct vl_error *err)
{
    memset(counts, 0, sizeof *counts);
    int rc = choose_tags(counts, header, vcf_name, ac_tag, an_tag, err);
    if (rc < 0)
        vcf_counts_clear(counts);
    return rc;
}

static int misfit(struct vcf_counts *counts, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static int misfit(struct vcf_counts *counts, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(counts->misfit, sizeof counts->misfit, format, args);
    va_end(args);
    return VCF_COUNTS_MISFIT;
}

/* Reads the values of an INFO tag.  VCF_COUNTS_NONE if the tag is absent or one of its
 * values is missing. */
static int info_values(struct vcf_counts *counts, const bcf_hdr_t *header, bcf1_t *record,
                       const char *tag, int *n_values, struct vl_error *err)
{
    int n = bcf_get_info_int32(header, record, tag, &counts->values, &counts->n_values);
    if (n == -4)
        return vl_error_memory(err);
    for (int i = 0; i < n; i++) {
        if (counts->values[i] == bcf_int32_missing)
            return VCF_COUNTS_NONE;
        if (counts->values[i] < 0)
            return misfit(counts, "%s is negative", tag);
    }
    *n_values = n;
    return n > 0 ? VCF_COUNTS_SET : VCF_COUNTS_NONE;
}

static int read_info(struct vcf_counts *counts, const bcf_hdr_t *header, bcf1_t *record,
                     struct vl_error *err)
{
    int n_alts = record->n_allele - 1, n = 0;
    int rc = info_values(counts, header, record, counts->ac_tag, &n, err);
    if (rc != VCF_COUNTS_SET)
        return rc;
    if (n != n_alts)
        return misfit(counts, "%s has %d values for %d ALT alleles", counts->ac_tag, n,
                      n_alts);
    for (int i = 0; i < n; i++)
        counts->ac[i] = counts->values[i];
    rc = info_values(counts, header, record, counts->an_tag, &n, err);
    if (rc != VCF_COUNTS_SET)
        return rc;
    if (n != 1)
        return misfit(counts, "%s has %d values", counts->an_tag, n);
    counts->an = counts->values[0];
    return VCF_COUNTS_SET;
}

static int read_genotypes(struct vcf_counts *counts, const bcf_hdr_t *header,
                          bcf1_t *record, struct vl_error *err)
{
    int n = bcf_get_genotypes(header, record, &counts->values, &counts->n_values);
    if (n == -4)
        return vl_error_memory(err);
    counts->an = 0;
    memset(counts->ac, 0, (size_t)counts->n_alts * sizeof *counts->ac);
    for (int i = 0; i < n; i++) {
        int32_t value = counts->values[i];
        if (value == bcf_int32_vector_end || bcf_gt_is_missing(value))
            continue;
        int allele = bcf_gt_allele(value);
        if (allele < 0 || allele >= (int)record->n_allele)
            return misfit(counts, "a genotype names allele %d of %d", allele,
                          (int)record->n_allele);
        if (allele > 0)
            counts->ac[allele - 1]++;
        counts->an++;
    }
    return counts->an > 0 ? VCF_COUNTS_SET : VCF_COUNTS_NONE;
}

static int read_record(struct vcf_counts *counts, const bcf_hdr_t *header, bcf1_t *record,
                       struct vl_error *err)
{
    int n_alts = record->n_allele - 1;
    if (n_alts > counts->n_alts) {
        int64_t *ac = realloc(counts->ac, (size_t)n_alts * sizeof *ac);
        if (!ac)
            return vl_error_memory(err);
        counts->ac = ac;
        counts->n_alts = n_alts;
    }
    int rc = counts->ac_tag ? read_info(counts, header, record, err) : VCF_COUNTS_NONE;
    return rc == VCF_COUNTS_NONE && counts->from_genotypes
               ? read_genotypes(counts, header, record, err)
               : rc;
}

int vcf_counts_read(struct vcf_counts *counts, const bcf_hdr_t *header,
                    struct vcf_variant *variant, struct vl_error *err)
{
    bcf1_t *record = variant->record;
    int rc = read_record(counts, header, record, err);
    if (rc != VCF_COUNTS_SET)
        return rc;
    variant->an = counts->an;
    for (int i = 1; i < (int)record->n_allele; i++) {
        const char *allele = record->d.allele[i];
        vcf_add_count(variant, vcf_base(allele, strlen(allele)), counts->ac[i - 1]);
    }
    return counts->an > 0 ? VCF_COUNTS_SET : VCF_COUNTS_NONE;
}

void vcf_counts_clear(struct vcf_counts *counts)
{
    free(counts->values);
    free(counts->ac);
    memset(counts, 0, sizeof *counts);
}
