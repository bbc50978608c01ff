#include <check.h>

#include "../../src/crypto/passphrase_kdf.h"
#include "hex_fixture.h"

Suite *passphrase_kdf_suite(void);

/* scrypt: RFC 7914 §12; PBKDF2: §11; bcrypt: the vectors of OpenBSD, and of Python's
 * bcrypt.kdf(b"password", b"0123456789abcdef", 48, 7). */
static const struct {
    enum passphrase_kdf kdf;
    uint32_t rounds;
    const char *passphrase, *salt, *hex;
} vectors[] = {
    {KDF_SCRYPT, 0, "pleaseletmein", "SodiumChloride",
     "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
     "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887"},
    {KDF_PBKDF2_SHA256, 1, "passwd", "salt",
     "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
     "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783"},
#ifdef HAVE_BOTAN
    {KDF_BCRYPT, 4, "password", "salt",
     "5bbf0cc293587f1c3635555c27796598d47e579071bf427e9d8fbe842aba34d9"},
    {KDF_BCRYPT, 7, "password", "0123456789abcdef",
     "eee88bd91974c50de8ebde88d89b72255aa621f65b06dbaa0aeeb86655c4306a"
     "3bc567d15c560fac44c4aad109ff1ad8"},
#endif
};

START_TEST(test_vectors)
{
    uint8_t out[64];
    size_t n = strlen(vectors[_i].hex) / 2;
    ck_assert_int_eq(passphrase_kdf_check(vectors[_i].kdf, vectors[_i].rounds, NULL), 0);
    ck_assert_int_eq(passphrase_derive(vectors[_i].kdf, vectors[_i].rounds,
                                       vectors[_i].passphrase,
                                       strlen(vectors[_i].passphrase),
                                       (const uint8_t *)vectors[_i].salt,
                                       strlen(vectors[_i].salt), out, n, NULL),
                     0);
    expect_hex(out, n, vectors[_i].hex);
}
END_TEST

START_TEST(test_rounds)
{
    struct vl_error err = {0};
    ck_assert_int_eq(passphrase_kdf_check(KDF_SCRYPT, 0, NULL), 0);
    ck_assert_int_eq(passphrase_kdf_check(KDF_PBKDF2_SHA256, 100000, NULL), 0);
    ck_assert_int_eq(passphrase_kdf_check(KDF_PBKDF2_SHA256, 0, NULL), VL_ERR_KEY);
    ck_assert_int_eq(passphrase_kdf_check(KDF_PBKDF2_SHA256, UINT32_MAX, &err),
                     VL_ERR_KEY);
    ck_assert_str_eq(err.message,
                     "hashes its passphrase 4294967295 times; varlock takes 1 to "
                     "10000000");
    ck_assert_int_eq(passphrase_kdf_check(KDF_BCRYPT, BCRYPT_ROUNDS_MAX + 1, &err),
                     VL_ERR_KEY);
#ifndef HAVE_BOTAN
    ck_assert_ptr_nonnull(strstr(err.message, "ssh-keygen -p"));
    ck_assert_ptr_nonnull(strstr(err.message, "crypt4gh-keygen --relock"));
#endif
}
END_TEST

#ifdef HAVE_BOTAN
START_TEST(test_bcrypt_without_a_passphrase)
{
    uint8_t out[32];
    const char *unused = "not looked at";
    ck_assert_int_eq(passphrase_derive(KDF_BCRYPT, 4, unused, 0, (const uint8_t *)"salt",
                                       4, out, sizeof out, NULL),
                     VL_ERR_KEY);
}
END_TEST
#endif

Suite *passphrase_kdf_suite(void)
{
    Suite *suite = suite_create("passphrase_kdf");
    TCase *tcase = tcase_create("passphrase_kdf");
    tcase_add_loop_test(tcase, test_vectors, 0, sizeof vectors / sizeof vectors[0]);
    tcase_add_test(tcase, test_rounds);
#ifdef HAVE_BOTAN
    tcase_add_test(tcase, test_bcrypt_without_a_passphrase);
#endif
    suite_add_tcase(suite, tcase);
    return suite;
}
