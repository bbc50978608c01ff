/* The BDIFF part of `varlock view`. */
#ifndef VARLOCK_CORE_VIEW_BDIFF_H
#define VARLOCK_CORE_VIEW_BDIFF_H

#include "varlock/error.h"
#include "varlock/file.h"
#include "varlock/varlock.h"
#include "view/view_text.h"

/* clang-format off */
/* Prints a BDIFF as text.  Tabs separate fields.  Any other control character is shown as
 * `?`.  Each window has these lines, in this order:
 *
 *   W window region masked-records   window: number from 1, extents of what it shows
 *   P contig pos perm                site (permute), as ACGT>CGAT: what A, C, G, T became
 *   S contig pos base                site (synth): the reference base
 *   V contig pos base all|some       variant: the base that all or some reads over it have
 *   N quality                        bases of this quality are N
 *   R record CIGAR literals patches fields tags...
 *                                    restored record.  record: its number in the window,
 *                                    from 1.  An empty column has `.`.  patches:
 *                                    rank:base, the rank from 0 by quality.  fields:
 *                                    POS+n, FLAG^2, MAPQ=n, MATE+n+n+n (RNEXT, PNEXT,
 *                                    TLEN), PAIR, QNAME=text, QUAL=text, joined by commas;
 *                                    +n is the difference from the prediction.  A tag
 *                                    whose value is not stored here has (masked),
 *                                    (predicted), (read group) or (masked QUAL) instead.
 *                                    Malformed tags are (raw):hex.
 *   H place name flag contig pos MAPQ CIGAR contig pos TLEN SEQ QUAL tags...
 *                                    whole record, between the R lines.  place: number of
 *                                    masked records before it in the window.  The mate's
 *                                    contig and pos are final values, TLEN is the
 *                                    difference from its prediction.  SEQ is the stored
 *                                    part: literals, after `(n predicted);` if they are
 *                                    not all bases, then `;` and patches.
 *   L flag contig pos MAPQ CIGAR SEQ QUAL tags...
 *                                    loose read, behind all R and H lines.  SEQ as of a
 *                                    whole record.
 *   F flags                          0 or 1 for each base on a `some` variant, in order
 *
 * With header_only it prints lines of `key<TAB>value...` instead, but never the masking
 * key.  Without a private key it can only print such lines, for the envelope (records are
 * VL_ERR_USAGE).  It prints the windows that overlap the request.  It stops early and
 * returns 0 if `text` accepts no more. */
/* clang-format on */
VL_MUST_CHECK
int bdiff_print(const struct vl_view_options *options, const struct vl_infile *file,
                struct view_text *text, struct vl_error *err);

#endif
