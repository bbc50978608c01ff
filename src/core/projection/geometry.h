/*
 * The public geometry of a mapped record: where its bases lie when they are laid along
 * the reference from the read's 5' end.  Clips, insertions and deletions of its own CIGAR
 * play no part.  The masked record shows this and nothing else of its alignment.
 *
 * The 5' end is the position of the first M/=/X base in read direction, minus (reverse
 * strand: plus) the number of query bases before it.  From there, or from where masking
 * moves it, all bases of the query are laid in read direction.  They jump over the
 * intervals that the CIGAR's N operators skip.  Intervals that the bases do not reach,
 * and those behind which fewer than 20 bases would follow, are dropped.  Bases outside
 * the contig are clipped.  A read without a base on the contig begins at the contig's
 * nearest base instead.
 */
#ifndef VARLOCK_CORE_GEOMETRY_H
#define VARLOCK_CORE_GEOMETRY_H

#include <htslib/sam.h>
#include <stdbool.h>
#include <stdint.h>

#include "varlock/buf.h"

struct geometry {
    int64_t pos; /* of the first base on the contig */
    int64_t end; /* behind the last one */
    bool is_reverse;
    int64_t five;    /* position of the read's own 5' base; may be off the contig */
    int64_t n_query; /* bases of the query */
    int64_t spread;  /* those and the bases that N skips: what it can extend over */
};

/* Lays out an alignment at pos0 whose 5' end is moved by `shift`.  Its masked CIGAR
 * replaces the content of `ops` (u32 each).  False if it has no aligned base, if an
 * operator would be longer than BAM allows, or if memory ran out (ops->failed). */
bool geometry_lay(const uint32_t *cigar, uint32_t n_cigar, int64_t pos0, bool is_reverse,
                  int64_t shift, int64_t contig_length, struct geometry *g,
                  struct vl_buf *ops);

/* Finds the position of the alignment's own 5' base.  False if it has no aligned base. */
bool geometry_five(const uint32_t *cigar, uint32_t n_cigar, int64_t pos0, bool is_reverse,
                   int64_t *five);

/* Undoes the layout: POS of the record with that CIGAR whose masked form lies at
 * masked_pos0 with the CIGAR `masked`. */
int64_t geometry_origin(int64_t masked_pos0, const uint32_t *masked, uint32_t n_masked,
                        bool is_reverse, const uint32_t *cigar, uint32_t n_cigar);

/* Reference position of the 5' end: that of the first base, or behind the last one. */
static inline int64_t geometry_5prime(const struct geometry *g)
{
    return g->is_reverse ? g->end : g->pos;
}

#endif
