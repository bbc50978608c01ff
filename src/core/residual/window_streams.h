/*
 * Reads the streams of a BDIFF window (bdiff.md §5) side by side, for residual_decode.c
 * and for the view.  It rejects whatever is malformed without regard to the masked
 * records.
 */
#ifndef VARLOCK_CORE_WINDOW_STREAMS_H
#define VARLOCK_CORE_WINDOW_STREAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "varlock/bdiff.h"
#include "varlock/error.h"
#include "varlock/wire.h"
#include "window/gap_list.h"
#include "window/sites.h"

/* A base that differs from its prediction. */
struct patch {
    uint32_t rank; /* rank of the base in the record, by quality and index */
    uint8_t nibble;
};

/* What the streams hold about one record, except for the values of its tags.  Valid until
 * the next record is read. */
struct residual_item {
    unsigned shape;
    const uint32_t *cigar; /* with VL_SHAPE_CIGAR */
    uint32_t n_cigar;
    const uint8_t *hidden; /* with VL_SHAPE_HIDDEN: nibbles, one a byte */
    size_t n_hidden;
    const struct patch *patches; /* with VL_SHAPE_PATCHES; ranks ascend */
    size_t n_patches;
    uint8_t mapq;
    int64_t mate_contig, mate_pos,
        mate_tlen;       /* with VL_SHAPE_MATE: minus their prediction */
    int64_t pos;         /* with VL_SHAPE_POS: minus its prediction */
    const uint8_t *qual; /* with VL_SHAPE_QUAL */
    size_t n_qual;
    int64_t quality_place; /* of a masked record with has_places: minus its number */
    const char *name;      /* with VL_SHAPE_NAME */
    int64_t order;         /* ordinal minus its prediction */
    const char *tags;      /* template; NULL at grade NONE */
    /* whole records and loose reads only */
    int64_t contig_step, pos_step;
    uint16_t flag;
    int32_t l_seq;
};

/* Reads bits, eight a byte, the first one lowest. */
struct bit_reader {
    unsigned bits; /* of the last byte, still to come */
    int n;
};

struct window_streams {
    const struct vl_bdiff_window *window;
    struct vl_cursor fixed[VL_STREAM_FIXED_END]; /* by enum vl_stream_id */
    struct vl_cursor *tags; /* owned; one per stream of the window, in its order */
    const char **templates; /* owned; by number; the texts are in the window's memory */
    size_t n_templates;
    unsigned *shapes; /* owned; by number, the common one first */
    size_t n_shapes;
    uint64_t common_template;
    int n_quality;      /* bases of this quality are predicted as N; -1: none */
    uint64_t n_common;  /* records of the common shape still to come in this run */
    uint64_t n_orderly; /* records until the next one that is out of order */
    struct site site;   /* site read last */
    bool has_site;      /* a site has been read */
    bool has_places;    /* the window tells whose QUAL is that of a restored record */
    bool has_mates;     /* some masked records have mate fields */
    struct bit_reader low, mates;         /* of VL_STREAM_MATE_LOW, VL_STREAM_HAS_MATE */
    uint64_t place;                       /* place of the whole record read last */
    uint64_t n_whole;                     /* whole records read so far */
    uint64_t n_loose;                     /* loose reads, behind all other records */
    struct vl_buf cigar, patches, hidden; /* of the item read last */
};

/* Begins to read a window, which must outlive *s.  VL_ERR_SEAL if the shapes or the
 * templates are malformed. */
VL_MUST_CHECK
int window_streams_open(struct window_streams *s, const struct vl_bdiff_window *window,
                        struct vl_error *err);

/* What kind of record comes next: the caller knows. */
enum residual_kind { RESIDUAL_MASKED, RESIDUAL_WHOLE, RESIDUAL_LOOSE };

/* Reads what the streams hold about the next record.  VL_ERR_SEAL (no message) if it is
 * malformed. */
VL_MUST_CHECK
int window_streams_next_item(struct window_streams *s, enum residual_kind kind,
                             struct residual_item *item);

/* The values of the tags with that name and type.  NULL if the window has none. */
struct vl_cursor *window_streams_of_tag(struct window_streams *s,
                                        const char name[static 2], char type);

/* _next_site and _next_variant read the next site or variant (bdiff.md §5.3).
 * _next_place reads how many of n_masked records come before the next whole record
 * (§5.7).  1, 0 at the end, VL_ERR_SEAL (no message) if it is malformed.  All sites must
 * be read before the first variant. */
VL_MUST_CHECK
int window_streams_next_site(struct window_streams *s, struct site *site);
VL_MUST_CHECK
int window_streams_next_variant(struct window_streams *s, struct site *site);
VL_MUST_CHECK
int window_streams_next_place(struct window_streams *s, size_t n_masked, uint32_t *place);

/* Reads all gaps (bdiff.md §5.3).  VL_ERR_SEAL (no message), VL_ERR_MEMORY. */
VL_MUST_CHECK
int window_streams_get_gaps(struct window_streams *s, struct gap_list *gaps);

/* True if every stream was read to its end. */
bool window_streams_are_used_up(const struct window_streams *s);

void window_streams_clear(struct window_streams *s);

#endif
