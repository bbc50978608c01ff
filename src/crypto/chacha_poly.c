#include "chacha_poly.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

#include "openssl_failure.h"

/* Encrypts or decrypts, but leaves the tag to the caller. */
static bool run(EVP_CIPHER_CTX *ctx, bool encrypt, const uint8_t *key,
                const uint8_t *nonce, const void *ad, size_t n_ad, const void *in,
                size_t n, uint8_t *out)
{
    int done;
    return ctx && n <= CHACHA_MESSAGE_MAX && n_ad <= CHACHA_MESSAGE_MAX &&
           EVP_CipherInit_ex2(ctx, EVP_chacha20_poly1305(), key, nonce, encrypt, NULL) ==
               1 &&
           (n_ad == 0 || EVP_CipherUpdate(ctx, NULL, &done, ad, (int)n_ad) == 1) &&
           (n == 0 || EVP_CipherUpdate(ctx, out, &done, in, (int)n) == 1);
}

int chacha_seal(const uint8_t key[static CHACHA_KEY_BYTES],
                const uint8_t nonce[static CHACHA_NONCE_BYTES], const void *ad,
                size_t n_ad, const void *plain, size_t n, uint8_t *sealed,
                struct vl_error *err)
{
    int rc = 0, done;
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    if (!run(ctx, true, key, nonce, ad, n_ad, plain, n, sealed) ||
        EVP_CipherFinal_ex(ctx, sealed + n, &done) != 1 ||
        EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, CHACHA_TAG_BYTES, sealed + n) !=
            1)
        rc = openssl_failure(err, "ChaCha20-Poly1305");
    EVP_CIPHER_CTX_free(ctx);
    return rc;
}

int chacha_open(const uint8_t key[static CHACHA_KEY_BYTES],
                const uint8_t nonce[static CHACHA_NONCE_BYTES], const void *ad,
                size_t n_ad, const uint8_t *sealed, size_t n, uint8_t *plain, bool *opens,
                struct vl_error *err)
{
    int rc = 0, done;
    uint8_t tag[CHACHA_TAG_BYTES];
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    *opens = false;
    memcpy(tag, sealed + n, sizeof tag);
    if (!run(ctx, false, key, nonce, ad, n_ad, sealed, n, plain) ||
        EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, sizeof tag, tag) != 1)
        rc = openssl_failure(err, "ChaCha20-Poly1305");
    else
        *opens = EVP_CipherFinal_ex(ctx, plain + n, &done) == 1;
    if (!*opens)
        OPENSSL_cleanse(plain, n);
    ERR_clear_error();
    EVP_CIPHER_CTX_free(ctx);
    return rc;
}
