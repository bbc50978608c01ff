#include "blocks.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "varlock/fail.h"
#include "varlock/thread_check.h"

enum {
    PIECE_BYTES = 8 << 20,    /* of a block that is fetched in pieces */
    PIECES_MAX = 1 << 16,     /* of all blocks, but that each block has one */
    BUFFER_BYTES = 8 << 20,   /* of what a connection may hold for the sink */
    REFUSAL_BYTES = 4096,     /* of a refusal's text */
    PROGRESS_BYTES = 1 << 16, /* that make failures no longer be in a row */
    DELAY_MAX = 30,           /* seconds, unless the server tells more */
    TOLD_DELAY_MAX = 600,     /* seconds that a server may ask for */
    WAIT_MS = 250             /* between two calls of the sink without bytes */
};

/* Part of a block. */
struct piece {
    size_t url;
    int64_t beg, end; /* of what the URL names; end -1: to its end */
};

/* A connection, and the piece that it fetches. */
struct lane {
    struct engine *engine;
    pthread_t thread;
    struct http *http;
    size_t piece;        /* its number; SIZE_MAX: none */
    struct vl_buf bytes; /* that came and are not handed out */
    int64_t n_got;       /* bytes of the piece so far */
    int64_t n_skip;      /* of the reply, which begins before the piece */
    int64_t n_whole;     /* bytes that a piece without an end has; -1: not known */
    bool is_started;     /* the reply was looked at */
    bool is_done;        /* the piece is whole */
    int rc;
    struct vl_error error;
    struct vl_buf refusal; /* text of a reply that is no content */
};

struct engine {
    const struct ticket *ticket;
    char (
        *etags)[sizeof((struct http_reply *)0)->etag]; /* of each block; "": not known */
    struct vl_buf notes; /* lines with NULs behind them, not told yet */
    size_t n_began;      /* blocks whose first bytes were handed out */
    const struct blocks_options *options;
    struct http_options http;
    struct piece *pieces;
    size_t n_pieces, cap_pieces;
    size_t next;    /* piece that no lane has */
    size_t current; /* piece that is handed out */
    atomic_bool stop;
    pthread_mutex_t mutex; /* over all of it */
    pthread_cond_t moved;
    struct lane *lanes;
    int n_lanes;
};

double blocks_delay(int n, int told)
{
    double delay = 0.25 * (double)(1 << (n < 8 ? n - 1 : 7));
    if (told >= 0)
        return told < TOLD_DELAY_MAX ? told : TOLD_DELAY_MAX;
    return delay < DELAY_MAX ? delay : DELAY_MAX;
}

bool blocks_may_retry(long status)
{
    return status == 408 || status == 429 || status >= 500;
}

/* ---- pieces ---- */

static int add_piece(struct engine *e, size_t url, int64_t beg, int64_t end)
{
    struct piece *v = vl_array_grow(e->pieces, e->n_pieces, &e->cap_pieces, sizeof *v);
    if (!v)
        return VL_ERR_MEMORY;
    e->pieces = v;
    v[e->n_pieces++] = (struct piece){url, beg, end};
    return 0;
}

/* A ticket may tell any size, and pieces are to stay few: they grow instead. */
static int64_t piece_size(const struct engine *e, int64_t n)
{
    int64_t left = PIECES_MAX - (int64_t)e->n_pieces, size = PIECE_BYTES;
    while (left > 0 && size < n && n / size >= left)
        size = size < n - size ? 2 * size : n;
    return left > 0 ? size : n;
}

/* Of a block whose size is known, pieces; of another one, all at once. */
static int plan_block(struct engine *e, size_t i, int64_t from)
{
    const struct ticket_url *url = &e->ticket->urls[i];
    int64_t beg = url->beg + from, end = url->url ? url->end : (int64_t)url->data.len;
    int rc = 0;
    if (end < 0 || !url->url)
        return add_piece(e, i, beg, end);
    for (int64_t size = piece_size(e, end - beg); rc == 0 && beg < end;) {
        int64_t next = end - beg < size ? end : beg + size;
        rc = add_piece(e, i, beg, next);
        beg = next;
    }
    return rc;
}

