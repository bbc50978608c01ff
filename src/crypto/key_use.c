/* What keys do to a BDIFF: wrap and unwrap its secret, sign and verify it. */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <string.h>

#include "hpke.h"
#include "key_handle.h"
#include "openssl_failure.h"
#include "varlock/digest.h"
#include "varlock/seal.h"

enum { PSS_SALT_BYTES = 32, RSA_BYTES_MAX = VL_KEY_BITS_MAX / 8 };

static const char WRAP_LABEL[] = "varlock bdiff 1 x25519";
static const char SIGN_LABEL[] = "varlock bdiff 1 signature"; /* with its NUL */
static const struct hpke_text NO_TEXT = {NULL, 0};

size_t vl_key_size(const struct vl_key *key)
{
    return key->type == VL_KEY_RSA ? (size_t)EVP_PKEY_get_size(key->pkey)
                                   : VL_SECRET_BYTES + HPKE_OVERHEAD_BYTES;
}

/* ---- wrapping with RSA ---- */

static bool set_oaep(EVP_PKEY_CTX *ctx)
{
    return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_oaep_md(ctx, EVP_sha256()) == 1 &&
           EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, EVP_sha256()) == 1;
}

static int wrap_rsa(const struct vl_key *key,
                    const uint8_t secret[static VL_SECRET_BYTES], struct vl_buf *wrapped,
                    struct vl_error *err)
{
    int rc = 0;
    size_t n = (size_t)EVP_PKEY_get_size(key->pkey);
    uint8_t *at = vl_buf_reserve(wrapped, n);
    if (!at)
        return vl_error_memory(err);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
    if (ctx && EVP_PKEY_encrypt_init(ctx) == 1 && set_oaep(ctx) &&
        EVP_PKEY_encrypt(ctx, at, &n, secret, VL_SECRET_BYTES) == 1)
        wrapped->len += n;
    else
        rc = openssl_failure(err, "RSA-OAEP encryption");
    EVP_PKEY_CTX_free(ctx);
    return rc;
}

static int unwrap_rsa(const struct vl_key *key, const uint8_t *wrapped, size_t n,
                      uint8_t secret[static VL_SECRET_BYTES], struct vl_error *err)
{
    uint8_t opened[RSA_BYTES_MAX] = {0}, substitute[VL_SECRET_BYTES];
    size_t opened_len = sizeof opened;
    int rc = 0;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
    /* The substitute is drawn in every case, so that a failure takes the same path as a
     * success. */
    if (RAND_priv_bytes(substitute, sizeof substitute) != 1 || !ctx ||
        EVP_PKEY_decrypt_init(ctx) != 1 || !set_oaep(ctx)) {
        rc = openssl_failure(err, "RSA-OAEP decryption");
        goto out;
    }
    int decrypted = EVP_PKEY_decrypt(ctx, opened, &opened_len, wrapped, n);
    uint8_t keep = (uint8_t)(0 - ((decrypted == 1) & (opened_len == VL_SECRET_BYTES)));
    for (size_t i = 0; i < VL_SECRET_BYTES; i++)
        secret[i] = (uint8_t)((opened[i] & keep) | (substitute[i] & ~keep));
    ERR_clear_error();
out:
    EVP_PKEY_CTX_free(ctx);
    OPENSSL_cleanse(opened, sizeof opened);
    OPENSSL_cleanse(substitute, sizeof substitute);
    return rc;
}

/* ---- wrapping with X25519 ---- */

/* What is wrapped is bound to its file (bdiff.md §2.1). */
struct wrap_info {
    uint8_t bytes[sizeof WRAP_LABEL - 1 + VL_FILE_ID_BYTES];
};

static struct hpke_text fill_info(struct wrap_info *info,
                                  const uint8_t file_id[static VL_FILE_ID_BYTES])
{
    memcpy(info->bytes, WRAP_LABEL, sizeof WRAP_LABEL - 1);
    memcpy(info->bytes + sizeof WRAP_LABEL - 1, file_id, VL_FILE_ID_BYTES);
    return (struct hpke_text){info->bytes, sizeof info->bytes};
}

static int wrap_x25519(const struct vl_key *key,
                       const uint8_t file_id[static VL_FILE_ID_BYTES],
                       const uint8_t secret[static VL_SECRET_BYTES],
                       struct vl_buf *wrapped, struct vl_error *err)
{
    struct vl_key *ephemeral = NULL;
    struct wrap_info info;
    int rc = vl_key_generate_type(&ephemeral, VL_KEY_X25519, err);
    if (rc == 0)
        rc =
            hpke_seal(ephemeral, key->agreement_public, fill_info(&info, file_id),
                      NO_TEXT, (struct hpke_text){secret, VL_SECRET_BYTES}, wrapped, err);
    vl_key_free(ephemeral);
    return rc;
}

static int unwrap_x25519(const struct vl_key *key,
                         const uint8_t file_id[static VL_FILE_ID_BYTES],
                         const uint8_t *wrapped, size_t n,
                         uint8_t secret[static VL_SECRET_BYTES], struct vl_error *err)
{
    struct wrap_info info;
    bool opens = false;
    int rc = 0;
    if (n == VL_SECRET_BYTES + HPKE_OVERHEAD_BYTES)
        rc = hpke_open(key, fill_info(&info, file_id), NO_TEXT,
                       (struct hpke_text){wrapped, n}, secret, &opens, err);
    return rc < 0 || opens ? rc : vl_random(secret, VL_SECRET_BYTES, err);
}

