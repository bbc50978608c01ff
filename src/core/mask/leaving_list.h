/* The records that leave synth_order.h at one time, and their sorting into the new
 * order. */
#ifndef VARLOCK_CORE_LEAVING_LIST_H
#define VARLOCK_CORE_LEAVING_LIST_H

#include <stddef.h>
#include <stdint.h>

#include "mask/synth_order.h"
#include "varlock/buf.h"
#include "varlock/fail.h"

/* A record, with what decides most comparisons. */
struct leaving {
    int64_t goes_to;
    struct placed *p;
};

/* Starts as zeros. */
struct leaving_list {
    struct leaving *v; /* owned */
    size_t n, cap;
    struct vl_buf counts, sorted; /* while they are sorted */
};

/* VL_ERR_MEMORY. */
VL_MUST_CHECK
int leaving_list_add(struct leaving_list *list, struct placed *p);

/* Sorts the records.  VL_ERR_MEMORY. */
VL_MUST_CHECK
int leaving_list_sort(struct leaving_list *list, const struct reorder_options *options);

void leaving_list_clear(struct leaving_list *list);

#endif
