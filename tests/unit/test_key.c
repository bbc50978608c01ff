#include <check.h>
#include <string.h>

#include "key_fixture.h"
#include "varlock/digest.h"
#include "varlock/file.h"
#include "varlock/seal.h"

Suite *key_suite(void);

/* ---- hint ---- */

START_TEST(test_hint_is_the_hash_of_id_and_spki)
{
    uint8_t id[VL_FILE_ID_BYTES], hint[VL_HINT_BYTES];
    char shown[2 * VL_HINT_BYTES + 1];
    struct vl_key *key = read_public(key_path("alice.pub.pem"));
    memset(id, 'i', sizeof id);
    write_scratch("id", id, sizeof id);
    ck_assert_int_eq(vl_key_hint(key, id, hint, NULL), 0);
    ck_assert_int_eq(
        openssl("pkey -pubin -in $K/alice.pub.pem -pubout -outform DER -out spki"
                " && cat id spki | openssl dgst -sha256 -r > hash"),
        0);
    FILE *f = fopen(scratch_path("hash"), "r");
    ck_assert_ptr_nonnull(f);
    ck_assert_ptr_nonnull(fgets(shown, sizeof shown, f));
    fclose(f);
    for (int i = 0; i < VL_HINT_BYTES; i++) {
        char hex[3];
        snprintf(hex, sizeof hex, "%02x", hint[i]);
        ck_assert_mem_eq(hex, shown + 2 * i, 2);
    }
    vl_key_free(key);
}
END_TEST

START_TEST(test_fingerprint_is_that_of_openssl)
{
    char fingerprint[VL_FINGERPRINT_CHARS + 1] = "", shown[64] = "SHA256:";
    struct vl_key *key = read_public(key_path("alice.pub.pem"));
    ck_assert_int_eq(vl_key_fingerprint(key, fingerprint, NULL), 0);
    ck_assert_int_eq(openssl("pkey -pubin -in $K/alice.pub.pem -outform DER -out spki"
                             " && openssl dgst -sha256 -binary < spki | openssl base64"
                             " | tr -d = > print"),
                     0);
    FILE *f = fopen(scratch_path("print"), "r");
    ck_assert_ptr_nonnull(f);
    ck_assert_ptr_nonnull(fgets(shown + 7, sizeof shown - 7, f));
    fclose(f);
    shown[strcspn(shown, "\n")] = '\0';
    ck_assert_str_eq(fingerprint, shown);
    vl_key_free(key);
}
END_TEST

/* ---- wrapping ---- */

START_TEST(test_openssl_opens_a_wrapped_secret)
{
    struct vl_buf wrapped = VL_BUF_INIT, opened = VL_BUF_INIT;
    struct vl_key *key = read_public(key_path("bob.pub.pem"));
    ck_assert_int_eq(vl_key_wrap(key, file_id, secret, &wrapped, NULL), 0);
    write_scratch("wrapped", wrapped.data, wrapped.len);
    ck_assert_int_eq(openssl("pkeyutl -decrypt -inkey $K/bob.pem -in wrapped -out opened"
                             " -pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256"
                             " -pkeyopt rsa_mgf1_md:sha256"),
                     0);
    ck_assert_int_eq(vl_file_slurp(scratch_path("opened"), 4096, &opened, NULL), 0);
    ck_assert_uint_eq(opened.len, VL_SECRET_BYTES);
    ck_assert_mem_eq(opened.data, secret, VL_SECRET_BYTES);
    vl_buf_clear(&wrapped);
    vl_buf_clear(&opened);
    vl_key_free(key);
}
END_TEST

static void wrap_with_openssl(const void *bytes, size_t n, const char *options,
                              struct vl_buf *wrapped)
{
    write_scratch("plain", bytes, n);
    ck_assert_int_eq(openssl("pkeyutl -encrypt -pubin -inkey $K/bob.pub.pem -in plain"
                             " -out wrapped %s",
                             options),
                     0);
    vl_buf_reset(wrapped);
    ck_assert_int_eq(vl_file_slurp(scratch_path("wrapped"), 4096, wrapped, NULL), 0);
}

#define OAEP_SHA256 "-pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256"

