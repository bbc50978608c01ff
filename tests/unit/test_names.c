#include <check.h>
#include <stdio.h>
#include <string.h>

#include "varlock/names.h"

Suite *names_suite(void);

/* The i-th of n names in an order that is not theirs. */
static const char *name_of(int i, int n)
{
    static char name[16];
    snprintf(name, sizeof name, "s%d", (int)((int64_t)i * 7919 % n));
    return name;
}

/* However the names came into the index: all at once, one by one, in runs. */
START_TEST(test_found_whenever_they_were_indexed)
{
    enum { N = 1000 };
    const int run = (int[]){N, 1, 7, 300}[_i];
    struct vl_names names = VL_NAMES_INIT;
    for (int i = 0; i < N; i++) {
        ck_assert_int_eq(vl_names_add(&names, name_of(i, N)), 0);
        if ((i + 1) % run == 0)
            ck_assert_int_eq(vl_names_index(&names), 0);
    }
    ck_assert_int_eq(vl_names_index(&names), 0);
    for (int i = 0; i < N; i++)
        ck_assert_int_eq(vl_names_find(&names, name_of(i, N)), i);
    for (int i = 1; i < N; i++)
        ck_assert_int_lt(strcmp(names.v[names.by_name[i - 1]], names.v[names.by_name[i]]),
                         0);
    ck_assert_int_eq(vl_names_find(&names, "s1000"), -1);
    ck_assert_int_eq(vl_names_find(&names, ""), -1);
    vl_names_clear(&names);
    ck_assert_int_eq(vl_names_find(&names, "s1"), -1);
    vl_names_clear(&names);
}
END_TEST

START_TEST(test_not_found_before_the_index_is_built)
{
    struct vl_names names = VL_NAMES_INIT;
    ck_assert_int_eq(vl_names_add(&names, "b"), 0);
    ck_assert_int_eq(vl_names_find(&names, "b"), -1);
    ck_assert_int_eq(vl_names_index(&names), 0);
    ck_assert_int_eq(vl_names_add(&names, "a"), 0);
    ck_assert_int_eq(vl_names_find(&names, "a"), -1);
    ck_assert_int_eq(vl_names_find(&names, "b"), 0);
    vl_names_clear(&names);
}
END_TEST

/* The BDIFFs of headers with a read group twice were made with the number found here. */
START_TEST(test_of_equal_names_always_the_same_is_found)
{
    static const char *const LISTED[] = {"b", "a", "b", "c", "b", "a"};
    const int run = (int[]){6, 1, 4}[_i];
    struct vl_names names = VL_NAMES_INIT;
    for (int i = 0; i < 6; i++) {
        ck_assert_int_eq(vl_names_add(&names, LISTED[i]), 0);
        if ((i + 1) % run == 0)
            ck_assert_int_eq(vl_names_index(&names), 0);
    }
    ck_assert_int_eq(vl_names_index(&names), 0);
    const uint32_t by_name[] = {1, 5, 0, 2, 4, 3};
    ck_assert_mem_eq(names.by_name, by_name, sizeof by_name);
    ck_assert_int_eq(vl_names_find(&names, "a"), 5);
    ck_assert_int_eq(vl_names_find(&names, "b"), 2);
    ck_assert_int_eq(vl_names_find(&names, "c"), 3);
    vl_names_clear(&names);
}
END_TEST

START_TEST(test_numbers_follow_first_appearance)
{
    static const char *const SEEN[] = {"x", "", "x", "a", "", "b"};
    static const int NUMBERS[] = {0, 1, 0, 2, 1, 3};
    struct vl_names names = VL_NAMES_INIT;
    for (int i = 0; i < 6; i++)
        ck_assert_int_eq(vl_names_number(&names, SEEN[i]), NUMBERS[i]);
    ck_assert_uint_eq(names.n, 4);
    vl_names_clear(&names);
}
END_TEST

/* Against a search name by name, over few letters, so that names begin each other. */
START_TEST(test_begins_with_a_name)
{
    uint32_t state = 1;
    int n_found = 0;
    for (int round = 0; round < 300; round++) {
        struct vl_names names = VL_NAMES_INIT;
        char text[12];
        for (int i = 0; i < 40; i++) {
            size_t n = 0;
            size_t length = (size_t)(2 + i % 8);
            for (; n < length; n++)
                text[n] = "ab"[(state = state * 1664525 + 1013904223) >> 31];
            text[n] = '\0';
            if (i < round % 12) {
                ck_assert_int_eq(vl_names_add(&names, text), 0);
                ck_assert_int_eq(vl_names_index(&names), 0);
                continue;
            }
            bool begins = false;
            for (size_t k = 0; k < names.n; k++)
                begins |= strncmp(text, names.v[k], strlen(names.v[k])) == 0;
            ck_assert_msg(vl_names_begin(&names, text) == begins, "%s", text);
            n_found += begins;
        }
        vl_names_clear(&names);
    }
    ck_assert_int_gt(n_found, 1000);
}
END_TEST

START_TEST(test_a_name_listed_twice_is_refused)
{
    struct vl_names names = VL_NAMES_INIT;
    struct vl_error err = {0};
    ck_assert_int_eq(vl_names_check_unique(&names, "in.bam", "sample", &err), 0);
    vl_names_add(&names, "z");
    vl_names_add(&names, "a");
    ck_assert_int_eq(vl_names_check_unique(&names, "in.bam", "sample", &err), 0);
    vl_names_add(&names, "z");
    ck_assert_int_eq(vl_names_check_unique(&names, "in.bam", "sample", &err),
                     VL_ERR_DATA);
    ck_assert_str_eq(err.message, "in.bam: sample z is listed twice");
    vl_names_clear(&names);
}
END_TEST

Suite *names_suite(void)
{
    Suite *suite = suite_create("names");
    TCase *tc = tcase_create("names");
    tcase_add_loop_test(tc, test_found_whenever_they_were_indexed, 0, 4);
    tcase_add_test(tc, test_not_found_before_the_index_is_built);
    tcase_add_loop_test(tc, test_of_equal_names_always_the_same_is_found, 0, 3);
    tcase_add_test(tc, test_numbers_follow_first_appearance);
    tcase_add_test(tc, test_begins_with_a_name);
    tcase_add_test(tc, test_a_name_listed_twice_is_refused);
    suite_add_tcase(suite, tc);
    return suite;
}
