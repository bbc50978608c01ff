/* The BDIFF part of `varlock view`. */
#ifndef VARLOCK_CORE_VIEW_BDIFF_H
#define VARLOCK_CORE_VIEW_BDIFF_H

#include "varlock/error.h"
#include "varlock/file.h"
#include "varlock/varlock.h"
#include "view/view_text.h"

/* clang-format off */
/* Prints a BDIFF as text.  Tabs separate fields; any other control character is shown as
 * `?`.  Of each window, in this order:
 *
 *   W window region masked-records   window: number from 1, extents of what it shows
 *   P contig pos perm                site (permute), as ACGT>CGAT: what A, C, G, T became
 *   S contig pos base                site (synth): the reference base
 *   V contig pos base all|some       variant: the base that all or some reads over it have
 *   N quality                        bases of this quality are N
 *   R record grade CIGAR literals patches fields tags...
 *                                    restored record: number from 1 in its window; `.`
 *                                    where a column has nothing; patches are rank:base,
 *                                    the rank from 0 by quality; fields, joined by commas:
 *                                    POS+n, FLAG^2, MAPQ=n, MATE+n+n+n (RNEXT, PNEXT,
 *                                    TLEN), PAIR, QNAME=text, QUAL=text, where +n is the
 *                                    difference from the prediction; tags whose value is
 *                                    not stored here have (masked), (predicted), (read
 *                                    group) or (masked QUAL) instead, malformed ones are
 *                                    (raw):hex
 *   H place name flag contig pos MAPQ CIGAR contig pos TLEN SEQ QUAL tags...
 *                                    whole record, between the R lines, and how many
 *                                    masked records of the window stand before it; both
 *                                    mate fields are resolved, TLEN is less its
 *                                    prediction; SEQ is what is stored of it: literals,
 *                                    behind `(n predicted);` where they are not all, then
 *                                    `;` and patches
 *   F flags                          0 or 1 for each base on a `some` variant, in order
 *
 * With header_only lines of `key<TAB>value...` instead; never the masking key.  Without a
 * key that is all there is (VL_ERR_USAGE for records), and it shows the envelope only.
 * The windows are those that meet the request.  Ends early, with 0, where `text` takes no
 * more. */
/* clang-format on */
VL_MUST_CHECK
int bdiff_print(const struct vl_view_options *options, const struct vl_infile *file,
                struct view_text *text, struct vl_error *err);

#endif