START_TEST(test_opens_what_openssl_wrapped)
{
    uint8_t opened[VL_SECRET_BYTES];
    struct vl_buf wrapped = VL_BUF_INIT;
    struct vl_key *key = read_private(key_path("bob.pem"), NULL);
    wrap_with_openssl(secret, sizeof secret, OAEP_SHA256, &wrapped);
    ck_assert_int_eq(vl_key_unwrap(key, file_id, wrapped.data, wrapped.len, opened, NULL),
                     0);
    ck_assert_mem_eq(opened, secret, sizeof secret);
    vl_buf_clear(&wrapped);
    vl_key_free(key);
}
END_TEST

/* Returns 0, and another secret every time. */
static void expect_random(const struct vl_key *key, const uint8_t *wrapped, size_t n)
{
    static const uint8_t zeros[VL_SECRET_BYTES];
    uint8_t first[VL_SECRET_BYTES] = {0}, second[VL_SECRET_BYTES] = {0};
    struct vl_error err = {0};
    ck_assert_int_eq(vl_key_unwrap(key, file_id, wrapped, n, first, &err), 0);
    ck_assert_int_eq(vl_key_unwrap(key, file_id, wrapped, n, second, &err), 0);
    ck_assert_int_eq(err.code, 0);
    ck_assert_mem_ne(first, second, VL_SECRET_BYTES);
    ck_assert_mem_ne(first, secret, VL_SECRET_BYTES);
    ck_assert_mem_ne(first, zeros, VL_SECRET_BYTES);
}

START_TEST(test_failed_unwrapping_is_silent)
{
    uint8_t longer[VL_SECRET_BYTES + 1];
    struct vl_buf wrapped = VL_BUF_INIT;
    struct vl_key *bob = read_private(key_path("bob.pem"), NULL);
    struct vl_key *alice = read_private(key_path("alice.pem"), NULL);
    struct vl_key *large = read_private(key_path("rsa3072.pem"), NULL);
    struct vl_key *bob_public = read_public(key_path("bob.pub.pem"));
    wrap_with_openssl(secret, sizeof secret, OAEP_SHA256, &wrapped);
    expect_random(alice, wrapped.data, wrapped.len);
    expect_random(large, wrapped.data, wrapped.len);
    expect_random(bob_public, wrapped.data, wrapped.len);
    expect_random(bob, wrapped.data, wrapped.len - 1);
    expect_random(bob, wrapped.data, 0);
    wrapped.data[100] ^= 1;
    expect_random(bob, wrapped.data, wrapped.len);
    memset(wrapped.data, 0xff, wrapped.len); /* above the modulus */
    expect_random(bob, wrapped.data, wrapped.len);
    memset(longer, 'x', sizeof longer);
    wrap_with_openssl(longer, sizeof longer, OAEP_SHA256, &wrapped);
    expect_random(bob, wrapped.data, wrapped.len);
    wrap_with_openssl(secret, sizeof secret - 1, OAEP_SHA256, &wrapped);
    expect_random(bob, wrapped.data, wrapped.len);
    wrap_with_openssl(secret, sizeof secret, "-pkeyopt rsa_padding_mode:oaep", &wrapped);
    expect_random(bob, wrapped.data, wrapped.len);
    wrap_with_openssl(secret, sizeof secret, "", &wrapped);
    expect_random(bob, wrapped.data, wrapped.len);
    vl_buf_clear(&wrapped);
    vl_key_free(bob);
    vl_key_free(alice);
    vl_key_free(large);
    vl_key_free(bob_public);
}
END_TEST

/* ---- signing ---- */

#define MESSAGE "envelope, header and index"
#define PSS                                                                              \
    "-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32 -sigopt rsa_mgf1_md:sha256"

START_TEST(test_openssl_verifies_a_signature)
{
    uint8_t digest[VL_SHA256_BYTES];
    struct vl_buf signature = VL_BUF_INIT;
    struct vl_key *key = read_private(key_path("owner.pem"), NULL);
    ck_assert_int_eq(vl_sha256(MESSAGE, sizeof MESSAGE - 1, digest), 0);
    ck_assert_int_eq(vl_key_sign(key, digest, &signature, NULL), 0);
    ck_assert_uint_eq(signature.len, vl_key_size(key));
    write_scratch("signature", signature.data, signature.len);
    write_scratch("message", MESSAGE, sizeof MESSAGE - 1);
    ck_assert_int_eq(openssl("dgst -sha256 " PSS " -verify $K/owner.pub.pem"
                             " -signature signature message"),
                     0);
    ck_assert_int_ne(openssl("dgst -sha256 " PSS " -verify $K/alice.pub.pem"
                             " -signature signature message"),
                     0);
    vl_buf_clear(&signature);
    vl_key_free(key);
}
END_TEST

