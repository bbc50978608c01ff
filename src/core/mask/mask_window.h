/* The masking work of one window.  It is a job that reads only its own records and data
 * that never changes, so it can run in any thread. */
#ifndef VARLOCK_CORE_MASK_WINDOW_H
#define VARLOCK_CORE_MASK_WINDOW_H

#include "container/bdiff_file.h"
#include "mask/persona.h"
#include "mask/synth_order.h"
#include "mask/synth_record.h"
#include "projection/masked_md.h"
#include "projection/masked_tags.h"
#include "projection/quality_deal.h"
#include "residual/prediction.h"
#include "varlock/digest.h"
#include "varlock/error.h"
#include "window/window_records.h"

/* What all windows of a run share. */
struct mask_context {
    const struct vl_bdiff_writer *writer;
    struct tag_policy policy;
    const struct synth_context *synth;     /* NULL: the permute masking */
    const struct shown_geometry *geometry; /* NULL: as of struct window_records */
    uint8_t contigs_sha256[VL_SHA256_BYTES];
};

struct mask_window {
    const struct mask_context *context;
    struct window_records
        records; /* in: shown, whole, sites (in any order, permute only); out: masked */
    struct mask_plan *plans; /* in: one per shown record (synth only); owned */
    size_t n_plans, cap_plans;
    struct persona_contig **personas; /* of the records' contigs, in their order; the
                                         array is owned, the persona owns the contigs */
    size_t n_personas, cap_personas;
    int64_t n_persona_bases;     /* total length of those contigs */
    uint64_t ordinal;            /* number of the window in the BDIFF */
    struct vl_bdiff_entry entry; /* in: places and extents; out: digests and size */
    size_t bytes;                /* block_bytes of the masked records in the window */
    size_t whole_bytes;          /* record_bytes of the whole ones */
    bam1_t *masked;              /* the masked form of the current record */
    struct mask_scratch scratch;
    struct synth synth;
    struct quality_dealer *dealer; /* owned; NULL: qualities are not dealt */
    struct vl_buf strings; /* the own strings of the masked records, if they are dealt */
    struct vl_buf string_ends; /* size_t each */
    struct vl_buf needed; /* struct gap each: what restoring needs of the reference */
    struct prediction prediction;
    struct vl_buf plain, sealed;   /* out */
    uint8_t check[VL_CHECK_BYTES]; /* out: checksum of the original records */
    uint64_t n_withheld;           /* out: records whose MD is not shown */
    uint64_t n_without_oq;         /* out: records without the OQ that they should show */
    int rc;                        /* out: 0, or error */
    struct vl_error error;
};

/* Prepares a window for use and reuse; `context` must outlive it. */
VL_MUST_CHECK
int mask_window_open(struct mask_window *window, const struct mask_context *context,
                     struct vl_error *err);

/* A job_fn over a struct mask_window. */
void *mask_window_run(void *window);

static inline bool mask_window_is_empty(const struct mask_window *window)
{
    return window->records.shown.n + window->records.whole.n == 0;
}

void mask_window_swap(struct mask_window *a, struct mask_window *b);
void mask_window_reset(struct mask_window *window);
void mask_window_clear(struct mask_window *window);

#endif
