#include "grant/cut_window.h"

#include <stdlib.h>
#include <string.h>

#include "container/bdiff_file.h"
#include "record/locus.h"
#include "record/record.h"
#include "residual/prediction.h"
#include "residual/residual.h"
#include "residual/window_gaps.h"
#include "residual/window_reference.h"
#include "window/extent.h"
#include "window/record_array.h"
#include "window/sites.h"

/* Widens the window's extents to include the record. */
static void extend(struct cut_window *w, const bam1_t *b)
{
    struct vl_locus beg = locus_of(b, w->parent.file->n_contigs);
    entry_extend(&w->entry, beg, locus_end(b), w->is_empty);
    w->is_empty = false;
}

/* Adds the loose read that the record gives.  1, or 0 if it gives none. */
static int cut_loose(struct cut_window *w, const bam1_t *b)
{
    int rc = grant_show_loose(&w->grant, b, w->spare);
    if (rc <= 0)
        return rc;
    bam1_t *own = record_array_add(&w->slice.loose);
    if (!own)
        return VL_ERR_MEMORY;
    record_swap(own, w->spare);
    w->counts.n_loose++;
    extend(w, own);
    return 1;
}

static int cut_masked(struct cut_window *w)
{
    const struct window_records *from = &w->parent.records;
    for (size_t i = 0; i < from->masked.n; i++) {
        bam1_t *b = from->shown.v[i];
        bool restores = grant_restores(&w->grant, i);
        int rc = 0;
        vl_buf_add_byte(&w->slice.grade, restores ? VL_GRADE_FULL : VL_GRADE_NONE);
        if (restores) {
            rc = grant_show(&w->grant, b, from->masked.v[i], w->spare);
            record_swap(b, w->spare);
            w->counts.n_restored++;
            extend(w, b);
        } else if (from->grade.data[i] == VL_GRADE_FULL) {
            rc = cut_loose(w, b);
        }
        if (rc < 0)
            return rc;
    }
    return w->slice.grade.failed || w->grant.failed ? VL_ERR_MEMORY : 0;
}

static int cut_whole(struct cut_window *w)
{
    const struct window_records *from = &w->parent.records;
    for (size_t i = 0; i < from->whole.n; i++) {
        const bam1_t *b = from->whole.v[i];
        if (!grant_takes_whole(&w->grant, i)) {
            int rc = cut_loose(w, b);
            if (rc < 0)
                return rc;
            w->counts.n_withheld += rc == 0 && ranges_take(w->grant.ranges, b);
            continue;
        }
        bam1_t *copy = window_records_add_whole(&w->slice, from->whole_place[i].place, 0);
        if (!copy || grant_show(&w->grant, b, NULL, copy) < 0)
            return VL_ERR_MEMORY;
        w->counts.n_whole++;
        extend(w, b);
    }
    return w->grant.failed ? VL_ERR_MEMORY : 0;
}

static int compare_shown(const void *a, const void *b)
{
    return record_compare(*(bam1_t *const *)a, *(bam1_t *const *)b);
}

/* Cuts the parent's loose reads, and sorts all loose reads by what they show, so that
 * their order tells nothing of the masked records. */
static int cut_all_loose(struct cut_window *w)
{
    const struct record_array *from = &w->parent.records.loose;
    struct record_array *to = &w->slice.loose;
    for (size_t i = 0; i < from->n; i++)
        if (cut_loose(w, from->v[i]) < 0)
            return VL_ERR_MEMORY;
    if (to->n > 1)
        qsort(to->v, to->n, sizeof *to->v, compare_shown);
    return 0;
}

static int cut_sites(struct cut_window *w)
{
    const struct site_list *from = &w->parent.records.sites;
    for (size_t i = 0; i < from->n; i++) {
        const struct site *s = &from->v[i];
        if (!w->grant.everything &&
            !vl_ranges_overlap(w->grant.ranges, (int32_t)s->contig, s->pos0, s->pos0 + 1))
            continue;
        if (site_list_add(&w->slice.sites, s) < 0)
            return VL_ERR_MEMORY;
    }
    return 0;
}

/* A reference_fn over the reference of the parent's window. */
static const uint8_t *reference_of(void *arg, int32_t contig, int64_t pos0, int64_t n,
                                   int64_t *from, int64_t *len)
{
    const struct window_reference *r = arg;
    *from = window_reference_at(r, contig, pos0, n, len);
    return *from < 0 ? NULL : r->bases.data;
}

