/* X25519 and Ed25519 keys, and the X25519 form of the latter. */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#include "edwards.h"
#include "key_handle.h"
#include "openssl_failure.h"

static EVP_PKEY *x25519_of(const uint8_t *public, const uint8_t *secret)
{
    return secret ? EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, secret,
                                                 VL_X25519_BYTES)
                  : EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, public,
                                                VL_X25519_BYTES);
}

/* Whether the bytes are a number below p = 2^255 - 19: all else is a second encoding of
 * such a number, under which a key would have a second hint. */
static bool is_reduced(const uint8_t u[static VL_X25519_BYTES])
{
    bool ones = u[31] == 0x7f;
    for (int i = 30; i > 0; i--)
        ones &= u[i] == 0xff;
    return u[31] <= 0x7f && !(ones && u[0] >= 0xed);
}

static int derive(EVP_PKEY *own, EVP_PKEY *peer, uint8_t shared[static VL_X25519_BYTES],
                  struct vl_error *err)
{
    size_t n = VL_X25519_BYTES;
    int rc = 0;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, own, NULL);
    if (!ctx || EVP_PKEY_derive_init(ctx) != 1 ||
        EVP_PKEY_derive_set_peer(ctx, peer) != 1)
        rc = openssl_failure(err, "X25519");
    else if (EVP_PKEY_derive(ctx, shared, &n) != 1)
        /* OpenSSL refuses a result of zeros. */
        rc =
            openssl_lacks_memory()
                ? vl_error_memory(err)
                : vl_error_set(err, VL_ERR_KEY,
                               "is an X25519 public key of low order, which nobody holds "
                               "the private half of");
    EVP_PKEY_CTX_free(ctx);
    ERR_clear_error();
    return rc;
}

/* Any private half tells a public half of low order. */
static int check_order(EVP_PKEY *public, struct vl_error *err)
{
    static const uint8_t ANY[VL_X25519_BYTES] = {8};
    uint8_t shared[VL_X25519_BYTES];
    EVP_PKEY *own = x25519_of(NULL, ANY);
    int rc = own ? derive(own, public, shared, err) : openssl_failure(err, "X25519");
    EVP_PKEY_free(own);
    return rc;
}

/* Fills in the public half of key->agreement, and checks it. */
static int finish(struct vl_key *key, struct vl_error *err)
{
    size_t n = sizeof key->agreement_public;
    if (EVP_PKEY_get_raw_public_key(key->agreement, key->agreement_public, &n) != 1)
        return openssl_failure(err, "X25519");
    if (!is_reduced(key->agreement_public))
        return vl_error_set(
            err, VL_ERR_KEY,
            "is no X25519 public key: its number is not below 2^255 - 19");
    return check_order(key->agreement, err);
}

/* The private half in its X25519 form (RFC 8032 §5.1.5); X25519 itself clamps it. */
static int convert_private(struct vl_key *key, struct vl_error *err)
{
    uint8_t seed[VL_ED25519_BYTES], hash[SHA512_DIGEST_LENGTH];
    size_t n = sizeof seed;
    int rc = 0;
    if (EVP_PKEY_get_raw_private_key(key->pkey, seed, &n) != 1 ||
        EVP_Digest(seed, n, hash, NULL, EVP_sha512(), NULL) != 1 ||
        !(key->agreement = x25519_of(NULL, hash)))
        rc = openssl_failure(err, "the X25519 form of an Ed25519 key");
    OPENSSL_cleanse(seed, sizeof seed);
    OPENSSL_cleanse(hash, sizeof hash);
    return rc;
}

static int convert(struct vl_key *key, struct vl_error *err)
{
    uint8_t public[VL_ED25519_BYTES], u[VL_X25519_BYTES];
    size_t n = sizeof public;
    bool usable;
    if (EVP_PKEY_get_raw_public_key(key->pkey, public, &n) != 1)
        return openssl_failure(err, "Ed25519");
    int rc = edwards_to_montgomery(public, u, &usable, err);
    if (rc < 0)
        return rc;
    if (!usable)
        return vl_error_set(err, VL_ERR_KEY,
                            "is no Ed25519 public key: not a usable point of the curve");
    if (vl_key_is_private(key))
        return convert_private(key, err);
    key->agreement = x25519_of(u, NULL);
    return key->agreement ? 0 : openssl_failure(err, "X25519");
}

