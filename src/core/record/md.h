/*
 * MD and NM (SAM optional fields specification).  SEQ, CIGAR and MD together give the
 * reference bases.  From these, both tags are computed for other bases over the same
 * reference, as `samtools calmd` would write them.
 */
#ifndef VARLOCK_CORE_MD_H
#define VARLOCK_CORE_MD_H

#include <htslib/sam.h>
#include <stdbool.h>
#include <stdint.h>

#include "varlock/buf.h"

/* The reference under an alignment. */
struct md_reference {
    struct vl_buf aligned; /* packed like SEQ: the reference base under each base of SEQ;
                              undefined where a base is not aligned */
    struct vl_buf deleted; /* the deleted reference letters in order */
};

/* Reads the MD of an aligned record.  False if it contradicts SEQ and CIGAR, or if it
 * calls a base that is `=` or N a match, because the reference is then unknown. */
bool md_read(const bam1_t *b, const char *md, struct md_reference *reference);

/* Appends the MD text (no NUL) of the record's current bases over that reference.  *nm
 * becomes the edit distance. */
void md_write(const bam1_t *b, const struct md_reference *reference, struct vl_buf *md,
              int64_t *nm);

/* The MD of a record whose aligned bases all match and whose CIGAR has no deletion: the
 * number of aligned bases.  -1 if the CIGAR has a deletion. */
int64_t md_all_match(const bam1_t *b);

/* NM computed from an MD text and the CIGAR: the number of mismatched, inserted and
 * deleted bases. */
int64_t md_edit_distance(const bam1_t *b, const char *md);

/* Alignment score computed from an MD text and the CIGAR with bwa mem's default scores: 1
 * for a match, -4 for a mismatch, -6 for a gap and -1 for each of its bases. */
int64_t md_score(const bam1_t *b, const char *md);

void md_reference_clear(struct md_reference *reference);

#endif
