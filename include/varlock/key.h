/*
 * RSA keys of custodians and recipients: PEM files as `openssl genpkey` and `openssl rsa
 * -pubout` write them.  A key has 2048 to 8192 bits.  Anything else is VL_ERR_KEY, with a
 * message that names the file and says what was found there instead.  A file that cannot
 * be read is VL_ERR_IO.
 */
#ifndef VARLOCK_KEY_H
#define VARLOCK_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "varlock/buf.h"
#include "varlock/digest.h"
#include "varlock/fail.h"
#include "varlock/hooks.h"

/* Sizes: of the modulus in bits, all others in bytes. */
enum {
    VL_KEY_BITS_MIN = 2048,
    VL_KEY_BITS_MAX = 8192,
    VL_KEY_BITS_DEFAULT = 3072,
    VL_FILE_ID_BYTES = 16,
    VL_HINT_BYTES = 8,
    VL_SECRET_BYTES = 32,
    VL_PASSPHRASE_MAX = 1024,
    VL_FINGERPRINT_CHARS = 50 /* "SHA256:" and 43 characters */
};

struct vl_key; /* a public key or a key pair; immutable, usable from several threads */

/* Generates a new key pair.  Returns VL_ERR_USAGE where `bits` is out of range. */
VL_MUST_CHECK
int vl_key_generate(struct vl_key **key, int bits, struct vl_error *err);

/* Appends the pair as PKCS#8 PEM (encrypted with AES-256-CBC under PBKDF2 where
 * passphrase is not NULL), and the public key as SubjectPublicKeyInfo PEM.  The caller
 * wipes the buffers.  A passphrase has 1 to VL_PASSPHRASE_MAX bytes (else
 * VL_ERR_USAGE). */
VL_MUST_CHECK
int vl_key_export(const struct vl_key *key, const char *passphrase,
                  struct vl_buf *private_pem, struct vl_buf *public_pem,
                  struct vl_error *err);

/* Reads PKCS#1 or SubjectPublicKeyInfo PEM.  Refuses a private key file, with a message
 * that says so. */
VL_MUST_CHECK
int vl_key_read_public(struct vl_key **key, const char *path, struct vl_error *err);

/* Reads PKCS#1 or PKCS#8 PEM, plain or encrypted.  `passphrase` is called only when
 * needed and may be NULL.  Refuses a public key file, with a message that says so. */
VL_MUST_CHECK
int vl_key_read_private(struct vl_key **key, const char *path,
                        vl_passphrase_fn passphrase, void *passphrase_arg,
                        struct vl_error *err);

/* Writes the first 8 bytes of SHA-256(file id || SubjectPublicKeyInfo DER). */
VL_MUST_CHECK
int vl_key_hint(const struct vl_key *key, const uint8_t file_id[static VL_FILE_ID_BYTES],
                uint8_t hint[static VL_HINT_BYTES], struct vl_error *err);

/* Writes the text that people compare keys by: "SHA256:" and the base64 form, without
 * padding, of SHA-256(SubjectPublicKeyInfo DER).  NUL-terminated. */
VL_MUST_CHECK
int vl_key_fingerprint(const struct vl_key *key,
                       char fingerprint[static VL_FINGERPRINT_CHARS + 1],
                       struct vl_error *err);

/* Returns the length of a wrapped secret, and of a signature, under this key, in
 * bytes. */
size_t vl_key_size(const struct vl_key *key);

/* Encrypts the secret with RSA-OAEP (SHA-256, MGF1 SHA-256, empty label).  Appends
 * vl_key_size bytes. */
VL_MUST_CHECK
int vl_key_wrap(const struct vl_key *key, const uint8_t secret[static VL_SECRET_BYTES],
                struct vl_buf *wrapped, struct vl_error *err);

/* Decrypts what vl_key_wrap made.  A failed decryption is not reported: secret is then
 * random, so that the caller ends at the same failed MAC whatever was wrong (attacks of
 * Bleichenbacher and Manger).  Fails only without randomness or memory. */
VL_MUST_CHECK
int vl_key_unwrap(const struct vl_key *key, const uint8_t *wrapped, size_t n,
                  uint8_t secret[static VL_SECRET_BYTES], struct vl_error *err);

/* Signs a SHA-256 digest with RSA-PSS (SHA-256, MGF1 SHA-256, salt of 32 bytes).  Appends
 * vl_key_size bytes. */
VL_MUST_CHECK
int vl_key_sign(const struct vl_key *key, const uint8_t digest[static VL_SHA256_BYTES],
                struct vl_buf *signature, struct vl_error *err);

/* *valid becomes whether this key made the signature.  The result is negative only on an
 * internal failure. */
VL_MUST_CHECK
int vl_key_verify(const struct vl_key *key, const uint8_t digest[static VL_SHA256_BYTES],
                  const uint8_t *signature, size_t n, bool *valid, struct vl_error *err);

/* Wipes and frees.  NULL is fine. */
void vl_key_free(struct vl_key *key);

#endif
