#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http.h"
#include "serve_state.h"
#include "varlock/fail.h"
#include "varlock/seal.h"

enum {
    CONNECTIONS_MAX = 64,
    IDLE_SECONDS = 60,           /* a connection without progress ends */
    CONNECTION_BYTES = 64 << 10, /* memory of a connection: its headers fit into it */
    BODY_BYTES_MAX = 1 << 20,    /* of a POST */
    STREAM_BLOCK_BYTES = 128 << 10,
    ONCE_SECONDS = 3, /* programs open one connection after the other */
    ONCE_TICK_MS = 100
};

static const char TEXT[] = "text/plain; charset=utf-8";

/* ---- the log ---- */

/* What is printable of what a client sent. */
static void add_printable(struct vl_buf *out, const char *text)
{
    for (; *text; text++)
        vl_buf_add_byte(out, *text > ' ' && *text < 0x7f ? (uint8_t)*text : '?');
}

static enum MHD_Result add_argument(void *arg, enum MHD_ValueKind kind, const char *name,
                                    const char *value)
{
    struct vl_buf *out = arg;
    (void)kind;
    vl_buf_add_byte(out, memchr(out->data, '?', out->len) ? '&' : '?');
    add_printable(out, name);
    vl_buf_add_byte(out, '=');
    add_printable(out, value ? value : "");
    return MHD_YES;
}

/* The token is the server's secret: wherever it stands, it is not told. */
static void hide_token(const struct serve *s, char *line)
{
    for (char *at = line; (at = strstr(at, s->token));) {
        *at++ = '-';
        memmove(at, at + TOKEN_CHARS - 1, strlen(at + TOKEN_CHARS - 1) + 1);
    }
}

static char *make_line(const struct serve *s, struct MHD_Connection *connection,
                       const char *method, const char *url)
{
    struct vl_buf out = VL_BUF_INIT;
    add_printable(&out, method);
    vl_buf_add_byte(&out, ' ');
    add_printable(&out, url);
    MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, add_argument, &out);
    vl_buf_add_byte(&out, 0);
    if (out.failed) {
        vl_buf_clear(&out);
        return NULL;
    }
    hide_token(s, (char *)out.data);
    return (char *)out.data;
}

static void log_request(const struct request *r, bool is_whole)
{
    struct serve *s = r->serve;
    struct timespec now;
    struct tm tm;
    char date[32], line[1024];
    clock_gettime(CLOCK_MONOTONIC, &now);
    double seconds = (double)(now.tv_sec - r->began.tv_sec) +
                     (double)(now.tv_nsec - r->began.tv_nsec) / 1e9;
    time_t t = time(NULL);
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&t, &tm));
    snprintf(line, sizeof line, "%s %.600s %u %llu %.3fs%s%.200s", date, r->line,
             r->status, (unsigned long long)r->n_bytes, seconds,
             r->error.message[0] ? " "
             : is_whole          ? ""
                                 : " the client went away",
             r->error.message);
    pthread_mutex_lock(&s->mutex);
    if (s->options->log)
        s->options->log(s->options->arg, line);
    pthread_mutex_unlock(&s->mutex);
}

/* ---- answers ---- */

bool serve_is(const struct request *r, const char *method)
{
    return strcmp(r->method, method) == 0;
}

const char *serve_argument(const struct request *r, const char *name)
{
    return MHD_lookup_connection_value(r->connection, MHD_GET_ARGUMENT_KIND, name);
}

static const char *header_of(const struct request *r, const char *name)
{
    return MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, name);
}

/* Lets pages of these origins read the answer. */
static void add_origin(const struct request *r, struct MHD_Response *response)
{
    const struct vl_list *allowed = &r->serve->options->origins;
    const char *origin = header_of(r, MHD_HTTP_HEADER_ORIGIN);
    for (size_t i = 0; origin && i < allowed->n; i++) {
        if (strcmp(allowed->v[i], origin) != 0)
            continue;
        const char *asked = header_of(r, "Access-Control-Request-Headers");
        MHD_add_response_header(response, "Access-Control-Allow-Origin", origin);
        MHD_add_response_header(response, "Access-Control-Expose-Headers",
                                "Content-Range, Content-Length, Accept-Ranges");
        MHD_add_response_header(response, "Access-Control-Allow-Methods",
                                "GET, HEAD, POST, OPTIONS");
        if (asked)
            MHD_add_response_header(response, "Access-Control-Allow-Headers", asked);
        MHD_add_response_header(response, "Access-Control-Max-Age", "2592000");
        break;
    }
    if (allowed->n > 0)
        MHD_add_response_header(response, "Vary", "Origin");
}

