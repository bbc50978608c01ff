#include "c4gh_batches.h"

#include <stdlib.h>

#include "crypt4gh/c4gh_reader.h"
#include "run/job_queue.h"
#include "run/report.h"
#include "varlock/chacha.h"
#include "varlock/crypt4gh.h"
#include "varlock/seal.h"

enum {
    SEGMENTS = 16, /* of a batch */
    PROGRESS_BATCHES = 4,
    IN_BYTES = SEGMENTS * VL_C4GH_SEGMENT_BYTES,
    OUT_BYTES = IN_BYTES
};

struct batch {
    const struct c4gh_stream_job *job;
    struct vl_chacha **keys; /* of this batch alone */
    size_t n_keys, last_key;
    uint64_t first; /* number of its first segment */
    size_t n_in, n_out;
    int rc;
    struct vl_error error;
    uint8_t in[IN_BYTES], out[OUT_BYTES];
};

struct pipeline {
    const struct c4gh_stream_job *job;
    htsThreadPool pool;
    struct job_queue queue;
    struct batch **batches; /* one per slot of the queue */
    uint64_t n_segments;
};

static size_t in_unit(const struct c4gh_stream_job *job)
{
    return job->seals ? VL_C4GH_PLAIN_BYTES : VL_C4GH_SEGMENT_BYTES;
}

/* ---- a batch ---- */

static void free_batch(struct batch *b)
{
    if (!b)
        return;
    for (size_t i = 0; b->keys && i < b->n_keys; i++)
        vl_chacha_free(b->keys[i]);
    free(b->keys);
    vl_wipe(b->in, sizeof b->in);
    vl_wipe(b->out, sizeof b->out);
    free(b);
}

static int new_batch(struct batch **batch, const struct c4gh_stream_job *job,
                     struct vl_error *err)
{
    struct batch *b = malloc(sizeof *b);
    if (!b)
        return vl_error_memory(err);
    b->job = job;
    b->n_keys = b->last_key = 0;
    b->keys = calloc(job->n_keys, sizeof *b->keys);
    int rc = b->keys ? 0 : vl_error_memory(err);
    for (; rc == 0 && b->n_keys < job->n_keys; b->n_keys += rc == 0)
        rc = vl_chacha_open(&b->keys[b->n_keys],
                            job->keys + b->n_keys * VL_C4GH_KEY_BYTES, err);
    if (rc < 0)
        free_batch(b);
    else
        *batch = b;
    return rc;
}

static int open_segment(struct batch *b, const uint8_t *in, size_t n, uint64_t number)
{
    struct vl_error *err = &b->error;
    bool opens = false;
    int rc = 0;
    if (n < VL_C4GH_OVERHEAD_BYTES)
        return c4gh_blame_truncated(b->job->path, number, err);
    for (size_t i = 0; rc == 0 && !opens && i < b->n_keys; i++) {
        size_t key = (b->last_key + i) % b->n_keys;
        rc = vl_c4gh_segment_open(b->keys[key], in, n, b->out + b->n_out, &opens, err);
        if (opens)
            b->last_key = key;
    }
    return rc < 0 || opens ? rc : c4gh_blame_segment(b->job->path, number, n, err);
}

static void *run_batch(void *arg)
{
    struct batch *b = arg;
    size_t unit = in_unit(b->job);
    uint64_t number = b->first;
    b->n_out = 0;
    b->rc = 0;
    for (size_t at = 0; b->rc == 0 && at < b->n_in; at += unit, number++) {
        size_t n = b->n_in - at < unit ? b->n_in - at : unit;
        b->rc = b->job->seals ? vl_c4gh_segment_seal(b->keys[0], b->in + at, n,
                                                     b->out + b->n_out, &b->error)
                              : open_segment(b, b->in + at, n, number);
        b->n_out +=
            b->job->seals ? n + VL_C4GH_OVERHEAD_BYTES : n - VL_C4GH_OVERHEAD_BYTES;
    }
    return b;
}

/* ---- all of them ---- */

static int write_oldest(struct pipeline *p, struct vl_error *err)
{
    struct batch *b = job_queue_take(&p->queue);
    if (!b)
        return vl_error_memory(err);
    if (b->rc < 0) {
        if (err)
            *err = b->error;
        return b->rc;
    }
    if (p->job->ending)
        c4gh_ending_add(p->job->ending, b->out, b->n_out);
    return vl_outfile_write(p->job->out, b->out, b->n_out, err);
}

static int tell_progress(const struct pipeline *p, struct vl_error *err)
{
    static const double UNKNOWN = -1;
    if (p->queue.n_given % PROGRESS_BATCHES != 0)
        return 0;
    return hooks_progress(p->job->hooks, p->n_segments * VL_C4GH_PLAIN_BYTES >> 20,
                          UNKNOWN, err);
}

/* *ended: the input holds no more. */
static int read_next(struct pipeline *p, bool *ended, struct vl_error *err)
{
    struct batch *b = p->batches[job_queue_slot(&p->queue)];
    size_t wanted = SEGMENTS * in_unit(p->job);
    ssize_t n = hread(p->job->in, b->in, wanted);
    if (n < 0)
        return vl_error_errno(err, "%s: cannot read", p->job->path);
    *ended = (size_t)n < wanted;
    if (n == 0)
        return 0;
    b->n_in = (size_t)n;
    b->first = p->n_segments;
    p->n_segments += SEGMENTS;
    return job_queue_put(&p->queue, run_batch, b, err);
}

static int run(struct pipeline *p, struct vl_error *err)
{
    bool ended = false;
    int rc = 0;
    while (rc == 0 && !ended) {
        rc = read_next(p, &ended, err);
        if (rc == 0 && job_queue_is_full(&p->queue))
            rc = write_oldest(p, err);
        if (rc == 0)
            rc = tell_progress(p, err);
    }
    while (rc == 0 && p->queue.n > 0)
        rc = write_oldest(p, err);
    return rc;
}

int c4gh_batches_run(const struct c4gh_stream_job *job, struct vl_error *err)
{
    struct pipeline p = {.job = job};
    int rc = pool_start(&p.pool, job->n_threads, err);
    if (rc == 0)
        rc = job_queue_open(&p.queue, &p.pool, job->n_threads, err);
    if (rc == 0 && !(p.batches = calloc(p.queue.n_slots, sizeof *p.batches)))
        rc = vl_error_memory(err);
    for (size_t i = 0; rc == 0 && i < p.queue.n_slots; i++)
        rc = new_batch(&p.batches[i], job, err);
    if (rc == 0)
        rc = run(&p, err);
    job_queue_close(&p.queue);
    for (size_t i = 0; p.batches && i < p.queue.n_slots; i++)
        free_batch(p.batches[i]);
    free(p.batches);
    pool_stop(&p.pool);
    return rc;
}
