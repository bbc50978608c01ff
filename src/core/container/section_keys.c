#include "container/section_keys.h"

#include "varlock/wire.h"

int section_keys_derive(struct section_keys *keys,
                        const uint8_t secret[static VL_SECRET_BYTES],
                        const uint8_t id[static VL_BDIFF_ID_BYTES], struct vl_error *err)
{
    struct {
        const char *label;
        uint8_t *key;
    } wanted[] = {{"varlock bdiff 1 seal", keys->seal},
                  {"varlock bdiff 1 envelope", keys->envelope_mac},
                  {"varlock bdiff 1 trailer", keys->trailer_mac}};
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < sizeof wanted / sizeof *wanted; i++)
        rc = vl_hkdf(secret, VL_SECRET_BYTES, id, VL_BDIFF_ID_BYTES, wanted[i].label,
                     NULL, 0, wanted[i].key, err);
    return rc;
}

uint16_t wrap_algorithm(const struct vl_key *key)
{
    return vl_key_type(key) == VL_KEY_RSA ? VL_WRAP_RSA_OAEP_SHA256 : VL_WRAP_HPKE_X25519;
}

void section_put_context(struct vl_buf *out, const uint8_t id[static VL_BDIFF_ID_BYTES],
                         enum vl_bdiff_section section, uint64_t ordinal,
                         const struct vl_bdiff_entry *entry)
{
    vl_put_u16(out, VL_BDIFF_VERSION);
    vl_buf_add(out, id, VL_BDIFF_ID_BYTES);
    vl_put_u32(out, section);
    vl_put_u64(out, ordinal);
    if (entry)
        vl_bdiff_range_encode(entry, out);
}
