/* The BDIFF part of `varlock view`. */
#ifndef VARLOCK_CORE_VIEW_BDIFF_H
#define VARLOCK_CORE_VIEW_BDIFF_H

#include <stdio.h>

#include "varlock/error.h"
#include "varlock/file.h"
#include "varlock/varlock.h"

/* clang-format off */
/* Prints a BDIFF as text.  Tabs separate fields; any other control character is shown as
 * `?`.
 *
 *   W window region masked-records   window: number from 1, extents of what it shows
 *   P contig pos perm                permutation, as ACGT>CGAT: what A, C, G, T became
 *   R record grade CIGAR hidden patches tags...
 *                                    restored record: number from 1 in its window; `.`
 *                                    where it has no CIGAR, hidden bases, patches; patches
 *                                    are 0-based-offset:base; tags whose value is not
 *                                    stored here have (masked), (predicted) or (read
 *                                    group) instead
 *   H place SAM...                   whole record, and how many masked records of the
 *                                    window stand before it
 *
 * With header_only lines of `key<TAB>value...` instead; never the masking key.  Without a
 * key that is all there is (VL_ERR_USAGE for records), and it shows the envelope only.
 * The windows are those that meet the request.  VL_ERR_IO where `out` takes no more. */
/* clang-format on */
int bdiff_print(const struct vl_view_options *options, const struct vl_infile *file,
                FILE *out, struct vl_error *err);

#endif
