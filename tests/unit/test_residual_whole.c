/* Records that are in no masked file: whole, as columns of a window. */
#include "record/record.h"
#include "residual/prediction.h"
#include "residual/residual_join.h"
#include "residual_fixture.h"
#include "window/record_array.h"
#include "window/sites.h"
#include "window/window_records.h"

Suite *residual_whole_suite(void);

/* ---- what must come back ---- */

static void round_trip(const bam1_t *b, int model)
{
    struct window_records w = {.model = model}, back;
    ck_assert_ptr_nonnull(bam_copy1(window_records_add_whole(&w, 0, 0), b));
    struct vl_buf plain = encoded(&w, &groups);
    ck_assert_int_eq(decode(&w, &plain, &groups, &back), 0);
    ck_assert_uint_eq(back.whole.n, 1);
    ck_assert(same_record(back.whole.v[0], b));
    ck_assert(record_equal(back.whole.v[0], b));
    window_records_clear(&back);
    window_records_clear(&w);
    vl_buf_clear(&plain);
}

static void round_trips(const bam1_t *b)
{
    round_trip(b, VL_MASK_PERMUTE);
    round_trip(b, VL_MASK_SYNTH);
}

static const char *const WHOLE[] = {
    "r 0 c0 101 60 4M * 0 0 ACGT IIII",
    "* 65535 * 0 0 * * 0 0 * *",
    "abcdefghijklm 16 c2 1000 255 1S2M1I = 1 -999 ACGN * RG:Z:x XX:i:-1 XB:B:f,1,2 XZ:Z:",
    "ab 4 * 0 0 * * 0 0 ACGTACGTACGTACGTR *",
    "abc 0 c0 101 60 3M1D2M = 300 204 ACGTA !~!~!",
    "mate 97 c0 101 60 5M = 300 204 ACGTA !~!~! MC:Z:5M MD:Z:5 NM:i:0 AS:i:5",
    "mate 97 c0 101 60 5M = 300 204 ACGTA !~!~! MC:Z:none",
    "far 97 c0 101 60 5M c1 300 0 ACGTA !~!~! MC:Z:5M",
};
enum { N_WHOLE = sizeof WHOLE / sizeof *WHOLE };

START_TEST(test_parts)
{
    bam1_t *b = fixture_record(WHOLE[_i]);
    round_trips(b);
    bam_destroy1(b);
}
END_TEST

/* The farthest position that is read back. */
#define FAR (INT64_C(1) << 60)

START_TEST(test_extremes)
{
    bam1_t *b = fixture_record(WHOLE[2]);
    const bam1_core_t core = b->core;
    static const int64_t POSITIONS[] = {-1, 0, 1, INT32_MAX, (int64_t)INT32_MAX + 1, FAR};
    static const int64_t LENGTHS[] = {-FAR, INT32_MIN, -1, 0, 1, INT32_MAX, FAR};
    for (size_t i = 0; i < sizeof POSITIONS / sizeof *POSITIONS; i++) {
        b->core = core;
        b->core.pos = POSITIONS[i];
        round_trips(b);
        b->core = core;
        b->core.mpos = POSITIONS[i];
        round_trips(b);
    }
    for (size_t i = 0; i < sizeof LENGTHS / sizeof *LENGTHS; i++) {
        b->core = core;
        b->core.isize = LENGTHS[i];
        round_trips(b);
    }
    b->core = core;
    b->core.tid = b->core.mtid = INT32_MAX;
    b->core.flag = UINT16_MAX;
    b->core.qual = UINT8_MAX;
    round_trips(b);
    b->core.tid = b->core.mtid = -1;
    b->core.flag = b->core.qual = 0;
    round_trips(b);
    b->core = core;
    for (uint32_t op = 0; op < 9; op++) {
        bam_get_cigar(b)[0] = bam_cigar_gen((1u << 28) - 1, op);
        round_trips(b);
    }
    bam_destroy1(b);
}
END_TEST

START_TEST(test_long_parts)
{
    enum { N_OPS = 70000, N_AUX = 300000 };
    bam1_t *b = bam_init1();
    char name[255];
    uint32_t *cigar = malloc(N_OPS * sizeof *cigar);
    char *seq = malloc(N_OPS);
    memset(name, 'n', sizeof name);
    for (uint32_t i = 0; i < N_OPS; i++) {
        cigar[i] = bam_cigar_gen(1, i % 2 ? BAM_CINS : BAM_CMATCH);
        seq[i] = "ACGTN"[i % 5];
    }
    for (size_t l_name = 251; l_name <= 254; l_name++) {
        ck_assert_int_ge(bam_set1(b, l_name, name, 0, 0, 5, 1, N_OPS, cigar, -1, -1, 0,
                                  N_OPS, seq, NULL, N_AUX + 100),
                         0);
        uint8_t *values = calloc(N_AUX, 1);
        ck_assert_int_eq(bam_aux_update_array(b, "XB", 'C', N_AUX, values), 0);
        free(values);
        round_trips(b);
    }
    free(seq);
    free(cigar);
    bam_destroy1(b);
}
END_TEST

