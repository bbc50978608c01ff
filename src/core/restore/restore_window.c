#include "restore/restore_window.h"

#include <stdio.h>
#include <string.h>

#include "container/bdiff_file.h"
#include "record/locus.h"
#include "residual/residual.h"
#include "restore/shown_order.h"
#include "varlock/seal.h"

/* Checks that the contigs of a restored record exist, because whoever sealed a BDIFF
 * chose its content. */
static int check_contigs(struct restore_window *w, const bam1_t *b)
{
    const bam1_core_t *c = &b->core;
    if ((c->tid < 0 || (size_t)c->tid < w->file->n_contigs) &&
        (c->mtid < 0 || (size_t)c->mtid < w->file->n_contigs))
        return 0;
    return vl_error_set(&w->error, VL_ERR_SEAL,
                        "a restored record or its mate is on no contig of the file");
}

static int check_restored(struct restore_window *w)
{
    const struct window_records *r = &w->records;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < r->whole.n; i++)
        rc = check_contigs(w, r->whole.v[i]);
    for (size_t i = 0; rc == 0 && i < r->masked.n; i++)
        if (r->grade.data[i] != VL_GRADE_NONE)
            rc = check_contigs(w, r->shown.v[i]);
    for (size_t i = 0; rc == 0 && i < r->loose.n; i++)
        rc = check_contigs(w, r->loose.v[i]);
    return rc;
}

static bool is_in_place(const struct restore_choice *choice, const bam1_t *b)
{
    return (!choice->overlaps || ranges_take(choice->overlaps, b)) &&
           (!choice->after || !ranges_take(choice->after, b));
}

bool restore_choice_shows_masked(const struct restore_choice *choice, const bam1_t *b)
{
    return (!choice->wanted || choice->whole) &&
           !(choice->apart && choice->wanted && ranges_take(choice->wanted, b)) &&
           is_in_place(choice, b);
}

static void show(struct restore_window *w, bam1_t *b, bam1_t *masked, int grade,
                 uint32_t ordinal)
{
    const struct restore_choice *choice = w->choice;
    struct shown_record shown = {b, grade, ordinal};
    if (choice->wanted && !ranges_take(choice->wanted, b)) {
        if (!masked)
            return;
        shown = (struct shown_record){masked, VL_GRADE_NONE, 0};
    }
    if (shown.grade == VL_GRADE_NONE ? restore_choice_shows_masked(choice, shown.b)
                                     : is_in_place(choice, shown.b))
        vl_buf_add(&w->shown, &shown, sizeof shown);
}

/* Loose reads have no name of their own, because that would lead to the masked record. */
static int show_loose(struct restore_window *w)
{
    char name[64];
    for (size_t i = 0; i < w->records.loose.n; i++) {
        bam1_t *b = w->records.loose.v[i];
        snprintf(name, sizeof name, "loose.%zu.%zu", w->number + 1, i + 1);
        if (bam_set_qname(b, name) < 0)
            return VL_ERR_MEMORY;
        show(w, b, NULL, VL_GRADE_LOOSE, 0);
    }
    return 0;
}

static int choose(struct restore_window *w)
{
    struct window_records *r = &w->records;
    const uint32_t *ordinal = (const void *)r->ordinal.data;
    size_t whole = 0;
    vl_buf_reset(&w->shown);
    for (size_t i = 0; i <= r->masked.n; i++) {
        for (; whole < r->whole.n && r->whole_place[whole].place <= i; whole++)
            show(w, r->whole.v[whole], NULL, VL_GRADE_FULL,
                 r->whole_place[whole].ordinal);
        if (i == r->masked.n)
            break;
        int grade = r->grade.data[i];
        show(w, grade == VL_GRADE_NONE ? r->masked.v[i] : r->shown.v[i], r->masked.v[i],
             grade, r->has_order ? ordinal[i] : 0);
    }
    if (show_loose(w) < 0)
        return vl_error_memory(&w->error);
    struct shown_record *v = (void *)w->shown.data;
    return w->shown.failed || shown_records_sort(v, w->shown.len / sizeof *v) < 0
               ? vl_error_memory(&w->error)
               : 0;
}

int restore_window_know_dealing(struct restore_window *w, struct vl_error *err)
{
    const struct shown_geometry *g = &w->file->geometry;
    return g->deals_quality ? quality_dealer_open(&w->dealer, g->contigs, g->key, err)
                            : 0;
}

static int find_places(struct restore_window *w)
{
    const struct vl_bdiff_entry *entry =
        &vl_bdiff_reader_index(w->file->bdiff)->v[w->number];
    struct vl_buf *places = &w->records.quality_place;
    int rc = quality_dealer_deal(w->dealer, &w->records.masked, &entry->first, &w->error);
    if (rc == 0)
        vl_buf_add(places, quality_dealer_places(w->dealer),
                   w->records.masked.n * sizeof(uint32_t));
    return places->failed ? vl_error_memory(&w->error) : rc;
}

int restore_window_open(struct restore_window *w)
{
    vl_buf_reset(&w->plain);
    const struct vl_bdiff_reader *bdiff = w->file->bdiff;
    w->rc = masked_check_window(w->file, w->number, &w->records.masked, &w->error);
    if (w->rc == 0)
        w->rc = vl_bdiff_reader_window(bdiff, w->number, &w->plain, &w->error);
    if (w->rc < 0)
        return w->rc;
    w->records.n_contigs = w->file->n_contigs;
    w->records.geometry = shown_geometry_used(&w->file->geometry);
    if (w->dealer)
        w->rc = find_places(w);
    if (w->rc < 0)
        return w->rc;
    w->rc = residual_decode(&w->records, w->plain.data, w->plain.len, w->read_groups,
                            &w->error);
    if (w->rc == 0)
        w->rc = check_restored(w);
    if (w->rc < 0)
        vl_bdiff_reader_blame_window(bdiff, w->number, w->rc, &w->error);
    if (w->rc == 0 && w->choice)
        w->rc = choose(w);
    return w->rc;
}

void *restore_window_run(void *window)
{
    restore_window_open(window);
    return window;
}

void restore_window_reset(struct restore_window *w)
{
    window_records_reset(&w->records);
    w->rc = 0;
}

void restore_window_clear(struct restore_window *w)
{
    window_records_clear(&w->records);
    quality_dealer_free(w->dealer);
    vl_buf_clear(&w->shown);
    vl_buf_wipe(&w->plain);
}
