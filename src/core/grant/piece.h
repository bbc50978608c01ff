/* Pieces of alignments: what a loose read shows (bdiff.md §5.10). */
#ifndef VARLOCK_CORE_PIECE_H
#define VARLOCK_CORE_PIECE_H

#include <htslib/sam.h>
#include <stdbool.h>
#include <stdint.h>

#include "record/md.h"
#include "record/modifications.h"
#include "varlock/buf.h"
#include "varlock/contig.h"
#include "varlock/error.h"
#include "varlock/region.h"

/* The part of an alignment from its first to its last aligned base inside one range. */
struct piece {
    int64_t beg, end;  /* positions of these bases, half-open */
    int32_t from, to;  /* their indexes in SEQ, half-open */
    int64_t n_aligned; /* aligned bases among them */
};

/* Finds the longest piece of the record, the one with most aligned bases; of equal ones
 * the first.  False if the record has no aligned base inside the ranges, or has no SEQ,
 * or its SEQ and CIGAR disagree. */
bool piece_find(const bam1_t *b, const struct vl_ranges *ranges, struct piece *piece);

/* Memory for making pieces; one thread. */
struct piece_maker {
    struct vl_buf cigar, seq, md, aux;
    struct md_reference whole, cut; /* the reference under the record and the piece */
    struct modifications modifications;
};

/* Builds in `out` the loose read that shows the piece: without clips, mate and name, with
 * MD, ML, MM, MN, NM and RG of the tags.  read_groups: original @RG IDs; NULL if the
 * record has the pseudonym already.  VL_ERR_MEMORY. */
VL_MUST_CHECK
int piece_make(struct piece_maker *maker, const bam1_t *b, const struct piece *piece,
               const struct vl_names *read_groups, bam1_t *out);

void piece_maker_clear(struct piece_maker *maker);

#endif
