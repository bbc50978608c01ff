/* Records that keep their memory when the array is emptied. */
#ifndef VARLOCK_CORE_RECORD_ARRAY_H
#define VARLOCK_CORE_RECORD_ARRAY_H

#include <htslib/sam.h>
#include <stddef.h>

#include "varlock/error.h"

struct record_array {
    bam1_t **v; /* owned, `cap` of them allocated */
    size_t n, cap;
    struct record_chunk *chunks; /* owned: bytes of the records that were copied in */
    size_t n_chunks, cap_chunks;
    size_t chunk; /* the one being filled */
};

/* Appends a record to be filled in; NULL without memory. */
VL_MUST_CHECK
bam1_t *record_array_add(struct record_array *array);

/* Appends a copy that will not change: such copies lie close together in memory, in
 * their order, which pays where they are gone through several times.  NULL without
 * memory. */
VL_MUST_CHECK
const bam1_t *record_array_copy(struct record_array *array, const bam1_t *b);

/* Empties it; unusually long records give their memory back / frees it. */
void record_array_reset(struct record_array *array);
void record_array_clear(struct record_array *array);

#endif
