#include "crypt4gh/memory_file.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crypt4gh/hfile_backend.h"
#include "varlock/fail.h"
#include "varlock/seal.h"

static const char SCHEME[] = "vlmemory"; /* htslib takes 11 characters at most */

/* All files there are.  Names are given once, so a stale one is not found. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct memory_file *files;
static unsigned long n_made;

/* ---- streams ---- */

struct memory_stream {
    hFILE base; /* first */
    struct memory_file *file;
    struct vl_buf written; /* of a stream that writes */
    int64_t at;            /* next byte, of a stream that reads */
};

static int64_t size_of(const struct memory_file *file)
{
    return file->fd >= 0 ? file->end - file->beg : (int64_t)file->bytes.len;
}

static ssize_t read_memory(hFILE *stream, void *buffer, size_t n)
{
    struct memory_stream *s = (void *)stream;
    int64_t left = size_of(s->file) - s->at;
    n = (int64_t)n < left ? n : (size_t)left;
    ssize_t got = (ssize_t)n;
    if (s->file->fd >= 0)
        got = pread(s->file->fd, buffer, n, s->file->beg + s->at);
    else if (n > 0)
        memcpy(buffer, s->file->bytes.data + s->at, n);
    s->at += got > 0 ? got : 0;
    return got;
}

static ssize_t write_memory(hFILE *stream, const void *buffer, size_t n)
{
    struct memory_stream *s = (void *)stream;
    vl_buf_add(&s->written, buffer, n);
    if (!s->written.failed)
        return (ssize_t)n;
    errno = ENOMEM;
    return -1;
}

static off_t seek_memory(hFILE *stream, off_t offset, int whence)
{
    struct memory_stream *s = (void *)stream;
    off_t size = size_of(s->file);
    off_t at = offset + (whence == SEEK_END ? size : whence == SEEK_CUR ? s->at : 0);
    if (at < 0 || at > size) {
        errno = EINVAL;
        return -1;
    }
    s->at = at;
    return at;
}

static int close_reader(hFILE *stream)
{
    (void)stream;
    return 0;
}

static int close_writer(hFILE *stream)
{
    struct memory_stream *s = (void *)stream;
    vl_buf_wipe(&s->file->bytes);
    s->file->bytes = s->written;
    return 0;
}

static const struct hFILE_backend reader = {
    .read = read_memory, .seek = seek_memory, .close = close_reader};
static const struct hFILE_backend writer = {.write = write_memory, .close = close_writer};

/* ---- names ---- */

static struct memory_file *find(const char *name)
{
    pthread_mutex_lock(&mutex);
    struct memory_file *file = files;
    while (file && strcmp(file->name, name) != 0)
        file = file->next;
    pthread_mutex_unlock(&mutex);
    return file;
}

static hFILE *open_by_name(const char *name, const char *mode)
{
    struct memory_file *file = find(name);
    if (!file) {
        errno = ENOENT;
        return NULL;
    }
    struct memory_stream *s = (void *)hfile_init(sizeof *s, mode, 0);
    if (!s)
        return NULL;
    s->file = file;
    s->written = VL_BUF_INIT;
    s->at = 0;
    s->base.backend = strchr(mode, 'w') ? &writer : &reader;
    return &s->base;
}

static void add_scheme(void)
{
    static const struct hFILE_scheme_handler HANDLER = {
        .open = open_by_name,
        .isremote = hfile_always_local,
        .provider = "varlock",
        .priority = 50,
    };
    /* htslib takes handlers only after it looked for its own, which the question makes it
     * do. */
    if (!hisremote("vlmemory:"))
        hfile_add_scheme_handler(SCHEME, &HANDLER);
}

int memory_file_open(struct memory_file **file, struct vl_error *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, add_scheme);
    *file = calloc(1, sizeof **file);
    if (!*file)
        return vl_error_memory(err);
    (*file)->fd = -1;
    pthread_mutex_lock(&mutex);
    snprintf((*file)->name, sizeof(*file)->name, "%s:%lu", SCHEME, ++n_made);
    (*file)->next = files;
    files = *file;
    pthread_mutex_unlock(&mutex);
    return 0;
}

int memory_file_part(struct memory_file **file, int fd, int64_t beg, int64_t end,
                     struct vl_error *err)
{
    int rc = memory_file_open(file, err);
    if (rc < 0)
        return rc;
    (*file)->fd = fd;
    (*file)->beg = beg;
    (*file)->end = end;
    return 0;
}

bool memory_file_is_name(const char *path)
{
    size_t n = sizeof SCHEME - 1;
    return strncmp(path, SCHEME, n) == 0 && path[n] == ':';
}

void memory_file_free(struct memory_file *file)
{
    if (!file)
        return;
    pthread_mutex_lock(&mutex);
    struct memory_file **at = &files;
    while (*at != file)
        at = &(*at)->next;
    *at = file->next;
    pthread_mutex_unlock(&mutex);
    vl_buf_wipe(&file->bytes);
    free(file);
}
