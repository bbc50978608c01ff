#include <check.h>
#include <string.h>

#include "key_fixture.h"
#include "varlock/file.h"

Suite *key_file_suite(void);

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
    {"c4gh-plain.sec", "c4gh.pub", NULL, 80},
    {"c4gh-raw.sec", "c4gh.pub", NULL, 80},
    {"c4gh-scrypt.sec", "c4gh.pub", "varlock-test", 80},
    {"c4gh-pbkdf2.sec", "c4gh.pub", "varlock-test", 80},
    {"x25519.pem", "x25519.pub.pem", NULL, 80},
    {"ed25519.pem", "ed25519.pub.pem", NULL, 80},
    {"ed25519-enc.pem", "ed25519.pub.pem", "varlock-test", 80},
    {"ssh.sec", "ssh.pub", NULL, 80},
#ifdef HAVE_BOTAN
    {"c4gh-bcrypt.sec", "c4gh.pub", "varlock-test", 80},
    {"ssh-enc.sec", "ssh.pub", "varlock-test", 80},
#endif
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
    ck_assert_int_eq(vl_key_wrap(public, file_id, secret, &wrapped, NULL), 0);
    ck_assert_uint_eq(wrapped.len, pairs[_i].size);
    ck_assert_int_eq(
        vl_key_unwrap(private, file_id, wrapped.data, wrapped.len, opened, NULL), 0);
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
    {"ec-p256.pem", "is an EC key; varlock needs RSA, X25519 or Ed25519"},
    {"c4gh.pub", "is a public key; the private key belongs here"},
    {"ssh.pub", "is a public key; the private key belongs here"},
    {"ed25519.pub.pem", "is a public key; the private key belongs here"},
    {"owner-enc.pem", "is encrypted and there is no passphrase for it"},
    {"c4gh-scrypt.sec", "is encrypted and there is no passphrase for it"},
    {"ed25519-enc.pem", "is encrypted and there is no passphrase for it"},
#ifdef HAVE_BOTAN
    {"ssh-enc.sec", "is encrypted and there is no passphrase for it"},
#else
    {"ssh-enc.sec", "convert a copy of it (OpenSSH: `ssh-keygen -p`"},
#endif
    {"alice-pkcs1-enc.pem", "is encrypted and there is no passphrase for it"},
    {"README.md", "is not a key file (PEM, OpenSSH or Crypt4GH)"},
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
    {"c4gh-plain.sec", "is a private key; the public key belongs here"},
    {"c4gh-scrypt.sec", "is a private key; the public key belongs here"},
    {"c4gh-raw.sec", "is a private key; the public key belongs here"},
    {"ssh.sec", "is a private key; the public key belongs here"},
    {"ed25519.pem", "is a private key; the public key belongs here"},
    {"rsa1024.pub.pem", "is an RSA key of 1024 bits; varlock needs 2048 to 8192"},
    {"ec-p256.pub.pem", "is an EC key; varlock needs RSA, X25519 or Ed25519"},
    {"README.md", "is not a key file (PEM, OpenSSH or Crypt4GH)"},
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

