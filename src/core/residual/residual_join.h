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
    size_t n_masked;   /* masked records restored so far */
    bool knows_places; /* the window's records tell the places of qualities */
    struct vl_buf own;
    /* of the record at hand */
    size_t quality_place;    /* the masked record that shows its string of qualities */
    const uint8_t *own_qual; /* that string, with its tail */
    const uint8_t *quality_tail; /* what is cut off there */
    size_t n_quality_tail;
    struct tag_list masked_tags;
    const char *md, *mc; /* NULL: none, or not text */
    bool has_mc;
    bool is_noted; /* the record is noted, and its mate will look at it */
    struct ordinals ordinals;
    uint64_t n_restored;    /* bytes of the records restored so far */
    uint64_t most_restored; /* most that masked records and streams can make */
    uint64_t n_masked_bases, n_gap_bases; /* of all masked records, and of the gaps: the
                                             window's reference has no more */
    int32_t whole_contig;                 /* of the last whole record */
    int64_t whole_pos0;
};

/* Begins with decoded streams, which must outlive *join.  The window's sites are
 * added to `sites` and its gaps to `gaps`, which may be those of `window`.
 * VL_ERR_SEAL. */
VL_MUST_CHECK
int residual_join_open(struct residual_join *join, const struct window_records *window,
                       struct site_list *sites, struct gap_list *gaps,
                       const struct vl_bdiff_window *streams,
                       const struct vl_names *read_groups, struct prediction *prediction,
                       struct vl_error *err);

/* Restores the next record into `shown`.  `masked` is NULL for a whole record or a loose
 * read.  *ordinal is 0 if the window has no order.  At grade NONE `shown` is not
 * changed.  `lasting` is the place where the restored record will stay as long as the
 * window.  VL_ERR_SEAL. */
VL_MUST_CHECK
int residual_join_next(struct residual_join *join, enum residual_kind kind,
                       const bam1_t *masked, bam1_t *shown, const bam1_t *lasting,
                       uint8_t *grade, uint32_t *ordinal, struct vl_error *err);

/* The place of the next whole record: 1, 0 if there are no more, VL_ERR_SEAL. */
VL_MUST_CHECK
int residual_join_place(struct residual_join *join, uint32_t *place,
                        struct vl_error *err);

/* The number of loose reads, which come behind all other records. */
size_t residual_join_n_loose(const struct residual_join *join);

/* VL_ERR_SEAL if the streams hold more than the records used. */
VL_MUST_CHECK
int residual_join_end(const struct residual_join *join, struct vl_error *err);
void residual_join_clear(struct residual_join *join);

/* Restores the record's tags by a template (bdiff.md §5.6), after all its other fields
 * but those of the mate.  It also notes the record's MC, which the mate fields need.
 * `mate` is the mate that tells the record's CIGAR, or NULL.  False if the template or
 * the values are malformed. */
bool residual_join_tags(struct residual_join *join, const bam1_t *masked,
                        const bam1_t *mate, const char *template, bam1_t *b);

#endif
