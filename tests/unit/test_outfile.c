#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>

#include "file_fixture.h"

Suite *outfile_suite(void);

START_TEST(test_committed_output_replaces_the_target)
{
    write_file("x", "old");
    struct vl_outfile *out = open_out("x", 0644);
    ck_assert_str_eq(vl_outfile_path(out), "x");
    ck_assert_ptr_nonnull(strstr(vl_outfile_temporary(out), "x.tmp."));
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
        ck_assert_int_eq(
            vl_outfile_open(&out[32], "last", 0600, VL_OUTFILE_REPLACES, &err),
            VL_ERR_IO);
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
    ck_assert_int_eq(vl_outfile_open(&out, "no/such/x", 0600, VL_OUTFILE_REPLACES, &err),
                     VL_ERR_IO);
    ck_assert_str_eq(err.message,
                     "no/such/x: cannot be created: No such file or directory");
    ck_assert_int_eq(vl_outfile_open(&out, "/tmp", 0600, VL_OUTFILE_REPLACES, &err),
                     VL_ERR_USAGE);
    ck_assert_str_eq(err.message, "/tmp: is a directory");
    ck_assert_int_eq(vl_outfile_open(&out, "", 0600, VL_OUTFILE_REPLACES, &err),
                     VL_ERR_USAGE);
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

START_TEST(test_only_what_may_give_way_does)
{
    struct vl_error err = {0};
    struct vl_outfile *out = NULL;
    write_file("x", "old");
    ck_assert_int_eq(vl_outfile_check("x", VL_OUTFILE_REPLACES, &err), 0);
    ck_assert_int_eq(vl_outfile_check("x", 0, &err), VL_ERR_USAGE);
    ck_assert_str_eq(err.message, "x: exists already and is not overwritten");
    ck_assert_int_eq(vl_outfile_open(&out, "x", 0600, 0, &err), VL_ERR_USAGE);
    ck_assert_ptr_null(out);
    ck_assert_int_eq(symlink("nowhere", "dangling"), 0);
    ck_assert_int_eq(vl_outfile_check("dangling", 0, &err), VL_ERR_USAGE);
    ck_assert_int_eq(vl_outfile_check("new", 0, &err), 0);
    ck_assert_int_eq(vl_outfile_check("/dev/null", VL_OUTFILE_NO_PIPE, &err), 0);
    ck_assert_int_eq(vl_outfile_check("-", 0, &err), 0);
}
END_TEST

START_TEST(test_pipe_where_a_file_is_meant)
{
    struct vl_error err = {0};
    ck_assert_int_eq(mkfifo("pipe", 0600), 0);
    ck_assert_int_eq(vl_outfile_check("pipe", 0, &err), 0);
    ck_assert_int_eq(vl_outfile_check("pipe", VL_OUTFILE_NO_PIPE, &err), VL_ERR_USAGE);
    ck_assert_str_eq(err.message, "pipe: is a pipe, where a file is wanted");
}
END_TEST

START_TEST(test_replaced_file_hands_on_its_mode)
{
    struct stat st;
    struct vl_outfile *out = NULL;
    umask(022);
    write_file("x", "old");
    ck_assert_int_eq(chmod("x", 0666), 0);
    for (int i = 0; i < 2; i++) {
        const char *path = i ? "new" : "x";
        ck_assert_int_eq(vl_outfile_open(&out, path, 0600,
                                         VL_OUTFILE_REPLACES | VL_OUTFILE_KEEPS_MODE,
                                         NULL),
                         0);
        ck_assert_int_eq(vl_outfile_commit(out, NULL), 0);
        vl_outfile_free(out);
        ck_assert_int_eq(stat(path, &st), 0);
        ck_assert_uint_eq(st.st_mode & 0777, i ? 0600 : 0666);
    }
}
END_TEST

/* A directory as /tmp, and a link and a pipe in it that somebody else has put there. */
START_TEST(test_foreign_names_in_a_shared_directory)
{
    struct vl_error err = {0};
    if (geteuid() != 0)
        return;
    write_file("secret", "old");
    ck_assert_int_eq(mkdir("shared", 0700), 0);
    ck_assert_int_eq(symlink("../secret", "shared/link"), 0);
    ck_assert_int_eq(mkfifo("shared/pipe", 0666), 0);
    const char *paths[] = {"shared/link", "shared/pipe"};
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(chmod("shared", 0700), 0);
        ck_assert_int_eq(lchown(paths[i], 12345, 12345), 0);
        ck_assert_int_eq(vl_outfile_check(paths[i], VL_OUTFILE_REPLACES, &err), 0);
        ck_assert_int_eq(chmod("shared", 01777), 0);
        ck_assert_int_eq(vl_outfile_check(paths[i], VL_OUTFILE_REPLACES, &err),
                         VL_ERR_IO);
        ck_assert_ptr_nonnull(strstr(err.message, "of another user"));
        ck_assert_int_eq(lchown(paths[i], 0, 0), 0);
        ck_assert_int_eq(vl_outfile_check(paths[i], VL_OUTFILE_REPLACES, &err), 0);
        ck_assert_int_eq(unlink(paths[i]), 0);
    }
}
END_TEST

START_TEST(test_links_that_lead_nowhere)
{
    struct vl_error err = {0};
    ck_assert_int_eq(symlink("loop", "loop"), 0);
    ck_assert_int_eq(vl_outfile_check("loop", VL_OUTFILE_REPLACES, &err), VL_ERR_IO);
    ck_assert_int_eq(mkdir("d", 0700), 0);
    ck_assert_int_eq(symlink("d/new", "link"), 0);
    struct vl_outfile *out = open_out("link", 0600);
    ck_assert_int_eq(vl_outfile_commit(out, NULL), 0);
    vl_outfile_free(out);
    assert_holds("d/new", "");
    ck_assert_int_eq(unlink("d/new"), 0);
}
END_TEST

Suite *outfile_suite(void)
{
    Suite *suite = suite_create("outfile");
    TCase *tc = tcase_create("outfile");
    tcase_add_checked_fixture(tc, enter_directory, leave_directory);
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
    tcase_add_test(tc, test_only_what_may_give_way_does);
    tcase_add_test(tc, test_pipe_where_a_file_is_meant);
    tcase_add_test(tc, test_replaced_file_hands_on_its_mode);
    tcase_add_test(tc, test_foreign_names_in_a_shared_directory);
    tcase_add_test(tc, test_links_that_lead_nowhere);
    suite_add_tcase(suite, tc);
    return suite;
}
