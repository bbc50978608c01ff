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

static void counting_key(uint8_t key[VL_MASK_KEY_BYTES])
{
    for (int i = 0; i < VL_MASK_KEY_BYTES; i++)
        key[i] = (uint8_t)i;
}

static struct vl_draw *open_counting_key(void)
{
    struct vl_draw *draw = NULL;
    uint8_t key[VL_MASK_KEY_BYTES];
    counting_key(key);
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

/*
 * The same for haplotypes, K the key of a sample:
 *   ks = HKDF(SHA256(), 32, None, b"varlock sample" + pack("<I", len(name)) +
 * name).derive(K) k = HKDF(SHA256(), 32, None, b"varlock draw synth" + contig).derive(ks)
 *   e.update(struct.pack("<QB7x", pos, haplotype))
 */
static const int64_t POSITIONS[4] = {0, 1, 1000000, INT64_C(1) << 40};
static const struct {
    const char *sample, *contig;
    uint64_t draws[2][4];
} HAPLOTYPES[] = {
    {"",
     "chr20",
     {{0x86c9ffff7be9d1a4, 0x8e14afa5cca44903, 0x2fef17dde0cc0638, 0x9b4e0aada354b934},
      {0x3c2bae4eea8f30cd, 0x688bea4f7a2807d9, 0x1c769019c7c3df39, 0x9efa7bd8a31ce057}}},
    {"",
     "chrM",
     {{0x29812e46529f8bd3, 0x3be1502aaf78b06a, 0x28b89c19183da77c, 0x2e3e7322e3c01b0d},
      {0x30e5c7d16f3a2b88, 0xdd0bec16932449de, 0x48b34c990f803833, 0x5ba269c65fd129f8}}},
    {"NA12878",
     "chr20",
     {{0x4359865d284b9bb4, 0xf9854b81c51258ca, 0x2b1645e41f615a18, 0x1505217c2420313e},
      {0xd9ef2eea19a49ef2, 0x324e7cadd54132aa, 0x0ac13f7a4a41198d, 0xd7f2671be8116434}}},
    {"NA12878",
     "chrM",
     {{0xf1a6aee6e0d69971, 0xcf26acb0d9486874, 0xce65fbfdee3b9127, 0xe47e2e3019407493},
      {0x7bbe6527810b9b98, 0x7a3b8ffbfedab54c, 0xd7cc6fbcde6a25bc, 0x9c0bba2233bd8cf7}}},
    {"a name of some length",
     "chr20",
     {{0xe323f098f4866445, 0x953cb17fdbf259fd, 0xaf0f1181658588b0, 0x19e50e667ae1f89b},
      {0xa3e659a8f8260865, 0xaeca6f04301d1226, 0x1f46aa0c40a8b411, 0x62bd3786ae3fb744}}},
    {"a name of some length",
     "chrM",
     {{0xf9ec90819bb22752, 0xa88f07e72153d61d, 0x095a39940d23f5df, 0xd71ca882cdd2486a},
      {0xcf817e9e9e518de9, 0x96d78ff451a5be03, 0xacc95c38dfca8eba, 0xb45b2c4c7f67d180}}},
};
enum { N_HAPLOTYPES = sizeof HAPLOTYPES / sizeof *HAPLOTYPES };

START_TEST(test_haplotypes_of_an_outside_oracle)
{
    struct vl_draw *draw = NULL;
    uint8_t key[VL_MASK_KEY_BYTES];
    uint64_t got[4];
    counting_key(key);
    ck_assert_int_eq(vl_draw_open_sample(&draw, key, HAPLOTYPES[_i].sample, NULL), 0);
    memset(key, 0, sizeof key);
    for (int round = 0; round < 2; round++)
        for (uint8_t haplotype = 0; haplotype < 2; haplotype++) {
            ck_assert_int_eq(vl_draw_set_contig(draw, HAPLOTYPES[_i].contig, NULL), 0);
            /* All at once, then one by one. */
            for (size_t n = 4; n > 0; n = n == 4 ? 1 : 0)
                for (size_t at = 0; at < 4; at += n) {
                    ck_assert_int_eq(
                        vl_draw_haplotype(draw, haplotype, POSITIONS + at, n, got, NULL),
                        0);
                    ck_assert_mem_eq(got, HAPLOTYPES[_i].draws[haplotype] + at,
                                     n * sizeof *got);
                }
        }
    vl_draw_free(draw);
}
END_TEST

/* More positions than any buffer inside holds. */
START_TEST(test_many_haplotype_draws)
{
    enum { N = 20000 };
    static int64_t pos0[N];
    static uint64_t all[N];
    struct vl_draw *draw = NULL;
    uint8_t key[VL_MASK_KEY_BYTES];
    counting_key(key);
    ck_assert_int_eq(vl_draw_open_sample(&draw, key, "NA12878", NULL), 0);
    ck_assert_int_eq(vl_draw_set_contig(draw, "chr20", NULL), 0);
    for (int i = 0; i < N; i++)
        pos0[i] = 7 * (int64_t)(N - i) - 7;
    ck_assert_int_eq(vl_draw_haplotype(draw, 1, pos0, N, all, NULL), 0);
    ck_assert_uint_eq(all[N - 1], HAPLOTYPES[2].draws[1][0]);
    for (int i = 0; i < N; i += 37) {
        uint64_t one;
        ck_assert_int_eq(vl_draw_haplotype(draw, 1, &pos0[i], 1, &one, NULL), 0);
        ck_assert_uint_eq(one, all[i]);
    }
    ck_assert_int_eq(vl_draw_haplotype(draw, 1, pos0, 0, all, NULL), 0);
    vl_draw_free(draw);
}
END_TEST

/*
 * The same for the dealing of qualities, K the key of the geometry:
 *   k = HKDF(SHA256(), 32, None, b"varlock draw deals" + contig).derive(K)
 *   e.update(struct.pack("<qQ", pos, ordinal)[:14] + struct.pack("<H", i))
 */
static const struct {
    const char *contig;
    int64_t pos0;
    uint64_t ordinal;
    size_t n;
    uint64_t draws[3];
} DEALS[] = {
    {"chr20",
     1000000,
     0,
     3,
     {0x97b2089f74ef286a, 0x333127fc2e0e91b5, 0xeb207a33594c4556}},
    {"chr20",
     1000000,
     (UINT64_C(1) << 40) + 5,
     2,
     {0xb157d294df81d01e, 0xe3b4c1d8bcb77273}},
    {"*", -1, 7, 2, {0x74b568b312798d85, 0xa98f8a95636b1e47}},
    {"*", -1, (UINT64_C(1) << 48) + 7, 1, {0x74b568b312798d85}},
};

START_TEST(test_deals_of_an_outside_oracle)
{
    struct vl_draw *draw = NULL;
    uint8_t key[VL_MASK_KEY_BYTES];
    static uint64_t got[1000];
    counting_key(key);
    ck_assert_int_eq(vl_draw_open_deals(&draw, key, NULL), 0);
    ck_assert_int_eq(vl_draw_set_contig(draw, DEALS[_i].contig, NULL), 0);
    for (size_t n = DEALS[_i].n; n <= 1000; n += 1000 - DEALS[_i].n) {
        ck_assert_int_eq(
            vl_draw_deals(draw, DEALS[_i].pos0, DEALS[_i].ordinal, n, got, NULL), 0);
        ck_assert_mem_eq(got, DEALS[_i].draws, DEALS[_i].n * sizeof *got);
    }
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
    tcase_add_loop_test(tcase, test_haplotypes_of_an_outside_oracle, 0, N_HAPLOTYPES);
    tcase_add_test(tcase, test_many_haplotype_draws);
    tcase_add_loop_test(tcase, test_deals_of_an_outside_oracle, 0,
                        (int)(sizeof DEALS / sizeof *DEALS));
    tcase_add_test(tcase, test_index);
    suite_add_tcase(suite, tcase);
    return suite;
}
