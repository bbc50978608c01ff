#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <htslib/bgzf.h>

#include "alignment/alignment_index.h"
#include "alignment/alignment_input.h"
#include "alignment/alignment_output.h"
#include "alignment/bam_indexer.h"
#include "alignment/header.h"
#include "container/bdiff_file.h"
#include "operation_options.h"
#include "projection/masked_header.h"
#include "record/locus.h"
#include "record/record.h"
#include "restore/masked_file.h"
#include "run/job_queue.h"
#include "run/operation_keys.h"
#include "run/report.h"
#include "run/signatures.h"
#include "shard/shard_set.h"
#include "varlock/outfile.h"
#include "varlock/seal.h"
#include "varlock/varlock.h"
#include "window/masked_digest.h"
#include "window/record_array.h"

/* The work of one window: checks that its masked records are those that were masked, then
 * seals its content again, unchanged. */
struct moved_window {
    const struct vl_bdiff_writer *writer;
    const struct shard_file *shard;
    size_t number;    /* number in the shard */
    uint64_t ordinal; /* number in the joined file */
    struct record_array masked;
    struct vl_bdiff_entry entry;
    struct vl_buf plain, sealed;
    int rc;
    struct vl_error error;
};

struct merge {
    const struct vl_merge_options *options;
    struct vl_merge_counts counts;
    htsThreadPool pool;
    struct vl_key *key, *signer;
    struct verifier verifier;
    struct recipients recipients;
    struct shard_set shards;
    struct vl_bdiff_writer *bdiff;
    struct vl_buf masked_text; /* header text of the joined file */
    sam_hdr_t *header;
    struct alignment_output *out;
    struct alignment_index index;
    struct c4gh_keys c4gh_keys;   /* that open the shards */
    struct c4gh_key drawn;        /* opens the joined file, if that is encrypted */
    struct c4gh_keys joined_keys; /* this one */
    struct bam_indexer joined;
    size_t source; /* index of the run whose part of the joined file is being read */
    struct job_queue queue;
    struct moved_window *windows; /* one per slot of the queue */
    struct vl_digest *masked_total, *original_total;
};

/* ---- one window ---- */

static void *moved_window_run(void *arg)
{
    struct moved_window *w = arg;
    const struct shard_file *f = w->shard;
    w->rc = masked_check_window(&f->masked, w->number, &w->masked, &w->error);
    if (w->rc == 0)
        w->rc = vl_bdiff_writer_reseal(w->writer, w->ordinal, f->bdiff, w->number,
                                       &w->plain, &w->entry, &w->sealed, &w->error);
    if (w->rc == 0 && w->plain.len < VL_CHECK_BYTES) {
        w->rc = vl_error_set(&w->error, VL_ERR_SEAL, "it is too short to hold its check");
        vl_bdiff_reader_blame_window(f->bdiff, w->number, w->rc, &w->error);
    }
    return w;
}

/* ---- preparation ---- */

static unsigned rules_of(const struct vl_merge_options *o)
{
    return o->force ? VL_OUTFILE_REPLACES : 0;
}

static struct vl_output output_of(const struct vl_merge_options *o)
{
    return (struct vl_output){.path = o->output,
                              .format = "bam",
                              .write_index = true,
                              .c4gh_recipients = o->c4gh_recipients};
}

static int check_outputs(const struct vl_merge_options *o, struct vl_error *err)
{
    const char *inputs[] = {o->key, o->signer, o->verify};
    const struct vl_output output = output_of(o);
    struct stat st;
    if (strcmp(o->output, "-") == 0 ||
        (stat(o->output, &st) == 0 && !S_ISREG(st.st_mode)))
        return vl_error_set(err, VL_ERR_USAGE,
                            "-o %s: the joined BAM is read for its index, so it must be "
                            "a file",
                            o->output);
    int rc = alignment_output_check_paths(
        &output, o->bdiff, inputs, sizeof inputs / sizeof *inputs, &o->recipients, err);
    if (rc == 0)
        rc = alignment_output_check_paths(&output, o->bdiff, NULL, 0, &o->shards, err);
    if (rc == 0)
        rc = alignment_output_check_paths(&output, o->bdiff, NULL, 0, &o->c4gh_keys, err);
    return rc < 0 ? rc
                  : alignment_output_check_targets(&output, rules_of(o), o->bdiff, err);
}

