/* What passing a window on whole must come to: the same bytes as cutting it record by
 * record, wherever it is done at all. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "grant/grant.h"
#include "grant/window_pass.h"
#include "record/record.h"
#include "residual_fixture.h"
#include "window/record_array.h"
#include "window/sites.h"
#include "window/window_records.h"

Suite *window_pass_suite(void);

/* The window of a slice of everything, by the way that looks at each record. */
static struct vl_buf cut(const struct window_records *owner, const struct vl_buf *plain,
                         const struct vl_names *read_groups, struct window_shows *shows)
{
    struct window_records parent, slice = {.model = owner->model};
    struct grant grant = {.everything = true, .read_groups = read_groups};
    ck_assert_int_eq(decode(owner, plain, read_groups, &parent), 0);
    ck_assert_int_eq(grant_start(&grant, &parent), 0);
    memset(shows, 0, sizeof *shows);
    for (size_t i = 0; i < parent.sites.n; i++)
        ck_assert_int_eq(site_list_add(&slice.sites, &parent.sites.v[i]), 0);
    for (size_t i = 0; i < parent.masked.n; i++) {
        bool restores = grant_restores(&grant, i);
        bam1_t *shown = record_array_add(&slice.shown);
        if (restores)
            ck_assert_int_eq(
                grant_show(&grant, parent.shown.v[i], parent.masked.v[i], shown), 0);
        vl_buf_add_byte(&slice.grade, restores ? VL_GRADE_FULL : VL_GRADE_NONE);
        shows->n_restored += restores;
    }
    for (size_t i = 0; i < parent.whole.n; i++)
        if (grant_takes_whole(&grant, i)) {
            uint32_t place = parent.whole_place[i].place;
            bam1_t *copy = window_records_add_whole(&slice, place, 0);
            ck_assert_int_eq(grant_show(&grant, parent.whole.v[i], NULL, copy), 0);
            shows->n_whole++;
        }
    shows->n_sites = slice.sites.n;
    slice.masked = parent.masked;
    struct vl_buf out = encoded(&slice, NULL);
    slice.masked = (struct record_array){0};
    window_records_clear(&slice);
    window_records_clear(&parent);
    grant_clear(&grant);
    return out;
}

/* 1 where the window passed, as it must look then. */
static int compare(const struct window_records *w, const struct vl_buf *plain,
                   const struct vl_names *read_groups)
{
    struct window_shows shows, expected;
    struct vl_buf passed = VL_BUF_INIT;
    int rc = window_pass(plain->data, plain->len, (uint32_t)w->masked.n, read_groups,
                         &passed, &shows, NULL);
    ck_assert(rc == 0 || rc == 1);
    if (rc == 1) {
        struct vl_buf slow = cut(w, plain, read_groups, &expected);
        ck_assert_uint_eq(passed.len, slow.len);
        ck_assert_mem_eq(passed.data, slow.data, slow.len);
        ck_assert_mem_eq(&shows, &expected, sizeof shows);
        /* A slice of the slice passes too, and stays what it is. */
        struct vl_buf again = VL_BUF_INIT;
        ck_assert_int_eq(window_pass(passed.data, passed.len, (uint32_t)w->masked.n, NULL,
                                     &again, &shows, NULL),
                         1);
        ck_assert_uint_eq(again.len, slow.len);
        ck_assert_mem_eq(again.data, slow.data, slow.len);
        ck_assert_mem_eq(&shows, &expected, sizeof shows);
        vl_buf_clear(&slow);
        vl_buf_clear(&again);
    } else {
        ck_assert_uint_eq(passed.len, 0);
    }
    vl_buf_clear(&passed);
    return rc;
}

