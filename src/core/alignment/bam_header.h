/* The header of a BAM as it is in the file (SAM specification, section 4.2).  htslib
 * would repair the text, and would take more contigs from its @SQ lines. */
#ifndef VARLOCK_CORE_BAM_HEADER_H
#define VARLOCK_CORE_BAM_HEADER_H

#include <htslib/bgzf.h>

#include "varlock/buf.h"
#include "varlock/contig.h"
#include "varlock/error.h"

/* Reads from the start of the BAM to its first record.  Appends the text, all l_text
 * bytes of it, and the names and lengths of the binary contig list, which are not
 * indexed.  What it costs follows from the bytes that are there, not from the sizes that
 * they claim. VL_ERR_DATA, VL_ERR_MEMORY; the message does not name the file. */
VL_MUST_CHECK
int bam_header_read(BGZF *file, struct vl_buf *text, struct vl_contigs *contigs,
                    struct vl_error *err);

#endif
