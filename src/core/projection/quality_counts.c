#include "projection/quality_counts.h"

#include <math.h>

#include "record/nibbles.h"
#include "record/record.h"
#include "record/walk.h"

enum { CONTEXTS = 64, WORD_BASES = 4 };

static const int32_t WIDTHS[QUALITY_WIDTHS] = {1, 5};

static unsigned value_of(uint8_t quality)
{
    return quality < QUALITY_VALUES ? quality : QUALITY_VALUES - 1;
}

/* The bases that follow each other at the place that a run has come to. */
struct word {
    unsigned bits; /* two a base, the first sequenced one highest */
    int n_good;    /* bases since the last one that is not A, C, G or T */
};

static unsigned add_base(unsigned bits, int base, int reverse)
{
    return reverse ? bits >> 2 | (unsigned)(3 - base) << 6
                   : (bits << 2 | (unsigned)base) & (QUALITY_WORDS - 1);
}

/* Adds the base at `at` to the word.  True if the word is then whole. */
static inline bool next_word(struct word *word, const uint8_t *seq, int64_t at,
                             int reverse)
{
    int base = base_of_nibble[seq_nibble(seq, at)];
    if (base < 0) {
        *word = (struct word){0};
        return false;
    }
    word->bits = add_base(word->bits, base, reverse);
    return ++word->n_good >= WORD_BASES;
}

/* Both bases of a byte of SEQ, two bits each, or -1 if one is not A, C, G or T. */
#define BASE(nibble)                                                                     \
    ((nibble) == 1 ? 0 : (nibble) == 2 ? 1 : (nibble) == 4 ? 2 : (nibble) == 8 ? 3 : -16)
#define PAIR(high, low) (BASE(high) * 4 + BASE(low) < 0 ? -1 : BASE(high) * 4 + BASE(low))
#define PAIRS_4(high, low)                                                               \
    PAIR(high, low), PAIR(high, low + 1), PAIR(high, low + 2), PAIR(high, low + 3)
#define PAIRS(high)                                                                      \
    PAIRS_4(high, 0), PAIRS_4(high, 4), PAIRS_4(high, 8), PAIRS_4(high, 12)
static const int8_t PAIR_OF_BYTE[256] = {
    PAIRS(0), PAIRS(1), PAIRS(2),  PAIRS(3),  PAIRS(4),  PAIRS(5),  PAIRS(6),  PAIRS(7),
    PAIRS(8), PAIRS(9), PAIRS(10), PAIRS(11), PAIRS(12), PAIRS(13), PAIRS(14), PAIRS(15)};

/* Counts the bases of bytes that hold two good ones each, from an even index on, behind a
 * word that lacks no more than one base.  Nearly all bases are counted here; qualities
 * are below QUALITY_VALUES.  Returns the index of the first base that was not counted. */
static inline int64_t count_pairs(uint32_t joint[QUALITY_VALUES][QUALITY_WORDS],
                                  const uint8_t *seq, int64_t at, int64_t end,
                                  const uint8_t *qual, int reverse, unsigned *bits)
{
    const int back = 1 + reverse; /* to the base whose quality is counted */
    unsigned word = *bits;
    for (; at + 1 < end; at += 2) {
        int pair = PAIR_OF_BYTE[seq[at >> 1]];
        if (pair < 0)
            break;
        word = add_base(word, pair >> 2, reverse);
        joint[qual[at - back]][word]++;
        word = add_base(word, pair & 3, reverse);
        joint[qual[at + 1 - back]][word]++;
    }
    *bits = word;
    return at;
}

static bool are_usual(const uint8_t *qual, int64_t n)
{
    uint8_t highest = 0;
    for (int64_t i = 0; i < n; i++)
        highest = qual[i] > highest ? qual[i] : highest;
    return highest < QUALITY_VALUES;
}

/* A reverse read was sequenced from its right end, in complement.  `reverse` is constant
 * where this is called, which saves a quarter of the time. */
