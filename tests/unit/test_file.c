#include <check.h>
#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "varlock/file.h"

Suite *file_suite(void);

static char directory[64];

static void setup(void)
{
    strcpy(directory, "/tmp/varlock-file.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(directory));
    ck_assert_int_eq(chdir(directory), 0);
}

static size_t count_files(const char *pattern)
{
    glob_t found;
    int rc = glob(pattern, GLOB_NOSORT, NULL, &found);
    size_t n = rc == 0 ? found.gl_pathc : 0;
    globfree(&found);
    return n;
}

static void teardown(void)
{
    glob_t found;
    if (glob("*", GLOB_NOSORT, NULL, &found) == 0)
        for (size_t i = 0; i < found.gl_pathc; i++)
            if (unlink(found.gl_pathv[i]) < 0)
                rmdir(found.gl_pathv[i]);
    globfree(&found);
    rmdir(directory);
}

static struct vl_outfile *open_out(const char *path, mode_t mode)
{
    struct vl_outfile *out = NULL;
    struct vl_error err = {0};
    ck_assert_msg(vl_outfile_open(&out, path, mode, &err) == 0, "%s", err.message);
    return out;
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

static void assert_holds(const char *path, const char *text)
{
    struct vl_buf buf = VL_BUF_INIT;
    struct vl_error err = {0};
    ck_assert_msg(vl_file_slurp(path, 1000, &buf, &err) == 0, "%s", err.message);
    ck_assert_uint_eq(buf.len, strlen(text));
    ck_assert_mem_eq(buf.data, text, buf.len);
    vl_buf_clear(&buf);
}

START_TEST(test_committed_output_replaces_the_target)
{
    write_file("x", "old");
    struct vl_outfile *out = open_out("x", 0644);
    ck_assert_str_eq(vl_outfile_path(out), "x");
    ck_assert_ptr_nonnull(strstr(vl_outfile_temporary(out), "/x.tmp."));
    ck_assert_int_eq(vl_outfile_write(out, "new", 3, NULL), 0);
    ck_assert_int_eq(vl_outfile_write(out, "er", 2, NULL), 0);
    ck_assert_uint_eq(vl_outfile_tell(out), 5);
    assert_holds("x", "old");
    ck_assert_int_eq(vl_outfile_commit(out, NULL), 0);
    vl_outfile_free(out);
    assert_holds("x", "newer");
    ck_assert_uint_eq(count_files("*"), 1);
}
END_TEST

START_TEST(test_uncommitted_output_leaves_nothing)
{
    struct vl_outfile *out = open_out("x", 0644);
    ck_assert_int_eq(vl_outfile_write(out, "new", 3, NULL), 0);
    ck_assert_uint_eq(count_files("x.tmp.??????"), 1);
    vl_outfile_free(out);
    ck_assert_uint_eq(count_files("*"), 0);
    vl_outfile_free(NULL);
}
END_TEST

START_TEST(test_mode_is_asked_less_umask)
{
    struct stat st;
    umask(027);
    struct vl_outfile *out = open_out("x", 0666);
    ck_assert_int_eq(fstat(vl_outfile_fd(out), &st), 0);
    ck_assert_uint_eq(st.st_mode & 0777, 0640);
    vl_outfile_free(out);
    umask(0);
    out = open_out("y", 0600);
    ck_assert_int_eq(vl_outfile_commit(out, NULL), 0);
    ck_assert_int_eq(stat("y", &st), 0);
    ck_assert_uint_eq(st.st_mode & 0777, 0600);
    vl_outfile_free(out);
}
END_TEST

START_TEST(test_descriptors_close_on_exec)
{
    struct vl_outfile *out = open_out("x", 0600);
    ck_assert(fcntl(vl_outfile_fd(out), F_GETFD) & FD_CLOEXEC);
    vl_outfile_free(out);
}
END_TEST

START_TEST(test_symbolic_link_stays_one)
{
    struct stat st;
    ck_assert_int_eq(mkdir("d", 0700), 0);
    write_file("d/real", "old");
    ck_assert_int_eq(symlink("d/real", "link"), 0);
    struct vl_outfile *out = open_out("link", 0644);
    ck_assert_uint_eq(count_files("d/real.tmp.*"), 1);
    ck_assert_int_eq(vl_outfile_write(out, "new", 3, NULL), 0);
    ck_assert_int_eq(vl_outfile_commit(out, NULL), 0);
    vl_outfile_free(out);
    ck_assert_int_eq(lstat("link", &st), 0);
    ck_assert(S_ISLNK(st.st_mode));
    assert_holds("d/real", "new");
    ck_assert_int_eq(unlink("d/real"), 0);
}
END_TEST

START_TEST(test_signal_handler_removes_what_is_not_committed)
{
    struct vl_outfile *done = open_out("done", 0644), *open = open_out("open", 0644);
    ck_assert_int_eq(vl_outfile_commit(done, NULL), 0);
    vl_outfile_unlink_all();
    ck_assert_uint_eq(count_files("*"), 1);
    assert_holds("done", "");
    vl_outfile_free(open);
    vl_outfile_free(done);
}
END_TEST

START_TEST(test_registry_is_finite_and_reused)
{
    struct vl_outfile *out[33] = {NULL};
    struct vl_error err = {0};
    char path[16];
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 32; i++) {
            snprintf(path, sizeof path, "x%d", i);
            out[i] = open_out(path, 0600);
        }
        ck_assert_int_eq(vl_outfile_open(&out[32], "last", 0600, &err), VL_ERR_IO);
        ck_assert_ptr_null(out[32]);
        ck_assert_str_eq(err.message, "last: more than 32 outputs are open");
        for (int i = 0; i < 32; i++)
            vl_outfile_free(out[i]);
    }
    ck_assert_uint_eq(count_files("*"), 0);
}
END_TEST

