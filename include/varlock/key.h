/*
 * Keys of custodians and recipients, told apart by what their file holds, not by its name
 * or label:
 *   RSA      PEM, as `openssl genpkey` and `openssl rsa -pubout` write it; 2048 to 8192
 *            bits
 *   X25519   Crypt4GH ("c4gh-v1" and 32 bytes in PEM), 32 raw bytes, PKCS#8 and
 *            SubjectPublicKeyInfo PEM
 *   Ed25519  OpenSSH (the public line, and the private file), PKCS#8 and
 *            SubjectPublicKeyInfo PEM
 * Anything else is VL_ERR_KEY, with a message that names the file and says what was found
 * there instead.  A file that cannot be read is VL_ERR_IO.
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
    VL_FINGERPRINT_CHARS = 50, /* "SHA256:" and 43 characters */
    VL_X25519_BYTES = 32,      /* of a public or private key, and of a shared secret */
    VL_ED25519_BYTES = 32,     /* of a public key, and of a seed */
    VL_ED25519_SIGNATURE_BYTES = 64
};

enum vl_key_type {
    VL_KEY_RSA,    /* wraps and signs */
    VL_KEY_X25519, /* wraps and agrees */
    VL_KEY_ED25519 /* signs; wraps and agrees in its X25519 form, as Crypt4GH has it */
};

struct vl_key; /* a public key or a key pair; immutable, usable from several threads */

enum vl_key_type vl_key_type(const struct vl_key *key);

/* Whether the key is a pair, not a public key only. */
bool vl_key_is_private(const struct vl_key *key);

/* "RSA", "X25519", "Ed25519" */
const char *vl_key_type_name(enum vl_key_type type);

/* Generates a new key pair of X25519 or Ed25519. */
VL_MUST_CHECK
int vl_key_generate_type(struct vl_key **key, enum vl_key_type type,
                         struct vl_error *err);

/* Generates a new RSA key pair.  Returns VL_ERR_USAGE where `bits` is out of range. */
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

/* Appends an X25519 pair as Crypt4GH tools read it: PEM of "c4gh-v1" with the private
 * half, under scrypt and ChaCha20-Poly1305 where passphrase is not NULL, and PEM of the
 * public half.  `comment` (NULL: none) is readable by all.  VL_ERR_USAGE where the key is
 * of another type, or passphrase or comment are too long.  The caller wipes. */
VL_MUST_CHECK
int vl_key_export_c4gh(const struct vl_key *key, const char *passphrase,
                       const char *comment, struct vl_buf *private_pem,
                       struct vl_buf *public_pem, struct vl_error *err);

/* Reads a public key file; for RSA, PKCS#1 or SubjectPublicKeyInfo.  Refuses a private
 * key file, with a message that says so. */
VL_MUST_CHECK
int vl_key_read_public(struct vl_key **key, const char *path, struct vl_error *err);

/* As vl_key_read_public, of the n bytes of such a file; messages call it `where`. */
VL_MUST_CHECK
int vl_key_decode_public(struct vl_key **key, const void *bytes, size_t n,
                         const char *where, struct vl_error *err);

/* Reads a private key file, plain or encrypted; for RSA, PKCS#1 or PKCS#8.  `passphrase`
 * is called only when needed and may be NULL.  Refuses a public key file, with a message
 * that says so. */
VL_MUST_CHECK
int vl_key_read_private(struct vl_key **key, const char *path,
                        vl_passphrase_fn passphrase, void *passphrase_arg,
                        struct vl_error *err);

/* Makes an X25519 key of its public half, or a pair of its private half; the other is
 * NULL.  Returns VL_ERR_KEY, with a message that does not name a file, for a public half
 * that nobody can hold the private half of (of low order), or that is no number below
 * 2^255 - 19. */
VL_MUST_CHECK
int vl_key_from_x25519(struct vl_key **key, const uint8_t *public, const uint8_t *secret,
                       struct vl_error *err);

/* Writes the public half of an X25519 key, or of an Ed25519 key in its X25519 form: u =
 * (1 + y) / (1 - y) (RFC 7748 §4.1).  Returns VL_ERR_KEY for an RSA key, with a message
 * that does not name a file. */
VL_MUST_CHECK
int vl_key_x25519_public(const struct vl_key *key, uint8_t public[static VL_X25519_BYTES],
                         struct vl_error *err);

/* Computes X25519(own, peer) (RFC 7748 §5, §6.1).  An Ed25519 key agrees in its X25519
 * form, whose private half is clamp(SHA-512(seed)[0..31]).  Returns VL_ERR_KEY where the
 * result is all zero (a peer of low order) or `own` is RSA; VL_ERR_USAGE where `own` is
 * public only.  The caller wipes `shared`. */
VL_MUST_CHECK
int vl_key_x25519_agree(const struct vl_key *own,
                        const uint8_t peer[static VL_X25519_BYTES],
                        uint8_t shared[static VL_X25519_BYTES], struct vl_error *err);

