/*
 * One alignment record (htslib's bam1_t): its aligned runs, its extents, its canonical
 * bytes.
 */
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

/* A stretch of aligned bases (M, = or X). */
struct aligned_run {
    int64_t rpos; /* reference position of its first base */
    int32_t qpos; /* index of its first base in SEQ */
    int32_t len;  /* bases */
};

/* Walks the aligned runs of a record. */
struct run_walk {
    const uint32_t *cigar;
    uint32_t n_cigar;
    uint32_t op; /* next operator */
    int64_t rpos;
    int32_t qpos;
};

/* Starts a walk; a record that is unmapped (0x4), unplaced or without SEQ has no runs. */
struct run_walk run_walk_start(const bam1_t *b);
bool run_walk_next(struct run_walk *walk, struct aligned_run *run);

/* The same with the deleted stretches (D) among them, whose qpos is -1. */
bool run_walk_next_either(struct run_walk *walk, struct aligned_run *run);

/* Neither secondary nor supplementary. */
static inline bool record_is_primary(const bam1_t *b)
{
    return !(b->core.flag & (BAM_FSECONDARY | BAM_FSUPPLEMENTARY));
}

/* Mapped, placed, and with at least one operator: its M, = and X bases are aligned. */
bool record_is_aligned(const bam1_t *b);

/* SEQ and the CIGAR agree in length, where both are there. */
bool record_lengths_agree(const bam1_t *b);

/* Calls for every base of SEQ that the masked record hides (clipped, inserted, or all of
 * an unaligned record): fills [*qpos, *qpos + *len) and returns true; *op starts at 0. */
struct hidden_walk {
    const uint32_t *cigar;
    uint32_t n_cigar;
    uint32_t op;
    int32_t qpos;
    int32_t l_qseq;
    bool all;
};
struct hidden_walk hidden_walk_start(const bam1_t *b);
bool hidden_walk_next(struct hidden_walk *walk, int32_t *qpos, int32_t *len);

/* Extent with clips (S and H) laid out along the reference. */
void record_unclipped(const bam1_t *b, int64_t *beg, int64_t *end);

/* Bytes the record takes in memory, as the limits of bdiff.md §5 count them. */
size_t record_bytes(const bam1_t *b);

static inline int seq_nibble(const uint8_t *seq, int64_t i)
{
    return seq[i >> 1] >> ((~i & 1) << 2) & 0xf;
}

static inline void seq_set_nibble(uint8_t *seq, int64_t i, int nibble)
{
    int shift = (int)(~i & 1) << 2;
    seq[i >> 1] = (uint8_t)((seq[i >> 1] & ~(0xf << shift)) | nibble << shift);
}

/* 0..3 for the nibbles of A, C, G, T; -1 for the others. */
extern const int8_t base_of_nibble[16];
/* Nibble of base 0..3. */
extern const uint8_t nibble_of_base[4];

/* Clears the unused half byte behind an odd SEQ, so that equal records have equal bytes.
 */
void record_normalise(bam1_t *b);

/* Builds `out` from parts; aux is the tag bytes.  VL_ERR_MEMORY. */
int record_assemble(bam1_t *out, const bam1_core_t *core, const char *qname,
                    const uint32_t *cigar, uint32_t n_cigar, const uint8_t *seq,
                    const uint8_t *qual, const uint8_t *aux, size_t l_aux);

/* Exchanges two records, memory and all. */
void record_swap(bam1_t *a, bam1_t *b);

/* Gives the memory of an unusually long record back; its content is lost. */
void record_trim(bam1_t *b);

/* Replaces the tag bytes.  VL_ERR_MEMORY. */
int record_set_aux(bam1_t *b, const uint8_t *aux, size_t l_aux);

/* Adds the record to a running checksum: every field as htslib hands it out, except bin,
 * and the read group by its pseudonym (bdiff.md §5.2).  read_groups: original @RG IDs
 * (name index built); NULL: it has that name already.  `scratch` is reused. */
int record_check_add(const bam1_t *b, struct vl_contigs *read_groups,
                     struct vl_checksum *sum, struct vl_buf *scratch);

/* Adds the canonical form of a masked record (bdiff.md §6.4): without bin, MD and NM,
 * with tags sorted by name and integers widened.  `scratch` is reused. */
int record_masked_add(const bam1_t *b, struct vl_digest *digest, struct vl_buf *scratch);

/* An order of records by every field but bin. */
int record_compare(const bam1_t *a, const bam1_t *b);

/* Equal: all fields but bin, CIGAR, SEQ, QUAL, tag bytes. */
bool record_equal(const bam1_t *a, const bam1_t *b);

#endif
