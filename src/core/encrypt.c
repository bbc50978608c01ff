#include <stdlib.h>
#include <string.h>

#include "alignment_file.h"
#include "header.h"
#include "hooks.h"
#include "job_queue.h"
#include "keys.h"
#include "mask_window.h"
#include "permute.h"
#include "record.h"
#include "reference.h"
#include "varlock/file.h"
#include "varlock/seal.h"
#include "varlock/varlock.h"

struct encryption {
    const struct vl_encrypt_options *options;
    struct vl_encrypt_counts counts;
    htsThreadPool pool;
    struct alignment_input in;
    struct vl_vac_reader *vac;
    int32_t *vac_contig; /* number in the VAC for each contig of the input, -1: none */
    struct vl_contigs read_groups;
    struct vl_key **recipients;
    struct vl_key *signer;
    uint8_t mask_key[VL_MASK_KEY_BYTES];
    struct vl_bdiff_writer *bdiff;
    sam_hdr_t *masked_header;
    struct alignment_output *out;
    struct permute *permute;
    struct mask_context context;
    struct job_queue queue;
    struct mask_window *windows; /* a slot of the queue each */
    struct locus_counter masked_loci;
    struct vl_locus last_added;
    struct vl_digest *masked_total, *original_total;
};

/* ---- preparation ---- */

static int check_outputs(const struct vl_encrypt_options *o, struct vl_error *err)
{
    const char *inputs[] = {o->input, o->vac, o->mask_key, o->signer,
                            o->output.reference};
    return alignment_output_check_paths(&o->output, o->bdiff, inputs,
                                        sizeof inputs / sizeof *inputs, &o->recipients,
                                        err);
}

/* One contig of the input against the VAC's of the same name. */
static int match_contig(struct encryption *e, size_t i, int32_t in_vac,
                        struct vl_error *err)
{
    const struct vl_contig *bam = &e->in.contigs.v[i];
    const struct vl_contig *vac = &vl_vac_meta(e->vac)->contigs.v[in_vac];
    if (vac->length > 0 && vac->length != bam->length)
        return vl_error_set(err, VL_ERR_DATA,
                            "%s: contig %s has %lld bases, in %s %lld: another assembly",
                            e->options->vac, bam->name, (long long)vac->length,
                            e->options->input, (long long)bam->length);
    if (vac->m5[0] && bam->m5[0] && strcasecmp(vac->m5, bam->m5) != 0)
        return vl_error_set(err, VL_ERR_DATA, "%s: contig %s has another M5 than in %s",
                            e->options->vac, bam->name, e->options->input);
    e->vac_contig[i] = in_vac;
    return 0;
}

static void warn_uncovered(struct encryption *e, size_t n_missing)
{
    struct vl_buf names = VL_BUF_INIT;
    size_t shown = 0;
    for (size_t i = 0; i < e->in.contigs.n && shown < 5; i++)
        if (e->vac_contig[i] < 0)
            vl_buf_addf(&names, "%s%s", shown++ ? ", " : "", e->in.contigs.v[i].name);
    vl_buf_add_byte(&names, 0);
    if (!names.failed)
        hooks_warn(&e->options->hooks,
                   "the VAC does not cover %zu of %zu contigs: their bases stay as they "
                   "are (%s%s)",
                   n_missing, e->in.contigs.n, (char *)names.data,
                   n_missing > shown ? ", ..." : "");
    vl_buf_clear(&names);
}

