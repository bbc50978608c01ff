#include "run/job_queue.h"

#include <string.h>

int pool_start(htsThreadPool *pool, int n_threads, struct vl_error *err)
{
    /* Number of blocks that reading or writing may be ahead or behind.  It is about the
     * number of blocks in a window, so reading and writing go on while the threads are
     * busy with windows. */
    enum { BLOCKS_QUEUED = 96 };
    pool->qsize = BLOCKS_QUEUED;
    if (n_threads > 0 && !(pool->pool = hts_tpool_init(n_threads)))
        return vl_error_memory(err);
    return 0;
}

void pool_stop(htsThreadPool *pool)
{
    if (pool->pool)
        hts_tpool_destroy(pool->pool);
    pool->pool = NULL;
}

int job_queue_open(struct job_queue *queue, const htsThreadPool *pool, int n_threads,
                   struct vl_error *err)
{
    memset(queue, 0, sizeof *queue);
    queue->pool = pool->pool;
    queue->depth = pool->pool ? (size_t)n_threads + 1 : 1;
    queue->n_slots = queue->depth + 1;
    if (!pool->pool)
        return 0;
    queue->order = hts_tpool_process_init(pool->pool, (int)queue->n_slots, 0);
    if (queue->order)
        return 0;
    memset(queue, 0, sizeof *queue);
    return vl_error_memory(err);
}

size_t job_queue_slot(const struct job_queue *queue)
{
    return queue->n_given % queue->n_slots;
}

int job_queue_put(struct job_queue *queue, job_fn work, void *job, struct vl_error *err)
{
    queue->n++;
    queue->n_given++;
    if (!queue->pool) {
        queue->alone = work(job);
        return 0;
    }
    if (hts_tpool_dispatch(queue->pool, queue->order, work, job) == 0)
        return 0;
    queue->n--;
    queue->n_given--;
    return vl_error_memory(err);
}

bool job_queue_is_full(const struct job_queue *queue)
{
    return queue->n >= queue->depth;
}

void *job_queue_take(struct job_queue *queue)
{
    if (queue->n == 0)
        return NULL;
    queue->n--;
    if (!queue->pool)
        return queue->alone;
    hts_tpool_result *result = hts_tpool_next_result_wait(queue->order);
    void *job = result ? hts_tpool_result_data(result) : NULL;
    if (result)
        hts_tpool_delete_result(result, 0);
    return job;
}

void job_queue_close(struct job_queue *queue)
{
    while (queue->n > 0)
        job_queue_take(queue);
    if (queue->order)
        hts_tpool_process_destroy(queue->order);
    queue->order = NULL;
}
