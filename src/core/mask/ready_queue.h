/*
 * The records that may leave synth_order.h, in the new order.  Masked ones leave a block
 * at a time.  A whole record leaves behind the masked ones that belong before it.
 */
#ifndef VARLOCK_CORE_READY_QUEUE_H
#define VARLOCK_CORE_READY_QUEUE_H

#include "mask/synth_order.h"
#include "varlock/buf.h"
#include "varlock/fail.h"
#include "window/block.h"

struct ready {
    struct placed **v; /* [next, n) are not popped yet; the array is owned */
    size_t next, n, cap;
};

struct ready_queue {
    struct ready masked, whole;
    uint64_t n_added, n_popped; /* masked records */
    struct block open;          /* the last block; a record to come may belong to it */
    struct vl_buf blocks;       /* struct block each: those before it */
    size_t next_block;          /* the first of them that was not popped yet */
    size_t n_left; /* records of that block, which is being popped; 0: not yet begun */
};

/* Adds the record that comes next in the new order.  VL_ERR_MEMORY. */
VL_MUST_CHECK
int ready_queue_add(struct ready_queue *queue, struct placed *p);

/* No record to come belongs to the last block.  VL_ERR_MEMORY. */
VL_MUST_CHECK
int ready_queue_end_block(struct ready_queue *queue);

/* The record that leaves next.  NULL: none. */
struct placed *ready_queue_peek(const struct ready_queue *queue);

/* The block that this record begins, if it is a masked one; else NULL. */
const struct block *ready_queue_block(const struct ready_queue *queue);

/* Takes out the record that leaves next; there is one. */
struct placed *ready_queue_pop(struct ready_queue *queue);

/* Takes out any record.  NULL: there is none. */
struct placed *ready_queue_drop(struct ready_queue *queue);

/* Frees an empty queue. */
void ready_queue_clear(struct ready_queue *queue);

#endif
