#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "varlock/fail.h"
#include "varlock/thread_check.h"

/* Each thread waits here until all threads have started. */
static void *end_when_let(void *gate)
{
    pthread_mutex_lock(gate);
    pthread_mutex_unlock(gate);
    return NULL;
}

int vl_thread_check(int n, struct vl_error *err)
{
    pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    pthread_t *threads = calloc((size_t)n, sizeof *threads);
    int failure = 0, n_started = 0;
    if (!threads)
        return vl_error_memory(err);
    pthread_mutex_lock(&gate);
    while (n_started < n && failure == 0) {
        failure = pthread_create(&threads[n_started], NULL, end_when_let, &gate);
        n_started += failure == 0;
    }
    pthread_mutex_unlock(&gate);
    for (int i = 0; i < n_started; i++)
        pthread_join(threads[i], NULL);
    pthread_mutex_destroy(&gate);
    free(threads);
    return failure ? vl_error_set(err, VL_ERR_MEMORY, "%d threads cannot start: %s", n,
                                  strerror(failure))
                   : 0;
}

int vl_cancel_check(struct vl_error *err)
{
#ifdef __GLIBC__
    if (!dlopen("libgcc_s.so.1", RTLD_NOW))
        return vl_error_set(err, VL_ERR_MEMORY,
                            "threads cannot start: libgcc_s.so.1 cannot be loaded");
#endif
    return 0;
}