int vl_key_wrap(const struct vl_key *key, const uint8_t file_id[static VL_FILE_ID_BYTES],
                const uint8_t secret[static VL_SECRET_BYTES], struct vl_buf *wrapped,
                struct vl_error *err)
{
    return key->type == VL_KEY_RSA ? wrap_rsa(key, secret, wrapped, err)
                                   : wrap_x25519(key, file_id, secret, wrapped, err);
}

int vl_key_unwrap(const struct vl_key *key,
                  const uint8_t file_id[static VL_FILE_ID_BYTES], const uint8_t *wrapped,
                  size_t n, uint8_t secret[static VL_SECRET_BYTES], struct vl_error *err)
{
    return key->type == VL_KEY_RSA ? unwrap_rsa(key, wrapped, n, secret, err)
                                   : unwrap_x25519(key, file_id, wrapped, n, secret, err);
}

/* ---- signatures ---- */

static bool set_pss(EVP_PKEY_CTX *ctx)
{
    return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) == 1 &&
           EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, EVP_sha256()) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, PSS_SALT_BYTES) == 1;
}

static int sign_rsa(const struct vl_key *key,
                    const uint8_t digest[static VL_SHA256_BYTES],
                    struct vl_buf *signature, struct vl_error *err)
{
    int rc = 0;
    size_t n = (size_t)EVP_PKEY_get_size(key->pkey);
    uint8_t *at = vl_buf_reserve(signature, n);
    if (!at)
        return vl_error_memory(err);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
    if (ctx && EVP_PKEY_sign_init(ctx) == 1 && set_pss(ctx) &&
        EVP_PKEY_sign(ctx, at, &n, digest, VL_SHA256_BYTES) == 1)
        signature->len += n;
    else
        rc = openssl_failure(err, "RSA-PSS signing");
    EVP_PKEY_CTX_free(ctx);
    return rc;
}

static int verify_rsa(const struct vl_key *key,
                      const uint8_t digest[static VL_SHA256_BYTES],
                      const uint8_t *signature, size_t n, bool *valid,
                      struct vl_error *err)
{
    int rc = 0;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
    if (ctx && EVP_PKEY_verify_init(ctx) == 1 && set_pss(ctx))
        *valid = EVP_PKEY_verify(ctx, signature, n, digest, VL_SHA256_BYTES) == 1;
    else
        rc = openssl_failure(err, "RSA-PSS verification");
    ERR_clear_error();
    EVP_PKEY_CTX_free(ctx);
    return rc;
}

/* What Ed25519 signs: the label with its NUL, then the digest (bdiff.md §7). */
struct signed_text {
    uint8_t bytes[sizeof SIGN_LABEL + VL_SHA256_BYTES];
};

static struct signed_text text_of(const uint8_t digest[static VL_SHA256_BYTES])
{
    struct signed_text text;
    memcpy(text.bytes, SIGN_LABEL, sizeof SIGN_LABEL);
    memcpy(text.bytes + sizeof SIGN_LABEL, digest, VL_SHA256_BYTES);
    return text;
}

static int sign_ed25519(const struct vl_key *key,
                        const uint8_t digest[static VL_SHA256_BYTES],
                        struct vl_buf *signature, struct vl_error *err)
{
    const struct signed_text text = text_of(digest);
    size_t n = VL_ED25519_SIGNATURE_BYTES;
    int rc = 0;
    uint8_t *at = vl_buf_reserve(signature, n);
    if (!at)
        return vl_error_memory(err);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    if (ctx && EVP_DigestSignInit(ctx, NULL, NULL, NULL, key->pkey) == 1 &&
        EVP_DigestSign(ctx, at, &n, text.bytes, sizeof text.bytes) == 1)
        signature->len += n;
    else
        rc = openssl_failure(err, "Ed25519 signing");
    EVP_MD_CTX_free(ctx);
    return rc;
}

static int verify_ed25519(const struct vl_key *key,
                          const uint8_t digest[static VL_SHA256_BYTES],
                          const uint8_t *signature, size_t n, bool *valid,
                          struct vl_error *err)
{
    const struct signed_text text = text_of(digest);
    int rc = 0;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    if (ctx && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key->pkey) == 1)
        *valid = EVP_DigestVerify(ctx, signature, n, text.bytes, sizeof text.bytes) == 1;
    else
        rc = openssl_failure(err, "Ed25519 verification");
    ERR_clear_error();
    EVP_MD_CTX_free(ctx);
    return rc;
}

bool vl_key_can_sign(const struct vl_key *key)
{
    return key->type != VL_KEY_X25519;
}

static int refuse_x25519(struct vl_error *err)
{
    return vl_error_set(err, VL_ERR_USAGE, "an X25519 key makes no signatures");
}

int vl_key_sign(const struct vl_key *key, const uint8_t digest[static VL_SHA256_BYTES],
                struct vl_buf *signature, struct vl_error *err)
{
    if (!vl_key_can_sign(key))
        return refuse_x25519(err);
    return key->type == VL_KEY_RSA ? sign_rsa(key, digest, signature, err)
                                   : sign_ed25519(key, digest, signature, err);
}

int vl_key_verify(const struct vl_key *key, const uint8_t digest[static VL_SHA256_BYTES],
                  const uint8_t *signature, size_t n, bool *valid, struct vl_error *err)
{
    *valid = false;
    if (!vl_key_can_sign(key))
        return refuse_x25519(err);
    return key->type == VL_KEY_RSA
               ? verify_rsa(key, digest, signature, n, valid, err)
               : verify_ed25519(key, digest, signature, n, valid, err);
}
