/* The windows of a BDIFF as lines of text (view_bdiff.h says which). */
#ifndef VARLOCK_CORE_VIEW_WINDOW_H
#define VARLOCK_CORE_VIEW_WINDOW_H

#include <htslib/kstring.h>
#include <htslib/sam.h>
#include <stdio.h>

#include "varlock/bdiff_file.h"
#include "varlock/wire.h"

struct view {
    const char *path;
    struct vl_bdiff_reader *bdiff;
    const struct vl_contigs *contigs;
    sam_hdr_t *names; /* the contigs, for htslib's SAM writer */
    FILE *out;
    struct vl_bdiff_window window; /* the one at hand, then what is read of it */
    struct vl_cursor shape, cigar, hidden_count, hidden, patch, template, raw;
    struct vl_cursor *tags;  /* one per stream of the window, in its order */
    struct vl_buf templates; /* const char *, by number */
    size_t n_templates;
    kstring_t line;
    bam1_t *record;
};

/* Appends text; a BDIFF may come from anyone, so control characters (tabs among them
 * where tabs_too) become `?`: they must not steer a terminal or begin a line. */
void view_put_clean(kstring_t *line, const char *text, size_t n, bool tabs_too);

/* Prints the line and begins a new one. */
void view_put_line(struct view *v);

/* Prints window i.  VL_ERR_SEAL where it is malformed. */
int view_window(struct view *v, size_t i, struct vl_error *err);

/* VL_ERR_SEAL that names window i. */
int view_malformed(const struct view *v, size_t i, struct vl_error *err);

void view_clear(struct view *v);

#endif
