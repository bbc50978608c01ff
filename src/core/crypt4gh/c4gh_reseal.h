/* A new header for segments that stay as they are. */
#ifndef VARLOCK_CORE_C4GH_RESEAL_H
#define VARLOCK_CORE_C4GH_RESEAL_H

#include <htslib/hfile.h>
#include <stdbool.h>

#include "crypt4gh/c4gh_header.h"
#include "crypt4gh/c4gh_writer.h"

/* Appends a header to `out` that seals to the readers what the unlocked header's packets
 * hold, all data keys among it, and `edits` in place of its edit list.  n_plain is as in
 * c4gh_edits_put.  with_others: the packets that did not open come behind.  VL_ERR_USAGE
 * if the edit list would be longer than others read. */
struct c4gh_edits;
VL_MUST_CHECK
int c4gh_reseal(const struct c4gh_header *header, const struct c4gh_readers *readers,
                const struct c4gh_edits *edits, int64_t n_plain, bool with_others,
                struct vl_buf *out, struct vl_error *err);

/* Number of plain bytes of the source, which stands at its first segment; -1 where it
 * does not tell. */
int64_t c4gh_source_size(hFILE *source);

#endif
