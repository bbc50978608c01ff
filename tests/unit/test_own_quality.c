/* Dealt qualities in a window: bdiff.md §5.11. */
#include "residual/own_quality.h"
#include "residual/residual.h"
#include "residual_fixture.h"

Suite *own_quality_suite(void);

static const char *const ORIGINALS[] = {
    "a 0 c0 101 60 4M * 0 0 ACGT ABCD OQ:Z:ABCD",
    "b 0 c0 102 60 6M * 0 0 ACGTAC EFGHIJ RG:Z:lane_1",
    "c 0 c0 103 60 2M * 0 0 AC KL OQ:Z:KM",
    "d 16 c0 104 60 3M * 0 0 ACG MNO",
    "e 16 c0 105 60 5M * 0 0 ACGTA PQRST",
    "f 0 c0 106 60 3M * 0 0 ACG UVW", /* not dealt, and another QUAL is shown */
};
enum { N = sizeof ORIGINALS / sizeof *ORIGINALS };
/* Whose string each of them shows, cut and filled. */
static const char *const SHOWN[N] = {"EFGH", "KLLLLL", "AB", "RST", "MMMNO", "???"};
static const uint32_t PLACES[N] = {2, 0, 1, 4, 3, 5};
static const char TAILS[] = "CDIJPQ"; /* of a, b and e */

static struct window_records w;

static void open_window(void)
{
    make_groups();
    w = window_of(ORIGINALS, N, NULL, 0);
    vl_buf_add(&w.quality_place, PLACES, sizeof PLACES);
    for (const char *tail = TAILS; *tail; tail++)
        vl_buf_add_byte(&w.quality_tail, (uint8_t)(*tail - 33));
    for (size_t i = 0; i < N; i++)
        for (size_t k = 0; SHOWN[i][k]; k++)
            bam_get_qual(w.masked.v[i])[k] = (uint8_t)(SHOWN[i][k] - 33);
}

static void close_window(void)
{
    window_records_clear(&w);
    clear_groups();
}

/* The streams of the window, to be changed. */
static struct vl_bdiff_window streams_of(struct window_records *from)
{
    struct vl_buf plain = encoded(from, &groups);
    struct vl_bdiff_window window = {0};
    ck_assert_int_eq(vl_bdiff_window_decode(&window, plain.data, plain.len, NULL), 0);
    vl_buf_clear(&plain);
    return window;
}

static size_t bytes_of(const struct vl_bdiff_window *window, uint32_t id)
{
    return vl_bdiff_window_content_bytes(window, id);
}

/* The places are in the window, or the reader knows them. */
START_TEST(test_back)
{
    struct window_records back;
    struct vl_error err = {0};
    w.stores_places = _i == 1;
    struct vl_bdiff_window window = streams_of(&w);
    ck_assert_uint_eq(bytes_of(&window, VL_STREAM_QUAL_PLACE), _i ? N : 0);
    ck_assert_uint_eq(bytes_of(&window, VL_STREAM_QUAL_TAIL), strlen(TAILS));
    /* Only f's QUAL is stored, and no OQ but that of c. */
    ck_assert_uint_eq(bytes_of(&window, VL_STREAM_QUAL), 4);
    ck_assert_uint_eq(bytes_of(&window, vl_stream_of_tag("OQ", 'Z')), 3);
    struct vl_buf plain = VL_BUF_INIT;
    ck_assert_int_eq(vl_bdiff_window_encode(&window, &plain, NULL), 0);
    back = masked_only(&w);
    if (_i == 0)
        vl_buf_add(&back.quality_place, PLACES, sizeof PLACES);
    ck_assert_int_eq(residual_decode(&back, plain.data, plain.len, &groups, &err), 0);
    ck_assert(same_window(&back, &w));
    ck_assert_mem_eq(back.quality_place.data, PLACES, sizeof PLACES);
    ck_assert_uint_eq(back.quality_tail.len, strlen(TAILS));
    ck_assert_mem_eq(back.quality_tail.data, w.quality_tail.data, strlen(TAILS));
    window_records_clear(&back);
    vl_buf_clear(&plain);
    vl_bdiff_window_clear(&window);
}
END_TEST

