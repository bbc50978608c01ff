#include <stdlib.h>
#include <string.h>

#include "alignment/alignment_input.h"
#include "alignment/alignment_output.h"
#include "alignment/header.h"
#include "container/bdiff_file.h"
#include "decryption.h"
#include "operation_options.h"
#include "projection/pseudonym.h"
#include "record/locus.h"
#include "record/record.h"
#include "record/tags.h"
#include "restore/masked_file.h"
#include "restore/restore_window.h"
#include "restore/shown_order.h"
#include "run/bdiff_keys.h"
#include "run/job_queue.h"
#include "run/operation_keys.h"
#include "run/report.h"
#include "run/request.h"
#include "varlock/varlock.h"

/* Records outside windows between two progress reports.  Each window gives its own
 * report. */
enum { PROGRESS_RECORDS = 16384 };

/* Restored reads are as secret as the BDIFF, so only the owner may read them.  As with
 * samtools, an existing output is replaced, because it can be made again. */
enum { OUTPUT_MODE = 0600, OUTPUT_RULES = VL_OUTFILE_REPLACES | VL_OUTFILE_KEEPS_MODE };

struct decryption {
    const struct vl_decrypt_options *options;
    struct vl_decrypt_counts counts;
    htsThreadPool pool;
    struct vl_key *verifier;
    struct vl_bdiff_reader *bdiff;
    bool is_lent;    /* the BDIFF is the caller's */
    bool is_partial; /* the masked file has what the windows need, and maybe more */
    struct c4gh_keys c4gh_keys;
    struct masked_file masked;
    struct vl_ranges wanted;
    bool everything; /* the owner's file without a request: no record is left out */
    struct vl_names read_groups; /* original IDs; only with the owner's file */
    sam_hdr_t *header;
    struct alignment_output *out;
    struct job_queue queue;
    struct restore_window *windows; /* one per slot of the queue */
    uint64_t n_read, n_outside;     /* masked records in and outside windows so far */
    struct restore_choice choice;
    struct shown_queue order;
    size_t n_windows_written; /* windows before this one are done */
    struct vl_locus *lows;    /* [i]: lowest place that the windows from i on show */
    bam1_t *scratch;
    struct vl_error *err; /* error of the operation, for callbacks */
};

/* ---- preparation ---- */

static int check_outputs(const struct vl_decrypt_options *o, struct vl_error *err)
{
    const char *inputs[] = {o->masked, o->bdiff, o->verify, o->output.reference};
    int rc = request_check_inputs(&o->request, o->masked, NULL, 0, err);
    if (rc == 0)
        rc = alignment_output_check_paths(&o->output, NULL, inputs,
                                          sizeof inputs / sizeof *inputs,
                                          &o->request.beds, err);
    if (rc == 0)
        rc = alignment_output_check_paths(&o->output, NULL, NULL, 0, &o->keys, err);
    if (rc == 0)
        rc = alignment_output_check_paths(&o->output, NULL, NULL, 0, &o->c4gh_keys, err);
    return rc < 0 ? rc
                  : alignment_output_check_targets(&o->output, OUTPUT_RULES, NULL, err);
}

static int open_bdiff(struct decryption *d, struct vl_error *err)
{
    const struct vl_decrypt_options *o = d->options;
    int rc = o->verify && !d->is_lent
                 ? operation_key_read_verifier(o->verify, &d->verifier, err)
                 : 0;
    if (rc == 0 && !d->is_lent)
        rc = bdiff_open_with_keys(&d->bdiff, o->bdiff, &o->keys, &o->hooks, d->verifier,
                                  o->verify, err);
    if (rc < 0)
        return rc;
    const struct vl_bdiff_header *header = vl_bdiff_reader_header(d->bdiff);
    d->everything = header->is_root && request_is_empty(&o->request);
    return request_resolve(&o->request, header, o->bdiff, &d->wanted, err);
}

/* Opens the masked file.  It is read by index if regions were requested or if a slice
 * grants only some.  It is read from the start if all records are needed, or if a slice
 * has no index and no region was requested. */
static int open_masked(struct decryption *d, struct vl_error *err)
{
    const struct vl_decrypt_options *o = d->options;
    int rc = operation_keys_read_c4gh(&d->c4gh_keys, &o->c4gh_keys, &o->hooks, err);
    if (rc == 0)
        rc = masked_open(&d->masked, o->masked, o->output.reference, &d->c4gh_keys,
                         &d->pool, d->bdiff, err);
    if (rc < 0)
        return rc;
    d->masked.leaps = d->is_partial;
    bool seeks =
        !d->everything && !d->is_partial && !o->whole &&
        (!request_is_empty(&o->request) || alignment_input_try_index(&d->masked.in));
    return masked_select(&d->masked, seeks || d->is_partial ? &d->wanted : NULL, seeks,
                         err);
}

