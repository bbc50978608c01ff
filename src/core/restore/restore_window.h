/* The restoring work of one window.  It is a job that opens the window of the BDIFF,
 * checks the masked records against their digest, and joins both. */
#ifndef VARLOCK_CORE_RESTORE_WINDOW_H
#define VARLOCK_CORE_RESTORE_WINDOW_H

#include "projection/quality_deal.h"
#include "restore/masked_file.h"
#include "window/window_records.h"

/* Which records are to be written. */
struct restore_choice {
    const struct vl_ranges *wanted; /* restored: those that overlap these; NULL: all */
    bool whole;                     /* also the other records, still masked */
    bool apart;                     /* but no masked record that overlaps `wanted` */
    /* Of all these, those that overlap these ranges (NULL: all), and not ranges before
     * them (NULL: none). */
    const struct vl_ranges *overlaps, *after;
};

/* True if a record that stays masked is to be written. */
bool restore_choice_shows_masked(const struct restore_choice *choice, const bam1_t *b);

struct restore_window {
    const struct masked_file *file;
    const struct vl_names *read_groups; /* original @RG IDs; NULL: pseudonyms stay */
    struct quality_dealer
        *dealer;   /* owned; NULL: dealt qualities are not told by a key */
    size_t number; /* number of the window in the BDIFF */
    struct window_records records;       /* in: masked; out: the other members */
    const struct restore_choice *choice; /* NULL: `shown` is not needed */
    struct vl_buf shown; /* out: struct shown_record, sorted: the records to write */
    struct vl_buf plain;
    int rc; /* out: 0, or error */
    struct vl_error error;
};

/* Prepares the window of a file for qualities that were dealt, where the BDIFF tells the
 * geometry.  VL_ERR_MEMORY. */
VL_MUST_CHECK
int restore_window_know_dealing(struct restore_window *window, struct vl_error *err);

/* Does the work in the caller's thread.  Returns the result, which is also in rc and
 * error. */
int restore_window_open(struct restore_window *window);

/* A job_fn over a struct restore_window that does the work of restore_window_open. */
void *restore_window_run(void *window);

void restore_window_reset(struct restore_window *window);
void restore_window_clear(struct restore_window *window);

#endif