/* A slice holds the places and tails of what it restores. */
START_TEST(test_slice)
{
    struct window_records back;
    w.grade.data[0] = w.grade.data[3] = w.grade.data[5] = VL_GRADE_NONE;
    w.grade.data[1] = VL_GRADE_FULL;
    w.stores_places = true;
    struct vl_bdiff_window window = streams_of(&w);
    ck_assert_uint_eq(bytes_of(&window, VL_STREAM_QUAL_PLACE), 3);
    ck_assert_uint_eq(bytes_of(&window, VL_STREAM_QUAL_TAIL), 4);
    ck_assert_int_eq(decode_streams(&w, &window, &back, NULL), 0);
    ck_assert(same_window(&back, &w));
    /* Cut again, with fewer records. */
    back.grade.data[1] = VL_GRADE_NONE;
    back.stores_places = true;
    struct vl_bdiff_window less = streams_of(&back);
    ck_assert_uint_eq(bytes_of(&less, VL_STREAM_QUAL_PLACE), 2);
    ck_assert_uint_eq(bytes_of(&less, VL_STREAM_QUAL_TAIL), 2);
    vl_bdiff_window_clear(&less);
    vl_bdiff_window_clear(&window);
    window_records_clear(&back);
}
END_TEST

static const struct {
    uint32_t stream;
    int64_t value; /* of the last one; 99: it is missing */
} BAD[] = {
    {VL_STREAM_QUAL_PLACE, 1},         {VL_STREAM_QUAL_PLACE, -(int64_t)N},
    {VL_STREAM_QUAL_PLACE, INT32_MAX}, {VL_STREAM_QUAL_PLACE, INT64_MIN},
    {VL_STREAM_QUAL_PLACE, 99},        {VL_STREAM_QUAL_TAIL, 99},
};

START_TEST(test_refusals)
{
    struct window_records back;
    struct vl_error err;
    w.stores_places = true;
    struct vl_bdiff_window window = streams_of(&w);
    struct vl_buf *stream = vl_bdiff_window_stream(&window, BAD[_i].stream);
    stream->len--;
    if (BAD[_i].value != 99)
        vl_put_zigzag(stream, BAD[_i].value);
    ck_assert_int_eq(decode_streams(&w, &window, &back, &err), VL_ERR_SEAL);
    window_records_clear(&back);
    vl_bdiff_window_clear(&window);
}
END_TEST

/* Nobody may say what the key says already, nor leave bytes behind. */
START_TEST(test_left_over)
{
    struct window_records back = masked_only(&w);
    struct vl_buf plain = VL_BUF_INIT;
    w.stores_places = _i == 0;
    struct vl_bdiff_window window = streams_of(&w);
    if (_i == 0)
        vl_buf_add(&back.quality_place, PLACES, sizeof PLACES);
    else
        vl_buf_add_byte(vl_bdiff_window_stream(&window, VL_STREAM_QUAL_TAIL), 1);
    ck_assert_int_eq(vl_bdiff_window_encode(&window, &plain, NULL), 0);
    if (_i == 1)
        vl_buf_add(&back.quality_place, PLACES, sizeof PLACES);
    ck_assert_int_eq(residual_decode(&back, plain.data, plain.len, &groups, NULL),
                     VL_ERR_SEAL);
    vl_buf_clear(&plain);
    vl_bdiff_window_clear(&window);
    window_records_clear(&back);
}
END_TEST

Suite *own_quality_suite(void)
{
    Suite *suite = suite_create("own_quality");
    TCase *tcase = tcase_create("own_quality");
    tcase_add_checked_fixture(tcase, open_window, close_window);
    tcase_add_loop_test(tcase, test_back, 0, 2);
    tcase_add_test(tcase, test_slice);
    tcase_add_loop_test(tcase, test_refusals, 0, (int)(sizeof BAD / sizeof *BAD));
    tcase_add_loop_test(tcase, test_left_over, 0, 2);
    suite_add_tcase(suite, tcase);
    return suite;
}
