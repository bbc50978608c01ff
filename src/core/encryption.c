#include "encryption.h"

#include <stdlib.h>
#include <string.h>

#include "alignment/fasta.h"
#include "alignment/header.h"
#include "mask/mask_key.h"
#include "mask/persona.h"
#include "mask/vac_match.h"
#include "projection/masked_header.h"
#include "projection/masked_tags.h"
#include "projection/quality.h"
#include "record/record.h"
#include "run/operation_keys.h"
#include "run/report.h"
#include "varlock/seal.h"
#include "varlock/wire.h"
#include "window/masked_digest.h"

/* ---- options ---- */

static unsigned rules_of(const struct vl_encrypt_options *o)
{
    return o->force ? VL_OUTFILE_REPLACES : 0;
}

static int check_outputs(const struct vl_encrypt_options *o, struct vl_error *err)
{
    const char *inputs[] = {o->input, o->vac, o->mask_key, o->signer,          o->vault,
                            o->like,  o->key, o->verify,   o->output.reference};
    int rc =
        alignment_output_check_paths(&o->output, o->bdiff, inputs,
                                     sizeof inputs / sizeof *inputs, &o->recipients, err);
    if (rc == 0)
        rc = alignment_output_check_paths(&o->output, o->bdiff, NULL, 0, &o->c4gh_keys,
                                          err);
    return rc < 0
               ? rc
               : alignment_output_check_targets(&o->output, rules_of(o), o->bdiff, err);
}

