#include <check.h>
#include <string.h>

#include "crypt4gh/byte_range.h"
#include "crypt4gh/c4gh_edits.h"

Suite *c4gh_edits_suite(void);

/* Keeps what the specification's words keep of n bytes: the model. */
static size_t kept(const uint64_t *lengths, size_t n_lengths, size_t n, uint8_t *out)
{
    size_t at = 0, n_out = 0;
    for (size_t i = 0; i < n_lengths; i++)
        for (uint64_t k = 0; k < lengths[i] && at < n; k++, at++)
            if (i % 2 == 1)
                out[n_out++] = (uint8_t)at;
    for (; (n_lengths % 2 == 1 || n_lengths == 0) && at < n; at++)
        out[n_out++] = (uint8_t)at;
    return n_out;
}

enum { N_BYTES = 40, LISTS_MAX = 6 };

static const struct {
    size_t n;
    uint64_t v[LISTS_MAX];
} LISTS[] = {
    {0, {0}},
    {1, {0}},
    {1, {7}},
    {1, {100}},
    {2, {0, 5}},
    {2, {0, 0}},
    {2, {7, 0}},
    {2, {3, 200}},
    {3, {0, 4, 6}},
    {4, {1, 2, 3, 4}},
    {4, {1, 2, 0, 4}},
    {4, {1, 0, 2, 4}},
    {5, {0, 0, 0, 0, 9}},
    {6, {5, 5, 5, 5, 5, 5}},
    {6, {39, 1, 0, 1, 0, 1}},
    {6, {2, 3, 0, 0, 0, 4}},
};

static void expect_same(const struct c4gh_edits *edits, const uint8_t *model, size_t n)
{
    ck_assert_int_eq(c4gh_edits_size(edits, N_BYTES), n);
    for (size_t i = 0; i < n; i++) {
        const struct c4gh_range *range = c4gh_edits_find(edits, (int64_t)i);
        ck_assert_ptr_nonnull(range);
        ck_assert_int_eq(range->plain + ((int64_t)i - range->edited), model[i]);
        ck_assert_int_lt((int64_t)i - range->edited, range->n);
    }
}

START_TEST(test_lists)
{
    struct c4gh_edits edits, again;
    struct vl_buf lengths = VL_BUF_INIT;
    uint8_t model[N_BYTES];
    size_t n = kept(LISTS[_i].v, LISTS[_i].n, N_BYTES, model);
    ck_assert_int_eq(c4gh_edits_make(&edits, LISTS[_i].v, LISTS[_i].n), 0);
    expect_same(&edits, model, n);
    /* The list that is written says the same, in a form that all readers take. */
    c4gh_edits_put(&edits, N_BYTES, &lengths);
    const uint64_t *v = (const void *)lengths.data;
    size_t n_written = lengths.len / sizeof *v;
    for (size_t i = 1; n > 0 && i < n_written; i++)
        ck_assert_uint_gt(v[i], 0);
    ck_assert_uint_eq(n_written % 2, 0);
    if (n < N_BYTES)
        ck_assert_uint_gt(n_written, 0);
    ck_assert_int_eq(c4gh_edits_make(&again, v, n_written), 0);
    expect_same(&again, model, n);
    c4gh_edits_clear(&again);
    vl_buf_clear(&lengths);
    c4gh_edits_clear(&edits);
}
END_TEST

/* Where the end is not known, the rest is kept by an odd number of lengths. */
START_TEST(test_unknown_size)
{
    static const uint64_t LIST[] = {0, 4, 6};
    struct c4gh_edits edits;
    struct vl_buf lengths = VL_BUF_INIT;
    ck_assert_int_eq(c4gh_edits_make(&edits, LIST, 3), 0);
    c4gh_edits_put(&edits, -1, &lengths);
    ck_assert_uint_eq(lengths.len, sizeof LIST);
    ck_assert_mem_eq(lengths.data, LIST, sizeof LIST);
    vl_buf_clear(&lengths);
    c4gh_edits_clear(&edits);
}
END_TEST

