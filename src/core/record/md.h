/*
 * MD and NM (SAM optional fields specification): the reference bases an MD spells out
 * together with SEQ and CIGAR, and both tags anew for other bases over the same
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
    struct vl_buf aligned; /* packed like SEQ: the reference base under each base of it;
                              anything where a base is not aligned */
    struct vl_buf deleted; /* the deleted reference letters in order */
};

/* Reads the MD of an aligned record.  False where it contradicts SEQ and CIGAR, or where
 * a base that is `=` or N is called a match, which leaves the reference unknown. */
bool md_read(const bam1_t *b, const char *md, struct md_reference *reference);

/* Appends the MD text (no NUL) of the record's present bases over that reference; *nm is
 * the edit distance. */
void md_write(const bam1_t *b, const struct md_reference *reference, struct vl_buf *md,
              int64_t *nm);

/* The MD of a record all of whose aligned bases match, where its CIGAR deletes nothing:
 * the number of aligned bases; -1 where it deletes. */
int64_t md_all_match(const bam1_t *b);

/* NM as an MD text and the CIGAR imply it: mismatches, inserted and deleted bases. */
int64_t md_edit_distance(const bam1_t *b, const char *md);

/* The alignment's score as bwa mem counts it by default (1 for a match, -4 for a
 * mismatch, -6 for a gap and -1 for each of its bases), by an MD text and the CIGAR. */
int64_t md_score(const bam1_t *b, const char *md);

void md_reference_clear(struct md_reference *reference);

#endif
