#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include "c4gh_key_file.h"
#include "key_handle.h"
#include "passphrase.h"
#include "ssh_key_file.h"
#include "varlock/file.h"
#include "varlock/key.h"
#include "varlock/seal.h"

enum { KEY_FILE_BYTES_MAX = 64 * 1024 };

/* One block of a PEM file: the text between BEGIN and END. */
struct pem_block {
    char *label;  /* "RSA PRIVATE KEY" */
    char *header; /* "Proc-Type: 4,ENCRYPTED..." or "" */
    unsigned char *der;
    long n;
};

static void block_clear(struct pem_block *block)
{
    OPENSSL_free(block->label);
    OPENSSL_free(block->header);
    OPENSSL_clear_free(block->der, block->n > 0 ? (size_t)block->n : 0);
    *block = (struct pem_block){0};
}

static bool ends_with(const char *label, const char *ending)
{
    size_t n = strlen(label), n_ending = strlen(ending);
    return n >= n_ending && strcmp(label + n - n_ending, ending) == 0;
}

static bool is_private(const struct pem_block *block)
{
    return ends_with(block->label, "PRIVATE KEY");
}

static bool is_public(const struct pem_block *block)
{
    return ends_with(block->label, "PUBLIC KEY");
}

/* Finds the first key of the file.  It need not be the first block: EC keys, for example,
 * come after a block of parameters. */
static int find_key_block(struct pem_block *block, const struct vl_buf *file,
                          const char *path, struct vl_error *err)
{
    BIO *bio = BIO_new_mem_buf(file->data, (int)file->len);
    if (!bio)
        return vl_error_memory(err);
    int rc = 0;
    bool any = false;
    while (PEM_read_bio(bio, &block->label, &block->header, &block->der, &block->n) ==
           1) {
        if (is_private(block) || is_public(block))
            goto out;
        any = true;
        if (ends_with(block->label, "CERTIFICATE")) {
            rc = vl_error_set(err, VL_ERR_KEY, "%s: is a certificate, not a key", path);
            goto out;
        }
        block_clear(block);
    }
    if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
        rc = vl_error_set(err, VL_ERR_KEY, "%s: is a damaged PEM file", path);
    else if (any)
        rc = vl_error_set(err, VL_ERR_KEY, "%s: is a PEM file without a key", path);
    else
        rc = vl_error_set(err, VL_ERR_KEY,
                          "%s: is not a key file (PEM, OpenSSH or Crypt4GH)", path);
out:
    BIO_free(bio);
    return rc;
}

static int read_file(struct vl_buf *file, const char *path, struct vl_error *err)
{
    int rc = vl_file_slurp(path, KEY_FILE_BYTES_MAX, file, err);
    if (rc == VL_ERR_DATA)
        rc = vl_error_set(err, VL_ERR_KEY, "%s: is not a key file: larger than %d bytes",
                          path, KEY_FILE_BYTES_MAX);
    if (rc < 0)
        vl_buf_wipe(file);
    return rc;
}

static const char *article(const char *word)
{
    /* Letters whose names begin with a vowel when they are spelled: an RSA-PSS key, an EC
     * key, a DSA key. */
    return strchr("AEFHILMNORSX", word[0]) ? "an" : "a";
}

static int refuse_algorithm(const char *path, const char *name, int n,
                            struct vl_error *err)
{
    return vl_error_set(err, VL_ERR_KEY,
                        "%s: is %s %.*s key; varlock needs RSA, X25519 or Ed25519", path,
                        article(name), n, name);
}

/* Whether the label consists of `algorithm` and of its own last n_kind bytes, which name
 * the kind of key. */
static bool names(const char *label, const char *algorithm, size_t n_kind)
{
    size_t n = strlen(algorithm);
    return strlen(label) == n + n_kind && memcmp(label, algorithm, n) == 0;
}

/* Refuses labels of other algorithms: labels such as "EC PRIVATE KEY" name their
 * algorithm. */
static int check_label(const struct pem_block *block, const char *kind, const char *path,
                       struct vl_error *err)
{
    const char *label = block->label;
    size_t n_kind = strlen(kind);
    if (names(label, "", n_kind) || names(label, "RSA ", n_kind) ||
        (names(label, "ENCRYPTED ", n_kind) && is_private(block)))
        return 0;
    return refuse_algorithm(path, label, (int)(strlen(label) - n_kind) - 1, err);
}