static int open_inputs(struct merge *m, struct vl_error *err)
{
    const struct vl_merge_options *o = m->options;
    int rc = recipients_read(&m->recipients, &o->recipients, err);
    if (rc == 0)
        rc = operation_key_read_private(o->key, &o->hooks, &m->key, err);
    if (rc == 0)
        rc = operation_key_read_signer(o->signer, &o->hooks, &m->signer, err);
    if (rc == 0)
        rc = verifier_open(&m->verifier, o->verify, m->signer, o->signer, o->unverified,
                           err);
    if (rc == 0)
        rc = operation_keys_read_c4gh(&m->c4gh_keys, &o->c4gh_keys, &o->hooks, err);
    return rc < 0 ? rc
                  : shard_set_open(&m->shards, &o->shards, m->key, o->key, &m->verifier,
                                   &m->c4gh_keys, err);
}

/* Opens the joined BDIFF.  It has the shards' header, but covers all contigs and has a
 * new id. */
static int open_bdiff(struct merge *m, struct vl_error *err)
{
    int rc = vl_bdiff_writer_new(&m->bdiff, err);
    if (rc < 0)
        return rc;
    struct vl_bdiff_header header = *vl_bdiff_reader_header(m->shards.v[0].bdiff);
    header.grants_all = true;
    memcpy(header.root_id, vl_bdiff_writer_id(m->bdiff), sizeof header.root_id);
    struct masked_line line = {header.mask_model, {0}};
    memcpy(line.bdiff_id, header.root_id, sizeof line.bdiff_id);
    rc = header_mask(&header.original_text, &header.contigs, &line, &m->masked_text, err);
    if (rc == 0 &&
        header_read_groups_digest(&m->masked_text, header.read_groups_sha256) < 0)
        rc = vl_error_memory(err);
    if (rc == 0)
        rc = vl_bdiff_writer_open(m->bdiff, m->options->bdiff, m->options->force,
                                  m->recipients.keys, m->recipients.n, &header, err);
    vl_wipe(header.mask_key, sizeof header.mask_key);
    return rc;
}

static int open_output(struct merge *m, struct vl_error *err)
{
    struct shard_file *f = &m->shards.v[0];
    const struct vl_contigs *contigs = &f->masked.in.contigs;
    struct vl_output output = output_of(m->options);
    bool encrypts = alignment_output_is_encrypted(&output);
    m->header = header_from_raw(m->masked_text.data, m->masked_text.len, contigs);
    int rc = m->header ? 0 : vl_error_memory(err);
    if (rc == 0)
        rc = alignment_index_open(&m->index, &output, 0666, rules_of(m->options), err);
    /* Nobody else has this key, with which the joined file is read for its index. */
    if (rc == 0 && encrypts)
        rc = vl_key_generate_type(&m->drawn.key, VL_KEY_X25519, err);
    output.write_index = false;
    return rc < 0 ? rc
                  : alignment_output_open(&m->out, &output, 0666, rules_of(m->options),
                                          m->header, m->drawn.key, NULL, err);
}

static int copy_records(struct merge *m, struct vl_error *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < m->shards.n_runs; i++) {
        struct shard_run *run = &m->shards.runs[i];
        rc = alignment_output_append(m->out, &run->shard->masked.in, run->from, run->to,
                                     err);
        run->joined_end = alignment_output_tell(m->out);
        if (rc == 0)
            rc = hooks_progress(&m->options->hooks, 0, -1, err);
    }
    if (rc == 0)
        rc = alignment_output_finish(m->out, err);
    m->joined_keys = (struct c4gh_keys){
        .v = &m->drawn, .n = m->drawn.key ? 1 : 0, .mutex = PTHREAD_MUTEX_INITIALIZER};
    return rc < 0 ? rc
                  : bam_indexer_open(&m->joined, alignment_output_temporary(m->out),
                                     &m->joined_keys, &m->pool, err);
}

