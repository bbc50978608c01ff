/*
 * Jobs on htslib's thread pool.  Their results come back in the order in which the jobs
 * were given.  The caller reads, jobs work and never wait, the caller writes.
 */
#ifndef VARLOCK_CORE_JOB_QUEUE_H
#define VARLOCK_CORE_JOB_QUEUE_H

#include <htslib/hts.h>
#include <htslib/thread_pool.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "varlock/fail.h"

/* Starts n_threads threads.  With 0 the pool stays empty (pool->pool is NULL), which
 * every user of a pool accepts. */
VL_MUST_CHECK
int pool_start(htsThreadPool *pool, int n_threads, struct vl_error *err);
void pool_stop(htsThreadPool *pool);

struct job_queue {
    hts_tpool *pool;          /* NULL: jobs run at once, in the caller's thread */
    hts_tpool_process *order; /* NULL without a pool */
    size_t depth;             /* jobs that may be under way */
    size_t n;                 /* jobs given and not yet taken */
    uint64_t n_given;         /* jobs given so far */
    size_t n_slots;           /* `depth`, and one more for the job being prepared */
    void *alone;              /* without a pool: the job that is done */
};

typedef void *(*job_fn)(void *job);

/* `pool` must outlive the queue. */
VL_MUST_CHECK
int job_queue_open(struct job_queue *queue, const htsThreadPool *pool, int n_threads,
                   struct vl_error *err);

/* Index, below n_slots, of the job that the caller may prepare now.  That job is not
 * under way. */
size_t job_queue_slot(const struct job_queue *queue);

/* Adds a job.  Must not be called while job_queue_is_full.  `work` returns its
 * argument. */
VL_MUST_CHECK
int job_queue_put(struct job_queue *queue, job_fn work, void *job, struct vl_error *err);
bool job_queue_is_full(const struct job_queue *queue);

/* Waits for the oldest job and returns it.  NULL if no job is under way. */
void *job_queue_take(struct job_queue *queue);

/* Waits for the running jobs and drops their results. */
void job_queue_close(struct job_queue *queue);

#endif
