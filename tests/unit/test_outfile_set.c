#include <signal.h>
#include <sys/wait.h>

#include "file_fixture.h"
#include "varlock/ending.h"
#include "varlock/outfile_set.h"

Suite *outfile_set_suite(void);

static const char *const names[] = {"a", "b", "c"};

/* Three outputs that hold "new", as rules say. */
static struct vl_outfile_set open_set(unsigned rules)
{
    struct vl_outfile_set set = {0};
    for (int i = 0; i < 3; i++) {
        struct vl_outfile *out = NULL;
        struct vl_error err = {0};
        ck_assert_msg(vl_outfile_open(&out, names[i], 0600, rules, &err) == 0, "%s",
                      err.message);
        ck_assert_int_eq(vl_outfile_write(out, "new", 3, NULL), 0);
        vl_outfile_set_add(&set, out);
    }
    vl_outfile_set_add(&set, NULL);
    ck_assert_uint_eq(set.n, 3);
    return set;
}

static void free_set(struct vl_outfile_set *set)
{
    for (size_t i = 0; i < set->n; i++)
        vl_outfile_free(set->v[i]);
}

static void write_old(void)
{
    for (int i = 0; i < 3; i++)
        write_file(names[i], "old");
}

static void assert_all_hold(const char *text)
{
    for (int i = 0; i < 3; i++)
        assert_holds(names[i], text);
    ck_assert_uint_eq(count_files("*"), 3);
}

START_TEST(test_all_are_named)
{
    for (int round = 0; round < 2; round++) {
        struct vl_outfile_set set = open_set(round ? VL_OUTFILE_REPLACES : 0);
        ck_assert_int_eq(vl_outfile_set_commit(&set, NULL), 0);
        free_set(&set);
        assert_all_hold("new");
        write_old();
    }
}
END_TEST

START_TEST(test_earlier_files_are_there_until_settled)
{
    write_old();
    struct vl_outfile_set set = open_set(VL_OUTFILE_REPLACES);
    ck_assert_int_eq(vl_outfile_set_name(&set, NULL), 0);
    assert_holds("a", "new");
    assert_holds("a.before", "old");
    assert_holds("c.before", "old");
    ck_assert_int_eq(vl_outfile_set_settle(&set, NULL), 0);
    free_set(&set);
    assert_all_hold("new");
}
END_TEST

START_TEST(test_undone_set_is_as_before)
{
    write_old();
    struct vl_outfile_set set = open_set(VL_OUTFILE_REPLACES);
    ck_assert_int_eq(vl_outfile_set_name(&set, NULL), 0);
    vl_outfile_set_undo(&set);
    vl_outfile_set_undo(&set);
    free_set(&set);
    assert_all_hold("old");
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(unlink(names[i]), 0);
    set = open_set(0);
    ck_assert_int_eq(vl_outfile_set_name(&set, NULL), 0);
    vl_outfile_set_undo(&set);
    free_set(&set);
    ck_assert_uint_eq(count_files("*"), 0);
}
END_TEST

START_TEST(test_file_that_appeared_stays)
{
    struct vl_error err = {0};
    struct vl_outfile_set set = open_set(0);
    write_file("b", "other");
    ck_assert_int_eq(vl_outfile_set_commit(&set, &err), VL_ERR_IO);
    ck_assert_str_eq(err.message,
                     "b: appeared while this run was at work and is not overwritten");
    free_set(&set);
    assert_holds("b", "other");
    ck_assert_uint_eq(count_files("*"), 1);
}
END_TEST

START_TEST(test_directory_in_the_way)
{
    write_old();
    struct vl_outfile_set set = open_set(VL_OUTFILE_REPLACES);
    ck_assert_int_eq(unlink("c"), 0);
    ck_assert_int_eq(mkdir("c", 0700), 0);
    ck_assert_int_eq(vl_outfile_set_commit(&set, NULL), VL_ERR_IO);
    free_set(&set);
    assert_holds("a", "old");
    assert_holds("b", "old");
    ck_assert_uint_eq(count_files("*"), 3);
}
END_TEST