static int open_windows(struct merge *m, struct vl_error *err)
{
    m->masked_total = vl_digest_new();
    m->original_total = vl_digest_new();
    if (!m->masked_total || !m->original_total)
        return vl_error_memory(err);
    int rc = job_queue_open(&m->queue, &m->pool, m->options->n_threads, err);
    if (rc < 0)
        return rc;
    m->windows = calloc(m->queue.n_slots, sizeof *m->windows);
    if (!m->windows)
        return vl_error_memory(err);
    for (size_t i = 0; i < m->queue.n_slots; i++)
        m->windows[i].writer = m->bdiff;
    return 0;
}

/* ---- the read pass ---- */

static int write_window(struct merge *m, struct vl_error *err)
{
    struct moved_window *w = job_queue_take(&m->queue);
    if (!w)
        return vl_error_memory(err);
    if (w->rc < 0) {
        if (err)
            *err = w->error;
        return w->rc;
    }
    window_total_add(m->masked_total, &w->entry);
    vl_digest_add(m->original_total, w->plain.data, VL_CHECK_BYTES);
    return vl_bdiff_writer_add(m->bdiff, &w->entry, &w->sealed, err);
}

/* The run that the next record was copied from.  NULL at the end. */
static const struct shard_run *source_of_next(struct merge *m)
{
    const struct shard_set *set = &m->shards;
    int64_t at = bgzf_tell(m->joined.in.file->fp.bgzf) >> 16;
    while (m->source < set->n_runs && at >= set->runs[m->source].joined_end)
        m->source++;
    return m->source < set->n_runs ? &set->runs[m->source] : NULL;
}

/* Reads the next record, which must belong to the run if it lies in the run's part of the
 * file.  1, or 0 if the run (NULL: the last one) has no more records. */
static int next_of_run(struct merge *m, const struct shard_run *run, bam1_t *b,
                       struct vl_error *err)
{
    const struct shard_run *source = source_of_next(m);
    int rc = bam_indexer_next(&m->joined, b, err);
    if (rc == 0 || !source || (run && source > run))
        return rc < 0 ? rc : 0;
    const char *path = source->shard->masked.in.path;
    if (rc == VL_ERR_DATA)
        return vl_error_set(err, rc, "%s: truncated or corrupt", path);
    if (rc == VL_ERR_SEAL)
        return vl_error_set(err, rc, "%s: record %s is out of order", path,
                            bam_get_qname(b));
    size_t contig = rc > 0 ? locus_of(b, m->joined.in.contigs.n).contig : 0;
    if (rc < 0 || (source == run && contig >= run->first && contig < run->end))
        return rc;
    return vl_error_set(err, VL_ERR_SEAL,
                        "%s: record %s was not there when the file was masked", path,
                        bam_get_qname(b));
}

static int move_window(struct merge *m, const struct shard_run *run, size_t number,
                       struct vl_error *err)
{
    struct moved_window *w = &m->windows[job_queue_slot(&m->queue)];
    uint32_t n = vl_bdiff_reader_index(run->shard->bdiff)->v[number].n_records;
    w->shard = run->shard;
    w->number = number;
    w->ordinal = m->queue.n_given;
    w->masked.n = 0;
    for (uint32_t i = 0; i < n; i++) {
        bam1_t *b = record_array_add(&w->masked);
        int rc = b ? next_of_run(m, run, b, err) : vl_error_memory(err);
        if (rc == 0)
            return vl_error_set(err, VL_ERR_SEAL,
                                "%s: records that were masked are missing",
                                run->shard->masked.in.path);
        if (rc < 0)
            return rc;
    }
    int rc = hooks_progress(&m->options->hooks, m->joined.in.n_records,
                            alignment_input_share(&m->joined.in), err);
    if (rc == 0)
        rc = job_queue_put(&m->queue, moved_window_run, w, err);
    return rc == 0 && job_queue_is_full(&m->queue) ? write_window(m, err) : rc;
}

static int move_windows(struct merge *m, struct vl_error *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < m->shards.n_runs; i++) {
        const struct shard_run *run = &m->shards.runs[i];
        for (size_t e = run->first_entry; rc == 0 && e < run->end_entry; e++)
            rc = move_window(m, run, e, err);
    }
    while (rc == 0 && m->queue.n > 0)
        rc = write_window(m, err);
    if (rc < 0)
        return rc;
    /* Any further record does not belong to the file. */
    bam1_t *b = bam_init1();
    rc = b ? next_of_run(m, NULL, b, err) : vl_error_memory(err);
    bam_destroy1(b);
    return rc;
}

