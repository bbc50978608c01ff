/* The windows of a BDIFF as lines of text (view_bdiff.h says which). */
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
    struct vl_bdiff_window window;    /* the one at hand */
    struct window_streams streams;    /* what is read of it */
    int64_t whole_contig, whole_pos0; /* of the whole record before */
};

/* Appends text; a BDIFF may come from anyone, so control characters (tabs among them
 * where tabs_too) become `?`: they must not steer a terminal or begin a line. */
void view_put_clean(kstring_t *line, const char *text, size_t n, bool tabs_too);

/* Prints window i.  VL_ERR_SEAL where it is malformed. */
VL_MUST_CHECK
int view_window(struct view *v, size_t i, struct vl_error *err);

#endif
