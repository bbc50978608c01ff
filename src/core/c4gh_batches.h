/*
 * Seals or opens a whole stream of Crypt4GH segments, batch by batch, in threads: the
 * caller's thread reads and writes.
 */
#ifndef VARLOCK_CORE_C4GH_BATCHES_H
#define VARLOCK_CORE_C4GH_BATCHES_H

#include <htslib/hfile.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypt4gh/c4gh_ending.h"
#include "varlock/error.h"
#include "varlock/outfile.h"
#include "varlock/varlock.h"

struct c4gh_stream_job {
    hFILE *in; /* read to its end */
    const char *path;
    struct vl_outfile *out;
    bool seals;          /* plain bytes in, segments out; else the reverse */
    const uint8_t *keys; /* data keys, one behind the other; one of them if it seals */
    size_t n_keys;
    int n_threads;
    const struct vl_hooks *hooks;
    struct c4gh_ending *ending; /* takes what is opened */
};

/* VL_ERR_DATA: truncated, or a segment that no key opens. */
VL_MUST_CHECK
int c4gh_batches_run(const struct c4gh_stream_job *job, struct vl_error *err);

#endif
