#include <stdlib.h>
#include <string.h>

#include "alignment/alignment_input.h"
#include "alignment/alignment_output.h"
#include "alignment/fasta.h"
#include "alignment/header.h"
#include "container/bdiff_file.h"
#include "container/vac_file.h"
#include "mask/input_order.h"
#include "mask/mask_key.h"
#include "mask/mask_order.h"
#include "mask/mask_window.h"
#include "mask/permute_columns.h"
#include "mask/persona.h"
#include "mask/synth_order.h"
#include "mask/synth_setup.h"
#include "mask/vac_match.h"
#include "operation_options.h"
#include "projection/masked_header.h"
#include "projection/masked_tags.h"
#include "projection/quality_guard.h"
#include "record/locus.h"
#include "record/record.h"
#include "run/job_queue.h"
#include "run/operation_keys.h"
#include "run/report.h"
#include "run/signatures.h"
#include "shard/shard.h"
#include "varlock/seal.h"
#include "varlock/varlock.h"
#include "varlock/wire.h"
#include "window/extent.h"
#include "window/masked_digest.h"
#include "window/record_array.h"

struct encryption {
    const struct vl_encrypt_options *options;
    struct vl_encrypt_counts counts;
    htsThreadPool pool;
    struct alignment_input in;
    struct shard shard; /* without an input: the whole input is masked */
    struct vl_vac_reader *vac;
    int32_t *vac_contig; /* number in the VAC for each contig of the input, -1: none */
    struct vl_names read_groups;
    struct recipients recipients;
    struct vl_key *signer;
    uint8_t mask_key[VL_MASK_KEY_BYTES];
    struct vl_bdiff_writer *bdiff;
    struct vl_buf masked_text; /* header text of the masked file */
    sam_hdr_t *masked_header;
    struct alignment_output *out;
    bool is_synth;
    struct synth_setup synth;
    struct mask_order order;
    struct record_array head; /* records that are read before any is masked */
    size_t n_pushed;
    uint64_t n_sites_listed; /* in all windows */
    uint64_t n_without_oq;
    struct quality_guard *guard; /* NULL: the qualities need no judgement */
    struct mask_context context;
    struct job_queue queue;
    struct mask_window *windows; /* one per slot of the queue */
    struct locus_counter masked_loci;
    struct vl_locus last_added;
    struct vl_digest *masked_total, *original_total;
};

/* ---- preparation ---- */

static unsigned rules_of(const struct vl_encrypt_options *o)
{
    return o->force ? VL_OUTFILE_REPLACES : 0;
}

static int check_outputs(const struct vl_encrypt_options *o, struct vl_error *err)
{
    const char *inputs[] = {o->input,  o->vac,   o->mask_key,
                            o->signer, o->vault, o->output.reference};
    int rc =
        alignment_output_check_paths(&o->output, o->bdiff, inputs,
                                     sizeof inputs / sizeof *inputs, &o->recipients, err);
    return rc < 0
               ? rc
               : alignment_output_check_targets(&o->output, rules_of(o), o->bdiff, err);
}

static int check_options(struct encryption *e, struct vl_error *err)
{
    const struct vl_encrypt_options *o = e->options;
    int rc = synth_is_wanted(o, &e->is_synth, err);
    if (rc == 0 && o->regions.n > 0 && !o->mask_key)
        rc = vl_error_set(err, VL_ERR_USAGE,
                          "-r needs --mask-key: shards must show one person");
    if (rc == 0)
        rc = tag_policy_check_keep(o->keep_tags, err);
    if (rc == 0)
        rc = tag_list_check(o->drop_tags, err);
    for (const char *p = o->drop_tags; rc == 0 && p && *p; p += 2 + (p[2] == ','))
        if (strncmp(p, "RG", 2) == 0)
            rc = vl_error_set(err, VL_ERR_USAGE,
                              "RG tells the sample and cannot be dropped");
    return rc;
}

