#include "varlock/restored.h"

#include <stdlib.h>

#include "alignment/header.h"
#include "operation_options.h"
#include "record/record.h"
#include "restore/restored_stream.h"
#include "restored_reader.h"
#include "run/bdiff_keys.h"
#include "run/operation_keys.h"

/* What readers share. */
struct source {
    struct vl_restored_options options;
    struct vl_bdiff_reader *bdiff; /* NULL: there is none */
    struct c4gh_keys keys;
};

struct vl_restored {
    struct source *source;
    bool is_first; /* it owns the source */
    htsThreadPool pool;
    struct restored_stream stream;
    struct vl_ranges chosen; /* of vl_restored_seek */
    sam_hdr_t *header;
    bam1_t **ready; /* records that wait, from `at` on; the others are spare */
    size_t at, n_ready, cap;
    struct vl_error *err, unasked; /* of the call that runs */
};

/* ---- opening ---- */

static int open_source(struct source *s, struct vl_error *err)
{
    const struct vl_restored_options *o = &s->options;
    struct vl_key *verifier = NULL;
    int rc = operation_keys_read_c4gh(&s->keys, &o->c4gh_keys, &o->hooks, err);
    if (rc == 0 && o->verify)
        rc = operation_key_read_verifier(o->verify, &verifier, err);
    if (rc == 0 && o->bdiff)
        rc = bdiff_open_with_keys(&s->bdiff, o->bdiff, &o->keys, &o->hooks, verifier,
                                  o->verify, err);
    vl_key_free(verifier);
    return rc;
}

static void close_source(struct source *s)
{
    vl_bdiff_reader_free(s->bdiff);
    c4gh_keys_clear(&s->keys);
    free(s);
}

static int take_record(void *arg, const bam1_t *b, int grade);

static int open_stream(struct vl_restored *r, struct vl_error *err)
{
    const struct vl_restored_options *o = &r->source->options;
    struct restored_stream *s = &r->stream;
    struct vl_bdiff_reader *bdiff = r->source->bdiff;
    const struct vl_bdiff_header *header = bdiff ? vl_bdiff_reader_header(bdiff) : NULL;
    int rc = pool_start(&r->pool, o->n_threads, err);
    if (rc == 0)
        rc = restored_stream_open(s, o->masked, o->reference, &r->source->keys, &r->pool,
                                  bdiff, take_record, r, err);
    if (rc < 0)
        return rc;
    s->choice.whole = s->choice.apart = true;
    s->choice.wanted = header && !header->is_root ? &header->granted : NULL;
    const struct vl_buf *text =
        header && header->is_root ? &header->original_text : &s->masked.in.text;
    r->header = header_from_raw(text->data, text->len, &s->masked.in.contigs);
    return r->header ? restored_stream_start(s, o->n_threads, err) : vl_error_memory(err);
}

static int open_reader(struct vl_restored **reader, struct source *source, bool is_first,
                       struct vl_error *err)
{
    struct vl_restored *r = calloc(1, sizeof *r);
    if (!r) {
        if (is_first)
            close_source(source);
        return vl_error_memory(err);
    }
    r->source = source;
    r->is_first = is_first;
    int rc = is_first ? open_source(source, err) : 0;
    if (rc == 0)
        rc = open_stream(r, err);
    if (rc < 0) {
        vl_restored_free(r);
        r = NULL;
    }
    *reader = r;
    return rc;
}

int vl_restored_open(struct vl_restored **reader,
                     const struct vl_restored_options *options, struct vl_error *err)
{
    struct source *source = calloc(1, sizeof *source);
    if (!source)
        return vl_error_memory(err);
    int rc = options_take(&restored_layout, options, &source->options, err);
    if (rc < 0) {
        free(source);
        return rc;
    }
    return open_reader(reader, source, true, err);
}

int restored_reader_again(struct vl_restored **reader, const struct vl_restored *from,
                          struct vl_error *err)
{
    return open_reader(reader, from->source, false, err);
}

const sam_hdr_t *vl_restored_header(const struct vl_restored *reader)
{
    return reader->header;
}

struct alignment_input *restored_reader_input(struct vl_restored *reader)
{
    return &reader->stream.masked.in;
}

const struct vl_bdiff_reader *restored_reader_bdiff(const struct vl_restored *reader)
{
    return reader->source->bdiff;
}

/* ---- reading ---- */

int restored_reader_select(struct vl_restored *r, const struct vl_ranges *ranges,
                           struct vl_error *err)
{
    r->at = r->n_ready = 0;
    return restored_stream_select(&r->stream, ranges, err ? err : &r->unasked);
}

int vl_restored_seek(struct vl_restored *r, int tid, hts_pos_t beg, hts_pos_t end,
                     struct vl_error *err)
{
    const struct vl_contigs *contigs = &r->stream.masked.in.contigs;
    if (tid < -1 || (tid >= 0 && ((size_t)tid >= contigs->n || beg < 0 || end <= beg)))
        return vl_error_set(err, VL_ERR_USAGE, "%s: no such contig, or an empty range",
                            r->source->options.masked);
    vl_ranges_clear(&r->chosen);
    if (tid >= 0 && vl_ranges_add(&r->chosen, contigs, tid, beg, end) < 0)
        return vl_error_memory(err);
    r->chosen.unplaced = tid < 0;
    return restored_reader_select(r, &r->chosen, err);
}

/* Makes room for one more record. */
static int grow(struct vl_restored *r)
{
    size_t cap = r->cap ? 2 * r->cap : 1024;
    bam1_t **ready =
        r->n_ready < r->cap ? r->ready : realloc(r->ready, cap * sizeof *ready);
    if (!ready)
        return vl_error_memory(r->err);
    r->ready = ready;
    for (; r->n_ready == r->cap && r->cap < cap; r->cap++)
        ready[r->cap] = NULL;
    return 0;
}

/* A shown_write_fn. */
static int take_record(void *arg, const bam1_t *b, int grade)
{
    struct vl_restored *r = arg;
    (void)grade;
    int rc = grow(r);
    if (rc < 0)
        return rc;
    bam1_t **own = &r->ready[r->n_ready];
    if (!*own)
        *own = bam_init1();
    if (!*own || !bam_copy1(*own, b))
        return vl_error_memory(r->err);
    r->n_ready++;
    return 0;
}

int vl_restored_next(struct vl_restored *r, bam1_t *b, struct vl_error *err)
{
    int rc = 1;
    r->err = err ? err : &r->unasked;
    while (r->at == r->n_ready && rc > 0) {
        r->at = r->n_ready = 0;
        rc = restored_stream_step(&r->stream, r->err);
    }
    if (rc < 0 || r->at == r->n_ready)
        return rc;
    record_swap(b, r->ready[r->at++]);
    return 1;
}

void vl_restored_free(struct vl_restored *r)
{
    if (!r)
        return;
    restored_stream_close(&r->stream);
    for (size_t i = 0; i < r->cap; i++)
        if (r->ready[i])
            bam_destroy1(r->ready[i]);
    free(r->ready);
    sam_hdr_destroy(r->header);
    vl_ranges_clear(&r->chosen);
    pool_stop(&r->pool);
    if (r->is_first)
        close_source(r->source);
    free(r);
}
