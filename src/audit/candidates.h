/*
 * A6: people whose genotypes are known, and how well each of them fits a masked file.
 *
 * Each person has a score, less its mean over masked genotypes drawn by chance (as in
 * comparison.h) for this person's own genotypes, over its standard deviation.  So it has
 * mean 0 and variance 1 for everybody, however typical or related the people are, unless
 * the masked file tells of that person.  In a file whose genotypes are not drawn by these
 * chances all scores are off together: so of 20 people or more the median is taken from
 * all scores, and they are divided by the others' spread (1.48 times the median
 * deviation) where that is more than 1.
 *
 *   likelihood  sum ln((1 + [g = g'] / P(g')) / 2): the masked genotype g' is the
 *               person's g at half of the sites, and drawn at the others.
 *   hets        as likelihood, of being heterozygous.
 *   rare        sites where both have an allele rarer than 5 %; Poisson distribution.
 */
#ifndef VARLOCK_AUDIT_CANDIDATES_H
#define VARLOCK_AUDIT_CANDIDATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "panel.h"
#include "varlock/audit.h"

enum { CANDIDATE_SCORES = 3 };

struct candidate {
    double found[CANDIDATE_SCORES]; /* less the mean */
    double variance[CANDIDATE_SCORES];
    double n_rare, rare_expected;
};

struct candidates {
    struct candidate *v; /* owned; the original's person first, then n others */
    size_t n;
    bool has_own;                 /* the first one was given */
    uint64_t n_sites, n_shown[3]; /* and those where 0, 1, 2 such alleles are shown */
    struct yardstick {
        double middle, spread;
    } yardsticks[CANDIDATE_SCORES]; /* of candidates_report: what z is measured by */
    double rare_ratio; /* by how much the others share more rare alleles than by chance */
    uint64_t random;   /* state of the draws */
};

/* `n` people besides the original's. */
VL_MUST_CHECK
int candidates_open(struct candidates *candidates, size_t n, struct vl_error *err);

/* Adds a site with p, the share of alleles that are not the reference's: `masked` such
 * alleles are shown, the original has `own` (-1: not known), the others have alts[i] (-1:
 * not known), or draw theirs (`alts` is NULL). */
void candidates_add(struct candidates *candidates, double p, int masked, int own,
                    const int8_t *alts);

/* `panel` names the others; NULL: they are drawn. */
VL_MUST_CHECK
int candidates_report(struct candidates *candidates, const struct panel *panel,
                      struct audit_report *report);

void candidates_close(struct candidates *candidates);

#endif