/* ---- the run ---- */

static int finish_bdiff(struct merge *m, struct vl_error *err)
{
    struct vl_bdiff_index *index = vl_bdiff_writer_index(m->bdiff);
    index->is_root = true;
    for (size_t i = 0; i < m->shards.n; i++) {
        const struct vl_bdiff_index *part = vl_bdiff_reader_index(m->shards.v[i].bdiff);
        index->n_masked += part->n_masked;
        index->n_whole += part->n_whole;
        index->n_sites += part->n_sites;
    }
    m->counts = (struct vl_merge_counts){.n_shards = m->shards.n,
                                         .n_masked = index->n_masked,
                                         .n_whole = index->n_whole,
                                         .n_windows = index->n};
    if (vl_digest_finish(m->masked_total, index->masked_sha256) < 0 ||
        vl_digest_finish(m->original_total, index->original_sha256) < 0)
        return vl_error_memory(err);
    int rc = vl_bdiff_writer_finish(m->bdiff, m->signer, err);
    m->counts.bdiff_bytes = vl_bdiff_writer_tell(m->bdiff);
    return rc;
}

/* The masked file gets its name last.  Whoever sees it finds its BDIFF and its index. */
static int commit(struct merge *m, struct vl_error *err)
{
    struct vl_outfile *before[] = {vl_bdiff_writer_file(m->bdiff), m->index.file};
    int rc = bam_indexer_save(&m->joined, alignment_index_name(&m->index), err);
    if (rc == 0)
        rc = alignment_index_finish(&m->index, alignment_output_readers(m->out), err);
    return rc < 0 ? rc : alignment_output_commit(m->out, before, 2, err);
}

static int run(struct merge *m, struct vl_error *err)
{
    int rc = check_outputs(m->options, err);
    if (rc == 0)
        rc = pool_start(&m->pool, m->options->n_threads, err);
    if (rc == 0)
        rc = open_inputs(m, err);
    if (rc == 0)
        rc = open_bdiff(m, err);
    if (rc == 0)
        rc = open_output(m, err);
    if (rc == 0)
        rc = copy_records(m, err);
    if (rc == 0)
        rc = open_windows(m, err);
    if (rc == 0)
        rc = move_windows(m, err);
    if (rc == 0)
        rc = finish_bdiff(m, err);
    return rc < 0 ? rc : commit(m, err);
}

static void clear(struct merge *m)
{
    job_queue_close(&m->queue);
    for (size_t i = 0; m->windows && i < m->queue.n_slots; i++) {
        record_array_clear(&m->windows[i].masked);
        vl_buf_wipe(&m->windows[i].plain);
        vl_buf_clear(&m->windows[i].sealed);
    }
    free(m->windows);
    bam_indexer_close(&m->joined);
    alignment_index_close(&m->index);
    vl_key_free(m->drawn.key);
    c4gh_keys_clear(&m->c4gh_keys);
    alignment_output_free(m->out);
    sam_hdr_destroy(m->header);
    vl_buf_clear(&m->masked_text);
    vl_bdiff_writer_free(m->bdiff);
    shard_set_close(&m->shards);
    recipients_clear(&m->recipients);
    vl_key_free(m->key);
    verifier_close(&m->verifier);
    vl_key_free(m->signer);
    vl_digest_free(m->masked_total);
    vl_digest_free(m->original_total);
    pool_stop(&m->pool);
}

int vl_merge(const struct vl_merge_options *options, struct vl_merge_counts *counts,
             struct vl_error *err)
{
    struct vl_merge_options own;
    int rc = options_take(&merge_layout, options, &own, err);
    if (rc < 0)
        return rc;
    struct merge m = {.options = &own};
    rc = run(&m, err);
    if (rc == 0 && !m.verifier.key)
        warn_unverified(&own.hooks, "the shards", m.signer != NULL);
    if (rc == 0 && !m.signer)
        warn_unsigned(&own.hooks, own.bdiff);
    if (rc == 0 && counts)
        *counts = m.counts;
    clear(&m);
    return rc;
}
