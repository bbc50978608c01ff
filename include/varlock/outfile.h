/*
 * Outputs that are complete or absent.  Bytes go to a temporary beside the target;
 * varlock/outfile_set.h gives it the name of the target when all outputs of a run are
 * finished.
 */
#ifndef VARLOCK_OUTFILE_H
#define VARLOCK_OUTFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "varlock/buf.h"
#include "varlock/fail.h"

struct vl_outfile; /* one thread at a time */

/* Rules for what an output may be; combine them with |. */
enum vl_outfile_rule {
    VL_OUTFILE_REPLACES = 1,   /* an existing file is replaced; else it is refused */
    VL_OUTFILE_KEEPS_MODE = 2, /* it keeps the old file's permissions */
    VL_OUTFILE_NO_PIPE = 4     /* a FIFO or socket is refused: it must be a file */
};

/* Refuses a path that no output can have.  VL_ERR_USAGE: a directory, a file that must
 * not be replaced, a pipe where none is wanted.  VL_ERR_IO: a symbolic link or pipe of
 * somebody else in a directory that everybody may write to, as Linux does with
 * protected_symlinks, but whatever that is set to; and a target that another run is
 * naming, or was naming when it was killed (outfile_set.h).  Standard output ("-") and
 * devices are always accepted. */
VL_MUST_CHECK
int vl_outfile_check(const char *path, unsigned rules, struct vl_error *err);

/* Creates `<path>.tmp.XXXXXX` beside path (symbolic links are followed) with the bits of
 * `mode` less the umask.  "-" is stdout.  Stdout, devices and pipes are written to
 * directly, without a temporary.  Refuses what vl_outfile_check refuses, and more than 32
 * temporaries at once (VL_ERR_IO).  On failure *out is NULL. */
VL_MUST_CHECK
int vl_outfile_open(struct vl_outfile **out, const char *path, mode_t mode,
                    unsigned rules, struct vl_error *err);

/* Appends bytes.  After a failure every later call fails too. */
VL_MUST_CHECK
int vl_outfile_write(struct vl_outfile *out, const void *bytes, size_t n,
                     struct vl_error *err);

/* Returns the bytes written so far through vl_outfile_write. */
uint64_t vl_outfile_tell(const struct vl_outfile *out);

/* Returns the file descriptor, for another library to write to; the handle owns it. */
int vl_outfile_fd(const struct vl_outfile *out);

/* These return the target's path as given, and the path that the bytes go to until the
 * output gets its name. */
const char *vl_outfile_path(const struct vl_outfile *out);
const char *vl_outfile_temporary(const struct vl_outfile *out);

/* Whether the bytes go out as they are written (stdout, a device, a pipe).  Such an
 * output gets no name at the end. */
bool vl_outfile_is_stream(const struct vl_outfile *out);

/* Calls fsync on a regular file; other outputs need none. */
VL_MUST_CHECK
int vl_outfile_sync(struct vl_outfile *out, struct vl_error *err);

/* Names this one file, as a set of one. */
VL_MUST_CHECK
int vl_outfile_commit(struct vl_outfile *out, struct vl_error *err);

/* Closes the output, and removes the temporary unless it got its name.  NULL is fine. */
void vl_outfile_free(struct vl_outfile *out);

/* Removes every temporary of the process.  For a signal handler that is about to end the
 * process (vl_ending_begin).  Async-signal-safe. */
void vl_outfile_unlink_all(void);

#endif
