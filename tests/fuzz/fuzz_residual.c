#include <string.h>

#include "fuzz.h"
#include "residual/prediction.h"
#include "residual/residual_join.h"
#include "residual_records.h"
#include "varlock/wire.h"
#include "window/gap_list.h"
#include "window/record_array.h"
#include "window/sites.h"
#include "window/window_records.h"

/* Restores the records one by one, as residual_decode does. */
static int restore(const struct window_records *w, const struct vl_bdiff_window *streams,
                   const struct vl_names *groups)
{
    struct residual_join join = {0};
    struct prediction prediction = {0};
    struct site_list sites = {0};
    struct gap_list gaps = {0};
    struct record_array shown = {0};
    struct vl_error err;
    uint8_t grade;
    uint32_t ordinal, place = 0;
    int more = 0, rc = residual_join_open(&join, w, &sites, &gaps, streams, groups,
                                          &prediction, &err);
    for (size_t i = 0; rc == 0 && i <= w->masked.n; i++) {
        while (rc == 0 &&
               (more || (more = residual_join_place(&join, &place, &err)) > 0) &&
               place == i) {
            bam1_t *b = record_array_add(&shown);
            rc = residual_join_next(&join, RESIDUAL_WHOLE, NULL, b, b, &grade, &ordinal,
                                    &err);
            more = 0;
        }
        bam1_t *b = i < w->masked.n && more >= 0 ? record_array_add(&shown) : NULL;
        if (rc == 0 && b)
            rc = residual_join_next(&join, RESIDUAL_MASKED, w->masked.v[i], b, b, &grade,
                                    &ordinal, &err);
        if (more < 0)
            rc = more;
    }
    for (size_t i = rc == 0 ? residual_join_n_loose(&join) : 0; rc == 0 && i > 0; i--) {
        bam1_t *b = record_array_add(&shown);
        rc =
            residual_join_next(&join, RESIDUAL_LOOSE, NULL, b, b, &grade, &ordinal, &err);
    }
    if (rc == 0)
        rc = residual_join_end(&join, &err);
    residual_join_clear(&join);
    prediction_clear(&prediction);
    site_list_clear(&sites);
    gap_list_clear(&gaps);
    record_array_clear(&shown);
    return rc;
}

/* Input: u8 masking, 16 more where there are ordinals, 32 where a key tells the places of
 * qualities; then of each stream of a window
 * u32 id, u32 size and its bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct vl_cursor c = vl_cursor_over(bytes, n);
    struct vl_bdiff_window streams = {0};
    struct vl_names groups = {0};
    unsigned kind = vl_get_u8(&c);
    struct window_records w = {.model = kind & 1 ? VL_MASK_PERMUTE : VL_MASK_SYNTH,
                               .has_order = kind & 16};
    sam_hdr_t *header = sam_hdr_parse(strlen(RESIDUAL_HEADER), RESIDUAL_HEADER);
    while (vl_left(&c) > 0 && !c.bad) {
        uint32_t id = vl_get_u32(&c);
        size_t size = vl_get_u32(&c);
        c.bad |= size == 0; /* vl_bdiff_window_decode would not let it pass */
        const uint8_t *data = vl_get_bytes(&c, size);
        struct vl_buf *stream = data ? vl_bdiff_window_stream(&streams, id) : NULL;
        if (stream)
            vl_buf_add(stream, data, size);
    }
    if (kind & 32)
        vl_buf_add(&w.quality_place, QUALITY_PLACES, sizeof QUALITY_PLACES);
    if (!c.bad && residual_records_masked(&w, header) == 0 &&
        vl_names_add(&groups, "lane") == 0)
        restore(&w, &streams, &groups);
    vl_bdiff_window_clear(&streams);
    window_records_clear(&w);
    vl_names_clear(&groups);
    sam_hdr_destroy(header);
    return 0;
}