/* The example of the specification (crypt4gh.tex, on edit lists). */
START_TEST(test_example_of_specification)
{
    static const uint64_t LIST[] = {0, 7853, 71721, 307929, 51299, 38};
    static const int64_t PLACES[][2] = {{0, 0},           {7852, 7852},
                                        {7853, 79574},    {315781, 387502},
                                        {315782, 438802}, {315819, 438839}};
    struct c4gh_edits edits;
    ck_assert_int_eq(c4gh_edits_make(&edits, LIST, 6), 0);
    ck_assert_int_eq(c4gh_edits_size(&edits, INT64_MAX), 7853 + 307929 + 38);
    for (size_t i = 0; i < sizeof PLACES / sizeof *PLACES; i++) {
        const struct c4gh_range *range = c4gh_edits_find(&edits, PLACES[i][0]);
        ck_assert_ptr_nonnull(range);
        ck_assert_int_eq(range->plain + (PLACES[i][0] - range->edited), PLACES[i][1]);
    }
    ck_assert_ptr_null(c4gh_edits_find(&edits, 7853 + 307929 + 38));
    c4gh_edits_clear(&edits);
}
END_TEST

/* Ranges of what a list keeps. */
START_TEST(test_within)
{
    static const uint64_t LIST[] = {5, 10, 3, 10, 2, 100};
    static const struct byte_range RANGES_OF[] = {{0, 2}, {8, 13}, {15, INT64_MAX}};
    struct c4gh_edits edits, within;
    uint8_t model[N_BYTES], chosen[N_BYTES];
    size_t n = kept(LIST, 6, N_BYTES, model), n_chosen = 0;
    for (size_t r = 0; r < 3; r++)
        for (int64_t i = RANGES_OF[r].beg; i < RANGES_OF[r].end && i < (int64_t)n; i++)
            chosen[n_chosen++] = model[i];
    ck_assert_int_eq(c4gh_edits_make(&edits, LIST, 6), 0);
    ck_assert_int_eq(c4gh_edits_within(&within, &edits, RANGES_OF, 3), 0);
    expect_same(&within, chosen, n_chosen);
    c4gh_edits_clear(&within);
    c4gh_edits_clear(&edits);
}
END_TEST

static const struct {
    const char *text;
    int rc;
    int64_t beg, end;
} RANGES[] = {
    {"0-1", 0, 0, 1},
    {"5-", 0, 5, INT64_MAX},
    {"0-9223372036854775807", 0, 0, INT64_MAX},
    {"5", VL_ERR_USAGE, 0, 0},
    {"-5", VL_ERR_USAGE, 0, 0},
    {"", VL_ERR_USAGE, 0, 0},
    {"5-5", VL_ERR_USAGE, 0, 0},
    {"6-5", VL_ERR_USAGE, 0, 0},
    {"5-6-", VL_ERR_USAGE, 0, 0},
    {" 5-6", VL_ERR_USAGE, 0, 0},
    {"5-+6", VL_ERR_USAGE, 0, 0},
    {"0-9223372036854775808", VL_ERR_USAGE, 0, 0},
    {"1k-2k", VL_ERR_USAGE, 0, 0},
};

START_TEST(test_ranges)
{
    struct byte_range range;
    ck_assert_int_eq(byte_range_parse(RANGES[_i].text, &range, NULL), RANGES[_i].rc);
    if (RANGES[_i].rc == 0) {
        ck_assert_int_eq(range.beg, RANGES[_i].beg);
        ck_assert_int_eq(range.end, RANGES[_i].end);
    }
}
END_TEST

Suite *c4gh_edits_suite(void)
{
    Suite *suite = suite_create("c4gh_edits");
    TCase *tc = tcase_create("c4gh_edits");
    tcase_add_loop_test(tc, test_lists, 0, sizeof LISTS / sizeof *LISTS);
    tcase_add_test(tc, test_unknown_size);
    tcase_add_test(tc, test_example_of_specification);
    tcase_add_test(tc, test_within);
    tcase_add_loop_test(tc, test_ranges, 0, sizeof RANGES / sizeof *RANGES);
    suite_add_tcase(suite, tc);
    return suite;
}
