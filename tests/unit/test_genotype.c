#include <check.h>

#include "../../src/audit/genotype.h"

Suite *genotype_suite(void);

enum { A, C, G, T };

static struct pile pile_of(int n_a, int n_c, int n_t)
{
    struct pile pile = {0};
    for (int i = 0; i < n_a; i++)
        pile_add(&pile, A, 30);
    for (int i = 0; i < n_c; i++)
        pile_add(&pile, C, 30);
    for (int i = 0; i < n_t; i++)
        pile_add(&pile, T, 30);
    return pile;
}

static const bool A_AND_C[4] = {true, true, false, false};

/* Ten reads of one base: the heterozygote is (0.999 / 0.499667)^10 = 1019 times less
 * likely, which is 30.1; two others are 1,000 times less likely than it. */
START_TEST(test_homozygote)
{
    struct pile pile = pile_of(10, 0, 0);
    struct genotype g = genotype_call(&pile, A_AND_C);
    ck_assert(g.a == A && g.b == A && !genotype_is_het(&g));
    ck_assert_int_eq(g.gq, 30);
    ck_assert_uint_eq(pile.depth, 10);
}
END_TEST

START_TEST(test_heterozygote)
{
    struct pile pile = pile_of(6, 5, 0);
    struct genotype g = genotype_call(&pile, A_AND_C);
    ck_assert(g.a == A && g.b == C && genotype_is_het(&g));
    ck_assert_int_eq(g.gq, GENOTYPE_GQ_MAX);
}
END_TEST

/* One T in ten is more likely an error than an allele that is not expected; five are no
 * error. */
START_TEST(test_unexpected_allele)
{
    struct pile few = pile_of(10, 0, 1), many = pile_of(10, 0, 5);
    struct genotype g = genotype_call(&few, A_AND_C);
    ck_assert(g.a == A && g.b == A);
    g = genotype_call(&many, A_AND_C);
    ck_assert(g.a == A && g.b == T);
}
END_TEST

/* Without reads all genotypes are equal, and nothing is known. */
START_TEST(test_nothing)
{
    struct pile pile = {0};
    ck_assert_int_eq(genotype_call(&pile, (const bool[4]){true, true, true, true}).gq, 0);
}
END_TEST

Suite *genotype_suite(void)
{
    Suite *suite = suite_create("genotype");
    TCase *tests = tcase_create("genotype");
    tcase_add_test(tests, test_homozygote);
    tcase_add_test(tests, test_heterozygote);
    tcase_add_test(tests, test_unexpected_allele);
    tcase_add_test(tests, test_nothing);
    suite_add_tcase(suite, tests);
    return suite;
}
