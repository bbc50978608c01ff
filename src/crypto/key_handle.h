/* What a key is made of. */
#ifndef KEY_HANDLE_H
#define KEY_HANDLE_H

#include <openssl/evp.h>

#include "varlock/key.h"

struct vl_key {
    enum vl_key_type type;
    EVP_PKEY *pkey; /* the key as it was read */
    /* The X25519 form; equal to pkey for X25519, NULL for RSA. */
    EVP_PKEY *agreement;
    uint8_t agreement_public[VL_X25519_BYTES];
};

/* Makes a key of an EVP_PKEY of any of the types, and takes that over, also on failure.
 * Returns VL_ERR_KEY, with a message that does not name a file, where the key is of
 * another algorithm, or is no usable key. */
VL_MUST_CHECK
int key_from_pkey(struct vl_key **key, EVP_PKEY *pkey, struct vl_error *err);

/* Makes an Ed25519 key of its public half, or a pair of its seed (NULL: none).  Returns
 * VL_ERR_KEY where the halves do not belong together, or are no usable key. */
VL_MUST_CHECK
int key_from_ed25519(struct vl_key **key, const uint8_t public[static VL_ED25519_BYTES],
                     const uint8_t *seed, struct vl_error *err);

#endif
