/* The original of a masked file, read beside it. */
#ifndef VARLOCK_AUDIT_ORIGINAL_H
#define VARLOCK_AUDIT_ORIGINAL_H

#include <htslib/thread_pool.h>

#include "coverage.h"
#include "site_calls.h"
#include "varlock/audit.h"

struct original;

/* Opens what the options name.  `contigs` are those of the masked file, vac_contig as for
 * site_calls_open.  `coverage` gets the records.  All arguments must outlive it.
 * VL_ERR_DATA if its contigs are others. */
VL_MUST_CHECK
int original_open(struct original **original, const struct audit_options *options,
                  const struct vl_contigs *contigs, const int32_t *vac_contig,
                  struct coverage *coverage, htsThreadPool *pool, struct vl_error *err);

/* 1 and what the original shows at a site of the masked file; 0 if it shows nothing
 * there.  Sites ascend.  *call is valid until the next call. */
VL_MUST_CHECK
int original_find(struct original *original, const struct site_call *masked,
                  const struct site_call **call, struct vl_error *err);

/* How many keys open the BDIFF; 0 where a file was read. */
size_t original_recipients(const struct original *original);

/* Reads the rest. */
VL_MUST_CHECK
int original_finish(struct original *original, struct vl_error *err);

void original_free(struct original *original);

#endif
