/* The draws of shifts and insert sizes. */
#include "projection/blur.h"
#include "projection/insert_sizes.h"
#include "projection/moved_places.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Suite *blur_suite(void);

static const uint8_t KEY[VL_MASK_KEY_BYTES] = "the key of the geometry of tests";
static struct vl_contigs contigs;

static void setup(void)
{
    ck_assert_int_eq(vl_contigs_add(&contigs, "c0", 100000, NULL), 0);
    ck_assert_int_eq(vl_contigs_add(&contigs, "c1", 100000, NULL), 0);
}

static void teardown(void)
{
    vl_contigs_clear(&contigs);
}

static struct blur *open_blur(int64_t sd)
{
    struct blur *blur;
    ck_assert_int_eq(blur_open(&blur, &contigs, sd, KEY, NULL), 0);
    return blur;
}

static int64_t shift_of(struct blur *blur, int32_t contig, bool reverse, int64_t five)
{
    int64_t shift;
    ck_assert_int_eq(blur_shift(blur, contig, reverse, five, &shift), 0);
    return shift;
}

START_TEST(test_normal)
{
    static const uint8_t ZEROS[16], ONES[16] = {255, 255, 255, 255, 255, 255, 255, 255,
                                                255, 255, 255, 255, 255, 255, 255, 255};
    /* digits 0 to 5 of the first half are 1 .. 6; of the second all are 1,000 */
    static const uint8_t SOME[16] = {0x01, 0x08, 0x30, 0x00, 0x01, 0x05, 0x18, 0x00,
                                     0xe8, 0xa3, 0x8f, 0x3e, 0xfa, 0xe8, 0xa3, 0x0f};
    ck_assert_int_eq(vl_draw_normal(ZEROS), -4096);
    ck_assert_int_eq(vl_draw_normal(ONES), 4096);
    ck_assert_int_eq(vl_draw_normal(SOME), 21 + 6000 - 6138);
    ck_assert_int_eq(vl_draw_scale(4096, 100), 400);
    ck_assert_int_eq(vl_draw_scale(512, 1), 1);
    ck_assert_int_eq(vl_draw_scale(-512, 1), -1);
    ck_assert_int_eq(vl_draw_scale(-511, 1), 0);
}
END_TEST

/* By place, strand and contig, with the mean and deviation asked for. */
START_TEST(test_shifts)
{
    struct blur *blur = open_blur(100), *again = open_blur(100);
    double sum = 0, squares = 0;
    int n_same = 0;
    enum { N = 20000 };
    for (int i = 0; i < N; i++) {
        int64_t shift = shift_of(blur, 0, false, i - 500);
        ck_assert_int_le(llabs(shift), 400);
        sum += (double)shift;
        squares += (double)(shift * shift);
        n_same += shift == shift_of(blur, 0, true, i - 500);
        n_same += shift == shift_of(blur, 1, false, i - 500);
    }
    ck_assert(sum / N > -4 && sum / N < 4);
    ck_assert(squares / N > 9500 && squares / N < 10500);
    ck_assert_int_lt(n_same, N / 50);
    for (int i = N - 1; i >= 0; i -= 7)
        ck_assert_int_eq(shift_of(blur, 0, false, i), shift_of(again, 0, false, i));
    blur_free(blur);
    blur_free(again);
    blur = open_blur(0);
    ck_assert_int_eq(shift_of(blur, 0, false, 77), 0);
    blur_free(blur);
}
END_TEST

START_TEST(test_inserts)
{
    struct insert_sizes sizes;
    struct vl_name_draw *draw;
    int64_t first = -1, insert = -1;
    int32_t trimmed = 60;
    int n_equal = 0;
    ck_assert_int_eq(insert_sizes_init(&sizes, 2), 0);
    ck_assert_int_eq(vl_name_draw_open(&draw, KEY, VL_NAME_INSERT, NULL), 0);
    sizes.max = 500;
    vl_buf_add(&insert_sizes_of(&sizes, 1)->trimmed, &trimmed, sizeof trimmed);
    for (int i = 0; i < 2000; i++) {
        char name[20];
        size_t n = (size_t)snprintf(name, sizeof name, "r%d", i);
        ck_assert_int_eq(insert_sizes_draw(&sizes, draw, 0, name, n, 100, 380, &first),
                         0);
        ck_assert(first >= 380 && first <= 500);
        ck_assert_int_eq(insert_sizes_draw(&sizes, draw, -1, name, n, 100, 380, &insert),
                         0);
        n_equal += insert == first;
        /* both reads trimmed, or only one of them */
        ck_assert_int_eq(insert_sizes_draw(&sizes, draw, 1, name, n, 60, 60, &insert), 0);
        ck_assert_int_eq(insert, 60);
        ck_assert_int_eq(insert_sizes_draw(&sizes, draw, 1, name, n, 60, 61, &insert), 0);
        ck_assert_int_gt(insert, 60);
    }
    ck_assert_int_lt(n_equal, 200);
    vl_name_draw_free(draw);
    insert_sizes_clear(&sizes);
}
END_TEST

/* Each place is found again where it moved to, among others in ascending order. */
START_TEST(test_moved_places)
{
    static const struct vl_bdiff_library LIBRARY = {300, 50};
    struct shown_geometry geometry = {
        .contigs = &contigs, .blur_sd = 100, .libraries = &LIBRARY, .n_libraries = 1};
    struct blur *blur = open_blur(100);
    struct moved_places *moved;
    memcpy(geometry.key, KEY, sizeof geometry.key);
    ck_assert_int_eq(moved_places_open(&moved, &geometry, NULL), 0);
    int64_t n_others = 0;
    enum { N = 4000 };
    for (int64_t x = -N / 2; x < N / 2; x++) {
        bool reverse = x & 1, found = false;
        struct moved_walk walk;
        int64_t place, before = INT64_MIN, at = x + shift_of(blur, 1, reverse, x);
        ck_assert_int_eq(moved_places_start(moved, 1, reverse, at, &walk), 0);
        for (; moved_walk_next(&walk, &place); before = place) {
            ck_assert_int_gt(place, before);
            ck_assert_int_eq(place + shift_of(blur, 1, reverse, place), at);
            found |= place == x;
            n_others += place != x;
        }
        ck_assert(found);
    }
    /* Of the places that share one shown place, a place meets one other on average. */
    ck_assert(n_others > N * 9 / 10 && n_others < N * 11 / 10);
    struct moved_walk walk;
    ck_assert_int_eq(moved_places_start(moved, 2, false, 0, &walk), 0);
    ck_assert(!moved_walk_next(&walk, &n_others));
    moved_places_free(moved);
    blur_free(blur);
}
END_TEST

Suite *blur_suite(void)
{
    Suite *suite = suite_create("blur");
    TCase *tcase = tcase_create("blur");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, test_normal);
    tcase_add_test(tcase, test_shifts);
    tcase_add_test(tcase, test_inserts);
    tcase_add_test(tcase, test_moved_places);
    suite_add_tcase(suite, tcase);
    return suite;
}
