/*
 * Restored records in the order of the coordinates they show.  The records of each window
 * are sorted.  A record waits if a later window can still have a record that belongs
 * before it.
 */
#ifndef VARLOCK_CORE_SHOWN_ORDER_H
#define VARLOCK_CORE_SHOWN_ORDER_H

#include <htslib/sam.h>

#include "varlock/bdiff.h"
#include "varlock/buf.h"
#include "varlock/error.h"

struct shown_record {
    bam1_t *b;
    int grade;        /* enum vl_grade; FULL for whole records */
    uint32_t ordinal; /* number among records of the same coordinates */
};

/* Sorts by contig, position and ordinal, with unplaced reads last.  Records that are
 * equal in these keep their order.  VL_ERR_MEMORY. */
VL_MUST_CHECK
int shown_records_sort(struct shown_record *v, size_t n);

typedef int (*shown_write_fn)(void *arg, const bam1_t *b, int grade);

struct shown_queue {
    size_t n_contigs;
    bool has_order; /* ordinals are known; false: records of the same coordinates keep the
                       order in which they come */
    shown_write_fn write;
    void *write_arg;
    struct vl_buf held; /* struct shown_record, sorted; the queue owns the records */
    struct vl_buf merged;
    struct vl_buf spare; /* bam1_t *: to be used again */
};

/* Takes sorted records and writes those that belong before `limit`.  All records still to
 * come lie at or behind `limit`.  The queue takes over the content of the records that
 * wait.  VL_ERR_MEMORY (no message) or the result of write. */
VL_MUST_CHECK
int shown_queue_add(struct shown_queue *queue, struct shown_record *run, size_t n,
                    const struct vl_locus *limit);

/* Writes all records that are left. */
VL_MUST_CHECK
int shown_queue_end(struct shown_queue *queue);
void shown_queue_clear(struct shown_queue *queue);

#endif
