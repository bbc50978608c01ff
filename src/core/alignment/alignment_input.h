/* Alignment files coming in: BAM, CRAM or SAM; a truncated one is noticed. */
#ifndef VARLOCK_CORE_ALIGNMENT_INPUT_H
#define VARLOCK_CORE_ALIGNMENT_INPUT_H

#include <htslib/sam.h>
#include <htslib/thread_pool.h>

#include "varlock/buf.h"
#include "varlock/contig.h"
#include "varlock/error.h"
#include "varlock/file.h"
#include "varlock/varlock.h"

struct alignment_input {
    char *path;
    htsFile *file;
    sam_hdr_t *header;
    struct vl_buf text; /* the header text, byte for byte as it was read; a NUL follows */
    struct vl_contigs contigs; /* of the header */
    hts_idx_t *index;          /* NULL until alignment_input_need_index */
    uint64_t n_records;        /* read so far by alignment_input_next */
    int64_t size_bytes;        /* of the file; -1 where unknown (pipes) */
};

/* Opens, reads the header.  `pool` may be NULL; it must outlive the input. */
VL_MUST_CHECK
int alignment_input_open(struct alignment_input *in, const char *path,
                         const char *reference, htsThreadPool *pool,
                         struct vl_error *err);

/* 1 and the next record, normalised; 0 at the end; VL_ERR_DATA where the file is cut or
 * corrupt. */
VL_MUST_CHECK
int alignment_input_next(struct alignment_input *in, bam1_t *b, struct vl_error *err);

/* Loads the index; VL_ERR_DATA naming the command that makes one where there is none.
 * alignment_input_try_index returns whether it is there. */
VL_MUST_CHECK
int alignment_input_need_index(struct alignment_input *in, struct vl_error *err);
bool alignment_input_try_index(struct alignment_input *in);

/* Share of the input read so far, 0..1; negative where its size is unknown. */
double alignment_input_share(const struct alignment_input *in);

void alignment_input_close(struct alignment_input *in);

#endif
