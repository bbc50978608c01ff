/*
 * Diploid genotypes from the bases over one place.
 *
 * The likelihood of a genotype A1/A2 is the product over the reads' bases b of
 *     (P(b|A1) + P(b|A2)) / 2,   P(b|A) = 1 - e where b = A, else e / 3,
 * with e = 10^(-Q/10) and Q the lower one of base and mapping quality: McKenna et al.,
 * Genome Research 20 (2010) 1297, and DePristo et al., Nature Genetics 43 (2011) 491,
 * supplement.  All ten genotypes of A, C, G, T compete.  Those with an allele that is
 * not expected at the place are 1,000 times less likely beforehand, which is about the
 * rate of heterozygous places in people (the same papers' prior).
 */
#ifndef VARLOCK_AUDIT_GENOTYPE_H
#define VARLOCK_AUDIT_GENOTYPE_H

#include <stdbool.h>
#include <stdint.h>

enum {
    GENOTYPE_QUALITY_MIN = 13, /* bases of lower quality do not count; as bcftools -Q */
    GENOTYPE_QUALITY_MAX = 60,
    GENOTYPE_QUALITY_NONE = 30, /* is taken where QUAL is absent */
    GENOTYPE_GQ_MAX = 99
};

/* The bases over a place. */
struct pile {
    uint32_t n[4]; /* of A, C, G, T */
    uint32_t depth;
    /* By how much the log likelihood exceeds that of a genotype with no allele seen: */
    double same[4]; /* where both alleles are this base */
    double half[4]; /* where one is */
};

struct genotype {
    uint8_t a, b; /* alleles 0..3, a <= b */
    int gq; /* -10 log10 of the probability of all other genotypes, 0..GENOTYPE_GQ_MAX */
};

static inline bool genotype_is_het(const struct genotype *g)
{
    return g->a != g->b;
}

/* Adds a base 0..3; `quality` is at least GENOTYPE_QUALITY_MIN. */
void pile_add(struct pile *pile, int base, int quality);

/* The most probable genotype.  expected[base]: the allele is expected. */
struct genotype genotype_call(const struct pile *pile, const bool expected[static 4]);

#endif
