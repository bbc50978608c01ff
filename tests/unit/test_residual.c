#include "residual_fixture.h"
#include "varlock/wire.h"

Suite *residual_suite(void);

static void round_trip(struct window_records *w, struct vl_contigs *read_groups)
{
    struct vl_buf plain = encoded(w, read_groups);
    struct window_records back;
    ck_assert_int_eq(decode(w, &plain, read_groups, &back), 0);
    ck_assert(same_window(&back, w));
    ck_assert_uint_eq(back.sites.n, w->sites.n);
    for (size_t i = 0; i < w->sites.n; i++) {
        ck_assert_uint_eq(back.sites.v[i].contig, w->sites.v[i].contig);
        ck_assert_int_eq(back.sites.v[i].pos0, w->sites.v[i].pos0);
        ck_assert_uint_eq(back.sites.v[i].perm, w->sites.v[i].perm);
    }
    window_records_clear(&back);
    vl_buf_clear(&plain);
}

START_TEST(test_random_windows)
{
    uint64_t s = 100 + (uint64_t)_i;
    struct window_records w = random_window(&s, 200, 20);
    round_trip(&w, &groups);
    round_trip(&w, NULL);
    lower_grades(&s, &w);
    round_trip(&w, &groups);
    round_trip(&w, NULL);
    window_records_clear(&w);
}
END_TEST

START_TEST(test_small_windows)
{
    static const uint32_t SIZES[][2] = {{0, 0}, {0, 1}, {0, 9}, {1, 0}, {1, 3}};
    uint64_t s = 11;
    for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++)
        for (int round = 0; round < 20; round++) {
            struct window_records w = random_window(&s, SIZES[i][0], SIZES[i][1]);
            round_trip(&w, &groups);
            window_records_clear(&w);
        }
}
END_TEST

/* ---- what goes into which stream ---- */

static void expect_stream(const struct vl_bdiff_window *window, uint32_t id,
                          const void *want, size_t n)
{
    struct vl_cursor c;
    vl_bdiff_window_read(window, id, &c);
    ck_assert_msg(vl_left(&c) == n, "stream %u has %zu bytes", id, vl_left(&c));
    if (n > 0)
        ck_assert_mem_eq(c.at, want, n);
}

/* The record's tags may repeat a name, predicted ones too. */
START_TEST(test_repeated_tags)
{
    static const char *const SAM[] = {"a 0 c0 101 60 2M1I2M * 0 0 ACGTA * CB:Z:ACGT"};
    static const char AUX[] = "NMC\x01"
                              "CBZACGT\0MDZ4\0NMC\x01"
                              "CBZACGT\0RGZlane 1\0MDZ4\0"
                              "RGZlane 1\0NMs\x01";
    struct window_records w = window_of(SAM, 1, NULL, 0);
    ck_assert_int_eq(record_set_aux(w.shown.v[0], (const uint8_t *)AUX, sizeof AUX), 0);
    ck_assert_int_eq(bam_aux_update_str(w.masked.v[0], "RG", 4, "rg1"), 0);
    round_trip(&w, &groups);
    round_trip(&w, NULL);
    window_records_clear(&w);
}
END_TEST

/* The stream's byte at `at` replaced: what the masked records say otherwise is refused.
 */
static void expect_refused(const struct window_records *w, struct vl_bdiff_window *window,
                           uint32_t id, size_t at, uint8_t value)
{
    struct window_records back = masked_only(w);
    struct vl_buf *data = vl_bdiff_window_stream(window, id);
    uint8_t check[VL_CHECK_BYTES], before = data->data[at];
    ck_assert_uint_lt(at, data->len);
    data->data[at] = value;
    ck_assert_int_eq(residual_join(&back, window, &groups, check, NULL), VL_ERR_SEAL);
    data->data[at] = before;
    window_records_clear(&back);
}

#define EXPECT(id, literal) expect_stream(&window, id, literal, sizeof(literal) - 1)

