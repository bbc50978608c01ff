#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http.h"
#include "serve_state.h"
#include "varlock/fail.h"
#include "varlock/seal.h"

enum {
    IDLE_SECONDS = 60,           /* a connection without progress ends */
    CONNECTION_BYTES = 64 << 10, /* memory of a connection: its headers fit into it */
    BODY_BYTES_MAX = 1 << 20,    /* of a POST */
    TICK_MS = 100,
    HTTP_PORT = 80
};

/* ---- routes ---- */

static bool has_right_host(const struct request *r)
{
    const char *host = serve_header(r, MHD_HTTP_HEADER_HOST);
    return host && (strcasecmp(host, r->serve->hosts[0]) == 0 ||
                    strcasecmp(host, r->serve->hosts[1]) == 0);
}

static enum MHD_Result refuse_method(struct request *r, bool may_post)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    if (response)
        MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW,
                                may_post ? "GET, HEAD, POST, OPTIONS"
                                         : "GET, HEAD, OPTIONS");
    return serve_queue(r, MHD_HTTP_METHOD_NOT_ALLOWED, response);
}

static enum MHD_Result route(struct request *r, const struct request_path *path)
{
    struct vl_serving *shown = r->serve->shown[path->shown];
    bool may_post = path->kind == REQUEST_TICKET;
    if (path->kind == REQUEST_NOTHING)
        return serve_refuse(r, MHD_HTTP_NOT_FOUND, "nothing is here");
    if (serve_is(r, "OPTIONS"))
        return serve_reply(r, MHD_HTTP_NO_CONTENT, NULL, "", 0);
    if (!serve_is(r, "GET") && !serve_is(r, "HEAD") && !(serve_is(r, "POST") && may_post))
        return refuse_method(r, may_post);
    switch (path->kind) {
    case REQUEST_SERVICE_INFO:
        return serve_service_info(r);
    case REQUEST_TICKET:
        return serve_ticket(r, shown);
    case REQUEST_DATA:
        return serve_data(r, shown);
    case REQUEST_BAM:
        return serve_file(r, shown);
    case REQUEST_BAI:
    case REQUEST_CSI:
        return serve_index(r, shown, path->kind == REQUEST_CSI);
    case REQUEST_PAGE:
        if (r->serve->backend)
            return serve_stored(r, path->rest);
        return strncmp(path->rest, "reads/", 6) == 0
                   ? serve_refuse_reads(r, MHD_HTTP_NOT_FOUND, "NotFound",
                                        "there are no such reads")
                   : serve_page(r, path->rest);
    case REQUEST_NOTHING:
        break;
    }
    return serve_refuse(r, MHD_HTTP_NOT_FOUND, "nothing is here");
}

static struct request_path path_of(const struct serve *s, const char *url)
{
    const char *ids[SHOWN_MAX];
    for (size_t i = 0; i < s->n_shown; i++)
        ids[i] = vl_serving_id(s->shown[i]);
    return request_path_read(url, s->token, ids, s->n_shown);
}

static enum MHD_Result answer(struct request *r, const char *url)
{
    if (!has_right_host(r))
        return serve_refuse(r, MHD_HTTP_FORBIDDEN, "this is not the server's name");
    struct request_path path = path_of(r->serve, url);
    return route(r, &path);
}

/* ---- requests ---- */

static struct request *begin(struct serve *s, struct MHD_Connection *connection,
                             const char *method, const char *url)
{
    struct request *r = calloc(1, sizeof *r);
    char *line = serve_line(s, connection, method, url);
    if (!r || !line) {
        free(r);
        free(line);
        return NULL;
    }
    r->serve = s;
    r->connection = connection;
    r->method = method;
    r->line = line;
    clock_gettime(CLOCK_MONOTONIC, &r->began);
    return r;
}

static bool has_body(const struct request *r)
{
    const char *length = serve_header(r, MHD_HTTP_HEADER_CONTENT_LENGTH);
    return serve_header(r, MHD_HTTP_HEADER_TRANSFER_ENCODING) ||
           (length && strtoull(length, NULL, 10) > 0);
}

/* A body is read where it is asked for, from whom knows the token. */
static bool takes_body(struct request *r, const char *url)
{
    const char *length = serve_header(r, MHD_HTTP_HEADER_CONTENT_LENGTH);
    r->is_too_long = length && strtoull(length, NULL, 10) > BODY_BYTES_MAX;
    return !r->is_too_long && has_right_host(r) && serve_is(r, "POST") &&
           path_of(r->serve, url).kind == REQUEST_TICKET;
}

