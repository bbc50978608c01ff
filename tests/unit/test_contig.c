#include <check.h>
#include <stdio.h>

#include "varlock/contig.h"

Suite *contig_suite(void);

START_TEST(test_found_by_name_in_file_order)
{
    struct vl_contigs contigs = VL_CONTIGS_INIT;
    char name[16];
    for (int i = 0; i < 1000; i++) {
        snprintf(name, sizeof name, "c%d", (i * 7919) % 1000);
        ck_assert_int_eq(vl_contigs_add(&contigs, name, i, NULL), 0);
    }
    ck_assert_int_eq(vl_contigs_index(&contigs), 0);
    for (int i = 0; i < 1000; i++) {
        snprintf(name, sizeof name, "c%d", (i * 7919) % 1000);
        ck_assert_int_eq(vl_contigs_find(&contigs, name), i);
        ck_assert_str_eq(contigs.v[i].name, name);
    }
    ck_assert_int_eq(vl_contigs_find(&contigs, "c1000"), -1);
    ck_assert_int_eq(vl_contigs_find(&contigs, ""), -1);
    vl_contigs_clear(&contigs);
    ck_assert_int_eq(vl_contigs_find(&contigs, "c1"), -1);
    vl_contigs_clear(&contigs);
}
END_TEST

START_TEST(test_m5_is_kept_or_unknown)
{
    static const char m5[] = "0123456789abcdef0123456789abcdef";
    struct vl_contigs contigs = VL_CONTIGS_INIT;
    ck_assert_int_eq(vl_contigs_add(&contigs, "a", 5, m5), 0);
    ck_assert_int_eq(vl_contigs_add(&contigs, "b", 5, "0123"), 0);
    ck_assert_str_eq(contigs.v[0].m5, m5);
    ck_assert_str_eq(contigs.v[1].m5, "");
    vl_contigs_clear(&contigs);
}
END_TEST

START_TEST(test_duplicate_names_are_named)
{
    struct vl_contigs contigs = VL_CONTIGS_INIT;
    struct vl_error err = {0};
    ck_assert_int_eq(vl_contigs_check_unique(&contigs, "in.bam", &err), 0);
    ck_assert_int_eq(vl_contigs_add(&contigs, "chr2", 5, NULL), 0);
    ck_assert_int_eq(vl_contigs_add(&contigs, "chr1", 5, NULL), 0);
    ck_assert_int_eq(vl_contigs_check_unique(&contigs, "in.bam", &err), 0);
    ck_assert_int_eq(vl_contigs_add(&contigs, "chr2", 9, NULL), 0);
    ck_assert_int_eq(vl_contigs_check_unique(&contigs, "in.bam", &err), VL_ERR_DATA);
    ck_assert_str_eq(err.message, "in.bam: contig chr2 is listed twice");
    vl_contigs_clear(&contigs);
}
END_TEST

Suite *contig_suite(void)
{
    Suite *suite = suite_create("contig");
    TCase *tc = tcase_create("contig");
    tcase_add_test(tc, test_found_by_name_in_file_order);
    tcase_add_test(tc, test_m5_is_kept_or_unknown);
    tcase_add_test(tc, test_duplicate_names_are_named);
    suite_add_tcase(suite, tc);
    return suite;
}
