#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "varlock/key.h"
#include "varlock/varlock.h"

Suite *keygen_suite(void);

static char scratch[64];
static char name[80], private_path[96], public_path[96];

static void make_scratch(void)
{
    strcpy(scratch, "/tmp/varlock-keygen-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(scratch));
    snprintf(name, sizeof name, "%s/lab", scratch);
    snprintf(private_path, sizeof private_path, "%s.pem", name);
    snprintf(public_path, sizeof public_path, "%s.pub.pem", name);
    umask(022);
}

static void remove_scratch(void)
{
    char command[96];
    snprintf(command, sizeof command, "rm -r '%s'", scratch);
    ck_assert_int_eq(system(command), 0);
}

static int count_files(void)
{
    int n = 0;
    DIR *directory = opendir(scratch);
    ck_assert_ptr_nonnull(directory);
    while (readdir(directory))
        n++;
    closedir(directory);
    return n - 2;
}

static mode_t mode_of(const char *path)
{
    struct stat st;
    ck_assert_int_eq(stat(path, &st), 0);
    return st.st_mode & 07777;
}

static int say_passphrase(void *arg, const char *path, char *out, int cap)
{
    (void)path, (void)cap;
    memcpy(out, arg, strlen(arg));
    return (int)strlen(arg);
}

START_TEST(test_pair_is_written)
{
    struct vl_key *private = NULL, *public = NULL;
    struct vl_error err = {0};
    char passphrase[] = "varlock-test";
    const struct vl_keygen_options options = {sizeof options, name, _i ? 2048 : 0,
                                              _i ? passphrase : NULL, NULL};
    int rc = vl_keygen(&options, &err);
    ck_assert_msg(rc == 0, "%s", err.message);
    ck_assert_int_eq(count_files(), 2);
    ck_assert_int_eq(mode_of(private_path), 0600);
    ck_assert_int_eq(mode_of(public_path), 0644);
    ck_assert_int_eq(vl_key_read_public(&public, public_path, NULL), 0);
    ck_assert_int_eq(vl_key_read_private(&private, private_path, NULL, NULL, NULL),
                     _i ? VL_ERR_KEY : 0);
    if (_i)
        ck_assert_int_eq(
            vl_key_read_private(&private, private_path, say_passphrase, passphrase, NULL),
            0);
    ck_assert_uint_eq(vl_key_size(public), _i ? 256 : 384);
    ck_assert_uint_eq(vl_key_size(private), vl_key_size(public));
    vl_key_free(private);
    vl_key_free(public);
}
END_TEST

START_TEST(test_existing_files_stay)
{
    const struct vl_keygen_options options = {sizeof options, name, 2048, NULL, NULL};
    const char *existing = _i % 2 ? public_path : private_path;
    struct vl_error err = {0};
    if (_i < 2) {
        FILE *f = fopen(existing, "w");
        ck_assert_ptr_nonnull(f);
        ck_assert_int_eq(fputs("precious", f) < 0, 0);
        ck_assert_int_eq(fclose(f), 0);
    } else { /* a dangling symbolic link counts too */
        ck_assert_int_eq(symlink("nowhere", existing), 0);
    }
    ck_assert_int_eq(vl_keygen(&options, &err), VL_ERR_USAGE);
    ck_assert_msg(strncmp(err.message, existing, strlen(existing)) == 0, "%s",
                  err.message);
    ck_assert_int_eq(count_files(), 1);
    if (_i < 2) {
        char content[16] = "";
        FILE *f = fopen(existing, "r");
        ck_assert_ptr_nonnull(f);
        ck_assert_ptr_nonnull(fgets(content, sizeof content, f));
        fclose(f);
        ck_assert_str_eq(content, "precious");
    }
}
END_TEST

START_TEST(test_refusals_leave_nothing)
{
    char absent[112];
    snprintf(absent, sizeof absent, "%s/absent/lab", scratch);
    const struct vl_keygen_options refused[] = {
        {sizeof *refused, name, 1024, NULL, NULL},
        {sizeof *refused, name, 8193, NULL, NULL},
        {sizeof *refused, name, 2048, "", NULL},
        {sizeof *refused, "", 2048, NULL, NULL},
        {sizeof *refused, name, 0, NULL, "dsa"},
        {sizeof *refused, name, 2048, NULL, "x25519"}};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        ck_assert_int_eq(vl_keygen(&refused[i], NULL), VL_ERR_USAGE);
    const struct vl_keygen_options unwritable = {sizeof unwritable, absent, 2048, NULL,
                                                 NULL};
    ck_assert_int_eq(vl_keygen(&unwritable, NULL), VL_ERR_IO);
    ck_assert_int_eq(count_files(), 0);
}
END_TEST

Suite *keygen_suite(void)
{
    Suite *suite = suite_create("keygen");
    TCase *tcase = tcase_create("keygen");
    tcase_add_checked_fixture(tcase, make_scratch, remove_scratch);
    tcase_add_loop_test(tcase, test_pair_is_written, 0, 2);
    tcase_add_loop_test(tcase, test_existing_files_stay, 0, 4);
    tcase_add_test(tcase, test_refusals_leave_nothing);
    suite_add_tcase(suite, tcase);
    return suite;
}
