#include "ssh_key_file.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "big_endian.h"
#include "key_handle.h"
#include "openssl_failure.h"
#include "passphrase_kdf.h"
#include "varlock/fail.h"
#include "varlock/seal.h"

/* Strings have a big-endian u32 length (RFC 4251 §5). */
enum { LENGTH_BYTES = 4, AES_KEY_BYTES = 32, AES_BLOCK_BYTES = 16 };

static const char MAGIC[] = "openssh-key-v1"; /* with its NUL */
static const char ED25519[] = "ssh-ed25519";

/* The outer layer of a private key (PROTOCOL.key §1). */
struct sealed_key {
    bool is_sealed;
    uint32_t rounds; /* of bcrypt */
    struct octets salt;
    uint8_t public[VL_ED25519_BYTES];
    struct octets blob;
};

static int refuse_damaged(const char *path, struct vl_error *err)
{
    return vl_error_set(err, VL_ERR_KEY, "%s: is a damaged OpenSSH key", path);
}

static int refuse_type(const char *path, struct octets type, struct vl_error *err)
{
    return vl_error_set(
        err, VL_ERR_KEY,
        "%s: is an OpenSSH key of type %.*s; varlock needs ssh-ed25519, or "
        "an RSA key as PEM",
        path, type.n < 64 ? (int)type.n : 64, (const char *)type.bytes);
}

/* Takes the type and the point of a public key that has nothing else. */
static int get_public(struct octets blob, uint8_t public[static VL_ED25519_BYTES],
                      const char *path, struct vl_error *err)
{
    struct vl_cursor c = vl_cursor_over(blob.bytes, blob.n);
    struct octets type = get_octets(&c, LENGTH_BYTES);
    if (c.bad)
        return refuse_damaged(path, err);
    if (!octets_are(type, ED25519))
        return refuse_type(path, type, err);
    struct octets point = get_octets(&c, LENGTH_BYTES);
    if (c.bad || vl_left(&c) > 0 || point.n != VL_ED25519_BYTES)
        return refuse_damaged(path, err);
    memcpy(public, point.bytes, VL_ED25519_BYTES);
    return 0;
}

static int make_key(struct vl_key **key, const uint8_t public[static VL_ED25519_BYTES],
                    const uint8_t *seed, const char *path, struct vl_error *err)
{
    int rc = key_from_ed25519(key, public, seed, err);
    return rc < 0 ? vl_error_prefix(err, rc, path) : 0;
}

/* ---- public ---- */

bool ssh_key_is_public(const uint8_t *text, size_t n)
{
    static const char *const TYPES[] = {"ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-"};
    for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++)
        if (n > strlen(TYPES[i]) && memcmp(text, TYPES[i], strlen(TYPES[i])) == 0)
            return true;
    return false;
}

static size_t word_length(const uint8_t *text, size_t n)
{
    size_t i = 0;
    while (i < n && text[i] > ' ')
        i++;
    return i;
}

/* A line is: type, base64, comment.  The type stands in the base64 once more. */
int ssh_key_decode_public(struct vl_key **key, const uint8_t *text, size_t n,
                          const char *path, struct vl_error *err)
{
    enum { BASE64_BYTES = 68, BLOB_BYTES = 2 * LENGTH_BYTES + 11 + VL_ED25519_BYTES };
    uint8_t blob[BASE64_BYTES / 4 * 3], public[VL_ED25519_BYTES];
    size_t n_type = word_length(text, n);
    *key = NULL;
    if (!octets_are((struct octets){text, n_type}, ED25519))
        return refuse_type(path, (struct octets){text, n_type}, err);
    size_t at = n_type;
    while (at < n && (text[at] == ' ' || text[at] == '\t'))
        at++;
    if (word_length(text + at, n - at) != BASE64_BYTES ||
        EVP_DecodeBlock(blob, text + at, BASE64_BYTES) != BLOB_BYTES)
        return refuse_damaged(path, err);
    int rc = get_public((struct octets){blob, BLOB_BYTES}, public, path, err);
    return rc < 0 ? rc : make_key(key, public, NULL, path, err);
}

/* ---- private ---- */

bool ssh_key_is_private(const uint8_t *bytes, size_t n)
{
    return n >= sizeof MAGIC && memcmp(bytes, MAGIC, sizeof MAGIC) == 0;
}

static int refuse_method(const char *path, const char *what, struct octets name,
                         struct vl_error *err)
{
    return vl_error_set(err, VL_ERR_KEY,
                        "%s: is an OpenSSH key with %s %.*s; varlock knows bcrypt and "
                        "aes256-ctr (`ssh-keygen -p` writes them)",
                        path, what, name.n < 64 ? (int)name.n : 64,
                        (const char *)name.bytes);
}

static int get_kdf(struct sealed_key *sealed, struct vl_cursor *c, const char *path,
                   struct vl_error *err)
{
    struct octets cipher = get_octets(c, LENGTH_BYTES);
    struct octets kdf = get_octets(c, LENGTH_BYTES);
    struct octets options = get_octets(c, LENGTH_BYTES);
    if (c->bad)
        return refuse_damaged(path, err);
    sealed->is_sealed = !octets_are(cipher, "none");
    if (!sealed->is_sealed)
        return octets_are(kdf, "none") && options.n == 0 ? 0 : refuse_damaged(path, err);
    if (!octets_are(cipher, "aes256-ctr"))
        return refuse_method(path, "cipher", cipher, err);
    if (!octets_are(kdf, "bcrypt"))
        return refuse_method(path, "KDF", kdf, err);
    struct vl_cursor o = vl_cursor_over(options.bytes, options.n);
    sealed->salt = get_octets(&o, LENGTH_BYTES);
    sealed->rounds = get_be(&o, 4);
    return o.bad || vl_left(&o) > 0 ? refuse_damaged(path, err) : 0;
}