static int open_inputs(struct encryption *e, struct vl_error *err)
{
    const struct vl_encrypt_options *o = e->options;
    struct masked_line line;
    int rc = check_options(e, err);
    if (rc == 0)
        rc = recipients_read(&e->recipients, &o->recipients, err);
    if (rc == 0)
        rc = operation_key_read_private(o->signer, &o->hooks, &e->signer, err);
    if (rc == 0)
        rc = mask_key_read(o->mask_key, &o->hooks, e->mask_key, err);
    if (rc == 0)
        rc = vl_vac_open(&e->vac, o->vac, err);
    if (rc == 0)
        rc = alignment_input_open(&e->in, o->input, o->output.reference, &e->pool, err);
    if (rc < 0)
        return rc;
    if (header_masked_line((const char *)e->in.text.data, &line) != 0)
        return vl_error_set(err, VL_ERR_DATA,
                            "%s: is masked already (@CO varlock:1); mask the original",
                            o->input);
    rc = header_read_groups(&e->in.text, &e->read_groups, err);
    if (rc < 0)
        return vl_error_prefix(err, rc, o->input);
    rc = o->regions.n > 0 ? shard_open(&e->shard, &o->regions, &e->in, err) : 0;
    return rc < 0
               ? rc
               : vac_match(o, e->is_synth, &e->in.contigs, e->vac, &e->vac_contig, err);
}

static int read_head(struct encryption *e, struct vl_error *err)
{
    size_t n_primary = 0, n_bases = 0;
    int rc = 1;
    while (rc > 0 && n_primary < SYNTH_HEAD_PRIMARY && n_bases < SYNTH_HEAD_BASES &&
           e->head.n < SYNTH_HEAD_RECORDS) {
        bam1_t *b = record_array_add(&e->head);
        rc = b ? alignment_input_next(&e->in, b, err) : vl_error_memory(err);
        if (rc > 0 && record_is_primary(b)) {
            n_primary++;
            n_bases += (size_t)b->core.l_qseq;
        }
    }
    e->head.n -= rc <= 0 && e->head.n > 0;
    return rc < 0 ? rc : 0;
}

static int open_synth(struct encryption *e, struct vl_error *err)
{
    int rc = synth_setup_open(&e->synth, e->options, &e->in, &e->read_groups, e->vac,
                              e->vac_contig, e->mask_key, &e->head, err);
    if (rc == 0 && e->synth.is_flat_for_length)
        hooks_warn(&e->options->hooks,
                   "%s: has reads of more than 1,000 bases, whose QUAL would tell their "
                   "indels: it is shown as 30 throughout (--qual flat)",
                   e->options->input);
    if (rc == 0 && !e->synth.quality_was_chosen &&
        quality_guard_judges(e->synth.context.quality))
        rc = quality_guard_open(&e->guard, e->synth.context.quality, &e->read_groups,
                                e->options->input, err);
    return rc < 0 ? rc : mask_order_open_synth(&e->order, &e->synth, err);
}

static int describe_shard(struct encryption *e, struct vl_error *err)
{
    struct vl_buf choices = VL_BUF_INIT;
    vl_put_string(&choices, e->options->keep_tags ? e->options->keep_tags : "");
    if (e->is_synth)
        synth_setup_put(&e->synth, &choices);
    int rc = choices.failed ? vl_error_memory(err)
                            : shard_describe(&e->shard, &choices, &e->head, err);
    vl_buf_clear(&choices);
    record_array_clear(&e->head);
    return rc;
}

/* All shards read the head of the whole input, so that they make the same choices. */
static int open_order(struct encryption *e, struct vl_error *err)
{
    bool is_shard = e->shard.in;
    int rc = e->is_synth || is_shard ? read_head(e, err) : 0;
    if (rc == 0)
        rc = e->is_synth ? open_synth(e, err)
                         : mask_order_open_permute(&e->order, e->vac, e->vac_contig,
                                                   &e->in.contigs, e->mask_key, err);
    return rc < 0 || !is_shard ? rc : describe_shard(e, err);
}

/* Makes the header of the masked file. */
static int mask_header(struct encryption *e, struct vl_error *err)
{
    const struct vl_output *output = &e->options->output;
    struct masked_line line = {e->is_synth ? VL_MASK_SYNTH : VL_MASK_PERMUTE, {0}};
    int rc = 0;
    memcpy(line.bdiff_id, vl_bdiff_writer_id(e->bdiff), sizeof line.bdiff_id);
    /* htslib would add a missing M5 together with UR, the custodian's path. */
    if (alignment_output_is_cram(output) && output->reference)
        rc = reference_fill_m5(output->reference, &e->in.contigs, err);
    return rc < 0 ? rc
                  : header_mask(&e->in.text, &e->in.contigs, &line, &e->masked_text, err);
}

