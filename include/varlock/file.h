/* Input files: read at offsets, or at once where they are small.  Failures of the system
 * are VL_ERR_IO. */
#ifndef VARLOCK_FILE_H
#define VARLOCK_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "varlock/buf.h"
#include "varlock/fail.h"

struct vl_infile; /* immutable: any thread may read it */

/* Opens a regular file.  Returns VL_ERR_IO for anything else, because it cannot be read
 * at offsets. */
VL_MUST_CHECK
int vl_infile_open(struct vl_infile **in, const char *path, struct vl_error *err);
uint64_t vl_infile_size(const struct vl_infile *in);
const char *vl_infile_path(const struct vl_infile *in);

/* Reads exactly n bytes at offset.  A file that ends before is VL_ERR_DATA
 * ("truncated"). */
VL_MUST_CHECK
int vl_infile_read(const struct vl_infile *in, uint64_t offset, void *bytes, size_t n,
                   struct vl_error *err);

/* NULL is fine. */
void vl_infile_free(struct vl_infile *in);

/* Appends the whole content of a small file, such as a key file or a list.  Returns
 * VL_ERR_DATA where it has more than max_bytes.  On failure `out` keeps its length, and
 * its memory holds nothing of the file. */
VL_MUST_CHECK
int vl_file_slurp(const char *path, size_t max_bytes, struct vl_buf *out,
                  struct vl_error *err);

#endif
