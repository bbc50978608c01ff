/*
 * The public geometry of a mapped record: where its bases lie when they are laid along
 * the reference from the read's 5' end.  Clips, insertions and deletions of its own CIGAR
 * play no part.  The masked record shows this and nothing else of its alignment.
 *
 * The anchor is the position of the first M/=/X base from the 5' end, minus (reverse
 * strand: plus) the number of query bases before it.  From there all bases of the query
 * are laid in read direction.  They jump over the intervals that the CIGAR's N operators
 * skip.  Intervals that the bases do not reach are dropped.  Bases outside the contig are
 * clipped.
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
};

/* Lays out an alignment at pos0.  Its masked CIGAR replaces the content of `ops` (u32
 * each).  False if it has no aligned base, if no laid base is on the contig, if an
 * operator would be longer than BAM allows, or if memory ran out (ops->failed). */
bool geometry_lay(const uint32_t *cigar, uint32_t n_cigar, int64_t pos0, bool is_reverse,
                  int64_t contig_length, struct geometry *g, struct vl_buf *ops);

/* Undoes the layout: POS of the record with that CIGAR whose masked form lies at
 * masked_pos0 with the CIGAR `masked`. */
int64_t geometry_origin(int64_t masked_pos0, const uint32_t *masked, uint32_t n_masked,
                        bool is_reverse, const uint32_t *cigar, uint32_t n_cigar);

/* Reference position of the 5' end: that of the first base, or behind the last one. */
static inline int64_t geometry_5prime(const struct geometry *g)
{
    return g->is_reverse ? g->end : g->pos;
}

/* True if one is forward, the other reverse, and the forward one begins before the
 * reverse one ends. */
static inline bool geometry_forward_reverse(const struct geometry *a,
                                            const struct geometry *b)
{
    const struct geometry *forward = a->is_reverse ? b : a,
                          *reverse = a->is_reverse ? a : b;
    return a->is_reverse != b->is_reverse && forward->pos < reverse->end;
}

#endif
