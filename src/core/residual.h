/*
 * Residual windows: what must be added to a run of masked records to show the records
 * they came from, as the streams of bdiff.md §5, and back.
 *
 * The residual of a record is relative to its masked form and never refers to masked MD
 * or NM.
 */
#ifndef VARLOCK_CORE_RESIDUAL_H
#define VARLOCK_CORE_RESIDUAL_H

#include <htslib/sam.h>

#include "sites.h"
#include "varlock/bdiff.h"
#include "varlock/buf.h"
#include "varlock/contig.h"
#include "varlock/error.h"

/* Records that keep their memory when the array is emptied. */
struct record_array {
    bam1_t **v; /* owned, `cap` of them allocated */
    size_t n, cap;
};

/* Appends a record to be filled in; NULL without memory. */
bam1_t *record_array_add(struct record_array *array);
void record_array_clear(struct record_array *array);

struct window_records {
    struct record_array masked; /* in file order */
    struct record_array
        shown;           /* parallel to masked; meaningless where the grade is NONE */
    struct vl_buf grade; /* u8 a masked record: enum vl_grade */
    struct record_array whole; /* records that are not in the masked file */
    uint32_t *whole_place;     /* how many masked records stand before it; ascending */
    size_t cap_place;
    struct site_list sites; /* permutations at the sites these records cover, sorted */
    struct window_records
        *joined; /* memory of the join check, kept for the next window */
};

/* Notes a whole record behind the first `place` masked records, to be filled in by the
 * caller. */
bam1_t *window_records_add_whole(struct window_records *w, uint32_t place);
void window_records_reset(struct window_records *w);
void window_records_clear(struct window_records *w);

/* Calls visit for every shown and whole record in the order of the original file; stops
 * at the first negative result and returns it. `grade` is VL_GRADE_FULL for whole
 * records. */
typedef int (*window_visit_fn)(void *arg, const bam1_t *b, const bam1_t *masked,
                               int grade);
int window_records_visit(const struct window_records *w, window_visit_fn visit,
                         void *arg);

/* Appends the plaintext of the window (bdiff.md §5) after checking that it restores every
 * record: masked, shown, grade, whole and sites are given.  read_groups: original @RG IDs
 * in header order where the shown records have them, else NULL. */
int residual_encode(struct window_records *w, struct vl_contigs *read_groups,
                    struct vl_buf *plain, struct vl_error *err);

/* The reverse: masked is given, the rest is filled in.  VL_ERR_SEAL where the window does
 * not fit the masked records, or shows others than its checksum says. */
int residual_decode(struct window_records *w, const uint8_t *plain, size_t n,
                    struct vl_contigs *read_groups, struct vl_error *err);

/* The same from decoded streams, without comparing the checksum: *check is that of the
 * records found. */
int residual_join(struct window_records *w, const struct vl_bdiff_window *window,
                  struct vl_contigs *read_groups, uint8_t check[VL_CHECK_BYTES],
                  struct vl_error *err);

/* One tag of a template (bdiff.md §5.6). */
struct template_tag {
    char name[2];
    char type;
    char source; /* 's' stored, 'k' as in the masked record, 'p' predicted, 'm' read group
                    map */
};
enum { TEMPLATE_TAG_CHARS = 4, TEMPLATE_TAGS_MAX = 256 };
/* The tags are stored as one run of bytes: they are malformed, or more than a template
 * takes. */
#define TEMPLATE_RAW "*"

#endif
