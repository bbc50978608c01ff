#include "fuzz.h"
#include "residual/window_streams.h"
#include "sealed_file.h"

/* What the view does: all sites, variants, places and records. */
static void read_streams(const struct vl_bdiff_window *window, uint32_t n_records)
{
    struct window_streams s;
    struct residual_item item;
    struct site site;
    struct vl_error err;
    uint32_t place = 0;
    int more = window_streams_open(&s, window, &err);
    if (more < 0)
        return;
    while (more >= 0 && (more = window_streams_next_site(&s, &site)) > 0)
        ;
    while (more >= 0 && (more = window_streams_next_variant(&s, &site)) > 0)
        ;
    if (more == 0)
        more = window_streams_next_place(&s, n_records, &place);
    for (uint32_t i = 0; more >= 0 && i <= n_records; i++) {
        for (; more > 0 && place == i;
             more = window_streams_next_place(&s, n_records, &place))
            if (window_streams_next_item(&s, true, &item) < 0)
                break;
        if (i < n_records && window_streams_next_item(&s, false, &item) < 0)
            break;
    }
    window_streams_are_used_up(&s);
    window_streams_clear(&s);
}

/* Input: u8 masked records, then u8 0 and the plaintext of a BDIFF's window, or u8 1, a
 * check and streams as sealed_pack_window takes them: what compresses them is not what is
 * looked for. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct vl_cursor c = vl_cursor_over(bytes, n);
    struct vl_bdiff_window window = {0};
    struct vl_buf plain = VL_BUF_INIT;
    struct vl_error err;
    uint32_t n_records = vl_get_u8(&c);
    if (vl_get_u8(&c) == 1)
        sealed_pack_window(&c, &plain);
    else
        vl_buf_add(&plain, c.at, vl_left(&c));
    if (vl_bdiff_window_decode(&window, plain.data, plain.len, &err) == 0)
        read_streams(&window, n_records);
    vl_bdiff_window_clear(&window);
    vl_buf_clear(&plain);
    return 0;
}