int key_from_pkey(struct vl_key **key, EVP_PKEY *pkey, struct vl_error *err)
{
    int rc = 0;
    *key = NULL;
    struct vl_key *k = calloc(1, sizeof *k);
    if (!k) {
        EVP_PKEY_free(pkey);
        return vl_error_memory(err);
    }
    k->pkey = pkey;
    if (EVP_PKEY_is_a(pkey, "ED25519")) {
        k->type = VL_KEY_ED25519;
        rc = convert(k, err);
    } else if (EVP_PKEY_is_a(pkey, "X25519")) {
        k->type = VL_KEY_X25519;
        EVP_PKEY_up_ref(pkey);
        k->agreement = pkey;
    }
    if (rc == 0 && k->agreement)
        rc = finish(k, err);
    if (rc == 0)
        *key = k;
    else
        vl_key_free(k);
    return rc;
}

int vl_key_from_x25519(struct vl_key **key, const uint8_t *public, const uint8_t *secret,
                       struct vl_error *err)
{
    *key = NULL;
    EVP_PKEY *pkey = x25519_of(public, secret);
    return pkey ? key_from_pkey(key, pkey, err) : openssl_failure(err, "X25519");
}

int key_from_ed25519(struct vl_key **key, const uint8_t public[static VL_ED25519_BYTES],
                     const uint8_t *seed, struct vl_error *err)
{
    *key = NULL;
    EVP_PKEY *pkey = seed ? EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed,
                                                         VL_ED25519_BYTES)
                          : EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public,
                                                        VL_ED25519_BYTES);
    uint8_t own[VL_ED25519_BYTES];
    size_t n = sizeof own;
    if (!pkey || EVP_PKEY_get_raw_public_key(pkey, own, &n) != 1) {
        EVP_PKEY_free(pkey);
        return openssl_failure(err, "Ed25519");
    }
    if (memcmp(own, public, sizeof own) != 0) {
        EVP_PKEY_free(pkey);
        return vl_error_set(err, VL_ERR_KEY,
                            "its private and its public half do not belong together");
    }
    return key_from_pkey(key, pkey, err);
}

int vl_key_generate_type(struct vl_key **key, enum vl_key_type type, struct vl_error *err)
{
    *key = NULL;
    EVP_PKEY *pkey =
        EVP_PKEY_Q_keygen(NULL, NULL, type == VL_KEY_X25519 ? "X25519" : "ED25519");
    return pkey ? key_from_pkey(key, pkey, err) : openssl_failure(err, "key generation");
}

int vl_key_x25519_public(const struct vl_key *key, uint8_t public[static VL_X25519_BYTES],
                         struct vl_error *err)
{
    if (!key->agreement)
        return vl_error_set(err, VL_ERR_KEY,
                            "is an RSA key; X25519 or Ed25519 is needed here");
    memcpy(public, key->agreement_public, VL_X25519_BYTES);
    return 0;
}

int vl_key_x25519_agree(const struct vl_key *own,
                        const uint8_t peer[static VL_X25519_BYTES],
                        uint8_t shared[static VL_X25519_BYTES], struct vl_error *err)
{
    uint8_t public[VL_X25519_BYTES];
    int rc = vl_key_x25519_public(own, public, err);
    if (rc < 0)
        return rc;
    if (!vl_key_is_private(own))
        return openssl_lacks_memory()
                   ? vl_error_memory(err)
                   : vl_error_set(err, VL_ERR_USAGE, "a public key cannot agree");
    EVP_PKEY *other = x25519_of(peer, NULL);
    rc = other ? derive(own->agreement, other, shared, err)
               : openssl_failure(err, "X25519");
    EVP_PKEY_free(other);
    return rc;
}
