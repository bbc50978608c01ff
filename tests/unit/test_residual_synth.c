/* Windows of the synth masking: what its own masked records tell, and what is left. */
#include "mask/synth_record.h"
#include "projection/quality.h"
#include "record/nibbles.h"
#include "record/record.h"
#include "residual_fixture.h"
#include "synth_fixture.h"
#include "window/record_array.h"
#include "window/sites.h"
#include "window/window_records.h"

Suite *residual_synth_suite(void);

static struct window_records random_synth_window(uint64_t seed, int n, uint32_t span,
                                                 enum synth_names names,
                                                 enum quality_mode quality)
{
    struct world *world = world_open(seed);
    world->span = span;
    world->context.names = names;
    world->context.quality = quality;
    synth_close(&world->synth);
    ck_assert_int_eq(synth_open(&world->synth, &world->context, NULL), 0);
    struct record_array originals = random_originals(&seed, world, n);
    struct window_records w = synth_window(world, &originals);
    world_close(world);
    return w;
}

static void expect_same_sites(const struct site_list *a, const struct site_list *b)
{
    ck_assert_uint_eq(a->n, b->n);
    for (size_t i = 0; i < a->n; i++) {
        ck_assert_uint_eq(a->v[i].contig, b->v[i].contig);
        ck_assert_int_eq(a->v[i].pos0, b->v[i].pos0);
        ck_assert_uint_eq(a->v[i].change, b->v[i].change);
    }
}

/* Returns the shape bits that any of its records has. */
static unsigned round_trip(struct window_records *w, const struct vl_names *read_groups)
{
    struct vl_buf plain = encoded(w, read_groups);
    struct window_records back;
    struct vl_bdiff_window window = {0};
    struct vl_cursor shapes;
    unsigned any = 0;
    ck_assert_int_eq(decode(w, &plain, read_groups, &back), 0);
    ck_assert(same_window(&back, w));
    expect_same_sites(&back.sites, &w->sites);
    ck_assert_int_eq(vl_bdiff_window_decode(&window, plain.data, plain.len, NULL), 0);
    vl_bdiff_window_read(&window, VL_STREAM_SHAPES, &shapes);
    while (vl_left(&shapes) > 0)
        any |= (unsigned)vl_get_varint(&shapes);
    vl_bdiff_window_clear(&window);
    window_records_clear(&back);
    vl_buf_clear(&plain);
    return any;
}

START_TEST(test_random_windows)
{
    unsigned any = 0;
    uint64_t seed = 100 + (uint64_t)_i;
    struct window_records w = random_synth_window(
        seed, 150, 3000, (enum synth_names)(_i % 2), (enum quality_mode)(_i / 2 % 4));
    ck_assert_uint_gt(w.masked.n, 100);
    ck_assert_uint_gt(w.whole.n, 10);
    any |= round_trip(&w, &groups);
    any |= round_trip(&w, NULL);
    /* In 150 templates all happens but a position that nothing tells. */
    unsigned want = VL_SHAPE_END - 1 - VL_SHAPE_POS;
    if (_i % 2 == SYNTH_NAMES_TOKEN)
        ck_assert_uint_eq(any | VL_SHAPE_POS, want | VL_SHAPE_POS);
    window_records_clear(&w);
}
END_TEST

/* Far reads, introns before the first base and unmapped mates move without a word. */
START_TEST(test_positions_that_nothing_tells)
{
    unsigned any = 0;
    for (uint64_t seed = 200; seed < 220; seed++) {
        struct window_records w =
            random_synth_window(seed, 60, 3000, SYNTH_NAMES_KEEP, QUALITY_KEEP);
        any |= round_trip(&w, &groups);
        window_records_clear(&w);
    }
    ck_assert_uint_ne(any & VL_SHAPE_POS, 0);
}
END_TEST

START_TEST(test_small_windows)
{
    for (uint64_t seed = 0; seed < 60; seed++) {
        struct window_records w =
            random_synth_window(seed, (int)seed % 4, 300, SYNTH_NAMES_KEEP, QUALITY_KEEP);
        round_trip(&w, &groups);
        window_records_clear(&w);
    }
}
END_TEST

/* ---- slices ---- */

