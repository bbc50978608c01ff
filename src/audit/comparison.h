/*
 * What the genotypes of a masked file say about those of its original, beside what chance
 * would give (A1 to A4).
 *
 * A genotype is a number of alleles that are not the reference's, 0 to 2.  Chance draws
 * it from the VAC's frequencies, independently for each site: P(0, 1, 2) = q^2, 2pq, p^2
 * (Hardy and Weinberg), where p is the share of alleles that are not the reference's.
 * Expectations and variances are those of the masked genotypes, given the original's.
 *
 *   A1  share of equal genotypes.  Chance: the mean of P(own).
 *   A2  correlation of being heterozygous, less what frequency explains: with h, h' = 1
 *       for a heterozygote and e = 2pq,
 *       sum (h-e)(h'-e) / sqrt(sum (h-e)^2 sum (h'-e)^2).  Chance: 0.
 *   A3  kinship, KING-robust: Manichaikul et al., Bioinformatics 26 (2010) 2867, eq. 9:
 *       (2 N(1,1) - 4 IBS0 - H - H' + 2 min(H, H')) / (4 min(H, H')).
 *       0.5 is the same person; above 0.044 they are related.
 *   A3.ibs0  sites with no allele in common.
 *   A4  bits that the masked genotype tells of the original's, summed over the sites:
 *       in bins of frequency, the counts O against counts E that have what chance gives
 *       and the sums of rows and columns of O (Deming and Stephan, Ann. Math. Stat. 11
 *       (1940) 427), sum O log2(O/E), less (rows-1)(columns-1) / (2 ln 2) for the bias
 *       (Miller 1955).  2 ln 2 times that sum is chi-squared where nothing leaks.
 */
#ifndef VARLOCK_AUDIT_COMPARISON_H
#define VARLOCK_AUDIT_COMPARISON_H

#include "site_calls.h"
#include "varlock/audit.h"

enum { COMPARISON_BINS = AUDIT_BINS };

/* A count beside what chance gives. */
struct against_chance {
    double found, expected, variance;
};

struct comparison {
    uint64_t n;           /* sites with a sure genotype in both files, on autosomes */
    uint64_t n_masked[3]; /* of these: the masked genotypes */
    struct against_chance equal, ibs0;
    struct against_chance hets; /* sum (h-e)(h'-e) */
    double het_squares, masked_het_squares;
    double n_both_het, n_het; /* original's; the masked one's are n_masked[1] */
    double king_variance;     /* of 2 N(1,1) - 4 IBS0 */
    double joint[3][3], joint_expected[3][3]; /* [original][masked] */
    struct genotype_bin {
        uint64_t n;
        double found[3][3], expected[3][3]; /* [original][masked] */
    } bins[COMPARISON_BINS];                /* by frequency of the rarer allele */
};

/* True for a site of an autosome where the population has two alleles or more.  *p
 * becomes the share of those that are not the reference's. */
bool comparison_takes(const char *contig, const struct vl_site *site, double *p);

/* How many alleles of the genotype are not the reference's. */
int comparison_alts(const struct site_call *call);

/* Adds a site that both files show. */
void comparison_add(struct comparison *comparison, const char *contig,
                    const struct site_call *original, const struct site_call *masked);

/* `max_bits` bounds A4. */
VL_MUST_CHECK
int comparison_report(const struct comparison *comparison, double max_bits,
                      struct audit_report *report);

#endif
