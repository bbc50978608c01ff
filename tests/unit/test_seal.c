#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hex_fixture.h"
#include "varlock/seal.h"

Suite *seal_suite(void);

static void counting_key(uint8_t key[32])
{
    for (int i = 0; i < 32; i++)
        key[i] = (uint8_t)i;
}

/*
 * Test cases 13, 14 and 16 of McGrew and Viega, "The Galois/Counter Mode of Operation",
 * which NIST's SP 800-38D validation took over; their IVs read as section || ordinal. The
 * last one tells the byte order of both apart: python3-cryptography,
 * AESGCM(bytes(range(32))).encrypt(struct.pack("<IQ", 0x01020304, 0x1112131415161718),
 * b"window", b"associated").
 */
static const struct {
    const char *key;
    uint32_t section;
    uint64_t ordinal;
    const char *ad, *plain, *sealed;
} vectors[] = {
    {"0000000000000000000000000000000000000000000000000000000000000000", 0, 0, "", "",
     "530f8afbc74536b9a963b4f1c4cb738b"},
    {"0000000000000000000000000000000000000000000000000000000000000000", 0, 0, "",
     "00000000000000000000000000000000",
     "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"},
    {"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", 0xbebafeca,
     0x88f8cadeaddbcefa, "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
     "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
     "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece"
     "0f4e1768cddf8853bb2d551b"},
    {"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", 0x01020304,
     0x1112131415161718, "6173736f636961746564", "77696e646f77",
     "61d17d7a6bba247d7422599b0851e7428742596afcf3"},
};

START_TEST(test_gcm_vectors)
{
    uint8_t key[32], ad[64], plain[64], sealed[96];
    struct vl_buf out = VL_BUF_INIT;
    from_hex(vectors[_i].key, key);
    size_t ad_len = from_hex(vectors[_i].ad, ad);
    size_t n = from_hex(vectors[_i].plain, plain);
    ck_assert_int_eq(vl_seal(key, vectors[_i].section, vectors[_i].ordinal, ad, ad_len,
                             plain, n, &out, NULL),
                     0);
    expect_hex(out.data, out.len, vectors[_i].sealed);

    vl_buf_reset(&out);
    vl_buf_add(&out, "before", 6);
    size_t n_sealed = from_hex(vectors[_i].sealed, sealed);
    ck_assert_int_eq(vl_unseal(key, vectors[_i].section, vectors[_i].ordinal, ad, ad_len,
                               sealed, n_sealed, &out, NULL),
                     0);
    ck_assert_uint_eq(out.len, 6 + n);
    ck_assert_mem_eq(out.data, "before", 6);
    expect_hex(out.data + 6, n, vectors[_i].plain);
    vl_buf_wipe(&out);
}
END_TEST

static void expect_refusal(const uint8_t key[32], uint32_t section, uint64_t ordinal,
                           const char *ad, const uint8_t *sealed, size_t n)
{
    struct vl_buf out = VL_BUF_INIT;
    struct vl_error err = {0};
    ck_assert_int_eq(
        vl_unseal(key, section, ordinal, ad, strlen(ad), sealed, n, &out, &err),
        VL_ERR_SEAL);
    ck_assert_int_eq(err.code, VL_ERR_SEAL);
    ck_assert_str_ne(err.message, "");
    ck_assert_uint_eq(out.len, 0);
    for (size_t i = 0; i + 16 < n; i++)
        ck_assert_uint_eq(out.data[i], 0);
    vl_buf_clear(&out);
}

START_TEST(test_whatever_changes_is_refused)
{
    uint8_t key[32];
    struct vl_buf sealed = VL_BUF_INIT;
    counting_key(key);
    ck_assert_int_eq(vl_seal(key, 3, 7, "range", 5, "residual", 8, &sealed, NULL), 0);
    for (size_t i = 0; i < sealed.len * 8; i++) {
        sealed.data[i / 8] ^= (uint8_t)(1 << i % 8);
        expect_refusal(key, 3, 7, "range", sealed.data, sealed.len);
        sealed.data[i / 8] ^= (uint8_t)(1 << i % 8);
    }
    for (size_t n = 0; n < sealed.len; n++)
        expect_refusal(key, 3, 7, "range", sealed.data, n);
    expect_refusal(key, 4, 7, "range", sealed.data, sealed.len);
    expect_refusal(key, 3, 8, "range", sealed.data, sealed.len);
    expect_refusal(key, 3, 7, "Range", sealed.data, sealed.len);
    expect_refusal(key, 3, 7, "", sealed.data, sealed.len);
    key[31] ^= 1;
    expect_refusal(key, 3, 7, "range", sealed.data, sealed.len);
    vl_buf_clear(&sealed);
}
END_TEST

START_TEST(test_a_large_window)
{
    enum { N = 20 * 1000 * 1000 + 3 };
    uint8_t key[32], *plain = malloc(N);
    struct vl_buf sealed = VL_BUF_INIT, opened = VL_BUF_INIT;
    counting_key(key);
    for (size_t i = 0; i < N; i++)
        plain[i] = (uint8_t)(i * 2654435761u >> 13);
    ck_assert_int_eq(vl_seal(key, 1, 0, NULL, 0, plain, N, &sealed, NULL), 0);
    ck_assert_int_eq(
        vl_unseal(key, 1, 0, NULL, 0, sealed.data, sealed.len, &opened, NULL), 0);
    ck_assert_uint_eq(opened.len, N);
    ck_assert(memcmp(opened.data, plain, N) == 0);
    vl_buf_clear(&sealed);
    vl_buf_wipe(&opened);
    ck_assert_ptr_null(opened.data);
    free(plain);
}
END_TEST

