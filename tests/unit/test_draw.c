#include <check.h>
#include <string.h>

#include "varlock/draw.h"

Suite *draw_suite(void);

/*
 * Computed with python3-cryptography, K = bytes(range(32)):
 *   k = HKDF(SHA256(), 32, None, b"varlock draw permute" + contig).derive(K)
 *   e = Cipher(algorithms.AES(k), modes.ECB()).encryptor()
 *   struct.unpack("<Q", e.update(struct.pack("<QBB6x", pos, kind, item))[:8])
 */
static const struct {
    const char *contig;
    uint64_t pos0;
    struct vl_site_draws draws;
} sites[] = {
    {"chr20",
     1000000,
     {{0xba64f3abc567d16e, 0x2df5494642f6a4a9, 0x60daab2c462c6857, 0xca0212477af86b26},
      {0xef2894d957851b4d, 0x9c96301678a87366, 0xeb4fe032396cda3e, 0x93f3d582bc50a49d}}},
    {"chr20",
     0,
     {{0xcc85e90518503cd5, 0xc68e8ba976111be3, 0x73e573e2bd562dde, 0x14d8390ec54032a2},
      {0xadbd308d87a1edb8, 0x0ad3344e51b3979d, 0x129f51bb3e7e4aec, 0x78da8fc2633e6a96}}},
    {"HLA-A*01:01",
     1099511627781,
     {{0x32f1c410515da346, 0x6f58305226d01e3b, 0xb94cd458d09c638d, 0xd6230367e41b55a6},
      {0x308d7d3eef32539c, 0xe1466e58e17a42e2, 0x5c3549afac206a15, 0x9f81c2c1e4957f12}}},
};
enum { N_SITES = sizeof sites / sizeof sites[0] };

static struct vl_draw *open_counting_key(void)
{
    struct vl_draw *draw = NULL;
    uint8_t key[VL_MASK_KEY_BYTES];
    for (int i = 0; i < VL_MASK_KEY_BYTES; i++)
        key[i] = (uint8_t)i;
    ck_assert_int_eq(vl_draw_open(&draw, key, NULL), 0);
    memset(key, 0, sizeof key);
    return draw;
}

static void expect_site(struct vl_draw *draw, int site)
{
    struct vl_site_draws draws;
    ck_assert_int_eq(vl_draw_site(draw, sites[site].pos0, &draws, NULL), 0);
    ck_assert_mem_eq(&draws, &sites[site].draws, sizeof draws);
}

START_TEST(test_values_of_an_outside_oracle)
{
    struct vl_draw *draw = open_counting_key();
    ck_assert_int_eq(vl_draw_set_contig(draw, sites[_i].contig, NULL), 0);
    expect_site(draw, _i);
    vl_draw_free(draw);
}
END_TEST

START_TEST(test_order_does_not_matter)
{
    struct vl_draw *draw = open_counting_key();
    for (int round = 0; round < 3; round++)
        for (int site = N_SITES - 1; site >= 0; site--) {
            ck_assert_int_eq(vl_draw_set_contig(draw, sites[site].contig, NULL), 0);
            expect_site(draw, site);
            expect_site(draw, site);
        }
    ck_assert_int_eq(vl_draw_set_contig(draw, "chr20", NULL), 0);
    expect_site(draw, 1);
    expect_site(draw, 0);
    vl_draw_free(draw);
}
END_TEST

START_TEST(test_nothing_without_a_contig)
{
    struct vl_error err = {0};
    struct vl_site_draws draws;
    struct vl_draw *draw = open_counting_key();
    ck_assert_int_lt(vl_draw_site(draw, 0, &draws, &err), 0);
    ck_assert_str_ne(err.message, "");
    vl_draw_free(draw);
    vl_draw_free(NULL);
}
END_TEST

START_TEST(test_long_contig_name)
{
    char name[5000];
    struct vl_site_draws draws;
    struct vl_draw *draw = open_counting_key();
    memset(name, 'c', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    ck_assert_int_eq(vl_draw_set_contig(draw, name, NULL), 0);
    ck_assert_int_eq(vl_draw_site(draw, 7, &draws, NULL), 0);
    vl_draw_free(draw);
}
END_TEST

/* Python: u * total >> 64. */
START_TEST(test_index)
{
    ck_assert_uint_eq(vl_draw_index(0, 5008), 0);
    ck_assert_uint_eq(vl_draw_index(UINT64_MAX, 5008), 5007);
    ck_assert_uint_eq(vl_draw_index(0x8000000000000000, 5), 2);
    ck_assert_uint_eq(vl_draw_index(0x3333333333333333, 5), 0);
    ck_assert_uint_eq(vl_draw_index(0x3333333333333334, 5), 1);
    ck_assert_uint_eq(vl_draw_index(0xcafebabefacedbad, 1099511627793), 871857045256);
    ck_assert_uint_eq(vl_draw_index(UINT64_MAX, 0), 0);
    ck_assert_uint_eq(vl_draw_index(UINT64_MAX, 1), 0);
}
END_TEST

Suite *draw_suite(void)
{
    Suite *suite = suite_create("draw");
    TCase *tcase = tcase_create("draw");
    tcase_add_loop_test(tcase, test_values_of_an_outside_oracle, 0, N_SITES);
    tcase_add_test(tcase, test_order_does_not_matter);
    tcase_add_test(tcase, test_nothing_without_a_contig);
    tcase_add_test(tcase, test_long_contig_name);
    tcase_add_test(tcase, test_index);
    suite_add_tcase(suite, tcase);
    return suite;
}
