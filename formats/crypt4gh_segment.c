/* crypt4gh.md §5: segments. */
#include "varlock/crypt4gh.h"
#include "varlock/seal.h"

int64_t vl_c4gh_plain_size(int64_t n)
{
    int64_t whole = n / VL_C4GH_SEGMENT_BYTES, rest = n % VL_C4GH_SEGMENT_BYTES;
    if (rest > 0 && rest < VL_C4GH_OVERHEAD_BYTES)
        return -1;
    return whole * VL_C4GH_PLAIN_BYTES + (rest > 0 ? rest - VL_C4GH_OVERHEAD_BYTES : 0);
}

int vl_c4gh_segment_seal(struct vl_chacha *key, const uint8_t *plain, size_t n,
                         uint8_t *segment, struct vl_error *err)
{
    int rc = vl_random(segment, VL_C4GH_NONCE_BYTES, err);
    return rc < 0 ? rc
                  : vl_chacha_seal(key, segment, NULL, 0, plain, n,
                                   segment + VL_C4GH_NONCE_BYTES, err);
}

int vl_c4gh_segment_open(struct vl_chacha *key, const uint8_t *segment, size_t n,
                         uint8_t *plain, bool *opens, struct vl_error *err)
{
    return vl_chacha_unseal(key, segment, NULL, 0, segment + VL_C4GH_NONCE_BYTES,
                            n - VL_C4GH_OVERHEAD_BYTES, plain, opens, err);
}
