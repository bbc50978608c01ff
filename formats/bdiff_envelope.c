#include <stdlib.h>
#include <string.h>

#include "varlock/bdiff.h"
#include "varlock/wire.h"

static const uint8_t MAGIC[8] = {0x89, 'B', 'D', 'F', 0x0d, 0x0a, 0x1a, 0x0a};
static const uint8_t CLOSING[8] = {'B', 'D', 'I', 'F', 'F', 'E', 'N', 'D'};

enum { WRAPPED_MAX = VL_KEY_BITS_MAX / 8 };

/* bdiff.md §2 */
int vl_bdiff_envelope_encode(const struct vl_bdiff_envelope *envelope, struct vl_buf *out,
                             struct vl_error *err)
{
    size_t size = VL_BDIFF_FIXED_BYTES + VL_BDIFF_MAC_BYTES;
    for (size_t i = 0; i < envelope->n_recipients; i++)
        size += 12 + envelope->recipients[i].wrapped.len;
    if (envelope->n_recipients == 0 || envelope->n_recipients > VL_BDIFF_RECIPIENTS_MAX ||
        size > VL_BDIFF_ENVELOPE_MAX)
        return vl_error_set(err, VL_ERR_USAGE, "a BDIFF takes 1 to %d recipients",
                            VL_BDIFF_RECIPIENTS_MAX);
    vl_buf_add(out, MAGIC, sizeof MAGIC);
    vl_put_u16(out, VL_BDIFF_VERSION);
    vl_put_u16(out, (uint16_t)envelope->n_recipients);
    vl_put_u32(out, (uint32_t)size);
    vl_buf_add(out, envelope->file_id, sizeof envelope->file_id);
    vl_put_u32(out, envelope->header_size);
    vl_put_u32(out, 0);
    for (size_t i = 0; i < envelope->n_recipients; i++) {
        const struct vl_bdiff_recipient *r = &envelope->recipients[i];
        vl_put_u16(out, r->algorithm);
        vl_put_u16(out, (uint16_t)r->wrapped.len);
        vl_buf_add(out, r->hint, sizeof r->hint);
        vl_buf_add(out, r->wrapped.data, r->wrapped.len);
    }
    return out->failed ? vl_error_memory(err) : 0;
}

int vl_bdiff_envelope_size(const uint8_t fixed[static VL_BDIFF_FIXED_BYTES], size_t *size,
                           struct vl_error *err)
{
    struct vl_cursor c = vl_cursor_over(fixed, VL_BDIFF_FIXED_BYTES);
    const uint8_t *magic = vl_get_bytes(&c, sizeof MAGIC);
    if (memcmp(magic, MAGIC, sizeof MAGIC) != 0)
        return vl_error_set(err, VL_ERR_SEAL,
                            "not a BDIFF, or its first bytes are damaged");
    unsigned version = vl_get_u16(&c);
    if (version != VL_BDIFF_VERSION)
        return vl_error_set(err, VL_ERR_SEAL,
                            "BDIFF version %u; this varlock reads version %d", version,
                            VL_BDIFF_VERSION);
    vl_get_u16(&c);
    *size = vl_get_u32(&c);
    if (*size < VL_BDIFF_FIXED_BYTES + VL_BDIFF_MAC_BYTES ||
        *size > VL_BDIFF_ENVELOPE_MAX)
        return vl_error_set(err, VL_ERR_SEAL, "the envelope is malformed");
    return 0;
}

static bool get_recipient(struct vl_cursor *c, struct vl_bdiff_recipient *r)
{
    r->algorithm = vl_get_u16(c);
    size_t n = vl_get_u16(c);
    const uint8_t *hint = vl_get_bytes(c, sizeof r->hint);
    const uint8_t *wrapped = vl_get_bytes(c, n);
    if (c->bad || n == 0 || n > WRAPPED_MAX)
        return false;
    memcpy(r->hint, hint, sizeof r->hint);
    vl_buf_add(&r->wrapped, wrapped, n);
    return !r->wrapped.failed;
}