enum MHD_Result serve_queue(struct request *r, unsigned status,
                            struct MHD_Response *response)
{
    if (!response)
        return MHD_NO;
    add_origin(r, response);
    MHD_add_response_header(response, "Cache-Control", "no-store");
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    r->status = status;
    enum MHD_Result result = MHD_queue_response(r->connection, status, response);
    MHD_destroy_response(response);
    return result;
}

enum MHD_Result serve_reply(struct request *r, unsigned status, const char *type,
                            const void *body, size_t n)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(
        n, (void *)(uintptr_t)body, MHD_RESPMEM_MUST_COPY);
    if (response && type)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    r->n_bytes = serve_is(r, "HEAD") ? 0 : n;
    return serve_queue(r, status, response);
}

enum MHD_Result serve_refuse(struct request *r, unsigned status, const char *text)
{
    char line[sizeof r->error.message + 2];
    int n = snprintf(line, sizeof line, "%s\n", text);
    return serve_reply(r, status, TEXT, line, (size_t)n);
}

/* ---- streams ---- */

struct body {
    struct request *request;
    struct vl_serving_stream *stream;
    int64_t left; /* bytes that were promised; -1: all there are */
};

static ssize_t read_body(void *arg, uint64_t pos, char *buffer, size_t max)
{
    struct body *body = arg;
    struct request *r = body->request;
    (void)pos;
    if (body->left >= 0 && (int64_t)max > body->left)
        max = (size_t)body->left;
    int64_t n = 0, one = max > 0;
    while (one > 0 && (size_t)n < max) {
        one = vl_serving_read(body->stream, buffer + n, max - (size_t)n, &r->error);
        n += one > 0 ? one : 0;
    }
    if (one < 0 || (n == 0 && body->left > 0))
        return MHD_CONTENT_READER_END_WITH_ERROR;
    if (n == 0)
        return MHD_CONTENT_READER_END_OF_STREAM;
    body->left -= body->left >= 0 ? n : 0;
    r->n_bytes += (uint64_t)n;
    return (ssize_t)n;
}

static void free_body(void *arg)
{
    struct body *body = arg;
    vl_serving_stream_free(body->stream);
    free(body);
}

struct MHD_Response *serve_stream(struct request *r, struct vl_serving_stream *stream,
                                  int64_t size)
{
    struct body *body = malloc(sizeof *body);
    struct MHD_Response *response = NULL;
    if (body) {
        *body = (struct body){r, stream, size};
        response = MHD_create_response_from_callback(
            size < 0 ? MHD_SIZE_UNKNOWN : (uint64_t)size, STREAM_BLOCK_BYTES, read_body,
            body, free_body);
    }
    if (!response) {
        free(body);
        vl_serving_stream_free(stream);
        return NULL;
    }
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
                            "application/octet-stream");
    return response;
}

/* ---- routes ---- */

static bool has_right_host(const struct request *r)
{
    const char *host = header_of(r, MHD_HTTP_HEADER_HOST);
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
    if (r->is_too_long)
        return serve_refuse(r, MHD_HTTP_CONTENT_TOO_LARGE, "the body is too long");
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
        return r->serve->backend ? serve_stored(r, path->rest)
                                 : serve_page(r, path->rest);
    case REQUEST_NOTHING:
        break;
    }
    return serve_refuse(r, MHD_HTTP_NOT_FOUND, "nothing is here");
}

static enum MHD_Result answer(struct request *r, const char *url)
{
    const struct serve *s = r->serve;
    const char *ids[SHOWN_MAX];
    if (!has_right_host(r))
        return serve_refuse(r, MHD_HTTP_FORBIDDEN, "this is not the server's name");
    for (size_t i = 0; i < s->n_shown; i++)
        ids[i] = vl_serving_id(s->shown[i]);
    struct request_path path = request_path_read(url, s->token, ids, s->n_shown);
    return route(r, &path);
}

/* ---- requests ---- */

static struct request *begin(struct serve *s, struct MHD_Connection *connection,
                             const char *method, const char *url)
{
    struct request *r = calloc(1, sizeof *r);
    char *line = make_line(s, connection, method, url);
    if (!r || !line) {
        free(r);
        free(line);
        return NULL;
    }
    r->serve = s;
    r->connection = connection;
    r->line = line;
    clock_gettime(CLOCK_MONOTONIC, &r->began);
    return r;
}

