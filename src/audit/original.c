#include "original.h"

#include <stdlib.h>
#include <string.h>

#include "alignment/alignment_input.h"
#include "container/bdiff_file.h"
#include "restored_reader.h"
#include "varlock/fail.h"

struct original {
    struct alignment_input in;    /* a file, or: */
    struct vl_restored *restored; /* what masked file and BDIFF show; NULL: a file */
    const char *path;             /* of what is read, for messages */
    struct coverage *coverage;
    struct site_calls *calls;
    struct site_call call;
    bool has_call; /* `call` is the next site that the original shows */
    bool ended;
};

/* A next_record_fn. */
static int next_original(void *arg, bam1_t *b, struct vl_error *err)
{
    struct original *o = arg;
    int rc = o->restored ? vl_restored_next(o->restored, b, err)
                         : alignment_input_next(&o->in, b, err);
    if (rc > 0)
        coverage_add(o->coverage, false, b);
    return rc;
}

static int check_contigs(const char *path, const struct vl_contigs *own,
                         const char *masked_path, const struct vl_contigs *masked,
                         struct vl_error *err)
{
    for (size_t i = 0; i < own->n || i < masked->n; i++) {
        const struct vl_contig *a = i < own->n ? &own->v[i] : NULL;
        const struct vl_contig *b = i < masked->n ? &masked->v[i] : NULL;
        if (!a || !b || strcmp(a->name, b->name) != 0 || a->length != b->length)
            return vl_error_set(
                err, VL_ERR_DATA,
                "%s: contig %zu is %s, in %s %s or of another length: not "
                "its original",
                path, i + 1, a ? a->name : "missing", masked_path,
                b ? b->name : "missing");
    }
    return 0;
}

/* A slice does not tell the original outside of what it grants.  The contigs of an
 * owner's BDIFF are those of the masked file, or it is refused. */
static int open_restored(struct original *o, const struct audit_options *options,
                         struct vl_error *err)
{
    const struct vl_restored_options restored = {.size = sizeof restored,
                                                 .masked = options->masked,
                                                 .bdiff = options->bdiff,
                                                 .keys = options->keys,
                                                 .verify = options->verify,
                                                 .reference = options->reference,
                                                 .n_threads = options->n_threads,
                                                 .hooks = options->hooks};
    int rc = vl_restored_open(&o->restored, &restored, err);
    if (rc < 0)
        return rc;
    const struct vl_bdiff_reader *bdiff = restored_reader_bdiff(o->restored);
    o->path = options->bdiff;
    return vl_bdiff_reader_header(bdiff)->is_root
               ? 0
               : vl_error_set(
                     err, VL_ERR_GRANT,
                     "%s: is a slice; only the owner's BDIFF restores the original",
                     options->bdiff);
}

static int open_file(struct original *o, const struct audit_options *options,
                     const struct vl_contigs *contigs, htsThreadPool *pool,
                     struct vl_error *err)
{
    o->path = options->original;
    int rc = alignment_input_open(&o->in, o->path, options->reference, NULL, pool, err);
    return rc < 0 ? rc
                  : check_contigs(o->path, &o->in.contigs, options->masked, contigs, err);
}

int original_open(struct original **original, const struct audit_options *options,
                  const struct vl_contigs *contigs, const int32_t *vac_contig,
                  struct coverage *coverage, htsThreadPool *pool, struct vl_error *err)
{
    struct original *o = *original = calloc(1, sizeof *o);
    if (!o)
        return vl_error_memory(err);
    o->coverage = coverage;
    int rc = options->bdiff ? open_restored(o, options, err)
                            : open_file(o, options, contigs, pool, err);
    if (rc == 0)
        rc = site_calls_open(&o->calls, o->path, contigs, options->vac, vac_contig,
                             next_original, o, NULL, err);
    if (rc < 0) {
        original_free(o);
        *original = NULL;
    }
    return rc;
}

static int go_on(struct original *o, struct vl_error *err)
{
    int rc = o->ended ? 0 : site_calls_next(o->calls, &o->call, err);
    o->has_call = rc > 0;
    o->ended |= rc == 0;
    return rc;
}

/* True if the place of `a` is before that of `b`. */
static bool is_before(const struct site_call *a, const struct site_call *b)
{
    return a->contig != b->contig ? a->contig < b->contig : a->site.pos0 < b->site.pos0;
}

int original_find(struct original *original, const struct site_call *masked,
                  const struct site_call **call, struct vl_error *err)
{
    struct original *o = original;
    int rc = o->has_call ? 1 : go_on(o, err);
    while (rc > 0 && is_before(&o->call, masked))
        rc = go_on(o, err);
    *call = &o->call;
    return rc <= 0 ? rc : !is_before(masked, &o->call);
}

size_t original_recipients(const struct original *original)
{
    return original->restored
               ? vl_bdiff_reader_n_recipients(restored_reader_bdiff(original->restored))
               : 0;
}

int original_finish(struct original *original, struct vl_error *err)
{
    int rc;
    while ((rc = go_on(original, err)) > 0)
        ;
    return rc;
}

void original_free(struct original *original)
{
    if (!original)
        return;
    site_calls_free(original->calls);
    vl_restored_free(original->restored);
    alignment_input_close(&original->in);
    free(original);
}
