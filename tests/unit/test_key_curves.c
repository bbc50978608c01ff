#include <check.h>

#include "../../src/crypto/edwards.h"
#include "../../src/crypto/key_handle.h"
#include "hex_fixture.h"
#include "key_fixture.h"

Suite *key_curves_suite(void);

/* RFC 7748 §6.1 */
static const char ALICE[] =
    "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"
    "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a";
static const char BOB[] =
    "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"
    "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f";
static const char SHARED[] =
    "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";

struct halves {
    uint8_t secret[VL_X25519_BYTES], public[VL_X25519_BYTES];
};

START_TEST(test_agreement_of_the_rfc)
{
    struct halves alice, bob;
    uint8_t public[VL_X25519_BYTES], shared[VL_X25519_BYTES];
    struct vl_key *key = NULL;
    from_hex(ALICE, (uint8_t *)&alice);
    from_hex(BOB, (uint8_t *)&bob);
    ck_assert_int_eq(vl_key_from_x25519(&key, NULL, alice.secret, NULL), 0);
    ck_assert_int_eq(vl_key_type(key), VL_KEY_X25519);
    ck_assert(vl_key_is_private(key));
    ck_assert_int_eq(vl_key_x25519_public(key, public, NULL), 0);
    ck_assert_mem_eq(public, alice.public, sizeof public);
    ck_assert_int_eq(vl_key_x25519_agree(key, bob.public, shared, NULL), 0);
    expect_hex(shared, sizeof shared, SHARED);
    vl_key_free(key);
    ck_assert_int_eq(vl_key_from_x25519(&key, NULL, bob.secret, NULL), 0);
    ck_assert_int_eq(vl_key_x25519_agree(key, alice.public, shared, NULL), 0);
    expect_hex(shared, sizeof shared, SHARED);
    vl_key_free(key);
}
END_TEST

/* The points of low order (https://cr.yp.to/ecdh.html#validate) below p. */
static const char *const low[] = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
};

START_TEST(test_low_order_is_refused)
{
    struct halves alice;
    uint8_t peer[VL_X25519_BYTES], shared[VL_X25519_BYTES];
    struct vl_key *key = NULL, *own = NULL;
    struct vl_error err = {0};
    from_hex(low[_i], peer);
    ck_assert_int_eq(vl_key_from_x25519(&key, peer, NULL, &err), VL_ERR_KEY);
    ck_assert_ptr_null(key);
    ck_assert_ptr_nonnull(strstr(err.message, "low order"));
    from_hex(ALICE, (uint8_t *)&alice);
    ck_assert_int_eq(vl_key_from_x25519(&own, NULL, alice.secret, NULL), 0);
    ck_assert_int_eq(vl_key_x25519_agree(own, peer, shared, NULL), VL_ERR_KEY);
    vl_key_free(own);
}
END_TEST

/* A second encoding of a good point. */
START_TEST(test_unreduced_public_half_is_refused)
{
    struct vl_key *key = NULL;
    struct vl_error err = {0};
    uint8_t public[VL_X25519_BYTES];
    from_hex(ALICE + 2 * VL_X25519_BYTES, public);
    ck_assert_int_eq(vl_key_from_x25519(&key, public, NULL, NULL), 0);
    ck_assert(!vl_key_is_private(key));
    vl_key_free(key);
    public[31] |= 0x80;
    ck_assert_int_eq(vl_key_from_x25519(&key, public, NULL, &err), VL_ERR_KEY);
    ck_assert_ptr_nonnull(strstr(err.message, "not below 2^255 - 19"));
    memset(public, 0xff, sizeof public); /* p + 9, which is the base point */
    public[0] = 0xf6;
    public[31] = 0x7f;
    ck_assert_int_eq(vl_key_from_x25519(&key, public, NULL, NULL), VL_ERR_KEY);
}
END_TEST

/* A seed with its public key: RFC 8032 §7.1, test 1.  Their X25519 form: libsodium's
 * crypto_sign_ed25519_pk_to_curve25519 and crypto_sign_ed25519_sk_to_curve25519. */
START_TEST(test_ed25519_in_its_x25519_form)
{
    static const char SEED[] =
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
    static const char PUBLIC[] =
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
    static const char U[] =
        "d85e07ec22b0ad881537c2f44d662d1a143cf830c57aca4305d85c7a90f6b62e";
    uint8_t seed[VL_ED25519_BYTES], public[VL_ED25519_BYTES], u[VL_X25519_BYTES];
    struct vl_key *pair = NULL, *half = NULL;
    struct vl_error err = {0};
    from_hex(SEED, seed);
    from_hex(PUBLIC, public);
    ck_assert_int_eq(key_from_ed25519(&pair, public, seed, NULL), 0);
    ck_assert_int_eq(key_from_ed25519(&half, public, NULL, NULL), 0);
    ck_assert(vl_key_is_private(pair) && !vl_key_is_private(half));
    ck_assert_int_eq(vl_key_x25519_public(half, u, NULL), 0);
    expect_hex(u, sizeof u, U);
    ck_assert_int_eq(vl_key_x25519_public(pair, u, NULL), 0);
    expect_hex(u, sizeof u, U);
    expect_same_key(pair, half);
    ck_assert_int_eq(vl_key_x25519_agree(half, u, seed, &err), VL_ERR_USAGE);
    vl_key_free(pair);
    vl_key_free(half);
    seed[0] ^= 1;
    ck_assert_int_eq(key_from_ed25519(&pair, public, seed, &err), VL_ERR_KEY);
    ck_assert_ptr_null(pair);
    ck_assert_ptr_nonnull(strstr(err.message, "do not belong together"));
}
END_TEST

