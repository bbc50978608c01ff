#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "varlock/buf.h"

Suite *buf_suite(void);

START_TEST(test_append_and_grow)
{
    struct vl_buf buf = VL_BUF_INIT;
    for (int i = 0; i < 1000; i++)
        vl_buf_add_byte(&buf, (uint8_t)i);
    vl_buf_add(&buf, "abc", 3);
    ck_assert(!buf.failed);
    ck_assert_uint_eq(buf.len, 1003);
    for (int i = 0; i < 1000; i++)
        ck_assert_uint_eq(buf.data[i], (uint8_t)i);
    ck_assert_mem_eq(buf.data + 1000, "abc", 3);
    vl_buf_clear(&buf);
    ck_assert_ptr_null(buf.data);
    ck_assert_uint_eq(buf.len, 0);
}
END_TEST

START_TEST(test_nothing_is_nothing)
{
    struct vl_buf buf = VL_BUF_INIT;
    vl_buf_add(&buf, NULL, 0);
    ck_assert_uint_eq(buf.len, 0);
    ck_assert(!buf.failed);
    ck_assert_ptr_nonnull(vl_buf_reserve(&buf, 0));
    vl_buf_clear(&buf);
    vl_buf_clear(NULL);
}
END_TEST

START_TEST(test_addf_appends_without_nul)
{
    struct vl_buf buf = VL_BUF_INIT;
    vl_buf_addf(&buf, "%s:%d", "chr1", 17);
    vl_buf_addf(&buf, "-%d", 18);
    ck_assert_uint_eq(buf.len, 10);
    ck_assert_mem_eq(buf.data, "chr1:17-18", 10);
    vl_buf_clear(&buf);
}
END_TEST

START_TEST(test_lost_memory_is_remembered)
{
    struct vl_buf buf = VL_BUF_INIT;
    vl_buf_add(&buf, "ab", 2);
    ck_assert_ptr_null(vl_buf_reserve(&buf, SIZE_MAX - 1));
    ck_assert(buf.failed);
    vl_buf_add(&buf, "cd", 2);
    vl_buf_add_byte(&buf, 'e');
    vl_buf_addf(&buf, "f");
    ck_assert_uint_eq(buf.len, 2);
    vl_buf_reset(&buf);
    ck_assert(!buf.failed);
    vl_buf_add(&buf, "gh", 2);
    ck_assert_mem_eq(buf.data, "gh", 2);
    vl_buf_clear(&buf);
}
END_TEST

/* Every number of digits, at its edges. */
START_TEST(test_add_number)
{
    struct vl_buf buf = VL_BUF_INIT;
    char want[32];
    uint64_t n = 1;
    for (int digits = 0; digits < 20; digits++, n *= 10)
        for (uint64_t v = n - 1; v <= n; v++) {
            vl_buf_reset(&buf);
            vl_buf_add_byte(&buf, 'x');
            vl_buf_add_number(&buf, v);
            vl_buf_add_byte(&buf, 0);
            snprintf(want, sizeof want, "x%" PRIu64, v);
            ck_assert_str_eq((char *)buf.data, want);
        }
    vl_buf_reset(&buf);
    vl_buf_add_number(&buf, UINT64_MAX);
    vl_buf_add_byte(&buf, 0);
    ck_assert_str_eq((char *)buf.data, "18446744073709551615");
    vl_buf_clear(&buf);
}
END_TEST

Suite *buf_suite(void)
{
    Suite *suite = suite_create("buf");
    TCase *tc = tcase_create("buf");
    tcase_add_test(tc, test_append_and_grow);
    tcase_add_test(tc, test_nothing_is_nothing);
    tcase_add_test(tc, test_addf_appends_without_nul);
    tcase_add_test(tc, test_lost_memory_is_remembered);
    tcase_add_test(tc, test_add_number);
    suite_add_tcase(suite, tc);
    return suite;
}
