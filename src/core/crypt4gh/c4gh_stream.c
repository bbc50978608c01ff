#include "crypt4gh/c4gh_stream.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "crypt4gh/hfile_backend.h"
#include "varlock/crypt4gh.h"
#include "varlock/fail.h"

/* ---- reading ---- */

struct input {
    hFILE base; /* first */
    struct c4gh_reader *reader;
    struct vl_error *failure;
};

/* Keeps the first failure, which says more than those that follow from it. */
static int fail(struct vl_error *failure, int rc, const struct vl_error *why)
{
    if (failure->code == VL_OK)
        *failure = *why;
    errno = rc == VL_ERR_MEMORY ? ENOMEM : EIO;
    return -1;
}

static ssize_t input_read(hFILE *stream, void *buffer, size_t n)
{
    struct input *in = (void *)stream;
    struct vl_error err = {0};
    size_t got;
    int rc = c4gh_reader_read(in->reader, buffer, n, &got, &err);
    return rc < 0 ? fail(in->failure, rc, &err) : (ssize_t)got;
}

static off_t input_seek(hFILE *stream, off_t offset, int whence)
{
    struct input *in = (void *)stream;
    struct vl_error err = {0};
    int64_t from = whence == SEEK_CUR ? c4gh_reader_tell(in->reader) : 0;
    int rc = whence == SEEK_END ? c4gh_reader_size(in->reader, &from, &err) : 0;
    if (rc == 0 && from < 0) {
        errno = ESPIPE;
        return -1;
    }
    if (rc == 0)
        rc = c4gh_reader_seek(in->reader, from + offset, &err);
    return rc < 0 ? fail(in->failure, rc, &err) : c4gh_reader_tell(in->reader);
}

static int input_close(hFILE *stream)
{
    c4gh_reader_free(((struct input *)(void *)stream)->reader);
    return 0;
}

static const struct hFILE_backend input_backend = {
    .read = input_read, .seek = input_seek, .close = input_close};

static int wrap(hFILE **stream, struct c4gh_reader *reader, struct vl_error *failure,
                struct vl_error *err)
{
    struct input *in = (void *)hfile_init(sizeof *in, "r", VL_C4GH_PLAIN_BYTES);
    if (!in)
        return vl_error_memory(err);
    in->reader = reader;
    in->failure = failure;
    in->base.backend = &input_backend;
    *stream = &in->base;
    return 0;
}

static int open_encrypted(hFILE **stream, struct c4gh_reader **reader, hFILE *source,
                          const char *path, struct c4gh_keys *keys,
                          struct vl_error *failure, struct vl_error *err)
{
    struct c4gh_header header = {0};
    if (!keys || keys->n == 0)
        return vl_error_set(err, VL_ERR_KEY,
                            "%s: is encrypted (Crypt4GH), and no key was given that "
                            "opens it: --c4gh-key FILE",
                            path);
    int rc = c4gh_header_read(&header, source, path, err);
    if (rc == 0)
        rc = c4gh_header_unlock(&header, keys, NULL, path, err);
    if (rc == 0)
        rc = c4gh_reader_open(reader, source, path, &header, err);
    c4gh_header_clear(&header);
    if (rc < 0)
        return rc;
    rc = wrap(stream, *reader, failure, err);
    if (rc < 0)
        c4gh_reader_free(*reader);
    return rc;
}

int c4gh_stream_open(hFILE **stream, struct c4gh_reader **reader, const char *path,
                     struct c4gh_keys *keys, struct vl_error *failure,
                     struct vl_error *err)
{
    uint8_t start[VL_C4GH_MAGIC_BYTES];
    struct c4gh_reader *opened = NULL;
    *failure = (struct vl_error){0};
    *stream = NULL;
    errno = 0;
    hFILE *source = hopen(path, "r");
    ssize_t n = source ? hpeek(source, start, sizeof start) : -1;
    int rc = 0;
    if (n < 0)
        rc = vl_error_errno(err, "%s: cannot open", path);
    else if (vl_c4gh_is_start(start, (size_t)n))
        rc = open_encrypted(stream, &opened, source, path, keys, failure, err);
    else
        *stream = source;
    if (rc < 0 && source && !opened)
        hclose_abruptly(source);
    if (reader)
        *reader = rc == 0 ? opened : NULL;
    return rc;
}

/* ---- writing ---- */

struct output {
    hFILE base; /* first */
    hFILE *inner;
    struct c4gh_writer *writer;
    struct vl_error *failure;
};

static int pass_on(void *arg, const void *bytes, size_t n, struct vl_error *err)
{
    hFILE *inner = arg;
    return hwrite(inner, bytes, n) == (ssize_t)n
               ? 0
               : vl_error_errno(err, "a Crypt4GH segment cannot be written");
}

static ssize_t output_write(hFILE *stream, const void *buffer, size_t n)
{
    struct output *out = (void *)stream;
    struct vl_error err = {0};
    errno = 0;
    int rc = c4gh_writer_write(out->writer, buffer, n, &err), why = errno;
    if (rc == 0)
        return (ssize_t)n;
    fail(out->failure, rc, &err);
    errno = rc == VL_ERR_IO && why ? why : errno;
    return -1;
}

/* A stream that is closed abruptly comes here too: what it leaves must not look finished,
 * so the last segment is written only if nothing failed before. */
static int output_close(hFILE *stream)
{
    struct output *out = (void *)stream;
    struct vl_error err = {0};
    bool good = out->failure->code == VL_OK && stream->has_errno == 0;
    int rc = good ? c4gh_writer_finish(out->writer, &err) : 0, why = errno;
    c4gh_writer_free(out->writer);
    int closed = hclose(out->inner);
    if (rc < 0) {
        fail(out->failure, rc, &err);
        errno = why ? why : errno;
    }
    return rc < 0 || closed < 0 ? -1 : 0;
}

static int output_flush(hFILE *stream)
{
    return hflush(((struct output *)(void *)stream)->inner);
}

static const struct hFILE_backend output_backend = {
    .write = output_write, .flush = output_flush, .close = output_close};

int c4gh_stream_create(hFILE **stream, hFILE *inner, const struct c4gh_readers *readers,
                       struct vl_error *failure, struct vl_error *err)
{
    struct vl_buf header = VL_BUF_INIT;
    struct c4gh_writer *writer = NULL;
    struct output *out = NULL;
    *stream = NULL;
    *failure = (struct vl_error){0};
    int rc = c4gh_writer_open(&writer, readers, NULL, &header, pass_on, inner, err);
    if (rc == 0)
        rc = pass_on(inner, header.data, header.len, err);
    if (rc == 0 && !(out = (void *)hfile_init(sizeof *out, "w", VL_C4GH_PLAIN_BYTES)))
        rc = vl_error_memory(err);
    vl_buf_clear(&header);
    if (rc < 0) {
        c4gh_writer_free(writer);
        return rc;
    }
    out->inner = inner;
    out->writer = writer;
    out->failure = failure;
    out->base.backend = &output_backend;
    *stream = &out->base;
    return 0;
}