static void take_body(struct request *r, const char *bytes, size_t n)
{
    r->is_too_long = r->is_too_long || r->body.len + n > BODY_BYTES_MAX;
    if (!r->is_too_long && serve_is(r, "POST"))
        vl_buf_add(&r->body, bytes, n);
}

static enum MHD_Result handle(void *arg, struct MHD_Connection *connection,
                              const char *url, const char *method, const char *version,
                              const char *upload, size_t *n_upload, void **state)
{
    struct request *r = *state;
    (void)version;
    if (!r) {
        serve_waits(arg, connection, false);
        r = *state = begin(arg, connection, method, url);
        if (!r)
            return MHD_NO;
        /* Answered before the body, whatever the method, it is not read. */
        return has_body(r) && !takes_body(r, url) ? answer(r, url) : MHD_YES;
    }
    if (*n_upload == 0)
        return answer(r, url);
    take_body(r, upload, *n_upload);
    *n_upload = 0;
    return r->body.failed ? MHD_NO : MHD_YES;
}

static void complete(void *arg, struct MHD_Connection *connection, void **state,
                     enum MHD_RequestTerminationCode code)
{
    struct request *r = *state;
    if (!r)
        return;
    serve_waits(arg, connection, true);
    serve_log(r, code == MHD_REQUEST_TERMINATED_COMPLETED_OK);
    vl_buf_clear(&r->body);
    free(r->line);
    free(r);
    *state = NULL;
}

/* ---- the run ---- */

/* The threads that are started later inherit the mask. */
static void block_signals(sigset_t *ending)
{
    sigset_t blocked;
    sigemptyset(ending);
    sigaddset(ending, SIGINT);
    sigaddset(ending, SIGTERM);
    sigaddset(ending, SIGHUP);
    blocked = *ending;
    sigaddset(&blocked, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &blocked, NULL);
}

static void wait_for_end(struct serve *s, const sigset_t *ending)
{
    const struct timespec tick = {.tv_nsec = TICK_MS * 1000000L};
    while (!(s->options->once && serve_is_over(s))) {
        if (sigtimedwait(ending, NULL, &tick) > 0)
            break;
        serve_drop_waiting(s);
    }
    /* Another signal ends what does not end by itself. */
    pthread_sigmask(SIG_UNBLOCK, ending, NULL);
}

static int make_token(struct serve *s, struct vl_error *err)
{
    uint8_t random[TOKEN_CHARS / 2];
    int rc = vl_random(random, sizeof random, err);
    for (size_t i = 0; i < sizeof random; i++)
        snprintf(s->token + 2 * i, 3, "%02x", random[i]);
    return rc;
}

static int pass_bytes(void *arg, const struct http_reply *reply, const void *bytes,
                      size_t n)
{
    (void)arg, (void)reply, (void)bytes, (void)n;
    return 0;
}

/* Size of what a URL names, which htslib does not tell; 0: it is none, or not known. */
static int64_t ask_for_size(const char *url)
{
    const struct http_options options = {.timeout = IDLE_SECONDS};
    const struct http_ask ask = {.url = url, .has_range = true, .beg = 0, .end = 1};
    struct http_reply reply = {.total = -1};
    struct http *http;
    struct vl_error unasked;
    bool is_plain;
    if (!http_is_url(url, &is_plain) || http_open(&http, &options, &unasked) < 0)
        return 0;
    enum http_outcome outcome = http_run(http, &ask, &reply, pass_bytes, NULL, &unasked);
    http_free(http);
    return outcome == HTTP_DONE && reply.status == 206 && reply.total > 0 ? reply.total
                                                                          : 0;
}

static int open_shown(struct serve *s, struct vl_error *err)
{
    struct vl_serving_options masked = s->options->shown;
    if (s->options->is_backend)
        return vl_backend_open(&s->backend, masked.input, &masked.c4gh_keys,
                               &s->options->shown.hooks, err);
    masked.input_bytes = ask_for_size(masked.input);
    int rc = vl_serving_open(&s->shown[0], &masked, err);
    s->n_shown = rc == 0;
    if (rc < 0 || !s->options->igv || !masked.bdiff)
        return rc;
    masked.bdiff = masked.verify = NULL;
    masked.keys = (struct vl_list){NULL, 0};
    rc = vl_serving_open(&s->shown[1], &masked, err);
    s->n_shown += rc == 0;
    return rc;
}

