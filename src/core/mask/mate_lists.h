/*
 * The records of synth_order.h that wait and may have a mate: lists of those whose names
 * have the same hash modulo the number of lists, the latest first.  The hash is kept with
 * the record, so that to forget a record does not read its name again.
 */
#ifndef VARLOCK_CORE_MATE_LISTS_H
#define VARLOCK_CORE_MATE_LISTS_H

#include <stddef.h>
#include <stdint.h>

#include "mask/synth_order.h"
#include "varlock/fail.h"

/* Starts as zeros. */
struct mate_lists {
    struct placed **first; /* owned */
    size_t n_lists;        /* a power of two, or 0 */
    size_t n;              /* records */
};

/* Makes room for one more record.  VL_ERR_MEMORY. */
VL_MUST_CHECK
int mate_lists_grow(struct mate_lists *lists);

/* The latest record whose name may have that hash; `earlier` leads to the next one. There
 * must be room. */
static inline struct placed *mate_lists_first(const struct mate_lists *lists,
                                              uint32_t hash)
{
    return lists->first[hash & (lists->n_lists - 1)];
}

/* Adds a record by its hash.  There must be room. */
void mate_lists_add(struct mate_lists *lists, struct placed *p);

void mate_lists_remove(struct mate_lists *lists, const struct placed *p);

void mate_lists_clear(struct mate_lists *lists);

#endif
