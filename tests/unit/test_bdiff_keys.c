/* Several private keys for one BDIFF: which are asked for their passphrase, and in which
 * order. */
#include <check.h>

#include "key_fixture.h"
#include "run/bdiff_keys.h"

Suite *bdiff_keys_suite(void);

static char asked[512], noted[1024];

static int tell_and_record(void *arg, const char *path, char *out, int cap)
{
    const char *slash = strrchr(path, '/');
    (void)arg;
    snprintf(asked + strlen(asked), sizeof asked - strlen(asked), "%s ", slash + 1);
    ck_assert_int_le(12, cap);
    memcpy(out, "varlock-test", 12);
    return 12;
}

static void record_note(void *arg, const char *line)
{
    (void)arg;
    snprintf(noted, sizeof noted, "%s", line);
}

static char *copy_of(const char *path)
{
    char *copy = strdup(path);
    ck_assert_ptr_nonnull(copy);
    return copy;
}

/* The owner's golden file, sealed to alice and to ssh.pub instead. */
static void setup(void)
{
    make_scratch();
    char *alice = copy_of(key_path("alice.pub.pem")), *ssh = copy_of(key_path("ssh.pub"));
    char *owner = copy_of(key_path("owner.pem"));
    const char *recipients[] = {alice, ssh};
    const struct vl_reencrypt_options o = {.size = sizeof o,
                                           .masked = "testdata/golden/masked.bam",
                                           .bdiff = "testdata/golden/owner.bdiff",
                                           .key = owner,
                                           .recipients = {recipients, 2},
                                           .all = true,
                                           .output = scratch_path("m.bdiff")};
    struct vl_error err = {0};
    ck_assert_msg(vl_reencrypt(&o, NULL, &err) == 0, "%s", err.message);
    free(alice);
    free(ssh);
    free(owner);
}

static int open_with(int n, const char *const *names, struct vl_error *err)
{
    const char *paths[4];
    struct vl_bdiff_reader *reader = NULL;
    const struct vl_hooks hooks = {.passphrase = tell_and_record, .note = record_note};
    for (int i = 0; i < n; i++)
        paths[i] = copy_of(key_path(names[i]));
    asked[0] = noted[0] = '\0';
    struct vl_list keys = {paths, (size_t)n};
    int rc = bdiff_open_with_keys(&reader, scratch_path("m.bdiff"), &keys, &hooks, NULL,
                                  NULL, err);
    ck_assert_int_eq(reader != NULL, rc == 0);
    vl_bdiff_reader_free(reader);
    for (int i = 0; i < n; i++)
        free((char *)paths[i]);
    return rc;
}

static const struct {
    const char *names[3]; /* of key files */
    const char *asked, *opens;
} searches[] = {
    /* what needs no passphrase comes first, wherever it stands */
    {{"alice-pkcs1-enc.pem", "bob.pem", "ssh.sec"}, "", "ssh.sec"},
    {{"owner-enc.pem", "alice.pem", "ssh.sec"}, "", "alice.pem"},
    /* then in order, and only until one opens */
    {{"owner-enc.pem", "alice-pkcs1-enc.pem", "ed25519-enc.pem"},
     "owner-enc.pem alice-pkcs1-enc.pem ",
     "alice-pkcs1-enc.pem"},
    {{"owner-enc.pem", "c4gh-scrypt.sec", "bob.pem"},
     "owner-enc.pem c4gh-scrypt.sec ",
     NULL},
#ifdef HAVE_BOTAN
    /* the public half of an encrypted OpenSSH key is readable: its hint fits */
    {{"owner-enc.pem", "alice-pkcs1-enc.pem", "ssh-enc.sec"},
     "ssh-enc.sec ",
     "ssh-enc.sec"},
#endif
};

START_TEST(test_order)
{
    struct vl_error err = {0};
    int rc = open_with(3, searches[_i].names, &err);
    ck_assert_str_eq(asked, searches[_i].asked);
    if (searches[_i].opens) {
        ck_assert_msg(rc == 0, "%s", err.message);
        const char *name = strrchr(strtok(noted, " "), '/') + 1;
        ck_assert_str_eq(name, searches[_i].opens);
    } else {
        ck_assert_int_eq(rc, VL_ERR_KEY);
        ck_assert_ptr_nonnull(strstr(err.message, "none of the 3 keys opens it: "));
        ck_assert_ptr_nonnull(strstr(err.message, "owner-enc.pem has no entry; "));
        ck_assert_ptr_nonnull(strstr(err.message, "c4gh-scrypt.sec has no entry; "));
        ck_assert_ptr_nonnull(strstr(err.message, "bob.pem has no entry"));
    }
}
END_TEST

/* One key behaves as it always did: no note. */
START_TEST(test_one_key)
{
    const char *names[] = {"alice.pem"}, *others[] = {"bob.pem"};
    struct vl_error err = {0};
    ck_assert_int_eq(open_with(1, names, NULL), 0);
    ck_assert_str_eq(noted, "");
    ck_assert_int_eq(open_with(1, others, &err), VL_ERR_KEY);
    ck_assert_ptr_nonnull(strstr(err.message, "is not the key of any of its 2"));
}
END_TEST

/* A file that is no key ends the search before any passphrase is asked for. */
START_TEST(test_no_key)
{
    const char *names[] = {"owner-enc.pem", "alice.pem", "README.md"};
    struct vl_error err = {0};
    ck_assert_int_eq(open_with(3, names, &err), VL_ERR_KEY);
    ck_assert_ptr_nonnull(strstr(err.message, "README.md: is not a key file"));
    ck_assert_str_eq(asked, "");
}
END_TEST

Suite *bdiff_keys_suite(void)
{
    Suite *suite = suite_create("bdiff_keys");
    TCase *tcase = tcase_create("bdiff_keys");
    tcase_add_checked_fixture(tcase, setup, remove_scratch);
    tcase_add_loop_test(tcase, test_order, 0, sizeof searches / sizeof searches[0]);
    tcase_add_test(tcase, test_one_key);
    tcase_add_test(tcase, test_no_key);
    suite_add_tcase(suite, tcase);
    return suite;
}
