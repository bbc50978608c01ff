/* Records as the bytes of a BAM file, in memory. */
#ifndef VARLOCK_CORE_BAM_BYTES_H
#define VARLOCK_CORE_BAM_BYTES_H

#include <htslib/bgzf.h>
#include <htslib/sam.h>

#include "varlock/buf.h"
#include "varlock/error.h"

struct bam_bytes {
    struct vl_buf out; /* bytes that are ready; the caller may empty it at any time */
    BGZF *file;        /* NULL: nothing was begun */
};

/* Begins a BGZF stream, quickly compressed.  The struct must stay where it is.
 * VL_ERR_MEMORY. */
VL_MUST_CHECK
int bam_bytes_begin(struct bam_bytes *bytes, struct vl_error *err);

/* Append what a BAM has first, and a record.  Their bytes need not be ready at once.
 * VL_ERR_MEMORY; VL_ERR_DATA: a record that no BAM can hold. */
VL_MUST_CHECK
int bam_bytes_header(struct bam_bytes *bytes, const sam_hdr_t *header,
                     struct vl_error *err);
VL_MUST_CHECK
int bam_bytes_record(struct bam_bytes *bytes, const bam1_t *b, struct vl_error *err);

/* Ends the stream, with an end block. */
VL_MUST_CHECK
int bam_bytes_end(struct bam_bytes *bytes, struct vl_error *err);

void bam_bytes_clear(struct bam_bytes *bytes);

#endif
