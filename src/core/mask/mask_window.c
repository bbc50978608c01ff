#include "mask/mask_window.h"

#include <stdlib.h>
#include <string.h>

#include "mask/permute_record.h"
#include "projection/quality.h"
#include "residual/residual.h"
#include "residual/window_gaps.h"
#include "varlock/seal.h"
#include "window/masked_digest.h"
#include "window/record_array.h"
#include "window/sites.h"

static int open_dealer(struct mask_window *w, const struct synth_context *synth,
                       struct vl_error *err)
{
    uint8_t key[VL_MASK_KEY_BYTES];
    int rc = vl_geometry_key(synth->mask_key, key, err);
    if (rc == 0)
        rc = quality_dealer_open(&w->dealer, synth->contigs, key, err);
    vl_wipe(key, sizeof key);
    return rc;
}

int mask_window_open(struct mask_window *w, const struct mask_context *context,
                     struct vl_error *err)
{
    memset(w, 0, sizeof *w);
    w->context = context;
    w->records.model = context->synth ? VL_MASK_SYNTH : VL_MASK_PERMUTE;
    w->records.has_order = true;
    w->records.geometry = context->geometry;
    w->masked = bam_init1();
    int rc = w->masked ? 0 : vl_error_memory(err);
    if (rc == 0 && context->synth)
        rc = synth_open(&w->synth, context->synth, err);
    if (rc == 0 && context->synth && quality_mode_deals(context->synth->quality))
        rc = open_dealer(w, context->synth, err);
    if (rc < 0)
        mask_window_clear(w);
    return rc;
}

static int permute_all(struct mask_window *w)
{
    struct window_records *r = &w->records;
    site_list_sort(&r->sites);
    for (size_t i = 0; i < r->shown.n; i++) {
        bool withheld = false;
        if (mask_record(r->shown.v[i], &r->sites, &w->context->policy, &w->scratch,
                        w->masked, &withheld) < 0 ||
            !record_array_copy(&r->masked, w->masked))
            return vl_error_memory(&w->error);
        w->n_withheld += withheld;
    }
    site_list_drop_unused(&r->sites);
    return 0;
}

/* Notes the string of the next masked record before it is dealt to another one. */
static bool note_string(struct mask_window *w, const bam1_t *masked)
{
    vl_buf_add(&w->strings, bam_get_qual(masked), (size_t)masked->core.l_qseq);
    vl_buf_add(&w->string_ends, &w->strings.len, sizeof w->strings.len);
    return !w->strings.failed && !w->string_ends.failed;
}

/* Of record i. */
static const uint8_t *string_of(const struct mask_window *w, size_t i, size_t *n)
{
    const size_t *ends = (const void *)w->string_ends.data;
    size_t from = i > 0 ? ends[i - 1] : 0;
    *n = ends[i] - from;
    return w->strings.data + from;
}

/* Shows the string of another record, or 30 throughout. */
static void show_dealt(struct mask_window *w, size_t i, uint32_t source)
{
    bam1_t *masked = w->records.masked.v[i];
    size_t n_out = (size_t)masked->core.l_qseq, n;
    if (source == QUALITY_FROM_NONE) {
        memset(bam_get_qual(masked), QUALITY_FLAT_VALUE, n_out);
        return;
    }
    const uint8_t *qual = string_of(w, source, &n);
    if (n > 0)
        quality_fit(qual, n, bam_is_rev(masked), bam_get_qual(masked), n_out);
}

/* Notes what is cut off the record's string where it is shown. */
static void note_tail(struct mask_window *w, size_t i, uint32_t place)
{
    struct window_records *r = &w->records;
    size_t n_out = (size_t)r->masked.v[place]->core.l_qseq, n;
    const uint8_t *qual = string_of(w, i, &n);
    if (n > n_out)
        vl_buf_add(&r->quality_tail,
                   quality_tail(qual, n_out, bam_is_rev(r->masked.v[i])), n - n_out);
}

static int deal_qualities(struct mask_window *w)
{
    struct window_records *r = &w->records;
    size_t n = r->masked.n;
    int rc = quality_dealer_deal(w->dealer, &r->masked, &w->entry.first, &w->error);
    if (rc < 0)
        return rc;
    const uint32_t *sources = quality_dealer_sources(w->dealer);
    const uint32_t *places = quality_dealer_places(w->dealer);
    vl_buf_add(&r->quality_place, places, n * sizeof *places);
    for (size_t i = 0; i < n; i++) {
        if (sources[i] != i)
            show_dealt(w, i, sources[i]);
        note_tail(w, i, places[i]);
    }
    return r->quality_place.failed || r->quality_tail.failed ? vl_error_memory(&w->error)
                                                             : 0;
}