static bool verifies(const struct vl_key *key, const char *message,
                     const uint8_t *signature, size_t n)
{
    uint8_t digest[VL_SHA256_BYTES];
    bool valid = true;
    ck_assert_int_eq(vl_sha256(message, strlen(message), digest), 0);
    ck_assert_int_eq(vl_key_verify(key, digest, signature, n, &valid, NULL), 0);
    return valid;
}

static void sign_with_openssl(const char *options, struct vl_buf *signature)
{
    write_scratch("message", MESSAGE, sizeof MESSAGE - 1);
    ck_assert_int_eq(
        openssl("dgst -sha256 %s -sign $K/owner.pem -out signature message", options), 0);
    vl_buf_reset(signature);
    ck_assert_int_eq(vl_file_slurp(scratch_path("signature"), 4096, signature, NULL), 0);
}

START_TEST(test_verifies_what_openssl_signed)
{
    struct vl_buf signature = VL_BUF_INIT;
    struct vl_key *owner = read_public(key_path("owner.pub.pem"));
    struct vl_key *alice = read_public(key_path("alice.pub.pem"));
    sign_with_openssl(PSS, &signature);
    ck_assert(verifies(owner, MESSAGE, signature.data, signature.len));
    ck_assert(!verifies(owner, MESSAGE "!", signature.data, signature.len));
    ck_assert(!verifies(alice, MESSAGE, signature.data, signature.len));
    ck_assert(!verifies(owner, MESSAGE, signature.data, signature.len - 1));
    ck_assert(!verifies(owner, MESSAGE, signature.data, 0));
    for (size_t i = 0; i < signature.len; i += 17) {
        signature.data[i] ^= 0x40;
        ck_assert(!verifies(owner, MESSAGE, signature.data, signature.len));
        signature.data[i] ^= 0x40;
    }
    sign_with_openssl("-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:20",
                      &signature);
    ck_assert(!verifies(owner, MESSAGE, signature.data, signature.len));
    sign_with_openssl("", &signature);
    ck_assert(!verifies(owner, MESSAGE, signature.data, signature.len));
    vl_buf_clear(&signature);
    vl_key_free(owner);
    vl_key_free(alice);
}
END_TEST

/* What openssl signs and verifies: the label with its NUL, and the digest. */
static void write_signed_text(const uint8_t digest[static VL_SHA256_BYTES])
{
    static const char LABEL[] = "varlock bdiff 1 signature";
    uint8_t text[sizeof LABEL + VL_SHA256_BYTES];
    memcpy(text, LABEL, sizeof LABEL);
    memcpy(text + sizeof LABEL, digest, VL_SHA256_BYTES);
    write_scratch("text", text, sizeof text);
}

START_TEST(test_ed25519_signature)
{
    static const char *const names[][2] = {{"ed25519.pem", "ed25519.pub.pem"},
                                           {"ssh.sec", "ssh.pub"}};
    for (int i = 0; i < 2; i++) {
        uint8_t digest[VL_SHA256_BYTES];
        struct vl_buf signature = VL_BUF_INIT;
        struct vl_key *private = read_private(key_path(names[i][0]), NULL);
        struct vl_key *public = read_public(key_path(names[i][1]));
        struct vl_key *other = read_public(key_path(names[1 - i][1]));
        ck_assert_int_eq(vl_sha256(MESSAGE, strlen(MESSAGE), digest), 0);
        ck_assert_int_eq(vl_key_sign(private, digest, &signature, NULL), 0);
        ck_assert_uint_eq(signature.len, VL_ED25519_SIGNATURE_BYTES);
        ck_assert(verifies(public, MESSAGE, signature.data, signature.len));
        ck_assert(!verifies(public, MESSAGE "!", signature.data, signature.len));
        ck_assert(!verifies(other, MESSAGE, signature.data, signature.len));
        for (size_t n = 0; n < signature.len; n++)
            ck_assert(!verifies(public, MESSAGE, signature.data, n));
        write_signed_text(digest);
        write_scratch("signature", signature.data, signature.len);
        if (i == 0) {
            ck_assert_int_eq(openssl("pkeyutl -verify -rawin -pubin -inkey "
                                     "$K/ed25519.pub.pem -in text -sigfile signature"),
                             0);
            ck_assert_int_eq(openssl("pkeyutl -sign -rawin -inkey $K/ed25519.pem -in text"
                                     " -out signed && cmp signed signature"),
                             0);
        }
        vl_buf_clear(&signature);
        vl_key_free(private);
        vl_key_free(public);
        vl_key_free(other);
    }
}
END_TEST