/* What is no Ed25519 public key. */
static const char *const bad_points[] = {
    /* y = 1, of either sign; y = -1, of either sign */
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    /* y = p, p + 1, 2^255 - 1 */
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    /* y = 2 and y = 7: no x */
    "0200000000000000000000000000000000000000000000000000000000000000",
    "0700000000000000000000000000000000000000000000000000000000000000",
};

START_TEST(test_no_point_of_the_curve)
{
    uint8_t key[32], u[32];
    bool usable = true;
    struct vl_key *made = NULL;
    struct vl_error err = {0};
    from_hex(bad_points[_i], key);
    ck_assert_int_eq(edwards_to_montgomery(key, u, &usable, NULL), 0);
    ck_assert(!usable);
    ck_assert_int_eq(key_from_ed25519(&made, key, NULL, &err), VL_ERR_KEY);
    ck_assert_ptr_nonnull(strstr(err.message, "not a usable point of the curve"));
}
END_TEST

/* y = 0 is a point, of order 4. */
START_TEST(test_ed25519_of_low_order)
{
    static const uint8_t ZERO[32];
    uint8_t u[32];
    bool usable = false;
    struct vl_key *key = NULL;
    struct vl_error err = {0};
    ck_assert_int_eq(edwards_to_montgomery(ZERO, u, &usable, NULL), 0);
    ck_assert(usable);
    ck_assert_int_eq(key_from_ed25519(&key, ZERO, NULL, &err), VL_ERR_KEY);
    ck_assert_ptr_nonnull(strstr(err.message, "low order"));
}
END_TEST

START_TEST(test_rsa_agrees_with_nobody)
{
    uint8_t u[32] = {9}, shared[32];
    struct vl_error err = {0};
    struct vl_key *key = read_private(key_path("owner.pem"), NULL);
    ck_assert_int_eq(vl_key_type(key), VL_KEY_RSA);
    ck_assert(vl_key_is_private(key));
    ck_assert_int_eq(vl_key_x25519_agree(key, u, shared, &err), VL_ERR_KEY);
    ck_assert_ptr_nonnull(strstr(err.message, "is an RSA key"));
    vl_key_free(key);
    key = read_public(key_path("owner.pub.pem"));
    ck_assert(!vl_key_is_private(key));
    vl_key_free(key);
}
END_TEST

START_TEST(test_generated_keys_agree)
{
    const enum vl_key_type types[] = {VL_KEY_X25519, VL_KEY_ED25519};
    for (int i = 0; i < 4; i++) {
        struct vl_key *a = NULL, *b = NULL;
        uint8_t public_a[32], public_b[32], shared_a[32], shared_b[32];
        ck_assert_int_eq(vl_key_generate_type(&a, types[i % 2], NULL), 0);
        ck_assert_int_eq(vl_key_generate_type(&b, types[i / 2], NULL), 0);
        ck_assert_int_eq(vl_key_type(a), types[i % 2]);
        ck_assert_int_eq(vl_key_x25519_public(a, public_a, NULL), 0);
        ck_assert_int_eq(vl_key_x25519_public(b, public_b, NULL), 0);
        ck_assert_int_eq(vl_key_x25519_agree(a, public_b, shared_a, NULL), 0);
        ck_assert_int_eq(vl_key_x25519_agree(b, public_a, shared_b, NULL), 0);
        ck_assert_mem_eq(shared_a, shared_b, 32);
        ck_assert_mem_ne(public_a, public_b, 32);
        vl_key_free(a);
        vl_key_free(b);
    }
}
END_TEST

Suite *key_curves_suite(void)
{
    Suite *suite = suite_create("key_curves");
    TCase *tcase = tcase_create("key_curves");
    tcase_add_test(tcase, test_agreement_of_the_rfc);
    tcase_add_loop_test(tcase, test_low_order_is_refused, 0, sizeof low / sizeof low[0]);
    tcase_add_test(tcase, test_unreduced_public_half_is_refused);
    tcase_add_test(tcase, test_ed25519_in_its_x25519_form);
    tcase_add_loop_test(tcase, test_no_point_of_the_curve, 0,
                        sizeof bad_points / sizeof bad_points[0]);
    tcase_add_test(tcase, test_ed25519_of_low_order);
    tcase_add_test(tcase, test_rsa_agrees_with_nobody);
    tcase_add_test(tcase, test_generated_keys_agree);
    suite_add_tcase(suite, tcase);
    return suite;
}
