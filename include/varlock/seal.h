/*
 * Authenticated encryption and key derivation of a BDIFF, on OpenSSL's EVP: AES-256-GCM
 * (NIST SP 800-38D), HKDF-SHA256 (RFC 5869), HMAC-SHA256 (RFC 2104). formats/bdiff.md
 * says which bytes go where.  Thread safe.  Unless a function says otherwise, its
 * failures are VL_ERR_MEMORY: OpenSSL lacked memory or an algorithm.
 */
#ifndef VARLOCK_SEAL_H
#define VARLOCK_SEAL_H

#include <stddef.h>
#include <stdint.h>

#include "varlock/buf.h"
#include "varlock/fail.h"

enum {
    VL_SEAL_KEY_BYTES = 32,
    VL_SEAL_TAG_BYTES = 16,
    VL_HKDF_BYTES = 32,
    VL_MAC_BYTES = 32 /* size of a MAC, and of its key */
};

/* Appends the ciphertext and its tag of 16 bytes.  The nonce is section (u32 LE) ||
 * ordinal (u64 LE): the same pair must never be used twice under one key. */
VL_MUST_CHECK
int vl_seal(const uint8_t key[static VL_SEAL_KEY_BYTES], uint32_t section,
            uint64_t ordinal, const void *ad, size_t ad_len, const void *plain, size_t n,
            struct vl_buf *out, struct vl_error *err);

/* Appends the plaintext of `sealed` (ciphertext || tag).  Returns VL_ERR_SEAL, and
 * appends nothing, where `sealed` was not made by vl_seal with the same key, section,
 * ordinal and ad. */
VL_MUST_CHECK
int vl_unseal(const uint8_t key[static VL_SEAL_KEY_BYTES], uint32_t section,
              uint64_t ordinal, const void *ad, size_t ad_len, const void *sealed,
              size_t n, struct vl_buf *out, struct vl_error *err);

/* Computes HKDF-SHA256 of `secret` with `salt` and info = label || info (label without
 * its NUL). */
VL_MUST_CHECK
int vl_hkdf(const uint8_t *secret, size_t secret_len, const uint8_t *salt,
            size_t salt_len, const char *label, const void *info, size_t info_len,
            uint8_t out[static VL_HKDF_BYTES], struct vl_error *err);

/* Computes HMAC-SHA256 of `bytes`. */
VL_MUST_CHECK
int vl_mac(const uint8_t key[static VL_MAC_BYTES], const void *bytes, size_t n,
           uint8_t out[static VL_MAC_BYTES], struct vl_error *err);

/* Returns 0 where the bytes are equal.  Takes the same time wherever they differ. */
VL_MUST_CHECK
int vl_compare_secret(const void *a, const void *b, size_t n);

/* Writes n bytes from the operating system's generator, through OpenSSL. */
VL_MUST_CHECK
int vl_random(void *out, size_t n, struct vl_error *err);

/* Overwrites the secret, in a way that the compiler cannot drop. */
void vl_wipe(void *secret, size_t n);

/* Wipes the whole allocation of a buffer, then frees it. */
void vl_buf_wipe(struct vl_buf *buf);

#endif