static int refuse_undecoded(const char *path, struct vl_error *err)
{
    return vl_error_set(
        err, VL_ERR_KEY,
        "%s: is damaged, or a key of an algorithm that OpenSSL does not know", path);
}

/* Whether modulus and exponent look usable.  A modulus or exponent that fails here is
 * useless, and everybody can see it: an exponent of 1, for example, would leave the
 * wrapped secret readable.  EVP_PKEY_public_check also proves that the modulus is no
 * prime, which takes 5 ms (2048 bits) to 12 ms (3072 bits).  That check is left out:
 * whoever could make such a key could as well publish the private half of a good one. */
static bool is_plausible(const EVP_PKEY *pkey)
{
    enum { SMALL_FACTORS_END = 752 }; /* the bound of SP 800-56B revision 2, 6.4.2.1 */
    BIGNUM *n = NULL, *e = NULL;
    bool plausible = EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_N, &n) == 1 &&
                     EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_E, &e) == 1 &&
                     BN_is_odd(n) && BN_is_odd(e) && !BN_is_one(e);
    for (BN_ULONG f = 3; plausible && f < SMALL_FACTORS_END; f += 2)
        plausible = BN_mod_word(n, f) != 0;
    BN_free(n);
    BN_free(e);
    return plausible;
}

static int check_rsa(const EVP_PKEY *pkey, const char *path, struct vl_error *err)
{
    int bits = EVP_PKEY_get_bits(pkey);
    if (bits < VL_KEY_BITS_MIN || bits > VL_KEY_BITS_MAX)
        return vl_error_set(err, VL_ERR_KEY,
                            "%s: is an RSA key of %d bits; varlock needs %d to %d", path,
                            bits, VL_KEY_BITS_MIN, VL_KEY_BITS_MAX);
    if (!is_plausible(pkey))
        return vl_error_set(err, VL_ERR_KEY,
                            "%s: its modulus and exponent are not an RSA key", path);
    return 0;
}

/* Takes over pkey, also on failure. */
static int make_key(struct vl_key **key, EVP_PKEY *pkey, const char *path,
                    struct vl_error *err)
{
    int rc = 0;
    const char *algorithm = EVP_PKEY_get0_type_name(pkey);
    const char *name = algorithm ? algorithm : "unknown";
    if (EVP_PKEY_is_a(pkey, "RSA"))
        rc = check_rsa(pkey, path, err);
    else if (!EVP_PKEY_is_a(pkey, "X25519") && !EVP_PKEY_is_a(pkey, "ED25519"))
        rc = refuse_algorithm(path, name, (int)strlen(name), err);
    if (rc < 0) {
        EVP_PKEY_free(pkey);
        return rc;
    }
    rc = key_from_pkey(key, pkey, err);
    return rc < 0 ? vl_error_prefix(err, rc, path) : 0;
}

static int take_x25519(struct vl_key **key, const uint8_t *public, const uint8_t *secret,
                       const char *path, struct vl_error *err)
{
    int rc = vl_key_from_x25519(key, public, secret, err);
    return rc < 0 ? vl_error_prefix(err, rc, path) : 0;
}

/* ---- public keys ---- */

static int refuse_private(const char *path, struct vl_error *err)
{
    return vl_error_set(err, VL_ERR_KEY,
                        "%s: is a private key; the public key belongs here", path);
}

static int decode_public(struct vl_key **key, const struct pem_block *block,
                         const char *path, struct vl_error *err)
{
    if (is_private(block) || c4gh_key_is(block->der, (size_t)block->n))
        return refuse_private(path, err);
    if (block->n == VL_X25519_BYTES)
        return take_x25519(key, block->der, NULL, path, err);
    int rc = check_label(block, "PUBLIC KEY", path, err);
    if (rc < 0)
        return rc;
    const unsigned char *der = block->der;
    EVP_PKEY *pkey = strcmp(block->label, "PUBLIC KEY") == 0
                         ? d2i_PUBKEY(NULL, &der, block->n)
                         : d2i_PublicKey(EVP_PKEY_RSA, NULL, &der, block->n);
    return pkey ? make_key(key, pkey, path, err) : refuse_undecoded(path, err);
}

