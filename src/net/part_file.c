#include "part_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "varlock/buf.h"
#include "varlock/fail.h"

enum {
    HEAD_BYTES = PART_HEAD_BYTES,
    MAGIC_BYTES = 16,
    MARK_AT = MAGIC_BYTES + VL_SHA256_BYTES
};
static const char MAGIC[MAGIC_BYTES] = "varlock part 1\n";

static const char *shown(const struct part_file *p)
{
    return p->path ? p->path : "a temporary file";
}

/* What stands before the mark. */
static void make_head(const uint8_t identity[static VL_SHA256_BYTES],
                      uint8_t head[static MARK_AT])
{
    memcpy(head, MAGIC, MAGIC_BYTES);
    memcpy(head + MAGIC_BYTES, identity, VL_SHA256_BYTES);
}

/* Writes at `offset`. */
static int put(const struct part_file *p, const void *bytes, size_t n, int64_t offset,
               struct vl_error *err)
{
    const uint8_t *at = bytes;
    while (n > 0) {
        ssize_t done = pwrite(p->fd, at, n, offset);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return vl_error_errno(err, "%s: cannot write", shown(p));
        at += done;
        n -= (size_t)done;
        offset += done;
    }
    return 0;
}

/* Opens and locks the file of that name.  1: the run that held it removed the name
 * meanwhile. */
static int open_once(struct part_file *p, struct stat *st, struct vl_error *err)
{
    struct stat named;
    p->fd = open(p->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (p->fd < 0)
        return vl_error_errno(err, "%s: cannot open", p->path);
    if (flock(p->fd, LOCK_EX | LOCK_NB) < 0)
        return vl_error_set(err, VL_ERR_IO, "%s: another run is fetching to it", p->path);
    if (fstat(p->fd, st) < 0 || !S_ISREG(st->st_mode))
        return vl_error_set(err, VL_ERR_IO, "%s: is no regular file", p->path);
    return lstat(p->path, &named) < 0 || named.st_dev != st->st_dev ||
           named.st_ino != st->st_ino;
}

/* The file must be ours alone: others could read, or choose, what is put together. */
static int open_named(struct part_file *p, struct vl_error *err)
{
    struct stat st;
    int rc;
    while ((rc = open_once(p, &st, err)) > 0)
        close(p->fd);
    if (rc < 0)
        return rc;
    if (st.st_uid != geteuid() || st.st_nlink != 1)
        return vl_error_set(err, VL_ERR_IO, "%s: is another user's, or has another name",
                            p->path);
    p->size = st.st_size - HEAD_BYTES;
    return 0;
}

enum found { NOTHING, OURS, OTHERS };

/* What is there.  A run that was killed early left a part of the head. */
static enum found look(struct part_file *p, uint8_t head[static HEAD_BYTES])
{
    ssize_t n = pread(p->fd, head, HEAD_BYTES, 0);
    size_t n_magic = n < MAGIC_BYTES ? (size_t)(n < 0 ? 0 : n) : MAGIC_BYTES;
    if (n < 0 || memcmp(head, MAGIC, n_magic) != 0)
        return OTHERS;
    return n < HEAD_BYTES ? NOTHING : OURS;
}

static int open_nameless(struct part_file *p, struct vl_error *err)
{
    const char *folder = getenv("TMPDIR");
    folder = folder && *folder ? folder : "/tmp";
    p->fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    return p->fd < 0 ? vl_error_errno(err, "%s: cannot make a temporary file", folder)
                     : 0;
}

int part_file_open(struct part_file *p, const char *output,
                   const uint8_t identity[static VL_SHA256_BYTES], struct vl_error *err)
{
    uint8_t head[HEAD_BYTES] = {0}, there[HEAD_BYTES] = {0};
    struct vl_buf path = VL_BUF_INIT;
    *p = (struct part_file){.fd = -1};
    int rc;
    if (strcmp(output, "-") != 0) {
        vl_buf_addf(&path, "%s.part", output);
        vl_buf_add_byte(&path, 0);
        p->path = (char *)path.data;
        rc = path.failed ? vl_error_memory(err) : open_named(p, err);
    } else {
        rc = open_nameless(p, err);
    }
    make_head(identity, head);
    enum found found = rc == 0 ? look(p, there) : NOTHING;
    if (found == OTHERS)
        rc =
            vl_error_set(err, VL_ERR_USAGE,
                         "%s: is there, and is no part of an answer: remove it", p->path);
    bool goes_on = found == OURS && memcmp(there, head, MARK_AT) == 0;
    if (goes_on)
        memcpy(p->mark, there + MARK_AT, sizeof p->mark);
    if (rc == 0 && !goes_on) {
        p->size = 0;
        rc = ftruncate(p->fd, 0) < 0 ? vl_error_errno(err, "%s: cannot write", shown(p))
                                     : put(p, head, HEAD_BYTES, 0, err);
    }
    if (rc < 0)
        part_file_close(p);
    return rc;
}

int part_file_cut(struct part_file *p, int64_t n, struct vl_error *err)
{
    if (ftruncate(p->fd, HEAD_BYTES + n) < 0)
        return vl_error_errno(err, "%s: cannot write", shown(p));
    p->size = n;
    return 0;
}

int part_file_set_mark(struct part_file *p, const uint8_t mark[static PART_MARK_BYTES],
                       struct vl_error *err)
{
    return put(p, mark, PART_MARK_BYTES, MARK_AT, err);
}

int part_file_add(struct part_file *p, const void *bytes, size_t n, struct vl_error *err)
{
    int rc = put(p, bytes, n, HEAD_BYTES + p->size, err);
    p->size += rc == 0 ? (int64_t)n : 0;
    return rc;
}

bool part_file_peek(const struct part_file *p, int64_t offset, void *bytes, size_t n)
{
    return pread(p->fd, bytes, n, PART_HEAD_BYTES + offset) == (ssize_t)n;
}

void part_file_remove(struct part_file *p)
{
    if (p->path)
        unlink(p->path);
}

void part_file_close(struct part_file *p)
{
    if (p->fd >= 0)
        close(p->fd);
    free(p->path);
    *p = (struct part_file){.fd = -1};
}
