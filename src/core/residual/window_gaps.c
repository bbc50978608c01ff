#include "residual/window_gaps.h"

#include <stdlib.h>

#include "record/record.h"
#include "record/walk.h"

enum { DELETION_MAX = 1000 }; /* longer ones are not worth their reference */

static int compare_gaps(const void *x, const void *y)
{
    const struct gap *a = x, *b = y;
    if (a->contig != b->contig)
        return a->contig < b->contig ? -1 : 1;
    return (a->beg > b->beg) - (a->beg < b->beg);
}

static bool has_moved(const bam1_t *masked, const bam1_t *b)
{
    return masked->core.pos != b->core.pos ||
           !record_has_cigar(masked, bam_get_cigar(b), b->core.n_cigar);
}

/* A read without introns needs one stretch. */
static void need(struct vl_buf *needed, int32_t contig, int64_t beg, int64_t end)
{
    const size_t n = needed->len / sizeof(struct gap);
    struct gap *last = n > 0 ? (struct gap *)(void *)needed->data + n - 1 : NULL;
    if (last && last->contig == contig && last->end == beg)
        last->end = end;
    else
        vl_buf_add(needed, &(struct gap){contig, beg, end}, sizeof(struct gap));
}

void window_gaps_note(const bam1_t *masked, const bam1_t *b, struct vl_buf *needed)
{
    struct run_walk walk = run_walk_start(b);
    struct aligned_run run;
    if ((masked && !has_moved(masked, b)) || !record_lengths_agree(b))
        return;
    while (run_walk_next_either(&walk, &run))
        if (run.qpos >= 0 || run.len <= DELETION_MAX)
            need(needed, b->core.tid, run.rpos, run.rpos + run.len);
}

/* Lists what of the stretches no masked record covers, in order. */
static void find_uncovered(const struct window_reference *r, const struct vl_buf *needed,
                           struct vl_buf *uncovered)
{
    const struct gap *v = (const void *)needed->data;
    for (size_t i = 0; i < needed->len / sizeof *v; i++)
        for (int64_t at = v[i].beg, n; at < v[i].end; at += n)
            if (window_reference_at(r, v[i].contig, at, v[i].end - at, &n) < 0)
                vl_buf_add(uncovered, &(struct gap){v[i].contig, at, at + n},
                           sizeof(struct gap));
    if (uncovered->len > sizeof(struct gap) && !uncovered->failed)
        qsort(uncovered->data, uncovered->len / sizeof(struct gap), sizeof(struct gap),
              compare_gaps);
}

/* Adds the gap where the reference is known. */
static int add_gap(struct gap_list *list, const struct gap *gap, reference_fn reference,
                   void *arg)
{
    int rc = 0;
    for (int64_t at = gap->beg, n; rc == 0 && at < gap->end; at += n) {
        int64_t from;
        const uint8_t *bases = reference(arg, gap->contig, at, gap->end - at, &from, &n);
        if (bases)
            rc = gap_list_add(list, gap->contig, at, n, bases, from);
    }
    return rc;
}

int window_gaps_find(const struct window_reference *r, const struct vl_buf *needed,
                     reference_fn reference, void *arg, struct gap_list *gaps)
{
    struct vl_buf uncovered = VL_BUF_INIT;
    gap_list_reset(gaps);
    find_uncovered(r, needed, &uncovered);
    int rc = needed->failed || uncovered.failed ? VL_ERR_MEMORY : 0;
    struct gap *v = (void *)uncovered.data;
    size_t n = rc < 0 ? 0 : uncovered.len / sizeof *v;
    for (size_t i = 0, next; rc == 0 && i < n; i = next) {
        for (next = i + 1;
             next < n && v[next].contig == v[i].contig && v[next].beg <= v[i].end; next++)
            v[i].end = v[next].end > v[i].end ? v[next].end : v[i].end;
        rc = add_gap(gaps, &v[i], reference, arg);
    }
    vl_buf_clear(&uncovered);
    return rc;
}