static void make_synth_slice(uint64_t *s, struct window_records *w)
{
    w->has_order = false;
    vl_buf_reset(&w->ordinal);
    make_slice(s, w);
    for (size_t i = 0; i < w->whole.n; i++)
        w->whole_place[i].ordinal = 0;
    /* Sites where the slice shows nothing are not listed. */
    for (size_t i = 0; i < w->sites.n; i++)
        w->sites.v[i].used = rnd_below(s, 3) > 0;
    site_list_drop_unused(&w->sites);
}

START_TEST(test_slices)
{
    uint64_t s = 300 + (uint64_t)_i;
    struct window_records w =
        random_synth_window(s, 120, _i % 2 ? 3000 : 300, SYNTH_NAMES_TOKEN, QUALITY_BIN4);
    make_synth_slice(&s, &w);
    round_trip(&w, NULL);
    window_records_clear(&w);
}
END_TEST

/* A slice has no order: an ordinal in it is refused. */
START_TEST(test_order_belongs_to_the_owner)
{
    struct window_records w =
        random_synth_window(5, 60, 10, SYNTH_NAMES_KEEP, QUALITY_KEEP);
    struct vl_buf plain = encoded(&w, &groups);
    struct window_records back;
    ck_assert_int_eq(decode(&w, &plain, &groups, &back), 0);
    window_records_clear(&back);
    w.has_order = false;
    ck_assert_int_eq(decode(&w, &plain, &groups, &back), VL_ERR_SEAL);
    window_records_clear(&back);
    vl_buf_clear(&plain);
    window_records_clear(&w);
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

#define EXPECT(id, literal) expect_stream(&window, id, literal, sizeof(literal) - 1)

/* A window from masked and original SAM text; streams to be looked at. */
static void encode_texts(const char *const (*sam)[2], const uint32_t *ordinals, size_t n,
                         const struct site *sites, size_t n_sites,
                         struct vl_bdiff_window *window)
{
    struct window_records w = {.model = VL_MASK_SYNTH, .has_order = true}, back;
    for (size_t i = 0; i < n; i++) {
        fixture_parse(record_array_add(&w.masked), sam[i][0]);
        fixture_parse(record_array_add(&w.shown), sam[i][1]);
        vl_buf_add_byte(&w.grade, VL_GRADE_FULL);
        vl_buf_add(&w.ordinal, &ordinals[i], sizeof *ordinals);
    }
    for (size_t i = 0; i < n_sites; i++)
        ck_assert_int_eq(site_list_add(&w.sites, &sites[i]), 0);
    struct vl_buf plain = encoded(&w, &groups);
    ck_assert_int_eq(decode(&w, &plain, &groups, &back), 0);
    ck_assert(same_window(&back, &w));
    ck_assert_int_eq(vl_bdiff_window_decode(window, plain.data, plain.len, NULL), 0);
    window_records_clear(&back);
    window_records_clear(&w);
    vl_buf_clear(&plain);
}

/* Reference AAAAAAAAAA; the synthetic person has C at 102, the person G at 104 in all
 * reads and T at 106 in three of six; one read has an error (T at 101) and two have the
 * same one (T at 108); the last read has N of quality 2. */
START_TEST(test_variants)
{
    static const char *const SAM[6][2] = {
        {"a 0 c0 101 60 10M * 0 0 AACAAAAAAA II'IIIIIII",
         "a 0 c0 101 60 10M * 0 0 AAAAGATAAA II'IIIIIII"},
        {"b 0 c0 101 60 10M * 0 0 AAAAAAAAAA II'IIIIIII",
         "b 0 c0 101 60 10M * 0 0 ATAAGATAAA II'IIIIIII"},
        {"c 0 c0 101 60 10M * 0 0 AAAAAAAAAA II'IIIIIII",
         "c 0 c0 101 60 10M * 0 0 AAAAGATAAA II'IIIIIII"},
        {"d 0 c0 101 60 10M * 0 0 AAAAAAAAAA II'IIIIIII",
         "d 0 c0 101 60 10M * 0 0 AAAAGAAATA II'IIIIIII"},
        {"e 0 c0 101 60 10M * 0 0 AAAAAAAAAA II'IIIIIII",
         "e 0 c0 101 60 10M * 0 0 AAAAGAAATA II'IIIIIII"},
        {"f 0 c0 101 60 10M * 0 0 AAAAAAAAAA ##'I#I##II",
         "f 0 c0 101 60 10M * 0 0 NNAANANNAA ##'I#I##II"},
    };
    static const uint32_t ORDINALS[6] = {0, 1, 2, 3, 4, 5};
    static const struct site SITES[] = {{.pos0 = 102, .change = 1}};
    struct vl_bdiff_window window = {0};
    encode_texts(SAM, ORDINALS, 6, SITES, 1, &window);
    EXPECT(VL_STREAM_SITE_POS, "\x66");
    EXPECT(VL_STREAM_SITE_CHANGE, "\1");
    EXPECT(VL_STREAM_VARIANT_CONTIG, "\0\0");
    EXPECT(VL_STREAM_VARIANT_POS, "\x68\2");
    /* 104: five of six have G, the sixth is over a seventh; 106: three of six have T. */
    EXPECT(VL_STREAM_VARIANT_BASE, "\x14\x18");
    EXPECT(VL_STREAM_VARIANT_FLAG, "\1\1\1\1\1\1\1\0\1\0\0\0");
    EXPECT(VL_STREAM_N_QUALITY, "\2");
    /* Errors by rank: the worst is base 2, then come 0, 1, 3 and so on. */
    EXPECT(VL_STREAM_PATCH_RANK, "\2\x08\x08");
    EXPECT(VL_STREAM_PATCH_BASE, "\x08\x08\x08");
    EXPECT(VL_STREAM_PATCH_COUNT, "");
    EXPECT(VL_STREAM_HIDDEN, "");
    EXPECT(VL_STREAM_PACKED, "");
    EXPECT(VL_STREAM_ORDER, "");
    vl_bdiff_window_clear(&window);
}
END_TEST

/* A flag is 0 or 1, also where neither would change anything. */
START_TEST(test_flags_of_variants)
{
    uint64_t seed = 8;
    struct window_records w =
        random_synth_window(seed, 60, 100, SYNTH_NAMES_KEEP, QUALITY_KEEP);
    struct vl_buf plain = encoded(&w, &groups);
    struct vl_bdiff_window window = {0};
    ck_assert_int_eq(vl_bdiff_window_decode(&window, plain.data, plain.len, NULL), 0);
    struct vl_buf *flags = vl_bdiff_window_stream(&window, VL_STREAM_VARIANT_FLAG);
    ck_assert_uint_gt(flags->len, 100);
    for (size_t i = 0; i < flags->len; i++) {
        struct window_records back;
        struct vl_error err;
        ck_assert_uint_le(flags->data[i], 1);
        flags->data[i] |= 2;
        ck_assert_int_eq(decode_streams(&w, &window, &back, &err), VL_ERR_SEAL);
        ck_assert(!strstr(err.message, "restores other"));
        flags->data[i] &= 1;
        window_records_clear(&back);
    }
    vl_bdiff_window_clear(&window);
    vl_buf_clear(&plain);
    window_records_clear(&w);
}
END_TEST

/* Ordinals: the lowest not used yet is expected while contig and position stay. */
START_TEST(test_order)
{
    static const char *const SAM[6][2] = {
        {"a 0 c0 101 60 4M * 0 0 AAAA *", "a 0 c0 101 60 4M * 0 0 AAAA *"},
        {"b 0 c0 101 60 4M * 0 0 AAAA *", "b 0 c0 101 60 4M * 0 0 AAAA *"},
        {"c 0 c0 101 60 4M * 0 0 AAAA *", "c 0 c0 101 60 4M * 0 0 AAAA *"},
        {"d 0 c0 101 60 4M * 0 0 AAAA *", "d 0 c0 101 60 4M * 0 0 AAAA *"},
        {"e 0 c0 101 60 4M * 0 0 AAAA *", "e 0 c0 101 60 4M * 0 0 AAAA *"},
        {"f 0 c0 102 60 4M * 0 0 AAAA *", "f 0 c0 102 60 4M * 0 0 AAAA *"},
    };
    static const uint32_t ORDINALS[6] = {2, 0, 1, 100, 3, 1};
    struct vl_bdiff_window window = {0};
    encode_texts(SAM, ORDINALS, 6, NULL, 0, &window);
    /* a: 2 for 0; b, c as expected; d: 100 for 3; e as expected; f: 1 for 0 */
    EXPECT(VL_STREAM_ORDER_STEP, "\0\2\1");
    EXPECT(VL_STREAM_ORDER, "\4\xc2\1\2");
    vl_bdiff_window_clear(&window);
}
END_TEST

/* What no 32 bits hold, or lies before the first. */
START_TEST(test_ordinals_out_of_range)
{
    static const int64_t BAD[] = {-1, (int64_t)UINT32_MAX + 1, INT64_MAX, INT64_MIN};
    for (int i = -1; i < 4; i++) {
        struct window_records w = {.model = VL_MASK_SYNTH, .has_order = true}, back;
        struct vl_bdiff_window window = {0};
        bam1_t *b = window_records_add_whole(&w, 0, 0);
        fixture_parse(b, "r 0 * 0 0 * * 0 0 * *");
        put_whole(&window, &b->core);
        put_check(&window, b);
        w.whole.n = 0;
        add_stream(&window, VL_STREAM_ORDER_STEP, 0, false);
        add_stream(&window, VL_STREAM_ORDER, i < 0 ? UINT32_MAX : BAD[i], true);
        ck_assert_int_eq(decode_streams(&w, &window, &back, NULL),
                         i < 0 ? 0 : VL_ERR_SEAL);
        if (i < 0)
            ck_assert_uint_eq(back.whole_place[0].ordinal, UINT32_MAX);
        window_records_clear(&back);
        vl_bdiff_window_clear(&window);
        window_records_clear(&w);
    }
}
END_TEST

/* The second end follows from the first: CIGAR, mate fields, MC, and POS from the anchor.
 */
START_TEST(test_pair)
{
    static const char *const SAM[2][2] = {
        {"p 97 c0 101 60 10M = 121 30 AAAAAAAAAA * MC:Z:10M",
         "p 97 c0 103 60 2S8M = 123 28 CCAAAAAAAA * MC:Z:2S8M"},
        {"p 145 c0 121 60 10M = 101 -30 AAAAAAAAAA * MC:Z:10M",
         "p 145 c0 123 60 2S8M = 103 -28 CCAAAAAAAA * MC:Z:2S8M"},
    };
    static const uint32_t ORDINALS[2] = {0, 0};
    struct vl_bdiff_window window = {0};
    encode_texts(SAM, ORDINALS, 2, NULL, 0, &window);
    struct vl_cursor c;
    vl_bdiff_window_read(&window, VL_STREAM_SHAPES, &c);
    unsigned one = (unsigned)vl_get_varint(&c), two = (unsigned)vl_get_varint(&c);
    ck_assert_uint_eq(vl_left(&c), 0);
    ck_assert_uint_eq((one | two) & VL_SHAPE_PAIR, VL_SHAPE_PAIR);
    ck_assert_uint_eq((one | two) & (VL_SHAPE_POS | VL_SHAPE_MATE), 0);
    EXPECT(VL_STREAM_CIGAR, "\2\x24\x80\1");
    EXPECT(VL_STREAM_POS, "");
    EXPECT(VL_STREAM_MATE_TLEN, "");
    EXPECT(VL_STREAM_HIDDEN, "\2\2\2\2");
    expect_stream(&window, vl_stream_of_tag("MC", 'Z'), "2S8M", 5);
    vl_bdiff_window_clear(&window);
}
END_TEST

Suite *residual_synth_suite(void)
{
    Suite *suite = suite_create("residual_synth");
    TCase *tcase = tcase_create("synth");
    tcase_add_checked_fixture(tcase, make_groups, clear_groups);
    tcase_add_loop_test(tcase, test_random_windows, 0, 16);
    tcase_add_test(tcase, test_positions_that_nothing_tells);
    tcase_add_test(tcase, test_small_windows);
    tcase_add_loop_test(tcase, test_slices, 0, 10);
    tcase_add_test(tcase, test_order_belongs_to_the_owner);
    tcase_add_test(tcase, test_variants);
    tcase_add_test(tcase, test_flags_of_variants);
    tcase_add_test(tcase, test_order);
    tcase_add_test(tcase, test_ordinals_out_of_range);
    tcase_add_test(tcase, test_pair);
    suite_add_tcase(suite, tcase);
    return suite;
}
