/*
 * Core fields in the form a masked record shows.  CRAM keeps less of a record than BAM
 * does: a masked file must stay what it is when it is stored as CRAM, or nobody could
 * restore it.  What is shown is therefore what CRAM keeps; the rest is residual.
 */
#ifndef VARLOCK_CORE_MASKED_CORE_H
#define VARLOCK_CORE_MASKED_CORE_H

#include <htslib/sam.h>
#include <stdbool.h>
#include <stdint.h>

#include "varlock/contig.h"

/* FLAG without bits that SAM does not define, and without those of a mate where the read
 * is not paired. */
uint16_t masked_flag(uint16_t flag);

/* FLAG as above, MAPQ 0 of an unmapped read, no mate fields where the read is not paired,
 * PNEXT -1 at least.  TLEN is 0 unless read and mate are mapped to the same contig: if it
 * were not, CRAM could take it, RNEXT and flag 0x8 from the mate. */
void masked_core_normalise(bam1_core_t *core);

/* The record's name, or "*" if it is empty: CRAM readers make up a name then. */
const char *masked_query_name(const bam1_t *b);

/* CRAM can hold the record: it begins on its contig, or has none; if it is mapped it has
 * a contig, ends on it, and has a CIGAR of the operators MIDNSHP=X, which together are
 * shorter than 2^28 bases. */
bool masked_core_fits_cram(const bam1_t *b, const struct vl_contigs *contigs);

#endif
