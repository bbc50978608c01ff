#include "file_fixture.h"
#include "varlock/output_paths.h"

Suite *output_paths_suite(void);

START_TEST(test_one_file_by_two_names)
{
    struct vl_error err = {0};
    write_file("x", "");
    write_file("y", "");
    ck_assert_int_eq(link("x", "hard"), 0);
    ck_assert_int_eq(symlink("x", "soft"), 0);
    ck_assert_int_eq(vl_file_check_distinct("x", "y", &err), 0);
    ck_assert_int_eq(vl_file_check_distinct("new", "y", &err), 0);
    ck_assert_int_eq(vl_file_check_distinct("-", "-", &err), 0);
    ck_assert_int_eq(vl_file_check_distinct("/dev/null", "/dev/null", &err), 0);
    ck_assert_int_eq(vl_file_check_distinct("x", "./x", &err), VL_ERR_USAGE);
    ck_assert_str_eq(err.message, "x and ./x are the same file");
    ck_assert_int_eq(vl_file_check_distinct("hard", "x", &err), VL_ERR_USAGE);
    ck_assert_int_eq(vl_file_check_distinct("soft", "x", &err), VL_ERR_USAGE);
    ck_assert_int_eq(vl_file_check_distinct("new", ".//new", &err), VL_ERR_USAGE);
    ck_assert_int_eq(vl_file_check_distinct("new", "newer", &err), 0);
    ck_assert_int_eq(vl_file_check_distinct("no/new", "new", &err), 0);
}
END_TEST

START_TEST(test_one_pipe_in_and_out)
{
    struct vl_error err = {0};
    ck_assert_int_eq(mkfifo("pipe", 0600), 0);
    ck_assert_int_eq(vl_file_check_distinct("pipe", "./pipe", &err), VL_ERR_USAGE);
}
END_TEST

START_TEST(test_one_new_file_by_a_link_to_it)
{
    struct vl_error err = {0};
    ck_assert_int_eq(symlink("new", "link"), 0);
    ck_assert_int_eq(vl_file_check_distinct("link", "new", &err), VL_ERR_USAGE);
    ck_assert_int_eq(vl_file_check_distinct("link", "newer", &err), 0);
}
END_TEST

Suite *output_paths_suite(void)
{
    Suite *suite = suite_create("output_paths");
    TCase *tc = tcase_create("output_paths");
    tcase_add_checked_fixture(tc, enter_directory, leave_directory);
    tcase_add_test(tc, test_one_file_by_two_names);
    tcase_add_test(tc, test_one_pipe_in_and_out);
    tcase_add_test(tc, test_one_new_file_by_a_link_to_it);
    suite_add_tcase(suite, tc);
    return suite;
}
