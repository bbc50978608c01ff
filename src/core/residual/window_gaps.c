#include "residual/window_gaps.h"

#include <stdlib.h>

#include "record/record.h"
#include "record/walk.h"
#include "residual/window_reference.h"

enum { DELETION_MAX = 1000 }; /* longer ones are not worth their reference */

static int compare_gaps(const void *x, const void *y)
{
    const struct gap *a = x, *b = y;
    if (a->contig != b->contig)
        return a->contig < b->contig ? -1 : 1;
    return (a->beg > b->beg) - (a->beg < b->beg);
}

/* Appends what of the run no masked record covers. */
static void add_uncovered(const struct window_reference *r, int32_t contig,
                          const struct aligned_run *run, struct vl_buf *needed)
{
    int64_t end = run->rpos + run->len;
    for (int64_t at = run->rpos, n; at < end; at += n)
        if (window_reference_at(r, contig, at, end - at, &n) < 0)
            vl_buf_add(needed, &(struct gap){contig, at, at + n}, sizeof(struct gap));
}

static void add_runs(const struct window_reference *r, const bam1_t *b,
                     struct vl_buf *needed)
{
    struct run_walk walk = run_walk_start(b);
    struct aligned_run run;
    if (!record_lengths_agree(b))
        return;
    while (run_walk_next_either(&walk, &run))
        if (run.qpos >= 0 || run.len <= DELETION_MAX)
            add_uncovered(r, b->core.tid, &run, needed);
}

static bool has_moved(const bam1_t *masked, const bam1_t *b)
{
    return masked->core.pos != b->core.pos ||
           !record_has_cigar(masked, bam_get_cigar(b), b->core.n_cigar);
}

static void find_needed(const struct window_records *w, const struct window_reference *r,
                        struct vl_buf *needed)
{
    for (size_t i = 0; i < w->masked.n; i++)
        if (w->grade.data[i] == VL_GRADE_FULL && has_moved(w->masked.v[i], w->shown.v[i]))
            add_runs(r, w->shown.v[i], needed);
    for (size_t i = 0; i < w->whole.n; i++)
        add_runs(r, w->whole.v[i], needed);
    for (size_t i = 0; i < w->loose.n; i++)
        add_runs(r, w->loose.v[i], needed);
    if (needed->len > sizeof(struct gap) && !needed->failed)
        qsort(needed->data, needed->len / sizeof(struct gap), sizeof(struct gap),
              compare_gaps);
}

/* Adds the gap where the reference is known. */
static int add_gap(struct gap_list *list, const struct gap *gap, reference_fn reference,
                   void *arg)
{
    int rc = 0;
    for (int64_t at = gap->beg, n; rc == 0 && at < gap->end; at += n) {
        int64_t from;
        const uint8_t *bases =
            reference(arg, gap->contig, at, gap->end - at, &from, &n);
        if (bases)
            rc = gap_list_add(list, gap->contig, at, n, bases, from);
    }
    return rc;
}

int window_gaps_find(struct window_records *w, reference_fn reference, void *arg)
{
    struct window_reference r = {0};
    struct vl_buf needed = VL_BUF_INIT;
    gap_list_reset(&w->gaps);
    int rc = window_reference_build(&r, &w->masked, &w->sites, NULL);
    if (rc == 0)
        find_needed(w, &r, &needed);
    struct gap *v = (void *)needed.data;
    size_t n = needed.failed ? 0 : needed.len / sizeof *v;
    if (rc == 0 && needed.failed)
        rc = VL_ERR_MEMORY;
    for (size_t i = 0, next; rc == 0 && i < n; i = next) {
        for (next = i + 1;
             next < n && v[next].contig == v[i].contig && v[next].beg <= v[i].end; next++)
            v[i].end = v[next].end > v[i].end ? v[next].end : v[i].end;
        rc = add_gap(&w->gaps, &v[i], reference, arg);
    }
    vl_buf_clear(&needed);
    window_reference_clear(&r);
    return rc;
}
