/*
 * Jobs on htslib's thread pool whose results come back in the order they were given: the caller
 * reads, jobs work and never wait, the caller writes.
 */
#ifndef VARLOCK_CORE_JOB_QUEUE_H
#define VARLOCK_CORE_JOB_QUEUE_H

#include <htslib/thread_pool.h>
#include <stdbool.h>
#include <stddef.h>

#include "varlock/error.h"

struct job_queue {
    hts_tpool *pool;          /* NULL: jobs run at once, in the caller's thread */
    hts_tpool_process *order; /* NULL without a pool */
    size_t depth;             /* jobs that may be under way */
    size_t n;                 /* jobs given and not yet taken */
    void *alone;              /* without a pool: the one that is done */
};

typedef void *(*job_fn)(void *job);

/* `pool` is not owned and may be NULL. */
int job_queue_open(struct job_queue *queue, hts_tpool *pool, int n_threads, struct vl_error *err);

/* Must not be called while _is_full.  `work` returns its argument. */
int job_queue_put(struct job_queue *queue, job_fn work, void *job, struct vl_error *err);
bool job_queue_is_full(const struct job_queue *queue);

/* The oldest job, when it is done; NULL where none is under way. */
void *job_queue_take(struct job_queue *queue);

/* Waits for running jobs; takes and forgets them. */
void job_queue_close(struct job_queue *queue);

#endif
