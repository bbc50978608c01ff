#include "genotype.h"

#include <math.h>

static const double LOG_UNEXPECTED = -6.907755278982137; /* ln 0.001 */

void pile_add(struct pile *pile, int base, int quality)
{
    if (quality > GENOTYPE_QUALITY_MAX)
        quality = GENOTYPE_QUALITY_MAX;
    double e = pow(10, -quality / 10.0), miss = e / 3, hit = 1 - e;
    pile->n[base]++;
    pile->depth++;
    pile->same[base] += log(hit / miss);
    pile->half[base] += log((hit + miss) / 2 / miss);
}

struct genotype genotype_call(const struct pile *pile, const bool expected[static 4])
{
    struct genotype best = {0};
    double score[10], most = -INFINITY, others = 0;
    int n = 0, at = 0;
    for (uint8_t a = 0; a < 4; a++)
        for (uint8_t b = a; b < 4; b++, n++) {
            score[n] = a == b ? pile->same[a] : pile->half[a] + pile->half[b];
            if (!expected[a] || !expected[b])
                score[n] += LOG_UNEXPECTED;
            if (score[n] > most) {
                most = score[n];
                best = (struct genotype){.a = a, .b = b};
                at = n;
            }
        }
    for (int i = 0; i < n; i++)
        others += i == at ? 0 : exp(score[i] - most);
    double gq = -10 * log10(others / (1 + others));
    best.gq = gq < GENOTYPE_GQ_MAX ? (int)gq : GENOTYPE_GQ_MAX;
    return best;
}
