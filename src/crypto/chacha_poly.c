#include "chacha_poly.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "openssl_failure.h"

struct vl_chacha {
    EVP_CIPHER *cipher;
    EVP_CIPHER_CTX *ctx; /* which holds the key */
};

int vl_chacha_open(struct vl_chacha **chacha,
                   const uint8_t key[static VL_CHACHA_KEY_BYTES], struct vl_error *err)
{
    *chacha = NULL;
    struct vl_chacha *c = calloc(1, sizeof *c);
    if (!c)
        return vl_error_memory(err);
    c->cipher = EVP_CIPHER_fetch(NULL, "ChaCha20-Poly1305", NULL);
    c->ctx = EVP_CIPHER_CTX_new();
    if (!c->cipher || !c->ctx ||
        EVP_CipherInit_ex2(c->ctx, c->cipher, key, NULL, 1, NULL) != 1) {
        vl_chacha_free(c);
        return openssl_failure(err, "ChaCha20-Poly1305");
    }
    *chacha = c;
    return 0;
}

void vl_chacha_free(struct vl_chacha *c)
{
    if (!c)
        return;
    EVP_CIPHER_CTX_free(c->ctx);
    EVP_CIPHER_free(c->cipher);
    free(c);
}

/* Encrypts or decrypts, but leaves the tag to the caller. */
static bool run(struct vl_chacha *c, bool encrypt, const uint8_t *nonce, const void *ad,
                size_t n_ad, const void *in, size_t n, uint8_t *out)
{
    int done;
    return n <= VL_CHACHA_MESSAGE_MAX && n_ad <= VL_CHACHA_MESSAGE_MAX &&
           EVP_CipherInit_ex2(c->ctx, NULL, NULL, nonce, encrypt, NULL) == 1 &&
           (n_ad == 0 || EVP_CipherUpdate(c->ctx, NULL, &done, ad, (int)n_ad) == 1) &&
           (n == 0 || EVP_CipherUpdate(c->ctx, out, &done, in, (int)n) == 1);
}

int vl_chacha_seal(struct vl_chacha *c, const uint8_t nonce[static VL_CHACHA_NONCE_BYTES],
                   const void *ad, size_t n_ad, const void *plain, size_t n,
                   uint8_t *sealed, struct vl_error *err)
{
    int done;
    return run(c, true, nonce, ad, n_ad, plain, n, sealed) &&
                   EVP_CipherFinal_ex(c->ctx, sealed + n, &done) == 1 &&
                   EVP_CIPHER_CTX_ctrl(c->ctx, EVP_CTRL_AEAD_GET_TAG, VL_CHACHA_TAG_BYTES,
                                       sealed + n) == 1
               ? 0
               : openssl_failure(err, "ChaCha20-Poly1305");
}

int vl_chacha_unseal(struct vl_chacha *c,
                     const uint8_t nonce[static VL_CHACHA_NONCE_BYTES], const void *ad,
                     size_t n_ad, const uint8_t *sealed, size_t n, uint8_t *plain,
                     bool *opens, struct vl_error *err)
{
    int rc = 0, done;
    uint8_t tag[VL_CHACHA_TAG_BYTES];
    *opens = false;
    memcpy(tag, sealed + n, sizeof tag);
    if (!run(c, false, nonce, ad, n_ad, sealed, n, plain) ||
        EVP_CIPHER_CTX_ctrl(c->ctx, EVP_CTRL_AEAD_SET_TAG, sizeof tag, tag) != 1)
        rc = openssl_failure(err, "ChaCha20-Poly1305");
    else
        *opens = EVP_CipherFinal_ex(c->ctx, plain + n, &done) == 1;
    if (!*opens)
        OPENSSL_cleanse(plain, n);
    ERR_clear_error();
    return rc;
}

/* ---- a single message ---- */

int chacha_seal(const uint8_t key[static VL_CHACHA_KEY_BYTES],
                const uint8_t nonce[static VL_CHACHA_NONCE_BYTES], const void *ad,
                size_t n_ad, const void *plain, size_t n, uint8_t *sealed,
                struct vl_error *err)
{
    struct vl_chacha *c;
    int rc = vl_chacha_open(&c, key, err);
    if (rc == 0)
        rc = vl_chacha_seal(c, nonce, ad, n_ad, plain, n, sealed, err);
    vl_chacha_free(c);
    return rc;
}

int chacha_open(const uint8_t key[static VL_CHACHA_KEY_BYTES],
                const uint8_t nonce[static VL_CHACHA_NONCE_BYTES], const void *ad,
                size_t n_ad, const uint8_t *sealed, size_t n, uint8_t *plain, bool *opens,
                struct vl_error *err)
{
    struct vl_chacha *c;
    int rc = vl_chacha_open(&c, key, err);
    *opens = false;
    if (rc == 0)
        rc = vl_chacha_unseal(c, nonce, ad, n_ad, sealed, n, plain, opens, err);
    vl_chacha_free(c);
    return rc;
}
