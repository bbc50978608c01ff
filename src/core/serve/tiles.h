/*
 * The layout of a BAM file that is made while it is read.  Its length and its index must
 * be known before anything is restored.  So the genome is cut into tiles, and each gets a
 * slot of bytes that what is restored of it fits into, with filler behind.
 */
#ifndef VARLOCK_CORE_TILES_H
#define VARLOCK_CORE_TILES_H

#include "alignment/alignment_input.h"
#include "container/bdiff_file.h"
#include "varlock/buf.h"
#include "varlock/error.h"

/* The records that begin in [beg, end) of a contig. */
struct tile {
    uint32_t contig;        /* the number of contigs: the reads without a place */
    int64_t beg, end;       /* end VL_POS_MAX: of the contig's last one */
    int64_t reach;          /* none of them reaches behind it */
    uint64_t first, behind; /* virtual offsets in the input; behind 0: it has nothing */
    int64_t offset, size;   /* of its slot, in bytes */
};

struct tiles {
    struct tile *v; /* owned; in file order, one slot behind the other */
    size_t n, cap;
    int64_t size; /* of the file, in bytes */
};

/* Lays out a BAM input with its index loaded.  `bdiff` may be NULL.  `header_size`: bytes
 * before the first slot. */
VL_MUST_CHECK
int tiles_lay(struct tiles *tiles, const struct alignment_input *in,
              const struct vl_bdiff_reader *bdiff, int64_t header_size,
              struct vl_error *err);

/* The number of the tile whose slot holds the byte; n if it is behind all of them. */
size_t tiles_find(const struct tiles *tiles, int64_t offset);

/* Makes the bytes of the index: a .bai, or a .csi where a contig is too long for that. */
VL_MUST_CHECK
int tiles_index(const struct tiles *tiles, const struct vl_contigs *contigs,
                int64_t header_size, struct vl_buf *bytes, bool *is_csi,
                struct vl_error *err);

void tiles_clear(struct tiles *tiles);

#endif
