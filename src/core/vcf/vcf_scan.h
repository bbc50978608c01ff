/*
 * Reads the usual line of a VCF directly from its text.  Only what varlock needs is
 * converted; the rest is checked as strictly as htslib would.  Unusual lines are left to
 * htslib (vcf_parse), so a line means the same either way.
 */
#ifndef VARLOCK_CORE_VCF_SCAN_H
#define VARLOCK_CORE_VCF_SCAN_H

#include "varlock/fail.h"
#include "vcf/vcf_variant.h"

struct vcf_scan_tag {
    int id; /* number in the header; -1: no tag, and the other fields are not set */
    size_t length;
    const char *name; /* name; memory of the header */
};

struct vcf_scan {
    const bcf_hdr_t *header;    /* may grow, because vcf_parse() adds to it */
    int ac_id, an_id;           /* numbers of the two INFO tags in the header */
    struct vcf_scan_tag contig; /* contig of the line before */
    /* Owned.  Entry 0 is the first tag of the line before.  Entry n + 1 is the tag that
     * last followed INFO tag number n. */
    struct vcf_scan_tag *next;
    int n_next;
};

/* Both tags must be INFO tags of type Integer in the header.  The header must outlive
 * `scan`.  VL_ERR_MEMORY. */
VL_MUST_CHECK
int vcf_scan_init(struct vcf_scan *scan, const bcf_hdr_t *header, const char *ac_tag,
                  const char *an_tag, struct vl_error *err);

/* Reads a line of n bytes, without its line end.  Returns false, with `variant`
 * undefined, if htslib must decide: counts are missing or not plain numbers of at most 9
 * digits, the header lacks a name, genotypes come with other fields, or the line is or
 * may be malformed. */
bool vcf_scan_line(struct vcf_scan *scan, const char *line, size_t n,
                   struct vcf_variant *variant);

void vcf_scan_clear(struct vcf_scan *scan);

#endif