static int plan(struct engine *e, size_t first, int64_t from)
{
    int rc = 0;
    for (size_t i = first; rc == 0 && i < e->ticket->n; i++)
        rc = plan_block(e, i, i == first ? from : 0);
    return rc;
}

static const struct ticket_url *url_of(const struct engine *e, const struct piece *piece)
{
    return &e->ticket->urls[piece->url];
}

/* ---- a lane ---- */

static int fail(struct lane *lane, int rc, const char *format, const char *what)
{
    struct vl_buf shown = VL_BUF_INIT;
    const struct engine *e = lane->engine;
    http_put_shown(&shown, url_of(e, &e->pieces[lane->piece])->url);
    lane->rc = vl_error_set(&lane->error, rc, format,
                            shown.failed ? "a server" : (char *)shown.data, what);
    vl_buf_clear(&shown);
    return lane->rc;
}

/* All replies for a block must be of the same bytes. */
static int check_etag(struct lane *lane, const struct http_reply *reply)
{
    struct engine *e = lane->engine;
    char *known = e->etags[e->pieces[lane->piece].url];
    pthread_mutex_lock(&e->mutex);
    if (!known[0])
        memcpy(known, reply->etag, sizeof reply->etag);
    bool fits = !reply->etag[0] || strcmp(known, reply->etag) == 0;
    pthread_mutex_unlock(&e->mutex);
    return fits ? 0
                : fail(lane, VL_ERR_DATA,
                       "%s: was changed at the server while it was fetched%s", "");
}

/* Looks at a reply before its first byte is taken. */
static int check_reply(struct lane *lane, const struct http_reply *reply)
{
    const struct engine *e = lane->engine;
    const struct piece *piece = &e->pieces[lane->piece];
    const struct ticket_url *url = url_of(e, piece);
    int64_t from = piece->beg + lane->n_got;
    lane->is_started = true;
    lane->n_skip = 0;
    lane->n_whole = -1;
    if (check_etag(lane, reply) < 0)
        return lane->rc;
    if (reply->status == 206) {
        if (piece->end < 0 && reply->total >= 0)
            lane->n_whole = reply->total - piece->beg;
        bool fits = reply->has_range && reply->beg == from &&
                    (piece->end < 0 || reply->end == piece->end);
        return fits ? 0
                    : fail(lane, VL_ERR_DATA,
                           "%s: sent another range of bytes than it was asked for%s", "");
    }
    /* All of what the URL names, whose first bytes are here already. */
    if (!url->has_range && piece->end < 0)
        lane->n_skip = from;
    else
        return fail(lane, VL_ERR_DATA,
                    "%s: the server ignores Range, and sent the whole file%s", "");
    return 0;
}

/* Waits while the lane holds as much as it may.  Called with the mutex. */
static bool wait_for_room(struct lane *lane)
{
    struct engine *e = lane->engine;
    while (!e->stop && lane->bytes.len >= BUFFER_BYTES)
        pthread_cond_wait(&e->moved, &e->mutex);
    return !e->stop;
}

static int take_content(struct lane *lane, const uint8_t *bytes, size_t n)
{
    struct engine *e = lane->engine;
    const struct piece *piece = &e->pieces[lane->piece];
    size_t skip = lane->n_skip < (int64_t)n ? (size_t)lane->n_skip : n;
    lane->n_skip -= (int64_t)skip;
    bytes += skip;
    n -= skip;
    if (piece->end >= 0 && (int64_t)n > piece->end - piece->beg - lane->n_got)
        return fail(lane, VL_ERR_DATA, "%s: sent more bytes than it was asked for%s", "");
    pthread_mutex_lock(&e->mutex);
    bool goes_on = wait_for_room(lane);
    if (goes_on) {
        vl_buf_add(&lane->bytes, bytes, n);
        lane->n_got += (int64_t)n;
        pthread_cond_broadcast(&e->moved);
    }
    if (lane->bytes.failed)
        lane->rc = vl_error_memory(&lane->error);
    pthread_mutex_unlock(&e->mutex);
    return goes_on && lane->rc == 0 ? 0 : -1;
}

