#include "residual/residual_shapes.h"

#include <stdlib.h>

#include "varlock/wire.h"

struct shape_count {
    unsigned shape;
    uint32_t n;
};

/* Sorts the most frequent first. */
static int compare_counts(const void *a, const void *b)
{
    const struct shape_count *x = a, *y = b;
    if (x->n != y->n)
        return x->n > y->n ? -1 : 1;
    return (x->shape > y->shape) - (x->shape < y->shape);
}

int residual_shapes_put(const struct draft *drafts, size_t n,
                        struct vl_buf fixed[static VL_STREAM_FIXED_END])
{
    struct shape_count *counts = calloc(VL_SHAPE_END, sizeof *counts);
    uint16_t *number = calloc(VL_SHAPE_END, sizeof *number);
    int rc = counts && number ? 0 : VL_ERR_MEMORY;
    for (unsigned shape = 0; rc == 0 && shape < VL_SHAPE_END; shape++)
        counts[shape].shape = shape;
    for (size_t i = 0; rc == 0 && i < n; i++)
        counts[drafts[i].shape].n++;
    uint16_t n_shapes = 0;
    for (unsigned shape = 0; rc == 0 && shape < VL_SHAPE_END; shape++)
        if (counts[shape].n > 0)
            counts[n_shapes++] = counts[shape];
    if (n_shapes > 1)
        qsort(counts, n_shapes, sizeof *counts, compare_counts);
    for (uint16_t i = 0; i < n_shapes; i++) {
        number[counts[i].shape] = i;
        vl_put_varint(&fixed[VL_STREAM_SHAPES], counts[i].shape);
    }
    uint64_t run = 0;
    for (size_t i = 0; rc == 0 && i < n; i++) {
        if (number[drafts[i].shape] == 0) {
            run++;
            continue;
        }
        vl_put_varint(&fixed[VL_STREAM_RUN], run);
        vl_put_varint(&fixed[VL_STREAM_SHAPE], number[drafts[i].shape]);
        run = 0;
    }
    free(counts);
    free(number);
    return rc;
}