static int decode_public_file(struct vl_key **key, struct vl_buf *file, const char *path,
                              struct vl_error *err)
{
    struct pem_block block = {0};
    int rc;
    if (file->len == VL_X25519_BYTES)
        rc = take_x25519(key, file->data, NULL, path, err);
    else if (ssh_key_is_public(file->data, file->len))
        rc = ssh_key_decode_public(key, file->data, file->len, path, err);
    else {
        rc = find_key_block(&block, file, path, err);
        if (rc == 0)
            rc = decode_public(key, &block, path, err);
    }
    block_clear(&block);
    ERR_clear_error();
    return rc;
}

int vl_key_read_public(struct vl_key **key, const char *path, struct vl_error *err)
{
    struct vl_buf file = VL_BUF_INIT;
    *key = NULL;
    int rc = read_file(&file, path, err);
    if (rc == 0)
        rc = decode_public_file(key, &file, path, err);
    vl_buf_wipe(&file);
    return rc;
}

int vl_key_decode_public(struct vl_key **key, const void *bytes, size_t n,
                         const char *where, struct vl_error *err)
{
    struct vl_buf file = VL_BUF_INIT;
    *key = NULL;
    vl_buf_add(&file, bytes, n);
    vl_buf_add_byte(&file, 0);
    file.len -= !file.failed;
    int rc =
        file.failed ? vl_error_memory(err) : decode_public_file(key, &file, where, err);
    vl_buf_wipe(&file);
    return rc;
}

/* ---- private keys ---- */

/* Says why a key was not decrypted.  A cipher of OpenSSL's legacy provider, which is not
 * loaded, must not be reported as a wrong passphrase. */
static int refuse_undecrypted(const struct passphrase_source *source,
                              struct vl_error *err)
{
    unsigned long e;
    bool unsupported = false;
    while ((e = ERR_get_error()) != 0) {
        int reason = ERR_GET_REASON(e);
        unsupported |=
            reason == ERR_R_UNSUPPORTED || reason == PEM_R_UNSUPPORTED_ENCRYPTION ||
            (ERR_GET_LIB(e) == ERR_LIB_EVP && reason == EVP_R_UNKNOWN_PBE_ALGORITHM);
    }
    if (unsupported)
        return vl_error_set(err, VL_ERR_KEY,
                            "%s: is encrypted with an algorithm that OpenSSL "
                            "does not support here",
                            source->path);
    return passphrase_refuse(source, err);
}

static int decode_encrypted_pkcs8(EVP_PKEY **pkey, const struct pem_block *block,
                                  struct passphrase_source *source, struct vl_error *err)
{
    char passphrase[VL_PASSPHRASE_MAX];
    const unsigned char *der = block->der;
    PKCS8_PRIV_KEY_INFO *info = NULL;
    int rc = 0;
    X509_SIG *encrypted = d2i_X509_SIG(NULL, &der, block->n);
    if (!encrypted)
        return refuse_undecoded(source->path, err);
    int n = passphrase_ask(source, passphrase, err);
    if (n < 0) {
        rc = n;
        goto out;
    }
    info = PKCS8_decrypt(encrypted, passphrase, n);
    if (!info) {
        rc = refuse_undecrypted(source, err);
        goto out;
    }
    *pkey = EVP_PKCS82PKEY(info);
    if (!*pkey)
        rc = refuse_undecoded(source->path, err);
out:
    OPENSSL_cleanse(passphrase, sizeof passphrase);
    PKCS8_PRIV_KEY_INFO_free(info);
    X509_SIG_free(encrypted);
    return rc;
}

struct passphrase {
    const char *bytes;
    int n;
};

static int hand_over(char *out, int cap, int writing, void *arg)
{
    const struct passphrase *passphrase = arg;
    (void)writing;
    if (passphrase->n > cap)
        return -1;
    memcpy(out, passphrase->bytes, (size_t)passphrase->n);
    return passphrase->n;
}

/* Decrypts, in place, a block with the traditional encryption of PKCS#1 PEM (Proc-Type
 * and DEK-Info lines). */
static int decrypt_block(struct pem_block *block, struct passphrase_source *source,
                         struct vl_error *err)
{
    char bytes[VL_PASSPHRASE_MAX];
    EVP_CIPHER_INFO cipher;
    if (PEM_get_EVP_CIPHER_INFO(block->header, &cipher) != 1)
        return refuse_undecrypted(source, err);
    if (!cipher.cipher)
        return 0;
    int rc = passphrase_ask(source, bytes, err);
    if (rc < 0)
        goto out;
    struct passphrase passphrase = {bytes, rc};
    rc = 0;
    if (PEM_do_header(&cipher, block->der, &block->n, hand_over, &passphrase) != 1)
        rc = refuse_undecrypted(source, err);
out:
    OPENSSL_cleanse(bytes, sizeof bytes);
    return rc;
}

