#include "passphrase_kdf.h"

#ifdef HAVE_BOTAN
#include <botan/ffi.h>
#endif
#include <openssl/evp.h>

#include "openssl_failure.h"

int passphrase_kdf_check(enum passphrase_kdf kdf, uint32_t rounds, struct vl_error *err)
{
    const uint32_t most = kdf == KDF_BCRYPT ? BCRYPT_ROUNDS_MAX : PBKDF2_ROUNDS_MAX;
#ifndef HAVE_BOTAN
    if (kdf == KDF_BCRYPT)
        return vl_error_set(
            err, VL_ERR_KEY,
            "is encrypted with bcrypt, and this varlock was built without "
            "Botan; convert a copy of it (OpenSSH: `ssh-keygen -p` with an "
            "empty new passphrase; Crypt4GH: `crypt4gh-keygen --relock`)");
#endif
    if (kdf != KDF_SCRYPT && (rounds == 0 || rounds > most))
        return vl_error_set(err, VL_ERR_KEY,
                            "hashes its passphrase %u times; varlock takes 1 to %u",
                            rounds, most);
    return 0;
}

/* OpenSSL has no bcrypt_pbkdf, Botan has. */
static int derive_bcrypt(uint32_t rounds, const char *passphrase, size_t n_passphrase,
                         const uint8_t *salt, size_t n_salt, uint8_t *out, size_t n_out,
                         struct vl_error *err)
{
    int code = -1;
#ifdef HAVE_BOTAN
    /* Botan would measure a passphrase of length 0 with strlen. */
    if (n_passphrase > 0)
        code = botan_pwdhash("Bcrypt-PBKDF", rounds, 0, 0, out, n_out, passphrase,
                             n_passphrase, salt, n_salt);
    if (code == BOTAN_FFI_ERROR_OUT_OF_MEMORY)
        return vl_error_memory(err);
#else
    (void)rounds, (void)passphrase, (void)n_passphrase, (void)salt, (void)n_salt;
    (void)out, (void)n_out;
#endif
    return code == 0
               ? 0
               : vl_error_set(err, VL_ERR_KEY,
                              "wrong passphrase, or a salt that bcrypt does not take");
}

int passphrase_derive(enum passphrase_kdf kdf, uint32_t rounds, const char *passphrase,
                      size_t n_passphrase, const uint8_t *salt, size_t n_salt,
                      uint8_t *out, size_t n_out, struct vl_error *err)
{
    enum { SCRYPT_N = 16384, SCRYPT_R = 8, SCRYPT_P = 1, SCRYPT_MEMORY = 64 << 20 };
    if (kdf == KDF_BCRYPT)
        return derive_bcrypt(rounds, passphrase, n_passphrase, salt, n_salt, out, n_out,
                             err);
    int done = kdf == KDF_SCRYPT
                   ? EVP_PBE_scrypt(passphrase, n_passphrase, salt, n_salt, SCRYPT_N,
                                    SCRYPT_R, SCRYPT_P, SCRYPT_MEMORY, out, n_out)
                   : PKCS5_PBKDF2_HMAC(passphrase, (int)n_passphrase, salt, (int)n_salt,
                                       (int)rounds, EVP_sha256(), (int)n_out, out);
    return done == 1 ? 0 : openssl_failure(err, "the hash of the passphrase");
}
