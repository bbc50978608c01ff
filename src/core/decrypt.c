#include "alignment/alignment_input.h"
#include "alignment/alignment_output.h"
#include "alignment/header.h"
#include "container/bdiff_file.h"
#include "decryption.h"
#include "operation_options.h"
#include "restore/restored_stream.h"
#include "run/bdiff_keys.h"
#include "run/job_queue.h"
#include "run/operation_keys.h"
#include "run/report.h"
#include "run/request.h"
#include "varlock/varlock.h"

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
    struct restored_stream stream;
    struct vl_ranges wanted;
    bool everything; /* the owner's file without a request: no record is left out */
    sam_hdr_t *header;
    struct alignment_output *out;
    struct vl_error *err; /* error of the operation, for callbacks */
};

/* ---- records ---- */

static int write_record(void *arg, const bam1_t *b, int grade)
{
    struct decryption *d = arg;
    d->counts.n_records++;
    d->counts.n_masked += grade == VL_GRADE_NONE;
    d->counts.n_loose += grade == VL_GRADE_LOOSE;
    d->counts.n_restored += grade == VL_GRADE_FULL;
    return alignment_output_write(d->out, b, d->err);
}

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
        rc =
            restored_stream_open(&d->stream, o->masked, o->output.reference,
                                 &d->c4gh_keys, &d->pool, d->bdiff, write_record, d, err);
    if (rc < 0)
        return rc;
    d->stream.masked.leaps = d->is_partial;
    bool seeks = !d->everything && !d->is_partial && !o->whole &&
                 (!request_is_empty(&o->request) ||
                  alignment_input_try_index(&d->stream.masked.in));
    return masked_select(&d->stream.masked, seeks || d->is_partial ? &d->wanted : NULL,
                         seeks, err);
}

static int open_output(struct decryption *d, struct vl_error *err)
{
    const struct vl_bdiff_header *header = vl_bdiff_reader_header(d->bdiff);
    const struct vl_buf *text =
        header->is_root ? &header->original_text : &d->stream.masked.in.text;
    d->header = header_from_raw(text->data, text->len, &d->stream.masked.in.contigs);
    if (!d->header)
        return vl_error_memory(err);
    return alignment_output_open(&d->out, &d->options->output, OUTPUT_MODE, OUTPUT_RULES,
                                 d->header, NULL, &d->pool, err);
}

static int restore(struct decryption *d, struct vl_error *err)
{
    struct restored_stream *s = &d->stream;
    s->choice = (struct restore_choice){.wanted = d->everything ? NULL : &d->wanted,
                                        .whole = d->options->whole};
    int rc = restored_stream_start(s, d->options->n_threads, err);
    while (rc == 0 && (rc = restored_stream_step(s, err)) > 0)
        rc = hooks_progress(&d->options->hooks, s->n_read,
                            s->masked.seeks ? -1 : alignment_input_share(&s->masked.in),
                            err);
    d->counts.n_windows = s->n_windows;
    return rc;
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
        rc = restore(d, err);
    return rc < 0 ? rc : alignment_output_commit(d->out, NULL, 0, err);
}

static void clear(struct decryption *d)
{
    restored_stream_close(&d->stream);
    alignment_output_free(d->out);
    c4gh_keys_clear(&d->c4gh_keys);
    sam_hdr_destroy(d->header);
    if (!d->is_lent)
        vl_bdiff_reader_free(d->bdiff);
    vl_key_free(d->verifier);
    vl_ranges_clear(&d->wanted);
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
