/*
 * Files that are whole or absent: an output is written to a temporary beside its target
 * and renamed when finished; an input is read at offsets.  Failures of the system are
 * VL_ERR_IO.
 */
#ifndef VARLOCK_FILE_H
#define VARLOCK_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "varlock/buf.h"
#include "varlock/fail.h"

/* ---- outputs ---- */

struct vl_outfile; /* one thread at a time */

/* Creates `<path>.tmp.XXXXXX` beside path (symbolic links followed) with `mode` bits less
 * the umask.  "-" is stdout; devices and pipes are written to as they are: no temporary.
 * Refuses a directory (VL_ERR_USAGE) and more than 32 temporaries at once (VL_ERR_IO). */
VL_MUST_CHECK
int vl_outfile_open(struct vl_outfile **out, const char *path, mode_t mode,
                    struct vl_error *err);

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

/* fsync (regular files), then rename to the target (when not stdout).  The handle must
 * still be freed. */
VL_MUST_CHECK
int vl_outfile_commit(struct vl_outfile *out, struct vl_error *err);

/* Closes; removes the temporary unless it was committed.  NULL is fine. */
void vl_outfile_free(struct vl_outfile *out);

/* Removes every temporary of the process that is not committed.  Async-signal-safe; for a
 * signal handler that is about to end the process. */
void vl_outfile_unlink_all(void);

/* ---- inputs ---- */

struct vl_infile; /* immutable: any thread may read it */

/* Opens a regular file; VL_ERR_IO for anything else, which cannot be read at offsets. */
VL_MUST_CHECK
int vl_infile_open(struct vl_infile **in, const char *path, struct vl_error *err);
uint64_t vl_infile_size(const struct vl_infile *in);
const char *vl_infile_path(const struct vl_infile *in);

/* Exactly n bytes at offset; a short read is VL_ERR_DATA ("truncated"). */
VL_MUST_CHECK
int vl_infile_read(const struct vl_infile *in, uint64_t offset, void *bytes, size_t n,
                   struct vl_error *err);

/* NULL is fine. */
void vl_infile_free(struct vl_infile *in);

/* Appends the whole of a small file, for key files and lists; VL_ERR_DATA where it has
 * more than max_bytes.  On failure `out` keeps its length and holds nothing of the file.
 */
VL_MUST_CHECK
int vl_file_slurp(const char *path, size_t max_bytes, struct vl_buf *out,
                  struct vl_error *err);

/* VL_ERR_USAGE where both paths name one regular file, be it there already or yet to be
 * created ("-" never does). */
VL_MUST_CHECK
int vl_file_check_distinct(const char *output, const char *input, struct vl_error *err);

/* vl_file_check_distinct for every output against every input and every other output;
 * VL_ERR_USAGE too where two outputs are "-".  NULL paths are passed over. */
VL_MUST_CHECK
int vl_file_check_outputs(const char *const *outputs, size_t n_outputs,
                          const char *const *inputs, size_t n_inputs,
                          struct vl_error *err);

#endif
