#include "comparison.h"

#include <htslib/kfunc.h>
#include <math.h>
#include <string.h>

#include "findings.h"

/* Less variance is no base for a normal distribution. */
static const double VARIANCE_MIN = 10, HET_VARIANCE_MIN = 5;
static const double RELATED = 0.044;
static const double Z_ONE_SIDED = 3.719; /* of FINDINGS_ALPHA */
static const double Z_UPPER = 2.326;     /* 99 % */

/* ---- counting ---- */

/* Sex chromosomes and mitochondria have no pairs of alleles in everybody. */
static bool is_autosome(const char *contig)
{
    static const char *const OTHERS[] = {"X", "Y", "M", "MT"};
    if (strncmp(contig, "chr", 3) == 0)
        contig += 3;
    for (size_t i = 0; i < sizeof OTHERS / sizeof *OTHERS; i++)
        if (strcmp(contig, OTHERS[i]) == 0)
            return false;
    return true;
}

int comparison_alts(const struct site_call *call)
{
    return (call->genotype.a != call->site.ref) + (call->genotype.b != call->site.ref);
}

static void add_against(struct against_chance *sum, double found, double expected,
                        double variance)
{
    sum->found += found;
    sum->expected += expected;
    sum->variance += variance;
}

static void add_hets(struct comparison *c, int own, int masked, const double chance[3])
{
    double e = chance[1], h = (own == 1) - e, h_masked = (masked == 1) - e;
    int opposite = 2 - own;
    add_against(&c->hets, h * h_masked, 0, h * h * e * (1 - e));
    c->het_squares += h * h;
    c->masked_het_squares += h_masked * h_masked;
    c->n_het += own == 1;
    c->n_both_het += own == 1 && masked == 1;
    if (own == 1) {
        c->king_variance += 4 * e * (1 - e);
        return;
    }
    double p = chance[opposite];
    c->king_variance += 16 * p * (1 - p);
    add_against(&c->ibs0, masked == opposite, p, p * (1 - p));
}

/* In a bin all genotypes count the rarer allele. */
static void add_to_bin(struct comparison *c, double p, int own, int masked,
                       const double chance[3])
{
    static const double UPPER[COMPARISON_BINS] = {0.02, 0.1, 0.25, 1};
    bool is_turned = p > 0.5;
    double rarer = is_turned ? 1 - p : p;
    struct genotype_bin *bin = c->bins;
    while (rarer >= UPPER[bin - c->bins])
        bin++;
    int row = is_turned ? 2 - own : own;
    bin->n++;
    bin->found[row][is_turned ? 2 - masked : masked]++;
    for (int g = 0; g < 3; g++)
        bin->expected[row][is_turned ? 2 - g : g] += chance[g];
}

bool comparison_takes(const char *contig, const struct vl_site *site, double *p)
{
    double total = 0;
    for (int base = 0; base < 4; base++)
        total += site->count[base];
    *p = total > 0 ? 1 - site->count[site->ref] / total : 0;
    return *p > 0 && *p < 1 && is_autosome(contig);
}

void comparison_add(struct comparison *comparison, const char *contig,
                    const struct site_call *original, const struct site_call *masked)
{
    double p, q;
    if (!original->is_sure || !masked->is_sure ||
        !comparison_takes(contig, &masked->site, &p))
        return;
    q = 1 - p;
    const double chance[3] = {q * q, 2 * p * q, p * p};
    int own = comparison_alts(original), shown = comparison_alts(masked);
    comparison->n++;
    comparison->n_masked[shown]++;
    add_against(&comparison->equal, own == shown, chance[own],
                chance[own] * (1 - chance[own]));
    comparison->joint[own][shown]++;
    for (int g = 0; g < 3; g++)
        comparison->joint_expected[own][g] += chance[g];
    add_hets(comparison, own, shown, chance);
    add_to_bin(comparison, p, own, shown, chance);
}

/* ---- judging ---- */

/* Whether a count is what chance gives, in a normal distribution. */
static enum audit_verdict judge(const struct against_chance *sum, double variance_min,
                                double *z)
{
    *z = sum->variance > 0 ? (sum->found - sum->expected) / sqrt(sum->variance) : 0;
    if (sum->variance < variance_min)
        return AUDIT_FEW;
    return kf_erfc(fabs(*z) / M_SQRT2) < FINDINGS_ALPHA ? AUDIT_FAIL : AUDIT_PASS;
}

/* Whether a count is what chance gives, in a Poisson distribution, whose tails are longer
 * than those of a sum of rare events. */
static enum audit_verdict judge_rare(const struct against_chance *sum)
{
    double mean = sum->expected, found = sum->found;
    double more = found > 0 ? kf_gammap(found, mean) : 1;
    double less = kf_gammaq(found + 1, mean);
    return 2 * (more < less ? more : less) < FINDINGS_ALPHA ? AUDIT_FAIL : AUDIT_PASS;
}

/* Scales `expected` until its rows and columns have the sums of `found`. */
static void fit_sums(double expected[3][3], const double found[3][3])
{
    enum { ROUNDS = 100 };
    for (int round = 0; round < 2 * ROUNDS; round++)
        for (int i = 0; i < 3; i++) {
            double want = 0, have = 0;
            for (int k = 0; k < 3; k++) {
                want += round % 2 ? found[k][i] : found[i][k];
                have += round % 2 ? expected[k][i] : expected[i][k];
            }
            for (int k = 0; k < 3 && have > 0; k++)
                *(round % 2 ? &expected[k][i] : &expected[i][k]) *= want / have;
        }
}