static int open_bdiff(struct encryption *e, struct vl_error *err)
{
    const char *drop = e->options->drop_tags;
    struct vl_bdiff_header header = {.mask_model =
                                         e->is_synth ? VL_MASK_SYNTH : VL_MASK_PERMUTE,
                                     .is_root = true,
                                     .grants_all = !e->shard.in,
                                     .contigs = e->in.contigs,
                                     .granted = e->shard.ranges,
                                     .original_text = e->in.text};
    memcpy(header.root_id, vl_bdiff_writer_id(e->bdiff), sizeof header.root_id);
    memcpy(header.mask_key, e->mask_key, sizeof header.mask_key);
    memcpy(header.run_sha256, e->shard.run_sha256, sizeof header.run_sha256);
    vl_buf_add(&header.dropped_tags, drop, drop ? strlen(drop) : 0);
    int rc =
        header.dropped_tags.failed ||
                header_read_groups_digest(&e->masked_text, header.read_groups_sha256) < 0
            ? vl_error_memory(err)
            : vl_vac_digest(e->vac, header.vac_sha256, err);
    if (rc == 0)
        rc = vl_bdiff_writer_open(e->bdiff, e->options->bdiff, e->options->force,
                                  e->recipients.keys, e->recipients.n, &header, err);
    vl_wipe(header.mask_key, sizeof header.mask_key);
    vl_buf_clear(&header.dropped_tags);
    return rc;
}

static int open_masked(struct encryption *e, struct vl_error *err)
{
    e->masked_header =
        header_from_raw(e->masked_text.data, e->masked_text.len, &e->in.contigs);
    return e->masked_header ? alignment_output_open(&e->out, &e->options->output, 0666,
                                                    rules_of(e->options),
                                                    e->masked_header, &e->pool, err)
                            : vl_error_memory(err);
}

