/*
 * Requests over HTTP and HTTPS, on libcurl.  TLS is verified.  A redirect leads to http
 * or https only, and never from https to http; the bearer token does not follow it to
 * another host.
 */
#ifndef VARLOCK_NET_HTTP_H
#define VARLOCK_NET_HTTP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "varlock/buf.h"
#include "varlock/error.h"

struct http_options {
    const char *ca_file;     /* PEM of the authorities to trust; NULL: the system's */
    int timeout;             /* seconds without a byte, or to connect */
    const atomic_bool *stop; /* NULL, or ends requests where it becomes true */
};

struct http; /* a connection that is used again; one thread at a time */

struct http_ask {
    const char *url;
    int max_seconds;      /* that all of it may take; 0: as long as bytes come */
    char *const *headers; /* lines without their ends */
    size_t n_headers;
    const char *bearer; /* token; NULL: none */
    const char *body;   /* to POST, as JSON; NULL: GET */
    bool has_range;
    int64_t beg, end; /* of the range; end exclusive, -1: to the end */
};

struct http_reply {
    long status;
    int64_t length; /* Content-Length; -1: not told */
    bool has_range;
    int64_t beg, end; /* Content-Range; end exclusive */
    int64_t total;    /* size that Content-Range tells of all of it; -1: not told */
    int retry_after;  /* seconds; -1: not told */
    bool is_encoded;  /* Content-Encoding, which nobody asked for */
    /* The strong validator: other bytes have another one.  "": not told, or longer than
     * any that is known. */
    char etag[128];
};

/* True if a reply of that status has content, and not a refusal's text. */
bool http_is_content(long status);

/* Takes a part of the body.  Other than 0 ends the request. */
typedef int (*http_take_fn)(void *arg, const struct http_reply *reply, const void *bytes,
                            size_t n);

enum http_outcome {
    HTTP_DONE,    /* a reply came, whatever its status */
    HTTP_AGAIN,   /* the network failed; it may be tried again */
    HTTP_STOPPED, /* by `take` or by `stop` */
    HTTP_FAILED   /* to try again would change nothing */
};

VL_MUST_CHECK
int http_open(struct http **http, const struct http_options *options,
              struct vl_error *err);

/* Fills in *err unless the outcome is HTTP_DONE or HTTP_STOPPED. */
enum http_outcome http_run(struct http *http, const struct http_ask *ask,
                           struct http_reply *reply, http_take_fn take, void *arg,
                           struct vl_error *err);

/* NULL is fine. */
void http_free(struct http *http);

/* Appends the URL as messages may show it, without user, password and query, and a NUL
 * behind it. */
void http_put_shown(struct vl_buf *out, const char *url);

/* True for http and https URLs.  *is_plain: http, to another machine. */
bool http_is_url(const char *url, bool *is_plain);

#endif