static int synth_all(struct mask_window *w)
{
    struct window_records *r = &w->records;
    size_t at = 0;
    int rc = 0;
    vl_buf_reset(&w->strings);
    vl_buf_reset(&w->string_ends);
    vl_buf_reset(&w->needed);
    for (size_t i = 0; rc == 0 && i < r->shown.n; i++) {
        const bam1_t *b = r->shown.v[i];
        while (at + 1 < w->n_personas && w->personas[at]->contig != b->core.tid)
            at++;
        const struct persona_contig *persona = w->n_personas > 0 ? w->personas[at] : NULL;
        rc = synth_record(&w->synth, b, &w->plans[i], persona, &r->sites, w->masked,
                          &w->error);
        if (rc == 0 && (!record_array_copy(&r->masked, w->masked) ||
                        (w->dealer && !note_string(w, w->masked))))
            rc = vl_error_memory(&w->error);
        if (rc == 0)
            window_gaps_note(w->masked, b, &w->needed);
    }
    w->n_without_oq = w->synth.n_without_oq;
    w->synth.n_without_oq = 0;
    if (rc == 0 && w->dealer)
        rc = deal_qualities(w);
    site_list_sort(&r->sites);
    site_list_drop_repeated(&r->sites);
    return rc;
}

/* A reference_fn over a struct mask_window. */
static const uint8_t *reference_of(void *arg, int32_t contig, int64_t pos0, int64_t n,
                                   int64_t *from, int64_t *len)
{
    const struct mask_window *w = arg;
    size_t i = 0;
    while (i < w->n_personas && w->personas[i]->contig != contig)
        i++;
    int64_t left = i < w->n_personas ? w->personas[i]->length - pos0 : 0;
    *from = pos0;
    *len = left > 0 && left < n ? left : n;
    return left > 0 && pos0 >= 0 ? w->personas[i]->seq : NULL;
}

static int find_gaps(struct mask_window *w)
{
    struct window_records *r = &w->records;
    for (size_t i = 0; i < r->whole.n; i++)
        window_gaps_note(NULL, r->whole.v[i], &w->needed);
    int rc = prediction_build(&w->prediction, &r->masked, &r->sites);
    if (rc == 0)
        rc = window_gaps_find(&w->prediction.window, &w->needed, reference_of, w,
                              &r->gaps);
    return rc < 0 ? rc : prediction_add_gaps(&w->prediction, &r->gaps);
}

static int mask_all(struct mask_window *w)
{
    struct vl_buf *grade = &w->records.grade;
    size_t n = w->records.shown.n;
    if (!vl_buf_reserve(grade, n))
        return vl_error_memory(&w->error);
    memset(grade->data, VL_GRADE_FULL, n);
    grade->len = n;
    return w->context->synth ? synth_all(w) : permute_all(w);
}

void *mask_window_run(void *arg)
{
    struct mask_window *w = arg;
    const struct mask_context *context = w->context;
    int rc = mask_all(w);
    w->entry.n_records = (uint32_t)w->records.masked.n;
    if (rc == 0 && window_masked_digest(&w->records.masked, context->contigs_sha256,
                                        w->entry.masked_sha256) < 0)
        rc = vl_error_memory(&w->error);
    vl_buf_reset(&w->plain);
    if (rc == 0 && context->synth && find_gaps(w) < 0)
        rc = vl_error_memory(&w->error);
    if (rc == 0)
        rc = residual_encode(&w->records, context->policy.read_groups, &w->prediction,
                             &w->plain, &w->error);
    if (rc == 0) {
        memcpy(w->check, w->plain.data,
               sizeof w->check); /* the checksum comes first (bdiff.md §5.1) */
        rc = vl_bdiff_writer_seal(context->writer, w->ordinal, &w->plain, &w->entry,
                                  &w->sealed, &w->error);
    }
    w->rc = rc;
    return w;
}

void mask_window_swap(struct mask_window *a, struct mask_window *b)
{
    struct mask_window t = *a;
    *a = *b;
    *b = t;
}

void mask_window_reset(struct mask_window *w)
{
    window_records_reset(&w->records);
    for (size_t i = 0; i < w->n_plans; i++)
        mask_plan_clear(&w->plans[i]);
    w->n_plans = 0;
    w->n_personas = 0;
    w->n_persona_bases = 0;
    memset(&w->entry, 0, sizeof w->entry);
    w->bytes = w->whole_bytes = 0;
    w->n_withheld = 0;
    w->n_without_oq = 0;
    w->rc = 0;
}

void mask_window_clear(struct mask_window *w)
{
    mask_window_reset(w);
    window_records_clear(&w->records);
    free(w->plans);
    free(w->personas);
    bam_destroy1(w->masked);
    mask_scratch_clear(&w->scratch);
    synth_close(&w->synth);
    quality_dealer_free(w->dealer);
    vl_buf_clear(&w->strings);
    vl_buf_clear(&w->string_ends);
    vl_buf_clear(&w->needed);
    prediction_clear(&w->prediction);
    vl_buf_clear(&w->plain);
    vl_buf_clear(&w->sealed);
    memset(w, 0, sizeof *w);
}
