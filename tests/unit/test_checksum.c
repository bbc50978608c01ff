#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "varlock/checksum.h"

Suite *checksum_suite(void);

/* XXH3_64bits without a seed, tests/sanity_test_vectors.h of xxHash 0.8, over the bytes
 * that its sanity_test.c makes. */
static const struct {
    size_t n;
    uint64_t want;
} VECTORS[] = {
    {0, 0x2d06800538d394c2},   {1, 0xc44bdff4074eecdb},    {6, 0x27b56a84cd2d7325},
    {12, 0xa713daf0dfbb77e7},  {24, 0xa3fe70bf9d3510eb},   {48, 0x397da259ecba1f11},
    {80, 0xbcdefbbb2c47c90a},  {195, 0xcd94217ee362ec3a},  {403, 0xcdeb804d65c6dea4},
    {512, 0x617e49599013cb6b}, {2048, 0xdd59e2c3a5f038e0}, {2240, 0x6e73a90539cf2948},
    {2367, 0xcb37aeb9e5d361ed}};
enum { N_VECTORS = sizeof VECTORS / sizeof *VECTORS, LONGEST = 2367 };

static uint8_t bytes[LONGEST];

static void make_bytes(void)
{
    uint64_t v = 2654435761;
    for (size_t i = 0; i < LONGEST; i++) {
        bytes[i] = (uint8_t)(v >> 56);
        v *= UINT64_C(11400714785074694797);
    }
}

static void expect(struct vl_checksum *sum, uint64_t want)
{
    uint8_t out[VL_CHECKSUM_BYTES];
    vl_checksum_finish(sum, out);
    for (int i = 0; i < VL_CHECKSUM_BYTES; i++)
        ck_assert_uint_eq(out[i], want >> (56 - 8 * i) & 0xff);
}

START_TEST(test_published_vectors)
{
    struct vl_checksum *sum = vl_checksum_new();
    ck_assert_ptr_nonnull(sum);
    vl_checksum_add(sum, bytes, VECTORS[_i].n);
    expect(sum, VECTORS[_i].want);
    vl_checksum_free(sum);
}
END_TEST

/* In pieces of all lengths, with one handle again and again. */
START_TEST(test_pieces)
{
    struct vl_checksum *sum = vl_checksum_new();
    for (size_t piece = 1; piece < 600; piece += 1 + piece / 7)
        for (int i = 0; i < N_VECTORS; i++) {
            for (size_t at = 0; at < VECTORS[i].n; at += piece)
                vl_checksum_add(sum, bytes + at,
                                VECTORS[i].n - at < piece ? VECTORS[i].n - at : piece);
            expect(sum, VECTORS[i].want);
        }
    expect(sum, VECTORS[0].want);
    vl_checksum_free(sum);
}
END_TEST

Suite *checksum_suite(void)
{
    Suite *suite = suite_create("checksum");
    TCase *tcase = tcase_create("checksum");
    tcase_add_checked_fixture(tcase, make_bytes, NULL);
    tcase_add_loop_test(tcase, test_published_vectors, 0, N_VECTORS);
    tcase_add_test(tcase, test_pieces);
    suite_add_tcase(suite, tcase);
    return suite;
}
