#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "outfile_state.h"
#include "varlock/fail.h"
#include "varlock/outfile_set.h"

enum { LINKS_MAX = 40 }; /* Linux has the same limit */

bool outfile_is_same(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

int outfile_stat_parent(const char *path, struct stat *st)
{
    const char *slash = strrchr(path, '/');
    char directory[PATH_MAX] = ".";
    if (slash)
        snprintf(directory, sizeof directory, "%.*s",
                 slash == path ? 1 : (int)(slash - path), path);
    return stat(directory, st);
}

/* Refuses a link or pipe of somebody else.  In a directory such as /tmp anybody can put
 * one where an output is expected. */
static int refuse_foreign(const char *path, const struct stat *st, const char *what,
                          struct vl_error *err)
{
    struct stat parent;
    if (st->st_uid == geteuid() || outfile_stat_parent(path, &parent) < 0)
        return 0;
    bool shared = (parent.st_mode & (S_ISVTX | S_IWOTH)) == (S_ISVTX | S_IWOTH);
    if (!shared || parent.st_uid == st->st_uid)
        return 0;
    return vl_error_set(err, VL_ERR_IO,
                        "%s: is a %s of another user in a directory that everybody may "
                        "write to, so it is not followed",
                        path, what);
}

/* Replaces the path `at`, a symbolic link, by the path that the link holds. */
static int follow_one(char at[PATH_MAX])
{
    char to[PATH_MAX];
    ssize_t n = readlink(at, to, sizeof to);
    char *slash = strrchr(at, '/');
    size_t kept = n > 0 && to[0] != '/' && slash ? (size_t)(slash - at) + 1 : 0;
    if (n >= 0 && kept + (size_t)n >= PATH_MAX) {
        errno = ENAMETOOLONG;
        return -1;
    }
    if (n < 0)
        return -1;
    memcpy(at + kept, to, (size_t)n);
    at[kept + (size_t)n] = '\0';
    return 0;
}

int outfile_follow(const char *path, char at[PATH_MAX], struct vl_error *err)
{
    struct stat st;
    if (snprintf(at, PATH_MAX, "%s", path) >= PATH_MAX) {
        errno = ENAMETOOLONG;
        return vl_error_errno(err, "%s", path);
    }
    for (int i = 0; lstat(at, &st) == 0 && S_ISLNK(st.st_mode); i++) {
        int rc = refuse_foreign(at, &st, "symbolic link", err);
        if (rc < 0)
            return rc;
        errno = ELOOP;
        if (i == LINKS_MAX || follow_one(at) < 0)
            return vl_error_errno(err, "%s", path);
    }
    return 0;
}

char *outfile_before(const char *target)
{
    char *before = malloc(strlen(target) + sizeof ".before");
    if (before)
        sprintf(before, "%s.before", target);
    return before;
}

int outfile_refuse_claimed(const char *target, const char *before, struct vl_error *err)
{
    struct stat now, old;
    const char *advice = "holds what stood there before; keep one of the two under the "
                         "name, that which fits the other outputs";
    if (lstat(before, &old) == 0) {
        if (old.st_size == 0)
            advice = "is empty, as nothing stood there before; remove it";
        else if (lstat(target, &now) == 0 && outfile_is_same(&now, &old))
            advice = "is the same file, so nothing was replaced; remove it";
    }
    return vl_error_set(err, VL_ERR_IO,
                        "%s: another run is just writing this output, or one was killed "
                        "at the end; if none is at work: %s %s",
                        target, before, advice);
}

static int refuse_if_claimed(const char *target, struct vl_error *err)
{
    struct stat st;
    char *before = outfile_before(target);
    if (!before)
        return vl_error_memory(err);
    int rc = lstat(before, &st) == 0 ? outfile_refuse_claimed(target, before, err) : 0;
    free(before);
    return rc;
}

/* Checks something that exists and is no regular file, so it cannot be replaced. */
static int check_in_place(const char *at, const char *path, const struct stat *st,
                          unsigned rules, struct vl_error *err)
{
    bool is_pipe = S_ISFIFO(st->st_mode) || S_ISSOCK(st->st_mode);
    if (S_ISDIR(st->st_mode))
        return vl_error_set(err, VL_ERR_USAGE, "%s: is a directory", path);
    if (is_pipe && (rules & VL_OUTFILE_NO_PIPE))
        return vl_error_set(err, VL_ERR_USAGE, "%s: is a pipe, where a file is wanted",
                            path);
    return is_pipe ? refuse_foreign(at, st, "pipe", err) : 0;
}

/* No output of ours takes the place of a key, which cannot be made again. */
static int refuse_key(const char *path, struct vl_error *err)
{
    static const char BEGIN[] = "-----BEGIN ";
    char text[sizeof BEGIN] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    bool is_key = read(fd, text, sizeof BEGIN - 1) == (ssize_t)(sizeof BEGIN - 1) &&
                  strcmp(text, BEGIN) == 0;
    close(fd);
    return is_key
               ? vl_error_set(err, VL_ERR_USAGE, "%s: is a key and is not replaced", path)
               : 0;
}

int outfile_target_find(struct outfile_target *target, const char *path, unsigned rules,
                        struct vl_error *err)
{
    char at[PATH_MAX];
    struct stat st;
    *target = (struct outfile_target){0};
    if (path[0] == '\0')
        return vl_error_set(err, VL_ERR_USAGE, "the name of an output is empty");
    int rc = outfile_follow(path, at, err);
    if (rc < 0)
        return rc;
    /* stat takes `path`, not `at`: the text of a link in /proc/self/fd is no path to
     * follow. */
    target->is_there = stat(path, &target->st) == 0;
    if (target->is_there && !S_ISREG(target->st.st_mode))
        return check_in_place(at, path, &target->st, rules, err);
    if (target->is_there && (lstat(at, &st) < 0 || !outfile_is_same(&st, &target->st)))
        return vl_error_set(err, VL_ERR_IO, "%s: its name cannot be given to a new file",
                            path);
    rc = refuse_if_claimed(at, err);
    if (rc == 0 && target->is_there && (rules & VL_OUTFILE_REPLACES))
        rc = refuse_key(at, err);
    if (rc < 0)
        return rc;
    if (lstat(path, &st) == 0 && !(rules & VL_OUTFILE_REPLACES))
        return vl_error_set(err, VL_ERR_USAGE,
                            "%s: exists already and is not overwritten", path);
    target->path = strdup(at);
    return target->path ? 0 : vl_error_memory(err);
}

int vl_outfile_check(const char *path, unsigned rules, struct vl_error *err)
{
    struct outfile_target target;
    if (strcmp(path, "-") == 0)
        return 0;
    int rc = outfile_target_find(&target, path, rules, err);
    if (rc == 0)
        free(target.path);
    return rc;
}

bool vl_outfile_find_before(const char *path, struct vl_buf *name)
{
    char at[PATH_MAX];
    struct stat now, old;
    if (outfile_follow(path, at, NULL) < 0)
        return false;
    char *before = outfile_before(at);
    bool found = before && lstat(before, &old) == 0 && S_ISREG(old.st_mode) &&
                 old.st_size > 0 &&
                 !(lstat(at, &now) == 0 && outfile_is_same(&now, &old));
    if (found)
        vl_buf_add(name, before, strlen(before));
    free(before);
    return found;
}
