/*
 * Reads the usual line of a VCF straight from its text: only what varlock takes from it
 * is converted, the rest is checked as far as htslib would refuse it.  What is unusual is
 * left to htslib (vcf_parse), so a line means the same on either way.
 */
#ifndef VARLOCK_CORE_VCF_SCAN_H
#define VARLOCK_CORE_VCF_SCAN_H

#include "varlock/fail.h"
#include "vcf/vcf_variant.h"

struct vcf_scan_tag {
    int id; /* the header's number; -1: none, and the rest is not set */
    size_t length;
    const char *name; /* the header's */
};

struct vcf_scan {
    const bcf_hdr_t *header;    /* may grow, as vcf_parse() completes it */
    int ac_id, an_id;           /* the header's numbers of the two INFO tags */
    struct vcf_scan_tag contig; /* of the line before */
    /* Owned; by the number of an INFO tag, plus one, the tag that followed it last;
     * first, the one with which the line before began. */
    struct vcf_scan_tag *next;
    int n_next;
};

/* The tags must be INFO tags of type Integer in the header, which must outlive `scan`.
 * VL_ERR_MEMORY. */
VL_MUST_CHECK
int vcf_scan_init(struct vcf_scan *scan, const bcf_hdr_t *header, const char *ac_tag,
                  const char *an_tag, struct vl_error *err);

/* Reads n bytes, a line without its end.  False, with `variant` undefined, where htslib
 * must decide: counts that are missing or not plain numbers of at most 9 digits, names
 * the header does not have, genotypes in the company of other fields, and whatever is, or
 * may be, malformed. */
bool vcf_scan_line(struct vcf_scan *scan, const char *line, size_t n,
                   struct vcf_variant *variant);

void vcf_scan_clear(struct vcf_scan *scan);

#endif