static inline uint64_t count_words(uint32_t joint[QUALITY_VALUES][QUALITY_WORDS],
                                   const uint8_t *seq, const struct aligned_run *run,
                                   const uint8_t *qual, int reverse)
{
    struct word word = {0};
    uint64_t n = 0;
    int64_t at = run->qpos, end = at + run->len;
    bool usual = are_usual(qual + at, run->len);
    while (at < end) {
        if (usual && word.n_good >= WORD_BASES - 1 && (at & 1) == 0) {
            int64_t from = at;
            at = count_pairs(joint, seq, at, end, qual, reverse, &word.bits);
            n += (uint64_t)(at - from);
        }
        if (at < end && next_word(&word, seq, at, reverse)) {
            joint[value_of(qual[at - 1 - reverse])][word.bits]++;
            n++;
        }
        at++;
    }
    return n;
}

static int32_t cycle_of(const bam1_t *b, int32_t at)
{
    return bam_is_rev(b) ? b->core.l_qseq - 1 - at : at;
}

static void count_cycles(struct quality_counts *counts, unsigned end, const bam1_t *b,
                         const uint8_t *qual)
{
    int32_t length = b->core.l_qseq,
            n = length < QUALITY_CYCLES ? length : QUALITY_CYCLES;
    uint32_t *sum = counts->sum[end];
    counts->n_of_length[end][n]++;
    if (bam_is_rev(b))
        for (int32_t i = 0; i < n; i++)
            sum[i] += value_of(qual[length - 1 - i]);
    else
        for (int32_t i = 0; i < n; i++)
            sum[i] += value_of(qual[i]);
}

static void add_beside(struct quality_beside *beside, const bam1_t *b, int32_t at,
                       const uint8_t *qual)
{
    int32_t cycle = at >= 0 && at < b->core.l_qseq ? cycle_of(b, at) : QUALITY_CYCLES;
    if (cycle >= QUALITY_CYCLES)
        return;
    beside->n[cycle]++;
    beside->sum[cycle] += value_of(qual[at]);
}

/* The indel lies between the bases before `left_end` and those from `right` on. */
static void count_beside(struct quality_beside beside[QUALITY_WIDTHS], const bam1_t *b,
                         int32_t left_end, int32_t right, const uint8_t *qual)
{
    for (unsigned w = 0; w < QUALITY_WIDTHS; w++)
        for (int32_t i = 0; i < WIDTHS[w]; i++) {
            add_beside(&beside[w], b, left_end - 1 - i, qual);
            add_beside(&beside[w], b, right + i, qual);
        }
}

static bool count_indels(struct quality_beside beside[QUALITY_WIDTHS], const bam1_t *b,
                         const uint8_t *qual)
{
    const uint32_t *cigar = bam_get_cigar(b);
    bool any = false;
    int32_t qpos = 0;
    for (uint32_t i = 0; i < b->core.n_cigar; i++) {
        int op = bam_cigar_op(cigar[i]);
        int32_t len = (int32_t)bam_cigar_oplen(cigar[i]);
        int32_t next = bam_cigar_type(op) & 1 ? qpos + len : qpos;
        if ((op == BAM_CINS || op == BAM_CDEL) && len > 0) {
            count_beside(beside, b, qpos, next, qual);
            any = true;
        }
        qpos = next;
    }
    return any;
}

uint64_t quality_counts_add(struct quality_counts *counts, const bam1_t *b,
                            const uint8_t *qual)
{
    unsigned end = b->core.flag & BAM_FREAD2 ? QUALITY_END_LAST : QUALITY_END_FIRST;
    struct run_walk walk = run_walk_start(b);
    struct aligned_run run;
    uint64_t n = 0;
    if (walk.n_cigar == 0 || !record_lengths_agree(b))
        return 0;
    while (run_walk_next(&walk, &run))
        n += bam_is_rev(b)
                 ? count_words(counts->joint[end], bam_get_seq(b), &run, qual, 1)
                 : count_words(counts->joint[end], bam_get_seq(b), &run, qual, 0);
    count_cycles(counts, end, b, qual);
    counts->n_indel_reads += count_indels(counts->beside[end], b, qual);
    counts->n_bases[end] += n;
    return n;
}

