/* Crypt4GH keys, packets and files made by hand. */
#ifndef C4GH_FIXTURE_H
#define C4GH_FIXTURE_H

#include <check.h>
#include <string.h>

#include "varlock/crypt4gh.h"
#include "varlock/key.h"
#include "varlock/wire.h"

/* The pair with the private half first, first + 1, ... */
static inline struct vl_key *c4gh_fixture_key(uint8_t first)
{
    struct vl_key *key = NULL;
    uint8_t secret[VL_X25519_BYTES];
    for (size_t i = 0; i < sizeof secret; i++)
        secret[i] = (uint8_t)(first + i);
    ck_assert_int_eq(vl_key_from_x25519(&key, NULL, secret, NULL), 0);
    return key;
}

/* Seals a payload from one key to another, and appends the packet. */
static inline void c4gh_fixture_seal(struct vl_buf *out, uint8_t from, uint8_t to,
                                     const struct vl_buf *payload)
{
    struct vl_key *writer = c4gh_fixture_key(from), *reader = c4gh_fixture_key(to);
    uint8_t public[VL_X25519_BYTES];
    ck_assert_int_eq(vl_key_x25519_public(reader, public, NULL), 0);
    ck_assert_int_eq(
        vl_c4gh_packet_seal(writer, public, payload->data, payload->len, out, NULL), 0);
    vl_key_free(writer);
    vl_key_free(reader);
}

/* A data key that is one byte over and over. */
static inline void c4gh_fixture_seal_key(struct vl_buf *out, uint8_t from, uint8_t to,
                                         uint8_t byte)
{
    struct vl_buf payload = VL_BUF_INIT;
    uint8_t key[VL_C4GH_KEY_BYTES];
    memset(key, byte, sizeof key);
    vl_c4gh_put_data_key(&payload, key);
    c4gh_fixture_seal(out, from, to, &payload);
    vl_buf_clear(&payload);
}

static inline void c4gh_fixture_seal_edits(struct vl_buf *out, uint8_t from, uint8_t to,
                                           const uint64_t *lengths, uint32_t n)
{
    struct vl_buf payload = VL_BUF_INIT;
    vl_c4gh_put_edit_list(&payload, lengths, n);
    c4gh_fixture_seal(out, from, to, &payload);
    vl_buf_clear(&payload);
}

/* Appends a segment under a data key that is one byte over and over. */
static inline void c4gh_fixture_segment(struct vl_buf *out, uint8_t byte,
                                        const uint8_t *plain, size_t n)
{
    uint8_t key[VL_C4GH_KEY_BYTES];
    struct vl_chacha *chacha;
    memset(key, byte, sizeof key);
    ck_assert_int_eq(vl_chacha_open(&chacha, key, NULL), 0);
    uint8_t *to = vl_buf_reserve(out, n + VL_C4GH_OVERHEAD_BYTES);
    ck_assert_int_eq(vl_c4gh_segment_seal(chacha, plain, n, to, NULL), 0);
    out->len += n + VL_C4GH_OVERHEAD_BYTES;
    vl_chacha_free(chacha);
}

#endif