START_TEST(test_same_as_cut)
{
    uint64_t s = (uint64_t)_i + 1;
    int n_passed = 0;
    make_groups();
    for (int round = 0; round < 60; round++) {
        struct window_records w = random_window(&s, rnd_below(&s, 6), rnd_below(&s, 3));
        w.has_order = round % 2;
        for (uint32_t i = 0, ordinal; w.has_order && i < w.masked.n; i++) {
            ordinal = rnd_below(&s, 4);
            vl_buf_add(&w.ordinal, &ordinal, sizeof ordinal);
        }
        struct vl_buf plain = encoded(&w, &groups);
        n_passed += compare(&w, &plain, &groups);
        vl_buf_clear(&plain);
        window_records_clear(&w);
    }
    ck_assert(n_passed > 5 && n_passed < 60);
    clear_groups();
}
END_TEST

START_TEST(test_loose_reads_are_counted)
{
    uint64_t s = 77;
    make_groups();
    struct window_records w = random_window(&s, 40, 0);
    make_slice(&s, &w);
    for (size_t i = 0; i < w.masked.n; i++)
        if (w.grade.data[i] == VL_GRADE_FULL)
            ck_assert_int_eq(record_set_aux(w.shown.v[i], NULL, 0), 0);
    struct vl_buf plain = encoded(&w, NULL), passed = VL_BUF_INIT;
    struct window_shows shows;
    ck_assert_int_eq(window_pass(plain.data, plain.len, 40, NULL, &passed, &shows, NULL),
                     1);
    ck_assert_uint_eq(passed.len, plain.len);
    ck_assert_mem_eq(passed.data, plain.data, plain.len);
    uint64_t n_restored = 0;
    for (size_t i = 0; i < w.masked.n; i++)
        n_restored += w.grade.data[i] == VL_GRADE_FULL;
    ck_assert_uint_gt(n_restored, 0);
    ck_assert_uint_gt(w.loose.n, 0);
    ck_assert_uint_eq(shows.n_restored, n_restored);
    ck_assert_uint_eq(shows.n_loose, w.loose.n);
    vl_buf_clear(&plain);
    vl_buf_clear(&passed);
    window_records_clear(&w);
    clear_groups();
}
END_TEST

/* Each of these holds, or may hold, what only cutting takes out. */
static const struct {
    const char *what, *sam;
} ODD[] = {
    {"no @RG line", "r 0 c0 101 60 4M * 0 0 ACGT IIII RG:Z:lane_9"},
    {"not text", "r 0 c0 101 60 4M * 0 0 ACGT IIII RG:A:x"},
};

START_TEST(test_odd_groups_are_cut)
{
    make_groups();
    struct window_records w = window_of(&ODD[_i].sam, 1, NULL, 0);
    struct vl_buf plain = encoded(&w, &groups);
    ck_assert_msg(compare(&w, &plain, &groups) == 0, "%s", ODD[_i].what);
    vl_buf_clear(&plain);
    /* The same window is fine without it. */
    ck_assert_int_eq(record_set_aux(w.shown.v[0], NULL, 0), 0);
    plain = encoded(&w, &groups);
    ck_assert_int_eq(compare(&w, &plain, &groups), 1);
    vl_buf_clear(&plain);
    /* Two groups of which the first alone has a masked form. */
    ck_assert_int_eq(
        record_set_aux(w.shown.v[0], (const uint8_t *)"RGZlane 1\0RGZlane 2", 20), 0);
    plain = encoded(&w, &groups);
    ck_assert_int_eq(compare(&w, &plain, &groups), 0);
    vl_buf_clear(&plain);
    ck_assert_int_eq(record_set_aux(w.shown.v[0], NULL, 0), 0);
    spoil_tags(w.shown.v[0]);
    plain = encoded(&w, &groups);
    ck_assert_int_eq(compare(&w, &plain, &groups), 0);
    vl_buf_clear(&plain);
    window_records_clear(&w);
    clear_groups();
}
END_TEST

