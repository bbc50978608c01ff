/* Tickets: where a server's answer is (htsget 1.3, hts-specs/htsget.md). */
#ifndef VARLOCK_NET_TICKET_H
#define VARLOCK_NET_TICKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "varlock/buf.h"
#include "varlock/error.h"

/* A block of the answer. */
struct ticket_url {
    char *url;          /* http or https; NULL: the block is `data` */
    struct vl_buf data; /* what a data: URI held */
    char **headers;     /* lines to send, but for Range */
    size_t n_headers;
    bool has_range;   /* it is a range of what the URL names */
    int64_t beg, end; /* of the range, up to 64 TiB; end exclusive, -1: to the end */
    bool starts_file; /* an answer of its own begins here */
};

struct ticket {
    struct ticket_url *urls;
    size_t n, cap;
    char md5[33]; /* in lower case; "": not told */
};

/* Adds the blocks of a ticket that came from the URL `source`.  VL_ERR_DATA: it is none,
 * or a block's URL is neither http, https nor data, or http although the ticket came by
 * https. */
VL_MUST_CHECK
int ticket_add(struct ticket *ticket, const char *text, size_t n, const char *source,
               struct vl_error *err);

/* Fills in the error that a reply with that status and body stands for. */
int ticket_blame(long status, const char *text, size_t n, const char *source,
                 struct vl_error *err);

/* Length of the block; -1: not known. */
int64_t ticket_url_size(const struct ticket_url *url);

void ticket_clear(struct ticket *ticket);

#endif
