/* ChaCha20-Poly1305 (RFC 8439) over short messages: keys and secrets. */
#ifndef CHACHA_POLY_H
#define CHACHA_POLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "varlock/fail.h"

/* Sizes in bytes.  Messages have at most CHACHA_MESSAGE_MAX. */
enum {
    CHACHA_KEY_BYTES = 32,
    CHACHA_NONCE_BYTES = 12,
    CHACHA_TAG_BYTES = 16,
    CHACHA_MESSAGE_MAX = 1 << 16
};

/* Writes the ciphertext and its tag: n + CHACHA_TAG_BYTES bytes. */
VL_MUST_CHECK
int chacha_seal(const uint8_t key[static CHACHA_KEY_BYTES],
                const uint8_t nonce[static CHACHA_NONCE_BYTES], const void *ad,
                size_t n_ad, const void *plain, size_t n, uint8_t *sealed,
                struct vl_error *err);

/* Writes the plaintext of n bytes of ciphertext, which a tag follows.  Where *opens
 * becomes false, `plain` is zeroed.  The result is negative only on an internal
 * failure. */
VL_MUST_CHECK
int chacha_open(const uint8_t key[static CHACHA_KEY_BYTES],
                const uint8_t nonce[static CHACHA_NONCE_BYTES], const void *ad,
                size_t n_ad, const uint8_t *sealed, size_t n, uint8_t *plain, bool *opens,
                struct vl_error *err);

#endif
