#include <check.h>

#include "../../src/crypto/hpke.h"
#include "hex_fixture.h"

Suite *hpke_suite(void);

/* RFC 9180 A.2.1, and the first encryption of A.2.1.1. */
static const char SK_EPHEMERAL[] =
    "f4ec9b33b792c372c1d2c2063507b684ef925b8c75a42dbcbf57d63ccd381600";
static const char PK_EPHEMERAL[] =
    "1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a";
static const char SK_RECIPIENT[] =
    "8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb";
static const char PK_RECIPIENT[] =
    "4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a";
static const char CIPHERTEXT[] = "1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8"
                                 "c8b60b4db21993c62ce81883d2dd1b"
                                 "51a28";
static const struct hpke_text INFO = {"Ode on a Grecian Urn", 20};
static const struct hpke_text AD = {"Count-0", 7};
static const struct hpke_text MESSAGE = {"Beauty is truth, truth beauty", 29};

static struct vl_key *pair(const char *hex)
{
    uint8_t secret[VL_X25519_BYTES];
    struct vl_key *key = NULL;
    from_hex(hex, secret);
    ck_assert_int_eq(vl_key_from_x25519(&key, NULL, secret, NULL), 0);
    return key;
}

static void seal(struct vl_buf *sealed)
{
    uint8_t recipient[VL_X25519_BYTES];
    struct vl_key *ephemeral = pair(SK_EPHEMERAL);
    from_hex(PK_RECIPIENT, recipient);
    ck_assert_int_eq(hpke_seal(ephemeral, recipient, INFO, AD, MESSAGE, sealed, NULL), 0);
    vl_key_free(ephemeral);
}

START_TEST(test_vector_of_the_rfc)
{
    struct vl_buf sealed = VL_BUF_INIT;
    uint8_t message[29];
    bool opens = false;
    seal(&sealed);
    expect_hex(sealed.data, VL_X25519_BYTES, PK_EPHEMERAL);
    expect_hex(sealed.data + VL_X25519_BYTES, sealed.len - VL_X25519_BYTES, CIPHERTEXT);
    struct vl_key *own = pair(SK_RECIPIENT);
    ck_assert_int_eq(hpke_open(own, INFO, AD, (struct hpke_text){sealed.data, sealed.len},
                               message, &opens, NULL),
                     0);
    ck_assert(opens);
    ck_assert_mem_eq(message, MESSAGE.bytes, MESSAGE.n);
    vl_key_free(own);
    vl_buf_clear(&sealed);
}
END_TEST

static bool opens_with(const struct vl_key *own, struct hpke_text info,
                       struct hpke_text ad, const struct vl_buf *sealed, size_t n)
{
    uint8_t message[64];
    bool opens = true;
    ck_assert_int_eq(hpke_open(own, info, ad, (struct hpke_text){sealed->data, n},
                               message, &opens, NULL),
                     0);
    return opens;
}

START_TEST(test_what_does_not_open)
{
    struct vl_buf sealed = VL_BUF_INIT;
    struct vl_key *own = pair(SK_RECIPIENT), *other = pair(SK_EPHEMERAL);
    seal(&sealed);
    ck_assert(opens_with(own, INFO, AD, &sealed, sealed.len));
    ck_assert(!opens_with(other, INFO, AD, &sealed, sealed.len));
    ck_assert(!opens_with(own, AD, AD, &sealed, sealed.len));
    ck_assert(!opens_with(own, INFO, INFO, &sealed, sealed.len));
    for (size_t n = 0; n < sealed.len; n++)
        ck_assert(!opens_with(own, INFO, AD, &sealed, n));
    for (size_t i = 0; i < sealed.len; i++) {
        sealed.data[i] ^= 1;
        ck_assert(!opens_with(own, INFO, AD, &sealed, sealed.len));
        sealed.data[i] ^= 1;
    }
    memset(sealed.data, 0, VL_X25519_BYTES); /* an ephemeral key of low order */
    ck_assert(!opens_with(own, INFO, AD, &sealed, sealed.len));
    vl_key_free(own);
    vl_key_free(other);
    vl_buf_clear(&sealed);
}
END_TEST

START_TEST(test_recipient_of_low_order)
{
    static const uint8_t ZERO[VL_X25519_BYTES];
    struct vl_buf sealed = VL_BUF_INIT;
    struct vl_key *ephemeral = pair(SK_EPHEMERAL);
    ck_assert_int_eq(hpke_seal(ephemeral, ZERO, INFO, AD, MESSAGE, &sealed, NULL),
                     VL_ERR_KEY);
    ck_assert_uint_eq(sealed.len, 0);
    vl_key_free(ephemeral);
    vl_buf_clear(&sealed);
}
END_TEST

Suite *hpke_suite(void)
{
    Suite *suite = suite_create("hpke");
    TCase *tcase = tcase_create("hpke");
    tcase_add_test(tcase, test_vector_of_the_rfc);
    tcase_add_test(tcase, test_what_does_not_open);
    tcase_add_test(tcase, test_recipient_of_low_order);
    suite_add_tcase(suite, tcase);
    return suite;
}