static int refuse_public(const char *path, struct vl_error *err)
{
    return vl_error_set(err, VL_ERR_KEY,
                        "%s: is a public key; the private key belongs here", path);
}

static int decode_der(struct vl_key **key, struct pem_block *block,
                      struct passphrase_source *source, struct vl_error *err)
{
    EVP_PKEY *pkey = NULL;
    int rc = check_label(block, "PRIVATE KEY", source->path, err);
    if (rc < 0)
        return rc;
    if (strcmp(block->label, "ENCRYPTED PRIVATE KEY") == 0) {
        rc = decode_encrypted_pkcs8(&pkey, block, source, err);
        return rc < 0 ? rc : make_key(key, pkey, source->path, err);
    }
    rc = decrypt_block(block, source, err);
    if (rc < 0)
        return rc;
    const unsigned char *der = block->der;
    pkey = d2i_AutoPrivateKey(NULL, &der, block->n);
    return pkey ? make_key(key, pkey, source->path, err)
                : refuse_undecoded(source->path, err);
}

/* The content decides; labels differ from program to program. */
static int decode_private(struct vl_key **key, struct pem_block *block,
                          struct passphrase_source *source, struct vl_error *err)
{
    const size_t n = (size_t)block->n;
    if (c4gh_key_is(block->der, n))
        return c4gh_key_decode(key, block->der, n, source, err);
    if (ssh_key_is_private(block->der, n))
        return ssh_key_decode_private(key, block->der, n, source, err);
    if (is_public(block))
        return refuse_public(source->path, err);
    if (n == VL_X25519_BYTES)
        return take_x25519(key, NULL, block->der, source->path, err);
    return decode_der(key, block, source, err);
}

struct vl_key_file {
    struct vl_buf bytes;
    char *path;
};

int vl_key_file_open(struct vl_key_file **file, const char *path, struct vl_error *err)
{
    *file = NULL;
    struct vl_key_file *f = calloc(1, sizeof *f);
    if (!f)
        return vl_error_memory(err);
    f->path = strdup(path);
    int rc = f->path ? read_file(&f->bytes, path, err) : vl_error_memory(err);
    if (rc == 0)
        *file = f;
    else
        vl_key_file_free(f);
    return rc;
}

void vl_key_file_free(struct vl_key_file *file)
{
    if (!file)
        return;
    vl_buf_wipe(&file->bytes);
    free(file->path);
    free(file);
}

static int decode_file(struct vl_key **key, const struct vl_key_file *file,
                       struct passphrase_source *source, struct vl_error *err)
{
    struct pem_block block = {0};
    int rc;
    *key = NULL;
    if (file->bytes.len == VL_X25519_BYTES)
        rc = take_x25519(key, NULL, file->bytes.data, file->path, err);
    else if (ssh_key_is_public(file->bytes.data, file->bytes.len))
        rc = refuse_public(file->path, err);
    else {
        rc = find_key_block(&block, &file->bytes, file->path, err);
        if (rc == 0)
            rc = decode_private(key, &block, source, err);
    }
    block_clear(&block);
    ERR_clear_error();
    return rc;
}

int vl_key_file_unlock(const struct vl_key_file *file, vl_passphrase_fn passphrase,
                       void *passphrase_arg, struct vl_key **key, struct vl_error *err)
{
    struct passphrase_source source = {passphrase, passphrase_arg, file->path, false,
                                       false};
    return decode_file(key, file, &source, err);
}

int vl_key_file_peek(const struct vl_key_file *file, struct vl_key **key,
                     struct vl_error *err)
{
    struct passphrase_source source = {NULL, NULL, file->path, true, false};
    struct vl_error failure;
    int rc = decode_file(key, file, &source, &failure);
    if (rc == 0 || source.needed)
        return 0;
    return vl_error_set(err, rc, "%s", failure.message);
}

int vl_key_read_private(struct vl_key **key, const char *path,
                        vl_passphrase_fn passphrase, void *passphrase_arg,
                        struct vl_error *err)
{
    struct vl_key_file *file = NULL;
    *key = NULL;
    int rc = vl_key_file_open(&file, path, err);
    if (rc == 0)
        rc = vl_key_file_unlock(file, passphrase, passphrase_arg, key, err);
    vl_key_file_free(file);
    return rc;
}
