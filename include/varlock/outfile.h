/*
 * Outputs that are whole or absent: bytes go to a temporary beside the target, which
 * varlock/outfile_set.h gives its name when all outputs of a run are finished.
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

/* What an output may be; the rules are or'ed. */
enum vl_outfile_rule {
    VL_OUTFILE_REPLACES = 1, /* a file that stands there gives way; else it is refused */
    VL_OUTFILE_KEEPS_MODE = 2, /* and hands on its permissions */
    VL_OUTFILE_NO_PIPE = 4     /* a FIFO or socket is refused: a file is meant */
};

/* Refuses what no output can be: a directory, a file that must not be replaced, a pipe
 * where none is wanted (VL_ERR_USAGE); a symbolic link or pipe of somebody else in a
 * directory that everybody may write to, as Linux' protected_symlinks does whatever its
 * setting; and a target that another run is naming, or was killed at (see
 * outfile_set.h; VL_ERR_IO).  Standard output ("-") and devices are always fine. */
VL_MUST_CHECK
int vl_outfile_check(const char *path, unsigned rules, struct vl_error *err);

/* Creates `<path>.tmp.XXXXXX` beside path (symbolic links followed) with `mode` bits less
 * the umask.  "-" is stdout; devices and pipes are written to as they are: no temporary.
 * Refuses what vl_outfile_check does, and more than 32 temporaries at once (VL_ERR_IO).
 * On failure *out is NULL. */
VL_MUST_CHECK
int vl_outfile_open(struct vl_outfile **out, const char *path, mode_t mode,
                    unsigned rules, struct vl_error *err);

/* Appends bytes.  After a failure every later call fails too. */
VL_MUST_CHECK
int vl_outfile_write(struct vl_outfile *out, const void *bytes, size_t n,
                     struct vl_error *err);

/* Bytes written so far through vl_outfile_write. */
uint64_t vl_outfile_tell(const struct vl_outfile *out);

/* The descriptor, for another library to write through; owned by the handle. */
int vl_outfile_fd(const struct vl_outfile *out);

/* The target's path as given, and where the bytes go meanwhile. */
const char *vl_outfile_path(const struct vl_outfile *out);
const char *vl_outfile_temporary(const struct vl_outfile *out);

/* Whether the bytes go out as they are written (stdout, a device, a pipe): no name is
 * given in the end. */
bool vl_outfile_is_stream(const struct vl_outfile *out);

/* fsync, of regular files. */
VL_MUST_CHECK
int vl_outfile_sync(struct vl_outfile *out, struct vl_error *err);

/* Gives the one file its name, as a set of one. */
VL_MUST_CHECK
int vl_outfile_commit(struct vl_outfile *out, struct vl_error *err);

/* Closes; removes the temporary unless it got its name.  NULL is fine. */
void vl_outfile_free(struct vl_outfile *out);

/* Removes every temporary of the process.  Async-signal-safe; for a signal handler that
 * is about to end the process (vl_ending_begin). */
void vl_outfile_unlink_all(void);

#endif
