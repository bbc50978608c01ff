#include "restore/shown_order.h"

#include <stdlib.h>
#include <string.h>

#include "record/locus.h"
#include "record/record.h"

static int compare_shown(const struct shown_record *a, const struct shown_record *b)
{
    const bam1_core_t *x = &a->b->core, *y = &b->b->core;
    /* As unsigned numbers, records without a contig (-1) come last. */
    if (x->tid != y->tid)
        return (uint32_t)x->tid < (uint32_t)y->tid ? -1 : 1;
    if (x->tid >= 0 && x->pos != y->pos)
        return x->pos < y->pos ? -1 : 1;
    return (a->ordinal > b->ordinal) - (a->ordinal < b->ordinal);
}

/* Merge sort that does nothing to a part that is in order already. */
static void sort(struct shown_record *v, size_t n, struct shown_record *spare)
{
    size_t half = n / 2, i = 1;
    while (i < n && compare_shown(&v[i - 1], &v[i]) <= 0)
        i++;
    if (i >= n)
        return;
    sort(v, half, spare);
    sort(v + half, n - half, spare);
    if (compare_shown(&v[half - 1], &v[half]) <= 0)
        return;
    memcpy(spare, v, half * sizeof *v);
    for (size_t l = 0, r = half, to = 0; l < half; to++)
        v[to] = r < n && compare_shown(&v[r], &spare[l]) < 0 ? v[r++] : spare[l++];
}

int shown_records_sort(struct shown_record *v, size_t n)
{
    struct shown_record *spare = malloc((n / 2 + 1) * sizeof *v);
    if (!spare)
        return VL_ERR_MEMORY;
    sort(v, n, spare);
    free(spare);
    return 0;
}

/* True if the record can be written.  Unplaced reads need not wait, because they come in
 * their own order. */
static bool may_go(const struct shown_queue *q, const bam1_t *b,
                   const struct vl_locus *limit)
{
    struct vl_locus here = locus_of(b, q->n_contigs);
    int order = locus_compare(&here, limit);
    return order < 0 || (order == 0 && (!q->has_order || here.contig >= q->n_contigs));
}

/* Moves the record's content into a record that the queue owns. */
static int hold(struct shown_queue *q, struct shown_record r)
{
    bam1_t *own = NULL;
    if (q->spare.len > 0) {
        q->spare.len -= sizeof own;
        memcpy(&own, q->spare.data + q->spare.len, sizeof own);
    } else if (!(own = bam_init1())) {
        return VL_ERR_MEMORY;
    }
    record_swap(own, r.b);
    r.b = own;
    vl_buf_add(&q->merged, &r, sizeof r);
    return q->merged.failed ? VL_ERR_MEMORY : 0;
}

int shown_queue_add(struct shown_queue *q, struct shown_record *run, size_t n,
                    const struct vl_locus *limit)
{
    struct shown_record *held = (void *)q->held.data;
    size_t n_held = q->held.len / sizeof *held, h = 0, i = 0;
    int rc = 0;
    vl_buf_reset(&q->merged);
    while (rc == 0 && (h < n_held || i < n)) {
        bool from_held = i == n || (h < n_held && compare_shown(&held[h], &run[i]) <= 0);
        struct shown_record *next = from_held ? &held[h++] : &run[i++];
        if (may_go(q, next->b, limit)) {
            rc = q->write(q->write_arg, next->b, next->grade);
            if (from_held)
                vl_buf_add(&q->spare, &next->b, sizeof next->b);
        } else if (from_held) {
            vl_buf_add(&q->merged, next, sizeof *next);
        } else {
            rc = hold(q, *next);
        }
    }
    /* After a failure the other held records must still be kept, to be freed later. */
    for (; h < n_held; h++)
        vl_buf_add(&q->merged, &held[h], sizeof *held);
    struct vl_buf t = q->held;
    q->held = q->merged;
    q->merged = t;
    return rc < 0 || !(q->held.failed || q->spare.failed) ? rc : VL_ERR_MEMORY;
}

int shown_queue_end(struct shown_queue *q)
{
    const struct vl_locus nowhere = {.contig = UINT32_MAX};
    return shown_queue_add(q, NULL, 0, &nowhere);
}

static void destroy(struct vl_buf *records, size_t size, size_t at)
{
    for (size_t i = 0; i < records->len; i += size) {
        bam1_t *b;
        memcpy(&b, records->data + i + at, sizeof b);
        bam_destroy1(b);
    }
    vl_buf_clear(records);
}

void shown_queue_clear(struct shown_queue *q)
{
    destroy(&q->held, sizeof(struct shown_record), offsetof(struct shown_record, b));
    destroy(&q->spare, sizeof(bam1_t *), 0);
    vl_buf_clear(&q->merged);
}
