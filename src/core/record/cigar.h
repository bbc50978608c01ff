/* CIGARs outside records: as text in tags, and in the form that masked records show. */
#ifndef VARLOCK_CORE_CIGAR_H
#define VARLOCK_CORE_CIGAR_H

#include <stdbool.h>
#include <stdint.h>

#include "varlock/buf.h"

/* Appends the operators at the start of `text` to ops (u32 each, as BAM packs them).
 * *end becomes the text behind them.  False if there are none, or one is malformed. */
bool cigar_parse(const char *text, struct vl_buf *ops, const char **end);

/* Appends the operators as text. */
void cigar_format(const uint32_t *cigar, uint32_t n_cigar, struct vl_buf *text);

/* Writes the CIGAR to `out` (room for n_cigar; `out` may be the CIGAR itself) with = and
 * X as M.  Neighbours of one kind are joined if BAM can pack the length, and empty
 * operators are left out: the boundary between = and X shows where a mismatch is, and
 * CRAM would not keep the others.  Returns the number of operators. */
uint32_t cigar_fold(const uint32_t *cigar, uint32_t n_cigar, uint32_t *out);

/* Half-open reference extent of an alignment at pos.  Clips (S and H) are laid out along
 * the reference. */
void cigar_unclipped(const uint32_t *cigar, uint32_t n_cigar, int64_t pos, int64_t *beg,
                     int64_t *end);

#endif