/* How many rows (or columns) less one are not empty. */
static int n_free(const double found[3][3], bool columns)
{
    int n = -1;
    for (int i = 0; i < 3; i++)
        n += columns ? found[0][i] + found[1][i] + found[2][i] > 0
                     : found[i][0] + found[i][1] + found[i][2] > 0;
    return n > 0 ? n : 0;
}

/* Bits of a bin before the correction; *freedom becomes its degrees of freedom. */
static double bits_of_bin(const struct genotype_bin *bin, int *freedom)
{
    double expected[3][3], bits = 0;
    memcpy(expected, bin->expected, sizeof expected);
    fit_sums(expected, bin->found);
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++)
            if (bin->found[i][k] > 0)
                bits += bin->found[i][k] * log2(bin->found[i][k] / expected[i][k]);
    *freedom = n_free(bin->found, false) * n_free(bin->found, true);
    return bits;
}

static int report_bits(const struct comparison *c, double max_bits, bool is_enough,
                       struct audit_report *report)
{
    double raw = 0;
    int freedom = 0;
    for (int i = 0; i < COMPARISON_BINS; i++) {
        int more;
        report->pictures.bits[i] = bits_of_bin(&c->bins[i], &more);
        raw += report->pictures.bits[i];
        report->pictures.bits[i] -= more / (2 * M_LN2);
        freedom += more;
    }
    double bits = raw - freedom / (2 * M_LN2);
    double excess = bits > 0 ? 2 * M_LN2 * bits : 0;
    double upper = bits + Z_UPPER * sqrt(2 * freedom + 4 * excess) / (2 * M_LN2);
    double p = freedom ? kf_gammaq(freedom / 2.0, raw * M_LN2) : 1;
    enum audit_verdict verdict = !is_enough         ? AUDIT_FEW
                                 : upper < max_bits ? AUDIT_PASS
                                                    : AUDIT_FAIL;
    return findings_put(
        report, "A4", bits, 0, verdict,
        "bits that masked genotypes tell of the original's; 99 %% sure to "
        "be below %.1f, allowed %.4g; by chance p %.2g",
        upper, max_bits, p);
}

static int report_kinship(const struct comparison *c, bool is_enough,
                          struct audit_report *report)
{
    double masked = (double)c->n_masked[1];
    double fewer = c->n_het < masked ? c->n_het : masked;
    double king =
        (2 * c->n_both_het - 4 * c->ibs0.found - c->n_het - masked + 2 * fewer) /
        (4 * fewer);
    double spread = sqrt(c->king_variance) / (4 * fewer);
    enum audit_verdict verdict = fewer == 0                              ? AUDIT_DECLARED
                                 : !is_enough                            ? AUDIT_FEW
                                 : king > RELATED + Z_ONE_SIDED * spread ? AUDIT_FAIL
                                                                         : AUDIT_PASS;
    int rc = findings_put(report, "A3", fewer > 0 ? king : NAN, 0, verdict,
                          "kinship (KING); 0.5 is the same person, related above %.3f",
                          RELATED);
    if (verdict != AUDIT_DECLARED && is_enough)
        verdict = judge_rare(&c->ibs0);
    return rc < 0
               ? rc
               : findings_put(report, "A3.ibs0", c->ibs0.found, round(c->ibs0.expected),
                              verdict, "sites have no allele in common");
}

int comparison_report(const struct comparison *comparison, double max_bits,
                      struct audit_report *report)
{
    const struct comparison *c = comparison;
    struct audit_pictures *pictures = &report->pictures;
    memcpy(pictures->genotypes, c->joint, sizeof c->joint);
    memcpy(pictures->by_chance, c->joint_expected, sizeof c->joint_expected);
    double n = (double)c->n, z, squares = sqrt(c->het_squares * c->masked_het_squares);
    bool is_enough = c->equal.variance >= VARIANCE_MIN;
    /* One genotype everywhere tells nothing, and agrees as often as it is common. */
    bool is_constant = c->n_masked[0] == c->n || c->n_masked[2] == c->n;
    enum audit_verdict verdict = judge(&c->equal, VARIANCE_MIN, &z);
    int rc = findings_put(report, "A1", n > 0 ? c->equal.found / n : NAN,
                          n > 0 ? c->equal.expected / n : NAN,
                          is_constant && is_enough ? AUDIT_DECLARED : verdict,
                          "of %.0f genotypes are the original's (z %.1f)", n, z);
    verdict = judge(&c->hets, HET_VARIANCE_MIN, &z);
    if (rc == 0)
        rc = findings_put(report, "A2", squares > 0 ? c->hets.found / squares : NAN, 0,
                          c->n_masked[1] == 0 && is_enough ? AUDIT_DECLARED : verdict,
                          "correlation of being heterozygous (z %.1f)", z);
    if (rc == 0)
        rc = report_kinship(c, is_enough, report);
    return rc < 0 ? rc : report_bits(c, max_bits, is_enough, report);
}
