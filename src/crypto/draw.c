#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "openssl_failure.h"
#include "varlock/draw.h"
#include "varlock/little_endian.h"
#include "varlock/seal.h"

enum { BLOCK_BYTES = 16, N_STEPS = 4, N_DRAWS = 8, POSITION_BYTES = 8, BATCH = 256 };

struct vl_draw {
    const char *label; /* HKDF label of the contigs' keys */
    EVP_CIPHER *aes;
    EVP_CIPHER_CTX *ctx;            /* it has no cipher until a contig is set */
    uint8_t key[VL_MASK_KEY_BYTES]; /* the masking key, or the key of a sample */
    uint8_t
        blocks[N_DRAWS * BLOCK_BYTES]; /* from site to site only the positions change */
};

static int open_draw(struct vl_draw **draw, const uint8_t key[static VL_MASK_KEY_BYTES],
                     const char *label, struct vl_error *err)
{
    *draw = NULL;
    struct vl_draw *d = calloc(1, sizeof *d);
    if (!d)
        return vl_error_memory(err);
    d->label = label;
    d->aes = EVP_CIPHER_fetch(NULL, "AES-256-ECB", NULL);
    d->ctx = EVP_CIPHER_CTX_new();
    if (!d->aes || !d->ctx) {
        vl_draw_free(d);
        return openssl_failure(err, "AES-256");
    }
    memcpy(d->key, key, sizeof d->key);
    for (int i = 0; i < N_DRAWS; i++) {
        d->blocks[i * BLOCK_BYTES + POSITION_BYTES] = (uint8_t)(i / N_STEPS);
        d->blocks[i * BLOCK_BYTES + POSITION_BYTES + 1] = (uint8_t)(i % N_STEPS);
    }
    *draw = d;
    return 0;
}

int vl_draw_open(struct vl_draw **draw, const uint8_t mask_key[static VL_MASK_KEY_BYTES],
                 struct vl_error *err)
{
    return open_draw(draw, mask_key, "varlock draw permute", err);
}

int vl_draw_open_sample(struct vl_draw **draw,
                        const uint8_t mask_key[static VL_MASK_KEY_BYTES],
                        const char *sample, struct vl_error *err)
{
    uint8_t sample_key[VL_MASK_KEY_BYTES];
    *draw = NULL;
    size_t n = strlen(sample);
    struct vl_buf info = VL_BUF_INIT;
    uint8_t length[4];
    vl_store_le(length, n, sizeof length);
    vl_buf_add(&info, length, sizeof length);
    vl_buf_add(&info, sample, n);
    int rc = info.failed ? vl_error_memory(err)
                         : vl_hkdf(mask_key, VL_MASK_KEY_BYTES, NULL, 0, "varlock sample",
                                   info.data, info.len, sample_key, err);
    if (rc == 0)
        rc = open_draw(draw, sample_key, "varlock draw synth", err);
    OPENSSL_cleanse(sample_key, sizeof sample_key);
    vl_buf_clear(&info);
    return rc;
}

int vl_geometry_key(const uint8_t mask_key[static VL_MASK_KEY_BYTES],
                    uint8_t key[static VL_MASK_KEY_BYTES], struct vl_error *err)
{
    return vl_hkdf(mask_key, VL_MASK_KEY_BYTES, NULL, 0, "varlock geometry", NULL, 0, key,
                   err);
}

int vl_draw_open_geometry(struct vl_draw **draw,
                          const uint8_t geometry_key[static VL_MASK_KEY_BYTES],
                          struct vl_error *err)
{
    return open_draw(draw, geometry_key, "varlock draw shifts", err);
}

int vl_draw_open_deals(struct vl_draw **draw,
                       const uint8_t geometry_key[static VL_MASK_KEY_BYTES],
                       struct vl_error *err)
{
    return open_draw(draw, geometry_key, "varlock draw deals", err);
}

int vl_draw_set_contig(struct vl_draw *draw, const char *name, struct vl_error *err)
{
    uint8_t contig_key[VL_MASK_KEY_BYTES];
    int rc;
    /* A failure must not leave the previous contig's draws behind. */
    if (EVP_CIPHER_CTX_reset(draw->ctx) != 1)
        return openssl_failure(err, "AES-256");
    rc = vl_hkdf(draw->key, sizeof draw->key, NULL, 0, draw->label, name, strlen(name),
                 contig_key, err);
    if (rc == 0 &&
        (EVP_EncryptInit_ex2(draw->ctx, draw->aes, contig_key, NULL, NULL) != 1 ||
         EVP_CIPHER_CTX_set_padding(draw->ctx, 0) != 1)) {
        EVP_CIPHER_CTX_reset(draw->ctx);
        rc = openssl_failure(err, "AES-256");
    }
    OPENSSL_cleanse(contig_key, sizeof contig_key);
    return rc;
}

int vl_draw_site(struct vl_draw *draw, uint64_t pos0, struct vl_site_draws *out,
                 struct vl_error *err)
{
    uint8_t values[N_DRAWS * BLOCK_BYTES];
    int n = 0;
    for (int i = 0; i < N_DRAWS; i++)
        vl_store_le(draw->blocks + i * BLOCK_BYTES, pos0, 8);
    if (EVP_EncryptUpdate(draw->ctx, values, &n, draw->blocks, sizeof draw->blocks) !=
            1 ||
        n != (int)sizeof values)
        return openssl_failure(err, "AES-256");
    for (int i = 0; i < N_STEPS; i++) {
        out->step[i] = vl_load_le(values + i * BLOCK_BYTES, 8);
        out->tie[i] = vl_load_le(values + (N_STEPS + i) * BLOCK_BYTES, 8);
    }
    return 0;
}

