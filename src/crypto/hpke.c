#include "hpke.h"

#include <string.h>

#include "varlock/fail.h"
#include "varlock/seal.h"
#include "varlock/wire.h"

/* Names of the KEM, and of KEM, KDF and AEAD together (RFC 9180 §4.1, §5.1). */
static const struct hpke_text KEM = {"KEM\0\x20", 5};
static const struct hpke_text SUITE = {"HPKE\0\x20\0\x01\0\x03", 10};
static const struct hpke_text NOTHING = {NULL, 0};

static void add(struct vl_buf *out, struct hpke_text text)
{
    vl_buf_add(out, text.bytes, text.n);
}

/* RFC 9180 §4.  The salt has VL_MAC_BYTES; HMAC takes that many zeros for none. */
static int labeled_extract(const uint8_t salt[static VL_MAC_BYTES],
                           struct hpke_text suite, const char *label,
                           struct hpke_text secret, uint8_t out[static VL_MAC_BYTES],
                           struct vl_error *err)
{
    struct vl_buf text = VL_BUF_INIT;
    vl_buf_addf(&text, "HPKE-v1");
    add(&text, suite);
    vl_buf_addf(&text, "%s", label);
    add(&text, secret);
    int rc =
        text.failed ? vl_error_memory(err) : vl_mac(salt, text.data, text.len, out, err);
    vl_buf_wipe(&text);
    return rc;
}

/* One block of HKDF is enough: n_out is at most VL_MAC_BYTES. */
static int labeled_expand(const uint8_t secret[static VL_MAC_BYTES],
                          struct hpke_text suite, const char *label,
                          struct hpke_text info, uint8_t *out, size_t n_out,
                          struct vl_error *err)
{
    struct vl_buf text = VL_BUF_INIT;
    uint8_t block[VL_MAC_BYTES];
    vl_buf_add_byte(&text, 0);
    vl_buf_add_byte(&text, (uint8_t)n_out);
    vl_buf_addf(&text, "HPKE-v1");
    add(&text, suite);
    vl_buf_addf(&text, "%s", label);
    add(&text, info);
    vl_buf_add_byte(&text, 1);
    int rc = text.failed ? vl_error_memory(err)
                         : vl_mac(secret, text.data, text.len, block, err);
    if (rc == 0)
        memcpy(out, block, n_out);
    vl_wipe(block, sizeof block);
    vl_buf_wipe(&text);
    return rc;
}

struct context {
    uint8_t key[VL_CHACHA_KEY_BYTES], nonce[VL_CHACHA_NONCE_BYTES];
};

static const uint8_t NO_SALT[VL_MAC_BYTES];

/* RFC 9180 §4.1, ExtractAndExpand over enc || pkRm. */
static int kem_secret(const uint8_t dh[static VL_X25519_BYTES],
                      const uint8_t enc[static VL_X25519_BYTES],
                      const uint8_t recipient[static VL_X25519_BYTES],
                      uint8_t secret[static VL_MAC_BYTES], struct vl_error *err)
{
    uint8_t both[2 * VL_X25519_BYTES], prk[VL_MAC_BYTES];
    memcpy(both, enc, VL_X25519_BYTES);
    memcpy(both + VL_X25519_BYTES, recipient, VL_X25519_BYTES);
    int rc = labeled_extract(NO_SALT, KEM, "eae_prk",
                             (struct hpke_text){dh, VL_X25519_BYTES}, prk, err);
    if (rc == 0)
        rc = labeled_expand(prk, KEM, "shared_secret",
                            (struct hpke_text){both, sizeof both}, secret, VL_MAC_BYTES,
                            err);
    vl_wipe(prk, sizeof prk);
    return rc;
}

/* RFC 9180 §5.1 with mode 0 and neither psk nor psk_id. */
static int key_schedule(struct context *context,
                        const uint8_t shared[static VL_MAC_BYTES], struct hpke_text info,
                        struct vl_error *err)
{
    uint8_t hashes[1 + 2 * VL_MAC_BYTES] = {0}, secret[VL_MAC_BYTES];
    const struct hpke_text all = {hashes, sizeof hashes};
    int rc = labeled_extract(NO_SALT, SUITE, "psk_id_hash", NOTHING, hashes + 1, err);
    if (rc == 0)
        rc = labeled_extract(NO_SALT, SUITE, "info_hash", info, hashes + 1 + VL_MAC_BYTES,
                             err);
    if (rc == 0)
        rc = labeled_extract(shared, SUITE, "secret", NOTHING, secret, err);
    if (rc == 0)
        rc = labeled_expand(secret, SUITE, "key", all, context->key, sizeof context->key,
                            err);
    if (rc == 0)
        rc = labeled_expand(secret, SUITE, "base_nonce", all, context->nonce,
                            sizeof context->nonce, err);
    vl_wipe(secret, sizeof secret);
    return rc;
}

/* `own` and `peer` are the two ends of the exchange; enc and recipient, their public
 * halves, are ordered by role. */
static int set_up(struct context *context, const struct vl_key *own, const uint8_t *peer,
                  const uint8_t *enc, const uint8_t *recipient, struct hpke_text info,
                  struct vl_error *err)
{
    uint8_t dh[VL_X25519_BYTES], shared[VL_MAC_BYTES];
    int rc = vl_key_x25519_agree(own, peer, dh, err);
    if (rc == 0)
        rc = kem_secret(dh, enc, recipient, shared, err);
    if (rc == 0)
        rc = key_schedule(context, shared, info, err);
    vl_wipe(dh, sizeof dh);
    vl_wipe(shared, sizeof shared);
    return rc;
}

int hpke_seal(const struct vl_key *ephemeral,
              const uint8_t recipient[static VL_X25519_BYTES], struct hpke_text info,
              struct hpke_text ad, struct hpke_text message, struct vl_buf *sealed,
              struct vl_error *err)
{
    struct context context;
    uint8_t *at = vl_buf_reserve(sealed, message.n + HPKE_OVERHEAD_BYTES);
    if (!at)
        return vl_error_memory(err);
    int rc = vl_key_x25519_public(ephemeral, at, err);
    if (rc == 0)
        rc = set_up(&context, ephemeral, recipient, at, recipient, info, err);
    if (rc == 0)
        rc = chacha_seal(context.key, context.nonce, ad.bytes, ad.n, message.bytes,
                         message.n, at + VL_X25519_BYTES, err);
    if (rc == 0)
        sealed->len += message.n + HPKE_OVERHEAD_BYTES;
    vl_wipe(&context, sizeof context);
    return rc;
}

int hpke_open(const struct vl_key *own, struct hpke_text info, struct hpke_text ad,
              struct hpke_text sealed, uint8_t *message, bool *opens,
              struct vl_error *err)
{
    struct context context;
    uint8_t public[VL_X25519_BYTES];
    const uint8_t *enc = sealed.bytes;
    struct vl_error failure;
    *opens = false;
    int rc = vl_key_x25519_public(own, public, err);
    if (rc < 0 || sealed.n < HPKE_OVERHEAD_BYTES)
        return rc;
    rc = set_up(&context, own, enc, enc, public, info, &failure);
    if (rc == 0)
        rc =
            chacha_open(context.key, context.nonce, ad.bytes, ad.n, enc + VL_X25519_BYTES,
                        sealed.n - HPKE_OVERHEAD_BYTES, message, opens, err);
    else if (rc == VL_ERR_KEY) /* the ephemeral key is of low order */
        rc = 0;
    else
        vl_error_set(err, rc, "%s", failure.message);
    vl_wipe(&context, sizeof context);
    return rc;
}
