/* A server for programs of this machine that know nothing of varlock. */
#ifndef VARLOCK_SERVE_H
#define VARLOCK_SERVE_H

#include <stdbool.h>

#include "varlock/error.h"
#include "varlock/serving.h"

struct serve_options {
    struct vl_serving_options shown; /* what is served */
    bool is_backend; /* shown.input is a folder of Crypt4GH files, which are served to an
                        htsget server; of `shown` only c4gh_keys counts then */
    int port;        /* 0: any that is free */
    bool once;       /* ends when the first client has no connection any more */
    struct vl_list origins; /* of pages that may read what is served */
    const char *igv; /* file of igv.js: also serves a page that shows it; NULL: no page */
    /* Called with each URL, with NULL once all are told, and with each line of the access
     * log (NULL: there is none), one call at a time.  A `tell` that fails ends it. */
    int (*tell)(void *arg, const char *url, struct vl_error *err);
    void (*log)(void *arg, const char *line);
    void *arg;
};

/* Serves on 127.0.0.1 until SIGINT, SIGTERM or SIGHUP, which it blocks meanwhile. */
VL_MUST_CHECK
int serve_run(const struct serve_options *options, struct vl_error *err);

#endif
