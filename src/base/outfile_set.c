#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "outfile_state.h"
#include "varlock/buf.h"
#include "varlock/ending.h"
#include "varlock/fail.h"
#include "varlock/outfile_set.h"

/* ---- one step on the file system ---- */

/* A directory must be synced, or the order of its names may be lost with the power.  File
 * systems that cannot sync a directory return EINVAL. */
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
    if (fd < 0) /* a directory may be writable but not readable */
        return errno == EACCES ? 0 : -1;
    int rc = fsync(fd) < 0 && errno != EINVAL ? -1 : 0;
    int saved = errno;
    close(fd);
    errno = saved;
    return rc;
}

/* Whether link() failed because the file system has no hard links, or because the file
 * may not get another one. */
static bool cannot_link(int why)
{
    return why == EPERM || why == EOPNOTSUPP || why == ENOSYS || why == EMLINK;
}

/* Renames, but never over an existing file.  Some file systems cannot promise that when
 * they rename, but can when they link.  On a file system that cannot link either, only
 * the claim protects the file. */
static int rename_new(const char *from, const char *to)
{
    struct stat st;
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -1;
    if (link(from, to) == 0)
        return unlink(from);
    if (!cannot_link(errno))
        return -1;
    if (lstat(to, &st) == 0) {
        errno = EEXIST;
        return -1;
    }
    return rename(from, to);
}

static int create_empty(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd >= 0)
        close(fd);
    return fd < 0 ? -1 : 0;
}

/* ---- one output ---- */

static int refuse_appeared(const struct vl_outfile *out, struct vl_error *err)
{
    return vl_error_set(err, VL_ERR_IO,
                        "%s: appeared while this run was at work and is not overwritten",
                        out->path);
}

static int claim_failure(struct vl_outfile *out, struct vl_error *err)
{
    return errno == EEXIST ? outfile_refuse_claimed(out->target, out->before, err)
                           : outfile_failure(out, "creating its .before", err);
}

/* Gives the old file a second name.  Where the file system cannot link, moves the old
 * file to that name. */
static int claim_old(struct vl_outfile *out, struct vl_error *err)
{
    out->claimed = link(out->target, out->before) == 0;
    if (!out->claimed) {
        if (!cannot_link(errno) || create_empty(out->before) < 0)
            return claim_failure(out, err);
        out->claimed = out->moved = true;
        if (rename(out->target, out->before) < 0)
            return outfile_failure(out, "moving what stands there", err);
    }
    out->has_old = true;
    return 0;
}

static int claim(struct vl_outfile *out, struct vl_error *err)
{
    struct stat st;
    if (!out->temporary)
        return 0;
    if (lstat(out->target, &st) == 0) {
        if (!S_ISREG(st.st_mode) || !(out->rules & VL_OUTFILE_REPLACES))
            return refuse_appeared(out, err);
        return claim_old(out, err);
    }
    if (errno != ENOENT)
        return outfile_failure(out, "looking for what stands there", err);
    out->claimed = create_empty(out->before) == 0;
    return out->claimed ? 0 : claim_failure(out, err);
}

static int give_name(struct vl_outfile *out, struct vl_error *err)
{
    if (!out->temporary)
        return 0;
    const char *temporary = vl_outfile_temporary(out);
    int rc = out->has_old && !out->moved ? rename(temporary, out->target)
                                         : rename_new(temporary, out->target);
    if (rc < 0 && errno == EEXIST)
        return refuse_appeared(out, err);
    if (rc < 0)
        return outfile_failure(out, "renaming the finished temporary", err);
    outfile_forget_temporary(out);
    return sync_directory(out->target) < 0
               ? outfile_failure(out, "writing its directory", err)
               : 0;
}

/* Puts the old file back at the target, also where rename fails. */
static void bring_back(const struct vl_outfile *out)
{
    if (rename(out->before, out->target) == 0)
        return;
    unlink(out->target);
    if (link(out->before, out->target) == 0)
        unlink(out->before);
}

/* Looks at which files exist, not at which calls succeeded: a call that failed may have
 * done its work.  A file that somebody else has put there meanwhile is left alone. */