static int open_windows(struct encryption *e, struct vl_error *err)
{
    e->context = (struct mask_context){
        .writer = e->bdiff,
        .synth = e->is_synth ? &e->synth.context : NULL,
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
    for (size_t i = 0; rc == 0 && i < e->queue.n_slots; i++)
        rc = mask_window_open(&e->windows[i], &e->context, err);
    return rc;
}

/* ---- windows ---- */

/* The window to which records are being added. */
static struct mask_window *filling(const struct encryption *e)
{
    return &e->windows[job_queue_slot(&e->queue)];
}

static void return_personas(struct encryption *e, struct mask_window *w)
{
    for (size_t i = 0; i < w->n_personas; i++)
        persona_return(e->synth.persona, w->personas[i]);
    w->n_personas = 0;
}

/* Takes the oldest window from the queue and writes its result. */
static int write_window(struct encryption *e, struct vl_error *err)
{
    struct mask_window *w = job_queue_take(&e->queue);
    if (!w)
        return vl_error_memory(err);
    return_personas(e, w);
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
    e->n_sites_listed += w->records.sites.n;
    e->n_without_oq += w->n_without_oq;
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
    int rc = hooks_progress(&e->options->hooks, e->in.n_records,
                            e->shard.in ? -1 : alignment_input_share(&e->in), err);
    if (rc == 0)
        rc = job_queue_put(&e->queue, mask_window_run, w, err);
    if (rc < 0)
        return_personas(e, w);
    if (rc == 0 && job_queue_is_full(&e->queue))
        rc = write_window(e, err);
    mask_window_reset(filling(e));
    return rc;
}

/* Only the records decide where a window ends (bdiff.md §5). */
static bool window_is_full(const struct encryption *e, const struct vl_locus *here)
{
    const struct mask_window *w = filling(e);
    size_t n = w->records.shown.n + w->records.whole.n;
    bool boundary = here->contig != e->last_added.contig ||
                    here->pos0 >> WINDOW_BOUNDARY_SHIFT !=
                        e->last_added.pos0 >> WINDOW_BOUNDARY_SHIFT;
    bool many_contigs =
        here->contig != e->last_added.contig && w->n_persona_bases >= WINDOW_CONTIGS_MAX;
    return (n >= WINDOW_RECORDS_MIN && boundary) || n >= WINDOW_RECORDS_MAX ||
           w->bytes >= WINDOW_BYTES_MAX || many_contigs ||
           shard_is_interrupted(&e->shard, e->last_added.contig, here->contig);
}

/* Updates the window's places and extents for a record that is about to join it. */
static void note_place(struct encryption *e, struct mask_window *w,
                       const struct next_record *next)
{
    bool first = w->records.shown.n + w->records.whole.n == 0;
    struct vl_locus here =
        next->is_whole ? next->locus : locus_count(&e->masked_loci, next->locus);
    bool first_masked = !next->is_whole && w->records.shown.n == 0;
    struct vl_locus low = {.contig = here.contig, .pos0 = next->low_pos0};
    if (first || first_masked)
        w->entry.first = here;
    if (!next->is_whole || w->records.shown.n == 0)
        w->entry.last = here;
    entry_extend(&w->entry, low, next->high_end, first);
    w->bytes += record_bytes(next->b);
    e->last_added = here;
}

/* Moves every record that can leave into its window. */
static int drain(struct encryption *e, struct vl_error *err)
{
    struct next_record next;
    while (mask_order_peek(&e->order, &next)) {
        int rc = window_is_full(e, &next.locus) ? close_window(e, err) : 0;
        if (rc < 0)
            return rc;
        note_place(e, filling(e), &next);
        rc = mask_order_pop(&e->order, e->queue.n_given, filling(e), err);
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* ---- the run ---- */

/* Returns the records that were read ahead first. */
static int next_record(struct encryption *e, bam1_t *b, struct vl_error *err)
{
    if (e->shard.in)
        return shard_next(&e->shard, b, err);
    if (e->n_pushed < e->head.n) {
        record_swap(b, e->head.v[e->n_pushed]);
        if (e->n_pushed + 1 == e->head.n)
            record_array_clear(&e->head);
        return 1;
    }
    return alignment_input_next(&e->in, b, err);
}

static int mask_records(struct encryption *e, bam1_t *b, struct vl_error *err)
{
    const char *drop = e->options->drop_tags;
    struct vl_locus last = {0};
    int rc;
    while ((rc = next_record(e, b, err)) > 0) {
        rc = input_order_check(b, e->n_pushed > 0 ? &last : NULL, &e->in.contigs,
                               e->options->input, err);
        last = locus_of(b, e->in.contigs.n);
        if (rc == 0 && e->options->drop_tags)
            tags_drop(b, drop);
        e->n_pushed++;
        if (rc == 0 && e->guard)
            rc = quality_guard_add(e->guard, b, err);
        if (rc == 0)
            rc = mask_order_advance(&e->order, b, err);
        if (rc == 0)
            rc = drain(e, err);
        if (rc == 0)
            rc = mask_order_push(&e->order, b, err);
        if (rc < 0)
            return rc;
    }
    if (rc == 0 && e->guard)
        rc = quality_guard_finish(e->guard, err);
    if (rc == 0)
        rc = mask_order_end(&e->order, err);
    if (rc == 0)
        rc = drain(e, err);
    if (rc == 0)
        rc = close_window(e, err);
    while (rc == 0 && e->queue.n > 0)
        rc = write_window(e, err);
    return rc;
}

static void count_order(struct encryption *e)
{
    struct vl_encrypt_counts *c = &e->counts;
    const struct reorder *r = e->order.reorder;
    c->n_records = e->n_pushed;
    c->n_windows = e->queue.n_given;
    c->is_synth = e->is_synth;
    c->n_sites_listed = e->n_sites_listed;
    if (!r) {
        c->n_sites_covered = permute_n_covered(e->order.permute);
        c->n_permutations = permute_n_changed(e->order.permute);
        return;
    }
    c->n_second = reorder_n_whole(r, WHOLE_SECOND);
    c->n_vaulted = reorder_n_whole(r, WHOLE_VAULTED);
    c->n_shifted = reorder_n_whole(r, WHOLE_SHIFTED);
    c->n_odd = reorder_n_whole(r, WHOLE_ODD);
    c->n_mate_unknown = reorder_n_mate_unknown(r);
}

/* True if no site lay under a read.  A single shard may well have no site. */
static bool masks_nothing(const struct encryption *e)
{
    const struct vl_encrypt_counts *c = &e->counts;
    return !e->is_synth && !e->shard.in && c->n_sites_covered == 0 &&
           c->n_masked > c->n_unmapped;
}

static int finish_bdiff(struct encryption *e, struct vl_error *err)
{
    struct vl_bdiff_index *index = vl_bdiff_writer_index(e->bdiff);
    index->is_root = true;
    index->n_masked = e->counts.n_masked;
    index->n_whole = e->counts.n_whole;
    index->n_sites = e->is_synth ? e->n_sites_listed : e->counts.n_permutations;
    if (vl_digest_finish(e->masked_total, index->masked_sha256) < 0 ||
        vl_digest_finish(e->original_total, index->original_sha256) < 0)
        return vl_error_memory(err);
    return vl_bdiff_writer_finish(e->bdiff, e->signer, err);
}

/* The name, or end block, of the masked file comes last: its BDIFF is there by then. */
static int finish(struct encryption *e, struct vl_error *err)
{
    struct vl_outfile *bdiff = vl_bdiff_writer_file(e->bdiff);
    int rc = finish_bdiff(e, err);
    return rc < 0 ? rc : alignment_output_commit(e->out, &bdiff, 1, err);
}

static int run(struct encryption *e, struct vl_error *err)
{
    int rc = check_outputs(e->options, err);
    if (rc == 0)
        rc = pool_start(&e->pool, e->options->n_threads, err);
    if (rc == 0)
        rc = open_inputs(e, err);
    if (rc == 0)
        rc = open_order(e, err);
    if (rc == 0)
        rc = vl_bdiff_writer_new(&e->bdiff, err);
    if (rc == 0)
        rc = mask_header(e, err);
    if (rc == 0)
        rc = open_bdiff(e, err);
    if (rc == 0)
        rc = open_masked(e, err);
    if (rc == 0)
        rc = open_windows(e, err);
    bam1_t *b = bam_init1();
    if (rc == 0)
        rc = b ? mask_records(e, b, err) : vl_error_memory(err);
    bam_destroy1(b);
    if (rc < 0)
        return rc;
    count_order(e);
    rc = finish(e, err);
    e->counts.bdiff_bytes = vl_bdiff_writer_tell(e->bdiff);
    return rc;
}

static void clear(struct encryption *e)
{
    job_queue_close(&e->queue);
    for (size_t i = 0; e->windows && i < e->queue.n_slots; i++) {
        return_personas(e, &e->windows[i]);
        mask_window_clear(&e->windows[i]);
    }
    free(e->windows);
    mask_order_close(&e->order);
    synth_setup_close(&e->synth);
    quality_guard_free(e->guard);
    record_array_clear(&e->head);
    alignment_output_free(e->out);
    shard_close(&e->shard);
    alignment_input_close(&e->in);
    vl_bdiff_writer_free(e->bdiff);
    sam_hdr_destroy(e->masked_header);
    vl_buf_clear(&e->masked_text);
    vl_vac_free(e->vac);
    recipients_clear(&e->recipients);
    vl_key_free(e->signer);
    vl_names_clear(&e->read_groups);
    vl_digest_free(e->masked_total);
    vl_digest_free(e->original_total);
    free(e->vac_contig);
    pool_stop(&e->pool);
    vl_wipe(e->mask_key, sizeof e->mask_key);
}

static void warn(const struct encryption *e)
{
    const struct vl_hooks *hooks = &e->options->hooks;
    if (masks_nothing(e))
        hooks_warn(hooks, "no site of %s lies under a read of %s: every base is shown",
                   e->options->vac, e->options->input);
    if (e->counts.n_md_withheld > 0)
        hooks_warn(
            hooks,
            "MD and NM of %llu records are withheld: they contradict the records or "
            "the VAC's reference",
            (unsigned long long)e->counts.n_md_withheld);
    if (e->counts.n_mate_unknown > 0)
        hooks_warn(
            hooks,
            "records shown without their mate's place, which is neither near by nor in "
            "MC: %llu",
            (unsigned long long)e->counts.n_mate_unknown);
    if (e->guard && quality_guard_n_bases(e->guard) < QUALITY_BASES_MIN)
        hooks_warn(hooks,
                   "the qualities shown are not judged: %llu bases are too few to tell "
                   "whether they give away the bases",
                   (unsigned long long)quality_guard_n_bases(e->guard));
    if (e->n_without_oq > 0)
        hooks_warn(hooks, "records shown without QUAL, since they have no OQ: %llu",
                   (unsigned long long)e->n_without_oq);
    if (e->is_synth && persona_n_mismatches(e->synth.persona) > 0)
        hooks_warn(hooks, "sites where the VAC's reference base is not that of %s: %llu",
                   e->options->output.reference,
                   (unsigned long long)persona_n_mismatches(e->synth.persona));
    if (!e->signer)
        warn_unsigned(hooks, e->options->bdiff);
}

int vl_encrypt(const struct vl_encrypt_options *options, struct vl_encrypt_counts *counts,
               struct vl_error *err)
{
    struct vl_encrypt_options own;
    int rc = options_take(&encrypt_layout, options, &own, err);
    if (rc < 0)
        return rc;
    struct encryption e = {.options = &own};
    rc = run(&e, err);
    if (rc == 0)
        warn(&e);
    if (rc == 0 && counts)
        *counts = e.counts;
    clear(&e);
    return rc;
}
