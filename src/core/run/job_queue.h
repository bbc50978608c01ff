/*
 * Jobs on htslib's thread pool whose results come back in the order they were given: the
 * caller reads, jobs work and never wait, the caller writes.
 */
#ifndef VARLOCK_CORE_JOB_QUEUE_H
#define VARLOCK_CORE_JOB_QUEUE_H

#include <htslib/hts.h>
#include <htslib/thread_pool.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "varlock/fail.h"

/* Starts n_threads threads; 0 leaves the pool empty, which every user of it understands.
 */
VL_MUST_CHECK
int pool_start(htsThreadPool *pool, int n_threads, struct vl_error *err);
void pool_stop(htsThreadPool *pool);

struct job_queue {
    hts_tpool *pool;          /* NULL: jobs run at once, in the caller's thread */
    hts_tpool_process *order; /* NULL without a pool */
    size_t depth;             /* jobs that may be under way */
    size_t n;                 /* jobs given and not yet taken */
    uint64_t n_given;         /* jobs given so far */
    size_t n_slots;           /* jobs that may be under way, and the one being prepared */
    void *alone;              /* without a pool: the one that is done */
};

typedef void *(*job_fn)(void *job);

/* `pool` must outlive the queue. */
VL_MUST_CHECK
int job_queue_open(struct job_queue *queue, const htsThreadPool *pool, int n_threads,
                   struct vl_error *err);

/* Which of n_slots jobs the caller may prepare now: none that is under way. */
size_t job_queue_slot(const struct job_queue *queue);

/* Must not be called while _is_full.  `work` returns its argument. */
VL_MUST_CHECK
int job_queue_put(struct job_queue *queue, job_fn work, void *job, struct vl_error *err);
bool job_queue_is_full(const struct job_queue *queue);

/* The oldest job, when it is done; NULL where none is under way. */
void *job_queue_take(struct job_queue *queue);

/* Waits for running jobs; takes and forgets them. */
void job_queue_close(struct job_queue *queue);

#endif
