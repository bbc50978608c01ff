/*
 * How far masking moves 5' ends: a keyed draw by contig, strand and place, so that many
 * reads of one place move alike and do not average it out.  Whoever has the key of the
 * geometry can tell which places move onto another.
 */
#ifndef VARLOCK_CORE_BLUR_H
#define VARLOCK_CORE_BLUR_H

#include <stdbool.h>
#include <stdint.h>

#include "varlock/contig.h"
#include "varlock/draw.h"
#include "varlock/error.h"

enum { BLUR_MAX = 10000 }; /* greatest standard deviation */

struct blur; /* one thread at a time */

/* Opens the draws with that standard deviation, in bases; 0: nothing moves.  `contigs`
 * must outlive the handle; the key is copied.  VL_ERR_MEMORY. */
VL_MUST_CHECK
int blur_open(struct blur **blur, const struct vl_contigs *contigs, int64_t sd,
              const uint8_t geometry_key[static VL_MASK_KEY_BYTES], struct vl_error *err);

/* Sets *shift to how far the 5' end at `five` moves.  VL_ERR_MEMORY. */
VL_MUST_CHECK
int blur_shift(struct blur *blur, int32_t contig, bool is_reverse, int64_t five,
               int64_t *shift);

/* The shifts of the BLUR_TILE places from number * BLUR_TILE on.  The blur must not be 0;
 * they are valid until the next call.  NULL without memory. */
enum { BLUR_TILE_SHIFT = 10, BLUR_TILE = 1 << BLUR_TILE_SHIFT };
const int32_t *blur_tile(struct blur *blur, int32_t contig, bool is_reverse,
                         int64_t number);

/* Draws the shifts of n places from pos0 on, without keeping them.  The blur must not be
 * 0.  VL_ERR_MEMORY. */
VL_MUST_CHECK
int blur_draw(struct blur *blur, int32_t contig, bool is_reverse, int64_t pos0, size_t n,
              int32_t *shifts);

/* Wipes and frees.  NULL is fine. */
void blur_free(struct blur *blur);

#endif
