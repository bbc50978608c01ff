#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "varlock/file.h"

struct vl_infile {
    char *path;
    int fd;
    uint64_t size;
};

static int check_regular(struct vl_infile *in, struct vl_error *err)
{
    struct stat st;
    if (fstat(in->fd, &st) < 0)
        return vl_error_errno(err, "%s", in->path);
    if (S_ISDIR(st.st_mode))
        return vl_error_set(err, VL_ERR_IO, "%s: is a directory", in->path);
    if (!S_ISREG(st.st_mode))
        return vl_error_set(
            err, VL_ERR_IO,
            "%s: not a regular file; it is read at several places, which a "
            "pipe cannot do",
            in->path);
    in->size = (uint64_t)st.st_size;
    return 0;
}

int vl_infile_open(struct vl_infile **in, const char *path, struct vl_error *err)
{
    *in = NULL;
    struct vl_infile *i = calloc(1, sizeof *i);
    if (!i)
        return vl_error_memory(err);
    i->path = strdup(path);
    i->fd = i->path ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
    int rc;
    if (!i->path)
        rc = vl_error_memory(err);
    else if (i->fd < 0)
        rc = vl_error_errno(err, "%s", path);
    else
        rc = check_regular(i, err);
    if (rc < 0) {
        vl_infile_free(i);
        return rc;
    }
    *in = i;
    return 0;
}

uint64_t vl_infile_size(const struct vl_infile *in)
{
    return in->size;
}

const char *vl_infile_path(const struct vl_infile *in)
{
    return in->path;
}

int vl_infile_read(const struct vl_infile *in, uint64_t offset, void *bytes, size_t n,
                   struct vl_error *err)
{
    char *at = bytes;
    if (offset > in->size || n > in->size - offset)
        return vl_error_set(err, VL_ERR_DATA, "%s: truncated", in->path);
    while (n > 0) {
        ssize_t got = pread(in->fd, at, n, (off_t)offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return vl_error_errno(err, "%s: reading failed", in->path);
        if (got == 0)
            return vl_error_set(err, VL_ERR_DATA, "%s: truncated", in->path);
        at += got;
        n -= (size_t)got;
        offset += (uint64_t)got;
    }
    return 0;
}

void vl_infile_free(struct vl_infile *in)
{
    if (!in)
        return;
    if (in->fd >= 0)
        close(in->fd);
    free(in->path);
    free(in);
}

/* Reads to the end of the file or to max_bytes + 1.  The memory is allocated before: the
 * file may hold a secret, and a buffer that grows would leave copies of it behind. */
static int read_to_end(int fd, const char *path, size_t max_bytes, struct vl_buf *out,
                       struct vl_error *err)
{
    uint8_t *at = vl_buf_reserve(out, max_bytes + 1);
    size_t n = 0;
    if (!at)
        return vl_error_memory(err);
    while (n <= max_bytes) {
        ssize_t got = read(fd, at + n, max_bytes + 1 - n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            explicit_bzero(at, n);
            return vl_error_errno(err, "%s: reading failed", path);
        }
        if (got == 0)
            break;
        n += (size_t)got;
    }
    if (n > max_bytes) {
        explicit_bzero(at, n);
        return vl_error_set(err, VL_ERR_DATA, "%s: larger than %zu bytes", path,
                            max_bytes);
    }
    out->len += n;
    return 0;
}

int vl_file_slurp(const char *path, size_t max_bytes, struct vl_buf *out,
                  struct vl_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return vl_error_errno(err, "%s", path);
    int rc = read_to_end(fd, path, max_bytes, out, err);
    close(fd);
    return rc;
}
