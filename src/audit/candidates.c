#include "candidates.h"

#include <htslib/kfunc.h>
#include <math.h>
#include <stdlib.h>

#include "findings.h"
#include "varlock/fail.h"

static const double RARE = 0.05;
static const double VARIANCE_MIN = 5;
enum { LIKELIHOOD, HETS, RARE_SHARED, SITES_MIN = 200, OTHERS_MIN = 20 };

/* What a site adds to the score of a person with 0, 1, 2 alleles. */
struct site_scores {
    double chance[3];
    double add[CANDIDATE_SCORES][3], variance[CANDIDATE_SCORES][3];
};

int candidates_open(struct candidates *candidates, size_t n, struct vl_error *err)
{
    *candidates = (struct candidates){.v = calloc(n + 1, sizeof *candidates->v), .n = n};
    return candidates->v ? 0 : vl_error_memory(err);
}

void candidates_close(struct candidates *candidates)
{
    free(candidates->v);
    *candidates = (struct candidates){0};
}

/* A score that is `same` or `other`, as a thing of this probability is seen or not: less
 * its mean, and its variance. */
static void set_score(struct site_scores *s, int score, int own, bool is_seen,
                      double probability, double same, double other)
{
    double mean = probability * same + (1 - probability) * other;
    s->add[score][own] = (is_seen ? same : other) - mean;
    s->variance[score][own] =
        probability * (1 - probability) * (same - other) * (same - other);
}

static double half_ratio(double probability)
{
    return log((1 + 1 / probability) / 2);
}

static void score_site(struct site_scores *s, double p, int masked)
{
    double q = 1 - p, het = 2 * p * q;
    bool is_turned = p > 0.5;
    double rarer = is_turned ? q : p, carries = 1 - (1 - rarer) * (1 - rarer);
    bool shows_rare = (is_turned ? 2 - masked : masked) > 0;
    *s = (struct site_scores){.chance = {q * q, het, p * p}};
    for (int own = 0; own < 3; own++) {
        double here = s->chance[own], alike = own == 1 ? het : 1 - het;
        set_score(s, LIKELIHOOD, own, masked == own, here, half_ratio(here), -M_LN2);
        set_score(s, HETS, own, (masked == 1) == (own == 1), alike, half_ratio(alike),
                  -M_LN2);
        if (rarer < RARE && (is_turned ? 2 - own : own) > 0)
            set_score(s, RARE_SHARED, own, shows_rare, carries, 1, 0);
    }
}

static void add_person(struct candidate *c, const struct site_scores *s, int own)
{
    for (int score = 0; score < CANDIDATE_SCORES; score++) {
        c->found[score] += s->add[score][own];
        c->variance[score] += s->variance[score][own];
    }
    /* A site that can add has a variance. */
    if (s->variance[RARE_SHARED][own] > 0) {
        bool is_shared = s->add[RARE_SHARED][own] > 0;
        c->n_rare += is_shared;
        c->rare_expected +=
            is_shared ? 1 - s->add[RARE_SHARED][own] : -s->add[RARE_SHARED][own];
    }
}

/* SplitMix64: Steele, Lea and Flood, OOPSLA 2014. */
static double draw(struct candidates *c)
{
    uint64_t x = c->random += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return (double)((x ^ x >> 31) >> 11) * 0x1p-53;
}

void candidates_add(struct candidates *candidates, double p, int masked, int own,
                    const int8_t *alts)
{
    struct candidates *c = candidates;
    struct site_scores scores;
    score_site(&scores, p, masked);
    c->n_sites++;
    c->n_shown[masked]++;
    if (own >= 0) {
        c->has_own = true;
        add_person(&c->v[0], &scores, own);
    }
    for (size_t i = 0; i < c->n; i++) {
        int g = alts ? alts[i] : 0;
        if (!alts) {
            double u = draw(c);
            g = u < scores.chance[0]                      ? 0
                : u < scores.chance[0] + scores.chance[1] ? 1
                                                          : 2;
        }
        if (g >= 0)
            add_person(&c->v[1 + i], &scores, g);
    }
}

static double raw_z(const struct candidate *c, int score)
{
    double variance = score == RARE_SHARED ? c->rare_expected : c->variance[score];
    return variance > 0 ? c->found[score] / sqrt(variance) : 0;
}

