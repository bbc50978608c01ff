/*
 * Residual windows: what must be added to a run of masked records to show the records
 * they came from, as the streams of bdiff.md §5, and back.
 *
 * The residual of a record is relative to its masked form and never refers to masked MD
 * or NM.
 */
#ifndef VARLOCK_CORE_WINDOW_RECORDS_H
#define VARLOCK_CORE_WINDOW_RECORDS_H

#include <htslib/sam.h>
#include <stdbool.h>

#include "varlock/bdiff.h"
#include "varlock/buf.h"
#include "varlock/contig.h"
#include "varlock/error.h"
#include "varlock/region.h"
#include "window/record_array.h"
#include "window/sites.h"

/* A record that is not in the masked file. */
struct whole_place {
    uint32_t place;   /* how many masked records stand before it; ascending */
    uint32_t ordinal; /* as below */
};

struct window_records {
    int model;      /* enum vl_mask_model; kept by _reset */
    bool has_order; /* ordinals are known: the owner's file under synth; kept */
    /* Those of whom the restored or the masked record touches these are all that will be
     * looked at; the grade of others becomes NONE once they are checked, which saves
     * their memory.  NULL: all; kept by _reset. */
    const struct vl_ranges *wanted;
    struct record_array masked; /* in file order */
    struct record_array
        shown;             /* parallel to masked; meaningless where the grade is NONE */
    struct vl_buf grade;   /* u8 a masked record: enum vl_grade */
    struct vl_buf ordinal; /* u32 a masked record: number among the original's records of
                              the same contig and position; empty without has_order */
    struct record_array whole;       /* records that are not in the masked file */
    struct whole_place *whole_place; /* parallel to whole */
    size_t cap_place;
    struct site_list sites; /* what these records show at sites, sorted */
};

/* Notes a whole record behind the first `place` masked records, to be filled in by the
 * caller. */
bam1_t *window_records_add_whole(struct window_records *w, uint32_t place,
                                 uint32_t ordinal);
void window_records_reset(struct window_records *w);
void window_records_clear(struct window_records *w);

/* Appends the plaintext of the window (bdiff.md §5) after checking that it restores every
 * record: masked, shown, grade, whole and sites are given.  read_groups: original @RG IDs
 * in header order where the shown records have them, else NULL. */
int residual_encode(struct window_records *w, struct vl_contigs *read_groups,
                    struct vl_buf *plain, struct vl_error *err);

/* The reverse: masked is given, the rest is filled in.  VL_ERR_SEAL where the window does
 * not fit the masked records, or shows others than its checksum says. */
int residual_decode(struct window_records *w, const uint8_t *plain, size_t n,
                    struct vl_contigs *read_groups, struct vl_error *err);

/* One tag of a template (bdiff.md §5.6). */
struct template_tag {
    char name[2];
    char type;
    char source; /* 's' stored, 'k' as in the masked record, 'p' predicted, 'm' read group
                    map, 'q' the masked record's QUAL */
};
enum { TEMPLATE_TAG_CHARS = 4, TEMPLATE_TAGS_MAX = 256 }; /* TAG_LIST_MAX */
/* The tags are stored as one run of bytes: they are malformed, or more than a template
 * takes. */
#define TEMPLATE_RAW "*"

#endif
