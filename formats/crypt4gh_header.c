/* crypt4gh.md §2 to §4: the start of a file, its packets, and their payloads. */
#include <string.h>

#include "varlock/chacha.h"
#include "varlock/crypt4gh.h"
#include "varlock/seal.h"
#include "varlock/wire.h"

static const char MAGIC[] = "crypt4gh";

enum { VERSION = 1, METHOD = 0, METHOD_BYTES = 4, KIND_BYTES = 4, COUNT_BYTES = 4 };
enum { CIPHER_CHACHA = 0, CIPHER_BYTES = 4 };
enum { N_LENGTHS_MAX = (VL_C4GH_PACKET_MAX - VL_C4GH_PACKET_MIN) / 8 };
/* Where the fields of a packet begin. */
enum {
    AT_METHOD = VL_C4GH_LENGTH_BYTES,
    AT_WRITER = AT_METHOD + METHOD_BYTES,
    AT_NONCE = AT_WRITER + VL_X25519_BYTES,
    AT_SEALED = AT_NONCE + VL_C4GH_NONCE_BYTES
};

/* ---- the start ---- */

bool vl_c4gh_is_start(const void *bytes, size_t n)
{
    return n >= VL_C4GH_MAGIC_BYTES && memcmp(bytes, MAGIC, VL_C4GH_MAGIC_BYTES) == 0;
}

int vl_c4gh_start_decode(const uint8_t start[static VL_C4GH_START_BYTES],
                         uint32_t *n_packets, struct vl_error *err)
{
    struct vl_cursor c = vl_cursor_over(start, VL_C4GH_START_BYTES);
    bool is_start = vl_c4gh_is_start(start, VL_C4GH_START_BYTES);
    vl_get_bytes(&c, VL_C4GH_MAGIC_BYTES);
    uint32_t version = vl_get_u32(&c);
    *n_packets = vl_get_u32(&c);
    if (!is_start)
        return vl_error_set(err, VL_ERR_DATA, "is no Crypt4GH file");
    if (version != VERSION)
        return vl_error_set(err, VL_ERR_DATA,
                            "is a Crypt4GH file of version %u; varlock reads version %d",
                            version, VERSION);
    return *n_packets > 0 && *n_packets <= VL_C4GH_PACKETS_MAX
               ? 0
               : vl_error_set(err, VL_ERR_DATA,
                              "its Crypt4GH header has %u packets, not 1 to %d",
                              *n_packets, VL_C4GH_PACKETS_MAX);
}

int vl_c4gh_length_decode(const uint8_t bytes[static VL_C4GH_LENGTH_BYTES],
                          uint32_t *size_bytes, struct vl_error *err)
{
    struct vl_cursor c = vl_cursor_over(bytes, VL_C4GH_LENGTH_BYTES);
    *size_bytes = vl_get_u32(&c);
    if (*size_bytes >= VL_C4GH_PACKET_MIN && *size_bytes <= VL_C4GH_PACKET_MAX)
        return 0;
    return vl_error_set(err, VL_ERR_DATA,
                        "its Crypt4GH header has a packet of %u bytes, not %d to %d",
                        *size_bytes, VL_C4GH_PACKET_MIN, VL_C4GH_PACKET_MAX);
}

void vl_c4gh_put_start(struct vl_buf *out, uint32_t n_packets)
{
    vl_buf_add(out, MAGIC, VL_C4GH_MAGIC_BYTES);
    vl_put_u32(out, VERSION);
    vl_put_u32(out, n_packets);
}

/* ---- packets ---- */

int vl_c4gh_packet_seal(const struct vl_key *writer,
                        const uint8_t reader[static VL_X25519_BYTES], const void *payload,
                        size_t n, struct vl_buf *out, struct vl_error *err)
{
    uint8_t shared[VL_X25519_BYTES], public[VL_X25519_BYTES], nonce[VL_C4GH_NONCE_BYTES];
    struct vl_chacha *chacha = NULL;
    size_t before = out->len;
    int rc = vl_key_c4gh_shared(writer, reader, false, shared, err);
    if (rc == 0)
        rc = vl_key_x25519_public(writer, public, err);
    if (rc == 0)
        rc = vl_random(nonce, sizeof nonce, err);
    if (rc == 0)
        rc = vl_chacha_open(&chacha, shared, err);
    if (rc == 0) {
        vl_put_u32(out, (uint32_t)(VL_C4GH_PACKET_MIN + n));
        vl_put_u32(out, METHOD);
        vl_buf_add(out, public, sizeof public);
        vl_buf_add(out, nonce, sizeof nonce);
        uint8_t *sealed = vl_buf_reserve(out, n + VL_CHACHA_TAG_BYTES);
        rc = sealed ? vl_chacha_seal(chacha, nonce, NULL, 0, payload, n, sealed, err)
                    : vl_error_memory(err);
        out->len += rc == 0 ? n + VL_CHACHA_TAG_BYTES : 0;
    }
    if (rc < 0)
        out->len = before;
    vl_chacha_free(chacha);
    vl_wipe(shared, sizeof shared);
    return rc;
}

