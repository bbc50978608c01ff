/* Writes the shapes of a window's records (bdiff.md §5.2). */
#ifndef VARLOCK_CORE_RESIDUAL_SHAPES_H
#define VARLOCK_CORE_RESIDUAL_SHAPES_H

#include <stddef.h>
#include <stdint.h>

#include "varlock/bdiff.h"
#include "varlock/buf.h"
#include "varlock/fail.h"

/* Shape and template of a record, kept until the common ones are known. */
struct draft {
    unsigned shape;
    uint32_t template;
};

/* Appends the shapes of n records to the streams `fixed`, by enum vl_stream_id.
 * VL_ERR_MEMORY. */
VL_MUST_CHECK
int residual_shapes_put(const struct draft *drafts, size_t n,
                        struct vl_buf fixed[static VL_STREAM_FIXED_END]);

#endif