START_TEST(test_unwritable_targets_are_named)
{
    struct vl_outfile *out = NULL;
    struct vl_error err = {0};
    ck_assert_int_eq(vl_outfile_open(&out, "no/such/x", 0600, &err), VL_ERR_IO);
    ck_assert_str_eq(err.message,
                     "no/such/x: cannot be created: No such file or directory");
    ck_assert_int_eq(vl_outfile_open(&out, "/tmp", 0600, &err), VL_ERR_USAGE);
    ck_assert_str_eq(err.message, "/tmp: is a directory");
    ck_assert_int_eq(vl_outfile_open(&out, "", 0600, &err), VL_ERR_USAGE);
    ck_assert_ptr_null(out);
}
END_TEST

START_TEST(test_device_is_written_in_place)
{
    struct vl_error err = {0};
    struct vl_outfile *out = open_out("/dev/full", 0600);
    ck_assert_int_eq(vl_outfile_write(out, "x", 1, &err), VL_ERR_IO);
    ck_assert_str_eq(err.message, "/dev/full: writing failed: No space left on device");
    memset(&err, 0, sizeof err);
    ck_assert_int_eq(vl_outfile_commit(out, &err), VL_ERR_IO);
    ck_assert_str_eq(err.message, "/dev/full: writing failed: No space left on device");
    vl_outfile_free(out);
    ck_assert_int_eq(access("/dev/full", F_OK), 0);
    out = open_out("/dev/null", 0600);
    ck_assert_int_eq(vl_outfile_write(out, "x", 1, &err), 0);
    ck_assert_int_eq(vl_outfile_commit(out, &err), 0);
    vl_outfile_free(out);
}
END_TEST

/* A file-size limit makes a short write and then an error, as a full disk does. */
START_TEST(test_failure_names_the_target_and_sticks)
{
    struct vl_error err = {0};
    struct rlimit limit = {1000, RLIM_INFINITY};
    char bytes[1500] = {0};
    struct vl_outfile *out = open_out("x", 0600);
    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    ck_assert_int_eq(vl_outfile_write(out, bytes, sizeof bytes, &err), VL_ERR_IO);
    limit.rlim_cur = RLIM_INFINITY;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    ck_assert_str_eq(err.message, "x: writing failed: File too large");
    ck_assert_uint_eq(vl_outfile_tell(out), 1000);
    ck_assert_int_eq(vl_outfile_write(out, bytes, 1, NULL), VL_ERR_IO);
    ck_assert_int_eq(vl_outfile_commit(out, NULL), VL_ERR_IO);
    vl_outfile_free(out);
    ck_assert_uint_eq(count_files("*"), 0);
}
END_TEST

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

Suite *file_suite(void)
{
    Suite *suite = suite_create("file");
    TCase *tc = tcase_create("file");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_committed_output_replaces_the_target);
    tcase_add_test(tc, test_uncommitted_output_leaves_nothing);
    tcase_add_test(tc, test_mode_is_asked_less_umask);
    tcase_add_test(tc, test_descriptors_close_on_exec);
    tcase_add_test(tc, test_symbolic_link_stays_one);
    tcase_add_test(tc, test_signal_handler_removes_what_is_not_committed);
    tcase_add_test(tc, test_registry_is_finite_and_reused);
    tcase_add_test(tc, test_unwritable_targets_are_named);
    tcase_add_test(tc, test_device_is_written_in_place);
    tcase_add_test(tc, test_failure_names_the_target_and_sticks);
    tcase_add_test(tc, test_reads_at_offsets);
    tcase_add_test(tc, test_unreadable_inputs_are_named);
    tcase_add_test(tc, test_slurp_has_a_limit);
    tcase_add_test(tc, test_one_file_by_two_names);
    suite_add_tcase(suite, tc);
    return suite;
}
