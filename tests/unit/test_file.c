#include <fcntl.h>

#include "file_fixture.h"

Suite *file_suite(void);

START_TEST(test_reads_at_offsets)
{
    struct vl_infile *in = NULL;
    struct vl_error err = {0};
    char bytes[8] = {0};
    write_file("x", "0123456789");
    ck_assert_int_eq(vl_infile_open(&in, "x", &err), 0);
    ck_assert_uint_eq(vl_infile_size(in), 10);
    ck_assert_str_eq(vl_infile_path(in), "x");
    ck_assert_int_eq(vl_infile_read(in, 7, bytes, 3, &err), 0);
    ck_assert_str_eq(bytes, "789");
    ck_assert_int_eq(vl_infile_read(in, 10, bytes, 0, &err), 0);
    ck_assert_int_eq(vl_infile_read(in, 7, bytes, 4, &err), VL_ERR_DATA);
    ck_assert_str_eq(err.message, "x: truncated");
    ck_assert_int_eq(vl_infile_read(in, UINT64_MAX, bytes, 4, &err), VL_ERR_DATA);
    ck_assert_int_eq(truncate("x", 8), 0);
    ck_assert_int_eq(vl_infile_read(in, 7, bytes, 3, &err), VL_ERR_DATA);
    vl_infile_free(in);
    vl_infile_free(NULL);
}
END_TEST

START_TEST(test_unreadable_inputs_are_named)
{
    struct vl_infile *in = NULL;
    struct vl_error err = {0};
    ck_assert_int_eq(vl_infile_open(&in, "none", &err), VL_ERR_IO);
    ck_assert_str_eq(err.message, "none: No such file or directory");
    ck_assert_int_eq(vl_infile_open(&in, "/tmp", &err), VL_ERR_IO);
    ck_assert_int_eq(mkfifo("pipe", 0600), 0);
    int keep_open = open("pipe", O_RDWR);
    ck_assert_int_eq(vl_infile_open(&in, "pipe", &err), VL_ERR_IO);
    ck_assert_ptr_nonnull(strstr(err.message, "pipe: not a regular file"));
    close(keep_open);
}
END_TEST

START_TEST(test_slurp_has_a_limit)
{
    struct vl_buf buf = VL_BUF_INIT;
    struct vl_error err = {0};
    write_file("x", "0123456789");
    ck_assert_int_eq(vl_file_slurp("x", 10, &buf, &err), 0);
    ck_assert_uint_eq(buf.len, 10);
    ck_assert_int_eq(vl_file_slurp("x", 9, &buf, &err), VL_ERR_DATA);
    ck_assert_str_eq(err.message, "x: larger than 9 bytes");
    ck_assert_uint_eq(buf.len, 10);
    ck_assert_int_eq(vl_file_slurp("none", 9, &buf, &err), VL_ERR_IO);
    ck_assert_int_eq(vl_file_slurp("/tmp", 9, &buf, &err), VL_ERR_IO);
    vl_buf_clear(&buf);
}
END_TEST

Suite *file_suite(void)
{
    Suite *suite = suite_create("file");
    TCase *tc = tcase_create("file");
    tcase_add_checked_fixture(tc, enter_directory, leave_directory);
    tcase_add_test(tc, test_reads_at_offsets);
    tcase_add_test(tc, test_unreadable_inputs_are_named);
    tcase_add_test(tc, test_slurp_has_a_limit);
    suite_add_tcase(suite, tc);
    return suite;
}
