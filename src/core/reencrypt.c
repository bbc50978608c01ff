#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alignment/alignment_input.h"
#include "alignment/header.h"
#include "container/bdiff_file.h"
#include "container/earlier_files.h"
#include "grant/cut_window.h"
#include "grant/window_pass.h"
#include "operation_options.h"
#include "restore/masked_file.h"
#include "run/job_queue.h"
#include "run/operation_keys.h"
#include "run/report.h"
#include "run/request.h"
#include "run/signatures.h"
#include "varlock/draw.h"
#include "varlock/output_paths.h"
#include "varlock/seal.h"
#include "varlock/varlock.h"

/* As many windows are kept from the survey, so that a small grant is read once. */
enum { WINDOWS_KEPT = 4 };

struct regrant {
    const struct vl_reencrypt_options *options;
    struct vl_reencrypt_counts counts;
    htsThreadPool pool;
    struct vl_key *key, *signer;
    struct verifier verifier;
    struct recipients recipients;
    struct vl_bdiff_reader *parent;
    struct vl_names read_groups; /* original IDs; only with the owner's file */
    struct c4gh_keys c4gh_keys;
    struct masked_file masked;
    struct vl_ranges wanted;
    bool any_cut, seeks; /* a window was cut; if so, the masked file has an index */
    bool everything;     /* no request: grant all that the parent grants */
    struct vl_bdiff_writer *slice;
    struct job_queue queue;
    struct cut_window *windows; /* one per slot of the queue, and WINDOWS_KEPT more */
    size_t n_windows;
    size_t n_kept; /* windows that are open after the survey: all that are wanted; or 0 */
    struct template_ends elsewhere; /* ends that records of other windows ask for */
    uint64_t n_read;                /* masked records read so far, for progress */
    size_t next;                    /* next window that may be passed on as a whole */
    uint64_t n_written;
    struct vl_buf plain, passed, sealed;
};

/* ---- preparation ---- */

static int check_outputs(const struct vl_reencrypt_options *o, struct vl_error *err)
{
    const char *inputs[] = {o->masked, o->bdiff,  o->key,
                            o->signer, o->verify, o->reference};
    int rc =
        vl_file_check_outputs(&o->output, 1, inputs, sizeof inputs / sizeof *inputs, err);
    if (rc == 0)
        rc = request_check_inputs(&o->request, o->masked, &o->output, 1, err);
    if (rc == 0)
        rc = vl_file_check_outputs(&o->output, 1, o->recipients.v, o->recipients.n, err);
    if (rc == 0)
        rc = vl_file_check_outputs(&o->output, 1, o->c4gh_keys.v, o->c4gh_keys.n, err);
    return rc < 0 ? rc : bdiff_output_check(o->output, o->force, err);
}

/* Requires that the user says what the slice grants. */
static int check_request(const struct vl_reencrypt_options *o, struct vl_error *err)
{
    bool is_empty = request_is_empty(&o->request);
    if (is_empty && !o->all)
        return vl_error_set(err, VL_ERR_USAGE,
                            "no region is named (-r, -R, --unmapped); granting "
                            "everything needs --all");
    if (!is_empty && o->all)
        return vl_error_set(err, VL_ERR_USAGE, "--all and regions contradict each other");
    return 0;
}

/* samtools reads chr1:1,000 as everything from there on; many people read it as one
 * position.  A grant cannot be taken back, so neither meaning is guessed. */
static int check_regions(const struct vl_list *regions, const struct vl_contigs *contigs,
                         struct vl_error *err)
{
    for (size_t i = 0; i < regions->n; i++)
        if (vl_region_is_position(contigs, regions->v[i]))
            return vl_error_set(err, VL_ERR_USAGE,
                                "region %s is ambiguous: write %s- for all that follows, "
                                "or %s-%s for this position",
                                regions->v[i], regions->v[i], regions->v[i],
                                strrchr(regions->v[i], ':') + 1);
    return 0;
}

