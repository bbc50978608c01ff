/* What an output is made of, for the files that open one and that name it. */
#ifndef VARLOCK_BASE_OUTFILE_STATE_H
#define VARLOCK_BASE_OUTFILE_STATE_H

#include <limits.h>
#include <sys/stat.h>

#include "varlock/outfile.h"

struct temporary; /* a name that a signal handler finds */

struct vl_outfile {
    char *path;                  /* as given */
    char *target;                /* symbolic links followed; NULL: a stream */
    char *before;                /* `<target>.before`; NULL: a stream */
    struct temporary *temporary; /* NULL: a stream, or it has its name */
    int fd;
    int failed; /* errno of the first failure */
    bool regular;
    unsigned rules;
    uint64_t n_written;
    /* while the set is named */
    bool claimed; /* `before` is this run's */
    bool has_old; /* and is the file that stood there, else empty */
    bool moved;   /* which was renamed to it, since the file system has no links */
};

/* Where a path leads. */
struct outfile_target {
    char *path;     /* for a temporary beside it; NULL: the path is opened as it is */
    bool is_there;  /* a file stands there */
    struct stat st; /* of what stands there, if something does */
};

/* Follows and checks as vl_outfile_check says; the caller frees target->path. */
int outfile_target_find(struct outfile_target *target, const char *path, unsigned rules,
                        struct vl_error *err);

/* Follows the links that `path` itself is, as open does, into `at`. */
int outfile_follow(const char *path, char at[static PATH_MAX], struct vl_error *err);

/* The directory a path's last component lies in; as stat. */
int outfile_stat_parent(const char *path, struct stat *st);

/* `<target>.before`, to be freed; NULL: no memory. */
char *outfile_before(const char *target);

/* VL_ERR_IO: why `before` stands in the way, and what to do. */
int outfile_refuse_claimed(const char *target, const char *before, struct vl_error *err);

bool outfile_is_same(const struct stat *a, const struct stat *b);

/* The temporary has got its name, or is gone. */
void outfile_forget_temporary(struct vl_outfile *out);

/* Remembers errno, and tells of the first failure. */
int outfile_failure(struct vl_outfile *out, const char *what, struct vl_error *err);

#endif
