/* The reference under places that ascend: a piece of it at a time. */
#ifndef VARLOCK_AUDIT_REFERENCE_PIECE_H
#define VARLOCK_AUDIT_REFERENCE_PIECE_H

#include <htslib/faidx.h>

#include "varlock/contig.h"
#include "varlock/error.h"

struct reference_piece {
    faidx_t *fai; /* NULL until reference_piece_open */
    const char *path;
    const struct vl_contigs *contigs;
    int32_t contig; /* -1: no piece yet */
    int64_t beg, end;
    char *bases; /* of the piece, as the FASTA writes them */
};

/* Opens the FASTA.  Both texts must outlive the piece.  VL_ERR_DATA if it lacks one of
 * the contigs, or gives it another length. */
VL_MUST_CHECK
int reference_piece_open(struct reference_piece *piece, const char *path,
                         const struct vl_contigs *contigs, struct vl_error *err);

/* *bases become those from `beg` up to `end`, which is not behind the contig's end.  They
 * are valid until the next call. */
VL_MUST_CHECK
int reference_piece_get(struct reference_piece *piece, int32_t contig, int64_t beg,
                        int64_t end, const char **bases, struct vl_error *err);

void reference_piece_close(struct reference_piece *piece);

#endif