static void take_back(struct vl_outfile *out)
{
    struct stat now, ours, old;
    if (!out->claimed)
        return;
    bool is_there = lstat(out->target, &now) == 0;
    bool is_ours = is_there && fstat(out->fd, &ours) == 0 && outfile_is_same(&now, &ours);
    bool is_old =
        is_there && lstat(out->before, &old) == 0 && outfile_is_same(&now, &old);
    /* The move failed, or did its work and said that it failed. */
    if (out->moved && !out->has_old)
        out->has_old = lstat(out->before, &old) == 0 && old.st_size > 0;
    if (is_ours && !out->has_old)
        unlink(out->target);
    if (!out->has_old || is_old)
        unlink(out->before);
    else if (is_ours || !is_there)
        bring_back(out);
    out->claimed = out->has_old = out->moved = false;
    /* A failure here is not reported: the caller reports the failure that came before. */
    sync_directory(out->target);
}

/* ---- the set ---- */

void vl_outfile_set_add(struct vl_outfile_set *set, struct vl_outfile *out)
{
    if (out && set->n < VL_OUTFILE_SET_MAX)
        set->v[set->n++] = out;
}

/* All targets are claimed before the first output gets its name, so that the claims
 * describe the state of the whole set. */
static int claim_all(struct vl_outfile_set *set, struct vl_error *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < set->n; i++)
        rc = claim(set->v[i], err);
    for (size_t i = 0; rc == 0 && i < set->n; i++)
        if (set->v[i]->claimed && sync_directory(set->v[i]->target) < 0)
            rc = outfile_failure(set->v[i], "writing its directory", err);
    return rc;
}

/* The caller still holds off the end of the process. */
static void take_all_back(struct vl_outfile_set *set)
{
    for (size_t i = set->n; i-- > 0;)
        take_back(set->v[i]);
}

/* Streams get no name.  For a set of streams the end of the process is not held off: a
 * run that writes to a pipe without a reader must end by a signal. */
static bool has_names(const struct vl_outfile_set *set)
{
    for (size_t i = 0; i < set->n; i++)
        if (!vl_outfile_is_stream(set->v[i]))
            return true;
    return false;
}

int vl_outfile_set_name(struct vl_outfile_set *set, struct vl_error *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < set->n; i++)
        rc = vl_outfile_sync(set->v[i], err);
    if (rc < 0 || !has_names(set))
        return rc;
    vl_ending_hold();
    rc = claim_all(set, err);
    for (size_t i = 0; rc == 0 && i < set->n; i++)
        rc = give_name(set->v[i], err);
    set->is_named = rc == 0;
    if (rc < 0) {
        take_all_back(set);
        vl_ending_release();
    }
    return rc;
}

/* The .before of the first output is removed last.  Where a BDIFF is among the outputs it
 * is the first, and it is worth more than the masked file it belongs to. */
int vl_outfile_set_settle(struct vl_outfile_set *set, struct vl_error *err)
{
    struct vl_buf left = VL_BUF_INIT;
    int why = 0;
    if (!set->is_named)
        return 0;
    for (size_t i = set->n; i-- > 0;) {
        struct vl_outfile *out = set->v[i];
        if (!out->claimed)
            continue;
        if (unlink(out->before) < 0 && errno != ENOENT) {
            why = errno;
            vl_buf_addf(&left, "%s%s", left.len > 0 ? " and " : "", out->before);
        }
        out->claimed = false;
        /* A failure is ignored: after a loss of power the name may be back, which does no
         * harm. */
        sync_directory(out->target);
    }
    set->is_named = false;
    vl_ending_release();
    errno = why;
    int rc = why ? vl_error_errno(err,
                                  "the outputs are complete and in place, but %.*s "
                                  "cannot be removed",
                                  (int)left.len, (const char *)left.data)
                 : 0;
    vl_buf_clear(&left);
    return rc;
}

void vl_outfile_set_undo(struct vl_outfile_set *set)
{
    if (!set->is_named)
        return;
    take_all_back(set);
    set->is_named = false;
    vl_ending_release();
}

int vl_outfile_set_commit(struct vl_outfile_set *set, struct vl_error *err)
{
    int rc = vl_outfile_set_name(set, err);
    return rc < 0 ? rc : vl_outfile_set_settle(set, err);
}
