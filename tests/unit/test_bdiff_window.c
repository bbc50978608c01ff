#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "varlock/bdiff.h"
#include "varlock/frame.h"
#include "varlock/wire.h"

Suite *bdiff_window_suite(void);

static void add(struct vl_bdiff_window *w, uint32_t id, const void *bytes, size_t n)
{
    struct vl_buf *data = vl_bdiff_window_stream(w, id);
    ck_assert_ptr_ne(data, NULL);
    vl_buf_add(data, bytes, n);
}

/* Streams out of order, one of them empty, one large. */
static void fill(struct vl_bdiff_window *w)
{
    static const char LARGE[100000] = "nearly nothing but zeros";
    memset(w->check, 0x5a, sizeof w->check);
    add(w, vl_stream_of_tag("XA", 'Z'), "chr1,+1,10M,0;", 15);
    add(w, VL_STREAM_SHAPE, "\3\0\2", 3);
    add(w, VL_STREAM_PATCH_BASE, "", 0);
    add(w, VL_STREAM_QUAL, LARGE, sizeof LARGE);
    add(w, vl_stream_of_tag("AS", 'C'), "\7", 1);
}

/* The window of `fill`, encoded. */
static struct vl_buf encoded(struct vl_bdiff_window *w)
{
    struct vl_buf bytes = VL_BUF_INIT;
    fill(w);
    ck_assert_int_eq(vl_bdiff_window_encode(w, &bytes, NULL), 0);
    return bytes;
}

static void clear(struct vl_bdiff_window *w, struct vl_bdiff_window *back,
                  struct vl_buf *bytes)
{
    vl_bdiff_window_clear(w);
    vl_bdiff_window_clear(back);
    vl_buf_clear(bytes);
}

static int decode(struct vl_bdiff_window *back, const uint8_t *bytes, size_t n)
{
    uint8_t *copy = malloc(n ? n : 1);
    memcpy(copy, bytes, n);
    int rc = vl_bdiff_window_decode(back, copy, n, NULL);
    free(copy);
    if (rc < 0)
        ck_assert_uint_eq(back->n_streams, 0);
    return rc;
}

static void check_same(const struct vl_bdiff_window *a, const struct vl_bdiff_window *b)
{
    for (size_t i = 0; i < a->n_streams; i++) {
        struct vl_cursor c;
        vl_bdiff_window_read(b, a->streams[i].id, &c);
        ck_assert_uint_eq(vl_left(&c), a->streams[i].data.len);
        if (a->streams[i].data.len > 0)
            ck_assert_mem_eq(c.at, a->streams[i].data.data, a->streams[i].data.len);
    }
}

START_TEST(test_round_trip)
{
    struct vl_bdiff_window w = {0}, back = {0};
    struct vl_buf bytes = encoded(&w);
    struct vl_cursor c;
    ck_assert_int_eq(decode(&back, bytes.data, bytes.len), 0);
    ck_assert_mem_eq(back.check, w.check, sizeof w.check);
    ck_assert_uint_eq(back.n_streams, 4);
    for (size_t i = 1; i < back.n_streams; i++)
        ck_assert_uint_lt(back.streams[i - 1].id, back.streams[i].id);
    check_same(&w, &back);
    vl_bdiff_window_read(&back, VL_STREAM_CIGAR, &c);
    ck_assert_uint_eq(vl_left(&c), 0);
    clear(&w, &back, &bytes);
}
END_TEST

/* A window that is used again holds nothing of what it held before. */
START_TEST(test_reuse)
{
    struct vl_bdiff_window w = {0}, back = {0};
    struct vl_buf bytes = VL_BUF_INIT;
    fill(&w);
    vl_bdiff_window_reset(&w);
    ck_assert_int_eq(vl_bdiff_window_encode(&w, &bytes, NULL), 0);
    ck_assert_uint_eq(bytes.len, VL_CHECK_BYTES + 1);
    fill(&back);
    ck_assert_int_eq(decode(&back, bytes.data, bytes.len), 0);
    ck_assert_uint_eq(back.n_streams, 0);
    clear(&w, &back, &bytes);
}
END_TEST

START_TEST(test_truncated_or_longer)
{
    struct vl_bdiff_window w = {0}, back = {0};
    struct vl_buf bytes = encoded(&w);
    for (size_t n = 0; n < bytes.len; n++)
        ck_assert_int_eq(decode(&back, bytes.data, n), VL_ERR_SEAL);
    vl_buf_add_byte(&bytes, 0);
    ck_assert_int_eq(decode(&back, bytes.data, bytes.len), VL_ERR_SEAL);
    clear(&w, &back, &bytes);
}
END_TEST

