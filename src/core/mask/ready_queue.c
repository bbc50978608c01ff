#include "mask/ready_queue.h"

#include <stdlib.h>
#include <string.h>

enum { WHOLE_HELD_MAX = 32768 }; /* whole records beyond do not wait for masked ones */

int ready_queue_end_block(struct ready_queue *q)
{
    if (q->open.n_records > 0)
        vl_buf_add(&q->blocks, &q->open, sizeof q->open);
    q->open = (struct block){0};
    return q->blocks.failed ? VL_ERR_MEMORY : 0;
}

int ready_queue_add(struct ready_queue *q, struct placed *p)
{
    struct ready *to = p->whole == WHOLE_NOT ? &q->masked : &q->whole;
    const bam1_core_t *c = &p->b->core;
    struct placed **grown = vl_array_grow(to->v, to->n, &to->cap, sizeof *grown);
    if (!grown)
        return VL_ERR_MEMORY;
    to->v = grown;
    to->v[to->n++] = p;
    p->n_before = q->n_added;
    if (p->whole != WHOLE_NOT)
        return 0;
    q->n_added++;
    int rc =
        block_ends_before(&q->open, c->tid, p->plan.pos0) ? ready_queue_end_block(q) : 0;
    block_add(&q->open, c->tid, p->plan.pos0, c->l_qseq);
    return rc;
}

static bool whole_is_next(const struct ready_queue *q)
{
    const struct ready *whole = &q->whole;
    size_t n = whole->n - whole->next;
    return n > WHOLE_HELD_MAX ||
           (n > 0 && whole->v[whole->next]->n_before <= q->n_popped);
}

struct placed *ready_queue_peek(const struct ready_queue *q)
{
    if (whole_is_next(q))
        return q->whole.v[q->whole.next];
    return q->next_block < q->blocks.len / sizeof(struct block)
               ? q->masked.v[q->masked.next]
               : NULL;
}

const struct block *ready_queue_block(const struct ready_queue *q)
{
    const struct block *v = (const void *)q->blocks.data;
    return q->n_left == 0 && !whole_is_next(q) ? &v[q->next_block] : NULL;
}

/* Counts a masked record of the first block that is complete. */
static void leave_block(struct ready_queue *q)
{
    struct block *v = (void *)q->blocks.data;
    q->n_popped++;
    if (q->n_left == 0)
        q->n_left = v[q->next_block].n_records;
    if (--q->n_left > 0 || ++q->next_block < q->blocks.len / sizeof *v)
        return;
    vl_buf_reset(&q->blocks);
    q->next_block = 0;
}

static struct placed *take(struct ready *from)
{
    struct placed *p = from->v[from->next++];
    /* The front is freed once it is the larger part. */
    if (from->next * 2 >= from->n) {
        from->n -= from->next;
        memmove(from->v, from->v + from->next, from->n * sizeof(struct placed *));
        from->next = 0;
    }
    return p;
}

struct placed *ready_queue_pop(struct ready_queue *q)
{
    struct ready *from = whole_is_next(q) ? &q->whole : &q->masked;
    placed_prefetch(from->v + from->next, from->n - from->next, 1);
    if (from == &q->masked)
        leave_block(q);
    return take(from);
}

struct placed *ready_queue_drop(struct ready_queue *q)
{
    struct ready *from = q->whole.n > 0 ? &q->whole : &q->masked;
    return from->n > 0 ? take(from) : NULL;
}

void ready_queue_clear(struct ready_queue *q)
{
    free(q->masked.v);
    free(q->whole.v);
    vl_buf_clear(&q->blocks);
    memset(q, 0, sizeof *q);
}
