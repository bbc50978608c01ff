#include <check.h>
#include <stdio.h>
#include <string.h>

#include "varlock/digest.h"

Suite *digest_suite(void);

static void expect_hex(const uint8_t *bytes, size_t n, const char *hex)
{
    char shown[2 * 64 + 1];
    for (size_t i = 0; i < n; i++)
        snprintf(shown + 2 * i, 3, "%02x", bytes[i]);
    ck_assert_str_eq(shown, hex);
}

/* FIPS 180-4 examples (csrc.nist.gov, SHA256.pdf) and the hash of nothing. */
static const struct {
    const char *text, *hex;
} vectors[] = {
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
};

START_TEST(test_vectors_in_one_piece)
{
    uint8_t hash[VL_SHA256_BYTES];
    ck_assert_int_eq(vl_sha256(vectors[_i].text, strlen(vectors[_i].text), hash), 0);
    expect_hex(hash, sizeof hash, vectors[_i].hex);
}
END_TEST

START_TEST(test_handle_starts_over)
{
    uint8_t hash[VL_SHA256_BYTES];
    struct vl_digest *digest = vl_digest_new();
    ck_assert_ptr_nonnull(digest);
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        for (const char *p = vectors[i].text; *p; p++)
            vl_digest_add(digest, p, 1);
        ck_assert_int_eq(vl_digest_finish(digest, hash), 0);
        expect_hex(hash, sizeof hash, vectors[i].hex);
    }
    vl_digest_free(digest);
}
END_TEST

/* FIPS 180-2, B.3. */
START_TEST(test_a_million_letters)
{
    uint8_t hash[VL_SHA256_BYTES];
    char letters[1000];
    memset(letters, 'a', sizeof letters);
    struct vl_digest *digest = vl_digest_new();
    for (int i = 0; i < 1000; i++)
        vl_digest_add(digest, letters, sizeof letters);
    vl_digest_add(digest, NULL, 0);
    ck_assert_int_eq(vl_digest_finish(digest, hash), 0);
    expect_hex(hash, sizeof hash,
               "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    vl_digest_free(digest);
    vl_digest_free(NULL);
}
END_TEST

Suite *digest_suite(void)
{
    Suite *suite = suite_create("digest");
    TCase *tcase = tcase_create("sha256");
    tcase_add_loop_test(tcase, test_vectors_in_one_piece, 0,
                        sizeof vectors / sizeof vectors[0]);
    tcase_add_test(tcase, test_handle_starts_over);
    tcase_add_test(tcase, test_a_million_letters);
    suite_add_tcase(suite, tcase);
    return suite;
}