static int match_contigs(struct encryption *e, struct vl_error *err)
{
    size_t n = e->in.contigs.n, n_missing = 0;
    struct vl_contigs *table = &vl_vac_meta(e->vac)->contigs;
    e->vac_contig = malloc((n + 1) * sizeof *e->vac_contig);
    if (!e->vac_contig)
        return vl_error_memory(err);
    for (size_t i = 0; i < n; i++) {
        int found = vl_contigs_find(table, e->in.contigs.v[i].name);
        e->vac_contig[i] = -1;
        int rc = found == VL_ERR_MEMORY ? vl_error_memory(err)
                 : found < 0            ? 0
                                        : match_contig(e, i, found, err);
        if (rc < 0)
            return rc;
        n_missing += found < 0;
    }
    if (n > 0 && n_missing == n)
        return vl_error_set(
            err, VL_ERR_DATA,
            "%s and %s have no contig in common (%s there, %s here); vcf2vac "
            "--rename-contigs maps names",
            e->options->vac, e->options->input, table->n ? table->v[0].name : "none",
            e->in.contigs.v[0].name);
    if (n_missing > 0)
        warn_uncovered(e, n_missing);
    return 0;
}

static int read_mask_key(struct encryption *e, struct vl_error *err)
{
    const char *path = e->options->mask_key;
    if (!path)
        return vl_random(e->mask_key, sizeof e->mask_key, err);
    struct vl_buf bytes = VL_BUF_INIT;
    int rc = vl_file_slurp(path, VL_MASK_KEY_BYTES + 1, &bytes, err);
    if (rc < 0 || bytes.len != VL_MASK_KEY_BYTES)
        rc = rc == VL_ERR_IO ? rc
                             : vl_error_set(err, VL_ERR_KEY,
                                            "%s: a masking key is %d bytes, "
                                            "as from: openssl rand -out KEY %d",
                                            path, VL_MASK_KEY_BYTES, VL_MASK_KEY_BYTES);
    else
        memcpy(e->mask_key, bytes.data, sizeof e->mask_key);
    vl_buf_wipe(&bytes);
    return rc;
}

static int open_inputs(struct encryption *e, struct vl_error *err)
{
    const struct vl_encrypt_options *o = e->options;
    uint8_t id[VL_BDIFF_ID_BYTES];
    if (o->mask && strcmp(o->mask, "permute") != 0)
        return vl_error_set(err, VL_ERR_USAGE, "--mask %s: this varlock knows permute",
                            o->mask);
    int rc = tag_policy_check_keep(o->keep_tags, err);
    if (rc == 0)
        rc = keys_read_public(&o->recipients, &e->recipients, err);
    if (rc == 0)
        rc = key_read_private(o->signer, &o->hooks, &e->signer, err);
    if (rc == 0)
        rc = read_mask_key(e, err);
    if (rc == 0)
        rc = vl_vac_open(&e->vac, o->vac, err);
    if (rc == 0)
        rc = alignment_input_open(&e->in, o->input, o->output.reference, &e->pool, err);
    if (rc < 0)
        return rc;
    if (header_bdiff_id((const char *)e->in.text.data, id))
        return vl_error_set(err, VL_ERR_DATA,
                            "%s: is masked already (@CO varlock:1); mask the original",
                            o->input);
    rc = header_read_groups(&e->in.text, &e->read_groups, err);
    if (rc < 0)
        return vl_error_prefix(err, rc, o->input);
    return match_contigs(e, err);
}

static int open_bdiff(struct encryption *e, struct vl_error *err)
{
    struct vl_bdiff_header header = {.mask_model = VL_MASK_PERMUTE,
                                     .is_root = true,
                                     .grants_all = true,
                                     .contigs = e->in.contigs,
                                     .original_text = e->in.text};
    memcpy(header.root_id, vl_bdiff_writer_id(e->bdiff), sizeof header.root_id);
    memcpy(header.mask_key, e->mask_key, sizeof header.mask_key);
    int rc = vl_vac_digest(e->vac, header.vac_sha256, err);
    if (rc == 0)
        rc = vl_bdiff_writer_open(e->bdiff, e->options->bdiff, e->recipients,
                                  e->options->recipients.n, &header, err);
    vl_wipe(header.mask_key, sizeof header.mask_key);
    return rc;
}