/* Refused, or decoded to the same streams under other ids; zstd ignores some bits of a
 * frame. */
START_TEST(test_every_changed_byte)
{
    struct vl_bdiff_window w = {0}, back = {0};
    struct vl_buf bytes = encoded(&w);
    size_t table_end = VL_CHECK_BYTES + 1, n_accepted = 0;
    struct vl_cursor c = vl_cursor_over(bytes.data + table_end, bytes.len - table_end);
    for (int i = 0; i < 4; i++) {
        vl_get_u32(&c);
        vl_get_varint(&c);
        vl_get_varint(&c);
    }
    table_end = bytes.len - vl_left(&c);
    for (size_t at = VL_CHECK_BYTES; at < bytes.len; at++)
        for (unsigned change = 1; change < 256; change += at < table_end ? 1 : 31) {
            bytes.data[at] ^= (uint8_t)change;
            if (decode(&back, bytes.data, bytes.len) == 0) {
                ck_assert_uint_eq(back.n_streams, 4);
                if (at >= table_end)
                    check_same(&w, &back);
                n_accepted++;
            }
            vl_bdiff_window_clear(&back);
            bytes.data[at] ^= (uint8_t)change;
        }
    ck_assert_uint_gt(n_accepted, 0);
    clear(&w, &back, &bytes);
}
END_TEST

struct row {
    uint32_t id;
    uint64_t size;       /* as the table says */
    size_t content;      /* as the frame has */
    int64_t frame_added; /* to the true size of the frame */
};

static int decode_table(const struct row *rows, size_t n, uint64_t n_streams)
{
    static const uint8_t CONTENT[16];
    struct vl_buf frames = VL_BUF_INIT, bytes = VL_BUF_INIT;
    struct vl_bdiff_window back = {0};
    vl_put_u64(&bytes, 0);
    vl_put_varint(&bytes, n_streams);
    for (size_t i = 0; i < n; i++) {
        size_t before = frames.len;
        ck_assert_int_eq(vl_frame_compress(CONTENT, rows[i].content, 1, &frames, NULL),
                         0);
        vl_put_u32(&bytes, rows[i].id);
        vl_put_varint(&bytes, rows[i].size);
        vl_put_varint(&bytes,
                      (uint64_t)((int64_t)(frames.len - before) + rows[i].frame_added));
    }
    vl_buf_add(&bytes, frames.data, frames.len);
    int rc = decode(&back, bytes.data, bytes.len);
    vl_bdiff_window_clear(&back);
    vl_buf_clear(&bytes);
    vl_buf_clear(&frames);
    return rc;
}