/* bdiff.md §5.2 to §5.7, byte by byte */
START_TEST(test_streams)
{
    static const char *const SAM[] = {
        "a 0 c0 101 60 2S3M1I4M * 0 0 TCACGTACGT * RG:Z:lane_2 NM:i:1 MD:Z:7 XX:i:300",
        "b 0 c0 101 60 2=1X2= * 0 0 AC=GT *",
        "c 0 c0 103 60 2M * 0 0 CG * RG:Z:lane_2 NM:i:1 MD:Z:7 XX:i:5",
    };
    static const int64_t SITES[] = {102, 107};
    struct window_records w = window_of(SAM, 3, SITES, 2);
    struct vl_contigs lanes = VL_CONTIGS_INIT;
    vl_contigs_add(&lanes, "lane 1", 0, NULL);
    vl_contigs_add(&lanes, "lane_2", 0, NULL);
    vl_contigs_find(&lanes, "");
    /* The groups of make_groups have no lane_2, so the masked records get theirs here. */
    ck_assert_int_eq(bam_aux_update_str(w.masked.v[0], "RG", 4, "rg2"), 0);
    fixture_parse(window_records_add_whole(&w, 1), "d 256 c0 101 0 1M * 0 0 A !");
    fixture_parse(window_records_add_whole(&w, 3), "e 256 c0 104 0 * * 0 0 * *");
    struct vl_buf plain = encoded(&w, &lanes);
    struct vl_bdiff_window window = {0};
    ck_assert_int_eq(vl_bdiff_window_decode(&window, plain.data, plain.len, NULL), 0);
    EXPECT(VL_STREAM_SHAPE, "\x03\x0f\x03");
    EXPECT(VL_STREAM_PERM_CONTIG, "\0");
    EXPECT(VL_STREAM_PERM_POS, "\x66");
    EXPECT(VL_STREAM_PERM_ID, "\x17");
    EXPECT(VL_STREAM_CIGAR, "\x03\x27\x18\x27");
    EXPECT(VL_STREAM_HIDDEN_COUNT, "\x03\x00\x00");
    EXPECT(VL_STREAM_HIDDEN, "\x08\x02\x08");
    EXPECT(VL_STREAM_PATCH, "\x01\x02\x00");
    EXPECT(VL_STREAM_WHOLE_PLACE, "\x01\x02");
    expect_refused(&w, &window, VL_STREAM_SHAPE, 0, 0x13);
    expect_refused(&w, &window, VL_STREAM_SHAPE, 0, 0x04);
    expect_refused(&w, &window, VL_STREAM_PERM_ID, 0, 0);
    expect_refused(&w, &window, VL_STREAM_PERM_ID, 0, 24);
    expect_refused(&w, &window, VL_STREAM_HIDDEN_COUNT, 0, 2);
    expect_refused(&w, &window, VL_STREAM_HIDDEN_COUNT, 0, 4);
    expect_refused(&w, &window, VL_STREAM_HIDDEN, 1, 16);
    expect_refused(&w, &window, VL_STREAM_PATCH, 0, 0);
    expect_refused(&w, &window, VL_STREAM_PATCH, 1, 5);
    expect_refused(&w, &window, VL_STREAM_PATCH, 2, 16);
    expect_refused(&w, &window, VL_STREAM_WHOLE_PLACE, 1, 3);
    vl_bdiff_window_clear(&window);
    vl_buf_clear(&plain);
    vl_contigs_clear(&lanes);
    window_records_clear(&w);
}
END_TEST

/* ---- order ---- */

struct visited {
    char names[64];
    int n, stop_at;
};

static int note(void *arg, const bam1_t *b, const bam1_t *masked, int grade)
{
    struct visited *v = arg;
    char c = bam_get_qname(b)[0];
    ck_assert(masked || grade == VL_GRADE_FULL);
    ck_assert_int_eq(masked == NULL, c >= 'A' && c <= 'Z');
    ck_assert(grade != VL_GRADE_NONE || b == masked);
    v->names[v->n++] = c;
    return v->n == v->stop_at ? -7 : 0;
}

START_TEST(test_visit_in_the_order_of_the_original)
{
    static const char *const SAM[] = {"a 0 c0 101 60 4M * 0 0 ACGT *",
                                      "b 0 c0 101 60 4M * 0 0 ACGT *",
                                      "c 0 c0 102 60 4M * 0 0 ACGT *"};
    struct window_records w = window_of(SAM, 3, NULL, 0);
    static const struct {
        uint32_t place;
        const char *sam;
    } WHOLE[] = {{0, "X 256 c0 101 0 * * 0 0 * *"},
                 {0, "Y 256 c0 101 0 * * 0 0 * *"},
                 {2, "Z 256 c0 102 0 * * 0 0 * *"},
                 {3, "W 256 c0 103 0 * * 0 0 * *"}};
    for (size_t i = 0; i < 4; i++)
        fixture_parse(window_records_add_whole(&w, WHOLE[i].place), WHOLE[i].sam);
    w.grade.data[1] = VL_GRADE_NONE;
    struct visited v = {0};
    ck_assert_int_eq(window_records_visit(&w, note, &v), 0);
    ck_assert_str_eq(v.names, "XYabZcW");
    for (int stop = 1; stop <= 7; stop++) {
        v = (struct visited){.stop_at = stop};
        ck_assert_int_eq(window_records_visit(&w, note, &v), -7);
        ck_assert_int_eq(v.n, stop);
    }
    window_records_reset(&w);
    v = (struct visited){0};
    ck_assert_int_eq(window_records_visit(&w, note, &v), 0);
    ck_assert_int_eq(v.n, 0);
    window_records_clear(&w);
}
END_TEST

Suite *residual_suite(void)
{
    Suite *suite = suite_create("residual");
    TCase *tcase = tcase_create("residual");
    tcase_add_checked_fixture(tcase, make_groups, clear_groups);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, test_random_windows, 0, 20);
    tcase_add_test(tcase, test_small_windows);
    tcase_add_test(tcase, test_repeated_tags);
    tcase_add_test(tcase, test_streams);
    tcase_add_test(tcase, test_visit_in_the_order_of_the_original);
    suite_add_tcase(suite, tcase);
    return suite;
}
