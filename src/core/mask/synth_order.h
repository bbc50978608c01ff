/*
 * Brings records from the order of the input into the order of the synth-masked file:
 * contig, masked position, strand, name, then all other bytes of the masked record.  Each
 * record gets its public geometry and finds its mate.  Records that a masked file must
 * not show leave whole.
 *
 * Two primary records of one read group and name are *at hand* of each other if they lie
 * on one contig, at most max_insert (none: 600,000) bases from 5' end to 5' end; an
 * unmapped one and its mate have the same position.  They pair if neither is at hand of a
 * third, and if they are one first and one last read.  Records at hand that do not pair
 * are vaulted.
 *
 * A record waits until the input has passed it by the horizon, which follows from the
 * options alone.  By then every record at hand of it or of its mate was read, and no
 * record can come any more that belongs before it.  Memory grows with the number of
 * records within the horizon.
 */
#ifndef VARLOCK_CORE_SYNTH_ORDER_H
#define VARLOCK_CORE_SYNTH_ORDER_H

#include <htslib/sam.h>
#include <stdbool.h>
#include <stdint.h>

#include "mask/masked_cigar.h"
#include "projection/blur.h"
#include "projection/geometry.h"
#include "projection/insert_sizes.h"
#include "varlock/contig.h"
#include "varlock/error.h"
#include "varlock/region.h"
#include "window/block.h"

/* Why a record leaves the masked file and is stored whole. */
enum whole_reason {
    WHOLE_NOT = 0,
    WHOLE_SECOND,  /* secondary or supplementary */
    WHOLE_ODD,     /* has no aligned base, lengths that disagree, or no known place */
    WHOLE_LONG,    /* has more than max_shift bases */
    WHOLE_VAULTED, /* its geometry alone would tell of the person */
    WHOLE_REASONS
};

/* Everything that a masked record shows and that its own record does not hold. */
struct mask_plan {
    int64_t pos0;  /* -1: unplaced */
    int64_t shift; /* how far the 5' end moves */
    bool is_proper;
    int32_t mtid;
    int64_t mpos, tlen;
    struct masked_cigar mate; /* mate's CIGAR for MC; n is 0 if it is not known */
    uint32_t ordinal; /* number among the input's records of its contig and position */
    int32_t group;    /* number of the read group; -1: none */
};

void mask_plan_clear(struct mask_plan *plan);

enum { TOKEN_BYTES = 17 }; /* a name that is shown instead of the own one */

struct placed {
    bam1_t *b;
    enum whole_reason whole;
    int64_t goes_to; /* position in the new order: masked position, or position in the
                        input */
    /* The fields below are private to synth_order.c.  What is looked at while a record
     * waits stands together. */
    struct placed *earlier, *later; /* the neighbours in its list of candidates */
    uint32_t hash;                  /* of its name */
    bool is_candidate;              /* may have a mate; is listed while it waits */
    bool is_laid;
    bool is_paired;
    bool awaits_mate;    /* is laid out where it was, for its mate to move it */
    uint8_t n_near;      /* records at hand: 0, 1 or more */
    struct placed *near; /* the first one at hand */
    struct mask_plan
        plan; /* of a masked record; a whole one has only ordinal and group */
    struct geometry g;
    uint64_t n_before; /* masked records that belong before it */
    int64_t end;       /* end of the record in the input */
    uint64_t number;   /* number of the record in the input */
    struct masked_cigar cigar;
    char token[TOKEN_BYTES];
};

/* Fetches the records that come soon, in steps of `step` from *next on, of which there
 * are n.  They have waited so long that they are no longer in the caches. */
static inline void placed_prefetch(struct placed *const *next, size_t n, int step)
{
    enum { FIRST = 12, SECOND = 8, THIRD = 4, LINE = 64, LINES = 5 };
    for (int i = 0; i < LINES && FIRST < n; i++)
        __builtin_prefetch((const char *)next[FIRST * step] + i * LINE);
    if (SECOND < n)
        __builtin_prefetch(next[SECOND * step]->b);
    for (int i = 0; i < LINES && THIRD < n; i++)
        __builtin_prefetch(next[THIRD * step]->b->data + i * LINE);
}

struct reorder_options {
    const struct vl_contigs *contigs;
    const bool *is_vaulted; /* one per contig: all records that touch it are vaulted */
    const struct vl_ranges *vault; /* vaults records that touch them; normalised */
    int64_t max_insert;            /* -1: none */
    int64_t max_shift;             /* bases of the longest read that is shown */
    bool keep_discordant;
    struct blur *blur;                  /* NULL: 5' ends stay */
    int64_t blur_max;                   /* greatest shift */
    const struct insert_sizes *inserts; /* NULL: not drawn */
    struct vl_name_draw *insert_draw;
    /* Writes the name that the record shows.  NULL: it shows its own. */
    int (*token)(void *arg, const bam1_t *b, char token[static TOKEN_BYTES]);
    /* Compares the masked forms of two records with the same place, strand and name. */
    int (*compare)(void *arg, const struct placed *a, const struct placed *b);
    void *arg; /* of both */
};

struct reorder; /* one thread at a time */

/* The options' members must outlive the handle. */
VL_MUST_CHECK
int reorder_open(struct reorder **reorder, const struct reorder_options *options,
                 struct vl_error *err);

/* Tells where the next record lies.  Records before the horizon can then leave. */
VL_MUST_CHECK
int reorder_advance(struct reorder *reorder, const bam1_t *b, struct vl_error *err);

/* Takes over the record that was just announced, and sets *b to another one for use.  To
 * exchange the contents would wait until all of the record has left the CPU.  Records
 * come in coordinate order.  read_group: its number, -1 for none. */
VL_MUST_CHECK
int reorder_push(struct reorder *reorder, bam1_t **b, int32_t read_group,
                 struct vl_error *err);

/* Tells that no record follows. */
VL_MUST_CHECK
int reorder_end(struct reorder *reorder, struct vl_error *err);

/* The next record in the new order, NULL if none is ready.  A masked record is ready once
 * its block is complete.  Of whole records, no more than 32,768 wait for it.  The reorder
 * owns the record.  It is valid until reorder_pop, which frees it and its plan for reuse.
 * Before that, the caller may swap out the content of `b`, and may take over the plan by
 * clearing it. */
struct placed *reorder_peek(const struct reorder *reorder);

/* The block that the next record begins, if that is a masked one; else NULL. */
const struct block *reorder_block(const struct reorder *reorder);
void reorder_pop(struct reorder *reorder);

/* reorder_n_whole: records that left for that reason.  reorder_n_mate_unknown: mapped
 * records that are shown without their mate. */
uint64_t reorder_n_whole(const struct reorder *reorder, enum whole_reason reason);
uint64_t reorder_n_mate_unknown(const struct reorder *reorder);

void reorder_free(struct reorder *reorder);

#endif
