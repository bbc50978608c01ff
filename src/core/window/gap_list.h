/* Stretches of the reference that a window lists beside its masked records (bdiff.md
 * §5.3). */
#ifndef VARLOCK_CORE_GAP_LIST_H
#define VARLOCK_CORE_GAP_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "varlock/buf.h"
#include "varlock/fail.h"

struct gap {
    int32_t contig;
    int64_t beg, end;
};

struct gap_list {
    struct vl_buf gaps;  /* struct gap each, in order, apart */
    struct vl_buf bases; /* of all gaps, packed as in SEQ; A, C, G and T only */
    int64_t n_bases;
};

static inline size_t gap_list_n(const struct gap_list *list)
{
    return list->gaps.len / sizeof(struct gap);
}

/* Both may be NULL: no gaps. */
bool gap_list_equal(const struct gap_list *a, const struct gap_list *b);

/* Appends the stretch of n bases from pos0 on, which are at index `from` of packed bases,
 * without those that are not A, C, G or T.  VL_ERR_MEMORY. */
VL_MUST_CHECK
int gap_list_add(struct gap_list *list, int32_t contig, int64_t pos0, int64_t n,
                 const uint8_t *packed, int64_t from);

static inline void gap_list_reset(struct gap_list *list)
{
    vl_buf_reset(&list->gaps);
    vl_buf_reset(&list->bases);
    list->n_bases = 0;
}

static inline void gap_list_clear(struct gap_list *list)
{
    vl_buf_clear(&list->gaps);
    vl_buf_clear(&list->bases);
    list->n_bases = 0;
}

#endif
