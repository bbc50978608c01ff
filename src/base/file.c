#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "varlock/file.h"

enum {
    MAX_TEMPORARIES = 32,
    NAME_TRIES = 100,
    SUFFIX_CHARS = 6,
};

/* ---- temporaries a signal handler can find ---- */

enum slot_state { SLOT_FREE, SLOT_CLAIMED, SLOT_LISTED };

/* The handler reads `path` only while the slot is listed; nobody writes to it then. */
static struct slot {
    atomic_int state;
    char path[PATH_MAX];
} slots[MAX_TEMPORARIES];

static struct slot *slot_claim(void)
{
    for (size_t i = 0; i < MAX_TEMPORARIES; i++) {
        int expected = SLOT_FREE;
        if (atomic_compare_exchange_strong(&slots[i].state, &expected, SLOT_CLAIMED))
            return &slots[i];
    }
    return NULL;
}

void vl_outfile_unlink_all(void)
{
    int saved = errno;
    for (size_t i = 0; i < MAX_TEMPORARIES; i++)
        if (atomic_load(&slots[i].state) == SLOT_LISTED)
            unlink(slots[i].path);
    errno = saved;
}

/* ---- outputs ---- */

struct vl_outfile {
    char *path;   /* as given */
    char *target; /* what is renamed to: symbolic links followed; NULL without a temporary
                   */
    struct slot
        *slot; /* holds the temporary's path; NULL without one or once committed */
    int fd;
    int failed; /* errno of the first failure */
    bool regular;
    uint64_t n_written;
};

/* Six characters of 64 from the OS generator; guessing them gains nothing, O_EXCL
 * decides. */
static int random_suffix(char suffix[static SUFFIX_CHARS + 1])
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    unsigned char bytes[SUFFIX_CHARS];
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        return -1;
    for (size_t i = 0; i < SUFFIX_CHARS; i++)
        suffix[i] = letters[bytes[i] % 64];
    suffix[SUFFIX_CHARS] = '\0';
    return 0;
}

/* open, not mkostemp: the kernel applies the umask, which cannot be read without setting
 * it. */
static int create_temporary(struct vl_outfile *out, mode_t mode)
{
    char suffix[SUFFIX_CHARS + 1];
    for (int i = 0; i < NAME_TRIES; i++) {
        if (random_suffix(suffix) < 0)
            return -1;
        int n = snprintf(out->slot->path, sizeof out->slot->path, "%s.tmp.%s",
                         out->target, suffix);
        if (n < 0 || (size_t)n >= sizeof out->slot->path) {
            errno = ENAMETOOLONG;
            return -1;
        }
        out->fd = open(out->slot->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);
        if (out->fd >= 0) {
            atomic_store(&out->slot->state, SLOT_LISTED);
            return 0;
        }
        if (errno != EEXIST)
            return -1;
    }
    return -1;
}

/* Devices, pipes and sockets are written to as they are: renaming would replace them. */
static int open_in_place(struct vl_outfile *out, struct vl_error *err)
{
    out->fd = open(out->path, O_WRONLY | O_CLOEXEC);
    if (out->fd < 0)
        return vl_error_errno(err, "%s: cannot be opened for writing", out->path);
    return 0;
}

static int open_beside(struct vl_outfile *out, bool exists, mode_t mode,
                       struct vl_error *err)
{
    out->target = exists ? realpath(out->path, NULL) : strdup(out->path);
    if (!out->target)
        return vl_error_errno(err, "%s: cannot be created", out->path);
    out->slot = slot_claim();
    if (!out->slot)
        return vl_error_set(err, VL_ERR_IO, "%s: more than %d outputs are open",
                            out->path, MAX_TEMPORARIES);
    if (create_temporary(out, mode) < 0)
        return vl_error_errno(err, "%s: cannot be created", out->path);
    return 0;
}

static int open_target(struct vl_outfile *out, mode_t mode, struct vl_error *err)
{
    struct stat st;
    if (strcmp(out->path, "-") == 0) {
        out->fd = STDOUT_FILENO;
        if (fstat(out->fd, &st) < 0)
            return vl_error_errno(err, "standard output");
        out->regular = S_ISREG(st.st_mode);
        return 0;
    }
    if (out->path[0] == '\0')
        return vl_error_set(err, VL_ERR_USAGE, "the name of an output is empty");
    bool exists = stat(out->path, &st) == 0;
    if (exists && S_ISDIR(st.st_mode))
        return vl_error_set(err, VL_ERR_USAGE, "%s: is a directory", out->path);
    if (exists && !S_ISREG(st.st_mode))
        return open_in_place(out, err);
    out->regular = true;
    return open_beside(out, exists, mode, err);
}

int vl_outfile_open(struct vl_outfile **out, const char *path, mode_t mode,
                    struct vl_error *err)
{
    *out = NULL;
    struct vl_outfile *o = calloc(1, sizeof *o);
    if (!o)
        return vl_error_memory(err);
    o->fd = -1;
    o->path = strdup(path);
    int rc = o->path ? open_target(o, mode, err) : vl_error_memory(err);
    if (rc < 0) {
        vl_outfile_free(o);
        return rc;
    }
    *out = o;
    return 0;
}

static const char *shown_path(const struct vl_outfile *out)
{
    return out->fd == STDOUT_FILENO ? "standard output" : out->path;
}

