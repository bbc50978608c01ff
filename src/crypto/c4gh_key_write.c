/* Key pairs as the Crypt4GH tools read them; c4gh_key_file.c reads them back. */
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/pem.h>
#include <string.h>

#include "chacha_poly.h"
#include "key_handle.h"
#include "openssl_failure.h"
#include "passphrase_kdf.h"
#include "varlock/seal.h"

enum { SALT_BYTES = 16, ROUNDS_BYTES = 4, STRING_MAX = UINT16_MAX };

/* A string of the format: its length, big-endian, and its bytes. */
static void put_string(struct vl_buf *out, const void *bytes, size_t n)
{
    vl_buf_add_byte(out, (uint8_t)(n >> 8));
    vl_buf_add_byte(out, (uint8_t)n);
    vl_buf_add(out, bytes, n);
}

static void put_text(struct vl_buf *out, const char *text)
{
    put_string(out, text, strlen(text));
}

/* The rounds of scrypt are not used, and 0. */
static int put_sealed(struct vl_buf *out, const uint8_t secret[static VL_X25519_BYTES],
                      const char *passphrase, struct vl_error *err)
{
    uint8_t options[ROUNDS_BYTES + SALT_BYTES] = {0}, key[VL_CHACHA_KEY_BYTES];
    uint8_t blob[VL_CHACHA_NONCE_BYTES + VL_X25519_BYTES + VL_CHACHA_TAG_BYTES];
    uint8_t *salt = options + ROUNDS_BYTES;
    int rc = vl_random(salt, SALT_BYTES, err);
    if (rc == 0)
        rc = vl_random(blob, VL_CHACHA_NONCE_BYTES, err);
    if (rc == 0)
        rc = passphrase_derive(KDF_SCRYPT, 0, passphrase, strlen(passphrase), salt,
                               SALT_BYTES, key, sizeof key, err);
    if (rc == 0)
        rc = chacha_seal(key, blob, NULL, 0, secret, VL_X25519_BYTES,
                         blob + VL_CHACHA_NONCE_BYTES, err);
    put_text(out, "scrypt");
    put_string(out, options, sizeof options);
    put_text(out, "chacha20_poly1305");
    put_string(out, blob, sizeof blob);
    OPENSSL_cleanse(key, sizeof key);
    return rc;
}

static int put_private(struct vl_buf *out, const EVP_PKEY *pkey, const char *passphrase,
                       const char *comment, struct vl_error *err)
{
    uint8_t secret[VL_X25519_BYTES];
    size_t n = sizeof secret;
    int rc = EVP_PKEY_get_raw_private_key(pkey, secret, &n) == 1
                 ? 0
                 : openssl_failure(err, "reading the private key");
    vl_buf_add(out, "c4gh-v1", strlen("c4gh-v1"));
    if (rc == 0 && passphrase) {
        rc = put_sealed(out, secret, passphrase, err);
    } else if (rc == 0) {
        put_text(out, "none");
        put_text(out, "none");
        put_string(out, secret, sizeof secret);
    }
    if (comment)
        put_text(out, comment);
    OPENSSL_cleanse(secret, sizeof secret);
    return rc == 0 && out->failed ? vl_error_memory(err) : rc;
}

static int put_pem(struct vl_buf *out, const char *label, const uint8_t *bytes, size_t n,
                   struct vl_error *err)
{
    char *text;
    int rc = 0;
    BIO *bio = BIO_new(BIO_s_mem());
    if (!bio || PEM_write_bio(bio, label, "", bytes, (long)n) <= 0)
        rc = openssl_failure(err, "writing the key as PEM");
    if (rc == 0) {
        long n_text = BIO_get_mem_data(bio, &text);
        vl_buf_add(out, text, (size_t)n_text);
        rc = out->failed ? vl_error_memory(err) : 0;
    }
    BIO_free(bio);
    return rc;
}

int vl_key_export_c4gh(const struct vl_key *key, const char *passphrase,
                       const char *comment, struct vl_buf *private_pem,
                       struct vl_buf *public_pem, struct vl_error *err)
{
    struct vl_buf bytes = VL_BUF_INIT;
    size_t n_passphrase = passphrase ? strlen(passphrase) : 1;
    if (key->type != VL_KEY_X25519 || n_passphrase == 0 ||
        n_passphrase > VL_PASSPHRASE_MAX || (comment && strlen(comment) > STRING_MAX))
        return vl_error_set(err, VL_ERR_USAGE,
                            "a Crypt4GH key is an X25519 key, its passphrase has 1 to %d "
                            "bytes, its comment at most %d",
                            VL_PASSPHRASE_MAX, STRING_MAX);
    /* A buffer that grows leaves secrets behind. */
    bool reserved = vl_buf_reserve(&bytes, 256 + (comment ? strlen(comment) : 0));
    int rc = reserved ? put_private(&bytes, key->pkey, passphrase, comment, err)
                      : vl_error_memory(err);
    if (rc == 0)
        rc = put_pem(private_pem,
                     passphrase ? "CRYPT4GH ENCRYPTED PRIVATE KEY"
                                : "CRYPT4GH PRIVATE KEY",
                     bytes.data, bytes.len, err);
    if (rc == 0)
        rc = put_pem(public_pem, "CRYPT4GH PUBLIC KEY", key->agreement_public,
                     VL_X25519_BYTES, err);
    vl_buf_wipe(&bytes);
    return rc;
}