static int check_options(struct encryption *e, struct vl_error *err)
{
    const struct vl_encrypt_options *o = e->options;
    int rc = synth_is_wanted(o, &e->is_synth, err);
    if (rc == 0 && o->regions.n > 0 && !o->mask_key && !o->like)
        rc = vl_error_set(err, VL_ERR_USAGE,
                          "-r needs --mask-key: shards must show one person");
    if (rc == 0 && !o->like && (o->verify || o->unverified))
        rc = vl_error_set(err, VL_ERR_USAGE,
                          "-V and --unverified are about the BDIFF of --like");
    if (rc == 0 && ((o->like && o->mask_key) || !o->like != !o->key))
        rc = vl_error_set(err, VL_ERR_USAGE,
                          o->mask_key ? "--like and --mask-key contradict each other"
                                      : "--like BDIFF and its key (-k) go together");
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

/* ---- the inputs ---- */

/* Whoever made the earlier BDIFF knows the masking key in it, so it must be signed. */
static int take_key_of_like(struct encryption *e, struct vl_error *err)
{
    const struct vl_encrypt_options *o = e->options;
    struct verifier verifier;
    int rc =
        verifier_open(&verifier, o->verify, e->signer, o->signer, o->unverified, err);
    if (rc < 0)
        return rc;
    rc = mask_key_like(o->like, o->key, &verifier, &o->hooks, e->mask_key, err);
    if (rc == 0 && !verifier.key)
        hooks_warn(
            &o->hooks,
            "nobody verified who wrote %s; its author can know the masking key and "
            "undo what it masks; -V checks its signature",
            o->like);
    verifier_close(&verifier);
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
        rc = operation_key_read_signer(o->signer, &o->hooks, &e->signer, err);
    if (rc == 0)
        rc = o->like ? take_key_of_like(e, err)
                     : mask_key_read(o->mask_key, &o->hooks, e->mask_key, err);
    if (rc == 0)
        rc = vl_vac_open(&e->vac, o->vac, err);
    if (rc == 0)
        rc = operation_keys_read_c4gh(&e->c4gh_keys, &o->c4gh_keys, &o->hooks, err);
    if (rc == 0)
        rc = alignment_input_open(&e->in, o->input, o->output.reference, &e->c4gh_keys,
                                  &e->pool, err);
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

/* What the input's first reads and contigs decided, and what that costs. */
static void warn_of_choices(const struct encryption *e)
{
    const struct vl_hooks *hooks = &e->options->hooks;
    const char *input = e->options->input;
    if (e->synth.is_flat_for_length)
        hooks_warn(hooks,
                   "%s: has reads of more than 1,000 bases, whose QUAL would tell their "
                   "indels: it is shown as 30 throughout (--qual flat)",
                   input);
    if (e->synth.geometry.shows_ends)
        hooks_warn(hooks,
                   "%s: has spliced reads: the 5' ends of reads are shown where they are "
                   "(--blur 0 --inserts keep --max-insert none), which tells insertions "
                   "and deletions",
                   input);
    if (e->synth.n_vaulted > 0 && !e->options->vault)
        hooks_warn(hooks,
                   "%s: templates on HLA and alternate contigs (%zu) are not shown: the "
                   "hole that they leave on the primary contigs tells of the person; "
                   "--vault takes these places out",
                   input, e->synth.n_vaulted);
}

static int open_synth(struct encryption *e, struct vl_error *err)
{
    int rc = synth_setup_open(&e->synth, e->options, &e->in, &e->read_groups, e->vac,
                              e->vac_contig, e->mask_key, &e->head, err);
    if (rc == 0)
        warn_of_choices(e);
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

/* ---- the outputs ---- */

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
                (e->is_synth && synth_setup_tell(&e->synth, &e->told) < 0) ||
                header_read_groups_digest(&e->masked_text, header.read_groups_sha256) < 0
            ? vl_error_memory(err)
            : vl_vac_digest(e->vac, header.vac_sha256, err);
    header.geometry = e->told;
    shown_geometry_set(&e->geometry, &e->told, &e->in.contigs);
    if (rc == 0)
        rc = vl_bdiff_writer_open(e->bdiff, e->options->bdiff, e->options->force,
                                  e->recipients.keys, e->recipients.n, &header, err);
    vl_wipe(header.mask_key, sizeof header.mask_key);
    vl_wipe(header.geometry.key, sizeof header.geometry.key);
    vl_buf_clear(&header.dropped_tags);
    return rc;
}

static int open_masked(struct encryption *e, struct vl_error *err)
{
    e->masked_header =
        header_from_raw(e->masked_text.data, e->masked_text.len, &e->in.contigs);
    return e->masked_header ? alignment_output_open(&e->out, &e->options->output, 0666,
                                                    rules_of(e->options),
                                                    e->masked_header, NULL, &e->pool, err)
                            : vl_error_memory(err);
}

static int open_windows(struct encryption *e, struct vl_error *err)
{
    e->context = (struct mask_context){
        .writer = e->bdiff,
        .synth = e->is_synth ? &e->synth.context : NULL,
        .geometry = shown_geometry_used(&e->geometry),
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
    return rc < 0 ? rc : mask_window_open(&e->beside, &e->context, err);
}

/* ---- everything ---- */

int encryption_open(struct encryption *e, struct vl_error *err)
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
    return rc < 0 ? rc : open_windows(e, err);
}

void encryption_return_personas(struct encryption *e, struct mask_window *w)
{
    for (size_t i = 0; i < w->n_personas; i++)
        persona_return(e->synth.persona, w->personas[i]);
    w->n_personas = 0;
}

void encryption_close(struct encryption *e)
{
    job_queue_close(&e->queue);
    for (size_t i = 0; e->windows && i < e->queue.n_slots; i++) {
        encryption_return_personas(e, &e->windows[i]);
        mask_window_clear(&e->windows[i]);
    }
    free(e->windows);
    mask_window_clear(&e->beside);
    mask_order_close(&e->order);
    synth_setup_close(&e->synth);
    shown_geometry_close(&e->geometry);
    vl_buf_clear(&e->told.libraries);
    vl_wipe(e->told.key, sizeof e->told.key);
    quality_guard_free(e->guard);
    record_array_clear(&e->head);
    alignment_output_free(e->out);
    shard_close(&e->shard);
    alignment_input_close(&e->in);
    c4gh_keys_clear(&e->c4gh_keys);
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