/* An http_take_fn.  Of a refusal the beginning will do. */
static int take(void *arg, const struct http_reply *reply, const void *bytes, size_t n)
{
    struct lane *lane = arg;
    if (!http_is_content(reply->status)) {
        vl_buf_add(&lane->refusal, bytes, n);
        return lane->refusal.len < REFUSAL_BYTES ? 0 : -1;
    }
    if (!lane->is_started && check_reply(lane, reply) < 0)
        return -1;
    return take_content(lane, bytes, n);
}

/* Sleeps, unless all is to stop. */
static void sleep_for(struct engine *e, double seconds)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += (time_t)seconds;
    until.tv_nsec += (long)((seconds - (double)(time_t)seconds) * 1e9);
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&e->mutex);
    while (!e->stop && pthread_cond_timedwait(&e->moved, &e->mutex, &until) != ETIMEDOUT)
        ;
    pthread_mutex_unlock(&e->mutex);
}

/* A range that begins where the file ends: nothing is left of a piece without an end. */
static bool is_past_end(const struct lane *lane, const struct http_reply *reply)
{
    const struct piece *piece = &lane->engine->pieces[lane->piece];
    return reply->status == 416 && piece->end < 0 &&
           reply->total == piece->beg + lane->n_got;
}

static bool is_whole(const struct lane *lane)
{
    const struct piece *piece = &lane->engine->pieces[lane->piece];
    int64_t n = piece->end < 0 ? lane->n_whole : piece->end - piece->beg;
    return lane->n_skip == 0 && (n < 0 || lane->n_got == n);
}

/* What a finished request means: 1 the piece is whole, 0 try again, or an error. */
static int judge(struct lane *lane, enum http_outcome outcome,
                 const struct http_reply *reply)
{
    const struct engine *e = lane->engine;
    const char *url = url_of(e, &e->pieces[lane->piece])->url;
    if (lane->rc < 0 || outcome == HTTP_FAILED) {
        lane->rc = lane->rc < 0 ? lane->rc : lane->error.code;
        return lane->rc;
    }
    bool is_refusal = outcome == HTTP_DONE || lane->refusal.len >= REFUSAL_BYTES;
    if (!is_refusal)
        return outcome == HTTP_STOPPED ? VL_ERR_CANCELLED : 0;
    if (is_past_end(lane, reply))
        return 1;
    if (reply->status == 416 && lane->n_got > 0)
        return fail(lane, VL_ERR_DATA, "%s: has no longer the bytes that follow%s", "");
    if (!http_is_content(reply->status)) {
        int rc = ticket_blame(reply->status, (char *)lane->refusal.data,
                              lane->refusal.len, url, &lane->error);
        lane->rc = blocks_may_retry(reply->status) ? 0 : rc;
        return lane->rc;
    }
    /* An empty body is never handed to `take`. */
    if (!lane->is_started && check_reply(lane, reply) < 0)
        return lane->rc;
    if (is_whole(lane))
        return 1;
    fail(lane, VL_ERR_IO, "%s: the body ended early%s", "");
    lane->rc = 0;
    return 0;
}

/* The thread that hands out tells it, because notes and progress share a line. */
static void note_retry(struct lane *lane, double delay)
{
    struct engine *e = lane->engine;
    pthread_mutex_lock(&e->mutex);
    vl_buf_addf(&e->notes, "%s; trying again in %.3g s", lane->error.message, delay);
    vl_buf_add_byte(&e->notes, 0);
    pthread_cond_broadcast(&e->moved);
    pthread_mutex_unlock(&e->mutex);
}

