#include <string.h>

#include "encryption.h"
#include "mask/input_order.h"
#include "mask/permute_columns.h"
#include "mask/persona.h"
#include "mask/synth_order.h"
#include "mask/window_rules.h"
#include "operation_options.h"
#include "projection/masked_tags.h"
#include "projection/pseudonym.h"
#include "record/record.h"
#include "run/report.h"
#include "run/signatures.h"
#include "window/masked_digest.h"

/* ---- windows ---- */

/* The window to which records are being added. */
static struct mask_window *filling(const struct encryption *e)
{
    return &e->windows[job_queue_slot(&e->queue)];
}

/* Takes the oldest window from the queue and writes its result. */
static int write_window(struct encryption *e, struct vl_error *err)
{
    struct mask_window *w = job_queue_take(&e->queue);
    if (!w)
        return vl_error_memory(err);
    encryption_return_personas(e, w);
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

static int put_window(struct encryption *e, struct vl_error *err)
{
    struct mask_window *w = filling(e);
    if (mask_window_is_empty(w))
        return 0;
    w->ordinal = e->queue.n_given;
    int rc = hooks_progress(&e->options->hooks, e->in.n_records,
                            e->shard.in ? -1 : alignment_input_share(&e->in), err);
    if (rc == 0)
        rc = job_queue_put(&e->queue, mask_window_run, w, err);
    if (rc < 0)
        encryption_return_personas(e, w);
    if (rc == 0 && job_queue_is_full(&e->queue))
        rc = write_window(e, err);
    mask_window_reset(filling(e));
    return rc;
}

/* Puts the window of whole records ahead of the one being filled. */
static int put_beside(struct encryption *e, struct vl_error *err)
{
    mask_window_swap(filling(e), &e->beside);
    int rc = put_window(e, err);
    mask_window_swap(filling(e), &e->beside);
    return rc;
}

static int close_window(struct encryption *e, struct vl_error *err)
{
    int rc = put_window(e, err);
    e->n_opened++;
    return rc == 0 ? put_beside(e, err) : rc;
}

/* Sets *w to the window that the record joins, after closing those that are full. */
static int find_window(struct encryption *e, const struct next_record *next,
                       struct mask_window **w, struct vl_error *err)
{
    bool interrupted = e->n_popped > 0 && shard_is_interrupted(&e->shard, e->last.contig,
                                                               next->locus.contig);
    int rc = interrupted || window_is_full(filling(e), next, &e->last.masked)
                 ? close_window(e, err)
                 : 0;
    *w = filling(e);
    if (rc < 0 || !next->is_whole || window_has_room(*w, next->b))
        return rc;
    if (!window_has_room(&e->beside, next->b))
        rc = put_beside(e, err);
    *w = &e->beside;
    return rc;
}

/* Moves every record that can leave into its window. */
static int drain(struct encryption *e, struct vl_error *err)
{
    struct next_record next;
    struct mask_window *w;
    while (mask_order_peek(&e->order, &next)) {
        int rc = find_window(e, &next, &w, err);
        if (rc < 0)
            return rc;
        window_note_place(w, &next, &e->last);
        rc = mask_order_pop(&e->order, e->n_opened, w, err);
        if (rc < 0)
            return rc;
        e->n_popped++;
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

/* *next is a record for use.  It becomes another one. */
static int mask_records(struct encryption *e, bam1_t **next, struct vl_error *err)
{
    const char *drop = e->options->drop_tags;
    struct vl_locus last = {0};
    int rc;
    while ((rc = next_record(e, *next, err)) > 0) {
        bam1_t *b = *next;
        rc = input_order_check(b, e->n_pushed > 0 ? &last : NULL, &e->in.contigs,
                               e->options->input, err);
        last.contig = b->core.tid < 0 ? (uint32_t)e->in.contigs.n : (uint32_t)b->core.tid;
        last.pos0 = b->core.tid < 0 ? -1 : b->core.pos;
        if (rc == 0 && e->options->drop_tags)
            tags_drop(b, drop);
        e->n_pushed++;
        /* Looked up behind tags_drop, and once. */
        int group = rc == 0 && e->is_synth ? read_group_of(b, &e->read_groups) : -1;
        if (rc == 0 && e->guard)
            rc = quality_guard_add(e->guard, b, group, err);
        if (rc == 0)
            rc = mask_order_advance(&e->order, b, err);
        if (rc == 0)
            rc = drain(e, err);
        if (rc == 0)
            rc = mask_order_push(&e->order, next, group, err);
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
    c->n_long = reorder_n_whole(r, WHOLE_LONG);
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
    int rc = encryption_open(e, err);
    if (rc < 0)
        return rc;
    bam1_t *b = bam_init1();
    rc = b ? mask_records(e, &b, err) : vl_error_memory(err);
    bam_destroy1(b);
    if (rc < 0)
        return rc;
    count_order(e);
    rc = finish(e, err);
    e->counts.bdiff_bytes = vl_bdiff_writer_tell(e->bdiff);
    return rc;
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
        hooks_warn(hooks, "records shown without their mate, which is not near by: %llu",
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
    encryption_close(&e);
    return rc;
}
