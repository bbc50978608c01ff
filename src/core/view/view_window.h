/* The windows of a BDIFF as lines of text.  view_bdiff.h describes the lines. */
#ifndef VARLOCK_CORE_VIEW_WINDOW_H
#define VARLOCK_CORE_VIEW_WINDOW_H

#include <htslib/kstring.h>

#include "container/bdiff_file.h"
#include "residual/window_streams.h"
#include "varlock/error.h"
#include "view/view_text.h"

struct view {
    const struct vl_view_options *options;
    struct vl_bdiff_reader *bdiff;
    const struct vl_contigs *contigs;
    bool is_synth;
    struct view_text *text;
    struct vl_bdiff_window window;    /* the current window */
    struct window_streams streams;    /* streams of that window */
    int64_t whole_contig, whole_pos0; /* place of the last whole record */
};

/* Appends text with `?` in place of control characters; tabs are replaced only if
 * tabs_too.  A BDIFF may come from anyone, and control characters could steer a terminal
 * or begin a line. */
void view_put_clean(kstring_t *line, const char *text, size_t n, bool tabs_too);

/* Prints window i.  VL_ERR_SEAL if it is malformed. */
VL_MUST_CHECK
int view_window(struct view *v, size_t i, struct vl_error *err);

#endif
