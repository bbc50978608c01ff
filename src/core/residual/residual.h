/*
 * Residual windows: the streams (bdiff.md §5) that must be added to consecutive masked
 * records to restore the original records.  They are encoded and decoded here.
 *
 * The residual of a record is relative to its masked form and never refers to masked MD
 * or NM.
 */
#ifndef VARLOCK_CORE_RESIDUAL_H
#define VARLOCK_CORE_RESIDUAL_H

#include <stddef.h>
#include <stdint.h>

#include "varlock/buf.h"
#include "varlock/contig.h"
#include "varlock/error.h"
#include "window/window_records.h"

struct prediction;

/* Appends the plaintext of the window (bdiff.md §5), after checking that it restores
 * every record.  In: masked, shown, grade, whole and sites.  read_groups: original @RG
 * IDs in header order if the shown records have them, otherwise NULL.  prediction: what
 * can be used again for the next window, or the reference that prediction_build made for
 * this one; NULL: nothing. */
VL_MUST_CHECK
int residual_encode(struct window_records *w, const struct vl_names *read_groups,
                    struct prediction *prediction, struct vl_buf *plain,
                    struct vl_error *err);

/* Decodes a window.  In: masked.  The other members are filled in.  VL_ERR_SEAL if the
 * window does not fit the masked records, or if the records do not match its checksum. */
VL_MUST_CHECK
int residual_decode(struct window_records *w, const uint8_t *plain, size_t n,
                    const struct vl_names *read_groups, struct vl_error *err);

#endif
