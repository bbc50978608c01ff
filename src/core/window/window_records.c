#include "window/window_records.h"

#include <stdlib.h>
#include <string.h>

bam1_t *window_records_add_whole(struct window_records *w, uint32_t place,
                                 uint32_t ordinal)
{
    struct whole_place *v =
        vl_array_grow(w->whole_place, w->whole.n, &w->cap_place, sizeof *v);
    if (!v)
        return NULL;
    w->whole_place = v;
    w->whole_place[w->whole.n] = (struct whole_place){place, ordinal};
    return record_array_add(&w->whole);
}

void window_records_reset(struct window_records *w)
{
    record_array_reset(&w->masked);
    record_array_reset(&w->shown);
    record_array_reset(&w->whole);
    record_array_reset(&w->loose);
    vl_buf_reset(&w->grade);
    vl_buf_reset(&w->ordinal);
    vl_buf_reset(&w->quality_place);
    vl_buf_reset(&w->quality_tail);
    w->sites.n = 0;
    gap_list_reset(&w->gaps);
}

void window_records_clear(struct window_records *w)
{
    record_array_clear(&w->masked);
    record_array_clear(&w->shown);
    record_array_clear(&w->whole);
    record_array_clear(&w->loose);
    vl_buf_clear(&w->grade);
    vl_buf_clear(&w->ordinal);
    vl_buf_clear(&w->quality_place);
    vl_buf_clear(&w->quality_tail);
    free(w->whole_place);
    site_list_clear(&w->sites);
    gap_list_clear(&w->gaps);
    memset(w, 0, sizeof *w);
}
