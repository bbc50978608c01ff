/*
 * What varlock needs from one line of a VCF: its place, the single-nucleotide alleles,
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
    int32_t rid;          /* contig number in the header */
    int8_t ref;           /* 0..3 if REF is A, C, G or T, in either case; otherwise -1 */
    uint8_t alts;         /* bit b: base b is an ALT and not REF; 0 if ref is -1 */
    bool repeats;         /* one of these ALTs appears twice */
    int64_t pos0;         /* -1: before the contig's first base */
    bcf1_t *record;       /* record with the counts; NULL: the counts below are set */
    int32_t alt_count[4]; /* count of each base in `alts` */
    int64_t ac_sum;       /* sum over all ALTs of any kind */
    int64_t an;           /* 0: the line has no counts */
};

/* 0..3 if the allele is A, C, G or T, in either case; otherwise -1. */
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

/* Adds an ALT of the line, as returned by vcf_base(). */
static inline void vcf_add_alt(struct vcf_variant *variant, int base)
{
    if (base < 0 || variant->ref < 0 || base == variant->ref)
        return;
    variant->repeats |= (variant->alts >> base & 1) != 0;
    variant->alts |= (uint8_t)(1 << base);
}

/* Sets the count of an ALT of the line. */
static inline void vcf_add_count(struct vcf_variant *variant, int base, int32_t count)
{
    variant->ac_sum += count;
    if (base >= 0 && base != variant->ref)
        variant->alt_count[base] = count;
}

/* Sets everything but the counts from a record.  The counts stay in the record.  -1 if it
 * is malformed. */
VL_MUST_CHECK
int vcf_variant_set(struct vcf_variant *variant, bcf1_t *record);

#endif