static int open_output(struct decryption *d, struct vl_error *err)
{
    const struct vl_bdiff_header *header = vl_bdiff_reader_header(d->bdiff);
    const struct vl_buf *text =
        header->is_root ? &header->original_text : &d->masked.in.text;
    if (header->is_root) {
        int rc = header_read_groups(text, &d->read_groups, err);
        if (rc < 0)
            return rc;
    }
    d->header = header_from_raw(text->data, text->len, &d->masked.in.contigs);
    if (!d->header)
        return vl_error_memory(err);
    return alignment_output_open(&d->out, &d->options->output, OUTPUT_MODE, OUTPUT_RULES,
                                 d->header, NULL, &d->pool, err);
}

static int find_lows(struct decryption *d, struct vl_error *err)
{
    const struct vl_bdiff_index *index = vl_bdiff_reader_index(d->bdiff);
    d->lows = malloc((index->n + 1) * sizeof *d->lows);
    if (!d->lows)
        return vl_error_memory(err);
    d->lows[index->n] = (struct vl_locus){.contig = UINT32_MAX};
    for (size_t i = index->n; i-- > 0;) {
        const struct vl_bdiff_entry *e = &index->v[i];
        struct vl_locus low = {.contig = e->low_contig, .pos0 = e->low_pos0};
        d->lows[i] = locus_compare(&low, &d->lows[i + 1]) < 0 ? low : d->lows[i + 1];
    }
    return 0;
}

static int write_shown(void *arg, const bam1_t *b, int grade);

