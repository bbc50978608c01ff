/* The work of one window of a slice: opens the parent's window and cuts it down to what
 * the ranges grant. */
#ifndef VARLOCK_CORE_CUT_WINDOW_H
#define VARLOCK_CORE_CUT_WINDOW_H

#include <htslib/sam.h>

#include "grant/grant.h"
#include "restore/restore_window.h"
#include "varlock/bdiff.h"
#include "varlock/varlock.h"
#include "window/window_records.h"

/* The caller fills in `parent` (file, number, read groups, its masked records) and
 * `grant`, which keep their memory from window to window. */
struct cut_window {
    struct restore_window parent;
    struct grant grant;
    struct window_records slice; /* masked and shown are borrowed from the parent */
    struct template_ends straddling;
    bam1_t *spare;
    struct vl_buf plain;
    struct vl_bdiff_entry entry; /* place as in the parent; extents of what is granted */
    bool is_empty;               /* no record of the window touches the ranges */
    struct vl_reencrypt_counts counts;
};

/* job_fn over a struct cut_window.  cut_window_survey opens the window and notes in
 * `straddling` what records of other windows may ask of this one.  cut_window_run opens
 * it and makes `plain`, `entry` and `counts`; cut_window_again does so where the survey
 * has opened it.  parent.rc and parent.error tell how it went. */
void *cut_window_survey(void *window);
void *cut_window_run(void *window);
void *cut_window_again(void *window);

void cut_window_clear(struct cut_window *window);

#endif
