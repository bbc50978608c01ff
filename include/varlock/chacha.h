/*
 * ChaCha20-Poly1305 (RFC 8439) under one key, for many messages.  A nonce must never be
 * used twice under a key.
 */
#ifndef VARLOCK_CHACHA_H
#define VARLOCK_CHACHA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "varlock/fail.h"

/* Sizes in bytes.  Messages and associated data have at most VL_CHACHA_MESSAGE_MAX. */
enum {
    VL_CHACHA_KEY_BYTES = 32,
    VL_CHACHA_NONCE_BYTES = 12,
    VL_CHACHA_TAG_BYTES = 16,
    VL_CHACHA_MESSAGE_MAX = 1 << 24
};

struct vl_chacha; /* one thread at a time */

/* VL_ERR_MEMORY, also where OpenSSL lacks the algorithm. */
VL_MUST_CHECK
int vl_chacha_open(struct vl_chacha **chacha,
                   const uint8_t key[static VL_CHACHA_KEY_BYTES], struct vl_error *err);

/* Writes the ciphertext and its tag: n + VL_CHACHA_TAG_BYTES bytes. */
VL_MUST_CHECK
int vl_chacha_seal(struct vl_chacha *chacha,
                   const uint8_t nonce[static VL_CHACHA_NONCE_BYTES], const void *ad,
                   size_t n_ad, const void *plain, size_t n, uint8_t *sealed,
                   struct vl_error *err);

/* Writes the plaintext of n bytes of ciphertext, which a tag follows.  Where *opens
 * becomes false, `plain` is zeroed.  The result is negative only on an internal
 * failure. */
VL_MUST_CHECK
int vl_chacha_unseal(struct vl_chacha *chacha,
                     const uint8_t nonce[static VL_CHACHA_NONCE_BYTES], const void *ad,
                     size_t n_ad, const uint8_t *sealed, size_t n, uint8_t *plain,
                     bool *opens, struct vl_error *err);

/* Wipes and frees.  NULL is fine. */
void vl_chacha_free(struct vl_chacha *chacha);

#endif
