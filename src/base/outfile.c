#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "outfile_state.h"
#include "varlock/ending.h"
#include "varlock/fail.h"
#include "varlock/outfile_set.h"

enum {
    MAX_TEMPORARIES = 32,
    NAME_TRIES = 100,
    SUFFIX_CHARS = 6,
};

/* ---- temporaries a signal handler can find ---- */

enum temporary_state { TEMPORARY_FREE, TEMPORARY_CLAIMED, TEMPORARY_LISTED };

/* The signal handler reads `path` only while `state` is TEMPORARY_LISTED; nobody writes
 * to it then. */
static struct temporary {
    atomic_int state;
    char path[PATH_MAX];
} temporaries[MAX_TEMPORARIES];

static struct temporary *temporary_claim(void)
{
    for (size_t i = 0; i < MAX_TEMPORARIES; i++) {
        int expected = TEMPORARY_FREE;
        if (atomic_compare_exchange_strong(&temporaries[i].state, &expected,
                                           TEMPORARY_CLAIMED))
            return &temporaries[i];
    }
    return NULL;
}

void vl_outfile_unlink_all(void)
{
    int saved = errno;
    for (size_t i = 0; i < MAX_TEMPORARIES; i++)
        if (atomic_load(&temporaries[i].state) == TEMPORARY_LISTED)
            unlink(temporaries[i].path);
    errno = saved;
}

void outfile_forget_temporary(struct vl_outfile *out)
{
    atomic_store(&out->temporary->state, TEMPORARY_FREE);
    out->temporary = NULL;
}

/* ---- outputs ---- */

/* Draws six of 64 characters from the OS generator.  Guessing them gains nothing, because
 * O_EXCL refuses a file that exists. */
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

/* This calls open, not mkostemp: with open the kernel applies the umask, which a process
 * cannot read without setting it.  No signal can end the process between creating the
 * file and listing it. */
static int create_listed(struct vl_outfile *out, mode_t mode)
{
    vl_ending_hold();
    int fd = open(out->temporary->path,
                  O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
    if (fd >= 0)
        atomic_store(&out->temporary->state, TEMPORARY_LISTED);
    vl_ending_release();
    return fd;
}

static int create_temporary(struct vl_outfile *out, mode_t mode)
{
    char suffix[SUFFIX_CHARS + 1];
    char *path = out->temporary->path;
    for (int i = 0; i < NAME_TRIES; i++) {
        if (random_suffix(suffix) < 0)
            return -1;
        if (snprintf(path, PATH_MAX, "%s.tmp.%s", out->target, suffix) >= PATH_MAX) {
            errno = ENAMETOOLONG;
            return -1;
        }
        out->fd = create_listed(out, mode);
        if (out->fd >= 0 || errno != EEXIST)
            return out->fd < 0 ? -1 : 0;
    }
    return -1;
}

/* Devices, pipes and sockets are written to in place, because renaming a file over them
 * would replace them. */
static int open_in_place(struct vl_outfile *out, const struct stat *checked,
                         struct vl_error *err)
{
    struct stat st;
    out->fd = open(out->path, O_WRONLY | O_CLOEXEC);
    if (out->fd < 0)
        return vl_error_errno(err, "%s: cannot be opened for writing", out->path);
    if (fstat(out->fd, &st) < 0 || !outfile_is_same(&st, checked))
        return vl_error_set(err, VL_ERR_IO, "%s: changed while it was opened", out->path);
    return 0;
}

static int open_beside(struct vl_outfile *out, const struct outfile_target *found,
                       mode_t mode, struct vl_error *err)
{
    out->before = outfile_before(out->target);
    if (!out->before)
        return vl_error_memory(err);
    out->temporary = temporary_claim();
    if (!out->temporary)
        return vl_error_set(err, VL_ERR_IO, "%s: more than %d outputs are open",
                            out->path, MAX_TEMPORARIES);
    out->regular = true;
    bool keeps_mode = found->is_there && (out->rules & VL_OUTFILE_KEEPS_MODE);
    if (create_temporary(out, mode) < 0 ||
        (keeps_mode && fchmod(out->fd, found->st.st_mode & 0777) < 0))
        return vl_error_errno(err, "%s: cannot be created", out->path);
    return 0;
}

static int open_stdout(struct vl_outfile *out, struct vl_error *err)
{
    struct stat st;
    out->fd = STDOUT_FILENO;
    if (fstat(out->fd, &st) < 0)
        return vl_error_errno(err, "standard output");
    out->regular = S_ISREG(st.st_mode);
    return 0;
}

static int open_target(struct vl_outfile *out, mode_t mode, struct vl_error *err)
{
    struct outfile_target found;
    if (strcmp(out->path, "-") == 0)
        return open_stdout(out, err);
    int rc = outfile_target_find(&found, out->path, out->rules, err);
    if (rc < 0)
        return rc;
    out->target = found.path;
    return found.path ? open_beside(out, &found, mode, err)
                      : open_in_place(out, &found.st, err);
}

int vl_outfile_open(struct vl_outfile **out, const char *path, mode_t mode,
                    unsigned rules, struct vl_error *err)
{
    struct vl_outfile *o = calloc(1, sizeof *o);
    *out = NULL;
    if (!o)
        return vl_error_memory(err);
    o->fd = -1;
    o->rules = rules;
    o->path = strdup(path);
    int rc = o->path ? open_target(o, mode, err) : vl_error_memory(err);
    if (rc < 0) {
        vl_outfile_free(o);
        return rc;
    }
    *out = o;
    return 0;
}

int outfile_failure(struct vl_outfile *out, const char *what, struct vl_error *err)
{
    if (!out->failed)
        out->failed = errno;
    errno = out->failed;
    return vl_error_errno(err, "%s: %s failed",
                          out->fd == STDOUT_FILENO ? "standard output" : out->path, what);
}

int vl_outfile_write(struct vl_outfile *out, const void *bytes, size_t n,
                     struct vl_error *err)
{
    const char *at = bytes;
    if (out->failed)
        return outfile_failure(out, "writing", err);
    while (n > 0) {
        ssize_t done = write(out->fd, at, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return outfile_failure(out, "writing", err);
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
    return out->temporary ? out->temporary->path : out->path;
}

bool vl_outfile_is_stream(const struct vl_outfile *out)
{
    return !out->target;
}

int vl_outfile_sync(struct vl_outfile *out, struct vl_error *err)
{
    if (out->failed || (out->regular && fsync(out->fd) < 0))
        return outfile_failure(out, "writing", err);
    return 0;
}

int vl_outfile_commit(struct vl_outfile *out, struct vl_error *err)
{
    struct vl_outfile_set set = {0};
    vl_outfile_set_add(&set, out);
    return vl_outfile_set_commit(&set, err);
}

void vl_outfile_free(struct vl_outfile *out)
{
    if (!out)
        return;
    if (out->temporary) {
        vl_ending_hold();
        if (atomic_load(&out->temporary->state) == TEMPORARY_LISTED)
            unlink(out->temporary->path);
        outfile_forget_temporary(out);
        vl_ending_release();
    }
    if (out->fd >= 0 && out->fd != STDOUT_FILENO)
        close(out->fd);
    free(out->target);
    free(out->before);
    free(out->path);
    free(out);
}
