/* Index files of encrypted alignments, which may be encrypted themselves. */
#ifndef VARLOCK_CORE_C4GH_INDEX_H
#define VARLOCK_CORE_C4GH_INDEX_H

#include "crypt4gh/c4gh_keys.h"
#include "crypt4gh/memory_file.h"
#include "varlock/error.h"

/* Looks beside `path` for an index with one of the endings (NULL-terminated: "csi",
 * "bai"): as x.bam.c4gh.csi, x.bam.c4gh.csi.c4gh, x.bam.csi and x.bam.csi.c4gh, where
 * path is x.bam.c4gh.  *name becomes what htslib can open, NUL-terminated: the path of a
 * plain one, or the name of *memory, into which an encrypted one is read.  Empty, and no
 * error, where there is none. */
VL_MUST_CHECK
int c4gh_index_find(const char *path, const char *const *endings, struct c4gh_keys *keys,
                    struct vl_buf *name, struct memory_file **memory,
                    struct vl_error *err);

/* The same of an index at `path`.  VL_ERR_IO if it is not there. */
VL_MUST_CHECK
int c4gh_index_read(const char *path, struct c4gh_keys *keys, struct vl_buf *name,
                    struct memory_file **memory, struct vl_error *err);

#endif