/* RFC 5869, A.1 to A.3, the first 32 bytes of each OKM; the label takes the head of the
 * info. */
static const struct {
    const char *secret, *salt, *label, *info, *okm;
} hkdf_vectors[] = {
    {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "000102030405060708090a0b0c",
     "\xf0\xf1\xf2\xf3", "f4f5f6f7f8f9",
     "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"},
    {"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021222324252627"
     "28292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f",
     "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f8081828384858687"
     "88898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
     "\xb0",
     "b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8"
     "d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
     "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"},
    {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "", "",
     "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"},
    /* openssl kdf -keylen 32 -kdfopt digest:SHA256 -kdfopt hexkey:000102...1f
     * -kdfopt hexsalt:a0a1...af -kdfopt hexinfo:<"varlock seal">010203 HKDF */
    {"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
     "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf", "varlock seal", "010203",
     "5c760c231a5a4a23cf9e4e60417c254ec016ab1954c0cbb50506386294e53814"},
    /* ... -kdfopt info:"varlock draw permutechr20" HKDF, without salt */
    {"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", "",
     "varlock draw permute", "6368723230",
     "311dd568d08777658d3fabc998fd8562b46362b93cc421ce69afb763c86890e5"},
};

START_TEST(test_hkdf_vectors)
{
    uint8_t secret[128], salt[128], info[128], okm[32];
    size_t secret_len = from_hex(hkdf_vectors[_i].secret, secret);
    size_t salt_len = from_hex(hkdf_vectors[_i].salt, salt);
    size_t info_len = from_hex(hkdf_vectors[_i].info, info);
    ck_assert_int_eq(vl_hkdf(secret, secret_len, salt_len ? salt : NULL, salt_len,
                             hkdf_vectors[_i].label, info_len ? info : NULL, info_len,
                             okm, NULL),
                     0);
    expect_hex(okm, sizeof okm, hkdf_vectors[_i].okm);
}
END_TEST

/* RFC 4231, 4.2 to 4.5: HMAC pads a short key with zeros, so a zero-padded one is the
 * same key. */
static const struct {
    const char *key, *bytes, *mac;
} hmac_vectors[] = {
    {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {"4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
     "dddddddddddddddddddddddddddddddddddddddddddddddddd"
     "dddddddddddddddddddddddddddddddddddddddddddddddddd",
     "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
    {"0102030405060708090a0b0c0d0e0f10111213141516171819",
     "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"
     "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd",
     "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
};

START_TEST(test_hmac_vectors)
{
    uint8_t key[32] = {0}, bytes[64], mac[VL_MAC_BYTES];
    from_hex(hmac_vectors[_i].key, key);
    size_t n = from_hex(hmac_vectors[_i].bytes, bytes);
    ck_assert_int_eq(vl_mac(key, bytes, n, mac, NULL), 0);
    expect_hex(mac, sizeof mac, hmac_vectors[_i].mac);
}
END_TEST

/* openssl mac -digest SHA256 -macopt hexkey:00...00 -in /dev/null HMAC */
START_TEST(test_hmac_of_nothing)
{
    uint8_t key[32] = {0}, mac[VL_MAC_BYTES];
    ck_assert_int_eq(vl_mac(key, NULL, 0, mac, NULL), 0);
    expect_hex(mac, sizeof mac,
               "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}
END_TEST

START_TEST(test_comparison)
{
    ck_assert_int_eq(vl_compare_secret("secret", "secret", 6), 0);
    ck_assert_int_ne(vl_compare_secret("secret", "secreT", 6), 0);
    ck_assert_int_ne(vl_compare_secret("Secret", "secret", 6), 0);
    ck_assert_int_eq(vl_compare_secret("secret", "secreT", 5), 0);
}
END_TEST

START_TEST(test_random_fills_and_wipe_clears)
{
    uint8_t bytes[256] = {0};
    int n_zero = 0;
    ck_assert_int_eq(vl_random(bytes, sizeof bytes, NULL), 0);
    for (size_t i = 0; i < sizeof bytes; i++)
        n_zero += bytes[i] == 0;
    ck_assert_int_lt(n_zero,
                     32); /* expected: 1; 32 or more has a probability below 1e-35 */
    vl_wipe(bytes, sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++)
        ck_assert_uint_eq(bytes[i], 0);
    vl_buf_wipe(NULL);
}
END_TEST

Suite *seal_suite(void)
{
    Suite *suite = suite_create("seal");
    TCase *tcase = tcase_create("gcm");
    tcase_add_loop_test(tcase, test_gcm_vectors, 0, sizeof vectors / sizeof vectors[0]);
    tcase_add_test(tcase, test_whatever_changes_is_refused);
    tcase_add_test(tcase, test_a_large_window);
    suite_add_tcase(suite, tcase);
    tcase = tcase_create("derivation");
    tcase_add_loop_test(tcase, test_hkdf_vectors, 0,
                        sizeof hkdf_vectors / sizeof hkdf_vectors[0]);
    tcase_add_loop_test(tcase, test_hmac_vectors, 0,
                        sizeof hmac_vectors / sizeof hmac_vectors[0]);
    tcase_add_test(tcase, test_hmac_of_nothing);
    tcase_add_test(tcase, test_comparison);
    tcase_add_test(tcase, test_random_fills_and_wipe_clears);
    suite_add_tcase(suite, tcase);
    return suite;
}