static int open_windows(struct decryption *d, struct vl_error *err)
{
    const struct vl_bdiff_header *header = vl_bdiff_reader_header(d->bdiff);
    int rc = job_queue_open(&d->queue, &d->pool, d->options->n_threads, err);
    if (rc == 0)
        rc = find_lows(d, err);
    if (rc < 0)
        return rc;
    d->windows = calloc(d->queue.n_slots, sizeof *d->windows);
    d->scratch = bam_init1();
    if (!d->windows || !d->scratch)
        return vl_error_memory(err);
    d->choice = (struct restore_choice){.wanted = d->everything ? NULL : &d->wanted,
                                        .whole = d->options->whole};
    d->order = (struct shown_queue){.n_contigs = d->masked.n_contigs,
                                    .has_order = header->is_root,
                                    .write = write_shown,
                                    .write_arg = d};
    for (size_t i = 0; i < d->queue.n_slots; i++) {
        d->windows[i].file = &d->masked;
        d->windows[i].records.model = header->mask_model;
        d->windows[i].records.has_order = d->order.has_order;
        d->windows[i].records.wanted = d->choice.wanted;
        d->windows[i].read_groups = header->is_root ? &d->read_groups : NULL;
        d->windows[i].choice = &d->choice;
        rc = restore_window_know_dealing(&d->windows[i], err);
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* ---- records ---- */

static int write_record(struct decryption *d, const bam1_t *b)
{
    d->counts.n_records++;
    return alignment_output_write(d->out, b, d->err);
}

/* Writes a record that stays masked.  Under the original header its read group gets its
 * original ID back. */
static int write_masked(struct decryption *d, const bam1_t *masked)
{
    struct tag rg;
    int number = -1;
    d->counts.n_masked++;
    if (d->read_groups.n > 0 && tag_find(masked, "RG", &rg) && rg.type == 'Z')
        number = read_group_of_pseudonym(rg.value, d->read_groups.n);
    if (number < 0)
        return write_record(d, masked);
    const char *id = d->read_groups.v[number];
    if (!bam_copy1(d->scratch, masked) ||
        bam_aux_update_str(d->scratch, "RG", (int)strlen(id) + 1, id) < 0)
        return vl_error_memory(d->err);
    return write_record(d, d->scratch);
}

static int write_shown(void *arg, const bam1_t *b, int grade)
{
    struct decryption *d = arg;
    if (grade == VL_GRADE_NONE)
        return write_masked(d, b);
    if (grade == VL_GRADE_LOOSE)
        d->counts.n_loose++;
    else
        d->counts.n_restored++;
    return write_record(d, b);
}

/* ---- windows ---- */

static int put_in_order(struct decryption *d, struct shown_record *run, size_t n,
                        struct vl_locus limit)
{
    int rc = shown_queue_add(&d->order, run, n, &limit);
    return rc == VL_ERR_MEMORY ? vl_error_memory(d->err) : rc;
}

static struct vl_locus lower(struct vl_locus a, struct vl_locus b)
{
    return locus_compare(&a, &b) < 0 ? a : b;
}

static int tell_progress(const struct decryption *d, struct vl_error *err)
{
    return hooks_progress(&d->options->hooks, d->n_read + d->n_outside,
                          d->masked.seeks ? -1 : alignment_input_share(&d->masked.in),
                          err);
}

static int write_outside(void *arg, const bam1_t *b)
{
    struct decryption *d = arg;
    if (++d->n_outside % PROGRESS_RECORDS == 0) {
        int rc = tell_progress(d, d->err);
        if (rc < 0)
            return rc;
    }
    if (!d->options->whole)
        return 0;
    if (!bam_copy1(d->scratch, b))
        return vl_error_memory(d->err);
    struct shown_record one = {d->scratch, VL_GRADE_NONE, 0};
    /* This is the number of the next window, because all windows before it are
     * written. */
    size_t next = d->n_windows_written;
    return put_in_order(d, &one, 1,
                        lower(d->lows[next], locus_of(b, d->masked.n_contigs)));
}

static int write_window(struct decryption *d, struct vl_error *err)
{
    struct restore_window *w = job_queue_take(&d->queue);
    if (!w)
        return vl_error_memory(err);
    if (w->rc < 0) {
        *err = w->error;
        return w->rc;
    }
    d->counts.n_windows++;
    d->n_windows_written = w->number + 1;
    struct vl_locus limit = d->lows[w->number + 1];
    if (d->options->whole)
        limit = lower(limit, vl_bdiff_reader_index(d->bdiff)->v[w->number].last);
    return put_in_order(d, (void *)w->shown.data,
                        w->shown.len / sizeof(struct shown_record), limit);
}

static int restore_windows(struct decryption *d, struct vl_error *err)
{
    for (;;) {
        struct restore_window *w = &d->windows[job_queue_slot(&d->queue)];
        restore_window_reset(w);
        int rc = masked_next_window(&d->masked, &w->number, &w->records.masked, err);
        if (rc <= 0)
            return rc;
        d->n_read += w->records.masked.n;
        rc = job_queue_put(&d->queue, restore_window_run, w, err);
        /* Records outside windows are written as soon as they are read, so all windows
         * before them must be written first. */
        bool in_step = !d->masked.seeks && !d->everything;
        while (rc == 0 && (job_queue_is_full(&d->queue) || (in_step && d->queue.n > 0)))
            rc = write_window(d, err);
        if (rc == 0)
            rc = tell_progress(d, err);
        if (rc < 0)
            return rc;
    }
}

/* ---- the run ---- */

static int run(struct decryption *d, struct vl_error *err)
{
    int rc = check_outputs(d->options, err);
    if (rc == 0)
        rc = pool_start(&d->pool, d->options->n_threads, err);
    if (rc == 0)
        rc = open_bdiff(d, err);
    if (rc == 0)
        rc = open_masked(d, err);
    if (rc == 0)
        rc = open_output(d, err);
    if (rc == 0)
        rc = open_windows(d, err);
    d->masked.outside = write_outside;
    d->masked.outside_arg = d;
    if (rc == 0)
        rc = restore_windows(d, err);
    while (rc == 0 && d->queue.n > 0)
        rc = write_window(d, err);
    if (rc == 0) {
        rc = shown_queue_end(&d->order);
        rc = rc == VL_ERR_MEMORY ? vl_error_memory(err) : rc;
    }
    return rc < 0 ? rc : alignment_output_commit(d->out, NULL, 0, err);
}

static void clear(struct decryption *d)
{
    job_queue_close(&d->queue);
    for (size_t i = 0; d->windows && i < d->queue.n_slots; i++)
        restore_window_clear(&d->windows[i]);
    free(d->windows);
    free(d->lows);
    shown_queue_clear(&d->order);
    if (d->scratch)
        bam_destroy1(d->scratch);
    alignment_output_free(d->out);
    masked_close(&d->masked);
    c4gh_keys_clear(&d->c4gh_keys);
    sam_hdr_destroy(d->header);
    if (!d->is_lent)
        vl_bdiff_reader_free(d->bdiff);
    vl_key_free(d->verifier);
    vl_ranges_clear(&d->wanted);
    vl_names_clear(&d->read_groups);
    pool_stop(&d->pool);
}

static void warn_of_dropped(const struct decryption *d)
{
    const struct vl_buf *dropped = &vl_bdiff_reader_header(d->bdiff)->dropped_tags;
    if (dropped->len > 0)
        hooks_warn(&d->options->hooks,
                   "the tags %.*s were dropped when the file was masked: they are gone",
                   (int)dropped->len, (const char *)dropped->data);
}

static int decrypt(const struct vl_decrypt_options *options,
                   struct vl_bdiff_reader *bdiff, struct vl_decrypt_counts *counts,
                   struct vl_error *err)
{
    struct vl_error unasked;
    struct decryption d = {.options = options,
                           .bdiff = bdiff,
                           .is_lent = bdiff != NULL,
                           .is_partial =
                               bdiff && !(vl_bdiff_reader_header(bdiff)->is_root &&
                                          request_is_empty(&options->request)),
                           .err = err ? err : &unasked};
    int rc = run(&d, d.err);
    if (rc == 0)
        warn_of_dropped(&d);
    if (rc == 0 && counts)
        *counts = d.counts;
    clear(&d);
    return rc;
}

int vl_decrypt(const struct vl_decrypt_options *options, struct vl_decrypt_counts *counts,
               struct vl_error *err)
{
    struct vl_decrypt_options own;
    int rc = options_take(&decrypt_layout, options, &own, err);
    return rc < 0 ? rc : decrypt(&own, NULL, counts, err);
}

int decryption_run(const struct vl_decrypt_options *options,
                   struct vl_bdiff_reader *bdiff, struct vl_decrypt_counts *counts,
                   struct vl_error *err)
{
    return decrypt(options, bdiff, counts, err);
}
