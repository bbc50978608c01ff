#include "projection/quality_guard.h"

#include <math.h>

#include "projection/quality.h"
#include "record/nibbles.h"
#include "record/walk.h"
#include "varlock/fail.h"

static const double BITS_MAX = 0.05;

/* Every fourth read is counted, because these tell as much as all reads. */
enum { COUNTED_OF = 4 };

void quality_counts_add(struct quality_counts *counts, const bam1_t *masked,
                        const uint8_t *reference)
{
    const uint8_t *qual = bam_get_qual(masked);
    struct run_walk walk = run_walk_start(masked);
    struct aligned_run run;
    int reverse = bam_is_rev(masked);
    if (counts->n_records++ % COUNTED_OF > 0 || masked->core.l_qseq == 0 ||
        qual[0] == QUALITY_MISSING)
        return;
    while (run_walk_next(&walk, &run)) {
        int low = base_of_nibble[seq_nibble(reference, run.qpos)];
        for (int64_t at = run.qpos + 1; at < (int64_t)run.qpos + run.len; at++) {
            int high = base_of_nibble[seq_nibble(reference, at)];
            if (low >= 0 && high >= 0) {
                int pair = reverse ? (3 - high) << 2 | (3 - low) : low << 2 | high;
                counts->joint[qual[at - reverse] & 63][pair]++;
            }
            low = high;
        }
    }
}

void quality_counts_merge(struct quality_counts *into, const struct quality_counts *from)
{
    into->n_records += from->n_records;
    for (int q = 0; q < 64; q++)
        for (int pair = 0; pair < 16; pair++)
            into->joint[q][pair] += from->joint[q][pair];
}

double quality_counts_bits(const struct quality_counts *counts)
{
    double of_quality[64] = {0}, of_pair[16] = {0}, n = 0, bits = 0;
    int n_qualities = 0, n_pairs = 0;
    for (int q = 0; q < 64; q++)
        for (int pair = 0; pair < 16; pair++) {
            of_quality[q] += (double)counts->joint[q][pair];
            of_pair[pair] += (double)counts->joint[q][pair];
            n += (double)counts->joint[q][pair];
        }
    for (int q = 0; q < 64; q++)
        for (int pair = 0; pair < 16; pair++) {
            double joint = (double)counts->joint[q][pair];
            if (joint > 0)
                bits += joint / n * log2(joint * n / (of_quality[q] * of_pair[pair]));
        }
    for (int q = 0; q < 64; q++)
        n_qualities += of_quality[q] > 0;
    for (int pair = 0; pair < 16; pair++)
        n_pairs += of_pair[pair] > 0;
    return n > 0 ? bits - (n_qualities - 1) * (n_pairs - 1) / (2 * n * log(2)) : 0;
}

int quality_guard_check(const struct quality_counts *counts, const char *path,
                        struct vl_error *err)
{
    double bits = quality_counts_bits(counts);
    if (bits <= BITS_MAX)
        return 0;
    return vl_error_set(
        err, VL_ERR_DATA,
        "%s: QUAL tells %.3f bit of the bases under it: choose --qual bin4 "
        "or flat (or keep)",
        path, bits);
}
