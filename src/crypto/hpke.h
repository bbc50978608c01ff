/* HPKE (RFC 9180), base mode, single shot: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256,
 * ChaCha20-Poly1305. */
#ifndef HPKE_H
#define HPKE_H

#include "chacha_poly.h"
#include "varlock/key.h"

/* A run of bytes; NULL where n is 0. */
struct hpke_text {
    const void *bytes;
    size_t n;
};

/* What is sealed is longer than the message by the ephemeral public key, in front of it,
 * and the tag. */
enum { HPKE_OVERHEAD_BYTES = VL_X25519_BYTES + VL_CHACHA_TAG_BYTES };

/* Appends the sealed message.  `ephemeral` is a new X25519 key, used for nothing else.
 * Returns VL_ERR_KEY where the recipient's key is of low order. */
VL_MUST_CHECK
int hpke_seal(const struct vl_key *ephemeral,
              const uint8_t recipient[static VL_X25519_BYTES], struct hpke_text info,
              struct hpke_text ad, struct hpke_text message, struct vl_buf *sealed,
              struct vl_error *err);

/* Writes the message, which is shorter than what is sealed by HPKE_OVERHEAD_BYTES.
 * *opens becomes false where it was not sealed to this key, is too short, or its
 * ephemeral key is of low order.  The result is negative only on an internal failure, and
 * where `own` cannot agree (key.h). */
VL_MUST_CHECK
int hpke_open(const struct vl_key *own, struct hpke_text info, struct hpke_text ad,
              struct hpke_text sealed, uint8_t *message, bool *opens,
              struct vl_error *err);

#endif