int vl_c4gh_packet_open(const struct vl_key *reader, const uint8_t *writer,
                        const uint8_t *packet, size_t n, struct vl_buf *payload,
                        bool *opens, struct vl_error *err)
{
    struct vl_cursor c = vl_cursor_over(packet + AT_METHOD, METHOD_BYTES);
    const uint8_t *peer = packet + AT_WRITER;
    size_t n_plain = n - VL_C4GH_PACKET_MIN;
    uint8_t shared[VL_X25519_BYTES];
    struct vl_chacha *chacha = NULL;
    *opens = false;
    if (vl_get_u32(&c) != METHOD ||
        (writer && memcmp(writer, peer, VL_X25519_BYTES) != 0))
        return 0;
    uint8_t *plain = vl_buf_reserve(payload, n_plain);
    if (!plain)
        return vl_error_memory(err);
    int rc = vl_key_c4gh_shared(reader, peer, true, shared, err);
    if (rc == VL_ERR_KEY)
        return 0; /* nobody can have sealed to this reader with such a key */
    if (rc == 0)
        rc = vl_chacha_open(&chacha, shared, err);
    if (rc == 0)
        rc = vl_chacha_unseal(chacha, packet + AT_NONCE, NULL, 0, packet + AT_SEALED,
                              n_plain, plain, opens, err);
    payload->len += *opens ? n_plain : 0;
    vl_chacha_free(chacha);
    vl_wipe(shared, sizeof shared);
    return rc;
}

/* ---- payloads ---- */

static uint32_t u32_at(const uint8_t *bytes)
{
    struct vl_cursor c = vl_cursor_over(bytes, sizeof(uint32_t));
    return vl_get_u32(&c);
}

int vl_c4gh_payload_kind(const uint8_t *payload, size_t n, enum vl_c4gh_kind *kind,
                         struct vl_error *err)
{
    struct vl_cursor c = vl_cursor_over(payload, n);
    uint32_t number = vl_get_u32(&c), second = vl_get_u32(&c);
    *kind = VL_C4GH_UNKNOWN;
    if (c.bad && (n < KIND_BYTES || number > VL_C4GH_EDIT_LIST))
        return 0;
    if (number == VL_C4GH_DATA_KEY) {
        if (c.bad || (second == CIPHER_CHACHA && vl_left(&c) < VL_C4GH_KEY_BYTES))
            return vl_error_set(err, VL_ERR_DATA,
                                "its Crypt4GH header has a data key of %zu bytes", n);
        if (second == CIPHER_CHACHA)
            *kind = VL_C4GH_DATA_KEY;
    } else if (number == VL_C4GH_EDIT_LIST) {
        if (c.bad || vl_left(&c) / sizeof(uint64_t) < second)
            return vl_error_set(err, VL_ERR_DATA,
                                "its Crypt4GH edit list is shorter than it says");
        *kind = VL_C4GH_EDIT_LIST;
    }
    return 0;
}

const uint8_t *vl_c4gh_data_key(const uint8_t *payload)
{
    return payload + KIND_BYTES + CIPHER_BYTES;
}

int vl_c4gh_edit_list_decode(const uint8_t *payload, struct vl_buf *lengths,
                             struct vl_error *err)
{
    uint32_t n = u32_at(payload + KIND_BYTES);
    struct vl_cursor c =
        vl_cursor_over(payload + KIND_BYTES + COUNT_BYTES, n * sizeof(uint64_t));
    uint64_t total = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint64_t length = vl_get_u64(&c);
        if (length > INT64_MAX - total)
            return vl_error_set(err, VL_ERR_DATA,
                                "its Crypt4GH edit list is longer than any file");
        total += length;
        vl_buf_add(lengths, &length, sizeof length);
    }
    return lengths->failed ? vl_error_memory(err) : 0;
}

void vl_c4gh_put_data_key(struct vl_buf *out, const uint8_t key[static VL_C4GH_KEY_BYTES])
{
    vl_put_u32(out, VL_C4GH_DATA_KEY);
    vl_put_u32(out, CIPHER_CHACHA);
    vl_buf_add(out, key, VL_C4GH_KEY_BYTES);
}

void vl_c4gh_put_edit_list(struct vl_buf *out, const uint64_t *lengths, uint32_t n)
{
    vl_put_u32(out, VL_C4GH_EDIT_LIST);
    vl_put_u32(out, n);
    for (uint32_t i = 0; i < n; i++)
        vl_put_u64(out, lengths[i]);
}