static int fetch_piece(struct lane *lane)
{
    struct engine *e = lane->engine;
    const struct piece *piece = &e->pieces[lane->piece];
    const struct ticket_url *url = url_of(e, piece);
    int n_failures = 0, rc = 0;
    while (rc == 0) {
        int64_t from = piece->beg + lane->n_got, before = lane->n_got;
        const struct http_ask ask = {.url = url->url,
                                     .headers = url->headers,
                                     .n_headers = url->n_headers,
                                     .has_range = url->has_range || from > 0,
                                     .beg = from,
                                     .end = piece->end};
        struct http_reply reply;
        lane->is_started = false;
        vl_buf_reset(&lane->refusal);
        enum http_outcome outcome =
            http_run(lane->http, &ask, &reply, take, lane, &lane->error);
        rc = judge(lane, outcome, &reply);
        if (rc != 0)
            break;
        n_failures = lane->n_got - before >= PROGRESS_BYTES ? 1 : n_failures + 1;
        if (n_failures > e->options->n_retries)
            return lane->rc = lane->error.code;
        double delay = blocks_delay(n_failures, reply.retry_after);
        note_retry(lane, delay);
        sleep_for(e, delay);
        rc = e->stop ? VL_ERR_CANCELLED : 0;
    }
    return rc;
}

/* Takes the next piece that must be fetched.  Called with the mutex. */
static bool next_piece(struct lane *lane)
{
    struct engine *e = lane->engine;
    while (e->next < e->n_pieces && !url_of(e, &e->pieces[e->next])->url)
        e->next++;
    if (e->stop || e->next == e->n_pieces)
        return false;
    lane->piece = e->next++;
    lane->n_got = 0;
    lane->is_done = false;
    return true;
}

static void *run_lane(void *arg)
{
    struct lane *lane = arg;
    struct engine *e = lane->engine;
    pthread_mutex_lock(&e->mutex);
    while (next_piece(lane)) {
        pthread_mutex_unlock(&e->mutex);
        int rc = fetch_piece(lane);
        pthread_mutex_lock(&e->mutex);
        lane->is_done = true;
        pthread_cond_broadcast(&e->moved);
        /* The next piece waits until this one is handed out. */
        while (rc > 0 && !e->stop && lane->piece != SIZE_MAX)
            pthread_cond_wait(&e->moved, &e->mutex);
        if (rc <= 0)
            break;
    }
    pthread_mutex_unlock(&e->mutex);
    return NULL;
}

/* ---- handing out ---- */

static struct lane *lane_of(const struct engine *e, size_t piece)
{
    for (int i = 0; i < e->n_lanes; i++)
        if (e->lanes[i].piece == piece)
            return &e->lanes[i];
    return NULL;
}

/* Waits a little for something to change.  Called with the mutex. */
static void wait_a_little(struct engine *e)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += WAIT_MS * 1000000L;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_cond_timedwait(&e->moved, &e->mutex, &until);
}

static void tell_notes(struct engine *e)
{
    const struct blocks_options *o = e->options;
    struct vl_buf notes;
    pthread_mutex_lock(&e->mutex);
    notes = e->notes;
    e->notes = VL_BUF_INIT;
    pthread_mutex_unlock(&e->mutex);
    for (size_t at = 0; !notes.failed && at < notes.len;) {
        const char *line = (char *)notes.data + at;
        if (o->note)
            o->note(o->note_arg, line);
        at += strlen(line) + 1;
    }
    vl_buf_clear(&notes);
}

static int tell_began(struct engine *e, size_t url, void *arg, struct vl_error *err)
{
    char etag[sizeof *e->etags];
    if (url < e->n_began)
        return 0;
    e->n_began = url + 1;
    pthread_mutex_lock(&e->mutex);
    memcpy(etag, e->etags[url], sizeof etag);
    pthread_mutex_unlock(&e->mutex);
    return e->options->began ? e->options->began(arg, url, etag, err) : 0;
}