/* Many in one window: contigs and positions are relative to the record before. */
START_TEST(test_random)
{
    uint64_t s = 7;
    for (int round = 0; round < 20; round++) {
        struct window_records w = {.model = round % 2 ? VL_MASK_SYNTH : VL_MASK_PERMUTE};
        struct window_records back;
        for (int i = 0; i < 50; i++) {
            bam1_t *b = window_records_add_whole(&w, 0, 0);
            rnd_record(&s, "M=X", (int32_t)rnd_below(&s, 3), rnd_below(&s, 1u << 31), b);
            add_random_tags(&s, b);
            record_normalise(b);
        }
        struct vl_buf plain = encoded(&w, &groups);
        ck_assert_int_eq(decode(&w, &plain, &groups, &back), 0);
        ck_assert(same_window(&back, &w));
        window_records_clear(&back);
        window_records_clear(&w);
        vl_buf_clear(&plain);
    }
}
END_TEST

/* ---- what must be refused ---- */

/* What the decoder says of one whole record with that core; its checksum is right. */
static int decode_core(const bam1_core_t *core)
{
    struct vl_bdiff_window window = {0};
    struct window_records none = {.model = VL_MASK_SYNTH}, back;
    struct vl_error err;
    bam1_t *b = fixture_record("r 0 * 0 0 * * 0 0 * *");
    b->core.tid = core->tid;
    b->core.pos = core->pos;
    b->core.mtid = core->mtid;
    b->core.mpos = core->mpos;
    b->core.isize = core->isize;
    put_whole(&window, &b->core);
    put_check(&window, b);
    int rc = decode_streams(&none, &window, &back, &err);
    if (rc == 0)
        ck_assert(same_record(back.whole.v[0], b));
    window_records_clear(&back);
    vl_bdiff_window_clear(&window);
    bam_destroy1(b);
    return rc;
}

START_TEST(test_places_out_of_range)
{
    static const int64_t POSITIONS[] = {INT64_MIN, -2, FAR + 1, INT64_MAX};
    static const int64_t LENGTHS[] = {INT64_MIN, -FAR - 1, FAR + 1, INT64_MAX};
    const bam1_core_t good = {.tid = 1, .pos = 5, .mtid = 2, .mpos = -1};
    bam1_core_t core = good;
    ck_assert_int_eq(decode_core(&core), 0);
    core.pos = core.mpos = core.isize = FAR;
    ck_assert_int_eq(decode_core(&core), 0);
    for (int i = 0; i < 12; i++) {
        core = good;
        *(i < 4   ? &core.pos
          : i < 8 ? &core.mpos
                  : &core.isize) = i < 4 ? POSITIONS[i % 4] : LENGTHS[i % 4];
        ck_assert_int_eq(decode_core(&core), VL_ERR_SEAL);
    }
    for (int i = 0; i < 2; i++) {
        core = good;
        *(i ? &core.mtid : &core.tid) = -2;
        ck_assert_int_eq(decode_core(&core), VL_ERR_SEAL);
    }
}
END_TEST

/* Values that no field has. */
START_TEST(test_values_out_of_range)
{
    static const struct {
        uint32_t id;
        uint64_t value;
    } CASES[] = {{VL_STREAM_WHOLE_FLAG, UINT16_MAX + 5},
                 {VL_STREAM_WHOLE_LENGTH, INT32_MAX},
                 {VL_STREAM_WHOLE_LENGTH, UINT64_MAX},
                 {VL_STREAM_WHOLE_CONTIG, 2 * ((uint64_t)INT32_MAX + 2)},
                 {VL_STREAM_MATE_CONTIG, 2 * ((uint64_t)INT32_MAX + 2)},
                 {VL_STREAM_CIGAR, 1},
                 {VL_STREAM_CIGAR, UINT64_MAX},
                 {VL_STREAM_WHOLE_PLACE, 1},
                 {VL_STREAM_WHOLE_PLACE, UINT64_MAX},
                 {VL_STREAM_TEMPLATE, UINT64_MAX},
                 {VL_STREAM_SHAPES, VL_SHAPE_END}};
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct vl_bdiff_window window = {0};
        struct window_records none = {.model = VL_MASK_SYNTH}, back;
        struct vl_error err;
        bam1_t *b = fixture_record("r 0 * 0 0 * * 0 0 * *");
        put_whole(&window, &b->core);
        put_check(&window, b);
        vl_buf_reset(vl_bdiff_window_stream(&window, CASES[i].id));
        vl_put_varint(vl_bdiff_window_stream(&window, CASES[i].id), CASES[i].value);
        ck_assert_msg(decode_streams(&none, &window, &back, &err) == VL_ERR_SEAL, "%zu",
                      i);
        ck_assert_msg(!strstr(err.message, "restores other"), "%zu", i);
        window_records_clear(&back);
        vl_bdiff_window_clear(&window);
        bam_destroy1(b);
    }
}
END_TEST

