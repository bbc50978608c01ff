/*
 * Brings records from the order of the input into the order of the masked file.  The
 * permute masking keeps the order and lets records wait until their sites are decided.
 * The synth masking sorts records by their public geometry.
 */
#ifndef VARLOCK_CORE_MASK_ORDER_H
#define VARLOCK_CORE_MASK_ORDER_H

#include "container/vac_file.h"
#include "mask/mask_window.h"
#include "mask/permute_columns.h"
#include "mask/synth_order.h"
#include "mask/synth_record.h"
#include "mask/synth_setup.h"
#include "record/locus.h"
#include "varlock/error.h"

struct mask_order {
    struct permute *permute; /* exactly one of permute and reorder is set */
    struct reorder *reorder;
    struct synth_setup *setup; /* setup of reorder */
    const struct vl_contigs *contigs;
    struct synth tie; /* masks records when their masked bytes decide the order */
    bam1_t *popped;   /* record that is being popped; permute only */
    struct locus_counter loci; /* of the popped records; permute only */
    struct block single;       /* permute: every masked record is a block */
    bam1_t *tied[2];
    int tie_rc;
    struct vl_error tie_error;
};

/* A record that can leave. */
struct next_record {
    const bam1_t *b;
    bool is_whole;
    const struct block *block;  /* that a masked record begins; NULL: it continues one */
    struct vl_locus locus;      /* place in the order of the masked file */
    int64_t low_pos0, high_end; /* extent of record and masked form together */
};

/* Opens the order of the permute or of the synth masking.  The arguments must outlive
 * *order. */
VL_MUST_CHECK
int mask_order_open_permute(struct mask_order *order, struct vl_vac_reader *vac,
                            const int32_t *vac_contig, const struct vl_contigs *contigs,
                            const uint8_t mask_key[static VL_MASK_KEY_BYTES],
                            struct vl_error *err);
VL_MUST_CHECK
int mask_order_open_synth(struct mask_order *order, struct synth_setup *setup,
                          struct vl_error *err);

/* mask_order_advance tells where the next record lies.  The caller then pops all records
 * that can leave, and pushes the next record.  mask_order_push takes it over and sets *b
 * to another one for use; read_group is its number, -1 for none, which permute does not
 * ask for.  mask_order_end tells that no record follows. */
VL_MUST_CHECK
int mask_order_advance(struct mask_order *order, const bam1_t *b, struct vl_error *err);
VL_MUST_CHECK
int mask_order_push(struct mask_order *order, bam1_t **b, int32_t read_group,
                    struct vl_error *err);
VL_MUST_CHECK
int mask_order_end(struct mask_order *order, struct vl_error *err);

/* Describes the record that leaves next.  False if none can leave yet. */
bool mask_order_peek(struct mask_order *order, struct next_record *next);

/* Moves that record into the window `w`.  `window` is a number that no other window has.
 */
VL_MUST_CHECK
int mask_order_pop(struct mask_order *order, uint64_t window, struct mask_window *w,
                   struct vl_error *err);

void mask_order_close(struct mask_order *order);

#endif