static void note_needed(const struct window_records *w, struct vl_buf *needed)
{
    for (size_t i = 0; i < w->masked.n; i++)
        if (w->grade.data[i] == VL_GRADE_FULL)
            window_gaps_note(w->masked.v[i], w->shown.v[i], needed);
    for (size_t i = 0; i < w->whole.n; i++)
        window_gaps_note(NULL, w->whole.v[i], needed);
    for (size_t i = 0; i < w->loose.n; i++)
        window_gaps_note(NULL, w->loose.v[i], needed);
}

/* Lists what the slice needs of the reference. */
static int find_gaps(struct cut_window *w, struct prediction *prediction)
{
    const struct window_records *from = &w->parent.records;
    struct window_reference whole = {0};
    struct vl_buf needed = VL_BUF_INIT;
    if (from->model != VL_MASK_SYNTH)
        return 0;
    note_needed(&w->slice, &needed);
    int rc = prediction_build(prediction, &w->slice.masked, &w->slice.sites);
    if (rc == 0)
        rc = window_reference_build(&whole, &from->masked, &from->sites, &from->gaps);
    if (rc == 0)
        rc = window_gaps_find(&prediction->window, &needed, reference_of, &whole,
                              &w->slice.gaps);
    if (rc == 0)
        rc = prediction_add_gaps(prediction, &w->slice.gaps);
    window_reference_clear(&whole);
    vl_buf_clear(&needed);
    if (rc != VL_ERR_DATA)
        return rc < 0 ? vl_error_memory(&w->parent.error) : 0;
    rc = vl_error_set(&w->parent.error, VL_ERR_SEAL,
                      "gaps of a window overlap its masked records");
    vl_bdiff_reader_blame_window(w->parent.file->bdiff, w->parent.number, rc,
                                 &w->parent.error);
    return rc;
}

static int cut(struct cut_window *w)
{
    struct prediction prediction = {0};
    int rc = grant_start(&w->grant, &w->parent.records);
    if (rc == 0)
        rc = cut_sites(w);
    if (rc == 0)
        rc = cut_whole(w);
    if (rc == 0)
        rc = cut_masked(w);
    if (rc == 0)
        rc = cut_all_loose(w);
    if (rc < 0)
        return vl_error_memory(&w->parent.error);
    if (w->is_empty)
        return 0;
    if (w->entry.n_records == 0) {
        /* Without masked records, the window's place is that of the parent's whole
         * records, which may lie outside the ranges. */
        w->entry.first = w->entry.last =
            (struct vl_locus){.contig = w->entry.low_contig, .pos0 = w->entry.low_pos0};
    }
    w->slice.masked = w->parent.records.masked;
    w->slice.shown = w->parent.records.shown;
    w->slice.quality_place = w->parent.records.quality_place;
    w->slice.quality_tail = w->parent.records.quality_tail;
    rc = find_gaps(w, &prediction);
    if (rc == 0)
        rc = residual_encode(&w->slice, NULL, &prediction, &w->plain, &w->parent.error);
    prediction_clear(&prediction);
    w->slice.masked = w->slice.shown = (struct record_array){0};
    w->slice.quality_place = w->slice.quality_tail = VL_BUF_INIT;
    return rc;
}

void *cut_window_again(void *arg)
{
    struct cut_window *w = arg;
    window_records_reset(&w->slice);
    vl_buf_reset(&w->plain);
    memset(&w->counts, 0, sizeof w->counts);
    w->entry = vl_bdiff_reader_index(w->parent.file->bdiff)->v[w->parent.number];
    w->is_empty = true;
    w->parent.rc = cut(w);
    return w;
}

void *cut_window_run(void *arg)
{
    struct cut_window *w = arg;
    return restore_window_open(&w->parent) == 0 ? cut_window_again(w) : w;
}

void *cut_window_survey(void *arg)
{
    struct cut_window *w = arg;
    w->entry = vl_bdiff_reader_index(w->parent.file->bdiff)->v[w->parent.number];
    vl_buf_reset(&w->straddling.v);
    if (restore_window_open(&w->parent) < 0)
        return w;
    if (grant_start(&w->grant, &w->parent.records) < 0)
        w->parent.rc = vl_error_memory(&w->parent.error);
    grant_put_straddling(&w->grant, &w->straddling);
    if (w->straddling.v.failed)
        w->parent.rc = vl_error_memory(&w->parent.error);
    return w;
}

void cut_window_clear(struct cut_window *w)
{
    restore_window_clear(&w->parent);
    grant_clear(&w->grant);
    window_records_clear(&w->slice);
    template_ends_clear(&w->straddling);
    bam_destroy1(w->spare);
    vl_buf_clear(&w->plain);
}