/* A name has 254 bytes at most and ends. */
/* A whole record has its flag in stream 22 alone. */
START_TEST(test_flag_said_twice)
{
    struct vl_bdiff_window window = {0};
    struct window_records none = {.model = VL_MASK_SYNTH}, back;
    struct vl_error err;
    bam1_t *b = fixture_record("r 0 * 0 0 * * 0 0 * *");
    put_whole(&window, &b->core);
    put_check(&window, b);
    ck_assert_int_eq(decode_streams(&none, &window, &back, &err), 0);
    window_records_clear(&back);
    vl_buf_reset(vl_bdiff_window_stream(&window, VL_STREAM_SHAPES));
    add_stream(&window, VL_STREAM_SHAPES,
               VL_GRADE_FULL | VL_SHAPE_OF_WHOLE | VL_SHAPE_FLAG, false);
    add_stream(&window, VL_STREAM_FLAG, b->core.flag, false);
    ck_assert_int_eq(decode_streams(&none, &window, &back, &err), VL_ERR_SEAL);
    window_records_clear(&back);
    vl_bdiff_window_clear(&window);
    bam_destroy1(b);
}
END_TEST

START_TEST(test_names)
{
    for (int length = 253; length <= 256; length++) {
        struct vl_bdiff_window window = {0};
        struct window_records none = {.model = VL_MASK_SYNTH}, back;
        struct vl_error err;
        bam1_t *b = fixture_record("r 0 * 0 0 * * 0 0 * *");
        char name[300];
        memset(name, 'n', sizeof name);
        name[length] = '\0';
        put_whole(&window, &b->core);
        if (length <= 254) {
            ck_assert_int_ge(bam_set_qname(b, name), 0);
            put_check(&window, b);
        }
        struct vl_buf *names = vl_bdiff_window_stream(&window, VL_STREAM_NAME);
        vl_buf_reset(names);
        vl_buf_add(names, name, (size_t)length + (length != 253));
        ck_assert_int_eq(decode_streams(&none, &window, &back, &err),
                         length == 254 ? 0 : VL_ERR_SEAL);
        ck_assert(!strstr(err.message, "restores other"));
        window_records_clear(&back);
        vl_bdiff_window_clear(&window);
        bam_destroy1(b);
    }
}
END_TEST

/* bdiff.md §5.7: where SEQ is not empty there is a QUAL, of its length or of none. */
START_TEST(test_qualities)
{
    static const struct {
        bool has_qual;
        uint8_t n_qual;
        int rc;
    } CASES[] = {
        {true, 1, 0}, {true, 0, 0}, {true, 2, VL_ERR_SEAL}, {false, 0, VL_ERR_SEAL}};
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct vl_bdiff_window window = {0};
        struct window_records none = {.model = VL_MASK_SYNTH}, back;
        /* The quality is a zero, as behind the end of many a buffer. */
        bam1_t *b = fixture_record(CASES[i].rc == 0 && CASES[i].n_qual == 0
                                       ? "r 4 * 0 0 * * 0 0 R *"
                                       : "r 4 * 0 0 * * 0 0 R !");
        put_whole(&window, &b->core);
        put_check(&window, b);
        vl_buf_reset(vl_bdiff_window_stream(&window, VL_STREAM_SHAPES));
        add_stream(&window, VL_STREAM_SHAPES,
                   VL_GRADE_FULL | VL_SHAPE_OF_WHOLE | VL_SHAPE_HIDDEN |
                       (CASES[i].has_qual ? VL_SHAPE_QUAL : 0),
                   false);
        vl_buf_reset(vl_bdiff_window_stream(&window, VL_STREAM_WHOLE_LENGTH));
        add_stream(&window, VL_STREAM_WHOLE_LENGTH, 1, false);
        add_stream(&window, VL_STREAM_HIDDEN_COUNT, 2, false);
        add_stream(&window, VL_STREAM_HIDDEN, 5, false);
        if (CASES[i].has_qual)
            add_stream(&window, VL_STREAM_QUAL, CASES[i].n_qual, false);
        for (int k = 0; k < CASES[i].n_qual; k++)
            add_stream(&window, VL_STREAM_QUAL, 0, false);
        ck_assert_msg(decode_streams(&none, &window, &back, NULL) == CASES[i].rc, "%zu",
                      i);
        window_records_clear(&back);
        vl_bdiff_window_clear(&window);
        bam_destroy1(b);
    }
}
END_TEST

