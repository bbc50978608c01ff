/* ChaCha20-Poly1305 (varlock/chacha.h) for the only message under a key. */
#ifndef CHACHA_POLY_H
#define CHACHA_POLY_H

#include "varlock/chacha.h"

/* As vl_chacha_seal. */
VL_MUST_CHECK
int chacha_seal(const uint8_t key[static VL_CHACHA_KEY_BYTES],
                const uint8_t nonce[static VL_CHACHA_NONCE_BYTES], const void *ad,
                size_t n_ad, const void *plain, size_t n, uint8_t *sealed,
                struct vl_error *err);

/* As vl_chacha_unseal. */
VL_MUST_CHECK
int chacha_open(const uint8_t key[static VL_CHACHA_KEY_BYTES],
                const uint8_t nonce[static VL_CHACHA_NONCE_BYTES], const void *ad,
                size_t n_ad, const uint8_t *sealed, size_t n, uint8_t *plain, bool *opens,
                struct vl_error *err);

#endif
