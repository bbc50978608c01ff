/*
 * Brings records from the order of the input into the order of the synth-masked file.
 * Each record gets its public geometry and finds its mate.  It leaves when its mate
 * cannot come any more, nor any record that belongs before it.  Records that a masked
 * file must not show leave whole.
 *
 * A record waits until the input has passed it by the horizon: the pairing distance
 * (max_insert) plus the greatest shift.  Memory grows with the number of records within
 * the horizon.
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

/* Why a record leaves the masked file and is stored whole. */
enum whole_reason {
    WHOLE_NOT = 0,
    WHOLE_SECOND,  /* secondary or supplementary */
    WHOLE_ODD,     /* has no aligned base, lengths that disagree, or no known place */
    WHOLE_SHIFTED, /* its masked form would move further than max_shift */
    WHOLE_VAULTED, /* its geometry alone would tell of the person */
    WHOLE_REASONS
};

/* A masked CIGAR. */
struct masked_cigar {
    uint32_t n;
    uint32_t one;  /* the operator if n is 1 */
    uint32_t *ops; /* owned; the operators if n is above 1 */
};

/* Everything that a masked record shows and that its own record does not hold. */
struct mask_plan {
    int64_t pos0; /* -1: unplaced */
    bool is_proper;
    int32_t mtid;
    int64_t mpos, tlen;
    struct masked_cigar mate; /* mate's CIGAR for MC; n is 0 if it is not known */
    uint32_t ordinal; /* number among the input's records of its contig and position */
};

void mask_plan_clear(struct mask_plan *plan);

struct placed {
    bam1_t *b;
    enum whole_reason whole;
    struct mask_plan plan; /* of a masked record; a whole one has only the ordinal */
    /* The fields below are private to synth_order.c. */
    struct geometry g;
    bool is_laid, is_paired;
    int64_t goes_to; /* position in the new order: masked position, or position in the
                        input */
    int64_t end;     /* end of the record in the input */
    uint64_t number; /* number of the record in the input */
    struct masked_cigar cigar;
};

struct reorder_options {
    const struct vl_contigs *contigs;
    const bool *is_vaulted; /* one per contig: all records that touch it are vaulted */
    const struct vl_ranges *vault; /* vaults records that touch them; normalised */
    int64_t max_insert;            /* -1: none */
    int64_t max_shift;
    bool keep_discordant;
    bool keeps_names;
    /* Compares the masked forms of two records at the same place that are equal in all
     * else. */
    int (*compare)(void *arg, const struct placed *a, const struct placed *b);
    void *compare_arg;
};

struct reorder; /* one thread at a time */

/* The options' members must outlive the handle. */
VL_MUST_CHECK
int reorder_open(struct reorder **reorder, const struct reorder_options *options,
                 struct vl_error *err);

/* Tells where the next record lies.  Records before the horizon can then leave. */
VL_MUST_CHECK
int reorder_advance(struct reorder *reorder, const bam1_t *b, struct vl_error *err);

/* Takes over the content of the record that was just announced, and leaves b empty and
 * reusable.  Records come in coordinate order. */
VL_MUST_CHECK
int reorder_push(struct reorder *reorder, bam1_t *b, struct vl_error *err);

/* Tells that no record follows. */
VL_MUST_CHECK
int reorder_end(struct reorder *reorder, struct vl_error *err);

/* The next record in the new order, NULL if none is ready.  The reorder owns it.  It is
 * valid until reorder_pop, which frees it and its plan for reuse.  Before that, the
 * caller may swap out the content of `b`, and may take over the plan by clearing it. */
struct placed *reorder_peek(const struct reorder *reorder);
void reorder_pop(struct reorder *reorder);

/* reorder_n_whole: records that left for that reason.  reorder_n_mate_unknown: mapped
 * records whose mate is not known. */
uint64_t reorder_n_whole(const struct reorder *reorder, enum whole_reason reason);
uint64_t reorder_n_mate_unknown(const struct reorder *reorder);

void reorder_free(struct reorder *reorder);

#endif
