/*
 * Records on their way from the order of the input to that of the synth-masked file: each
 * gets its public geometry, finds its mate, and leaves when no record that belongs before
 * it, and no mate, can come any more.  What a masked file must not show leaves it whole.
 *
 * The horizon is what a record waits for: the pairing distance (max_insert) plus the
 * greatest shift.  Memory grows with the records inside it.
 */
#ifndef VARLOCK_CORE_SYNTH_ORDER_H
#define VARLOCK_CORE_SYNTH_ORDER_H

#include <htslib/sam.h>
#include <stdbool.h>
#include <stdint.h>

#include "projection/geometry.h"
#include "varlock/contig.h"
#include "varlock/error.h"
#include "varlock/region.h"

/* Why a record leaves the masked file whole. */
enum whole_reason {
    WHOLE_NOT = 0,
    WHOLE_SECOND,  /* secondary or supplementary */
    WHOLE_ODD,     /* no aligned base, lengths that disagree, a lost place */
    WHOLE_SHIFTED, /* would move further than max_shift */
    WHOLE_VAULTED, /* its geometry alone would tell */
    WHOLE_REASONS
};

/* A masked CIGAR. */
struct masked_cigar {
    uint32_t n;
    uint32_t one;  /* the operator where there is one */
    uint32_t *ops; /* owned, where there are more */
};

/* Everything a masked record shows that is not in the record itself. */
struct mask_plan {
    int64_t pos0; /* -1: unplaced */
    bool is_proper;
    int32_t mtid;
    int64_t mpos, tlen;
    struct masked_cigar mate; /* for MC; n is 0 where it is not known */
    uint32_t ordinal;         /* among the input's records of its contig and position */
};

void mask_plan_clear(struct mask_plan *plan);

struct placed {
    bam1_t *b;
    enum whole_reason whole;
    struct mask_plan plan; /* of a masked record; of a whole one the ordinal only */
    /* the rest is synth_order.c's */
    struct geometry g;
    bool is_laid, is_paired;
    int64_t goes_to; /* place in the order: masked position, or that of the input */
    int64_t end;     /* of the record in the input */
    uint64_t number; /* in the input */
    struct masked_cigar cigar;
};

struct reorder_options {
    const struct vl_contigs *contigs;
    const bool *is_vaulted;        /* a contig each: all that touches it is vaulted */
    const struct vl_ranges *vault; /* the same for places; normalised */
    int64_t max_insert;            /* -1: none */
    int64_t max_shift;
    bool keep_discordant;
    bool keeps_names;
    /* Compares the masked forms of two records at one place that equal in all else. */
    int (*compare)(void *arg, const struct placed *a, const struct placed *b);
    void *compare_arg;
};

struct reorder; /* one thread at a time */

/* The options' members must outlive the handle. */
VL_MUST_CHECK
int reorder_open(struct reorder **reorder, const struct reorder_options *options,
                 struct vl_error *err);

/* Tells where the next record lies; what is before the horizon then may leave. */
VL_MUST_CHECK
int reorder_advance(struct reorder *reorder, const bam1_t *b, struct vl_error *err);

/* Takes over the content of the record just announced (b is left empty and reusable).
 * Records come in coordinate order. */
VL_MUST_CHECK
int reorder_push(struct reorder *reorder, bam1_t *b, struct vl_error *err);

/* No more records will come. */
VL_MUST_CHECK
int reorder_end(struct reorder *reorder, struct vl_error *err);

/* The next record in the new order, NULL where none is ready; it stays the reorder's and
 * is valid until reorder_pop, which forgets it (its plan too; the caller may have swapped
 * `b`'s content out and taken the plan over by clearing it). */
struct placed *reorder_peek(const struct reorder *reorder);
void reorder_pop(struct reorder *reorder);

/* Records that left, for each reason, and mapped ones whose mate is not known. */
uint64_t reorder_n_whole(const struct reorder *reorder, enum whole_reason reason);
uint64_t reorder_n_mate_unknown(const struct reorder *reorder);

void reorder_free(struct reorder *reorder);

#endif