START_TEST(test_x25519_signs_nothing)
{
    uint8_t digest[VL_SHA256_BYTES] = {0}, signature[64] = {0};
    struct vl_buf made = VL_BUF_INIT;
    struct vl_key *key = read_private(key_path("x25519.pem"), NULL);
    bool valid = true;
    ck_assert(!vl_key_can_sign(key));
    ck_assert_int_eq(vl_key_sign(key, digest, &made, NULL), VL_ERR_USAGE);
    ck_assert_uint_eq(made.len, 0);
    ck_assert_int_eq(vl_key_verify(key, digest, signature, 64, &valid, NULL),
                     VL_ERR_USAGE);
    ck_assert(!valid);
    vl_key_free(key);
}
END_TEST

/* Each entry is new, is bound to its file, and one that does not open is silent. */
START_TEST(test_wrapping_with_x25519)
{
    struct vl_buf first = VL_BUF_INIT, second = VL_BUF_INIT;
    uint8_t opened[VL_SECRET_BYTES], other_file[VL_FILE_ID_BYTES] = {0};
    struct vl_key *private = read_private(key_path("ssh.sec"), NULL);
    struct vl_key *public = read_public(key_path("ssh.pub"));
    ck_assert_int_eq(vl_key_wrap(public, file_id, secret, &first, NULL), 0);
    ck_assert_int_eq(vl_key_wrap(public, file_id, secret, &second, NULL), 0);
    ck_assert_uint_eq(first.len, 80);
    ck_assert_mem_ne(first.data, second.data, VL_X25519_BYTES);
    ck_assert_int_eq(vl_key_unwrap(private, file_id, first.data, 80, opened, NULL), 0);
    ck_assert_mem_eq(opened, secret, sizeof secret);
    ck_assert_int_eq(vl_key_unwrap(private, other_file, first.data, 80, opened, NULL), 0);
    ck_assert_mem_ne(opened, secret, sizeof secret);
    expect_random(private, first.data, 79);
    vl_buf_add_byte(&first, 0);
    expect_random(private, first.data, 81);
    memset(first.data, 0, VL_X25519_BYTES);
    expect_random(private, first.data, 80);
    vl_buf_clear(&first);
    vl_buf_clear(&second);
    vl_key_free(private);
    vl_key_free(public);
}
END_TEST

START_TEST(test_public_key_cannot_sign)
{
    struct vl_error err = {0};
    struct vl_buf signature = VL_BUF_INIT;
    uint8_t digest[VL_SHA256_BYTES] = {0};
    struct vl_key *key = read_public(key_path("owner.pub.pem"));
    ck_assert_int_lt(vl_key_sign(key, digest, &signature, &err), 0);
    ck_assert_uint_eq(signature.len, 0);
    ck_assert_str_ne(err.message, "");
    vl_buf_clear(&signature);
    vl_key_free(key);
}
END_TEST

/* ---- generation and export ---- */

START_TEST(test_generated_pair_is_read_back)
{
    char passphrase[] = "correct horse";
    struct vl_buf private_pem = VL_BUF_INIT, public_pem = VL_BUF_INIT;
    struct vl_key *key = NULL;
    ck_assert_int_eq(vl_key_generate(&key, 2048, NULL), 0);
    for (int encrypted = 0; encrypted < 2; encrypted++) {
        char *with = encrypted ? passphrase : NULL;
        vl_buf_reset(&private_pem);
        vl_buf_reset(&public_pem);
        ck_assert_int_eq(vl_key_export(key, with, &private_pem, &public_pem, NULL), 0);
        write_scratch("new.pem", private_pem.data, private_pem.len);
        struct vl_key *private = read_private(scratch_path("new.pem"), with);
        write_scratch("new.pub.pem", public_pem.data, public_pem.len);
        struct vl_key *public = read_public(scratch_path("new.pub.pem"));
        expect_same_key(private, key);
        expect_same_key(public, key);
        ck_assert_int_eq(
            openssl("pkey -in new.pem -check -noout -passin pass:'%s'", passphrase), 0);
        ck_assert_int_eq(openssl("pkey -in new.pem -pubout -out derived.pem"
                                 " -passin pass:'%s' && cmp derived.pem new.pub.pem",
                                 passphrase),
                         0);
        vl_key_free(private);
        vl_key_free(public);
    }
    vl_buf_wipe(&private_pem);
    vl_buf_clear(&public_pem);
    vl_key_free(key);
}
END_TEST

