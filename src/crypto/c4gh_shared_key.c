#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

#include "openssl_failure.h"
#include "varlock/key.h"

enum { BLAKE2B_BYTES = 64, N_PARTS = 3 };

int vl_key_c4gh_shared(const struct vl_key *own,
                       const uint8_t peer[static VL_X25519_BYTES], bool own_reads,
                       uint8_t shared[static VL_X25519_BYTES], struct vl_error *err)
{
    uint8_t parts[N_PARTS * VL_X25519_BYTES], hash[BLAKE2B_BYTES];
    uint8_t *reader = parts + VL_X25519_BYTES, *writer = reader + VL_X25519_BYTES;
    int rc = vl_key_x25519_agree(own, peer, parts, err);
    if (rc == 0)
        rc = vl_key_x25519_public(own, own_reads ? reader : writer, err);
    memcpy(own_reads ? writer : reader, peer, VL_X25519_BYTES);
    if (rc == 0 &&
        EVP_Digest(parts, sizeof parts, hash, NULL, EVP_blake2b512(), NULL) != 1)
        rc = openssl_failure(err, "BLAKE2b");
    if (rc == 0)
        memcpy(shared, hash, VL_X25519_BYTES);
    OPENSSL_cleanse(parts, sizeof parts);
    OPENSSL_cleanse(hash, sizeof hash);
    return rc;
}
