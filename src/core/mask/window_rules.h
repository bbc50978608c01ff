/* Which window a record joins (bdiff.md §5). */
#ifndef VARLOCK_CORE_WINDOW_RULES_H
#define VARLOCK_CORE_WINDOW_RULES_H

#include "mask/mask_order.h"
#include "mask/mask_window.h"
#include "record/locus.h"

/* True if the window closes before the record.  Only masked records decide: `last` is
 * the place of the last one. */
bool window_is_full(const struct mask_window *window, const struct next_record *next,
                    const struct vl_locus *last);

/* True if the window takes another whole record. */
bool window_has_room(const struct mask_window *window, const bam1_t *whole);

/* Where the last records lie. */
struct last_places {
    struct locus_counter loci; /* counts masked records */
    struct vl_locus masked;    /* the last masked record */
    uint32_t contig;           /* of the last record */
};

/* Updates places, extents and sizes of the window for a record that is about to join. */
void window_note_place(struct mask_window *window, const struct next_record *next,
                       struct last_places *last);

#endif
