#include "reference_piece.h"

#include <stdlib.h>

#include "alignment/fasta.h"
#include "varlock/fail.h"

enum { PIECE_BASES = 1 << 20 };

static int check_contigs(const struct reference_piece *piece, struct vl_error *err)
{
    for (size_t i = 0; i < piece->contigs->n; i++) {
        const struct vl_contig *c = &piece->contigs->v[i];
        if (c->length > 0 && (!faidx_has_seq(piece->fai, c->name) ||
                              faidx_seq_len(piece->fai, c->name) != c->length))
            return vl_error_set(err, VL_ERR_DATA, "%s: has no contig %s of %lld bases",
                                piece->path, c->name, (long long)c->length);
    }
    return 0;
}

int reference_piece_open(struct reference_piece *piece, const char *path,
                         const struct vl_contigs *contigs, struct vl_error *err)
{
    *piece = (struct reference_piece){.path = path, .contigs = contigs, .contig = -1};
    int rc = reference_open(&piece->fai, path, err);
    if (rc == 0)
        rc = check_contigs(piece, err);
    if (rc < 0)
        reference_piece_close(piece);
    return rc;
}

int reference_piece_get(struct reference_piece *piece, int32_t contig, int64_t beg,
                        int64_t end, const char **bases, struct vl_error *err)
{
    const struct vl_contig *c = &piece->contigs->v[contig];
    if (piece->contig != contig || beg < piece->beg || end > piece->end) {
        int64_t to = end - beg < PIECE_BASES ? beg + PIECE_BASES : end;
        hts_pos_t n = 0;
        if (to > c->length)
            to = c->length;
        free(piece->bases);
        piece->bases = faidx_fetch_seq64(piece->fai, c->name, beg, to - 1, &n);
        piece->contig = contig;
        piece->beg = beg;
        piece->end = to;
        if (!piece->bases || n != to - beg) {
            piece->contig = -1;
            return vl_error_set(err, VL_ERR_IO, "%s: contig %s cannot be read",
                                piece->path, c->name);
        }
    }
    *bases = piece->bases + (beg - piece->beg);
    return 0;
}

void reference_piece_close(struct reference_piece *piece)
{
    free(piece->bases);
    if (piece->fai)
        fai_destroy(piece->fai);
    *piece = (struct reference_piece){.contig = -1};
}
