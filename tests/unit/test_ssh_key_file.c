#include <check.h>

#include "../../src/crypto/ssh_key_file.h"
#include "key_fixture.h"
#include "varlock/file.h"

Suite *ssh_key_file_suite(void);

/* The bytes that the PEM of a test key holds. */
static struct vl_buf blob_of(const char *name)
{
    struct vl_buf blob = VL_BUF_INIT;
    ck_assert_int_eq(
        openssl("version && { grep -v -- ----- $K/%s | base64 -d > blob; }", name), 0);
    ck_assert_int_eq(vl_file_slurp(scratch_path("blob"), 4096, &blob, NULL), 0);
    return blob;
}

static int decode(const struct vl_buf *blob, size_t n, bool is_peek, bool *needed,
                  struct vl_error *err)
{
    static char passphrase[] = "varlock-test";
    struct passphrase_source source = {say_passphrase, passphrase, "id", is_peek, false};
    struct vl_key *key = NULL;
    uint8_t *bytes = malloc(n + 1); /* ends where the key does, for the sanitizers */
    bytes = realloc(bytes, n > 0 ? n : 1);
    memcpy(bytes, blob->data, n);
    int rc = ssh_key_decode_private(&key, bytes, n, &source, err);
    ck_assert_int_eq(key != NULL, rc == 0);
    if (needed)
        *needed = source.needed;
    vl_key_free(key);
    free(bytes);
    return rc;
}

static void expect_message(const struct vl_buf *blob, size_t n, const char *why)
{
    struct vl_error err = {0};
    ck_assert_int_eq(decode(blob, n, false, NULL, &err), VL_ERR_KEY);
    ck_assert_msg(strstr(err.message, why), "'%s' lacks '%s'", err.message, why);
    ck_assert_int_eq(strncmp(err.message, "id: ", 4), 0);
}

/* Where a text stands in the blob for the last time. */
static size_t find(const struct vl_buf *blob, const char *text)
{
    for (size_t i = blob->len - strlen(text); i > 0; i--)
        if (memcmp(blob->data + i, text, strlen(text)) == 0)
            return i;
    ck_abort_msg("no %s", text);
}

START_TEST(test_truncated)
{
    struct vl_buf blob = blob_of("ssh.sec");
    ck_assert(ssh_key_is_private(blob.data, blob.len));
    ck_assert_int_eq(decode(&blob, blob.len, false, NULL, NULL), 0);
    for (size_t n = sizeof "openssh-key-v1"; n < blob.len; n++)
        expect_message(&blob, n, "is a damaged OpenSSH key");
    vl_buf_clear(&blob);
}
END_TEST

/* A plain key has no seal: each of its parts is checked against another.  What is not
 * there to check (the comment) may change. */
START_TEST(test_damaged)
{
    struct vl_buf blob = blob_of("ssh.sec");
    size_t comment = find(&blob, "TEST ONLY");
    for (size_t i = sizeof "openssh-key-v1"; i < blob.len; i++) {
        struct vl_error err = {0};
        if (i >= comment && i < comment + strlen("TEST ONLY"))
            continue;
        blob.data[i] ^= 1;
        ck_assert_msg(decode(&blob, blob.len, false, NULL, &err) == VL_ERR_KEY,
                      "byte %zu", i);
        blob.data[i] ^= 1;
    }
    vl_buf_clear(&blob);
}
END_TEST

START_TEST(test_other_ciphers_and_types)
{
    struct vl_buf blob = blob_of("ssh-enc.sec");
    size_t cipher = find(&blob, "aes256-ctr");
    memcpy(blob.data + cipher, "aes256-cbc", 10);
    expect_message(&blob, blob.len, "with cipher aes256-cbc; varlock knows bcrypt");
    memcpy(blob.data + cipher, "aes256-ctr", 10);
    memcpy(blob.data + find(&blob, "bcrypt"), "argon2", 6);
    expect_message(&blob, blob.len, "with KDF argon2");
    vl_buf_clear(&blob);
    ck_assert_int_eq(
        openssl("version && rm -f rsa && ssh-keygen -q -t rsa -b 2048 -N '' -f rsa"), 0);
    struct vl_key *key = NULL;
    struct vl_error err = {0};
    ck_assert_int_eq(vl_key_read_private(&key, scratch_path("rsa"), NULL, NULL, &err),
                     VL_ERR_KEY);
    ck_assert_ptr_nonnull(strstr(err.message,
                                 "is an OpenSSH key of type ssh-rsa; varlock "
                                 "needs ssh-ed25519, or an RSA key as PEM"));
    ck_assert_int_eq(vl_key_read_public(&key, scratch_path("rsa.pub"), &err), VL_ERR_KEY);
    ck_assert_ptr_nonnull(strstr(err.message, "is an OpenSSH key of type ssh-rsa"));
}
END_TEST

/* The public half stands outside what is encrypted. */
START_TEST(test_peek)
{
    bool needed = true;
    struct vl_buf blob = blob_of("ssh-enc.sec");
    ck_assert_int_eq(decode(&blob, blob.len, true, &needed, NULL), 0);
    ck_assert(!needed);
    vl_buf_clear(&blob);
}
END_TEST

START_TEST(test_public_lines)
{
    const char *path = key_path("ssh.pub");
    struct vl_buf text = VL_BUF_INIT;
    struct vl_key *key = NULL;
    struct vl_error err = {0};
    ck_assert_int_eq(vl_file_slurp(path, 4096, &text, NULL), 0);
    ck_assert_int_eq(ssh_key_decode_public(&key, text.data, text.len, path, NULL), 0);
    vl_key_free(key);
    size_t n = strlen("ssh-ed25519 ") + 68; /* neither comment nor line end */
    ck_assert_int_eq(ssh_key_decode_public(&key, text.data, n, path, NULL), 0);
    vl_key_free(key);
    for (size_t i = strlen("ssh-ed25519"); i < n; i++)
        ck_assert_int_eq(ssh_key_decode_public(&key, text.data, i, path, &err),
                         VL_ERR_KEY);
    text.data[20] = '!';
    ck_assert_int_eq(ssh_key_decode_public(&key, text.data, n, path, &err), VL_ERR_KEY);
    ck_assert_ptr_nonnull(strstr(err.message, "is a damaged OpenSSH key"));
    vl_buf_clear(&text);
}
END_TEST

Suite *ssh_key_file_suite(void)
{
    Suite *suite = suite_create("ssh_key_file");
    TCase *tcase = tcase_create("ssh_key_file");
    tcase_add_checked_fixture(tcase, make_scratch, remove_scratch);
    tcase_add_test(tcase, test_truncated);
    tcase_add_test(tcase, test_damaged);
    tcase_add_test(tcase, test_other_ciphers_and_types);
    tcase_add_test(tcase, test_peek);
    tcase_add_test(tcase, test_public_lines);
    suite_add_tcase(suite, tcase);
    return suite;
}
