/* Restoring the records of a window one by one, in the order of its places. */
#ifndef VARLOCK_CORE_RESIDUAL_JOIN_H
#define VARLOCK_CORE_RESIDUAL_JOIN_H

#include "record/tags.h"
#include "residual/ordinals.h"
#include "residual/prediction.h"
#include "residual/window_streams.h"
#include "varlock/error.h"
#include "window/sites.h"
#include "window/window_records.h"

struct residual_join {
    struct window_streams streams;
    struct prediction *prediction; /* memory for the records at hand; the caller's */
    const struct vl_names *read_groups;
    const struct window_records *window; /* masked, model and has_order are read */
    struct site_list variants;
    struct vl_buf aux, order, ops;
    /* of the record at hand */
    struct tag_list masked_tags;
    const char *md, *mc; /* NULL: none, or not text */
    bool has_mc;
    bool is_noted; /* for its mate, which will look at it */
    struct ordinals ordinals;
    uint64_t n_restored;    /* bytes of the records restored so far */
    uint64_t most_restored; /* what masked records and streams can make */
    uint64_t
        n_masked_bases;   /* of all masked records: the window's reference has no more */
    int32_t whole_contig; /* of the whole record before */
    int64_t whole_pos0;
};

/* Begins with decoded streams, which outlive *join; the sites go to `sites`, those of
 * `window`.  VL_ERR_SEAL. */
VL_MUST_CHECK
int residual_join_open(struct residual_join *join, const struct window_records *window,
                       struct site_list *sites, const struct vl_bdiff_window *streams,
                       const struct vl_names *read_groups, struct prediction *prediction,
                       struct vl_error *err);

/* Restores the next masked record, or (masked NULL) the next whole one, into `shown`;
 * *ordinal is 0 where the window has no order.  At grade NONE `shown` is left as it was.
 * `lasting` is the same record where it stays as long as the window does.  VL_ERR_SEAL.
 */
VL_MUST_CHECK
int residual_join_next(struct residual_join *join, const bam1_t *masked, bam1_t *shown,
                       const bam1_t *lasting, uint8_t *grade, uint32_t *ordinal,
                       struct vl_error *err);

/* Where the next whole record stands: 1, 0 where there are no more, VL_ERR_SEAL. */
VL_MUST_CHECK
int residual_join_place(struct residual_join *join, uint32_t *place,
                        struct vl_error *err);

/* VL_ERR_SEAL where something is left over. */
VL_MUST_CHECK
int residual_join_end(const struct residual_join *join, struct vl_error *err);
void residual_join_clear(struct residual_join *join);

/* The record's tags by a template (bdiff.md §5.6), when all else but its mate fields is
 * restored; also notes its MC for those.  `mate` is the one that tells its CIGAR or NULL.
 * False where template or values are malformed. */
bool residual_join_tags(struct residual_join *join, const bam1_t *masked,
                        const bam1_t *mate, const char *template, bam1_t *b);

#endif
