/* The index file of an output of alignments, which is encrypted where the output is. */
#ifndef VARLOCK_CORE_ALIGNMENT_INDEX_H
#define VARLOCK_CORE_ALIGNMENT_INDEX_H

#include "crypt4gh/c4gh_writer.h"
#include "crypt4gh/memory_file.h"
#include "varlock/error.h"
#include "varlock/outfile.h"
#include "varlock/varlock.h"

struct alignment_index {
    struct vl_outfile *file;    /* for the caller to name; NULL: there is no index */
    struct memory_file *memory; /* what htslib writes of an encrypted one; else NULL */
};

/* Appends the path of the index of such an output: "<path>.csi" or "<path>.crai", with
 * ".c4gh" behind if it is encrypted, and a NUL.  VL_ERR_MEMORY without a message. */
VL_MUST_CHECK
int alignment_index_put_path(const struct vl_output *options, struct vl_buf *path);

VL_MUST_CHECK
int alignment_index_open(struct alignment_index *index, const struct vl_output *options,
                         mode_t mode, unsigned rules, struct vl_error *err);

/* The name under which htslib is to write it, valid while the index is open. */
const char *alignment_index_name(const struct alignment_index *index);

/* Completes the file, encrypted to the readers (n 0: it is plain), once htslib wrote it.
 */
VL_MUST_CHECK
int alignment_index_finish(struct alignment_index *index,
                           const struct c4gh_readers *readers, struct vl_error *err);

/* Removes a file that got no name. */
void alignment_index_close(struct alignment_index *index);

#endif
