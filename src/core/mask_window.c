#include "mask_window.h"

#include <string.h>

static int mask_all(struct mask_window *w)
{
    struct window_records *r = &w->records;
    site_list_sort(&r->sites);
    for (size_t i = 0; i < r->shown.n; i++) {
        bool withheld = false;
        bam1_t *masked = record_array_add(&r->masked);
        if (!masked || mask_record(r->shown.v[i], &r->sites, &w->context->policy,
                                   &w->scratch, masked, &withheld) < 0)
            return vl_error_memory(&w->error);
        vl_buf_add_byte(&r->grade, VL_GRADE_FULL);
        w->n_withheld += withheld;
    }
    site_list_drop_unused(&r->sites);
    return r->grade.failed ? vl_error_memory(&w->error) : 0;
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
    if (rc == 0)
        rc = residual_encode(&w->records, context->policy.read_groups, &w->plain,
                             &w->error);
    if (rc == 0) {
        memcpy(w->check, w->plain.data,
               sizeof w->check); /* bdiff.md §5.1: it comes first */
        rc = vl_bdiff_writer_seal(context->writer, w->ordinal, &w->plain, &w->entry,
                                  &w->sealed, &w->error);
    }
    w->rc = rc;
    return w;
}

void mask_window_reset(struct mask_window *w)
{
    window_records_reset(&w->records);
    memset(&w->entry, 0, sizeof w->entry);
    w->bytes = 0;
    w->n_withheld = 0;
    w->rc = 0;
}

void mask_window_clear(struct mask_window *w)
{
    window_records_clear(&w->records);
    mask_scratch_clear(&w->scratch);
    vl_buf_clear(&w->plain);
    vl_buf_clear(&w->sealed);
}
