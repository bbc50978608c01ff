/*
 * What a masked record and its window tell of the original: the decoder starts from it,
 * the encoder stores what differs (bdiff.md §5.2 to §5.6).  Nothing here looks at the
 * original, but for its CIGAR, its position, and what was restored before.
 */
#ifndef VARLOCK_CORE_PREDICTION_H
#define VARLOCK_CORE_PREDICTION_H

#include <htslib/khash.h>
#include <htslib/sam.h>

#include "record/md.h"
#include "residual/window_reference.h"
#include "varlock/error.h"
#include "window/record_array.h"
#include "window/sites.h"

/* A stretch of SEQ that nothing predicts. */
struct literal {
    int32_t qpos;
    int32_t len;
};

/* Records by the name that the masked file shows. */
KHASH_DECLARE(by_name, kh_cstr_t, const bam1_t *)

struct prediction {
    /* of the window */
    int model; /* enum vl_mask_model */
    const struct record_array *masked;
    const struct site_list *sites;
    struct window_reference window; /* built when it is first needed */
    bool is_built;
    uint64_t n_deleted; /* bases looked up under deletions so far */
    khash_t(by_name) *
        pairs; /* records that differ from what is common, for their mates */
    /* of the record at hand */
    struct md_reference reference; /* under its bases; deleted letters */
    bool knows_reference;          /* of every aligned and deleted base */
    struct vl_buf literals;        /* struct literal, in order */
    struct vl_buf md, ops;
};

/* Begins with a window whose masked records and sites outlive it.  Begun again with the
 * same records and equal sites, it keeps the reference it has. */
void prediction_start(struct prediction *p, int model, const struct record_array *masked,
                      const struct site_list *sites);

/* The alignment that `core` and the CIGAR describe: its bases into p->reference.aligned
 * (anything where they are literals) and the literals.  `masked` is its masked form, NULL
 * for a whole record; same_cigar: it has the same CIGAR.  VL_ERR_MEMORY. */
VL_MUST_CHECK
int prediction_bases(struct prediction *p, const bam1_t *masked, bool same_cigar,
                     const bam1_core_t *core, const uint32_t *cigar, uint32_t n_cigar);

/* POS of the original with that CIGAR. */
int64_t prediction_pos(const struct prediction *p, const bam1_t *masked,
                       const uint32_t *cigar, uint32_t n_cigar);

/* RNEXT and PNEXT of the original, whose position, flag and CIGAR are those of b; mc is
 * its MC and masked_mc that of the masked record (NULL: none); `masked` as above. */
void prediction_mate(struct prediction *p, const bam1_t *masked, const char *masked_mc,
                     const bam1_t *b, const char *mc, int32_t *mtid, int64_t *mpos);

/* TLEN of the original, when RNEXT and PNEXT are b's as well. */
int64_t prediction_tlen(struct prediction *p, const bam1_t *masked, const bam1_t *b,
                        const char *mc);

/* Listed variants say what the record's bases are. */
bool prediction_uses_variants(const struct prediction *p, int grade);

/* Notes `b`, restored in full, where shape or template tell that its alignment or mate is
 * not what its masked form suggests: its own mate may be told by it.  Both stay where
 * they are as long as the window lasts.  1 where it was noted, else 0; VL_ERR_MEMORY. */
VL_MUST_CHECK
int prediction_remember(struct prediction *p, unsigned shape, const char *template,
                        const bam1_t *masked, const bam1_t *b);

/* The other end of the template among those noted; NULL where there is none. */
const bam1_t *prediction_mate_before(const struct prediction *p, const bam1_t *masked);

/* What that mate says of the record: RNEXT, PNEXT, TLEN, and its CIGAR by the mate's MC,
 * appended to `ops`; false where the mate has no good MC. */
bool prediction_by_mate(const bam1_t *mate, int32_t *mtid, int64_t *mpos, int64_t *tlen,
                        struct vl_buf *ops);

/* MD of the restored record, NUL-terminated in p->md; NULL where the reference is not
 * known, or without memory.  prediction_bases was about this record. */
const char *prediction_md(struct prediction *p, const bam1_t *b);

void prediction_clear(struct prediction *p);

#endif