int vl_bdiff_envelope_decode(struct vl_bdiff_envelope *envelope, const uint8_t *bytes,
                             size_t n, struct vl_error *err)
{
    memset(envelope, 0, sizeof *envelope);
    size_t size = 0;
    if (n < VL_BDIFF_FIXED_BYTES + VL_BDIFF_MAC_BYTES)
        return vl_error_set(err, VL_ERR_SEAL, "truncated inside the envelope");
    int rc = vl_bdiff_envelope_size(bytes, &size, err);
    if (rc < 0)
        return rc;
    struct vl_cursor c = vl_cursor_over(bytes, n - VL_BDIFF_MAC_BYTES);
    vl_get_bytes(&c, 10);
    size_t n_recipients = vl_get_u16(&c);
    vl_get_u32(&c);
    memcpy(envelope->file_id, vl_get_bytes(&c, VL_BDIFF_ID_BYTES), VL_BDIFF_ID_BYTES);
    envelope->header_size = vl_get_u32(&c);
    uint32_t reserved = vl_get_u32(&c);
    bool good = size == n && reserved == 0 && n_recipients > 0 &&
                n_recipients <= VL_BDIFF_RECIPIENTS_MAX;
    if (good) {
        envelope->recipients = calloc(n_recipients, sizeof *envelope->recipients);
        if (!envelope->recipients) {
            vl_bdiff_envelope_clear(envelope);
            return vl_error_memory(err);
        }
    }
    for (size_t i = 0; good && i < n_recipients; i++) {
        envelope->n_recipients = i + 1;
        good = get_recipient(&c, &envelope->recipients[i]);
    }
    if (good && vl_left(&c) == 0)
        return 0;
    vl_bdiff_envelope_clear(envelope);
    return vl_error_set(err, VL_ERR_SEAL, "the envelope is malformed");
}

void vl_bdiff_envelope_clear(struct vl_bdiff_envelope *envelope)
{
    for (size_t i = 0; i < envelope->n_recipients; i++)
        vl_buf_clear(&envelope->recipients[i].wrapped);
    free(envelope->recipients);
    memset(envelope, 0, sizeof *envelope);
}

/* bdiff.md §7 */
void vl_bdiff_trailer_encode(const struct vl_bdiff_trailer *trailer, struct vl_buf *out)
{
    vl_put_u64(out, trailer->index_offset);
    vl_put_u32(out, trailer->index_size);
    vl_put_u32(out, trailer->signature_size);
    vl_buf_add(out, CLOSING, sizeof CLOSING);
}

int vl_bdiff_trailer_decode(struct vl_bdiff_trailer *trailer,
                            const uint8_t bytes[static VL_BDIFF_TRAILER_BYTES],
                            uint64_t file_size, struct vl_error *err)
{
    struct vl_cursor c = vl_cursor_over(bytes, VL_BDIFF_TRAILER_BYTES);
    trailer->index_offset = vl_get_u64(&c);
    trailer->index_size = vl_get_u32(&c);
    trailer->signature_size = vl_get_u32(&c);
    const uint8_t *closing = vl_get_bytes(&c, sizeof CLOSING);
    if (memcmp(closing, CLOSING, sizeof CLOSING) != 0)
        return vl_error_set(err, VL_ERR_SEAL, "truncated, or its last bytes are damaged");
    memcpy(trailer->mac, vl_get_bytes(&c, VL_BDIFF_MAC_BYTES), VL_BDIFF_MAC_BYTES);
    uint64_t behind =
        (uint64_t)trailer->index_size + trailer->signature_size + VL_BDIFF_TRAILER_BYTES;
    if (trailer->signature_size > WRAPPED_MAX || behind > file_size ||
        trailer->index_offset != file_size - behind)
        return vl_error_set(err, VL_ERR_SEAL, "truncated, or its last bytes are damaged");
    return 0;
}