/* A NUL would end the text early, so that another path is seen. */
static size_t unescape(void *arg, struct MHD_Connection *connection, char *text)
{
    (void)arg;
    (void)connection;
    for (char *at = text; (at = strstr(at, "%00")); at++)
        *at = '?';
    return MHD_http_unescape(text);
}

/* A socket that listens.  A program may come as soon as the server starts, so that its
 * port must be known before. */
static int listen_at(const struct serve *s, unsigned *port, struct vl_error *err)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)s->options->port),
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t n = sizeof address;
    const int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
        bind(fd, (struct sockaddr *)&address, n) == 0 && listen(fd, SOMAXCONN) == 0 &&
        getsockname(fd, (struct sockaddr *)&address, &n) == 0) {
        *port = ntohs(address.sin_port);
        return fd;
    }
    int rc = vl_error_errno(err, "127.0.0.1:%d: cannot serve there", s->options->port);
    if (fd >= 0)
        close(fd);
    return rc;
}

/* Clients leave the port of http out. */
static void set_names(struct serve *s, unsigned port)
{
    char behind[8] = "";
    if (port != HTTP_PORT)
        snprintf(behind, sizeof behind, ":%u", port);
    snprintf(s->base, sizeof s->base, "http://127.0.0.1%s/%s", behind, s->token);
    snprintf(s->hosts[0], sizeof s->hosts[0], "127.0.0.1%s", behind);
    snprintf(s->hosts[1], sizeof s->hosts[1], "localhost%s", behind);
}

static int start(struct serve *s, struct MHD_Daemon **daemon, struct vl_error *err)
{
    unsigned port = 0;
    int fd = listen_at(s, &port, err);
    if (fd < 0)
        return fd;
    set_names(s, port);
    serve_defer(fd);
    errno = 0;
    *daemon = MHD_start_daemon(
        MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL,
        handle, s, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES,
        MHD_OPTION_NOTIFY_COMPLETED, complete, s, MHD_OPTION_NOTIFY_CONNECTION,
        serve_count, s, MHD_OPTION_UNESCAPE_CALLBACK, unescape, NULL, MHD_OPTION_END);
    if (*daemon)
        return 0;
    int rc = vl_error_errno(err, "127.0.0.1:%d: cannot serve there", s->options->port);
    close(fd);
    return rc;
}

static int tell_url(const struct serve *s, const char *folder, const char *id,
                    const char *ending, struct vl_error *err)
{
    struct vl_buf url = VL_BUF_INIT;
    vl_buf_addf(&url, "%s/%s%s%s", s->base, folder, id, ending);
    vl_buf_add_byte(&url, 0);
    int rc = url.failed ? vl_error_memory(err)
                        : s->options->tell(s->options->arg, (char *)url.data, err);
    vl_buf_clear(&url);
    return rc;
}

static int tell_urls(const struct serve *s, struct vl_error *err)
{
    int rc = 0;
    if (s->n_shown > 0) {
        const char *id = vl_serving_id(s->shown[0]);
        rc = tell_url(s, "reads/", id, "", err);
        if (rc == 0)
            rc = tell_url(s, "files/", id, ".bam", err);
    }
    if (rc == 0 && (s->options->igv || s->backend))
        rc = tell_url(s, "", "", "", err);
    return rc == 0 ? s->options->tell(s->options->arg, NULL, err) : rc;
}

int serve_run(const struct serve_options *options, struct vl_error *err)
{
    struct serve s = {.options = options, .mutex = PTHREAD_MUTEX_INITIALIZER};
    struct MHD_Daemon *daemon = NULL;
    sigset_t ending;
    int rc = open_shown(&s, err);
    if (rc == 0)
        rc = make_token(&s, err);
    if (rc == 0) {
        block_signals(&ending);
        rc = start(&s, &daemon, err);
    }
    if (rc == 0)
        rc = tell_urls(&s, err);
    if (rc == 0)
        wait_for_end(&s, &ending);
    if (daemon)
        MHD_stop_daemon(daemon);
    for (size_t i = 0; i < SETS_KEPT; i++)
        vl_ranges_clear(&s.sets[i].ranges);
    for (size_t i = 0; i < s.n_shown; i++)
        vl_serving_free(s.shown[i]);
    vl_backend_free(s.backend);
    return rc;
}
