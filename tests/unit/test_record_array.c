#include <check.h>
#include <string.h>

#include "record/record.h"
#include "window/record_array.h"

/* A record of n bases whose name and bases tell i. */
static void fill(bam1_t *b, int i, size_t n)
{
    char name[32], *seq = malloc(n + 1);
    ck_assert_ptr_nonnull(seq);
    snprintf(name, sizeof name, "read%d", i);
    memset(seq, "ACGT"[i % 4], n);
    uint32_t op = bam_cigar_gen((uint32_t)n, BAM_CMATCH);
    ck_assert_int_ge(
        bam_set1(b, strlen(name), name, 0, 0, i, 60, 1, &op, -1, -1, 0, n, seq, NULL, 0),
        0);
    free(seq);
}

static bool tells(const bam1_t *b, int i, size_t n)
{
    bam1_t *expected = bam_init1();
    ck_assert_ptr_nonnull(expected);
    fill(expected, i, n);
    bool equal = record_equal(b, expected);
    bam_destroy1(expected);
    return equal;
}

/* Some longer than a chunk of the array. */
static size_t length_of(int i)
{
    return i % 50 == 7 ? 2000000 : 100 + (size_t)i % 61;
}

START_TEST(test_copies)
{
    enum { N = 600, ROUNDS = 3 };
    struct record_array array = {0};
    bam1_t *b = bam_init1();
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < N; i++) {
            fill(b, i + round, length_of(i));
            ck_assert_ptr_nonnull(record_array_copy(&array, b));
        }
        ck_assert_uint_eq(array.n, N);
        for (int i = 0; i < N; i += 11)
            ck_assert(tells(array.v[i], i + round, length_of(i)));
        record_array_reset(&array);
        ck_assert_uint_eq(array.n, 0);
    }
    bam_destroy1(b);
    record_array_clear(&array);
}
END_TEST

/* What was a copy before is a record of its own when it is added, and the reverse. */
START_TEST(test_both_kinds)
{
    struct record_array array = {0};
    bam1_t *b = bam_init1();
    for (int round = 0; round < 4; round++) {
        for (int i = 0; i < 100; i++) {
            if ((i + round) % 2) {
                fill(b, i, 150);
                ck_assert_ptr_nonnull(record_array_copy(&array, b));
            } else {
                fill(record_array_add(&array), i, 200000);
            }
        }
        for (int i = 0; i < 100; i++)
            ck_assert(tells(array.v[i], i, (i + round) % 2 ? 150 : 200000));
        record_array_reset(&array);
    }
    bam_destroy1(b);
    record_array_clear(&array);
}
END_TEST

Suite *record_array_suite(void);
Suite *record_array_suite(void)
{
    Suite *s = suite_create("record_array");
    TCase *t = tcase_create("record_array");
    tcase_add_test(t, test_copies);
    tcase_add_test(t, test_both_kinds);
    suite_add_tcase(s, t);
    return s;
}