/* A stream of a number that no document knows, and windows that are none. */
START_TEST(test_unknown_streams_are_cut)
{
    make_groups();
    const char *sam = "r 0 c0 101 60 4M * 0 0 ACGT IIII";
    struct window_records w = window_of(&sam, 1, NULL, 0);
    struct vl_buf plain = encoded(&w, &groups), odd = VL_BUF_INIT;
    struct vl_bdiff_window window = {0};
    ck_assert_int_eq(vl_bdiff_window_decode(&window, plain.data, plain.len, NULL), 0);
    vl_buf_add_byte(vl_bdiff_window_stream(&window, VL_STREAM_FIXED_END), 1);
    ck_assert_int_eq(vl_bdiff_window_encode(&window, &odd, NULL), 0);
    ck_assert_int_eq(compare(&w, &odd, &groups), 0);
    ck_assert_int_eq(compare(&w, &plain, &groups), 1);
    for (size_t n = 0; n < plain.len; n++) {
        struct vl_buf part = {.data = plain.data, .len = n};
        ck_assert_int_eq(compare(&w, &part, &groups), 0);
    }
    vl_bdiff_window_clear(&window);
    vl_buf_clear(&plain);
    vl_buf_clear(&odd);
    window_records_clear(&w);
    clear_groups();
}
END_TEST

/* A table that promises more than the frame has, and a template without an end in sight:
 * the decoder refuses both. */
START_TEST(test_malformed_templates_are_cut)
{
    struct vl_bdiff_window window = {0}, opened = {0};
    struct vl_buf plain = VL_BUF_INIT, lying = VL_BUF_INIT, passed = VL_BUF_INIT;
    struct window_shows shows;
    make_groups();
    vl_buf_add(vl_bdiff_window_stream(&window, VL_STREAM_TEMPLATES), "RGZm", 5);
    vl_buf_add_byte(vl_bdiff_window_stream(&window, VL_STREAM_TEMPLATE), 0);
    ck_assert_int_eq(vl_bdiff_window_encode(&window, &plain, NULL), 0);
    ck_assert_int_eq(
        window_pass(plain.data, plain.len, 1, &groups, &passed, &shows, NULL), 1);
    vl_buf_reset(&passed);
    ck_assert_int_eq(vl_bdiff_window_open(&opened, plain.data, plain.len, NULL), 0);
    for (size_t i = 0; i < opened.n_streams; i++)
        if (opened.streams[i].id == VL_STREAM_TEMPLATES)
            opened.streams[i].content_bytes = 90;
    ck_assert_int_eq(vl_bdiff_window_encode(&opened, &lying, NULL), 0);
    ck_assert_int_eq(
        window_pass(lying.data, lying.len, 1, &groups, &passed, &shows, NULL), 0);

    struct vl_buf *templates = vl_bdiff_window_stream(&window, VL_STREAM_TEMPLATES);
    vl_buf_reset(templates);
    for (int i = 0; i < 4000000; i++)
        vl_buf_add(templates, "XXZs", 4);
    vl_buf_add_byte(templates, 0);
    vl_buf_reset(&plain);
    ck_assert_int_eq(vl_bdiff_window_encode(&window, &plain, NULL), 0);
    ck_assert_int_eq(
        window_pass(plain.data, plain.len, 1, &groups, &passed, &shows, NULL), 0);
    ck_assert_uint_eq(passed.len, 0);
    vl_bdiff_window_clear(&window);
    vl_bdiff_window_clear(&opened);
    vl_buf_clear(&plain);
    vl_buf_clear(&lying);
    vl_buf_clear(&passed);
    clear_groups();
}
END_TEST

Suite *window_pass_suite(void)
{
    Suite *suite = suite_create("window_pass");
    TCase *tcase = tcase_create("window_pass");
    tcase_add_loop_test(tcase, test_same_as_cut, 0, 8);
    tcase_add_test(tcase, test_loose_reads_are_counted);
    tcase_add_loop_test(tcase, test_odd_groups_are_cut, 0, sizeof ODD / sizeof *ODD);
    tcase_add_test(tcase, test_unknown_streams_are_cut);
    tcase_add_test(tcase, test_malformed_templates_are_cut);
    suite_add_tcase(suite, tcase);
    return suite;
}
