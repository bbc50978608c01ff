/* The windows of a BDIFF as lines of text (view_bdiff.h says which). */
#ifndef VARLOCK_CORE_VIEW_WINDOW_H
#define VARLOCK_CORE_VIEW_WINDOW_H

#include <htslib/kstring.h>
#include <stdio.h>

#include "container/bdiff_file.h"
#include "residual/window_streams.h"
#include "varlock/error.h"

struct view {
    const char *path;
    struct vl_bdiff_reader *bdiff;
    const struct vl_contigs *contigs;
    bool is_synth;
    FILE *out;
    struct vl_bdiff_window window;    /* the one at hand */
    struct window_streams streams;    /* what is read of it */
    int64_t whole_contig, whole_pos0; /* of the whole record before */
    kstring_t line;
};

/* Appends text; a BDIFF may come from anyone, so control characters (tabs among them
 * where tabs_too) become `?`: they must not steer a terminal or begin a line. */
void view_put_clean(kstring_t *line, const char *text, size_t n, bool tabs_too);

/* Prints the line and begins a new one. */
void view_put_line(struct view *v);

/* Prints window i.  VL_ERR_SEAL where it is malformed. */
VL_MUST_CHECK
int view_window(struct view *v, size_t i, struct vl_error *err);

/* Completes the message of a failure inside window i with the file and the window; rc. */
int view_window_error(const struct view *v, size_t i, int rc, struct vl_error *err);

void view_clear(struct view *v);

#endif