static int open_inputs(struct regrant *r, struct vl_error *err)
{
    const struct vl_reencrypt_options *o = r->options;
    int rc = check_request(o, err);
    if (rc == 0)
        rc = recipients_read(&r->recipients, &o->recipients, err);
    if (rc == 0)
        rc = operation_key_read_private(o->key, &o->hooks, &r->key, err);
    if (rc == 0)
        rc = operation_key_read_signer(o->signer, &o->hooks, &r->signer, err);
    if (rc == 0)
        rc = verifier_open(&r->verifier, o->verify, r->signer, o->signer, o->unverified,
                           err);
    if (rc == 0)
        rc = vl_bdiff_reader_open(&r->parent, o->bdiff, r->key, o->key, r->verifier.key,
                                  r->verifier.path, err);
    if (rc == 0)
        rc = check_regions(&o->request.regions,
                           &vl_bdiff_reader_header(r->parent)->contigs, err);
    if (rc == 0)
        rc = request_resolve(&o->request, vl_bdiff_reader_header(r->parent), o->bdiff,
                             &r->wanted, err);
    if (rc == 0)
        rc = operation_keys_read_c4gh(&r->c4gh_keys, &o->c4gh_keys, &o->hooks, err);
    if (rc == 0)
        rc = masked_open(&r->masked, o->masked, o->reference, &r->c4gh_keys, &r->pool,
                         r->parent, err);
    if (rc == 0) {
        /* A shard does not cover the whole input.  Granting all of it is not
         * `everything`: places outside the shard stay outside the grant. */
        const struct vl_bdiff_header *h = vl_bdiff_reader_header(r->parent);
        r->everything = request_is_empty(&o->request) && (!h->is_root || h->grants_all);
    }
    return rc < 0 || r->everything ? rc
                                   : masked_select(&r->masked, &r->wanted, true, err);
}

static int open_slice(struct regrant *r, struct vl_error *err)
{
    const struct vl_bdiff_header *parent = vl_bdiff_reader_header(r->parent);
    struct vl_bdiff_header header = {.mask_model = parent->mask_model,
                                     .grants_all = parent->grants_all && r->everything,
                                     .contigs = parent->contigs,
                                     .granted = r->wanted};
    memcpy(header.root_id, parent->root_id, sizeof header.root_id);
    memcpy(header.read_groups_sha256, parent->read_groups_sha256,
           sizeof header.read_groups_sha256);
    /* A slice of everything passes windows on, so it tells what moved their records. */
    header.geometry = parent->geometry;
    int rc =
        parent->is_root ? vl_geometry_key(parent->mask_key, header.geometry.key, err) : 0;
    if (rc == 0)
        rc = vl_bdiff_writer_new(&r->slice, err);
    if (rc == 0)
        rc = vl_bdiff_writer_open(r->slice, r->options->output, r->options->force,
                                  r->recipients.keys, r->recipients.n, &header, err);
    vl_wipe(header.geometry.key, sizeof header.geometry.key);
    return rc;
}

