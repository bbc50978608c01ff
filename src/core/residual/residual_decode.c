#include <string.h>

#include "projection/record_check.h"
#include "record/locus.h"
#include "record/record.h"
#include "residual/prediction.h"
#include "residual/residual.h"
#include "residual/residual_join.h"
#include "varlock/wire.h"
#include "window/record_array.h"
#include "window/window_records.h"

/* ---- windows ---- */

struct checked {
    struct vl_checksum *sum;
    struct vl_buf scratch;
    bam1_t *spare; /* restored into; its memory moves to a wanted record */
};

static int get_whole(struct residual_join *d, struct window_records *w, uint32_t place,
                     struct checked *checked, struct vl_error *err)
{
    uint8_t grade;
    uint32_t ordinal = 0;
    bam1_t *b = window_records_add_whole(w, place, 0);
    int rc = b ? residual_join_next(d, RESIDUAL_WHOLE, NULL, b, b, &grade, &ordinal, err)
               : vl_error_memory(err);
    if (rc < 0)
        return rc;
    w->whole_place[w->whole.n - 1].ordinal = ordinal;
    return record_check_add(b, d->read_groups, checked->sum, &checked->scratch) < 0
               ? vl_error_memory(err)
               : 0;
}

static int get_loose(struct residual_join *d, struct window_records *w,
                     struct checked *checked, struct vl_error *err)
{
    int rc = 0;
    for (size_t i = residual_join_n_loose(d); rc == 0 && i > 0; i--) {
        uint8_t grade;
        uint32_t ordinal = 0;
        bam1_t *b = record_array_add(&w->loose);
        rc = b ? residual_join_next(d, RESIDUAL_LOOSE, NULL, b, b, &grade, &ordinal, err)
               : vl_error_memory(err);
        if (rc == 0 &&
            record_check_add(b, d->read_groups, checked->sum, &checked->scratch) < 0)
            rc = vl_error_memory(err);
    }
    return rc;
}

/* Notes where the qualities of masked record i are.  What a slice is told of them must be
 * known before it is cut. */
static void note_quality_place(const struct residual_join *d, struct window_records *w,
                               size_t i)
{
    uint32_t place = (uint32_t)d->quality_place;
    if (d->knows_places)
        ((uint32_t *)(void *)w->quality_place.data)[i] = place;
    else if (d->streams.has_places)
        vl_buf_add(&w->quality_place, &place, sizeof place);
    vl_buf_add(&w->quality_tail, d->quality_tail, d->n_quality_tail);
}

static int get_masked(struct residual_join *d, struct window_records *w, size_t i,
                      struct checked *checked, struct vl_error *err)
{
    uint8_t grade = VL_GRADE_NONE;
    uint32_t ordinal = 0;
    const bam1_t *masked = w->masked.v[i];
    bam1_t *lasting = record_array_add(&w->shown), *b = checked->spare;
    int rc = lasting ? residual_join_next(d, RESIDUAL_MASKED, masked, b, lasting, &grade,
                                          &ordinal, err)
                     : vl_error_memory(err);
    if (rc == 0 && grade != VL_GRADE_NONE &&
        record_check_add(b, d->read_groups, checked->sum, &checked->scratch) < 0)
        rc = vl_error_memory(err);
    if (rc == 0 && grade != VL_GRADE_NONE) {
        bool wanted =
            !w->wanted || ranges_take(w->wanted, b) || ranges_take(w->wanted, masked);
        if (wanted || d->is_noted)
            record_swap(lasting, b);
        grade = wanted ? grade : VL_GRADE_NONE;
    }
    vl_buf_add_byte(&w->grade, grade);
    if (rc == 0)
        note_quality_place(d, w, i);
    if (w->has_order)
        vl_buf_add(&w->ordinal, &ordinal, sizeof ordinal);
    return rc;
}

static int get_all(struct residual_join *d, struct window_records *w,
                   struct checked *checked, struct vl_error *err)
{
    uint32_t place = 0;
    int more = residual_join_place(d, &place, err), rc = more < 0 ? more : 0;
    for (size_t i = 0; rc == 0 && i <= w->masked.n; i++) {
        while (rc == 0 && more > 0 && place == i) {
            rc = get_whole(d, w, place, checked, err);
            if (rc == 0)
                rc = more = residual_join_place(d, &place, err);
            rc = rc < 0 ? rc : 0;
        }
        if (rc == 0 && i < w->masked.n)
            rc = get_masked(d, w, i, checked, err);
    }
    if (rc == 0 && (w->grade.failed || w->ordinal.failed || w->quality_place.failed ||
                    w->quality_tail.failed))
        rc = vl_error_memory(err);
    if (rc == 0)
        rc = get_loose(d, w, checked, err);
    return rc == 0 ? residual_join_end(d, err) : rc;
}

int residual_decode(struct window_records *w, const uint8_t *plain, size_t n,
                    const struct vl_names *read_groups, struct vl_error *err)
{
    struct vl_bdiff_window window = {0};
    struct residual_join join = {0};
    struct prediction prediction = {0};
    struct checked checked = {.sum = vl_checksum_new(), .spare = bam_init1()};
    uint8_t check[VL_CHECK_BYTES];
    int rc = checked.sum && checked.spare ? vl_bdiff_window_decode(&window, plain, n, err)
                                          : vl_error_memory(err);
    if (rc == 0)
        rc = residual_join_open(&join, w, &w->sites, &w->gaps, &window, read_groups,
                                &prediction, err);
    if (rc == 0)
        rc = get_all(&join, w, &checked, err);
    if (rc == 0) {
        vl_checksum_finish(checked.sum, check);
        if (memcmp(check, window.check, sizeof check) != 0)
            rc = vl_error_set(err, VL_ERR_SEAL,
                              "a window restores other records than were masked");
    }
    residual_join_clear(&join);
    prediction_clear(&prediction);
    if (checked.sum)
        vl_checksum_free(checked.sum);
    bam_destroy1(checked.spare);
    vl_buf_clear(&checked.scratch);
    vl_bdiff_window_clear(&window);
    return rc;
}
