/* Finds the reference bases that restoring a window needs and its masked records lack. */
#ifndef VARLOCK_CORE_WINDOW_GAPS_H
#define VARLOCK_CORE_WINDOW_GAPS_H

#include <htslib/sam.h>
#include <stdint.h>

#include "residual/window_reference.h"
#include "varlock/fail.h"
#include "window/gap_list.h"

/* Gives the packed reference bases of a contig.  *from becomes the index of the base at
 * pos0, *len how many (at most n) follow from there on.  NULL: *len bases are not
 * known. */
typedef const uint8_t *(*reference_fn)(void *arg, int32_t contig, int64_t pos0, int64_t n,
                                       int64_t *from, int64_t *len);

/* Appends the stretches that restoring record `b` needs of the reference: struct gap
 * each, one for each operator at most.  None if it lies where its masked form (NULL:
 * none) does. */
void window_gaps_note(const bam1_t *masked, const bam1_t *b, struct vl_buf *needed);

/* Fills `gaps` with what the masked records, of which `r` is made, lack of `needed`.
 * VL_ERR_MEMORY, also where `needed` has failed. */
VL_MUST_CHECK
int window_gaps_find(const struct window_reference *r, const struct vl_buf *needed,
                     reference_fn reference, void *arg, struct gap_list *gaps);

#endif
