#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "varlock/digest.h"
#include "varlock/file.h"
#include "varlock/key.h"
#include "varlock/seal.h"

Suite *key_suite(void);

static char scratch[64];
static const uint8_t secret[VL_SECRET_BYTES] = "0123456789abcdefghijklmnopqrstuv";

static const char *key_path(const char *name)
{
    static char path[4096];
    const char *testdata = getenv("VARLOCK_TESTDATA");
    snprintf(path, sizeof path, "%s/keys/%s", testdata ? testdata : "testdata", name);
    return path;
}

static const char *scratch_path(const char *name)
{
    static char path[4096];
    snprintf(path, sizeof path, "%s/%s", scratch, name);
    return path;
}

static void write_scratch(const char *name, const void *bytes, size_t n)
{
    FILE *f = fopen(scratch_path(name), "wb");
    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fwrite(bytes, 1, n, f), n);
    ck_assert_int_eq(fclose(f), 0);
}

/* Runs openssl in the scratch directory with $K the directory of the test keys; its exit
 * code. */
__attribute__((format(printf, 1, 2))) static int openssl(const char *format, ...)
{
    char arguments[4096], command[16384], *keys = realpath(key_path("."), NULL);
    va_list args;
    ck_assert_ptr_nonnull(keys);
    va_start(args, format);
    vsnprintf(arguments, sizeof arguments, format, args);
    va_end(args);
    snprintf(command, sizeof command, "cd '%s' && K='%s' && { openssl %s; } >>log 2>&1",
             scratch, keys, arguments);
    free(keys);
    return system(command);
}