START_TEST(test_malformed_tables)
{
    static const struct {
        const char *what;
        struct row rows[2];
        uint64_t n_streams;
        int rc;
    } CASES[] = {
        {"valid", {{1, 3, 3, 0}, {2, 4, 4, 0}}, 2, 0},
        {"unsorted", {{2, 3, 3, 0}, {1, 4, 4, 0}}, 2, VL_ERR_SEAL},
        {"twice", {{2, 3, 3, 0}, {2, 4, 4, 0}}, 2, VL_ERR_SEAL},
        {"stream 0", {{0, 3, 3, 0}, {2, 4, 4, 0}}, 2, VL_ERR_SEAL},
        {"empty stream", {{1, 3, 3, 0}, {2, 0, 0, 0}}, 2, VL_ERR_SEAL},
        {"shorter than said", {{1, 4, 3, 0}, {2, 4, 4, 0}}, 2, VL_ERR_SEAL},
        {"longer than said", {{1, 2, 3, 0}, {2, 4, 4, 0}}, 2, VL_ERR_SEAL},
        {"frame cut", {{1, 3, 3, -1}, {2, 4, 4, 0}}, 2, VL_ERR_SEAL},
        {"frame too long", {{1, 3, 3, 0}, {2, 4, 4, 1}}, 2, VL_ERR_SEAL},
        {"frame of 2^62", {{1, 3, 3, 0}, {2, 4, 4, INT64_MAX / 2}}, 2, VL_ERR_SEAL},
        {"over the limit", {{1, 3, 3, 0}, {2, (1u << 30) + 1, 4, 0}}, 2, VL_ERR_SEAL},
        {"over it in sum", {{1, 3, 3, 0}, {2, 1u << 30, 4, 0}}, 2, VL_ERR_SEAL},
        {"too many said", {{1, 3, 3, 0}, {2, 4, 4, 0}}, 3, VL_ERR_SEAL},
        {"too few said", {{1, 3, 3, 0}, {2, 4, 4, 0}}, 1, VL_ERR_SEAL},
        {"65,537 said", {{1, 3, 3, 0}, {2, 4, 4, 0}}, 65537, VL_ERR_SEAL},
        {"2^64 - 1 said", {{1, 3, 3, 0}, {2, 4, 4, 0}}, UINT64_MAX, VL_ERR_SEAL},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
        ck_assert_msg(decode_table(CASES[i].rows, 2, CASES[i].n_streams) == CASES[i].rc,
                      "%s", CASES[i].what);
}
END_TEST

/* Opened without unpacking: what is not touched stays byte for byte, what is dropped or
 * changed is written so. */
START_TEST(test_open_and_change)
{
    struct vl_bdiff_window w = {0}, open = {0}, back = {0};
    struct vl_buf bytes = encoded(&w), again = VL_BUF_INIT;
    uint32_t first = w.streams[0].id, last = w.streams[w.n_streams - 1].id;
    size_t n_first = w.streams[0].data.len;
    struct vl_cursor c;
    ck_assert_int_eq(vl_bdiff_window_open(&open, bytes.data, bytes.len, NULL), 0);
    vl_bdiff_window_read(&open, first, &c);
    ck_assert_uint_eq(vl_left(&c), 0);
    ck_assert_uint_eq(vl_bdiff_window_content_bytes(&open, first), n_first);
    ck_assert_int_eq(vl_bdiff_window_unpack(&open, first, NULL), 0);
    ck_assert_int_eq(vl_bdiff_window_unpack(&open, VL_STREAM_CIGAR, NULL), 0);
    vl_bdiff_window_read(&open, first, &c);
    ck_assert_uint_eq(vl_left(&c), n_first);
    ck_assert_mem_eq(c.at, w.streams[0].data.data, n_first);
    ck_assert_int_eq(vl_bdiff_window_encode(&open, &again, NULL), 0);
    ck_assert_uint_eq(again.len, bytes.len);
    ck_assert_mem_eq(again.data, bytes.data, bytes.len);

    vl_buf_add_byte(vl_bdiff_window_stream(&open, first), 7);
    vl_buf_reset(vl_bdiff_window_stream(&open, last));
    vl_buf_reset(&again);
    ck_assert_int_eq(vl_bdiff_window_encode(&open, &again, NULL), 0);
    ck_assert_int_eq(decode(&back, again.data, again.len), 0);
    ck_assert_uint_eq(back.n_streams, 3);
    vl_buf_add_byte(&w.streams[0].data, 7);
    vl_buf_reset(&w.streams[w.n_streams - 1].data);
    check_same(&w, &back);
    vl_buf_clear(&again);
    vl_bdiff_window_clear(&open);
    clear(&w, &back, &bytes);
}
END_TEST

/* The last byte is that of a frame's checksum. */
START_TEST(test_open_damaged)
{
    struct vl_bdiff_window w = {0}, open = {0};
    struct vl_buf bytes = encoded(&w);
    bytes.data[bytes.len - 1] ^= 1;
    ck_assert_int_eq(vl_bdiff_window_open(&open, bytes.data, bytes.len, NULL), 0);
    uint32_t first = open.streams[0].id, last = open.streams[open.n_streams - 1].id;
    ck_assert_int_eq(vl_bdiff_window_unpack(&open, first, NULL), 0);
    ck_assert_int_eq(vl_bdiff_window_unpack(&open, last, NULL), VL_ERR_SEAL);
    clear(&w, &open, &bytes);
}
END_TEST

/* bdiff.md §5.1: 2^31 + a * 2^16 + b * 2^8 + t. */
START_TEST(test_tag_streams)
{
    ck_assert_uint_eq(vl_stream_of_tag("AS", 'C'), 0x80415343);
    ck_assert_uint_eq(vl_stream_of_tag("SA", 'C'), 0x80534143);
    ck_assert_uint_eq(vl_stream_of_tag("AS", 'c'), 0x80415363);
    ck_assert_uint_gt(vl_stream_of_tag("!!", '!'), VL_STREAM_FIXED_END);
}
END_TEST

Suite *bdiff_window_suite(void)
{
    Suite *suite = suite_create("bdiff_window");
    TCase *tc = tcase_create("bdiff_window");
    tcase_add_test(tc, test_round_trip);
    tcase_add_test(tc, test_reuse);
    tcase_add_test(tc, test_truncated_or_longer);
    tcase_add_test(tc, test_every_changed_byte);
    tcase_add_test(tc, test_malformed_tables);
    tcase_add_test(tc, test_open_and_change);
    tcase_add_test(tc, test_open_damaged);
    tcase_add_test(tc, test_tag_streams);
    suite_add_tcase(suite, tc);
    return suite;
}
