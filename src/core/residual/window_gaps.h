/* Finds the reference bases that restoring a window needs and its masked records lack. */
#ifndef VARLOCK_CORE_WINDOW_GAPS_H
#define VARLOCK_CORE_WINDOW_GAPS_H

#include <stdint.h>

#include "varlock/fail.h"
#include "window/window_records.h"

/* Gives the packed reference bases of a contig.  *from becomes the index of the base at
 * pos0, *len how many (at most n) follow from there on.  NULL: *len bases are not
 * known. */
typedef const uint8_t *(*reference_fn)(void *arg, int32_t contig, int64_t pos0, int64_t n,
                                       int64_t *from, int64_t *len);

/* Fills w->gaps.  In: masked, shown, grade, whole, loose.  Synth only.  VL_ERR_MEMORY. */
VL_MUST_CHECK
int window_gaps_find(struct window_records *w, reference_fn reference, void *arg);

#endif
