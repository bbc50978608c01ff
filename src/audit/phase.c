#include "phase.h"

#include <htslib/kfunc.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "findings.h"

enum { LINK_QUALITY_MIN = 20, LINKS_MIN = 50 };

static const double INCOHERENT_MAX = 0.02; /* share that is still coherent */

/* 0 or 1: which of the genotype's alleles the fragment shows; -1: neither, or unsure. */
static int allele_of(const struct fragment *f, const struct genotype *g)
{
    if (f->quality < LINK_QUALITY_MIN)
        return -1;
    return f->base == g->a ? 0 : f->base == g->b ? 1 : -1;
}

/* Counts the fragments over both sites by their alleles. */
static void link_sites(struct phase *phase, const struct site_call *call)
{
    const struct fragments *a = &phase->before, *b = call->fragments;
    uint64_t n[2] = {
        0}; /* of fragments with alleles of one rank, and of different ones */
    for (size_t i = 0, k = 0; i < a->n && k < b->n;) {
        if (a->v[i].name != b->v[k].name) {
            if (a->v[i].name < b->v[k].name)
                i++;
            else
                k++;
            continue;
        }
        int first = allele_of(&a->v[i++], &phase->last);
        int second = allele_of(&b->v[k++], &call->genotype);
        if (first >= 0 && second >= 0)
            n[first != second]++;
    }
    phase->n_links += n[0] + n[1];
    phase->n_coherent += n[0] > n[1] ? n[0] : n[1];
}

int phase_add(struct phase *phase, const struct site_call *call)
{
    if (!call->is_sure || !genotype_is_het(&call->genotype))
        return 0;
    phase->n_hets++;
    if (phase->before.n && phase->contig == call->contig)
        link_sites(phase, call);
    size_t n = call->fragments->n;
    if (n > phase->before.cap) {
        struct fragment *more = realloc(phase->before.v, 2 * n * sizeof *more);
        if (!more)
            return VL_ERR_MEMORY;
        phase->before.v = more;
        phase->before.cap = 2 * n;
    }
    memcpy(phase->before.v, call->fragments->v, n * sizeof *phase->before.v);
    phase->before.n = n;
    phase->contig = call->contig;
    phase->last = call->genotype;
    return 0;
}

/* P(at least k of n) where each has probability p: the incomplete beta function
 * (Abramowitz and Stegun 26.5.24). */
static double binomial_tail(uint64_t k, uint64_t n, double p)
{
    return k == 0 ? 1 : kf_betai((double)k, (double)(n - k) + 1, p);
}

int phase_report(const struct phase *phase, struct audit_report *report)
{
    uint64_t n = phase->n_links, n_off = n - phase->n_coherent;
    double tail = binomial_tail(n_off, n, INCOHERENT_MAX);
    enum audit_verdict verdict = phase->n_hets == 0      ? AUDIT_DECLARED
                                 : n < LINKS_MIN         ? AUDIT_FEW
                                 : tail < FINDINGS_ALPHA ? AUDIT_FAIL
                                                         : AUDIT_PASS;
    return findings_put(report, "A12", n ? (double)phase->n_coherent / (double)n : NAN, 1,
                        verdict,
                        "of %llu links between neighbouring heterozygous sites are those "
                        "of two haplotypes",
                        (unsigned long long)n);
}

void phase_clear(struct phase *phase)
{
    fragments_clear(&phase->before);
}
