#include <stdbool.h>
#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/evp.h>

#include "varlock/digest.h"

struct vl_digest {
    EVP_MD *sha256; /* fetched once: an implicit fetch costs more than hashing a record */
    EVP_MD_CTX *ctx;
    bool failed;
};

static void start_over(struct vl_digest *digest)
{
    digest->failed = EVP_DigestInit_ex2(digest->ctx, digest->sha256, NULL) != 1;
}

struct vl_digest *vl_digest_new(void)
{
    struct vl_digest *digest = calloc(1, sizeof *digest);
    if (!digest)
        return NULL;
    digest->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    digest->ctx = EVP_MD_CTX_new();
    if (digest->sha256 && digest->ctx)
        start_over(digest);
    if (!digest->sha256 || !digest->ctx || digest->failed) {
        vl_digest_free(digest);
        ERR_clear_error();
        return NULL;
    }
    return digest;
}

void vl_digest_add(struct vl_digest *digest, const void *bytes, size_t n)
{
    if (!digest->failed && EVP_DigestUpdate(digest->ctx, bytes, n) != 1)
        digest->failed = true;
}

int vl_digest_finish(struct vl_digest *digest, uint8_t out[static VL_SHA256_BYTES])
{
    bool failed = digest->failed || EVP_DigestFinal_ex(digest->ctx, out, NULL) != 1;
    start_over(digest);
    if (!failed)
        return 0;
    ERR_clear_error();
    return VL_ERR_MEMORY;
}

void vl_digest_free(struct vl_digest *digest)
{
    if (!digest)
        return;
    EVP_MD_CTX_free(digest->ctx);
    EVP_MD_free(digest->sha256);
    free(digest);
}

int vl_sha256(const void *bytes, size_t n, uint8_t out[static VL_SHA256_BYTES])
{
    if (EVP_Digest(bytes, n, out, NULL, EVP_sha256(), NULL) == 1)
        return 0;
    ERR_clear_error();
    return VL_ERR_MEMORY;
}
