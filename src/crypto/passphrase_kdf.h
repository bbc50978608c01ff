/* Keys derived from passphrases, as the key files of others derive them. */
#ifndef PASSPHRASE_KDF_H
#define PASSPHRASE_KDF_H

#include <stddef.h>
#include <stdint.h>

#include "varlock/fail.h"

/* A file of many rounds costs its reader hours.  scrypt has no rounds: it is run with
 * N = 16384, r = 8, p = 1. */
enum { PBKDF2_ROUNDS_MAX = 10000000, BCRYPT_ROUNDS_MAX = 10000 };

enum passphrase_kdf { KDF_SCRYPT, KDF_PBKDF2_SHA256, KDF_BCRYPT };

/* Returns VL_ERR_KEY, with a message that does not name the file, where there are no
 * rounds or too many, and where varlock was built without KDF_BCRYPT. */
VL_MUST_CHECK
int passphrase_kdf_check(enum passphrase_kdf kdf, uint32_t rounds, struct vl_error *err);

/* Derives n_out bytes, with rounds that passphrase_kdf_check takes.  Returns VL_ERR_KEY,
 * with a message that does not name the file, where KDF_BCRYPT does not take the
 * passphrase (empty) or the salt. */
VL_MUST_CHECK
int passphrase_derive(enum passphrase_kdf kdf, uint32_t rounds, const char *passphrase,
                      size_t n_passphrase, const uint8_t *salt, size_t n_salt,
                      uint8_t *out, size_t n_out, struct vl_error *err);

#endif