START_TEST(test_wrong_passphrase_of_other_forms)
{
    static const char *const names[] = {"c4gh-scrypt.sec", "c4gh-pbkdf2.sec",
                                        "ed25519-enc.pem",
#ifdef HAVE_BOTAN
                                        "c4gh-bcrypt.sec", "ssh-enc.sec"
#endif
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char wrong[] = "varlock-tesT", empty[] = "";
        struct vl_key *key = NULL;
        struct vl_error err = {0};
        const char *path = key_path(names[i]);
        expect_refused(vl_key_read_private(&key, path, say_passphrase, wrong, &err),
                       VL_ERR_KEY, &err, path, "wrong passphrase");
        expect_refused(vl_key_read_private(&key, path, say_passphrase, empty, &err),
                       VL_ERR_KEY, &err, path, "wrong passphrase");
        ck_assert_ptr_null(key);
    }
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
    expect_private_refused("ec.pem",
                           "is an EC key; varlock needs RSA, X25519 or Ed25519");
    ck_assert_int_eq(openssl("genpkey -algorithm ED448 -out ed.pem"), 0);
    expect_private_refused("ed.pem",
                           "is an ED448 key; varlock needs RSA, X25519 or Ed25519");
    ck_assert_int_eq(openssl("genpkey -algorithm RSA-PSS -out pss.pem"), 0);
    expect_private_refused("pss.pem",
                           "is an RSA-PSS key; varlock needs RSA, X25519 or Ed25519");
    ck_assert_int_eq(openssl("pkey -in pss.pem -pubout -out pss.pub.pem"), 0);
    expect_public_refused("pss.pub.pem",
                          "is an RSA-PSS key; varlock needs RSA, X25519 or Ed25519");
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

/* What labels say differs from program to program; 32 bytes may also stand alone. */
START_TEST(test_content_decides)
{
    char passphrase[] = "varlock-test", line[512];
    struct vl_buf pem = VL_BUF_INIT;
    struct vl_key *public = read_public(key_path("c4gh.pub"));
    ck_assert_int_eq(vl_file_slurp(key_path("c4gh-scrypt.sec"), 4096, &pem, NULL), 0);
    vl_buf_add_byte(&pem, 0);
    ck_assert_int_eq(
        sscanf((char *)pem.data, "-----BEGIN CRYPT4GH PRIVATE KEY-----\n%511s", line), 1);
    const char *labels[] = {"ENCRYPTED PRIVATE KEY", "CRYPT4GH ENCRYPTED PRIVATE KEY",
                            "PUBLIC KEY"};
    for (int i = 0; i < 3; i++) {
        vl_buf_reset(&pem);
        vl_buf_addf(&pem, "-----BEGIN %s-----\n%s\n-----END %s-----\n", labels[i], line,
                    labels[i]);
        write_scratch("relabelled", pem.data, pem.len);
        struct vl_key *private = read_private(scratch_path("relabelled"), passphrase);
        expect_same_key(private, public);
        vl_key_free(private);
        expect_public_refused("relabelled", "is a private key");
    }
    uint8_t raw[VL_X25519_BYTES];
    ck_assert_int_eq(vl_key_x25519_public(public, raw, NULL), 0);
    write_scratch("raw", raw, sizeof raw);
    struct vl_key *bare = read_public(scratch_path("raw"));
    expect_same_key(bare, public);
    vl_key_free(bare);
    vl_key_free(public);
    vl_buf_clear(&pem);
}
END_TEST

/* A comment makes the one line of a Crypt4GH key longer than most programs write. */
START_TEST(test_long_line)
{
    ck_assert_int_eq(
        openssl(
            "version && { { echo -----BEGIN CRYPT4GH PRIVATE KEY-----; sed -n 2p "
            "$K/c4gh-plain.sec | base64 -d | head -c 53; printf '\\001\\054'; "
            "printf '%%300s' x; } > long.bin && { head -n 1 long.bin; tail -n +2 "
            "long.bin | base64 -w 0; echo; echo -----END CRYPT4GH PRIVATE KEY-----; } "
            "> long; }"),
        0);
    struct vl_key *private = read_private(scratch_path("long"), NULL);
    struct vl_key *public = read_public(key_path("c4gh.pub"));
    expect_same_key(private, public);
    vl_key_free(private);
    vl_key_free(public);
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
    static const char begun[] =
        "-----BEGIN R PRIVATE KEY-----\nMAA=\n-----END R PRIVATE KEY-----\n";
    write_scratch("large", large, sizeof large);
    expect_private_refused("large", "is not a key file: larger than 65536 bytes");
    write_scratch("none", "", 0);
    expect_private_refused("none", "is not a key file (PEM, OpenSSH or Crypt4GH)");
    write_scratch("cut", cut, sizeof cut - 1);
    expect_private_refused("cut", "is a damaged PEM file");
    write_scratch("empty", empty, sizeof empty - 1);
    expect_private_refused("empty", "is damaged, or a key of an algorithm");
    write_scratch("public", public, sizeof public - 1);
    expect_public_refused("public", "is damaged, or a key of an algorithm");
    write_scratch("ssh", ssh, sizeof ssh - 1);
    expect_private_refused("ssh",
                           "is an OPENSSH key; varlock needs RSA, X25519 or Ed25519");
    write_scratch("begun", begun, sizeof begun - 1);
    expect_private_refused("begun", "is an R key; varlock needs RSA, X25519 or Ed25519");
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
    expect_public_refused("one.pem", "its modulus and exponent are not an RSA key");
}
END_TEST

Suite *key_file_suite(void)
{
    Suite *suite = suite_create("key_file");
    TCase *tcase = tcase_create("key_file");
    tcase_add_checked_fixture(tcase, make_scratch, remove_scratch);
    tcase_add_loop_test(tcase, test_every_form_is_read, 0,
                        sizeof pairs / sizeof pairs[0]);
    tcase_add_test(tcase, test_plain_key_does_not_ask);
    tcase_add_loop_test(tcase, test_refused_private, 0,
                        sizeof refused_private / sizeof refused_private[0]);
    tcase_add_loop_test(tcase, test_refused_public, 0,
                        sizeof refused_public / sizeof refused_public[0]);
    tcase_add_test(tcase, test_wrong_passphrase);
    tcase_add_test(tcase, test_wrong_passphrase_of_other_forms);
    tcase_add_test(tcase, test_missing_file);
    tcase_add_test(tcase, test_other_algorithms);
    tcase_add_test(tcase, test_content_decides);
    tcase_add_test(tcase, test_long_line);
    tcase_add_test(tcase, test_odd_files);
    tcase_add_test(tcase, test_exponent_of_one);
    suite_add_tcase(suite, tcase);
    return suite;
}