static int open_masked(struct encryption *e, struct vl_error *err)
{
    struct vl_buf text = VL_BUF_INIT;
    const struct vl_output *output = &e->options->output;
    int rc = 0;
    /* Where M5 is missing htslib adds it together with UR, the custodian's path. */
    if (alignment_output_is_cram(output) && output->reference)
        rc = reference_fill_m5(output->reference, &e->in.contigs, err);
    if (rc == 0)
        rc = header_mask(&e->in.text, &e->in.contigs, vl_bdiff_writer_id(e->bdiff), &text,
                         err);
    if (rc == 0) {
        e->masked_header = header_from_raw(text.data, text.len, &e->in.contigs);
        rc = e->masked_header
                 ? alignment_output_open(&e->out, output, e->masked_header, &e->pool, err)
                 : vl_error_memory(err);
    }
    vl_buf_clear(&text);
    return rc;
}

static int open_windows(struct encryption *e, struct vl_error *err)
{
    e->context = (struct mask_context){
        .writer = e->bdiff,
        .policy = {.keep = e->options->keep_tags, .read_groups = &e->read_groups}};
    e->masked_total = vl_digest_new();
    e->original_total = vl_digest_new();
    if (!e->masked_total || !e->original_total ||
        window_contigs_digest(&e->in.contigs, e->context.contigs_sha256) < 0)
        return vl_error_memory(err);
    int rc = job_queue_open(&e->queue, &e->pool, e->options->n_threads, err);
    if (rc < 0)
        return rc;
    e->windows = calloc(e->queue.n_slots, sizeof *e->windows);
    if (!e->windows)
        return vl_error_memory(err);
    for (size_t i = 0; i < e->queue.n_slots; i++)
        e->windows[i].context = &e->context;
    return 0;
}

/* ---- windows ---- */

/* The window that records are added to. */
static struct mask_window *filling(const struct encryption *e)
{
    return &e->windows[job_queue_slot(&e->queue)];
}

/* Takes the oldest window and writes what came of it. */
static int write_window(struct encryption *e, struct vl_error *err)
{
    struct mask_window *w = job_queue_take(&e->queue);
    if (!w)
        return vl_error_memory(err);
    if (w->rc < 0) {
        if (err)
            *err = w->error;
        return vl_error_prefix(err, w->rc, e->options->input);
    }
    for (size_t i = 0; i < w->records.masked.n; i++) {
        int rc = alignment_output_write(e->out, w->records.masked.v[i], err);
        if (rc < 0)
            return rc;
        e->counts.n_unmapped += !record_is_aligned(w->records.masked.v[i]);
    }
    e->counts.n_masked += w->records.masked.n;
    e->counts.n_whole += w->records.whole.n;
    e->counts.n_md_withheld += w->n_withheld;
    window_total_add(e->masked_total, &w->entry);
    vl_digest_add(e->original_total, w->check, sizeof w->check);
    return vl_bdiff_writer_add(e->bdiff, &w->entry, &w->sealed, err);
}

static int close_window(struct encryption *e, struct vl_error *err)
{
    struct mask_window *w = filling(e);
    if (w->records.shown.n + w->records.whole.n == 0)
        return 0;
    w->ordinal = e->queue.n_given;
    hooks_progress(&e->options->hooks, e->in.n_records, alignment_input_share(&e->in));
    int rc = job_queue_put(&e->queue, mask_window_run, w, err);
    if (rc == 0 && job_queue_is_full(&e->queue))
        rc = write_window(e, err);
    mask_window_reset(filling(e));
    return rc;
}

/* bdiff.md §5: where a window ends depends on the records alone. */
static bool window_is_full(const struct encryption *e, const bam1_t *next)
{
    const struct mask_window *w = filling(e);
    size_t n = w->records.shown.n + w->records.whole.n;
    struct vl_locus here = locus_of(next, e->in.contigs.n);
    bool boundary =
        here.contig != e->last_added.contig ||
        here.pos0 >> WINDOW_BOUNDARY_SHIFT != e->last_added.pos0 >> WINDOW_BOUNDARY_SHIFT;
    return (n >= WINDOW_RECORDS_MIN && boundary) || n >= WINDOW_RECORDS_MAX ||
           w->bytes >= WINDOW_BYTES_MAX;
}

