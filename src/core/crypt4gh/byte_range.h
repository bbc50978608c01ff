/* Ranges of bytes as users write them. */
#ifndef VARLOCK_CORE_BYTE_RANGE_H
#define VARLOCK_CORE_BYTE_RANGE_H

#include <stdint.h>

#include "varlock/error.h"

struct byte_range {
    int64_t beg, end; /* from 0; `end` is excluded, INT64_MAX: to the end */
};

/* Reads "A-B" or "A-", with A below B.  VL_ERR_USAGE. */
VL_MUST_CHECK
int byte_range_parse(const char *text, struct byte_range *range, struct vl_error *err);

#endif