START_TEST(test_of_two_runs_one_is_refused)
{
    struct vl_error err = {0};
    struct vl_outfile *late = NULL;
    write_old();
    struct vl_outfile_set set = open_set(VL_OUTFILE_REPLACES);
    struct vl_outfile_set other = open_set(VL_OUTFILE_REPLACES);
    ck_assert_int_eq(vl_outfile_set_name(&set, NULL), 0);
    ck_assert_int_eq(vl_outfile_set_commit(&other, &err), VL_ERR_IO);
    ck_assert_ptr_nonnull(strstr(err.message, "a: another run is just writing"));
    ck_assert_ptr_nonnull(strstr(err.message, "a.before holds what stood there"));
    ck_assert_int_eq(vl_outfile_open(&late, "b", 0600, VL_OUTFILE_REPLACES, &err),
                     VL_ERR_IO);
    ck_assert_int_eq(vl_outfile_set_settle(&set, NULL), 0);
    free_set(&set);
    free_set(&other);
    assert_all_hold("new");
}
END_TEST

START_TEST(test_what_a_killed_run_leaves_is_explained)
{
    struct vl_error err = {0};
    write_file("a", "old");
    ck_assert_int_eq(link("a", "a.before"), 0);
    ck_assert_int_eq(vl_outfile_check("a", VL_OUTFILE_REPLACES, &err), VL_ERR_IO);
    ck_assert_ptr_nonnull(strstr(err.message, "a.before is the same file"));
    write_file("b.before", "");
    ck_assert_int_eq(vl_outfile_check("b", 0, &err), VL_ERR_IO);
    ck_assert_ptr_nonnull(strstr(err.message, "b.before is empty"));
    struct vl_buf name = VL_BUF_INIT;
    ck_assert(!vl_outfile_find_before("a", &name));
    ck_assert(!vl_outfile_find_before("b", &name));
    ck_assert(!vl_outfile_find_before("c", &name));
    write_file("c.before", "older");
    ck_assert(vl_outfile_find_before("c", &name));
    ck_assert_uint_eq(name.len, 8);
    ck_assert_mem_eq(name.data, "c.before", 8);
    vl_buf_clear(&name);
}
END_TEST

static void end_by_signal(int number)
{
    if (!vl_ending_begin(number))
        return;
    vl_outfile_unlink_all();
    signal(number, SIG_DFL);
    raise(number);
}

/* Runs `part` in a process that ends by signals as the program does; the signal it ended
 * by, or 0. */
static int ends_by(void (*part)(struct vl_outfile_set *))
{
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        struct vl_outfile_set set = open_set(VL_OUTFILE_REPLACES);
        signal(SIGTERM, end_by_signal);
        signal(SIGINT, end_by_signal);
        part(&set);
        _exit(0);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void end_before(struct vl_outfile_set *set)
{
    (void)set;
    raise(SIGTERM);
}

/* The first signal is the one that ends it. */
static void end_between(struct vl_outfile_set *set)
{
    int rc = vl_outfile_set_name(set, NULL);
    raise(SIGTERM);
    raise(SIGINT);
    raise(SIGTERM);
    if (rc == 0 && access("a.before", F_OK) == 0)
        rc = vl_outfile_set_settle(set, NULL);
    _exit(rc < 0);
}

static void end_and_undo(struct vl_outfile_set *set)
{
    if (vl_outfile_set_name(set, NULL) < 0)
        return;
    raise(SIGINT);
    vl_outfile_set_undo(set);
}

START_TEST(test_signals_wait_for_the_whole_set)
{
    write_old();
    ck_assert_int_eq(ends_by(end_before), SIGTERM);
    assert_all_hold("old");
    ck_assert_int_eq(ends_by(end_and_undo), SIGINT);
    assert_all_hold("old");
    ck_assert_int_eq(ends_by(end_between), SIGTERM);
    assert_all_hold("new");
}
END_TEST

Suite *outfile_set_suite(void)
{
    Suite *suite = suite_create("outfile_set");
    TCase *tc = tcase_create("outfile_set");
    tcase_add_checked_fixture(tc, enter_directory, leave_directory);
    tcase_add_test(tc, test_all_are_named);
    tcase_add_test(tc, test_earlier_files_are_there_until_settled);
    tcase_add_test(tc, test_undone_set_is_as_before);
    tcase_add_test(tc, test_file_that_appeared_stays);
    tcase_add_test(tc, test_directory_in_the_way);
    tcase_add_test(tc, test_of_two_runs_one_is_refused);
    tcase_add_test(tc, test_what_a_killed_run_leaves_is_explained);
    tcase_add_test(tc, test_signals_wait_for_the_whole_set);
    suite_add_tcase(suite, tc);
    return suite;
}
