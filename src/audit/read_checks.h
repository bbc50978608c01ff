/* What single records show: MD and NM (A9), clips, parts and pairs that tell of
 * rearrangements (A15), bases of unmapped reads (A16). */
#ifndef VARLOCK_AUDIT_READ_CHECKS_H
#define VARLOCK_AUDIT_READ_CHECKS_H

#include <htslib/sam.h>

#include "record/md.h"
#include "reference_piece.h"
#include "varlock/audit.h"

struct read_checks {
    struct reference_piece *reference;
    int64_t max_insert;
    uint64_t n_records, n_aligned;
    uint64_t n_md, n_md_off; /* records with MD or NM; where it is another one */
    uint64_t n_clipped, n_parts, n_pairs, n_discordant;
    uint64_t n_spliced; /* records with an N in their CIGAR */
    uint64_t n_far;     /* mates that are further apart than max_insert */
    uint64_t n_unmapped, n_unmapped_shown;
    bool shows_quality;        /* QUAL has more than one value */
    bool shows_mapq;           /* MAPQ has others than 0 and 60 */
    int quality;               /* the first one; -1: none yet */
    struct md_reference under; /* the reference under the record */
    struct vl_buf md;
};

/* Counts a record. */
VL_MUST_CHECK
int read_checks_add(struct read_checks *checks, const bam1_t *b, struct vl_error *err);

VL_MUST_CHECK
int read_checks_report_tags(const struct read_checks *checks,
                            struct audit_report *report);
VL_MUST_CHECK
int read_checks_report_cues(const struct read_checks *checks,
                            struct audit_report *report);

void read_checks_clear(struct read_checks *checks);

#endif
