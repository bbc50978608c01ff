#include "mask/permute_columns.h"
#include "permute_columns_fixture.h"
#include "record_fixture.h"
#include "window/permutation.h"

Suite *permute_columns_decide_suite(void);

static uint32_t odd_count(uint64_t *s)
{
    switch (rnd_below(s, 5)) {
    case 0:
        return 0;
    case 1:
        return 1 + rnd_below(s, 3);
    case 2:
        return UINT32_MAX - rnd_below(s, 2);
    default:
        return rnd_below(s, 5009);
    }
}

START_TEST(test_decide_follows_the_rule)
{
    uint64_t s = 8;
    for (int round = 0; round < 200000; round++) {
        uint32_t vac[4], seen[4];
        struct vl_site_draws draws;
        for (int i = 0; i < 4; i++) {
            vac[i] = round % 16 == 0 ? 0 : odd_count(&s);
            seen[i] = round % 3 ? odd_count(&s) : rnd_below(&s, 3);
            draws.step[i] = rnd_below(&s, 50)  ? rnd(&s)
                            : rnd_below(&s, 2) ? 0
                                               : UINT64_MAX;
            draws.tie[i] = rnd(&s);
        }
        ck_assert_uint_eq(permute_decide(vac, seen, &draws),
                          permutation_by_rule(vac, seen, &draws));
    }
}
END_TEST

/* ---- the distribution ---- */

/* Upper critical values of chi-square at 0.001: NIST/SEMATECH e-Handbook of Statistical
 * Methods, §1.3.6.7.4, by degrees of freedom.  Keys are fixed, so a test passes or fails
 * for good. */
#define CRITICAL_1 10.828
#define CRITICAL_3 16.266
#define CRITICAL_5 20.515
#define CRITICAL_23 49.728

enum { N_KEYS = 5, N_DRAWN = 20000 };

static struct vl_draw *draws_of_key(int number)
{
    static const char *const CONTIGS[N_KEYS] = {"chr1", "chr20", "X", "chrM",
                                                "HLA-A*01:01"};
    struct vl_draw *draw = NULL;
    uint8_t key[VL_MASK_KEY_BYTES];
    for (int i = 0; i < VL_MASK_KEY_BYTES; i++)
        key[i] = (uint8_t)(i * 7 + number);
    ck_assert_int_eq(vl_draw_open(&draw, key, NULL), 0);
    ck_assert_int_eq(vl_draw_set_contig(draw, CONTIGS[number], NULL), 0);
    return draw;
}

/* How often each permutation was drawn at N_DRAWN neighbouring sites. */
static void draw_sites(int key, const uint32_t vac[4], const uint32_t seen[4],
                       double n[N_PERMUTATIONS])
{
    struct vl_draw *draw = draws_of_key(key);
    for (int id = 0; id < N_PERMUTATIONS; id++)
        n[id] = 0;
    for (uint64_t pos = 0; pos < N_DRAWN; pos++) {
        struct vl_site_draws draws;
        ck_assert_int_eq(vl_draw_site(draw, pos, &draws, NULL), 0);
        n[permute_decide(vac, seen, &draws)]++;
    }
    vl_draw_free(draw);
}

/* Cells of probability 0 must stay empty. */
static double chi_square(const double *n, const double *p, int n_cells)
{
    double sum = 0;
    for (int i = 0; i < n_cells; i++) {
        if (p[i] == 0)
            ck_assert_double_eq(n[i], 0);
        else
            sum += (n[i] - N_DRAWN * p[i]) * (n[i] - N_DRAWN * p[i]) / (N_DRAWN * p[i]);
    }
    return sum;
}

static const uint32_t COMMON[4] = {2504, 1502, 751, 251};

START_TEST(test_most_frequent_base_follows_the_population)
{
    for (uint8_t top = 0; top < 4; top++) {
        double n[N_PERMUTATIONS], of_image[4] = {0}, p[4];
        uint32_t seen[4] = {1, 2, 0, 3};
        seen[top] = 30;
        draw_sites(_i, COMMON, seen, n);
        for (uint8_t id = 0; id < N_PERMUTATIONS; id++)
            of_image[permutation_image(id, top)] += n[id];
        for (int i = 0; i < 4; i++)
            p[i] = COMMON[i] / 5008.0;
        ck_assert_double_lt(chi_square(of_image, p, 4), CRITICAL_3);
    }
}
END_TEST

/* The images in order of the column counts are draws without replacement. */
START_TEST(test_draws_are_multinomial_without_replacement)
{
    static const uint32_t SEEN[4] = {5, 40, 9, 7};
    static const uint8_t ORDER[4] = {1, 2, 3, 0};
    double n[N_PERMUTATIONS], p[N_PERMUTATIONS];
    draw_sites(_i, COMMON, SEEN, n);
    for (uint8_t id = 0; id < N_PERMUTATIONS; id++) {
        double left = 5008;
        p[id] = 1;
        for (int step = 0; step < 4; step++) {
            uint32_t count = COMMON[permutation_image(id, ORDER[step])];
            p[id] *= count / left;
            left -= count;
        }
    }
    ck_assert_double_lt(chi_square(n, p, N_PERMUTATIONS), CRITICAL_23);
}
END_TEST

START_TEST(test_absent_alleles_are_drawn_last_and_evenly)
{
    static const uint32_t VAC[4] = {0, 5008, 0, 0}, SEEN[4] = {30, 0, 0, 0};
    double n[N_PERMUTATIONS], p[N_PERMUTATIONS];
    draw_sites(_i, VAC, SEEN, n);
    for (uint8_t id = 0; id < N_PERMUTATIONS; id++)
        p[id] = permutation_image(id, 0) == 1 ? 1.0 / 6 : 0;
    ck_assert_double_lt(chi_square(n, p, N_PERMUTATIONS), CRITICAL_5);
    draw_sites(_i, (uint32_t[4]){0}, SEEN, n);
    for (uint8_t id = 0; id < N_PERMUTATIONS; id++)
        p[id] = 1.0 / N_PERMUTATIONS;
    ck_assert_double_lt(chi_square(n, p, N_PERMUTATIONS), CRITICAL_23);
}
END_TEST

START_TEST(test_ties_are_even)
{
    static const uint32_t VAC[4] = {5008, 0, 0, 0}, SEEN[4] = {0, 7, 1, 7};
    double n[N_PERMUTATIONS], by_original[4] = {0};
    draw_sites(_i, VAC, SEEN, n);
    for (uint8_t id = 0; id < N_PERMUTATIONS; id++)
        by_original[permutation_preimage(id, 0)] += n[id];
    ck_assert_double_lt(chi_square(by_original, (double[4]){0, 0.5, 0, 0.5}, 4),
                        CRITICAL_1);
}
END_TEST

Suite *permute_columns_decide_suite(void)
{
    Suite *suite = suite_create("permute_columns_decide");
    TCase *rule = tcase_create("rule");
    tcase_add_test(rule, test_decide_follows_the_rule);
    suite_add_tcase(suite, rule);
    TCase *distribution = tcase_create("distribution");
    tcase_add_loop_test(distribution, test_most_frequent_base_follows_the_population, 0,
                        N_KEYS);
    tcase_add_loop_test(distribution, test_draws_are_multinomial_without_replacement, 0,
                        N_KEYS);
    tcase_add_loop_test(distribution, test_absent_alleles_are_drawn_last_and_evenly, 0,
                        N_KEYS);
    tcase_add_loop_test(distribution, test_ties_are_even, 0, N_KEYS);
    suite_add_tcase(suite, distribution);
    return suite;
}