static void add_array(uint32_t *into, const uint32_t *from, size_t n)
{
    for (size_t i = 0; i < n; i++)
        into[i] += from[i];
}

void quality_counts_merge(struct quality_counts *into, const struct quality_counts *from)
{
    into->n_indel_reads += from->n_indel_reads;
    for (unsigned end = 0; end < QUALITY_ENDS; end++) {
        into->n_bases[end] += from->n_bases[end];
        for (int q = 0; q < QUALITY_VALUES; q++)
            add_array(into->joint[end][q], from->joint[end][q], QUALITY_WORDS);
        add_array(into->n_of_length[end], from->n_of_length[end], QUALITY_CYCLES + 1);
        add_array(into->sum[end], from->sum[end], QUALITY_CYCLES);
        for (int w = 0; w < QUALITY_WIDTHS; w++) {
            add_array(into->beside[end][w].n, from->beside[end][w].n, QUALITY_CYCLES);
            add_array(into->beside[end][w].sum, from->beside[end][w].sum, QUALITY_CYCLES);
        }
    }
}

/* The counts of one quality by context, of one end or of both. */
static void count_contexts(const struct quality_counts *counts, unsigned end,
                           enum quality_context context, int q, double n[CONTEXTS])
{
    for (int i = 0; i < CONTEXTS; i++)
        n[i] = 0;
    for (unsigned e = 0; e < QUALITY_ENDS; e++)
        for (unsigned word = 0; (end == QUALITY_ENDS || e == end) && word < QUALITY_WORDS;
             word++)
            n[context == QUALITY_CONTEXT_BEFORE ? word >> 2 : word & (CONTEXTS - 1)] +=
                counts->joint[e][q][word];
}

double quality_counts_bits(const struct quality_counts *counts, unsigned end,
                           enum quality_context context)
{
    double joint[QUALITY_VALUES][CONTEXTS], of_value[QUALITY_VALUES] = {0};
    double of_context[CONTEXTS] = {0}, n = 0, bits = 0;
    int n_values = 0, n_contexts = 0;
    for (int q = 0; q < QUALITY_VALUES; q++) {
        count_contexts(counts, end, context, q, joint[q]);
        for (int i = 0; i < CONTEXTS; i++) {
            of_value[q] += joint[q][i];
            of_context[i] += joint[q][i];
        }
        n_values += of_value[q] > 0;
        n += of_value[q];
    }
    for (int i = 0; i < CONTEXTS; i++)
        n_contexts += of_context[i] > 0;
    for (int q = 0; q < QUALITY_VALUES; q++)
        for (int i = 0; i < CONTEXTS; i++)
            if (joint[q][i] > 0)
                bits += joint[q][i] / n *
                        log2(joint[q][i] * n / (of_value[q] * of_context[i]));
    return n > 0 ? bits - (n_values - 1) * (n_contexts - 1) / (2 * n * log(2)) : 0;
}

double quality_counts_indel_shift(const struct quality_counts *counts, unsigned width)
{
    double n = 0, shift = 0;
    for (unsigned end = 0; end < QUALITY_ENDS; end++) {
        const struct quality_beside *beside = &counts->beside[end][width];
        double n_reads = 0; /* that have the cycle */
        for (int cycle = QUALITY_CYCLES - 1; cycle >= 0; cycle--) {
            double n_beside = beside->n[cycle];
            n_reads += counts->n_of_length[end][cycle + 1];
            if (n_beside == 0)
                continue;
            n += n_beside;
            shift += beside->sum[cycle] - n_beside * counts->sum[end][cycle] / n_reads;
        }
    }
    return n > 0 ? shift / n : 0;
}
