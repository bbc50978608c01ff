#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <stdbool.h>
#include <string.h>

#include "openssl_failure.h"
#include "varlock/little_endian.h"
#include "varlock/seal.h"

enum {
    NONCE_BYTES = 12,
    CHUNK_BYTES =
        1 << 30 /* EVP counts bytes in an int; this is a multiple of the AES block */
};

static void make_nonce(uint8_t nonce[static NONCE_BYTES], uint32_t section,
                       uint64_t ordinal)
{
    vl_store_le(vl_store_le(nonce, section, 4), ordinal, 8);
}

/* Where out is NULL the bytes are associated data. */
static bool feed(EVP_CIPHER_CTX *ctx, uint8_t *out, const uint8_t *in, size_t n)
{
    while (n > 0) {
        int done, chunk = n < CHUNK_BYTES ? (int)n : CHUNK_BYTES;
        if (EVP_CipherUpdate(ctx, out, &done, in, chunk) != 1)
            return false;
        if (out)
            out += chunk;
        in += chunk;
        n -= (size_t)chunk;
    }
    return true;
}

/* Encrypts or decrypts, but leaves the tag to the caller.  Returns NULL on failure. */
static EVP_CIPHER_CTX *run_gcm(bool encrypt, const uint8_t *key,
                               const uint8_t nonce[static NONCE_BYTES], const void *ad,
                               size_t ad_len, const void *in, size_t n, uint8_t *out)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    if (ctx &&
        EVP_CipherInit_ex2(ctx, EVP_aes_256_gcm(), key, nonce, encrypt, NULL) == 1 &&
        feed(ctx, NULL, ad, ad_len) && feed(ctx, out, in, n))
        return ctx;
    EVP_CIPHER_CTX_free(ctx);
    return NULL;
}

int vl_seal(const uint8_t key[static VL_SEAL_KEY_BYTES], uint32_t section,
            uint64_t ordinal, const void *ad, size_t ad_len, const void *plain, size_t n,
            struct vl_buf *out, struct vl_error *err)
{
    uint8_t nonce[NONCE_BYTES];
    int rc = 0, done;
    uint8_t *sealed = vl_buf_reserve(out, n + VL_SEAL_TAG_BYTES);
    if (!sealed)
        return vl_error_memory(err);
    make_nonce(nonce, section, ordinal);
    EVP_CIPHER_CTX *ctx = run_gcm(true, key, nonce, ad, ad_len, plain, n, sealed);
    if (ctx && EVP_CipherFinal_ex(ctx, sealed + n, &done) == 1 &&
        EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, VL_SEAL_TAG_BYTES, sealed + n) ==
            1)
        out->len += n + VL_SEAL_TAG_BYTES;
    else
        rc = openssl_failure(err, "AES-256-GCM");
    EVP_CIPHER_CTX_free(ctx);
    return rc;
}

int vl_unseal(const uint8_t key[static VL_SEAL_KEY_BYTES], uint32_t section,
              uint64_t ordinal, const void *ad, size_t ad_len, const void *sealed,
              size_t n, struct vl_buf *out, struct vl_error *err)
{
    static const char refusal[] =
        "authentication failed: the data was altered, or sealed under another key";
    uint8_t nonce[NONCE_BYTES], tag[VL_SEAL_TAG_BYTES];
    int rc = 0, done;
    if (n < VL_SEAL_TAG_BYTES)
        return vl_error_set(err, VL_ERR_SEAL, "%s", refusal);
    n -= VL_SEAL_TAG_BYTES;
    uint8_t *plain = vl_buf_reserve(out, n);
    if (!plain)
        return vl_error_memory(err);
    memcpy(tag, (const uint8_t *)sealed + n, sizeof tag);
    make_nonce(nonce, section, ordinal);
    EVP_CIPHER_CTX *ctx = run_gcm(false, key, nonce, ad, ad_len, sealed, n, plain);
    if (!ctx ||
        EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, VL_SEAL_TAG_BYTES, tag) != 1)
        rc = openssl_failure(err, "AES-256-GCM");
    else if (EVP_CipherFinal_ex(ctx, plain + n, &done) != 1)
        rc = vl_error_set(err, VL_ERR_SEAL, "%s", refusal);
    if (rc == 0) {
        out->len += n;
    } else {
        OPENSSL_cleanse(plain, n);
        ERR_clear_error();
    }
    EVP_CIPHER_CTX_free(ctx);
    return rc;
}

/* The cast is safe: OSSL_PARAM takes pointers to non-const, but this parameter is only
 * read. */
static OSSL_PARAM octets(const char *name, const void *bytes, size_t n)
{
    return OSSL_PARAM_construct_octet_string(name, (void *)bytes, n);
}

int vl_hkdf(const uint8_t *secret, size_t secret_len, const uint8_t *salt,
            size_t salt_len, const char *label, const void *info, size_t info_len,
            uint8_t out[static VL_HKDF_BYTES], struct vl_error *err)
{
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    EVP_KDF_CTX *ctx = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
    OSSL_PARAM params[6], *p = params;
    int rc = 0;
    *p++ = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)"SHA256", 0);
    *p++ = octets(OSSL_KDF_PARAM_KEY, secret, secret_len);
    if (salt_len > 0)
        *p++ = octets(OSSL_KDF_PARAM_SALT, salt, salt_len);
    /* OpenSSL concatenates the info parameters, which may be given several times. */
    *p++ = octets(OSSL_KDF_PARAM_INFO, label, strlen(label));
    if (info_len > 0)
        *p++ = octets(OSSL_KDF_PARAM_INFO, info, info_len);
    *p = OSSL_PARAM_construct_end();
    if (!ctx || EVP_KDF_derive(ctx, out, 32, params) != 1)
        rc = openssl_failure(err, "HKDF-SHA256");
    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);
    return rc;
}

int vl_mac(const uint8_t key[static VL_MAC_BYTES], const void *bytes, size_t n,
           uint8_t out[static VL_MAC_BYTES], struct vl_error *err)
{
    size_t out_len = 0;
    if (!EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, key, 32, bytes, n, out,
                   VL_MAC_BYTES, &out_len) ||
        out_len != VL_MAC_BYTES)
        return openssl_failure(err, "HMAC-SHA256");
    return 0;
}

int vl_compare_secret(const void *a, const void *b, size_t n)
{
    return CRYPTO_memcmp(a, b, n);
}

int vl_random(void *out, size_t n, struct vl_error *err)
{
    uint8_t *at = out;
    while (n > 0) {
        int chunk = n < CHUNK_BYTES ? (int)n : CHUNK_BYTES;
        if (RAND_priv_bytes(at, chunk) != 1)
            return openssl_failure(err, "the random generator");
        at += chunk;
        n -= (size_t)chunk;
    }
    return 0;
}

void vl_wipe(void *secret, size_t n)
{
    OPENSSL_cleanse(secret, n);
}

void vl_buf_wipe(struct vl_buf *buf)
{
    if (!buf)
        return;
    OPENSSL_cleanse(buf->data, buf->cap);
    vl_buf_clear(buf);
}
