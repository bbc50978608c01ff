/* The storage part of the server: a folder of Crypt4GH files for an htsget server, by the
 * protocol that htsget-rs speaks with its UrlStorage. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "http_range.h"
#include "serve_state.h"
#include "varlock/backend.h"
#include "varlock/base64.h"
#include "varlock/fail.h"

enum { BLOCK_BYTES = 128 << 10 };

/* Headers that name a key: the base64 of its file, or of its 32 bytes.  The first is that
 * of today's htsget-rs; the others were those of its first design. */
static const char *const KEY_HEADERS[] = {"Htsget-Context-Public-Key",
                                          "server-public-key", "client-public-key"};
enum { N_KEY_HEADERS = sizeof KEY_HEADERS / sizeof *KEY_HEADERS };

struct asked_keys {
    struct vl_key *v[N_KEY_HEADERS];
    size_t n;
};

static void clear_keys(struct asked_keys *keys)
{
    for (size_t i = 0; i < keys->n; i++)
        vl_key_free(keys->v[i]);
}

/* Crypt4GH knows no RSA. */
static int check_type(const struct vl_key *key, const char *header, struct vl_error *err)
{
    return vl_key_type(key) == VL_KEY_RSA
               ? vl_error_set(err, VL_ERR_DATA, "%s: is no X25519 key", header)
               : 0;
}

static int read_keys(struct request *r, struct asked_keys *keys)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < N_KEY_HEADERS; i++) {
        struct vl_buf bytes = VL_BUF_INIT;
        const char *value = serve_header(r, KEY_HEADERS[i]);
        if (value) {
            rc = vl_base64_decode(value, strlen(value), &bytes);
            if (rc == 0)
                rc = vl_key_decode_public(&keys->v[keys->n], bytes.data, bytes.len,
                                          KEY_HEADERS[i], &r->error);
            else
                snprintf(r->error.message, sizeof r->error.message, "%s: is no base64",
                         KEY_HEADERS[i]);
            keys->n += rc == 0;
            if (rc == 0)
                rc = check_type(keys->v[keys->n - 1], KEY_HEADERS[i], &r->error);
        }
        vl_buf_clear(&bytes);
    }
    return rc == 0 && keys->n > VL_BACKEND_READERS ? VL_ERR_DATA : rc;
}

/* ---- what is sent ---- */

struct stored {
    struct request *request;
    struct vl_backend_file file;
    int64_t beg;
};

static ssize_t read_stored(void *arg, uint64_t pos, char *buffer, size_t max)
{
    struct stored *s = arg;
    const struct vl_buf *header = &s->file.header;
    int64_t at = s->beg + (int64_t)pos;
    ssize_t n;
    if (at < (int64_t)header->len) {
        size_t left = header->len - (size_t)at;
        n = (ssize_t)(max < left ? max : left);
        memcpy(buffer, header->data + at, (size_t)n);
    } else {
        n = pread(s->file.fd, buffer, max, at - (int64_t)header->len + s->file.skip);
    }
    s->request->n_bytes += n > 0 ? (uint64_t)n : 0;
    return n > 0 ? n : MHD_CONTENT_READER_END_WITH_ERROR;
}

static void free_stored(void *arg)
{
    struct stored *s = arg;
    vl_backend_file_clear(&s->file);
    free(s);
}

/* What the first design asks for: where the segments begin. */
static void add_sizes(struct MHD_Response *response, size_t n_header)
{
    char size[24];
    snprintf(size, sizeof size, "%zu", n_header);
    MHD_add_response_header(response, "Server-Additional-Bytes", size);
    MHD_add_response_header(response, "Client-Additional-Bytes", size);
}

/* Takes over the file. */
static enum MHD_Result send_stored(struct request *r, struct vl_backend_file *file)
{
    struct stored *s = malloc(sizeof *s);
    const int64_t size = file->size;
    int64_t beg, end;
    char text[96];
    const char *asked = serve_range(r);
    enum http_range range = http_range_read(asked, size, &beg, &end);
    if (!s || range == HTTP_RANGE_UNSATISFIABLE) {
        free(s);
        vl_backend_file_clear(file);
        return !s ? MHD_NO : serve_refuse_range(r, size);
    }
    *s = (struct stored){r, *file, beg};
    struct MHD_Response *response = MHD_create_response_from_callback(
        (uint64_t)(end - beg), BLOCK_BYTES, read_stored, s, free_stored);
    if (!response) {
        free_stored(s);
        return MHD_NO;
    }
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
                            "application/octet-stream");
    MHD_add_response_header(response, MHD_HTTP_HEADER_ACCEPT_RANGES, "bytes");
    if (s->file.header.len > 0)
        add_sizes(response, s->file.header.len);
    snprintf(text, sizeof text, "bytes %lld-%lld/%lld", (long long)beg,
             (long long)end - 1, (long long)size);
    if (range == HTTP_RANGE_PART)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_RANGE, text);
    return serve_queue(
        r, range == HTTP_RANGE_PART ? MHD_HTTP_PARTIAL_CONTENT : MHD_HTTP_OK, response);
}

static unsigned status_of(int rc)
{
    switch (rc) {
    case VL_ERR_IO:
        return MHD_HTTP_NOT_FOUND;
    case VL_ERR_KEY:
        return MHD_HTTP_FORBIDDEN;
    default:
        return MHD_HTTP_INTERNAL_SERVER_ERROR;
    }
}

enum MHD_Result serve_stored(struct request *r, const char *name)
{
    struct asked_keys keys = {.n = 0};
    struct vl_backend_file file;
    int rc = read_keys(r, &keys);
    enum MHD_Result result;
    if (rc < 0) {
        result = serve_refuse(r, MHD_HTTP_BAD_REQUEST,
                              r->error.message[0] ? r->error.message : "too many keys");
    } else if ((rc = vl_backend_find(r->serve->backend, name, keys.v, keys.n, &file,
                                     &r->error)) < 0) {
        /* What the server's key files are called is for its log. */
        result = serve_refuse(r, status_of(rc),
                              rc == VL_ERR_KEY ? "no key of this server opens it"
                                               : r->error.message);
    } else {
        result = send_stored(r, &file);
    }
    clear_keys(&keys);
    return result;
}