static void note_place(struct encryption *e, struct mask_window *w, const bam1_t *b,
                       bool is_masked)
{
    size_t n_contigs = e->in.contigs.n;
    bool first = w->records.shown.n + w->records.whole.n == 1;
    struct vl_locus here =
        is_masked ? locus_count(&e->masked_loci, b, n_contigs) : locus_of(b, n_contigs);
    bool first_masked = is_masked && w->records.shown.n == 1;
    if (first || first_masked)
        w->entry.first = here;
    if (is_masked || w->records.shown.n == 0)
        w->entry.last = here;
    entry_extend(&w->entry, b, n_contigs, first);
    w->bytes += record_bytes(b);
    e->last_added = here;
}

/* Moves every record whose sites are decided into the window it belongs to. */
static int drain(struct encryption *e, struct vl_error *err)
{
    const bam1_t *next;
    while ((next = permute_peek(e->permute))) {
        int rc = window_is_full(e, next) ? close_window(e, err) : 0;
        if (rc < 0)
            return rc;
        struct window_records *r = &filling(e)->records;
        bool whole = mask_takes_whole(next);
        bam1_t *b = whole ? window_records_add_whole(r, (uint32_t)r->shown.n)
                          : record_array_add(&r->shown);
        if (!b)
            return vl_error_memory(err);
        rc = permute_pop(e->permute, b, e->queue.n_given, &r->sites, err);
        if (rc < 0)
            return rc;
        note_place(e, filling(e), b, !whole);
    }
    return 0;
}

/* ---- the run ---- */

static int check_order(const struct encryption *e, const bam1_t *b,
                       const struct vl_locus *last, struct vl_error *err)
{
    struct vl_locus here = locus_of(b, e->in.contigs.n);
    if (here.pos0 < -1)
        return vl_error_set(err, VL_ERR_DATA,
                            "%s: record %s lies before its contig (%s:%lld)",
                            e->options->input, bam_get_qname(b),
                            e->in.contigs.v[here.contig].name, (long long)here.pos0 + 1);
    if (e->in.n_records <= 1 || locus_compare(last, &here) <= 0)
        return 0;
    const char *was =
        last->contig < e->in.contigs.n ? e->in.contigs.v[last->contig].name : "*";
    return vl_error_set(
        err, VL_ERR_DATA,
        "%s: not sorted by coordinate (%s:%lld follows %s:%lld); sort it with: "
        "samtools sort",
        e->options->input, e->in.contigs.v[here.contig].name, (long long)here.pos0 + 1,
        was, (long long)last->pos0 + 1);
}

static int mask_records(struct encryption *e, bam1_t *b, struct vl_error *err)
{
    struct vl_locus last = {0};
    int rc;
    while ((rc = alignment_input_next(&e->in, b, err)) > 0) {
        rc = check_order(e, b, &last, err);
        last = locus_of(b, e->in.contigs.n);
        if (rc == 0)
            rc = permute_advance(e->permute, b, err);
        if (rc == 0)
            rc = drain(e, err);
        if (rc == 0)
            rc = permute_push(e->permute, b, !mask_takes_whole(b), err);
        if (rc < 0)
            return rc;
    }
    if (rc == 0)
        rc = permute_end(e->permute, err);
    if (rc == 0)
        rc = drain(e, err);
    if (rc == 0)
        rc = close_window(e, err);
    while (rc == 0 && e->queue.n > 0)
        rc = write_window(e, err);
    return rc;
}

