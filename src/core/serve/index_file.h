/* The file of an index that htslib holds, in memory. */
#ifndef VARLOCK_CORE_INDEX_FILE_H
#define VARLOCK_CORE_INDEX_FILE_H

#include <htslib/hts.h>

#include "crypt4gh/memory_file.h"
#include "varlock/error.h"

/* Writes it in a format of htslib's (HTS_FMT_BAI, HTS_FMT_CSI).  The caller frees the
 * file.  VL_ERR_MEMORY, and *file is NULL. */
VL_MUST_CHECK
int index_file_write(struct memory_file **file, hts_idx_t *index, int format,
                     struct vl_error *err);

#endif
