/* How the server answers, and what it logs of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "serve_state.h"

enum { STREAM_BLOCK_BYTES = 128 << 10 };

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

char *serve_line(const struct serve *s, struct MHD_Connection *connection,
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

void serve_log(const struct request *r, bool is_whole)
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

bool serve_has_query(const struct request *r)
{
    return MHD_get_connection_values(r->connection, MHD_GET_ARGUMENT_KIND, NULL, NULL) >
           0;
}

const char *serve_header(const struct request *r, const char *name)
{
    return MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, name);
}

const char *serve_range(const struct request *r)
{
    return serve_header(r, "If-Range") ? NULL : serve_header(r, MHD_HTTP_HEADER_RANGE);
}

/* Lets pages of these origins read the answer. */
static void add_origin(const struct request *r, struct MHD_Response *response)
{
    const struct vl_list *allowed = &r->serve->options->origins;
    const char *origin = serve_header(r, MHD_HTTP_HEADER_ORIGIN);
    for (size_t i = 0; origin && i < allowed->n; i++) {
        if (strcmp(allowed->v[i], origin) != 0)
            continue;
        const char *asked = serve_header(r, "Access-Control-Request-Headers");
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

enum MHD_Result serve_refuse_range(struct request *r, int64_t size)
{
    char range[48];
    struct MHD_Response *response =
        MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    snprintf(range, sizeof range, "bytes */%lld", (long long)size);
    if (response)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_RANGE, range);
    return serve_queue(r, MHD_HTTP_RANGE_NOT_SATISFIABLE, response);
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
