/* One alignment record (htslib's bam1_t): its parts, its extents, its order. */
#ifndef VARLOCK_CORE_RECORD_H
#define VARLOCK_CORE_RECORD_H

#include <htslib/sam.h>
#include <stdbool.h>
#include <stdint.h>

#include "varlock/buf.h"
#include "varlock/checksum.h"
#include "varlock/contig.h"
#include "varlock/digest.h"
#include "varlock/error.h"

/* Bound of POS, PNEXT and TLEN, far from where adding lengths could overflow. */
#define RECORD_POS_MAX (INT64_C(1) << 60)

/* Neither secondary nor supplementary. */
static inline bool record_is_primary(const bam1_t *b)
{
    return !(b->core.flag & (BAM_FSECONDARY | BAM_FSUPPLEMENTARY));
}

/* True if the record is mapped, placed, and has at least one CIGAR operator.  Its M, =
 * and X bases are aligned. */
bool record_is_aligned(const bam1_t *b);

/* FLAG of a masked record as it lasts through CRAM (bdiff.md §6.4).  If the mate stands
 * behind the record on the same contig, CRAM may add 0x20: it is set here. */
uint16_t record_lasting_flag(const bam1_t *b);

/* TLEN of a masked record as it lasts through CRAM (bdiff.md §6.4).  If the mate begins
 * at the same place, CRAM may turn the sign over: it is negative here if the record is
 * reverse. */
int64_t record_lasting_tlen(const bam1_t *b);

/* True if SEQ and the CIGAR agree in length, or one of them is absent. */
bool record_lengths_agree(const bam1_t *b);

/* True if the record's CIGAR equals `cigar`. */
bool record_has_cigar(const bam1_t *b, const uint32_t *cigar, uint32_t n_cigar);

/* Reference extent of a record.  Clips (S and H) are laid out along the reference. */
void record_unclipped(const bam1_t *b, int64_t *beg, int64_t *end);

/* Bytes the record takes in memory, as the limits of bdiff.md §5 count them. */
size_t record_bytes(const bam1_t *b);

/* Clears the unused half byte behind a SEQ of odd length, so that equal records have
 * equal bytes. */
void record_normalise(bam1_t *b);

/* Builds `out` from parts.  `aux` holds the tag bytes.  VL_ERR_MEMORY. */
VL_MUST_CHECK
int record_assemble(bam1_t *out, const bam1_core_t *core, const char *qname,
                    const uint32_t *cigar, uint32_t n_cigar, const uint8_t *seq,
                    const uint8_t *qual, const uint8_t *aux, size_t l_aux);

/* Exchanges two records, including their memory. */
void record_swap(bam1_t *a, bam1_t *b);

/* Frees the memory of an unusually long record.  Its content is lost. */
void record_trim(bam1_t *b);

/* Gives back memory of a long record that is not used.  htslib takes up to twice what it
 * needs, and a record that was longer before has more. */
void record_shrink(bam1_t *b);

/* Replaces the tag bytes.  VL_ERR_MEMORY. */
VL_MUST_CHECK
int record_set_aux(bam1_t *b, const uint8_t *aux, size_t l_aux);

/* Total order of records by every field but bin, by QUAL last. */
int record_compare(const bam1_t *a, const bam1_t *b);

/* True if all fields but bin, CIGAR, SEQ, QUAL and tag bytes are equal. */
bool record_equal(const bam1_t *a, const bam1_t *b);

#endif