static enum MHD_Result handle(void *arg, struct MHD_Connection *connection,
                              const char *url, const char *method, const char *version,
                              const char *upload, size_t *n_upload, void **state)
{
    struct request *r = *state;
    (void)version;
    if (!r) {
        *state = begin(arg, connection, method, url);
        return *state ? MHD_YES : MHD_NO;
    }
    r->method = method;
    if (*n_upload == 0)
        return answer(r, url);
    r->is_too_long = r->is_too_long || r->body.len + *n_upload > BODY_BYTES_MAX;
    if (!r->is_too_long)
        vl_buf_add(&r->body, upload, *n_upload);
    *n_upload = 0;
    return r->body.failed ? MHD_NO : MHD_YES;
}

static void complete(void *arg, struct MHD_Connection *connection, void **state,
                     enum MHD_RequestTerminationCode code)
{
    struct request *r = *state;
    (void)arg;
    (void)connection;
    if (!r)
        return;
    log_request(r, code == MHD_REQUEST_TERMINATED_COMPLETED_OK);
    vl_buf_clear(&r->body);
    free(r->line);
    free(r);
    *state = NULL;
}

static void count_connection(void *arg, struct MHD_Connection *connection, void **state,
                             enum MHD_ConnectionNotificationCode code)
{
    struct serve *s = arg;
    (void)connection;
    (void)state;
    pthread_mutex_lock(&s->mutex);
    s->any = true;
    s->n_open += code == MHD_CONNECTION_NOTIFY_STARTED ? 1 : -1U;
    clock_gettime(CLOCK_MONOTONIC, &s->idle_at);
    pthread_mutex_unlock(&s->mutex);
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

/* True if it was used, and nobody is connected any more. */
static bool is_over(struct serve *s)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    pthread_mutex_lock(&s->mutex);
    bool over = s->any && s->n_open == 0 && now.tv_sec - s->idle_at.tv_sec > ONCE_SECONDS;
    pthread_mutex_unlock(&s->mutex);
    return over;
}

static void wait_for_end(struct serve *s, const sigset_t *ending)
{
    const struct timespec tick = {.tv_nsec = ONCE_TICK_MS * 1000000L};
    while (!(s->options->once && is_over(s)))
        if (sigtimedwait(ending, NULL, &tick) > 0)
            return;
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

static int start(struct serve *s, struct MHD_Daemon **daemon, struct vl_error *err)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)s->options->port),
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    errno = 0;
    *daemon = MHD_start_daemon(
        MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL,
        handle, s, MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES,
        MHD_OPTION_NOTIFY_COMPLETED, complete, s, MHD_OPTION_NOTIFY_CONNECTION,
        count_connection, s, MHD_OPTION_UNESCAPE_CALLBACK, unescape, NULL,
        MHD_OPTION_END);
    if (!*daemon)
        return vl_error_errno(err, "127.0.0.1:%d: cannot serve there", s->options->port);
    unsigned port = MHD_get_daemon_info(*daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
    snprintf(s->base, sizeof s->base, "http://127.0.0.1:%u/%s", port, s->token);
    snprintf(s->hosts[0], sizeof s->hosts[0], "127.0.0.1:%u", port);
    snprintf(s->hosts[1], sizeof s->hosts[1], "localhost:%u", port);
    return 0;
}

static int tell_urls(const struct serve *s, struct vl_error *err)
{
    static const char *const KINDS[][2] = {{"reads", ""}, {"files", ".bam"}};
    struct vl_buf url = VL_BUF_INIT;
    bool failed = false;
    for (size_t i = 0; s->n_shown > 0 && i < sizeof KINDS / sizeof *KINDS; i++) {
        vl_buf_reset(&url);
        vl_buf_addf(&url, "%s/%s/%s%s", s->base, KINDS[i][0], vl_serving_id(s->shown[0]),
                    KINDS[i][1]);
        vl_buf_add_byte(&url, 0);
        failed = failed || url.failed;
        if (!url.failed)
            s->options->tell(s->options->arg, (const char *)url.data);
    }
    vl_buf_reset(&url);
    vl_buf_addf(&url, "%s/", s->base);
    vl_buf_add_byte(&url, 0);
    failed = failed || url.failed;
    if ((s->options->igv || s->backend) && !url.failed)
        s->options->tell(s->options->arg, (const char *)url.data);
    vl_buf_clear(&url);
    s->options->tell(s->options->arg, NULL);
    return failed ? vl_error_memory(err) : 0;
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