static void make_scratch(void)
{
    strcpy(scratch, "/tmp/varlock-key-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(scratch));
}

static void remove_scratch(void)
{
    char command[96];
    snprintf(command, sizeof command, "rm -r '%s'", scratch);
    ck_assert_int_eq(system(command), 0);
}

static int say_passphrase(void *arg, const char *path, char *out, int cap)
{
    int n = (int)strlen(arg);
    ck_assert_ptr_nonnull(path);
    ck_assert_int_le(n, cap);
    memcpy(out, arg, (size_t)n);
    return n;
}

static int have_no_passphrase(void *arg, const char *path, char *out, int cap)
{
    (void)arg, (void)path, (void)out, (void)cap;
    return -1;
}

static int say_too_much(void *arg, const char *path, char *out, int cap)
{
    (void)arg, (void)path, (void)out;
    return cap + 1;
}

static struct vl_key *read_private(const char *path, char *passphrase)
{
    struct vl_key *key = NULL;
    struct vl_error err = {0};
    int rc = vl_key_read_private(&key, path, passphrase ? say_passphrase : NULL,
                                 passphrase, &err);
    ck_assert_msg(rc == 0, "%s", err.message);
    return key;
}

static struct vl_key *read_public(const char *path)
{
    struct vl_key *key = NULL;
    struct vl_error err = {0};
    int rc = vl_key_read_public(&key, path, &err);
    ck_assert_msg(rc == 0, "%s", err.message);
    return key;
}

static void expect_same_key(const struct vl_key *a, const struct vl_key *b)
{
    uint8_t id[VL_FILE_ID_BYTES] = {1, 2, 3}, hint_a[VL_HINT_BYTES],
            hint_b[VL_HINT_BYTES];
    ck_assert_int_eq(vl_key_hint(a, id, hint_a, NULL), 0);
    ck_assert_int_eq(vl_key_hint(b, id, hint_b, NULL), 0);
    ck_assert_mem_eq(hint_a, hint_b, VL_HINT_BYTES);
}

/* ---- reading ---- */

static const struct {
    const char *private_name, *public_name, *passphrase;
    size_t size;
} pairs[] = {
    {"owner.pem", "owner.pub.pem", NULL, 256},
    {"owner-enc.pem", "owner.pub.pem", "varlock-test", 256},
    {"alice.pem", "alice.pub.pem", NULL, 256},
    {"alice-pkcs1.pem", "alice-pkcs1.pub.pem", NULL, 256},
    {"alice-pkcs1-enc.pem", "alice.pub.pem", "varlock-test", 256},
    {"alice.pem", "alice-pkcs1.pub.pem", NULL, 256},
    {"rsa3072.pem", "rsa3072.pub.pem", NULL, 384},
};

START_TEST(test_every_form_is_read)
{
    char passphrase[] = "varlock-test";
    struct vl_buf wrapped = VL_BUF_INIT;
    uint8_t opened[VL_SECRET_BYTES];
    struct vl_key *public = read_public(key_path(pairs[_i].public_name));
    struct vl_key *private = read_private(key_path(pairs[_i].private_name),
                                          pairs[_i].passphrase ? passphrase : NULL);
    expect_same_key(private, public);
    ck_assert_uint_eq(vl_key_size(private), pairs[_i].size);
    ck_assert_uint_eq(vl_key_size(public), pairs[_i].size);
    ck_assert_int_eq(vl_key_wrap(public, secret, &wrapped, NULL), 0);
    ck_assert_uint_eq(wrapped.len, pairs[_i].size);
    ck_assert_int_eq(vl_key_unwrap(private, wrapped.data, wrapped.len, opened, NULL), 0);
    ck_assert_mem_eq(opened, secret, sizeof secret);
    vl_buf_clear(&wrapped);
    vl_key_free(private);
    vl_key_free(public);
}
END_TEST

/* A passphrase is asked for only where it is needed. */
START_TEST(test_plain_key_does_not_ask)
{
    struct vl_key *key = NULL;
    ck_assert_int_eq(
        vl_key_read_private(&key, key_path("owner.pem"), have_no_passphrase, NULL, NULL),
        0);
    vl_key_free(key);
    vl_key_free(NULL);
}
END_TEST

static void expect_refused(int rc, int code, const struct vl_error *err, const char *path,
                           const char *why)
{
    ck_assert_int_eq(rc, code);
    ck_assert_int_eq(err->code, code);
    ck_assert_msg(strncmp(err->message, path, strlen(path)) == 0, "%s", err->message);
    ck_assert_msg(strstr(err->message, why) != NULL, "'%s' lacks '%s'", err->message,
                  why);
}

static const struct {
    const char *name, *why;
} refused_private[] = {
    {"owner.pub.pem", "is a public key; the private key belongs here"},
    {"alice-pkcs1.pub.pem", "is a public key; the private key belongs here"},
    {"rsa1024.pem", "is an RSA key of 1024 bits; varlock needs 2048 to 8192"},
    {"ec-p256.pem", "is an EC key; varlock needs RSA"},
    {"owner-enc.pem", "is encrypted and there is no passphrase for it"},
    {"alice-pkcs1-enc.pem", "is encrypted and there is no passphrase for it"},
    {"README.md", "is not a PEM file"},
};

START_TEST(test_refused_private)
{
    const vl_passphrase_fn silent[] = {NULL, have_no_passphrase, say_too_much};
    const char *path = key_path(refused_private[_i].name);
    for (int i = 0; i < 3; i++) {
        struct vl_key *key = NULL;
        struct vl_error err = {0};
        int rc = vl_key_read_private(&key, path, silent[i], NULL, &err);
        expect_refused(rc, VL_ERR_KEY, &err, path, refused_private[_i].why);
        ck_assert_ptr_null(key);
    }
}
END_TEST

static const struct {
    const char *name, *why;
} refused_public[] = {
    {"owner.pem", "is a private key; the public key belongs here"},
    {"owner-enc.pem", "is a private key; the public key belongs here"},
    {"alice-pkcs1.pem", "is a private key; the public key belongs here"},
    {"rsa1024.pub.pem", "is an RSA key of 1024 bits; varlock needs 2048 to 8192"},
    {"ec-p256.pub.pem", "is an EC key; varlock needs RSA"},
    {"README.md", "is not a PEM file"},
};

START_TEST(test_refused_public)
{
    const char *path = key_path(refused_public[_i].name);
    struct vl_key *key = NULL;
    struct vl_error err = {0};
    int rc = vl_key_read_public(&key, path, &err);
    expect_refused(rc, VL_ERR_KEY, &err, path, refused_public[_i].why);
    ck_assert_ptr_null(key);
}
END_TEST

START_TEST(test_wrong_passphrase)
{
    /* PKCS#5 padding of a wrong decryption is right once in 256 times; the DER then is
     * not. */
    const char *names[] = {"owner-enc.pem", "alice-pkcs1-enc.pem"};
    for (int i = 0; i < 40; i++) {
        char passphrase[32];
        struct vl_key *key = NULL;
        struct vl_error err = {0};
        const char *path = key_path(names[i % 2]);
        snprintf(passphrase, sizeof passphrase, "wrong %d", i);
        int rc = vl_key_read_private(&key, path, say_passphrase, passphrase, &err);
        expect_refused(rc, VL_ERR_KEY, &err, path, "wrong passphrase");
        ck_assert_ptr_null(strstr(err.message, passphrase));
    }
}
END_TEST

START_TEST(test_missing_file)
{
    struct vl_key *key = NULL;
    struct vl_error err = {0};
    const char *path = scratch_path("absent.pem");
    expect_refused(vl_key_read_public(&key, path, &err), VL_ERR_IO, &err, path,
                   "No such file");
    expect_refused(vl_key_read_private(&key, path, NULL, NULL, &err), VL_ERR_IO, &err,
                   path, "No such file");
}
END_TEST

static void expect_private_refused(const char *name, const char *why)
{
    char passphrase[] = "varlock-test";
    struct vl_key *key = NULL;
    struct vl_error err = {0};
    const char *path = scratch_path(name);
    int rc = vl_key_read_private(&key, path, say_passphrase, passphrase, &err);
    expect_refused(rc, VL_ERR_KEY, &err, path, why);
}

static void expect_public_refused(const char *name, const char *why)
{
    struct vl_key *key = NULL;
    struct vl_error err = {0};
    const char *path = scratch_path(name);
    expect_refused(vl_key_read_public(&key, path, &err), VL_ERR_KEY, &err, path, why);
}

START_TEST(test_other_algorithms)
{
    ck_assert_int_eq(openssl("ecparam -name prime256v1 -genkey -out ec.pem"), 0);
    expect_private_refused("ec.pem", "is an EC key; varlock needs RSA");
    ck_assert_int_eq(openssl("genpkey -algorithm ED25519 -out ed.pem"), 0);
    expect_private_refused("ed.pem", "is an ED25519 key; varlock needs RSA");
    ck_assert_int_eq(openssl("genpkey -algorithm RSA-PSS -out pss.pem"), 0);
    expect_private_refused("pss.pem", "is an RSA-PSS key; varlock needs RSA");
    ck_assert_int_eq(openssl("pkey -in pss.pem -pubout -out pss.pub.pem"), 0);
    expect_public_refused("pss.pub.pem", "is an RSA-PSS key; varlock needs RSA");
    ck_assert_int_eq(openssl("req -x509 -key $K/owner.pem -subj /CN=x -out crt.pem"), 0);
    expect_public_refused("crt.pem", "is a certificate, not a key");
    ck_assert_int_eq(
        openssl("pkcs8 -topk8 -v1 PBE-MD5-DES -provider legacy -provider default"
                " -in $K/owner.pem -passout pass:varlock-test -out des.pem"),
        0);
    expect_private_refused("des.pem", "algorithm that OpenSSL does not support here");
    ck_assert_int_eq(openssl("ecparam -name prime256v1 -out parameters.pem"), 0);
    expect_private_refused("parameters.pem", "is a PEM file without a key");
}
END_TEST

START_TEST(test_odd_files)
{
    static char large[64 * 1024 + 1];
    static const char cut[] = "-----BEGIN PRIVATE KEY-----\nMIIE\n";
    static const char empty[] =
        "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n";
    static const char public[] =
        "-----BEGIN RSA PUBLIC KEY-----\nMAA=\n-----END RSA PUBLIC KEY-----\n";
    static const char ssh[] =
        "-----BEGIN OPENSSH PRIVATE KEY-----\nMAA=\n-----END OPENSSH PRIVATE KEY-----\n";
    write_scratch("large", large, sizeof large);
    expect_private_refused("large", "is not a key file: larger than 65536 bytes");
    write_scratch("none", "", 0);
    expect_private_refused("none", "is not a PEM file");
    write_scratch("cut", cut, sizeof cut - 1);
    expect_private_refused("cut", "is a damaged PEM file");
    write_scratch("empty", empty, sizeof empty - 1);
    expect_private_refused("empty", "is damaged, or a key of an algorithm");
    write_scratch("public", public, sizeof public - 1);
    expect_public_refused("public", "is damaged, or a key of an algorithm");
    write_scratch("ssh", ssh, sizeof ssh - 1);
    expect_private_refused("ssh", "is an OPENSSH key; varlock needs RSA");
}
END_TEST

/* Modulus of owner.pem under the exponent 1: its ciphertexts are the padded plaintexts.
 */
START_TEST(test_exponent_of_one)
{
    ck_assert_int_eq(
        openssl("rsa -in $K/owner.pem -RSAPublicKey_out -outform DER -out o.der"), 0);
    struct vl_buf der = VL_BUF_INIT;
    ck_assert_int_eq(vl_file_slurp(scratch_path("o.der"), 4096, &der, NULL), 0);
    ck_assert_mem_eq(der.data + der.len - 5, "\x02\x03\x01\x00\x01", 5);
    /* The INTEGER and the SEQUENCE around it become two bytes shorter. */
    der.len -= 2;
    der.data[der.len - 2] = 1;
    der.data[der.len - 1] = 1;
    der.data[3] = (uint8_t)(der.data[3] - 2);
    write_scratch("one.der", der.data, der.len);
    vl_buf_clear(&der);
    ck_assert_int_eq(
        openssl("rsa -RSAPublicKey_in -inform DER -in one.der -pubout -out one.pem"), 0);
    expect_public_refused("one.pem", "its modulus and exponent are no RSA key");
}
END_TEST

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

/* ---- wrapping ---- */

START_TEST(test_openssl_opens_a_wrapped_secret)
{
    struct vl_buf wrapped = VL_BUF_INIT, opened = VL_BUF_INIT;
    struct vl_key *key = read_public(key_path("bob.pub.pem"));
    ck_assert_int_eq(vl_key_wrap(key, secret, &wrapped, NULL), 0);
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
    ck_assert_int_eq(vl_key_unwrap(key, wrapped.data, wrapped.len, opened, NULL), 0);
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
    ck_assert_int_eq(vl_key_unwrap(key, wrapped, n, first, &err), 0);
    ck_assert_int_eq(vl_key_unwrap(key, wrapped, n, second, &err), 0);
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
    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, make_scratch, remove_scratch);
    tcase_add_loop_test(tcase, test_every_form_is_read, 0,
                        sizeof pairs / sizeof pairs[0]);
    tcase_add_test(tcase, test_plain_key_does_not_ask);
    tcase_add_loop_test(tcase, test_refused_private, 0,
                        sizeof refused_private / sizeof refused_private[0]);
    tcase_add_loop_test(tcase, test_refused_public, 0,
                        sizeof refused_public / sizeof refused_public[0]);
    tcase_add_test(tcase, test_wrong_passphrase);
    tcase_add_test(tcase, test_missing_file);
    tcase_add_test(tcase, test_other_algorithms);
    tcase_add_test(tcase, test_odd_files);
    tcase_add_test(tcase, test_exponent_of_one);
    tcase_add_test(tcase, test_hint_is_the_hash_of_id_and_spki);
    tcase_add_test(tcase, test_openssl_opens_a_wrapped_secret);
    tcase_add_test(tcase, test_opens_what_openssl_wrapped);
    tcase_add_test(tcase, test_failed_unwrapping_is_silent);
    tcase_add_test(tcase, test_openssl_verifies_a_signature);
    tcase_add_test(tcase, test_verifies_what_openssl_signed);
    tcase_add_test(tcase, test_public_key_cannot_sign);
    tcase_add_test(tcase, test_generated_pair_is_read_back);
    tcase_add_test(tcase, test_encrypted_export_stretches_the_passphrase);
    tcase_add_test(tcase, test_refused_sizes_and_passphrases);
    suite_add_tcase(suite, tcase);
    return suite;
}
