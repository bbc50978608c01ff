#include <stdlib.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "openssl_failure.h"
#include "varlock/draw.h"
#include "varlock/seal.h"

enum { SIPHASH_KEY_BYTES = 16 };

struct vl_name_draw {
    EVP_MAC *siphash;
    EVP_MAC_CTX *ctx;
    uint8_t key[VL_MASK_KEY_BYTES]; /* the SipHash key is its first half */
};

static int set_key(struct vl_name_draw *d,
                   const uint8_t mask_key[static VL_MASK_KEY_BYTES], enum vl_name_use use,
                   struct vl_error *err)
{
    static const char *const LABELS[] = {"varlock draw names", "varlock draw tokens",
                                         "varlock draw inserts"};
    size_t size = use == VL_NAME_HAPLOTYPE ? 8 : 16;
    OSSL_PARAM params[] = {OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size),
                           OSSL_PARAM_construct_end()};
    int rc =
        vl_hkdf(mask_key, VL_MASK_KEY_BYTES, NULL, 0, LABELS[use], NULL, 0, d->key, err);
    if (rc < 0)
        return rc;
    d->siphash = EVP_MAC_fetch(NULL, "SIPHASH", NULL);
    d->ctx = d->siphash ? EVP_MAC_CTX_new(d->siphash) : NULL;
    if (!d->ctx || EVP_MAC_init(d->ctx, d->key, SIPHASH_KEY_BYTES, params) != 1)
        return openssl_failure(err, "SipHash");
    return 0;
}

int vl_name_draw_open(struct vl_name_draw **draw,
                      const uint8_t mask_key[static VL_MASK_KEY_BYTES],
                      enum vl_name_use use, struct vl_error *err)
{
    *draw = NULL;
    struct vl_name_draw *d = calloc(1, sizeof *d);
    if (!d)
        return vl_error_memory(err);
    int rc = set_key(d, mask_key, use, err);
    if (rc < 0)
        vl_name_draw_free(d);
    else
        *draw = d;
    return rc;
}

int vl_name_draw(struct vl_name_draw *d, const char *name, size_t n,
                 uint8_t out[static VL_NAME_DRAW_MAX], struct vl_error *err)
{
    size_t size;
    if (EVP_MAC_init(d->ctx, d->key, SIPHASH_KEY_BYTES, NULL) != 1 ||
        EVP_MAC_update(d->ctx, (const uint8_t *)name, n) != 1 ||
        EVP_MAC_final(d->ctx, out, &size, VL_NAME_DRAW_MAX) != 1)
        return openssl_failure(err, "SipHash");
    return 0;
}

void vl_name_draw_free(struct vl_name_draw *d)
{
    if (!d)
        return;
    EVP_MAC_CTX_free(d->ctx);
    EVP_MAC_free(d->siphash);
    OPENSSL_cleanse(d, sizeof *d);
    free(d);
}
