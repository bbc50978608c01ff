#include <check.h>

#include "../../src/crypto/c4gh_key_file.h"
#include "hex_fixture.h"
#include "key_fixture.h"

Suite *c4gh_key_file_suite(void);

/* "c4gh-v1", none, none, 32 bytes 40 41 .. */
static size_t plain_key(uint8_t *bytes)
{
    size_t n = from_hex("633467682d763100046e6f6e6500046e6f6e650020", bytes);
    for (int i = 0; i < VL_X25519_BYTES; i++)
        bytes[n++] = (uint8_t)(0x40 + i);
    return n;
}

static int decode(const uint8_t *bytes, size_t n, struct vl_error *err)
{
    static char passphrase[] = "x";
    struct passphrase_source source = {say_passphrase, passphrase, "a.sec", false, false};
    struct vl_key *key = NULL;
    int rc = c4gh_key_decode(&key, bytes, n, &source, err);
    ck_assert_int_eq(key != NULL, rc == 0);
    vl_key_free(key);
    return rc;
}

static void expect_message(const uint8_t *bytes, size_t n, const char *message)
{
    struct vl_error err = {0};
    ck_assert_int_eq(decode(bytes, n, &err), VL_ERR_KEY);
    ck_assert_str_eq(err.message, message);
}

START_TEST(test_comment)
{
    uint8_t bytes[128];
    size_t n = plain_key(bytes);
    ck_assert(c4gh_key_is(bytes, n));
    ck_assert(!c4gh_key_is(bytes, 6));
    ck_assert_int_eq(decode(bytes, n, NULL), 0);
    memcpy(bytes + n, "\0\0", 2);
    ck_assert_int_eq(decode(bytes, n + 2, NULL), 0);
    memcpy(bytes + n, "\0\2me", 4);
    ck_assert_int_eq(decode(bytes, n + 4, NULL), 0);
    expect_message(bytes, n + 1, "a.sec: is a damaged Crypt4GH key");
    expect_message(bytes, n + 3, "a.sec: is a damaged Crypt4GH key");
    expect_message(bytes, n + 5, "a.sec: is a damaged Crypt4GH key");
}
END_TEST

/* Every cut, in memory that ends where the key does. */
START_TEST(test_truncated)
{
    uint8_t bytes[128];
    size_t n = plain_key(bytes);
    for (size_t i = strlen("c4gh-v1"); i < n; i++) {
        uint8_t *cut = malloc(i);
        memcpy(cut, bytes, i);
        expect_message(cut, i, "a.sec: is a damaged Crypt4GH key");
        free(cut);
    }
}
END_TEST

START_TEST(test_unknown_methods)
{
    uint8_t bytes[256];
    size_t n = from_hex("633467682d763100066172676f6e32", bytes);
    expect_message(bytes, n,
                   "a.sec: is a Crypt4GH key encrypted with argon2, which varlock does "
                   "not know");
    n = plain_key(bytes);
    memcpy(bytes + 15, "nine", 4); /* the cipher */
    expect_message(bytes, n,
                   "a.sec: is a Crypt4GH key encrypted with nine, which varlock does not "
                   "know");
    n = plain_key(bytes);
    bytes[20] = 31;
    expect_message(bytes, n, "a.sec: is a damaged Crypt4GH key");
    expect_message(bytes, n - 1, "a.sec: is a damaged Crypt4GH key");
}
END_TEST

/* pbkdf2_hmac_sha256 of 2^32 - 1 rounds would take an hour. */
START_TEST(test_rounds_without_end)
{
    uint8_t bytes[256], *at = bytes;
    at += from_hex("633467682d76310012", at);
    memcpy(at, "pbkdf2_hmac_sha256", 18);
    at += 18;
    at += from_hex("0008ffffffff00010203"
                   "0011",
                   at);
    memcpy(at, "chacha20_poly1305", 17);
    at += 17;
    at += from_hex("003c", at);
    memset(at, 0, 60);
    at += 60;
    expect_message(bytes, (size_t)(at - bytes),
                   "a.sec: hashes its passphrase 4294967295 times; varlock takes 1 to "
                   "10000000");
    memset(bytes + 29, 0, 4);
    bytes[32] = 1;
    expect_message(bytes, (size_t)(at - bytes), "a.sec: wrong passphrase");
}
END_TEST

Suite *c4gh_key_file_suite(void)
{
    Suite *suite = suite_create("c4gh_key_file");
    TCase *tcase = tcase_create("c4gh_key_file");
    tcase_add_test(tcase, test_comment);
    tcase_add_test(tcase, test_truncated);
    tcase_add_test(tcase, test_unknown_methods);
    tcase_add_test(tcase, test_rounds_without_end);
    suite_add_tcase(suite, tcase);
    return suite;
}
