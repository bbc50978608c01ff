#ifndef KEY_HANDLE_H
#define KEY_HANDLE_H

#include <openssl/evp.h>

struct vl_key {
    EVP_PKEY *pkey; /* an RSA key of VL_KEY_BITS_MIN to VL_KEY_BITS_MAX bits */
};

#endif
