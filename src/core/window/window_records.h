/* The records of one window: masked records, how they are shown, whole records and loose
 * reads (bdiff.md §5). */
#ifndef VARLOCK_CORE_WINDOW_RECORDS_H
#define VARLOCK_CORE_WINDOW_RECORDS_H

#include <htslib/sam.h>
#include <stdbool.h>

#include "varlock/bdiff.h"
#include "varlock/buf.h"
#include "varlock/contig.h"
#include "varlock/error.h"
#include "varlock/region.h"
#include "window/gap_list.h"
#include "window/record_array.h"
#include "window/sites.h"

/* A record that is not in the masked file. */
struct whole_place {
    uint32_t place;   /* number of masked records before it; ascending */
    uint32_t ordinal; /* number among the original's records of its contig and position; 0
                         without has_order */
};

struct shown_geometry;

struct window_records {
    size_t n_contigs; /* of the file, to check contig numbers; 0: not checked */
    int model;        /* enum vl_mask_model; kept by _reset */
    bool has_order;   /* ordinals are known: the owner's file; kept by _reset */
    /* Ranges the caller will read (NULL: all).  Every record is checked.  If neither the
     * restored nor the masked form of a record touches these ranges, its grade then
     * becomes NONE and its memory is freed.  Kept by _reset. */
    const struct vl_ranges *wanted;
    /* How masking moved the records (NULL: not known, or not at all).  Kept by _reset. */
    const struct shown_geometry *geometry;
    struct record_array masked; /* in file order */
    struct record_array shown;  /* parallel to masked; undefined if the grade is NONE */
    struct vl_buf grade;        /* one u8 per masked record: enum vl_grade */
    struct vl_buf ordinal; /* u32 each: number among the original's records of the same
                              contig and position; empty without has_order */
    /* u32 for each masked record: the one that shows its string of qualities (bdiff.md
     * §5.11).  It is the record itself where the string is not dealt, or not known.
     * Empty: qualities are not dealt. */
    struct vl_buf quality_place;
    struct vl_buf
        quality_tail;   /* what was cut off these strings, in the records' order */
    bool stores_places; /* the window holds quality_place, because no key tells it; kept
                           by _reset */
    struct record_array whole;       /* records that are not in the masked file */
    struct whole_place *whole_place; /* parallel to whole */
    size_t cap_place;
    struct record_array
        loose;              /* pieces of reads, sorted by what they show; slices only */
    struct site_list sites; /* sites that these records cover, sorted */
    struct gap_list gaps;   /* reference bases that restored records need beside them */
};

/* Appends a whole record behind the first `place` masked records.  The caller fills it
 * in. */
VL_MUST_CHECK
bam1_t *window_records_add_whole(struct window_records *w, uint32_t place,
                                 uint32_t ordinal);
void window_records_reset(struct window_records *w);
void window_records_clear(struct window_records *w);

#endif