static int parse(struct sealed_key *sealed, const uint8_t *bytes, size_t n,
                 const char *path, struct vl_error *err)
{
    struct vl_cursor c = vl_cursor_over(bytes, n);
    vl_get_bytes(&c, sizeof MAGIC);
    int rc = get_kdf(sealed, &c, path, err);
    if (rc < 0)
        return rc;
    uint32_t n_keys = get_be(&c, 4);
    struct octets public = get_octets(&c, LENGTH_BYTES);
    if (c.bad || n_keys != 1)
        return refuse_damaged(path, err);
    rc = get_public(public, sealed->public, path, err);
    if (rc < 0)
        return rc;
    sealed->blob = get_octets(&c, LENGTH_BYTES);
    /* It is padded to the block of the cipher, or to 8 bytes without one. */
    const size_t block = sealed->is_sealed ? AES_BLOCK_BYTES : 8;
    if (c.bad || vl_left(&c) > 0 || sealed->blob.n % block != 0)
        return refuse_damaged(path, err);
    return 0;
}

/* Decrypts the blob with AES-256-CTR.  Whether the passphrase fits is seen later. */
static int decrypt(const struct sealed_key *sealed, uint8_t *plain,
                   struct passphrase_source *source, struct vl_error *err)
{
    char passphrase[VL_PASSPHRASE_MAX];
    uint8_t key[AES_KEY_BYTES + AES_BLOCK_BYTES];
    EVP_CIPHER_CTX *ctx = NULL;
    int n = 0, rc = passphrase_kdf_check(KDF_BCRYPT, sealed->rounds, err);
    if (rc < 0)
        return vl_error_prefix(err, rc, source->path);
    rc = passphrase_ask(source, passphrase, err);
    if (rc >= 0) {
        rc = passphrase_derive(KDF_BCRYPT, sealed->rounds, passphrase, (size_t)rc,
                               sealed->salt.bytes, sealed->salt.n, key, sizeof key, err);
        if (rc < 0)
            rc = vl_error_prefix(err, rc, source->path);
    }
    if (rc == 0) {
        ctx = EVP_CIPHER_CTX_new();
        if (!ctx ||
            EVP_DecryptInit_ex2(ctx, EVP_aes_256_ctr(), key, key + AES_KEY_BYTES, NULL) !=
                1 ||
            EVP_DecryptUpdate(ctx, plain, &n, sealed->blob.bytes, (int)sealed->blob.n) !=
                1)
            rc = openssl_failure(err, "AES-256-CTR");
    }
    EVP_CIPHER_CTX_free(ctx);
    vl_wipe(key, sizeof key);
    vl_wipe(passphrase, sizeof passphrase);
    return rc;
}

/* The inner layer: two equal check numbers, then the type, the public half, the private
 * half (seed, then the public half again), a comment, and padding 1, 2, 3 and so on. */
static int open_blob(struct vl_key **key, const struct sealed_key *sealed,
                     const uint8_t *plain, const struct passphrase_source *source,
                     struct vl_error *err)
{
    struct vl_cursor c = vl_cursor_over(plain, sealed->blob.n);
    uint32_t check = get_be(&c, 4), again = get_be(&c, 4);
    if (check != again)
        return sealed->is_sealed ? passphrase_refuse(source, err)
                                 : refuse_damaged(source->path, err);
    struct octets type = get_octets(&c, LENGTH_BYTES);
    struct octets public = get_octets(&c, LENGTH_BYTES);
    struct octets private = get_octets(&c, LENGTH_BYTES);
    get_octets(&c, LENGTH_BYTES);
    bool good =
        !c.bad && octets_are(type, ED25519) && public.n == VL_ED25519_BYTES &&
        private.n == 2 * VL_ED25519_BYTES &&
        memcmp(public.bytes, sealed->public, VL_ED25519_BYTES) == 0 &&
        memcmp(private.bytes + VL_ED25519_BYTES, sealed->public, VL_ED25519_BYTES) == 0;
    for (uint8_t pad = 1; good && vl_left(&c) > 0; pad++)
        good = vl_get_u8(&c) == pad;
    return good ? make_key(key, sealed->public, private.bytes, source->path, err)
                : refuse_damaged(source->path, err);
}

int ssh_key_decode_private(struct vl_key **key, const uint8_t *bytes, size_t n,
                           struct passphrase_source *source, struct vl_error *err)
{
    struct sealed_key sealed = {0};
    *key = NULL;
    int rc = parse(&sealed, bytes, n, source->path, err);
    if (rc < 0)
        return rc;
    if (!sealed.is_sealed)
        return open_blob(key, &sealed, sealed.blob.bytes, source, err);
    if (source->is_peek)
        return make_key(key, sealed.public, NULL, source->path, err);
    uint8_t *plain = malloc(sealed.blob.n + 1);
    if (!plain)
        return vl_error_memory(err);
    rc = decrypt(&sealed, plain, source, err);
    if (rc == 0)
        rc = open_blob(key, &sealed, plain, source, err);
    vl_wipe(plain, sealed.blob.n);
    free(plain);
    return rc;
}
