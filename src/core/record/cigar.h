/* CIGARs apart from records: as text in tags, and in the form a masked record shows. */
#ifndef VARLOCK_CORE_CIGAR_H
#define VARLOCK_CORE_CIGAR_H

#include <stdbool.h>
#include <stdint.h>

#include "varlock/buf.h"

/* Appends the operators at the start of `text` to ops (u32 each, as BAM packs them); *end
 * is what follows them.  False where there are none, or one is malformed. */
bool cigar_parse(const char *text, struct vl_buf *ops, const char **end);

/* Appends the operators as text. */
void cigar_format(const uint32_t *cigar, uint32_t n_cigar, struct vl_buf *text);

/* Writes to `out` (room for n_cigar) the CIGAR with = and X as M; where there are any,
 * neighbouring runs are joined, since where one ends is a mismatch.  Returns the number
 * of operators. */
uint32_t cigar_fold(const uint32_t *cigar, uint32_t n_cigar, uint32_t *out);

/* Half-open reference extent of an alignment at pos, with clips (S and H) laid out along
 * it. */
void cigar_unclipped(const uint32_t *cigar, uint32_t n_cigar, int64_t pos, int64_t *beg,
                     int64_t *end);

#endif