static int open_windows(struct regrant *r, struct vl_error *err)
{
    const struct vl_bdiff_header *header = vl_bdiff_reader_header(r->parent);
    int rc = job_queue_open(&r->queue, &r->pool, r->options->n_threads, err);
    if (rc == 0 && header->is_root)
        rc = header_read_groups(&header->original_text, &r->read_groups, err);
    if (rc < 0)
        return rc;
    r->windows = calloc(r->queue.n_slots + WINDOWS_KEPT, sizeof *r->windows);
    if (!r->windows)
        return vl_error_memory(err);
    r->n_windows = r->queue.n_slots + WINDOWS_KEPT;
    for (size_t i = 0; i < r->n_windows; i++) {
        if (!(r->windows[i].spare = bam_init1()))
            return vl_error_memory(err);
        r->windows[i].parent.file = &r->masked;
        r->windows[i].parent.records.model = header->mask_model;
        r->windows[i].parent.records.has_order = header->is_root;
        r->windows[i].slice.model = header->mask_model;
        if (header->grants_all && r->everything)
            r->windows[i].slice.geometry = shown_geometry_used(&r->masked.geometry);
        r->windows[i].parent.read_groups = header->is_root ? &r->read_groups : NULL;
        r->windows[i].grant.ranges = &r->wanted;
        r->windows[i].grant.contigs = &header->contigs;
        r->windows[i].grant.read_groups = r->windows[i].parent.read_groups;
        r->windows[i].grant.everything = r->everything;
        if (!r->everything)
            r->windows[i].parent.records.wanted = &r->wanted;
        r->windows[i].slice.stores_places = !(header->grants_all && r->everything);
        rc = restore_window_know_dealing(&r->windows[i].parent, err);
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* ---- the run ---- */

static int write_plain(struct regrant *r, const struct vl_buf *plain,
                       struct vl_bdiff_entry *entry, uint64_t n_sites,
                       struct vl_error *err)
{
    vl_bdiff_writer_index(r->slice)->n_sites += n_sites;
    int rc =
        vl_bdiff_writer_seal(r->slice, r->n_written++, plain, entry, &r->sealed, err);
    return rc < 0 ? rc : vl_bdiff_writer_add(r->slice, entry, &r->sealed, err);
}

/* Takes the oldest window that is done. */
static int take_window(struct regrant *r, struct cut_window **w, struct vl_error *err)
{
    *w = job_queue_take(&r->queue);
    if (!*w)
        return vl_error_memory(err);
    if ((*w)->parent.rc < 0 && err)
        *err = (*w)->parent.error;
    return (*w)->parent.rc;
}

static int write_window(struct regrant *r, struct vl_error *err)
{
    struct cut_window *w;
    int rc = take_window(r, &w, err);
    if (rc < 0)
        return rc;
    r->counts.n_restored += w->counts.n_restored;
    r->counts.n_whole += w->counts.n_whole;
    r->counts.n_loose += w->counts.n_loose;
    r->counts.n_withheld += w->counts.n_withheld;
    return w->is_empty ? 0 : write_plain(r, &w->plain, &w->entry, w->slice.sites.n, err);
}

static int write_windows(struct regrant *r, struct vl_error *err)
{
    int rc = 0;
    while (rc == 0 && r->queue.n > 0)
        rc = write_window(r, err);
    return rc;
}

/* Tries to pass on window i, all of which is granted, without reading the masked file.  1
 * if it was passed on, 0 if it must be cut.  This is not a job of the queue: unsealing
 * and sealing take most of the time, and that is 2 ms per MB. */
static int pass_window(struct regrant *r, size_t i, struct vl_error *err)
{
    struct vl_bdiff_entry entry = vl_bdiff_reader_index(r->parent)->v[i];
    bool is_root = vl_bdiff_reader_header(r->parent)->is_root;
    struct window_shows shows = {0};
    vl_buf_reset(&r->plain);
    vl_buf_reset(&r->passed);
    int rc = vl_bdiff_reader_window(r->parent, i, &r->plain, err);
    if (rc == 0)
        rc = window_pass(r->plain.data, r->plain.len, entry.n_records,
                         is_root ? &r->read_groups : NULL, &r->passed, &shows, err);
    if (rc <= 0)
        return rc;
    rc = write_windows(r, err); /* first the windows before it */
    if (rc < 0)
        return rc;
    r->counts.n_restored += shows.n_restored;
    r->counts.n_whole += shows.n_whole;
    r->counts.n_loose += shows.n_loose;
    rc = write_plain(r, &r->passed, &entry, shows.n_sites, err);
    return rc < 0 ? rc : 1;
}

static int tell_progress(const struct regrant *r, double share, struct vl_error *err)
{
    return hooks_progress(&r->options->hooks, r->n_read, share, err);
}

/* Gets the next window that must be cut, with its masked records.  1, or 0 at the end. */
static int next_window(struct regrant *r, struct restore_window *w, struct vl_error *err)
{
    const struct vl_bdiff_index *index = vl_bdiff_reader_index(r->parent);
    if (!r->everything)
        return masked_next_window(&r->masked, &w->number, &w->records.masked, err);
    for (; r->next < index->n; r->next++) {
        int rc = pass_window(r, r->next, err);
        if (rc < 0)
            return rc;
        if (rc == 0) {
            if (!r->any_cut)
                r->seeks = alignment_input_try_index(&r->masked.in);
            r->any_cut = true;
            rc = masked_select(&r->masked, NULL, r->seeks, err);
            w->number = r->next++;
            return rc < 0 ? rc
                          : masked_read_window(&r->masked, w->number, &w->records.masked,
                                               err);
        }
        r->n_read += index->v[r->next].n_records;
        rc = tell_progress(r, (double)(r->next + 1) / (double)index->n, err);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int survey_window(struct regrant *r, struct vl_error *err)
{
    struct cut_window *w;
    int rc = take_window(r, &w, err);
    if (rc == 0)
        vl_buf_add(&r->elsewhere.v, w->straddling.v.data, w->straddling.v.len);
    return rc < 0 || !r->elsewhere.v.failed ? rc : vl_error_memory(err);
}

/* Reads the windows a first time, to learn of templates whose records lie in several of
 * them. */
static int survey_windows(struct regrant *r, struct vl_error *err)
{
    int rc = 0, more;
    size_t n = 0;
    if (r->everything)
        return 0;
    do {
        struct cut_window *w = &r->windows[n % r->n_windows];
        restore_window_reset(&w->parent);
        more = masked_next_window(&r->masked, &w->parent.number,
                                  &w->parent.records.masked, err);
        n += more > 0;
        if (more > 0)
            rc = job_queue_put(&r->queue, cut_window_survey, w, err);
        if (rc == 0 && more > 0 && job_queue_is_full(&r->queue))
            rc = survey_window(r, err);
        if (rc == 0)
            rc = tell_progress(r, -1, err);
    } while (rc == 0 && more > 0);
    while (rc == 0 && more == 0 && r->queue.n > 0)
        rc = survey_window(r, err);
    masked_restart(&r->masked);
    r->n_kept = n < r->n_windows ? n : 0;
    for (size_t i = 0; i < r->n_windows; i++)
        r->windows[i].grant.elsewhere = &r->elsewhere;
    if (rc == 0 && more == 0 && template_ends_sort(&r->elsewhere) < 0)
        rc = vl_error_memory(err);
    return rc < 0 ? rc : more;
}

static int cut_kept(struct regrant *r, struct vl_error *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < r->n_kept; i++) {
        r->n_read += r->windows[i].parent.records.masked.n;
        rc = job_queue_put(&r->queue, cut_window_again, &r->windows[i], err);
        if (rc == 0 && job_queue_is_full(&r->queue))
            rc = write_window(r, err);
        if (rc == 0)
            rc = tell_progress(r, -1, err);
    }
    return rc;
}

static int cut_windows(struct regrant *r, struct vl_error *err)
{
    if (r->n_kept > 0)
        return cut_kept(r, err);
    for (;;) {
        struct cut_window *w = &r->windows[job_queue_slot(&r->queue)];
        restore_window_reset(&w->parent);
        int rc = next_window(r, &w->parent, err);
        if (rc <= 0)
            return rc;
        r->n_read += w->parent.records.masked.n;
        rc = job_queue_put(&r->queue, cut_window_run, w, err);
        if (rc == 0 && job_queue_is_full(&r->queue))
            rc = write_window(r, err);
        if (rc == 0)
            rc = tell_progress(
                r, r->masked.seeks ? -1 : alignment_input_share(&r->masked.in), err);
        if (rc < 0)
            return rc;
    }
}

static int finish(struct regrant *r, struct vl_error *err)
{
    const struct vl_bdiff_index *parent = vl_bdiff_reader_index(r->parent);
    struct vl_bdiff_index *index = vl_bdiff_writer_index(r->slice);
    index->n_masked = parent->n_masked;
    index->n_whole = r->counts.n_whole;
    memcpy(index->masked_sha256, parent->masked_sha256, sizeof index->masked_sha256);
    int rc = vl_bdiff_writer_finish(r->slice, r->signer, err);
    return rc < 0 ? rc : vl_bdiff_writer_commit(r->slice, err);
}

/* "granted z:1-10 to 1 key (SHA256:...), signed by SHA256:..." */
static int describe(struct regrant *r, struct vl_error *err)
{
    enum { REGIONS_SHOWN = 6, KEYS_SHOWN = 6 };
    const struct vl_bdiff_header *parent = vl_bdiff_reader_header(r->parent);
    char signer[VL_FINGERPRINT_CHARS + 1] = "";
    struct vl_buf text = VL_BUF_INIT;
    int rc = r->signer ? vl_key_fingerprint(r->signer, signer, err) : 0;
    if (rc < 0)
        return rc;
    vl_buf_addf(&text, "granted ");
    if (parent->grants_all && r->everything)
        vl_buf_addf(&text, "everything");
    else
        vl_ranges_format(&r->wanted, &parent->contigs, REGIONS_SHOWN, &text);
    if (r->wanted.n > REGIONS_SHOWN && !(parent->grants_all && r->everything))
        vl_buf_addf(&text, " (%zu regions%s)", r->wanted.n,
                    r->wanted.unplaced ? " and *" : "");
    vl_buf_addf(&text, " to %zu key%s (", r->recipients.n,
                r->recipients.n == 1 ? "" : "s");
    for (size_t i = 0; i < r->recipients.n && i < KEYS_SHOWN; i++)
        vl_buf_addf(&text, "%s%s", i ? ", " : "", r->recipients.fingerprints[i]);
    vl_buf_addf(&text, r->recipients.n > KEYS_SHOWN ? ", ...), " : "), ");
    vl_buf_addf(&text, r->signer ? "signed by %s" : "not signed%s", signer);
    vl_buf_add_byte(&text, 0);
    if (!text.failed)
        snprintf(r->counts.granted, sizeof r->counts.granted, "%s", (char *)text.data);
    rc = text.failed ? vl_error_memory(err) : 0;
    vl_buf_clear(&text);
    return rc;
}

static int run(struct regrant *r, struct vl_error *err)
{
    int rc = check_outputs(r->options, err);
    if (rc == 0)
        rc = pool_start(&r->pool, r->options->n_threads, err);
    if (rc == 0)
        rc = open_inputs(r, err);
    if (rc == 0)
        rc = open_slice(r, err);
    if (rc == 0)
        rc = open_windows(r, err);
    if (rc == 0)
        rc = survey_windows(r, err);
    if (rc == 0)
        rc = cut_windows(r, err);
    if (rc == 0)
        rc = write_windows(r, err);
    if (rc == 0)
        rc = describe(r, err);
    if (rc == 0)
        rc = finish(r, err);
    if (rc < 0)
        return rc;
    r->counts.n_windows = r->n_written;
    r->counts.bdiff_bytes = vl_bdiff_writer_tell(r->slice);
    return 0;
}

static void clear(struct regrant *r)
{
    job_queue_close(&r->queue);
    for (size_t i = 0; i < r->n_windows; i++)
        cut_window_clear(&r->windows[i]);
    free(r->windows);
    masked_close(&r->masked);
    c4gh_keys_clear(&r->c4gh_keys);
    vl_bdiff_reader_free(r->parent);
    vl_bdiff_writer_free(r->slice);
    recipients_clear(&r->recipients);
    vl_key_free(r->key);
    vl_key_free(r->signer);
    verifier_close(&r->verifier);
    vl_ranges_clear(&r->wanted);
    vl_names_clear(&r->read_groups);
    template_ends_clear(&r->elsewhere);
    vl_buf_wipe(&r->plain);
    vl_buf_wipe(&r->passed);
    vl_buf_clear(&r->sealed);
    pool_stop(&r->pool);
}

int vl_reencrypt(const struct vl_reencrypt_options *options,
                 struct vl_reencrypt_counts *counts, struct vl_error *err)
{
    struct vl_reencrypt_options own;
    int rc = options_take(&reencrypt_layout, options, &own, err);
    if (rc < 0)
        return rc;
    struct regrant r = {.options = &own};
    rc = run(&r, err);
    if (rc == 0 && !vl_bdiff_reader_is_verified(r.parent))
        warn_unverified(&own.hooks, own.bdiff, r.signer != NULL);
    if (rc == 0 && !r.signer)
        warn_unsigned(&own.hooks, own.output);
    if (rc == 0 && counts)
        *counts = r.counts;
    clear(&r);
    return rc;
}
