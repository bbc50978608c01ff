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
    size_t chunk; /* index of the chunk that is being filled */
};

/* Appends an empty record, which the caller fills in.  NULL if memory runs out. */
VL_MUST_CHECK
bam1_t *record_array_add(struct record_array *array);

/* Appends a copy that will not change.  Copies lie close together in memory, in their
 * order, which saves time when they are read several times.  NULL if memory runs out. */
VL_MUST_CHECK
const bam1_t *record_array_copy(struct record_array *array, const bam1_t *b);

/* record_array_reset empties the array, and unusually long records give their memory
 * back.  record_array_clear frees everything. */
void record_array_reset(struct record_array *array);
void record_array_clear(struct record_array *array);

#endif
