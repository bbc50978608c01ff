/*
 * Fetches the blocks of tickets: several at a time and in pieces, handed out in order.
 * What fails on the way is tried again, from the byte where it broke off.
 */
#ifndef VARLOCK_NET_BLOCKS_H
#define VARLOCK_NET_BLOCKS_H

#include "http.h"
#include "ticket.h"

/* Takes bytes of block `url`, in order.  Called by the thread that called blocks_fetch,
 * also without bytes while it waits.  VL_ERR_*. */
typedef int (*blocks_sink_fn)(void *arg, size_t url, const void *bytes, size_t n,
                              struct vl_error *err);

/* Told the strong validator of a block, before its first bytes; "": the server tells
 * none.  VL_ERR_*. */
typedef int (*blocks_began_fn)(void *arg, size_t url, const char *etag,
                               struct vl_error *err);

struct blocks_options {
    struct http_options http; /* `stop` is set here */
    int n_connections;        /* at least 1 */
    int n_retries;            /* failures in a row, without 64 KiB between them */
    blocks_began_fn began;    /* NULL: not told; gets the sink's argument */
    /* Told what is tried again, by the thread that called blocks_fetch; NULL: none. */
    void (*note)(void *arg, const char *line);
    void *note_arg;
};

/* Fetches what follows byte `from` of block `first`.  VL_ERR_IO, VL_ERR_DATA,
 * VL_ERR_GRANT, or the sink's error. */
VL_MUST_CHECK
int blocks_fetch(const struct ticket *ticket, size_t first, int64_t from,
                 const struct blocks_options *options, blocks_sink_fn sink, void *arg,
                 struct vl_error *err);

/* Seconds to wait after the failure number n in a row, from 1; `told` by the server, or
 * -1. */
double blocks_delay(int n, int told);

/* True if a request that was answered so may be made again. */
bool blocks_may_retry(long status);

#endif
