#include "c4gh_key_file.h"

#include <string.h>

#include "big_endian.h"
#include "chacha_poly.h"
#include "passphrase_kdf.h"
#include "varlock/fail.h"
#include "varlock/seal.h"

/* After the magic come strings, each with a big-endian u16 length: the name of the KDF;
 * unless that is "none", its options (u32 rounds, salt); the name of the cipher; the key,
 * sealed or not; a comment, which may be missing. */
static const char MAGIC[] = "c4gh-v1";

enum { LENGTH_BYTES = 2, ROUNDS_BYTES = 4 };

struct sealed_key {
    enum passphrase_kdf kdf; /* only if is_sealed */
    bool is_sealed;
    uint32_t rounds;
    struct octets salt;
    struct octets blob;
};

bool c4gh_key_is(const uint8_t *bytes, size_t n)
{
    return n >= strlen(MAGIC) && memcmp(bytes, MAGIC, strlen(MAGIC)) == 0;
}

static int refuse_damaged(const struct passphrase_source *source, struct vl_error *err)
{
    return vl_error_set(err, VL_ERR_KEY, "%s: is a damaged Crypt4GH key", source->path);
}

static int refuse_method(const struct passphrase_source *source, struct octets name,
                         struct vl_error *err)
{
    return vl_error_set(err, VL_ERR_KEY,
                        "%s: is a Crypt4GH key encrypted with %.*s, which varlock does "
                        "not know",
                        source->path, name.n < 64 ? (int)name.n : 64,
                        (const char *)name.bytes);
}

static bool find_kdf(struct octets name, enum passphrase_kdf *kdf)
{
    static const struct {
        const char *name;
        enum passphrase_kdf kdf;
    } KDFS[] = {{"scrypt", KDF_SCRYPT},
                {"pbkdf2_hmac_sha256", KDF_PBKDF2_SHA256},
                {"bcrypt", KDF_BCRYPT}};
    for (size_t i = 0; i < sizeof KDFS / sizeof *KDFS; i++) {
        *kdf = KDFS[i].kdf;
        if (octets_are(name, KDFS[i].name))
            return true;
    }
    return false;
}

static int parse(struct sealed_key *sealed, const uint8_t *bytes, size_t n,
                 const struct passphrase_source *source, struct vl_error *err)
{
    struct vl_cursor c = vl_cursor_over(bytes, n);
    vl_get_bytes(&c, strlen(MAGIC));
    struct octets kdf = get_octets(&c, LENGTH_BYTES);
    if (c.bad)
        return refuse_damaged(source, err);
    sealed->is_sealed = !octets_are(kdf, "none");
    if (sealed->is_sealed) {
        if (!find_kdf(kdf, &sealed->kdf))
            return refuse_method(source, kdf, err);
        struct octets options = get_octets(&c, LENGTH_BYTES);
        struct vl_cursor o = vl_cursor_over(options.bytes, c.bad ? 0 : options.n);
        sealed->rounds = get_be(&o, ROUNDS_BYTES);
        sealed->salt.n = vl_left(&o);
        sealed->salt.bytes = vl_get_bytes(&o, sealed->salt.n);
        c.bad |= o.bad;
    }
    struct octets cipher = get_octets(&c, LENGTH_BYTES);
    sealed->blob = get_octets(&c, LENGTH_BYTES);
    if (!c.bad && vl_left(&c) > 0)
        get_octets(&c, LENGTH_BYTES);
    if (c.bad || vl_left(&c) > 0)
        return refuse_damaged(source, err);
    if (!octets_are(cipher, sealed->is_sealed ? "chacha20_poly1305" : "none"))
        return refuse_method(source, cipher, err);
    const size_t expected =
        sealed->is_sealed ? VL_CHACHA_NONCE_BYTES + VL_X25519_BYTES + VL_CHACHA_TAG_BYTES
                          : VL_X25519_BYTES;
    return sealed->blob.n == expected ? 0 : refuse_damaged(source, err);
}

static int unseal(uint8_t secret[static VL_X25519_BYTES], const struct sealed_key *sealed,
                  struct passphrase_source *source, struct vl_error *err)
{
    char passphrase[VL_PASSPHRASE_MAX];
    uint8_t key[VL_CHACHA_KEY_BYTES];
    bool opens = false;
    int rc = passphrase_kdf_check(sealed->kdf, sealed->rounds, err);
    if (rc < 0)
        return vl_error_prefix(err, rc, source->path);
    rc = passphrase_ask(source, passphrase, err);
    if (rc >= 0) {
        rc = passphrase_derive(sealed->kdf, sealed->rounds, passphrase, (size_t)rc,
                               sealed->salt.bytes, sealed->salt.n, key, sizeof key, err);
        if (rc < 0)
            rc = vl_error_prefix(err, rc, source->path);
    }
    if (rc == 0)
        rc = chacha_open(key, sealed->blob.bytes, NULL, 0,
                         sealed->blob.bytes + VL_CHACHA_NONCE_BYTES, VL_X25519_BYTES,
                         secret, &opens, err);
    if (rc == 0 && !opens)
        rc = passphrase_refuse(source, err);
    vl_wipe(key, sizeof key);
    vl_wipe(passphrase, sizeof passphrase);
    return rc;
}

int c4gh_key_decode(struct vl_key **key, const uint8_t *bytes, size_t n,
                    struct passphrase_source *source, struct vl_error *err)
{
    struct sealed_key sealed = {0};
    uint8_t secret[VL_X25519_BYTES] = {0};
    *key = NULL;
    int rc = parse(&sealed, bytes, n, source, err);
    if (rc == 0 && sealed.is_sealed)
        rc = unseal(secret, &sealed, source, err);
    else if (rc == 0)
        memcpy(secret, sealed.blob.bytes, sizeof secret);
    if (rc == 0) {
        rc = vl_key_from_x25519(key, NULL, secret, err);
        if (rc < 0)
            rc = vl_error_prefix(err, rc, source->path);
    }
    vl_wipe(secret, sizeof secret);
    return rc;
}