static int write_failure(struct vl_outfile *out, const char *what, struct vl_error *err)
{
    if (!out->failed)
        out->failed = errno;
    errno = out->failed;
    return vl_error_errno(err, "%s: %s failed", shown_path(out), what);
}

int vl_outfile_write(struct vl_outfile *out, const void *bytes, size_t n,
                     struct vl_error *err)
{
    const char *at = bytes;
    if (out->failed)
        return write_failure(out, "writing", err);
    while (n > 0) {
        ssize_t done = write(out->fd, at, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return write_failure(out, "writing", err);
        at += done;
        n -= (size_t)done;
        out->n_written += (uint64_t)done;
    }
    return 0;
}

uint64_t vl_outfile_tell(const struct vl_outfile *out)
{
    return out->n_written;
}

int vl_outfile_fd(const struct vl_outfile *out)
{
    return out->fd;
}

const char *vl_outfile_path(const struct vl_outfile *out)
{
    return out->path;
}

const char *vl_outfile_temporary(const struct vl_outfile *out)
{
    return out->slot ? out->slot->path : out->path;
}

/* Outputs are renamed in an order that means something (BDIFF before BAM); only a synced
 * directory keeps that order across a crash.  File systems that cannot sync one say
 * EINVAL. */
static int sync_directory(const char *path)
{
    char *directory = strdup(path);
    if (!directory)
        return -1;
    char *slash = strrchr(directory, '/');
    if (slash)
        slash[slash == directory ? 1 : 0] = '\0';
    int fd = open(slash ? directory : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(directory);
    if (fd < 0)
        return errno == EACCES ? 0
                               : -1; /* a directory may be writable but not readable */
    int rc = fsync(fd) < 0 && errno != EINVAL ? -1 : 0;
    int saved = errno;
    close(fd);
    errno = saved;
    return rc;
}

int vl_outfile_commit(struct vl_outfile *out, struct vl_error *err)
{
    if (out->failed)
        return write_failure(out, "writing", err);
    if (out->regular && fsync(out->fd) < 0)
        return write_failure(out, "writing", err);
    if (!out->slot)
        return 0;
    if (rename(out->slot->path, out->target) < 0)
        return write_failure(out, "renaming the finished temporary", err);
    atomic_store(&out->slot->state, SLOT_FREE);
    out->slot = NULL;
    if (sync_directory(out->target) < 0)
        return write_failure(out, "writing its directory", err);
    return 0;
}

void vl_outfile_free(struct vl_outfile *out)
{
    if (!out)
        return;
    if (out->slot) {
        if (out->fd >= 0)
            unlink(out->slot->path);
        atomic_store(&out->slot->state, SLOT_FREE);
    }
    if (out->fd >= 0 && out->fd != STDOUT_FILENO)
        close(out->fd);
    free(out->target);
    free(out->path);
    free(out);
}

/* ---- inputs ---- */

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
    i->fd = i->path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
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

/* Reads to the end or to max_bytes + 1, into memory that is there already: the file may
 * hold a secret, and a growing buffer would leave copies of it behind. */
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

/* The directory a path's last component lies in; 0 or -1. */
static int stat_parent(const char *path, struct stat *st)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return stat(".", st);
    char *directory = strndup(path, slash == path ? 1 : (size_t)(slash - path));
    if (!directory)
        return -1;
    int rc = stat(directory, st);
    free(directory);
    return rc;
}

static const char *last_component(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* For files that do not exist yet: the same name in the same directory. */
static bool will_be_one_file(const char *a, const char *b)
{
    struct stat sa, sb;
    return strcmp(last_component(a), last_component(b)) == 0 &&
           stat_parent(a, &sa) == 0 && stat_parent(b, &sb) == 0 &&
           sa.st_dev == sb.st_dev && sa.st_ino == sb.st_ino;
}

int vl_file_check_distinct(const char *output, const char *input, struct vl_error *err)
{
    if (strcmp(output, "-") == 0 || strcmp(input, "-") == 0)
        return 0;
    struct stat so, si;
    bool same;
    if (stat(output, &so) == 0 && stat(input, &si) == 0)
        same = S_ISREG(so.st_mode) && so.st_dev == si.st_dev && so.st_ino == si.st_ino;
    else
        same = will_be_one_file(output, input);
    if (same)
        return vl_error_set(err, VL_ERR_USAGE, "%s and %s are the same file", output,
                            input);
    return 0;
}

int vl_file_check_outputs(const char *const *outputs, size_t n_outputs,
                          const char *const *inputs, size_t n_inputs,
                          struct vl_error *err)
{
    for (size_t i = 0; i < n_outputs; i++) {
        if (!outputs[i])
            continue;
        for (size_t j = 0; j < i; j++) {
            if (!outputs[j])
                continue;
            if (strcmp(outputs[i], "-") == 0 && strcmp(outputs[j], "-") == 0)
                return vl_error_set(err, VL_ERR_USAGE,
                                    "two outputs go to standard output");
            int rc = vl_file_check_distinct(outputs[i], outputs[j], err);
            if (rc < 0)
                return rc;
        }
        for (size_t j = 0; j < n_inputs; j++) {
            int rc = inputs[j] ? vl_file_check_distinct(outputs[i], inputs[j], err) : 0;
            if (rc < 0)
                return rc;
        }
    }
    return 0;
}
