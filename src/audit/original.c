#include "original.h"

#include <stdlib.h>
#include <string.h>

#include "alignment/alignment_input.h"
#include "varlock/fail.h"

struct original {
    struct alignment_input in;
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
    int rc = alignment_input_next(&o->in, b, err);
    if (rc > 0)
        coverage_add(o->coverage, false, b);
    return rc;
}

static int check_contigs(const struct original *o, const struct audit_options *options,
                         const struct vl_contigs *masked, struct vl_error *err)
{
    const struct vl_contigs *own = &o->in.contigs;
    for (size_t i = 0; i < own->n || i < masked->n; i++) {
        const struct vl_contig *a = i < own->n ? &own->v[i] : NULL;
        const struct vl_contig *b = i < masked->n ? &masked->v[i] : NULL;
        if (!a || !b || strcmp(a->name, b->name) != 0 || a->length != b->length)
            return vl_error_set(
                err, VL_ERR_DATA,
                "%s: contig %zu is %s, in %s %s or of another length: not "
                "its original",
                options->original, i + 1, a ? a->name : "missing", options->masked,
                b ? b->name : "missing");
    }
    return 0;
}

int original_open(struct original **original, const struct audit_options *options,
                  const struct vl_contigs *contigs, const int32_t *vac_contig,
                  struct coverage *coverage, htsThreadPool *pool, struct vl_error *err)
{
    struct original *o = *original = calloc(1, sizeof *o);
    if (!o)
        return vl_error_memory(err);
    o->coverage = coverage;
    int rc = alignment_input_open(&o->in, options->original, options->reference, NULL,
                                  pool, err);
    if (rc == 0)
        rc = check_contigs(o, options, contigs, err);
    if (rc == 0)
        rc = site_calls_open(&o->calls, options->original, contigs, options->vac,
                             vac_contig, next_original, o, NULL, err);
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
    alignment_input_close(&original->in);
    free(original);
}
