/* Text on its way to the caller of vl_view: whole lines, some 64 kB at a time. */
#ifndef VARLOCK_CORE_VIEW_TEXT_H
#define VARLOCK_CORE_VIEW_TEXT_H

#include <htslib/kstring.h>

#include "varlock/fail.h"
#include "varlock/hooks.h"

struct view_text {
    vl_text_fn write;
    void *write_arg;
    kstring_t line;    /* printers append here: the line at hand, behind complete ones */
    size_t n_complete; /* bytes of complete lines */
    int failure;       /* what `write` returned, if not 0; nothing is handed over then */
};

void view_text_end_line(struct view_text *text);

/* Hands over the complete lines that are left, drops an incomplete one, and frees.
 * VL_ERR_IO where the caller did not take everything, VL_ERR_MEMORY where a line could
 * not be put together. */
int view_text_finish(struct view_text *text, struct vl_error *err);

#endif
