#include <check.h>
#include <errno.h>
#include <string.h>

#include "varlock/fail.h"

Suite *error_suite(void);

START_TEST(test_message_is_one_printable_line)
{
    struct vl_error err = {0};
    errno = 0;
    int rc = vl_error_set(&err, VL_ERR_DATA, "%s: bad\tname\n", "a\x1b[2J\x7f");
    ck_assert_int_eq(rc, VL_ERR_DATA);
    ck_assert_int_eq(err.code, VL_ERR_DATA);
    ck_assert_str_eq(err.message, "a?[2J?: bad?name?");
}
END_TEST

START_TEST(test_long_message_is_cut)
{
    struct vl_error err = {0};
    char name[2 * VL_ERROR_MESSAGE_BYTES];
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    errno = ENOENT;
    ck_assert_int_eq(vl_error_errno(&err, "%s", name), VL_ERR_IO);
    ck_assert_uint_eq(strlen(err.message), VL_ERROR_MESSAGE_BYTES - 1);
}
END_TEST

START_TEST(test_errno_is_explained)
{
    struct vl_error err = {0};
    errno = ENOENT;
    ck_assert_int_eq(vl_error_errno(&err, "in.bam"), VL_ERR_IO);
    ck_assert_str_eq(err.message, "in.bam: No such file or directory");
}
END_TEST

/* Whatever an allocation that failed was taken for; but what the caller asks is as wrong
 * as it was. */
START_TEST(test_lost_memory_is_told_as_that)
{
    static const int TAKEN_FOR[] = {VL_ERR_DATA, VL_ERR_IO, VL_ERR_KEY, VL_ERR_SEAL};
    for (size_t i = 0; i < sizeof TAKEN_FOR / sizeof *TAKEN_FOR; i++) {
        struct vl_error err = {0};
        errno = ENOMEM;
        ck_assert_int_eq(vl_error_set(&err, TAKEN_FOR[i], "the seal is broken"),
                         VL_ERR_MEMORY);
        ck_assert_int_eq(err.code, VL_ERR_MEMORY);
        ck_assert_str_eq(err.message, "out of memory");
        ck_assert_int_eq(vl_error_prefix(&err, TAKEN_FOR[i], "x.bdiff"), VL_ERR_MEMORY);
        ck_assert_str_eq(err.message, "out of memory");
        ck_assert_int_eq(vl_error_set(NULL, TAKEN_FOR[i], "x"), VL_ERR_MEMORY);
    }
    struct vl_error err = {0};
    errno = ENOMEM;
    ck_assert_int_eq(vl_error_errno(&err, "in.bam"), VL_ERR_MEMORY);
    ck_assert_str_eq(err.message, "out of memory");
    errno = ENOMEM;
    ck_assert_int_eq(vl_error_set(&err, VL_ERR_USAGE, "x"), VL_ERR_USAGE);
    errno = 0;
    ck_assert_int_eq(vl_error_set(&err, VL_ERR_SEAL, "x"), VL_ERR_SEAL);
}
END_TEST

START_TEST(test_null_takes_the_code_only)
{
    errno = 0;
    ck_assert_int_eq(vl_error_set(NULL, VL_ERR_GRANT, "x"), VL_ERR_GRANT);
    ck_assert_int_eq(vl_error_memory(NULL), VL_ERR_MEMORY);
}
END_TEST

Suite *error_suite(void)
{
    Suite *suite = suite_create("error");
    TCase *tc = tcase_create("error");
    tcase_add_test(tc, test_message_is_one_printable_line);
    tcase_add_test(tc, test_long_message_is_cut);
    tcase_add_test(tc, test_errno_is_explained);
    tcase_add_test(tc, test_lost_memory_is_told_as_that);
    tcase_add_test(tc, test_null_takes_the_code_only);
    suite_add_tcase(suite, tc);
    return suite;
}
