/* The string of qualities that a masked record had before qualities were dealt (bdiff.md
 * §5.11), made again of what masked records show. */
#ifndef VARLOCK_CORE_OWN_QUALITY_H
#define VARLOCK_CORE_OWN_QUALITY_H

#include <stddef.h>
#include <stdint.h>

#include "varlock/buf.h"
#include "window/record_array.h"

/* How many values of masked record i are cut off at the one of number `place`, which
 * shows its string. */
size_t own_quality_tail_bytes(const struct record_array *masked, size_t i, size_t place);

/* Fetches what own_quality will soon need into the caches: records are many, and strings
 * lie anywhere among them.  i: the masked record at hand.  `places` has one entry for
 * each masked record. */
void own_quality_prefetch(const struct record_array *masked, const uint32_t *places,
                          size_t i);

/* The string of masked record i, with the tail that is cut off.  It is the memory of a
 * masked record or that of *values, which it may change.  NULL without memory. */
const uint8_t *own_quality(const struct record_array *masked, size_t i, size_t place,
                           const uint8_t *tail, struct vl_buf *values);

#endif
