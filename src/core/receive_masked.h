/* A masked file that comes from a server, and is restored on the way. */
#ifndef VARLOCK_CORE_RECEIVE_MASKED_H
#define VARLOCK_CORE_RECEIVE_MASKED_H

#include "answer/asked.h"
#include "container/bdiff_file.h"
#include "varlock/receive.h"

/* Opens the BDIFF of the options, and finds which stretches of the masked file the
 * request needs; `asked` has none where it needs all. */
VL_MUST_CHECK
int receive_masked_open(struct vl_bdiff_reader **bdiff, struct asked *asked,
                        const struct vl_receiver_options *options, struct vl_error *err);

/* Restores what the request names from the file `masked`. */
VL_MUST_CHECK
int receive_masked(const struct vl_receiver_options *options,
                   struct vl_bdiff_reader *bdiff, const char *masked,
                   struct vl_receiver_counts *counts, struct vl_error *err);

#endif
