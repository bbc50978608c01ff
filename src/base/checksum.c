#include <xxhash.h>

#include "varlock/checksum.h"

uint64_t vl_checksum(const void *bytes, size_t n)
{
    return XXH3_64bits(bytes, n);
}

static XXH3_state_t *state(struct vl_checksum *sum)
{
    return (XXH3_state_t *)(void *)sum;
}

struct vl_checksum *vl_checksum_new(void)
{
    XXH3_state_t *new = XXH3_createState();
    if (new)
        XXH3_64bits_reset(new);
    return (struct vl_checksum *)(void *)new;
}

void vl_checksum_add(struct vl_checksum *sum, const void *bytes, size_t n)
{
    XXH3_64bits_update(state(sum), bytes, n);
}

void vl_checksum_finish(struct vl_checksum *sum, uint8_t out[static VL_CHECKSUM_BYTES])
{
    XXH64_canonicalFromHash((XXH64_canonical_t *)(void *)out,
                            XXH3_64bits_digest(state(sum)));
    XXH3_64bits_reset(state(sum));
}

void vl_checksum_free(struct vl_checksum *sum)
{
    XXH3_freeState(state(sum));
}
