/*
 * The streams of a BDIFF window (bdiff.md §5), read side by side: what residual_decode.c
 * and the view have in common.  It rejects what is malformed in itself, without the
 * masked records.
 */
#ifndef VARLOCK_CORE_WINDOW_STREAMS_H
#define VARLOCK_CORE_WINDOW_STREAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sites.h"
#include "varlock/bdiff.h"
#include "varlock/error.h"
#include "varlock/wire.h"

struct window_streams {
    const struct vl_bdiff_window *window;
    struct vl_cursor fixed[VL_STREAM_FIXED_END]; /* by enum vl_stream_id */
    struct vl_cursor *tags; /* owned; one per stream of the window, in its order */
    const char **templates; /* owned; by number; the texts are in the window's memory */
    size_t n_templates;
    struct site site; /* the one read last */
    bool has_site;    /* there was one */
    uint64_t place;   /* of the whole record read last */
};

/* Begins to read a window that outlives *s.  VL_ERR_SEAL where the templates are
 * malformed; _clear also after a failure. */
int window_streams_open(struct window_streams *s, const struct vl_bdiff_window *window,
                        struct vl_error *err);

/* The template of the next record (bdiff.md §5.6); NULL where there is none of that
 * number. */
const char *window_streams_template(struct window_streams *s);

/* The values of the tags of a name and type; NULL where the window has none. */
struct vl_cursor *window_streams_of_tag(struct window_streams *s, const char name[2],
                                        char type);

/* The next permutation (bdiff.md §5.3) / how many of n_masked records stand before the
 * next whole record (§5.7): 1, 0 at the end, VL_ERR_SEAL (no message) where it is
 * malformed. */
int window_streams_next_site(struct window_streams *s, struct site *site);
int window_streams_next_place(struct window_streams *s, size_t n_masked, uint32_t *place);

/* Every stream was read to its end. */
bool window_streams_are_used_up(const struct window_streams *s);

void window_streams_clear(struct window_streams *s);

#endif
