#include <check.h>

#include "../../src/net/http_range.h"

Suite *http_range_suite(void);

/* RFC 9110, section 14.1.2 and 14.2, of a file of 100 bytes. */
static const struct {
    const char *value;
    enum http_range want;
    int beg, end;
} RANGES[] = {
    {"bytes=0-0", HTTP_RANGE_PART, 0, 1},
    {"bytes=0-99", HTTP_RANGE_PART, 0, 100},
    {"bytes=10-", HTTP_RANGE_PART, 10, 100},
    {"BYTES=10-19", HTTP_RANGE_PART, 10, 20},
    {"bytes=90-200", HTTP_RANGE_PART, 90, 100},
    {"bytes=99-99999999999999999999999", HTTP_RANGE_PART, 99, 100},
    {"bytes=-1", HTTP_RANGE_PART, 99, 100},
    {"bytes=-500", HTTP_RANGE_PART, 0, 100},
    {"bytes=100-", HTTP_RANGE_UNSATISFIABLE, 0, 0},
    {"bytes=99999999999999999999999-", HTTP_RANGE_UNSATISFIABLE, 0, 0},
    {"bytes=-0", HTTP_RANGE_UNSATISFIABLE, 0, 0},
    /* what is ignored */
    {0, HTTP_RANGE_WHOLE, 0, 100},
    {"", HTTP_RANGE_WHOLE, 0, 100},
    {"bytes=", HTTP_RANGE_WHOLE, 0, 100},
    {"bytes=-", HTTP_RANGE_WHOLE, 0, 100},
    {"bytes=5", HTTP_RANGE_WHOLE, 0, 100},
    {"bytes=9-5", HTTP_RANGE_WHOLE, 0, 100},
    {"bytes=0-1,5-6", HTTP_RANGE_WHOLE, 0, 100},
    {"bytes= 0-1", HTTP_RANGE_WHOLE, 0, 100},
    {"bytes=0-1 ", HTTP_RANGE_WHOLE, 0, 100},
    {"bytes=+1-2", HTTP_RANGE_WHOLE, 0, 100},
    {"bytes=--1", HTTP_RANGE_WHOLE, 0, 100},
    {"records=0-1", HTTP_RANGE_WHOLE, 0, 100},
};
enum { N_RANGES = sizeof RANGES / sizeof *RANGES };

START_TEST(test_ranges)
{
    int64_t beg, end;
    enum http_range got = http_range_read(RANGES[_i].value, 100, &beg, &end);
    ck_assert_msg(got == RANGES[_i].want, "%s: %d", RANGES[_i].value, got);
    if (got == HTTP_RANGE_UNSATISFIABLE)
        return;
    ck_assert_int_eq(beg, RANGES[_i].beg);
    ck_assert_int_eq(end, RANGES[_i].end);
}
END_TEST

START_TEST(test_an_empty_file_has_no_ranges)
{
    int64_t beg, end;
    ck_assert_int_eq(http_range_read("bytes=0-", 0, &beg, &end),
                     HTTP_RANGE_UNSATISFIABLE);
    ck_assert_int_eq(http_range_read("bytes=-5", 0, &beg, &end),
                     HTTP_RANGE_UNSATISFIABLE);
    ck_assert_int_eq(http_range_read(NULL, 0, &beg, &end), HTTP_RANGE_WHOLE);
}
END_TEST

Suite *http_range_suite(void)
{
    Suite *suite = suite_create("http_range");
    TCase *tcase = tcase_create("http_range");
    tcase_add_loop_test(tcase, test_ranges, 0, N_RANGES);
    tcase_add_test(tcase, test_an_empty_file_has_no_ranges);
    suite_add_tcase(suite, tcase);
    return suite;
}
