/* The insert sizes that masked pairs show: drawn, or the pairs' own. */
#ifndef VARLOCK_CORE_INSERT_SIZES_H
#define VARLOCK_CORE_INSERT_SIZES_H

#include <stdbool.h>
#include <stdint.h>

#include "varlock/buf.h"
#include "varlock/draw.h"
#include "varlock/error.h"

/* What the head of the input tells of a read group. */
struct insert_library {
    int64_t median, sd;
    int32_t longest;       /* bases of its longest read */
    struct vl_buf trimmed; /* i32 each, ascending: shorter lengths that few reads have */
};

struct insert_sizes {
    bool is_drawn;
    int64_t max; /* of any pair */
    struct insert_library
        *v; /* owned; of each read group, the last one for reads without */
    size_t n;
};

/* Makes room for that many read groups and one more; all get the default 400 and 100. */
VL_MUST_CHECK
int insert_sizes_init(struct insert_sizes *sizes, size_t n_groups);
void insert_sizes_clear(struct insert_sizes *sizes);

/* The read group of that number; -1: none. */
struct insert_library *insert_sizes_of(const struct insert_sizes *sizes, int32_t group);

/* Draws the distance from 5' end to 5' end, both included, of the pair of read group and
 * name (of n bytes, without /1 and /2) whose reads have a and b bases.  It is as long as
 * either read at least.  Where both have one length that only trimming makes, it is that
 * length.  VL_ERR_MEMORY. */
VL_MUST_CHECK
int insert_sizes_draw(const struct insert_sizes *sizes, struct vl_name_draw *draw,
                      int32_t group, const char *name, size_t n, int64_t a, int64_t b,
                      int64_t *insert);

#endif