/* The streams of a whole record at the beginning of c0 whose bases are all predicted. */
static void put_predicted(struct vl_bdiff_window *window, bool is_first, int64_t length)
{
    if (is_first) {
        add_stream(window, VL_STREAM_SHAPES,
                   VL_GRADE_FULL | VL_SHAPE_OF_WHOLE | VL_SHAPE_QUAL, false);
        add_stream(window, VL_STREAM_TEMPLATES, 0, false);
        add_stream(window, VL_STREAM_TEMPLATE, 0, false);
    }
    add_stream(window, VL_STREAM_WHOLE_CONTIG, is_first, true);
    add_stream(window, VL_STREAM_WHOLE_POS, 0, true);
    add_stream(window, VL_STREAM_WHOLE_FLAG, 0, false);
    add_stream(window, VL_STREAM_WHOLE_LENGTH, length, false);
    add_stream(window, VL_STREAM_CIGAR, 1, false);
    add_stream(window, VL_STREAM_CIGAR, length << BAM_CIGAR_SHIFT | BAM_CMATCH, false);
    vl_buf_add_byte(vl_bdiff_window_stream(window, VL_STREAM_MAPQ), 60);
    add_stream(window, VL_STREAM_MATE_CONTIG, 0, true);
    add_stream(window, VL_STREAM_MATE_POS, 0, true);
    add_stream(window, VL_STREAM_MATE_TLEN, 0, true);
    vl_buf_add(vl_bdiff_window_stream(window, VL_STREAM_NAME), "r", 2);
    add_stream(window, VL_STREAM_QUAL, 0, false);
}

/* Whole records of the bases of one long masked record, a few bytes of the window each:
 * refused where those restored so far are more than masked records and streams can make.
 */
START_TEST(test_many_bytes_predicted_from_few)
{
    enum { LENGTH = 1 << 20, N_MANY = 20 };
    struct vl_bdiff_window window = {0};
    struct window_records w = {.model = VL_MASK_SYNTH};
    struct site_list sites = {0};
    struct residual_join join = {0};
    struct prediction prediction = {0};
    struct vl_error err;
    uint8_t grade;
    uint32_t ordinal, op = bam_cigar_gen(LENGTH, BAM_CMATCH);
    char *seq = malloc(LENGTH);
    memset(seq, 'A', LENGTH);
    ck_assert_int_ge(bam_set1(record_array_add(&w.masked), 1, "a", 0, 0, 0, 60, 1, &op,
                              -1, -1, 0, LENGTH, seq, NULL, 0),
                     0);
    free(seq);
    for (int i = 0; i < N_MANY; i++)
        put_predicted(&window, i == 0, LENGTH);
    ck_assert_int_eq(residual_join_open(&join, &w, &sites, &w.gaps, &window, &groups,
                                        &prediction, &err),
                     0);
    bam1_t *b = bam_init1();
    uint64_t n_each = LENGTH / 2 * 3 + 8;
    uint64_t n_fit =
        ((1 << 24) + 2 * n_each) / n_each; /* streams are a few hundred bytes */
    ck_assert_uint_lt(n_fit, N_MANY);
    for (uint64_t i = 0; i <= n_fit; i++)
        ck_assert_msg(residual_join_next(&join, RESIDUAL_WHOLE, NULL, b, b, &grade,
                                         &ordinal, &err) == (i < n_fit ? 0 : VL_ERR_SEAL),
                      "%d", (int)i);
    ck_assert_int_eq(b->core.l_qseq, LENGTH);
    bam_destroy1(b);
    residual_join_clear(&join);
    prediction_clear(&prediction);
    site_list_clear(&sites);
    vl_bdiff_window_clear(&window);
    window_records_clear(&w);
}
END_TEST

Suite *residual_whole_suite(void)
{
    Suite *suite = suite_create("residual_whole");
    TCase *tcase = tcase_create("whole");
    tcase_add_checked_fixture(tcase, make_groups, clear_groups);
    tcase_add_loop_test(tcase, test_parts, 0, N_WHOLE);
    tcase_add_test(tcase, test_extremes);
    tcase_add_test(tcase, test_long_parts);
    tcase_add_test(tcase, test_random);
    tcase_add_test(tcase, test_places_out_of_range);
    tcase_add_test(tcase, test_values_out_of_range);
    tcase_add_test(tcase, test_flag_said_twice);
    tcase_add_test(tcase, test_names);
    tcase_add_test(tcase, test_qualities);
    tcase_add_test(tcase, test_many_bytes_predicted_from_few);
    suite_add_tcase(suite, tcase);
    return suite;
}
