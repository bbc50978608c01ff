#include "projection/quality.h"

#include <math.h>
#include <string.h>

#include "record/nibbles.h"
#include "record/tags.h"
#include "record/walk.h"

enum { MISSING = 0xff, QUALITY_MAX = 93, OFFSET = 33, FLAT = 30 };

static const char *const NAMES[] = {"keep", "oq", "bin4", "flat"};

bool quality_mode_parse(const char *text, enum quality_mode *mode)
{
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        if (strcmp(text, NAMES[i]) == 0) {
            *mode = (enum quality_mode)i;
            return true;
        }
    return false;
}

bool quality_has_oq(const bam1_t *b)
{
    const char *oq = tag_find_text(b, "OQ");
    if (!oq || strlen(oq) != (size_t)b->core.l_qseq)
        return false;
    for (int32_t i = 0; i < b->core.l_qseq; i++)
        if (oq[i] < OFFSET || oq[i] > OFFSET + QUALITY_MAX)
            return false;
    return true;
}

/* The four values of Illumina's two-colour instruments. */
static uint8_t bin(uint8_t q)
{
    return q < 3 ? 2 : q < 18 ? 12 : q < 30 ? 23 : 37;
}

void quality_mask(const bam1_t *b, enum quality_mode mode, uint8_t *out)
{
    const uint8_t *qual = bam_get_qual(b);
    size_t n = (size_t)b->core.l_qseq;
    if (n == 0)
        return;
    if (mode == QUALITY_KEEP) {
        memcpy(out, qual, n);
    } else if (qual[0] == MISSING) {
        memset(out, MISSING, n);
    } else if (mode == QUALITY_FLAT) {
        memset(out, FLAT, n);
    } else if (mode == QUALITY_BIN4) {
        for (size_t i = 0; i < n; i++)
            out[i] = bin(qual[i]);
    } else if (quality_has_oq(b)) {
        const char *oq = tag_find_text(b, "OQ");
        for (size_t i = 0; i < n; i++)
            out[i] = (uint8_t)(oq[i] - OFFSET);
    } else {
        memset(out, MISSING, n);
    }
}

/* Every fourth read tells as much as all of them. */
enum { COUNTED_OF = 4 };

void quality_counts_add(struct quality_counts *counts, const bam1_t *masked,
                        const uint8_t *reference)
{
    const uint8_t *qual = bam_get_qual(masked);
    struct run_walk walk = run_walk_start(masked);
    struct aligned_run run;
    int reverse = bam_is_rev(masked);
    if (counts->n_records++ % COUNTED_OF > 0 || masked->core.l_qseq == 0 ||
        qual[0] == MISSING)
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