/* Encrypts the blocks of n positions, at most BATCH. */
static int encrypt_blocks(struct vl_draw *draw, uint8_t kind, const int64_t *pos0,
                          size_t n, uint8_t *blocks, struct vl_error *err)
{
    int size = (int)n * BLOCK_BYTES, done = 0;
    memset(blocks, 0, (size_t)size);
    for (size_t i = 0; i < n; i++) {
        vl_store_le(blocks + i * BLOCK_BYTES, (uint64_t)pos0[i], 8);
        blocks[i * BLOCK_BYTES + POSITION_BYTES] = kind;
    }
    if (EVP_EncryptUpdate(draw->ctx, blocks, &done, blocks, size) != 1 || done != size)
        return openssl_failure(err, "AES-256");
    return 0;
}

int vl_draw_haplotype(struct vl_draw *draw, uint8_t haplotype, const int64_t *pos0,
                      size_t n, uint64_t *out, struct vl_error *err)
{
    uint8_t blocks[BATCH * BLOCK_BYTES];
    for (size_t at = 0; at < n; at += BATCH) {
        size_t left = n - at < BATCH ? n - at : BATCH;
        int rc = encrypt_blocks(draw, haplotype, pos0 + at, left, blocks, err);
        if (rc < 0)
            return rc;
        for (size_t i = 0; i < left; i++)
            out[at + i] = vl_load_le(blocks + i * BLOCK_BYTES, 8);
    }
    return 0;
}

static inline int32_t normal_of(const uint8_t bits[static BLOCK_BYTES])
{
    /* Sums in three lanes of twenty bits, each of four digits of ten. */
    enum { DIGITS = 6, DIGIT_BITS = 10, DIGIT_MAX = 1023, LANE_BITS = 20 };
    const uint64_t EVEN = UINT64_C(0x3ff) << 40 | UINT64_C(0x3ff) << 20 | 0x3ff;
    uint64_t low = vl_load_le(bits, 8), high = vl_load_le(bits + 8, 8);
    uint64_t lanes = (low & EVEN) + (low >> DIGIT_BITS & EVEN) + (high & EVEN) +
                     (high >> DIGIT_BITS & EVEN);
    uint64_t total = lanes + (lanes >> LANE_BITS) + (lanes >> 2 * LANE_BITS);
    int32_t sum = (int32_t)(total & ((1 << LANE_BITS) - 1)) - DIGITS * DIGIT_MAX;
    return sum < -VL_NORMAL_MAX  ? -VL_NORMAL_MAX
           : sum > VL_NORMAL_MAX ? VL_NORMAL_MAX
                                 : sum;
}

int32_t vl_draw_normal(const uint8_t bits[static BLOCK_BYTES])
{
    return normal_of(bits);
}

int64_t vl_draw_scale(int32_t normal, int64_t sd)
{
    int64_t product = normal * sd, half = VL_NORMAL_ONE / 2;
    return (product + (product < 0 ? -half : half)) / VL_NORMAL_ONE;
}

int vl_draw_normals(struct vl_draw *draw, uint8_t kind, int64_t pos0, size_t n,
                    int32_t *out, struct vl_error *err)
{
    uint8_t blocks[BATCH * BLOCK_BYTES];
    for (size_t at = 0; at < n; at += BATCH) {
        size_t left = n - at < BATCH ? n - at : BATCH;
        int size = (int)left * BLOCK_BYTES, done = 0;
        for (size_t i = 0; i < left; i++) {
            vl_store_le(blocks + i * BLOCK_BYTES, (uint64_t)pos0 + at + i, 8);
            vl_store_le(blocks + i * BLOCK_BYTES + POSITION_BYTES, kind, 8);
        }
        if (EVP_EncryptUpdate(draw->ctx, blocks, &done, blocks, size) != 1 ||
            done != size)
            return openssl_failure(err, "AES-256");
        for (size_t i = 0; i < left; i++)
            out[at + i] = normal_of(blocks + i * BLOCK_BYTES);
    }
    return 0;
}

int vl_draw_deals(struct vl_draw *draw, int64_t pos0, uint64_t ordinal, size_t n,
                  uint64_t *out, struct vl_error *err)
{
    enum { ORDINAL_BYTES = 6, NUMBER_BYTES = 2 };
    uint8_t blocks[BATCH * BLOCK_BYTES];
    for (size_t at = 0; at < n; at += BATCH) {
        size_t left = n - at < BATCH ? n - at : BATCH;
        int size = (int)left * BLOCK_BYTES, done = 0;
        for (size_t i = 0; i < left; i++) {
            uint8_t *block = blocks + i * BLOCK_BYTES;
            vl_store_le(block, (uint64_t)pos0, POSITION_BYTES);
            vl_store_le(block + POSITION_BYTES, ordinal, ORDINAL_BYTES);
            vl_store_le(block + POSITION_BYTES + ORDINAL_BYTES, at + i, NUMBER_BYTES);
        }
        if (EVP_EncryptUpdate(draw->ctx, blocks, &done, blocks, size) != 1 ||
            done != size)
            return openssl_failure(err, "AES-256");
        for (size_t i = 0; i < left; i++)
            out[at + i] = vl_load_le(blocks + i * BLOCK_BYTES, 8);
    }
    return 0;
}

void vl_draw_free(struct vl_draw *draw)
{
    if (!draw)
        return;
    EVP_CIPHER_CTX_free(draw->ctx);
    EVP_CIPHER_free(draw->aes);
    OPENSSL_cleanse(draw, sizeof *draw);
    free(draw);
}

uint64_t vl_draw_index(uint64_t u, uint64_t total)
{
    return (uint64_t)(((unsigned __int128)u * total) >> 64);
}
