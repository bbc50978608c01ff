/*
 * Residual windows: what must be added to a run of masked records to show the records
 * they came from, as the streams of bdiff.md §5, and back.
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

/* Appends the plaintext of the window (bdiff.md §5) after checking that it restores every
 * record: masked, shown, grade, whole and sites are given.  read_groups: original @RG IDs
 * in header order where the shown records have them, else NULL. */
VL_MUST_CHECK
int residual_encode(struct window_records *w, const struct vl_names *read_groups,
                    struct vl_buf *plain, struct vl_error *err);

/* The reverse: masked is given, the rest is filled in.  VL_ERR_SEAL where the window does
 * not fit the masked records, or shows others than its checksum says. */
VL_MUST_CHECK
int residual_decode(struct window_records *w, const uint8_t *plain, size_t n,
                    const struct vl_names *read_groups, struct vl_error *err);

#endif
