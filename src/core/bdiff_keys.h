/* Keys of a BDIFF, derived from its secret and file id (bdiff.md §3). */
#ifndef VARLOCK_CORE_BDIFF_KEYS_H
#define VARLOCK_CORE_BDIFF_KEYS_H

#include <string.h>

#include "varlock/bdiff.h"
#include "varlock/key.h"
#include "varlock/seal.h"

struct bdiff_keys {
    uint8_t seal[VL_SEAL_KEY_BYTES];
    uint8_t envelope_mac[32];
    uint8_t trailer_mac[32];
};

static inline int bdiff_keys_derive(struct bdiff_keys *keys,
                                    const uint8_t secret[VL_SECRET_BYTES],
                                    const uint8_t id[VL_BDIFF_ID_BYTES], struct vl_error *err)
{
    int rc = vl_hkdf(secret, VL_SECRET_BYTES, id, VL_BDIFF_ID_BYTES, "varlock bdiff 1 seal",
                     NULL, 0, keys->seal, err);
    if (rc == 0)
        rc = vl_hkdf(secret, VL_SECRET_BYTES, id, VL_BDIFF_ID_BYTES, "varlock bdiff 1 envelope",
                     NULL, 0, keys->envelope_mac, err);
    if (rc == 0)
        rc = vl_hkdf(secret, VL_SECRET_BYTES, id, VL_BDIFF_ID_BYTES, "varlock bdiff 1 trailer",
                     NULL, 0, keys->trailer_mac, err);
    return rc;
}

/* Associated data of a section: version, file id, type, ordinal, then the window's range. */
static inline void bdiff_put_context(struct vl_buf *out, const uint8_t id[VL_BDIFF_ID_BYTES],
                                     enum vl_bdiff_section section, uint64_t ordinal,
                                     const struct vl_bdiff_entry *entry)
{
    uint8_t fixed[2 + VL_BDIFF_ID_BYTES + 4 + 8] = {VL_BDIFF_VERSION, 0};
    memcpy(fixed + 2, id, VL_BDIFF_ID_BYTES);
    fixed[2 + VL_BDIFF_ID_BYTES] = (uint8_t)section;
    for (int i = 0; i < 8; i++)
        fixed[2 + VL_BDIFF_ID_BYTES + 4 + i] = (uint8_t)(ordinal >> (8 * i));
    vl_buf_add(out, fixed, sizeof fixed);
    if (entry)
        vl_bdiff_range_encode(entry, out);
}

#endif
