/*
 * What a masked record and its window tell of the original (bdiff.md §5.2 to §5.6).  The
 * decoder starts from it; the encoder stores what differs.  Of the original, the code
 * here only uses the CIGAR, the position, and what was restored before.
 */
#ifndef VARLOCK_CORE_PREDICTION_H
#define VARLOCK_CORE_PREDICTION_H

#include <htslib/khash.h>
#include <htslib/sam.h>

#include "projection/moved_places.h"
#include "projection/shown_geometry.h"
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

/* Records by the name that the masked file shows.  The hash is kept, so that names, which
 * lie far apart, are rarely looked at. */
struct shown_name {
    const char *text;
    uint32_t hash;
};
KHASH_DECLARE(by_name, struct shown_name, const bam1_t *)

struct prediction {
    /* of the window */
    int model; /* enum vl_mask_model */
    const struct record_array *masked;
    const struct site_list *sites;
    const struct gap_list *gaps;
    const struct shown_geometry *geometry; /* NULL: not known */
    struct moved_places *places;           /* opened when it is first needed */
    struct window_reference window;        /* built when it is first needed */
    bool is_built;
    uint64_t n_deleted; /* bases looked up under deletions so far */
    khash_t(by_name) *
        pairs; /* records that differ from what is common, for their mates */
    const bam1_t *asked, *before; /* whose mate was looked up last, and that mate */
    /* of the record at hand */
    struct md_reference reference; /* under its bases; deleted letters */
    bool knows_reference;          /* of every aligned and deleted base */
    struct vl_buf literals;        /* struct literal, in order */
    struct vl_buf md, ops;
};

/* Starts a window, whose masked records, sites and gaps must outlive it.  If it starts
 * again with the same records and gaps, and equal sites, it keeps the reference it has.
 */
void prediction_start(struct prediction *p, int model, const struct record_array *masked,
                      const struct site_list *sites, const struct gap_list *gaps,
                      const struct shown_geometry *geometry);

/* Builds the window's reference before its gaps are known.  prediction_add_gaps tells
 * them; the window that prediction_start starts next must have the same records, sites
 * and gaps.  VL_ERR_MEMORY. */
VL_MUST_CHECK
int prediction_build(struct prediction *p, const struct record_array *masked,
                     const struct site_list *sites);
VL_MUST_CHECK
int prediction_add_gaps(struct prediction *p, const struct gap_list *gaps);

/* Predicts the bases of the alignment that `core` and the CIGAR describe.  Puts them into
 * p->reference.aligned and lists the literals, where the bases are undefined.  `masked`
 * is the masked form of the record, NULL for a whole record.  same_cigar: the masked form
 * has this CIGAR; if it has this POS too, its bases tell.  VL_ERR_MEMORY, or VL_ERR_DATA
 * without a message if gaps overlap what masked records cover. */
VL_MUST_CHECK
int prediction_bases(struct prediction *p, const bam1_t *masked, bool same_cigar,
                     const bam1_core_t *core, const uint32_t *cigar, uint32_t n_cigar);

/* POS of the original with that CIGAR.  If masking moved the record by a keyed shift,
 * this is where its masked form suggests, and prediction_start_places tells the rest. */
int64_t prediction_pos(struct prediction *p, const bam1_t *masked, const uint32_t *cigar,
                       uint32_t n_cigar);

/* Begins a walk over the places that masking moves onto the masked record's 5' end
 * *shown; it is empty if a keyed shift did not move the record.  VL_ERR_MEMORY. */
VL_MUST_CHECK
int prediction_start_places(struct prediction *p, const bam1_t *masked, int64_t *shown,
                            struct moved_walk *walk);

/* Predicts RNEXT and PNEXT of the original.  b has its position, flag and CIGAR, `masked`
 * is its masked form (NULL for a whole record).  mc is its MC and masked_mc the MC of its
 * masked form (NULL: none). */
void prediction_mate(struct prediction *p, const bam1_t *masked, const char *masked_mc,
                     const bam1_t *b, const char *mc, int32_t *mtid, int64_t *mpos);

/* Predicts TLEN of the original.  b also has its RNEXT and PNEXT. */
int64_t prediction_tlen(struct prediction *p, const bam1_t *masked, const char *masked_mc,
                        const bam1_t *b, const char *mc);

/* True if listed variants say what the record's bases are. */
bool prediction_uses_variants(const struct prediction *p);

/* Notes `b`, which is restored in full, if its shape or template tells that its alignment
 * or mate differs from what its masked form suggests: `b` may then tell its mate's
 * fields.  `masked` and `b` must stay in place while the window lasts.  1 if `b` was
 * noted, 0 if not, VL_ERR_MEMORY. */
VL_MUST_CHECK
int prediction_remember(struct prediction *p, unsigned shape, const char *template,
                        const bam1_t *masked, const bam1_t *b);

/* The other end of the template among the noted records.  NULL if it was not noted. */
const bam1_t *prediction_mate_before(struct prediction *p, const bam1_t *masked);

/* What the noted mate tells of the record: RNEXT, PNEXT and TLEN, and the record's CIGAR
 * from the mate's MC, appended to `ops`.  False if the mate has no valid MC. */
bool prediction_by_mate(const bam1_t *mate, int32_t *mtid, int64_t *mpos, int64_t *tlen,
                        struct vl_buf *ops);

/* MD of the restored record, NUL-terminated in p->md.  NULL if the reference is not known
 * or memory ran out.  The last call of prediction_bases must be about this record. */
const char *prediction_md(struct prediction *p, const bam1_t *b);

void prediction_clear(struct prediction *p);

#endif
