/* Canonical bytes of a masked record, the input of its digest (bdiff.md §6.4). */
#ifndef VARLOCK_CORE_CANONICAL_H
#define VARLOCK_CORE_CANONICAL_H

#include <htslib/sam.h>
#include <stddef.h>

#include "varlock/buf.h"
#include "varlock/digest.h"
#include "varlock/error.h"

/* Adds the canonical form of a masked record (bdiff.md §6.4): without bin, MD and NM,
 * with tags sorted by name and integers widened.  `scratch` is reused. */
VL_MUST_CHECK
int record_masked_add(const bam1_t *b, struct vl_digest *digest, struct vl_buf *scratch);

/* Appends the canonical bytes of a masked record's tags (bdiff.md §6.4). */
VL_MUST_CHECK
int tags_put_canonical(const uint8_t *aux, size_t n, struct vl_buf *out);

/* Appends the fixed fields, with that FLAG and TLEN, and the name, then CIGAR, SEQ and
 * QUAL, which lie together in memory. */
void canonical_put_front(const bam1_t *b, uint16_t flag, int64_t tlen,
                         struct vl_buf *out);

#endif
