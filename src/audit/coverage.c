#include "coverage.h"

#include <math.h>
#include <stdlib.h>

#include "findings.h"
#include "record/record.h"
#include "record/walk.h"
#include "varlock/fail.h"

int coverage_open(struct coverage *coverage, const struct vl_contigs *contigs,
                  struct vl_error *err)
{
    size_t n = 0;
    *coverage = (struct coverage){.n_contigs = contigs->n};
    coverage->first = malloc((contigs->n + 1) * sizeof *coverage->first);
    for (size_t i = 0; coverage->first && i <= contigs->n; i++) {
        coverage->first[i] = n;
        if (i < contigs->n)
            n += (size_t)(contigs->v[i].length / COVERAGE_BIN) + 1;
    }
    for (int i = 0; i < 2; i++)
        coverage->bases[i] = calloc(n + 1, sizeof *coverage->bases[i]);
    if (coverage->first && coverage->bases[0] && coverage->bases[1])
        return 0;
    coverage_close(coverage);
    return vl_error_memory(err);
}

void coverage_add(struct coverage *coverage, bool is_masked, const bam1_t *b)
{
    struct run_walk walk = run_walk_start(b);
    struct aligned_run run;
    if (!record_is_primary(b))
        return;
    coverage->n_records[is_masked]++;
    while (run_walk_next(&walk, &run)) {
        size_t first = coverage->first[b->core.tid];
        size_t n = coverage->first[b->core.tid + 1] - first;
        for (int64_t at = run.rpos, end = run.rpos + run.len; at < end;) {
            size_t bin = (size_t)(at / COVERAGE_BIN);
            int64_t to = (int64_t)(bin + 1) * COVERAGE_BIN;
            if (to > end)
                to = end;
            if (at >= 0 && bin < n)
                coverage->bases[is_masked][first + bin] += (uint64_t)(to - at);
            at = to;
        }
    }
}

double coverage_correlation(const struct coverage *coverage, uint64_t *n)
{
    const uint64_t *a = coverage->bases[0], *b = coverage->bases[1];
    double sum_a = 0, sum_b = 0, aa = 0, bb = 0, ab = 0;
    *n = 0;
    for (size_t i = 0; i < coverage->first[coverage->n_contigs]; i++) {
        if (a[i] == 0)
            continue;
        double x = (double)a[i], y = (double)b[i];
        sum_a += x;
        sum_b += y;
        aa += x * x;
        bb += y * y;
        ab += x * y;
        ++*n;
    }
    double m = (double)*n, spread = aa - sum_a * sum_a / m;
    double masked_spread = bb - sum_b * sum_b / m;
    if (*n < 2 || spread <= 0)
        return NAN;
    return masked_spread > 0 ? (ab - sum_a * sum_b / m) / sqrt(spread * masked_spread)
                             : 0;
}

/* Means over the bins that the original covers. */
static void draw_coverage(const struct coverage *coverage, uint64_t n_bins,
                          struct audit_pictures *pictures)
{
    uint64_t n[AUDIT_COLUMNS] = {0}, seen = 0;
    for (size_t i = 0; i < coverage->first[coverage->n_contigs]; i++) {
        if (coverage->bases[0][i] == 0)
            continue;
        size_t column = (size_t)(seen++ * AUDIT_COLUMNS / n_bins);
        n[column]++;
        for (int k = 0; k < 2; k++)
            pictures->coverage[k][column] += (double)coverage->bases[k][i];
    }
    for (int i = 0; i < AUDIT_COLUMNS; i++)
        for (int k = 0; k < 2 && n[i]; k++)
            pictures->coverage[k][i] /= (double)n[i] * COVERAGE_BIN;
    /* Fewer bins than columns: the last one goes on. */
    for (int i = 1; i < AUDIT_COLUMNS; i++)
        for (int k = 0; k < 2 && !n[i]; k++)
            pictures->coverage[k][i] = pictures->coverage[k][i - 1];
}

int coverage_report(const struct coverage *coverage, struct audit_report *report)
{
    const uint64_t *n = coverage->n_records;
    uint64_t n_bins;
    double correlation = coverage_correlation(coverage, &n_bins);
    draw_coverage(coverage, n_bins, &report->pictures);
    int rc = findings_put(report, "coverage", correlation, NAN, AUDIT_DECLARED,
                          "correlation with the original's in %llu bins of %d bases",
                          (unsigned long long)n_bins, COVERAGE_BIN);
    return rc < 0 ? rc
                  : findings_put(report, "kept", n[0] ? (double)n[1] / (double)n[0] : NAN,
                                 NAN, AUDIT_DECLARED,
                                 "of %llu primary records of the original are there",
                                 (unsigned long long)n[0]);
}

void coverage_close(struct coverage *coverage)
{
    free(coverage->first);
    free(coverage->bases[0]);
    free(coverage->bases[1]);
    *coverage = (struct coverage){0};
}
