/* Fetches alignments and variants from a server that speaks htsget 1.3. */
#ifndef VARLOCK_FETCH_H
#define VARLOCK_FETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "varlock/error.h"
#include "varlock/receive.h"
#include "varlock/varlock.h"

struct fetch_options {
    const char *url;           /* http, https, or htsget, which stands for https */
    struct vl_request request; /* empty: everything */
    bool header_only;
    const char *format;     /* asked for: BAM, CRAM, VCF, BCF; NULL: BAM, or VCF where the
                               path has a part `variants` */
    const char *token_file; /* NULL: what HTS_AUTH_LOCATION names, if it does */
    struct vl_list headers; /* lines to send with the question */
    struct vl_list c4gh_keys; /* the answer is to be encrypted to the first */
    const char *c4gh_scheme;  /* "htsget-rs" or "legacy"; NULL: the first */
    bool allow_plain;         /* with keys: the answer may be plain */
    bool no_filter;
    const char *bdiff;   /* NULL, or the answer is a masked file, which it restores */
    struct vl_list keys; /* private keys that open the BDIFF */
    const char *verify;  /* public key that it must be signed with; NULL: not checked */
    const char *ca_file; /* authorities to trust; NULL: the system's */
    int n_retries;       /* failures in a row */
    int timeout;         /* seconds without a byte */
    int n_connections;
    bool lists_visas; /* tells what a passport grants */
    struct vl_output output;
    int n_threads;
    struct vl_hooks hooks; /* the progress hook gets records, once all bytes are here */
    /* Told the bytes that are here, those of an earlier run among them, and their share
     * (negative: not known).  Other than 0 cancels.  NULL: not told. */
    int (*progress)(void *arg, uint64_t n_bytes, uint64_t n_resumed, double share);
    void *progress_arg;
};

struct fetch_counts {
    uint64_t n_bytes;   /* of the answer */
    uint64_t n_resumed; /* of these: were there from an earlier run */
    struct vl_receiver_counts records;
};

/* VL_ERR_GRANT: the server refused. */
VL_MUST_CHECK
int fetch_run(const struct fetch_options *options, struct fetch_counts *counts,
              struct vl_error *err);

#endif
