/* One window's work when restoring: a job that opens its BDIFF window, checks the masked
 * records against their digest and joins both. */
#ifndef VARLOCK_CORE_RESTORE_WINDOW_H
#define VARLOCK_CORE_RESTORE_WINDOW_H

#include "masked_file.h"
#include "residual.h"

struct restore_window {
    const struct masked_file *file;
    struct vl_contigs *read_groups; /* original @RG IDs; NULL: pseudonyms stay */
    size_t number;                  /* of the window in the BDIFF */
    struct window_records records;  /* in: masked; out: the rest */
    struct vl_buf plain;
    int rc; /* out: 0, or error */
    struct vl_error error;
};

/* Does the work in the caller's thread; the result is in rc and error too. */
int restore_window_open(struct restore_window *window);

/* The same as a job_fn over a struct restore_window. */
void *restore_window_run(void *window);

void restore_window_reset(struct restore_window *window);
void restore_window_clear(struct restore_window *window);

#endif