static int finish_bdiff(struct encryption *e, struct vl_error *err)
{
    struct vl_bdiff_index *index = vl_bdiff_writer_index(e->bdiff);
    index->is_root = true;
    index->n_masked = e->counts.n_masked;
    index->n_whole = e->counts.n_whole;
    index->n_permutations = e->counts.n_permutations;
    if (vl_digest_finish(e->masked_total, index->masked_sha256) < 0 ||
        vl_digest_finish(e->original_total, index->original_sha256) < 0)
        return vl_error_memory(err);
    return vl_bdiff_writer_finish(e->bdiff, e->signer, err);
}

/* The masked file gets its name last: whoever sees it finds its BDIFF.  On stdout its end
 * block takes the name's place, so there the BDIFF is in place before the end block is
 * written. */
static int finish(struct encryption *e, struct vl_error *err)
{
    bool streams = strcmp(e->options->output.path, "-") == 0;
    int rc = finish_bdiff(e, err);
    if (rc == 0 && !streams)
        rc = alignment_output_finish(e->out, err);
    if (rc == 0)
        rc = vl_bdiff_writer_commit(e->bdiff, err);
    if (rc == 0 && streams)
        rc = alignment_output_finish(e->out, err);
    if (rc == 0)
        rc = alignment_output_commit(e->out, err);
    return rc;
}

static int run(struct encryption *e, struct vl_error *err)
{
    int rc = check_outputs(e->options, err);
    if (rc == 0)
        rc = pool_start(&e->pool, e->options->n_threads, err);
    if (rc == 0)
        rc = open_inputs(e, err);
    if (rc == 0)
        rc = vl_bdiff_writer_new(&e->bdiff, err);
    if (rc == 0)
        rc = open_bdiff(e, err);
    if (rc == 0)
        rc = open_masked(e, err);
    if (rc == 0)
        rc = open_windows(e, err);
    if (rc == 0)
        rc = permute_open(&e->permute, e->vac, e->vac_contig, &e->in.contigs, e->mask_key,
                          err);
    bam1_t *b = bam_init1();
    if (rc == 0)
        rc = b ? mask_records(e, b, err) : vl_error_memory(err);
    bam_destroy1(b);
    if (rc < 0)
        return rc;
    e->counts.n_records = e->in.n_records;
    e->counts.n_sites_covered = permute_n_covered(e->permute);
    e->counts.n_permutations = permute_n_changed(e->permute);
    e->counts.n_windows = e->queue.n_given;
    rc = finish(e, err);
    e->counts.bdiff_bytes = vl_bdiff_writer_tell(e->bdiff);
    return rc;
}

static void clear(struct encryption *e)
{
    job_queue_close(&e->queue);
    for (size_t i = 0; e->windows && i < e->queue.n_slots; i++)
        mask_window_clear(&e->windows[i]);
    free(e->windows);
    permute_free(e->permute);
    alignment_output_free(e->out);
    alignment_input_close(&e->in);
    vl_bdiff_writer_free(e->bdiff);
    sam_hdr_destroy(e->masked_header);
    vl_vac_free(e->vac);
    keys_free(e->recipients, e->options->recipients.n);
    vl_key_free(e->signer);
    vl_contigs_clear(&e->read_groups);
    vl_digest_free(e->masked_total);
    vl_digest_free(e->original_total);
    free(e->vac_contig);
    pool_stop(&e->pool);
    vl_wipe(e->mask_key, sizeof e->mask_key);
}

int vl_encrypt(const struct vl_encrypt_options *options, struct vl_encrypt_counts *counts,
               struct vl_error *err)
{
    struct encryption e = {.options = options};
    int rc = run(&e, err);
    if (rc == 0 && e.counts.n_md_withheld > 0)
        hooks_warn(
            &options->hooks,
            "MD and NM of %llu records are withheld: they contradict the records or the "
            "VAC's reference",
            (unsigned long long)e.counts.n_md_withheld);
    if (rc == 0 && counts)
        *counts = e.counts;
    clear(&e);
    return rc;
}
