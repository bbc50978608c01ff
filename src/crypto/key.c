#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "key_handle.h"
#include "openssl_failure.h"
#include "varlock/digest.h"
#include "varlock/key.h"

enum {
    PBKDF2_ITERATIONS = 600000, /* OWASP's figure for HMAC-SHA256, 2023 */
    PBKDF2_SALT_BYTES = 16
};

enum vl_key_type vl_key_type(const struct vl_key *key)
{
    return key->type;
}

bool vl_key_is_private(const struct vl_key *key)
{
    if (key->type == VL_KEY_RSA) {
        BIGNUM *d = NULL;
        bool is_private =
            EVP_PKEY_get_bn_param(key->pkey, OSSL_PKEY_PARAM_RSA_D, &d) == 1;
        BN_clear_free(d);
        ERR_clear_error();
        return is_private;
    }
    size_t n = 0;
    bool is_private = EVP_PKEY_get_raw_private_key(key->pkey, NULL, &n) == 1;
    ERR_clear_error();
    return is_private;
}

const char *vl_key_type_name(enum vl_key_type type)
{
    static const char *const NAMES[] = {"RSA", "X25519", "Ed25519"};
    return NAMES[type];
}

int vl_key_generate(struct vl_key **key, int bits, struct vl_error *err)
{
    *key = NULL;
    if (bits < VL_KEY_BITS_MIN || bits > VL_KEY_BITS_MAX)
        return vl_error_set(err, VL_ERR_USAGE,
                            "an RSA key cannot have %d bits, only %d to %d", bits,
                            VL_KEY_BITS_MIN, VL_KEY_BITS_MAX);
    struct vl_key *k = calloc(1, sizeof *k);
    if (!k)
        return vl_error_memory(err);
    k->type = VL_KEY_RSA;
    k->pkey = EVP_RSA_gen((unsigned)bits);
    if (!k->pkey) {
        free(k);
        return openssl_failure(err, "RSA key generation");
    }
    *key = k;
    return 0;
}

/* ---- export ---- */

/* This encrypts by hand, because OpenSSL's own PEM writers never use more than 2048
 * iterations. */
static X509_SIG *encrypt_pkcs8(PKCS8_PRIV_KEY_INFO *info, const char *passphrase)
{
    X509_ALGOR *pbe = PKCS5_pbe2_set_iv(EVP_aes_256_cbc(), PBKDF2_ITERATIONS, NULL,
                                        PBKDF2_SALT_BYTES, NULL, NID_hmacWithSHA256);
    if (!pbe)
        return NULL;
    X509_SIG *encrypted = PKCS8_set0_pbe(passphrase, (int)strlen(passphrase), info, pbe);
    if (!encrypted)
        X509_ALGOR_free(pbe);
    return encrypted;
}

static bool write_private(BIO *bio, const EVP_PKEY *pkey, const char *passphrase)
{
    bool written = false;
    X509_SIG *encrypted = NULL;
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(pkey);
    if (!info)
        return false;
    if (passphrase) {
        encrypted = encrypt_pkcs8(info, passphrase);
        written = encrypted && PEM_write_bio_PKCS8(bio, encrypted) == 1;
    } else {
        written = PEM_write_bio_PKCS8_PRIV_KEY_INFO(bio, info) == 1;
    }
    X509_SIG_free(encrypted);
    PKCS8_PRIV_KEY_INFO_free(info);
    return written;
}

static int append_bio(struct vl_buf *out, BIO *bio, struct vl_error *err)
{
    char *bytes;
    long n = BIO_get_mem_data(bio, &bytes);
    vl_buf_add(out, bytes, (size_t)n);
    return out->failed ? vl_error_memory(err) : 0;
}

int vl_key_export(const struct vl_key *key, const char *passphrase,
                  struct vl_buf *private_pem, struct vl_buf *public_pem,
                  struct vl_error *err)
{
    if (passphrase && (!*passphrase || strlen(passphrase) > VL_PASSPHRASE_MAX))
        return vl_error_set(err, VL_ERR_USAGE, "a passphrase has 1 to %d bytes",
                            VL_PASSPHRASE_MAX);
    int rc;
    /* Memory BIOs wipe what they held when they grow and when they are freed. */
    BIO *private_bio = BIO_new(BIO_s_mem()), *public_bio = BIO_new(BIO_s_mem());
    if (!private_bio || !public_bio ||
        !write_private(private_bio, key->pkey, passphrase) ||
        PEM_write_bio_PUBKEY(public_bio, key->pkey) != 1) {
        rc = openssl_failure(err, "writing the key as PEM");
        goto out;
    }
    rc = append_bio(private_pem, private_bio, err);
    if (rc == 0)
        rc = append_bio(public_pem, public_bio, err);
out:
    BIO_free(private_bio);
    BIO_free(public_bio);
    return rc;
}

/* ---- names ---- */

/* Computes SHA-256 over `prefix`, which may be empty, followed by the
 * SubjectPublicKeyInfo. */
static int hash_public(const EVP_PKEY *pkey, const uint8_t *prefix, size_t n_prefix,
                       uint8_t hash[static VL_SHA256_BYTES], struct vl_error *err)
{
    struct vl_buf bytes = VL_BUF_INIT;
    uint8_t *spki = NULL;
    int rc = 0, n = i2d_PUBKEY(pkey, &spki);
    if (n <= 0)
        return openssl_failure(err, "encoding the public key");
    vl_buf_add(&bytes, prefix, n_prefix);
    vl_buf_add(&bytes, spki, (size_t)n);
    if (bytes.failed || vl_sha256(bytes.data, bytes.len, hash) < 0)
        rc = vl_error_memory(err);
    vl_buf_clear(&bytes);
    OPENSSL_free(spki);
    return rc;
}

int vl_key_hint(const struct vl_key *key, const uint8_t file_id[static VL_FILE_ID_BYTES],
                uint8_t hint[static VL_HINT_BYTES], struct vl_error *err)
{
    uint8_t hash[VL_SHA256_BYTES];
    int rc = hash_public(key->agreement ? key->agreement : key->pkey, file_id,
                         VL_FILE_ID_BYTES, hash, err);
    if (rc == 0)
        memcpy(hint, hash, VL_HINT_BYTES);
    return rc;
}

int vl_key_fingerprint(const struct vl_key *key,
                       char fingerprint[static VL_FINGERPRINT_CHARS + 1],
                       struct vl_error *err)
{
    static const char PREFIX[] = "SHA256:";
    enum { N_PREFIX = sizeof PREFIX - 1, BASE64_CHARS = 4 * ((VL_SHA256_BYTES + 2) / 3) };
    uint8_t hash[VL_SHA256_BYTES];
    char base64[BASE64_CHARS + 1]; /* its last character is padding */
    int rc = hash_public(key->pkey, NULL, 0, hash, err);
    if (rc < 0)
        return rc;
    EVP_EncodeBlock((unsigned char *)base64, hash, sizeof hash);
    memcpy(fingerprint, PREFIX, N_PREFIX);
    memcpy(fingerprint + N_PREFIX, base64, BASE64_CHARS - 1);
    fingerprint[VL_FINGERPRINT_CHARS] = '\0';
    return 0;
}

void vl_key_free(struct vl_key *key)
{
    if (!key)
        return;
    EVP_PKEY_free(key->agreement);
    EVP_PKEY_free(key->pkey);
    free(key);
}