START_TEST(test_encrypted_export_stretches_the_passphrase)
{
    struct vl_buf private_pem = VL_BUF_INIT, public_pem = VL_BUF_INIT;
    struct vl_key *key = read_private(key_path("owner.pem"), NULL);
    ck_assert_int_eq(vl_key_export(key, "varlock-test", &private_pem, &public_pem, NULL),
                     0);
    write_scratch("enc.pem", private_pem.data, private_pem.len);
    /* 600,000 is 0x0927C0. */
    ck_assert_int_eq(openssl("asn1parse -in enc.pem > asn1"
                             " && grep -q 'OBJECT *:PBKDF2' asn1"
                             " && grep -q 'INTEGER *:0927C0' asn1"
                             " && grep -q 'OBJECT *:hmacWithSHA256' asn1"
                             " && grep -q 'OBJECT *:aes-256-cbc' asn1"),
                     0);
    ck_assert_int_eq(openssl("pkey -in enc.pem -passin pass:varlock-test -out plain.pem"
                             " && cmp plain.pem $K/owner.pem"),
                     0);
    ck_assert_int_ne(openssl("pkey -in enc.pem -passin pass:other -noout"), 0);
    vl_buf_wipe(&private_pem);
    vl_buf_clear(&public_pem);
    vl_key_free(key);
}
END_TEST

START_TEST(test_refused_sizes_and_passphrases)
{
    const int sizes[] = {0, 1024, 2047, 8193, 16384, -1};
    struct vl_key *key = NULL;
    for (int i = 0; i < 6; i++)
        ck_assert_int_eq(vl_key_generate(&key, sizes[i], NULL), VL_ERR_USAGE);
    ck_assert_ptr_null(key);

    char too_long[VL_PASSPHRASE_MAX + 2];
    struct vl_buf private_pem = VL_BUF_INIT, public_pem = VL_BUF_INIT;
    memset(too_long, 'p', sizeof too_long - 1);
    too_long[sizeof too_long - 1] = '\0';
    key = read_private(key_path("owner.pem"), NULL);
    ck_assert_int_eq(vl_key_export(key, "", &private_pem, &public_pem, NULL),
                     VL_ERR_USAGE);
    ck_assert_int_eq(vl_key_export(key, too_long, &private_pem, &public_pem, NULL),
                     VL_ERR_USAGE);
    ck_assert_uint_eq(private_pem.len + public_pem.len, 0);
    vl_key_free(key);
    key = read_public(key_path("owner.pub.pem"));
    ck_assert_int_lt(vl_key_export(key, NULL, &private_pem, &public_pem, NULL), 0);
    ck_assert_uint_eq(private_pem.len + public_pem.len, 0);
    vl_key_free(key);
}
END_TEST

Suite *key_suite(void)
{
    Suite *suite = suite_create("key");
    TCase *tcase = tcase_create("key");
    tcase_add_checked_fixture(tcase, make_scratch, remove_scratch);
    tcase_add_test(tcase, test_hint_is_the_hash_of_id_and_spki);
    tcase_add_test(tcase, test_fingerprint_is_that_of_openssl);
    tcase_add_test(tcase, test_openssl_opens_a_wrapped_secret);
    tcase_add_test(tcase, test_opens_what_openssl_wrapped);
    tcase_add_test(tcase, test_failed_unwrapping_is_silent);
    tcase_add_test(tcase, test_openssl_verifies_a_signature);
    tcase_add_test(tcase, test_verifies_what_openssl_signed);
    tcase_add_test(tcase, test_ed25519_signature);
    tcase_add_test(tcase, test_x25519_signs_nothing);
    tcase_add_test(tcase, test_wrapping_with_x25519);
    tcase_add_test(tcase, test_public_key_cannot_sign);
    tcase_add_test(tcase, test_generated_pair_is_read_back);
    tcase_add_test(tcase, test_encrypted_export_stretches_the_passphrase);
    tcase_add_test(tcase, test_refused_sizes_and_passphrases);
    suite_add_tcase(suite, tcase);
    return suite;
}
