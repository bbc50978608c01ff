#include "residual/window_reference.h"

#include <stdlib.h>
#include <string.h>

#include "record/nibbles.h"
#include "record/record.h"
#include "record/walk.h"
#include "varlock/error.h"
#include "varlock/fail.h"

struct covered {
    int32_t contig;
    uint32_t record;
    struct aligned_run run;
};

struct island {
    int32_t contig;
    int64_t beg, end;
    int64_t at; /* index of its first base */
};

/* Sorts runs by position.  At the same position the run of the earlier record comes
 * first. */
static int compare_covered(const void *a, const void *b)
{
    const struct covered *x = a, *y = b;
    if (x->contig != y->contig)
        return x->contig < y->contig ? -1 : 1;
    if (x->run.rpos != y->run.rpos)
        return x->run.rpos < y->run.rpos ? -1 : 1;
    if (x->record != y->record)
        return x->record < y->record ? -1 : 1;
    return (x->run.qpos > y->run.qpos) - (x->run.qpos < y->run.qpos);
}

static void collect(const struct record_array *masked, struct vl_buf *runs)
{
    struct covered before = {.contig = -1};
    bool sorted = true;
    for (size_t i = 0; i < masked->n; i++) {
        struct run_walk walk = run_walk_start(masked->v[i]);
        struct covered c = {.contig = masked->v[i]->core.tid, .record = (uint32_t)i};
        if (!record_lengths_agree(masked->v[i]))
            continue;
        while (run_walk_next(&walk, &c.run)) {
            sorted = sorted && compare_covered(&before, &c) <= 0;
            before = c;
            vl_buf_add(runs, &c, sizeof c);
        }
    }
    if (!sorted && !runs->failed)
        qsort(runs->data, runs->len / sizeof(struct covered), sizeof(struct covered),
              compare_covered);
}

/* Makes room for n more bases. */
static bool reserve(struct window_reference *r, int64_t n)
{
    size_t n_bytes = (size_t)(r->n_bases + n) / 2 + 1;
    if (n_bytes > r->bases.len && !vl_buf_reserve(&r->bases, n_bytes - r->bases.len))
        return false;
    r->bases.len = n_bytes > r->bases.len ? n_bytes : r->bases.len;
    return true;
}

/* Appends the part of the run that lies beyond the island's end. */
static void extend(struct window_reference *r, struct island *island,
                   const struct covered *c, const bam1_t *b)
{
    int64_t end = c->run.rpos + c->run.len, n = end - island->end;
    if (n <= 0 || !reserve(r, n))
        return;
    nibbles_copy(r->bases.data, r->n_bases, bam_get_seq(b),
                 c->run.qpos + (island->end - c->run.rpos), n);
    r->n_bases += n;
    island->end = end;
}

static int compare_islands(const void *x, const void *y)
{
    const struct island *a = x, *b = y;
    if (a->contig != b->contig)
        return a->contig < b->contig ? -1 : 1;
    return (a->beg > b->beg) - (a->beg < b->beg);
}

static bool any_overlap(const struct vl_buf *islands)
{
    const struct island *v = (const void *)islands->data;
    for (size_t i = 1; i < islands->len / sizeof *v; i++)
        if (v[i].contig == v[i - 1].contig && v[i].beg < v[i - 1].end)
            return true;
    return false;
}

int window_reference_add_gaps(struct window_reference *r, const struct gap_list *gaps)
{
    const struct gap *v = (const void *)gaps->gaps.data;
    if (gaps->n_bases == 0)
        return 0;
    if (!reserve(r, gaps->n_bases))
        return VL_ERR_MEMORY;
    nibbles_copy(r->bases.data, r->n_bases, gaps->bases.data, 0, gaps->n_bases);
    for (size_t i = 0; i < gap_list_n(gaps); i++) {
        struct island island = {v[i].contig, v[i].beg, v[i].end, r->n_bases};
        vl_buf_add(&r->islands, &island, sizeof island);
        r->n_bases += v[i].end - v[i].beg;
    }
    if (!r->islands.failed)
        qsort(r->islands.data, r->islands.len / sizeof(struct island),
              sizeof(struct island), compare_islands);
    return r->islands.failed || r->bases.failed ? VL_ERR_MEMORY
           : any_overlap(&r->islands)           ? VL_ERR_DATA
                                                : 0;
}

/* The island that contains the position.  If none does, the next island after it. */
static const struct island *seek(const struct window_reference *r, int32_t contig,
                                 int64_t pos0)
{
    const struct island *v = (const void *)r->islands.data;
    size_t low = 0, high = r->islands.len / sizeof *v;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (v[mid].contig < contig || (v[mid].contig == contig && v[mid].end <= pos0))
            low = mid + 1;
        else
            high = mid;
    }
    return low * sizeof *v < r->islands.len ? &v[low] : NULL;
}

static bool holds(const struct island *island, int32_t contig, int64_t pos0)
{
    return island && island->contig == contig && island->beg <= pos0;
}

int window_reference_build(struct window_reference *r, const struct record_array *masked,
                           const struct site_list *sites, const struct gap_list *gaps)
{
    struct island island = {.contig = -1};
    vl_buf_reset(&r->runs);
    vl_buf_reset(&r->islands);
    vl_buf_reset(&r->bases);
    r->n_bases = 0;
    collect(masked, &r->runs);
    size_t n = r->runs.failed ? 0 : r->runs.len / sizeof(struct covered);
    for (size_t i = 0; i < n; i++) {
        const struct covered *c = (const struct covered *)(const void *)r->runs.data + i;
        if (c->contig != island.contig || c->run.rpos > island.end) {
            if (island.contig >= 0)
                vl_buf_add(&r->islands, &island, sizeof island);
            island = (struct island){c->contig, c->run.rpos, c->run.rpos, r->n_bases};
        }
        extend(r, &island, c, masked->v[c->record]);
    }
    if (island.contig >= 0)
        vl_buf_add(&r->islands, &island, sizeof island);
    if (r->runs.failed || r->islands.failed || r->bases.failed)
        return VL_ERR_MEMORY;
    for (size_t i = 0; i < sites->n; i++) {
        const struct site *s = &sites->v[i];
        const struct island *at = seek(r, (int32_t)s->contig, s->pos0);
        if (holds(at, (int32_t)s->contig, s->pos0))
            seq_set_nibble(r->bases.data, at->at + (s->pos0 - at->beg), s->change);
    }
    return gaps ? window_reference_add_gaps(r, gaps) : 0;
}

int64_t window_reference_at(const struct window_reference *r, int32_t contig,
                            int64_t pos0, int64_t n, int64_t *len)
{
    const struct island *island = seek(r, contig, pos0);
    *len = n;
    if (!holds(island, contig, pos0)) {
        if (island && island->contig == contig && island->beg - pos0 < n)
            *len = island->beg - pos0;
        return -1;
    }
    if (island->end - pos0 < n)
        *len = island->end - pos0;
    return island->at + (pos0 - island->beg);
}

void window_reference_clear(struct window_reference *r)
{
    vl_buf_clear(&r->runs);
    vl_buf_clear(&r->islands);
    vl_buf_clear(&r->bases);
}
