#include <check.h>
#include <string.h>

#include "varlock/draw.h"

Suite *name_draw_suite(void);

/* ---- SipHash-2-4 as its paper has it (Aumasson and Bernstein 2012, §2), and its 128-bit
 * output as its reference implementation ---- */

static uint64_t rotate(uint64_t x, int n)
{
    return x << n | x >> (64 - n);
}

static void rounds(uint64_t v[4], int n)
{
    for (; n > 0; n--) {
        v[0] += v[1];
        v[2] += v[3];
        v[1] = rotate(v[1], 13) ^ v[0];
        v[3] = rotate(v[3], 16) ^ v[2];
        v[0] = rotate(v[0], 32);
        v[2] += v[1];
        v[0] += v[3];
        v[1] = rotate(v[1], 17) ^ v[2];
        v[3] = rotate(v[3], 21) ^ v[0];
        v[2] = rotate(v[2], 32);
    }
}

static uint64_t load(const uint8_t *p)
{
    uint64_t v = 0;
    for (int i = 7; i >= 0; i--)
        v = v << 8 | p[i];
    return v;
}

static void siphash(const uint8_t key[16], const uint8_t *in, size_t n, uint8_t *out,
                    size_t n_out)
{
    uint64_t v[4] = {0x736f6d6570736575, 0x646f72616e646f6d, 0x6c7967656e657261,
                     0x7465646279746573};
    for (int i = 0; i < 4; i++)
        v[i] ^= load(key + 8 * (i % 2));
    v[1] ^= n_out == 16 ? 0xee : 0;
    for (size_t at = 0; at <= n; at += 8) {
        uint8_t block[8] = {0};
        size_t left = n - at < 8 ? n - at : 8;
        memcpy(block, in + at, left);
        if (left < 8)
            block[7] = (uint8_t)n;
        v[3] ^= load(block);
        rounds(v, 2);
        v[0] ^= load(block);
        if (left < 8)
            break;
    }
    for (size_t half = 0; half < n_out; half += 8) {
        if (half == 0)
            v[2] ^= n_out == 16 ? 0xee : 0xff;
        else
            v[1] ^= 0xdd;
        rounds(v, 4);
        uint64_t h = v[0] ^ v[1] ^ v[2] ^ v[3];
        for (int i = 0; i < 8; i++)
            out[half + (size_t)i] = (uint8_t)(h >> (8 * i));
    }
}

/* The paper's appendix A, and vectors_sip64 and vectors_sip128 of the reference
 * implementation: key 00 .. 0f, message 00 .. 0e or nothing. */
START_TEST(test_the_oracle_itself)
{
    uint8_t bytes[16], out[16];
    for (uint8_t i = 0; i < 16; i++)
        bytes[i] = i;
    siphash(bytes, bytes, 15, out, 8);
    ck_assert_mem_eq(out, "\xe5\x45\xbe\x49\x61\xca\x29\xa1", 8);
    siphash(bytes, bytes, 0, out, 8);
    ck_assert_mem_eq(out, "\x31\x0e\x0e\xdd\x47\xdb\x6f\x72", 8);
    siphash(bytes, bytes, 0, out, 16);
    ck_assert_mem_eq(
        out, "\xa3\x81\x7f\x04\xba\x25\xa8\xe6\x6d\xf6\x72\x14\xc7\x55\x02\x93", 16);
}
END_TEST

/* python3-cryptography, K = bytes(range(32)):
 *   HKDF(SHA256(), 32, None, b"varlock draw names").derive(K)[:16], and "... tokens" */
static const uint8_t KEYS[2][17] = {
    "\x86\x9f\x86\x3c\x8e\x8f\xe3\x90\x6c\x49\x0b\x8b\x7f\x5f\x51\x61",
    "\x41\x7d\x88\xae\x76\x3d\xf5\x5f\x55\xe6\x28\x7c\x82\xc6\x41\x1c"};

static struct vl_name_draw *open_counting_key(enum vl_name_use use)
{
    struct vl_name_draw *draw = NULL;
    uint8_t key[VL_MASK_KEY_BYTES];
    for (int i = 0; i < VL_MASK_KEY_BYTES; i++)
        key[i] = (uint8_t)i;
    ck_assert_int_eq(vl_name_draw_open(&draw, key, use, NULL), 0);
    memset(key, 0, sizeof key);
    return draw;
}

/* Names of every length, more than once, with one handle. */
START_TEST(test_names)
{
    static const enum vl_name_use USES[2] = {VL_NAME_HAPLOTYPE, VL_NAME_TOKEN};
    char name[260];
    for (size_t i = 0; i < sizeof name; i++)
        name[i] = (char)('!' + i * 7 % 94);
    for (int use = 0; use < 2; use++) {
        struct vl_name_draw *draw = open_counting_key(USES[use]);
        size_t n_out = use ? 16 : 8;
        for (size_t n = 0; n < sizeof name; n++)
            for (int round = 0; round < 2; round++) {
                uint8_t got[16], want[16];
                memset(got, 0xaa, sizeof got);
                siphash(KEYS[use], (const uint8_t *)name, n, want, n_out);
                ck_assert_int_eq(vl_name_draw(draw, name, n, got, NULL), 0);
                ck_assert_mem_eq(got, want, n_out);
            }
        vl_name_draw_free(draw);
    }
    vl_name_draw_free(NULL);
}
END_TEST

Suite *name_draw_suite(void)
{
    Suite *suite = suite_create("name_draw");
    TCase *tcase = tcase_create("name_draw");
    tcase_add_test(tcase, test_the_oracle_itself);
    tcase_add_test(tcase, test_names);
    suite_add_tcase(suite, tcase);
    return suite;
}