/* Computes the key under which Crypt4GH seals packets between two X25519 keys: the first
 * 32 bytes of BLAKE2b-512(X25519(own, peer) || reader's public half || writer's public
 * half) (crypt4gh.tex §2.2; libsodium's crypto_kx with the writer as server).  `own` is
 * the reader's pair where own_reads, else the writer's.  Errors as of
 * vl_key_x25519_agree.  The caller wipes `shared`. */
VL_MUST_CHECK
int vl_key_c4gh_shared(const struct vl_key *own,
                       const uint8_t peer[static VL_X25519_BYTES], bool own_reads,
                       uint8_t shared[static VL_X25519_BYTES], struct vl_error *err);

/* A private key file whose key is unlocked later, or never; it is read once, so it may be
 * a pipe. */
struct vl_key_file;

/* Reads the file, and decodes nothing. */
VL_MUST_CHECK
int vl_key_file_open(struct vl_key_file **file, const char *path, struct vl_error *err);

/* Gives what is readable without a passphrase: the pair of a file that is not encrypted,
 * the public half of an encrypted OpenSSH key; a NULL key, and no error, where that is
 * nothing. */
VL_MUST_CHECK
int vl_key_file_peek(const struct vl_key_file *file, struct vl_key **key,
                     struct vl_error *err);

/* Gives the pair, as vl_key_read_private does. */
VL_MUST_CHECK
int vl_key_file_unlock(const struct vl_key_file *file, vl_passphrase_fn passphrase,
                       void *passphrase_arg, struct vl_key **key, struct vl_error *err);

/* Wipes and frees.  NULL is fine. */
void vl_key_file_free(struct vl_key_file *file);

/* Writes the first 8 bytes of SHA-256(file id || SubjectPublicKeyInfo DER), of an Ed25519
 * key in its X25519 form. */
VL_MUST_CHECK
int vl_key_hint(const struct vl_key *key, const uint8_t file_id[static VL_FILE_ID_BYTES],
                uint8_t hint[static VL_HINT_BYTES], struct vl_error *err);

/* Writes the text that people compare keys by: "SHA256:" and the base64 form, without
 * padding, of SHA-256(SubjectPublicKeyInfo DER).  NUL-terminated. */
VL_MUST_CHECK
int vl_key_fingerprint(const struct vl_key *key,
                       char fingerprint[static VL_FINGERPRINT_CHARS + 1],
                       struct vl_error *err);

/* Returns the length of a secret wrapped under this key, in bytes. */
size_t vl_key_size(const struct vl_key *key);

/* Encrypts the secret of the file and appends vl_key_size bytes (bdiff.md §2.1).  With an
 * RSA key: RSA-OAEP (SHA-256, MGF1 SHA-256, empty label).  With X25519 and Ed25519: HPKE
 * (RFC 9180), base mode with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305,
 * a new ephemeral key, info = "varlock bdiff 1 x25519" || file id, and no associated
 * data. */
VL_MUST_CHECK
int vl_key_wrap(const struct vl_key *key, const uint8_t file_id[static VL_FILE_ID_BYTES],
                const uint8_t secret[static VL_SECRET_BYTES], struct vl_buf *wrapped,
                struct vl_error *err);

/* Decrypts what vl_key_wrap made.  A failed decryption is not reported: secret is then
 * random, so that the caller ends at the same failed MAC whatever was wrong (attacks of
 * Bleichenbacher and Manger).  Fails only without randomness or memory, and where the key
 * is public only. */
VL_MUST_CHECK
int vl_key_unwrap(const struct vl_key *key,
                  const uint8_t file_id[static VL_FILE_ID_BYTES], const uint8_t *wrapped,
                  size_t n, uint8_t secret[static VL_SECRET_BYTES], struct vl_error *err);

/* Whether the key is of a type that signs: RSA or Ed25519. */
bool vl_key_can_sign(const struct vl_key *key);

/* Signs the SHA-256 digest of a BDIFF and appends the signature.  RSA: RSA-PSS (SHA-256,
 * MGF1 SHA-256, salt of 32 bytes), as many bytes as the modulus.  Ed25519 (RFC 8032):
 * 64 bytes over "varlock bdiff 1 signature", a NUL, and the digest.  Returns VL_ERR_USAGE
 * for X25519. */
VL_MUST_CHECK
int vl_key_sign(const struct vl_key *key, const uint8_t digest[static VL_SHA256_BYTES],
                struct vl_buf *signature, struct vl_error *err);

/* *valid becomes whether this key made the signature.  The result is negative only on an
 * internal failure, and VL_ERR_USAGE for X25519. */
VL_MUST_CHECK
int vl_key_verify(const struct vl_key *key, const uint8_t digest[static VL_SHA256_BYTES],
                  const uint8_t *signature, size_t n, bool *valid, struct vl_error *err);

/* Wipes and frees.  NULL is fine. */
void vl_key_free(struct vl_key *key);

#endif
