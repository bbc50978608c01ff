/* Text on its way to the caller of vl_view.  It is handed over in whole lines, about 64
 * kB at a time. */
#ifndef VARLOCK_CORE_VIEW_TEXT_H
#define VARLOCK_CORE_VIEW_TEXT_H

#include <htslib/kstring.h>

#include "varlock/fail.h"
#include "varlock/hooks.h"

struct view_text {
    vl_text_fn write;
    void *write_arg;
    kstring_t line;    /* complete lines, then the current line; printers append here */
    size_t n_complete; /* bytes of complete lines */
    int failure; /* what `write` returned, or ENOMEM; if not 0, nothing more is handed
                    over */
};

void view_text_end_line(struct view_text *text);

/* Hands over the remaining complete lines, drops an incomplete one, and frees.  VL_ERR_IO
 * if the caller did not accept everything, VL_ERR_MEMORY if memory for a line ran out. */
int view_text_finish(struct view_text *text, struct vl_error *err);

#endif
