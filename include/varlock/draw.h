/*
 * Keyed draws.  Every random choice of a masking is PRF(K, where), never the next value
 * of a stream.  So a choice does not depend on order, threads or shards.
 *
 * At sites the PRF is AES-256 (FIPS 197) on one block per value.  Its key is derived per
 * contig: HKDF-SHA256(K, salt empty, info = "varlock draw permute" || contig name).  The
 * block is position (u64 LE) || kind (u8) || item (u8) || six zero bytes.  The value is
 * the first eight bytes of the ciphertext, little-endian.
 *
 * For synthetic haplotypes the label is "varlock draw synth", the kind is the haplotype
 * and the item is 0.  K is then the key of a sample: HKDF-SHA256(masking key, salt empty,
 * info = "varlock sample" || length of the sample's name (u32 LE) || name).
 *
 * For query names the PRF is SipHash-2-4 (Aumasson and Bernstein 2012) under the first 16
 * bytes of HKDF-SHA256(K, salt empty, info = "varlock draw names" or "varlock draw
 * tokens").
 *
 * Geometry has a key of its own: HKDF-SHA256(K, salt empty, info = "varlock geometry").
 * Under it the label of sites is "varlock draw shifts" (kind 0 forward, 1 reverse; item
 * 0; the value is the whole block), that of names "varlock draw inserts".
 *
 * The dealing of qualities is drawn under the key of the geometry, too, with the label
 * "varlock draw deals" and the contig `*` for unplaced records.  The block is the
 * position of the first record (u64 LE) || the lowest 48 bits of its ordinal (LE) || the
 * number of the record whose draw it is (u16 LE).
 *
 * Unless a function says otherwise, its failures are VL_ERR_MEMORY: OpenSSL lacked memory
 * or an algorithm.
 */
#ifndef VARLOCK_DRAW_H
#define VARLOCK_DRAW_H

#include <stddef.h>
#include <stdint.h>

#include "varlock/fail.h"

enum { VL_MASK_KEY_BYTES = 32 };

/* The eight values that one site of the permute masking needs. */
struct vl_site_draws {
    uint64_t step[4]; /* kind 0, item = step 0..3 */
    uint64_t tie[4];  /* kind 1, item = base A, C, G, T */
};

struct vl_draw; /* one thread at a time */

/* Opens the draws of the permute masking; copies the key.  The handle cannot draw until
 * vl_draw_set_contig was called. */
VL_MUST_CHECK
int vl_draw_open(struct vl_draw **draw, const uint8_t mask_key[static VL_MASK_KEY_BYTES],
                 struct vl_error *err);

/* Opens the draws of the haplotypes of the sample of that name; copies the key.  The
 * handle cannot draw until vl_draw_set_contig was called. */
VL_MUST_CHECK
int vl_draw_open_sample(struct vl_draw **draw,
                        const uint8_t mask_key[static VL_MASK_KEY_BYTES],
                        const char *sample, struct vl_error *err);

/* Derives the key of the geometry.  VL_ERR_MEMORY. */
VL_MUST_CHECK
int vl_geometry_key(const uint8_t mask_key[static VL_MASK_KEY_BYTES],
                    uint8_t key[static VL_MASK_KEY_BYTES], struct vl_error *err);

/* Opens the draws of places under the key of the geometry; copies the key.  The handle
 * cannot draw until vl_draw_set_contig was called. */
VL_MUST_CHECK
int vl_draw_open_geometry(struct vl_draw **draw,
                          const uint8_t geometry_key[static VL_MASK_KEY_BYTES],
                          struct vl_error *err);

/* Opens the draws of the dealing of qualities; copies the key of the geometry.  The
 * handle cannot draw until vl_draw_set_contig was called. */
VL_MUST_CHECK
int vl_draw_open_deals(struct vl_draw **draw,
                       const uint8_t geometry_key[static VL_MASK_KEY_BYTES],
                       struct vl_error *err);

/* Sets the contig of later draws.  The name of the contig, not its number, is the input
 * of the PRF, so files with other headers draw the same values. */
VL_MUST_CHECK
int vl_draw_set_contig(struct vl_draw *draw, const char *name, struct vl_error *err);

/* Draws the values of the site at pos0 (0-based) of the contig that was set. */
VL_MUST_CHECK
int vl_draw_site(struct vl_draw *draw, uint64_t pos0, struct vl_site_draws *out,
                 struct vl_error *err);

/* Draws one value for each of n positions (0-based) of a haplotype (0 or 1). */
VL_MUST_CHECK
int vl_draw_haplotype(struct vl_draw *draw, uint8_t haplotype, const int64_t *pos0,
                      size_t n, uint64_t *out, struct vl_error *err);

/* A normal number of 128 random bits, in 1/1024 of a standard deviation, cut at four of
 * them: the sum of twelve digits of ten bits, less its mean (6,138).  Of each half of the
 * bits, little-endian, the lowest sixty are six digits. */
enum { VL_NORMAL_ONE = 1024, VL_NORMAL_MAX = 4 * VL_NORMAL_ONE };
int32_t vl_draw_normal(const uint8_t bits[static 16]);

/* That number times sd, rounded to the nearest integer, halves away from 0. */
int64_t vl_draw_scale(int32_t normal, int64_t sd);

/* Draws a normal number for each of n positions from pos0 on, which may be negative. */
VL_MUST_CHECK
int vl_draw_normals(struct vl_draw *draw, uint8_t kind, int64_t pos0, size_t n,
                    int32_t *out, struct vl_error *err);

/* Draws one value for each of n records, at most 65,536, of a block (bdiff.md §5.11). The
 * first of them is number `ordinal` among the masked records at pos0. */
VL_MUST_CHECK
int vl_draw_deals(struct vl_draw *draw, int64_t pos0, uint64_t ordinal, size_t n,
                  uint64_t *out, struct vl_error *err);

/* Wipes and frees.  NULL is fine. */
void vl_draw_free(struct vl_draw *draw);

struct vl_name_draw; /* one thread at a time */

enum vl_name_use {
    VL_NAME_HAPLOTYPE, /* 8 bytes a name */
    VL_NAME_TOKEN,     /* 16 bytes a name */
    VL_NAME_INSERT     /* 16 bytes; under the key of the geometry */
};

VL_MUST_CHECK
int vl_name_draw_open(struct vl_name_draw **draw,
                      const uint8_t mask_key[static VL_MASK_KEY_BYTES],
                      enum vl_name_use use, struct vl_error *err);

enum { VL_NAME_DRAW_MAX = 16 };

/* Draws the 8 or 16 bytes (enum vl_name_use) of a name of n bytes. */
VL_MUST_CHECK
int vl_name_draw(struct vl_name_draw *draw, const char *name, size_t n,
                 uint8_t out[static VL_NAME_DRAW_MAX], struct vl_error *err);

/* Wipes and frees.  NULL is fine. */
void vl_name_draw_free(struct vl_name_draw *draw);

/* Returns floor(u * total / 2^64): a uniform index below total from 64 random bits, or 0
 * where total is 0 (Lemire 2019, without rejection; the bias is below total / 2^64). */
uint64_t vl_draw_index(uint64_t u, uint64_t total);

#endif