static int compare_numbers(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Takes median and median deviation of the others' z, in which a few people who are
 * linked do not count. */
static int set_yardsticks(struct candidates *c)
{
    static const double NORMAL = 1.4826; /* SD over median deviation */
    double *z = malloc((c->n + 1) * sizeof *z), found = 0, expected = 0;
    for (int score = 0; score < CANDIDATE_SCORES; score++)
        c->yardsticks[score] = (struct yardstick){0, 1};
    c->rare_ratio = 1;
    if (c->n < OTHERS_MIN || !z) {
        free(z);
        return z ? 0 : VL_ERR_MEMORY;
    }
    for (int score = 0; score < CANDIDATE_SCORES; score++) {
        struct yardstick *y = &c->yardsticks[score];
        for (size_t i = 0; i < c->n; i++)
            z[i] = raw_z(&c->v[1 + i], score);
        qsort(z, c->n, sizeof *z, compare_numbers);
        y->middle = z[c->n / 2];
        for (size_t i = 0; i < c->n; i++)
            z[i] = fabs(z[i] - y->middle);
        qsort(z, c->n, sizeof *z, compare_numbers);
        y->spread = fmax(1, NORMAL * z[c->n / 2]);
    }
    for (size_t i = 1; i <= c->n; i++) {
        found += c->v[i].n_rare;
        expected += c->v[i].rare_expected;
    }
    c->rare_ratio = fmax(1, expected > 0 ? found / expected : 1);
    free(z);
    return 0;
}

static double z_of(const struct candidates *c, const struct candidate *person, int score)
{
    const struct yardstick *y = &c->yardsticks[score];
    return (raw_z(person, score) - y->middle) / y->spread;
}

/* Probability that chance gives as much. */
static double chance_of(const struct candidates *c, const struct candidate *person,
                        int score)
{
    if (score != RARE_SHARED)
        return kf_erfc(z_of(c, person, score) / M_SQRT2) / 2;
    return person->n_rare > 0
               ? kf_gammap(person->n_rare, person->rare_expected * c->rare_ratio)
               : 1;
}

static enum audit_verdict judge(const struct candidates *c,
                                const struct candidate *person, int score, double p)
{
    /* One genotype everywhere tells of nobody. */
    for (int g = 0; g < 3; g++)
        if (c->n_sites >= SITES_MIN && c->n_shown[g] == c->n_sites)
            return AUDIT_DECLARED;
    if (c->n_sites < SITES_MIN ||
        (score != RARE_SHARED && person->variance[score] < VARIANCE_MIN))
        return AUDIT_FEW;
    return p < FINDINGS_ALPHA ? AUDIT_FAIL : AUDIT_PASS;
}

/* The person of the original among the others. */
static int report_own(const struct candidates *c, int score, const char *metric,
                      struct audit_report *report)
{
    double z = z_of(c, &c->v[0], score), best = -INFINITY, rank = 1;
    double p = chance_of(c, &c->v[0], score);
    for (size_t i = 1; i <= c->n; i++) {
        double other = z_of(c, &c->v[i], score);
        rank += other > z ? 1 : other == z ? 0.5 : 0;
        best = other > best ? other : best;
    }
    return findings_put(report, metric, rank, ((double)c->n + 2) / 2,
                        judge(c, &c->v[0], score, p),
                        "rank of the person among %zu; z %.2f, the best other one %.2f "
                        "(p %.2g)",
                        c->n + 1, z, best, p);
}

/* Whoever of a panel fits best. */
static int report_best(const struct candidates *c, int score, const char *metric,
                       const struct panel *panel, struct audit_report *report)
{
    size_t best = 1;
    for (size_t i = 2; i <= c->n; i++)
        if (chance_of(c, &c->v[i], score) < chance_of(c, &c->v[best], score))
            best = i;
    double p = chance_of(c, &c->v[best], score) * (double)c->n;
    return findings_put(report, metric, z_of(c, &c->v[best], score), NAN,
                        judge(c, &c->v[best], score, p),
                        "z of the one of %zu who fits best, %.40s (p %.2g)", c->n,
                        panel_name(panel, best - 1), p < 1 ? p : 1);
}

/* The histogram of the likelihood's z. */
static void draw_linked(const struct candidates *c, struct audit_pictures *pictures)
{
    static const double LEAST = -5, WIDTH = 10;
    pictures->own_z = c->has_own ? z_of(c, &c->v[0], LIKELIHOOD) : NAN;
    for (size_t i = 1; i <= c->n; i++) {
        double at = (z_of(c, &c->v[i], LIKELIHOOD) - LEAST) / WIDTH * AUDIT_LINKED;
        at = at < 0 ? 0 : at > AUDIT_LINKED - 1 ? AUDIT_LINKED - 1 : at;
        pictures->linked[(int)at]++;
    }
}

int candidates_report(struct candidates *candidates, const struct panel *panel,
                      struct audit_report *report)
{
    static const char *const OWN[] = {"A6.likelihood", "A6.hets", "A6.rare"};
    static const char *const BEST[] = {"A6.best.likelihood", "A6.best.hets",
                                       "A6.best.rare"};
    int rc = set_yardsticks(candidates);
    if (rc == 0)
        draw_linked(candidates, &report->pictures);
    for (int i = 0; rc == 0 && i < CANDIDATE_SCORES; i++)
        rc = panel && !candidates->has_own
                 ? report_best(candidates, i, BEST[i], panel, report)
                 : report_own(candidates, i, OWN[i], report);
    return rc;
}
