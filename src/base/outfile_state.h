/* The state of an output, shared by the files that open outputs and the file that names
 * them. */
#ifndef VARLOCK_BASE_OUTFILE_STATE_H
#define VARLOCK_BASE_OUTFILE_STATE_H

#include <limits.h>
#include <sys/stat.h>

#include "varlock/outfile.h"

struct temporary; /* the name of a temporary, which a signal handler can find */

struct vl_outfile {
    char *path;                  /* as given */
    char *target;                /* with symbolic links followed; NULL: a stream */
    char *before;                /* `<target>.before`; NULL: a stream */
    struct temporary *temporary; /* NULL: a stream, or the output has its name */
    int fd;
    int failed; /* errno of the first failure */
    bool regular;
    unsigned rules;
    uint64_t n_written;
    /* These three are set while the set is named. */
    bool claimed; /* this run created `before` */
    bool has_old; /* `before` is the old file; false: it is empty */
    bool moved;   /* the old file was renamed to `before`, because the file system has no
                     links */
};

/* The file that a path leads to. */
struct outfile_target {
    char *path;     /* a temporary is made beside it; NULL: the path itself is opened */
    bool is_there;  /* something exists there */
    struct stat st; /* of what exists there, where is_there */
};

/* Follows symbolic links and checks the rules, as vl_outfile_check says.  The caller
 * frees target->path. */
int outfile_target_find(struct outfile_target *target, const char *path, unsigned rules,
                        struct vl_error *err);

/* Follows the symbolic links at `path` itself, as open does, and writes the result to
 * `at`. */
int outfile_follow(const char *path, char at[static PATH_MAX], struct vl_error *err);

/* Fills *st for the directory that holds the last component of the path.  Returns what
 * stat returns. */
int outfile_stat_parent(const char *path, struct stat *st);

/* Returns `<target>.before`, which the caller frees; NULL without memory. */
char *outfile_before(const char *target);

/* Returns VL_ERR_IO with a message: why `before` stands in the way, and what to do. */
int outfile_refuse_claimed(const char *target, const char *before, struct vl_error *err);

bool outfile_is_same(const struct stat *a, const struct stat *b);

/* Called when the temporary has got its name, or is gone. */
void outfile_forget_temporary(struct vl_outfile *out);

/* Remembers errno of the first failure of the output, and reports that one. */
int outfile_failure(struct vl_outfile *out, const char *what, struct vl_error *err);

#endif
