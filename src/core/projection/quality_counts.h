/*
 * Counts how the qualities of reads go with the bases around them, and how they lie
 * beside indels.
 *
 * Bases are those of the original record, in the order of sequencing.  A base is counted
 * if it, the two sequenced before it and the one after it are A, C, G or T and lie in one
 * aligned stretch (M, = or X) of the record's own CIGAR.
 */
#ifndef VARLOCK_CORE_QUALITY_COUNTS_H
#define VARLOCK_CORE_QUALITY_COUNTS_H

#include <htslib/sam.h>
#include <stdint.h>

enum {
    QUALITY_VALUES = 94,   /* 0 to 93; a higher value counts as 93 */
    QUALITY_WORDS = 256,   /* of four bases: two before, the base itself, one after */
    QUALITY_CYCLES = 1024, /* later ones are not compared */
    QUALITY_WIDTHS = 2     /* bases looked at on each side of an indel: 1, and 5 */
};

/* The first reads of pairs and unpaired reads, and the last reads of pairs. */
enum quality_end { QUALITY_END_FIRST, QUALITY_END_LAST, QUALITY_ENDS };

struct quality_beside {
    uint32_t n[QUALITY_CYCLES];
    uint32_t sum[QUALITY_CYCLES]; /* of qualities */
};

/* About 250 kB.  Zeroed memory is ready for use.  Its counts hold up to 2^32 - 1 bases of
 * a few million reads. */
struct quality_counts {
    uint64_t n_bases[QUALITY_ENDS]; /* as counted in joint */
    uint64_t n_indel_reads;         /* with at least one I or D */
    uint32_t joint[QUALITY_ENDS][QUALITY_VALUES][QUALITY_WORDS];
    /* Of every base of an aligned read, by cycle.  Longer reads have QUALITY_CYCLES. */
    uint32_t n_of_length[QUALITY_ENDS][QUALITY_CYCLES + 1];
    uint32_t sum[QUALITY_ENDS][QUALITY_CYCLES];
    struct quality_beside beside[QUALITY_ENDS][QUALITY_WIDTHS];
};

/* Adds a record with `qual` in the place of its QUAL, and returns the number of bases
 * counted.  Records that are not aligned, lack SEQ, or whose SEQ and CIGAR differ in
 * length are left out. */
uint64_t quality_counts_add(struct quality_counts *counts, const bam1_t *b,
                            const uint8_t *qual);

void quality_counts_merge(struct quality_counts *into, const struct quality_counts *from);

/* Which three of the four bases a quality is compared with. */
enum quality_context { QUALITY_CONTEXT_BEFORE, QUALITY_CONTEXT_AROUND };

/* Mutual information, in bits a base, between a quality and its three bases in the reads
 * of `end` (QUALITY_ENDS: of both).  The bias of a plug-in estimate is taken off: for a
 * qualities and b contexts that occur (a-1)(b-1)/(2 n ln 2) (Miller 1955).  In a small
 * sample that is too much, so the result is rather too low than too high. */
double quality_counts_bits(const struct quality_counts *counts, unsigned end,
                           enum quality_context context);

/* Mean of the qualities beside indels, each less the mean of all qualities of its end and
 * cycle.  The base is one of `width` (0: 1, 1: 5) on a side of the indel.  0 without
 * indels. */
double quality_counts_indel_shift(const struct quality_counts *counts, unsigned width);

#endif
