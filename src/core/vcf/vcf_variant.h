/*
 * What varlock takes from one line of a VCF: its place, the single-nucleotide alleles,
 * and their counts.
 */
#ifndef VARLOCK_CORE_VCF_VARIANT_H
#define VARLOCK_CORE_VCF_VARIANT_H

#include <htslib/vcf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "varlock/error.h"

struct vcf_variant {
    int32_t rid;    /* contig, as the header numbers it */
    int8_t ref;     /* 0..3 where REF is A, C, G or T, in either case; otherwise -1 */
    uint8_t alts;   /* bit b: base b, which is not REF, is an ALT; 0 where ref is -1 */
    bool repeats;   /* one of these ALTs stands twice */
    int64_t pos0;   /* -1: before the contig's first base */
    bcf1_t *record; /* has the counts that follow; NULL: they are set */
    int32_t alt_count[4]; /* of the bases in `alts` */
    int64_t ac_sum;       /* over all ALTs, whatever they are */
    int64_t an;           /* 0: the line has no counts */
};

/* 0..3 for an allele that is A, C, G or T, otherwise -1. */
static inline int8_t vcf_base(const char *allele, size_t n)
{
    switch (n == 1 ? *allele : 0) {
    case 'A':
    case 'a':
        return 0;
    case 'C':
    case 'c':
        return 1;
    case 'G':
    case 'g':
        return 2;
    case 'T':
    case 't':
        return 3;
    default:
        return -1;
    }
}

static inline bool vcf_is_snv(const struct vcf_variant *variant)
{
    return variant->alts != 0;
}

/* An ALT of the line, as vcf_base() tells it. */
static inline void vcf_add_alt(struct vcf_variant *variant, int base)
{
    if (base < 0 || variant->ref < 0 || base == variant->ref)
        return;
    variant->repeats |= (variant->alts >> base & 1) != 0;
    variant->alts |= (uint8_t)(1 << base);
}

/* The count of an ALT of the line. */
static inline void vcf_add_count(struct vcf_variant *variant, int base, int32_t count)
{
    variant->ac_sum += count;
    if (base >= 0 && base != variant->ref)
        variant->alt_count[base] = count;
}

/* All but the counts from a record, in which they stay.  -1 where it is malformed. */
VL_MUST_CHECK
int vcf_variant_set(struct vcf_variant *variant, bcf1_t *record);

#endif
