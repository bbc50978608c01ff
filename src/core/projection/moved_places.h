/* Which places masking moves onto a shown one: the inverse of blur.h. */
#ifndef VARLOCK_CORE_MOVED_PLACES_H
#define VARLOCK_CORE_MOVED_PLACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "projection/shown_geometry.h"
#include "varlock/error.h"

struct moved_places; /* one thread at a time */

/* `geometry` must have a blur and outlive the handle.  VL_ERR_MEMORY. */
VL_MUST_CHECK
int moved_places_open(struct moved_places **places, const struct shown_geometry *geometry,
                      struct vl_error *err);

/* A walk over the places of a strand that move onto one, in ascending order. */
struct moved_walk {
    int64_t shown;
    const int32_t *next, *end; /* shifts onto it */
};

/* Begins a walk, which is valid until the next one begins.  VL_ERR_MEMORY. */
VL_MUST_CHECK
int moved_places_start(struct moved_places *places, int32_t contig, bool is_reverse,
                       int64_t shown, struct moved_walk *walk);

/* False at the end. */
bool moved_walk_next(struct moved_walk *walk, int64_t *place);

/* Wipes and frees.  NULL is fine. */
void moved_places_free(struct moved_places *places);

#endif