/* Hands out what the current piece has.  1: all of it is handed out. */
static int hand_out(struct engine *e, struct vl_buf *spare, blocks_sink_fn sink,
                    void *arg, struct vl_error *err)
{
    const struct piece *piece = &e->pieces[e->current];
    const struct ticket_url *url = url_of(e, piece);
    if (!url->url) {
        int64_t n = (int64_t)url->data.len - piece->beg;
        int rc = sink(arg, piece->url, url->data.data + piece->beg, (size_t)n, err);
        return rc < 0 ? rc : 1;
    }
    pthread_mutex_lock(&e->mutex);
    struct lane *lane = lane_of(e, e->current);
    if (!lane || (lane->bytes.len == 0 && !lane->is_done))
        wait_a_little(e);
    lane = lane_of(e, e->current);
    vl_buf_reset(spare);
    bool is_done = false;
    int rc = 0;
    if (lane) {
        struct vl_buf t = lane->bytes;
        lane->bytes = *spare;
        *spare = t;
        is_done = lane->is_done;
        rc = is_done ? lane->rc : 0;
        if (is_done && rc == 0)
            lane->piece = SIZE_MAX;
        pthread_cond_broadcast(&e->moved);
    }
    pthread_mutex_unlock(&e->mutex);
    tell_notes(e);
    int put = spare->len > 0 ? tell_began(e, piece->url, arg, err) : 0;
    if (put == 0)
        put = sink(arg, piece->url, spare->data, spare->len, err);
    if (put == 0 && rc < 0 && err)
        *err = lane->error;
    return put < 0 ? put : rc < 0 ? rc : is_done;
}

static int run(struct engine *e, blocks_sink_fn sink, void *arg, struct vl_error *err)
{
    struct vl_buf spare = VL_BUF_INIT;
    int n_started = 0, rc = 0;
    for (; rc == 0 && n_started < e->n_lanes; n_started += rc == 0)
        if (pthread_create(&e->lanes[n_started].thread, NULL, run_lane,
                           &e->lanes[n_started]) != 0)
            rc = vl_error_memory(err);
    while (rc >= 0 && e->current < e->n_pieces) {
        rc = hand_out(e, &spare, sink, arg, err);
        e->current += rc == 1;
    }
    pthread_mutex_lock(&e->mutex);
    e->stop = true;
    pthread_cond_broadcast(&e->moved);
    pthread_mutex_unlock(&e->mutex);
    for (int i = 0; i < n_started; i++)
        pthread_join(e->lanes[i].thread, NULL);
    vl_buf_clear(&spare);
    return rc < 0 ? rc : 0;
}

static int open_lanes(struct engine *e, struct vl_error *err)
{
    int n = e->options->n_connections;
    if ((size_t)n > e->n_pieces)
        n = (int)e->n_pieces;
    e->lanes = calloc((size_t)n + 1, sizeof *e->lanes);
    int rc = e->lanes ? vl_thread_check(n, err) : vl_error_memory(err);
    for (; rc == 0 && e->n_lanes < n; e->n_lanes++) {
        struct lane *lane = &e->lanes[e->n_lanes];
        lane->engine = e;
        lane->piece = SIZE_MAX;
        rc = http_open(&lane->http, &e->http, err);
    }
    return rc;
}

int blocks_fetch(const struct ticket *ticket, size_t first, int64_t from,
                 const struct blocks_options *options, blocks_sink_fn sink, void *arg,
                 struct vl_error *err)
{
    struct engine e = {.ticket = ticket,
                       .options = options,
                       .http = options->http,
                       .mutex = PTHREAD_MUTEX_INITIALIZER,
                       .moved = PTHREAD_COND_INITIALIZER};
    e.http.stop = &e.stop;
    e.etags = calloc(ticket->n + 1, sizeof *e.etags);
    int rc = !e.etags || plan(&e, first, from) < 0 ? vl_error_memory(err)
                                                   : open_lanes(&e, err);
    if (rc == 0)
        rc = run(&e, sink, arg, err);
    for (int i = 0; i < e.n_lanes; i++) {
        http_free(e.lanes[i].http);
        vl_buf_clear(&e.lanes[i].bytes);
        vl_buf_clear(&e.lanes[i].refusal);
    }
    free(e.lanes);
    free(e.pieces);
    free(e.etags);
    vl_buf_clear(&e.notes);
    pthread_cond_destroy(&e.moved);
    pthread_mutex_destroy(&e.mutex);
    return rc;
}
