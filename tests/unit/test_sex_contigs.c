#include "mask/sex_contigs.h"

#include <check.h>
#include <string.h>

Suite *sex_contigs_suite(void);

/* What is haploid of one contig, as people write it; the caller says which. */
static int haploid_text(const char *sex, const char *name, int64_t length, char *text,
                        struct vl_error *err)
{
    struct vl_contigs contigs = VL_CONTIGS_INIT;
    struct vl_ranges haploid = VL_RANGES_INIT;
    struct vl_buf out = VL_BUF_INIT;
    vl_contigs_add(&contigs, "1", 248956422, NULL);
    vl_contigs_add(&contigs, name, length, NULL);
    vl_contigs_index(&contigs);
    int rc = sex_contigs_haploid(sex, &contigs, &haploid, err);
    vl_ranges_normalise(&haploid);
    vl_ranges_format(&haploid, &contigs, 0, &out);
    vl_buf_add_byte(&out, 0);
    strcpy(text, (char *)out.data);
    vl_buf_clear(&out);
    vl_ranges_clear(&haploid);
    vl_contigs_clear(&contigs);
    return rc;
}

/* Pseudoautosomal regions as the Genome Reference Consortium and Rhie et al. 2023 give
 * them, 1-based: what lies between. */
static const struct {
    const char *sex, *name;
    int64_t length;
    const char *want;
} CASES[] = {
    {"male", "X", 155270560, "X:1-60000 X:2699521-154931043 X:155260561-155270560"},
    {"male", "chrX", 156040895,
     "chrX:1-10000 chrX:2781480-155701382 chrX:156030896-156040895"},
    {"male", "chrX", 154259566, "chrX:2394411-153925834"},
    {"male", "Y", 59373566, "Y:1-10000 Y:2649521-59034049 Y:59363567-59373566"},
    {"male", "chrY", 57227415,
     "chrY:1-10000 chrY:2781480-56887902 chrY:57217416-57227415"},
    {"male", "chrY", 62460029, "chrY:2458321-62122809"},
    {"female", "chrX", 156040895, ""},
    {"female", "X", 12345, ""},
    {"female", "Y", 59373566, "Y:1-10000 Y:2649521-59034049 Y:59363567-59373566"},
};

START_TEST(test_outside_the_pseudoautosomal_regions)
{
    char text[300];
    struct vl_error err = {0};
    ck_assert_int_eq(
        haploid_text(CASES[_i].sex, CASES[_i].name, CASES[_i].length, text, &err), 0);
    ck_assert_str_eq(text, CASES[_i].want);
}
END_TEST

START_TEST(test_refusals)
{
    static const struct {
        const char *sex, *name;
        int64_t length;
        int rc;
    } BAD[] = {{"Male", "X", 155270560, VL_ERR_USAGE},
               {"", "X", 155270560, VL_ERR_USAGE},
               {"f", "X", 155270560, VL_ERR_USAGE},
               /* nothing that a sex could say something of */
               {"male", "chrM", 16569, VL_ERR_USAGE},
               {"female", "X_random", 155270560, VL_ERR_USAGE},
               {"male", "X", 155270561, VL_ERR_DATA},
               {"male", "chrY", 156040895, VL_ERR_DATA},
               {"female", "Y", 57227416, VL_ERR_DATA}};
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        char text[300];
        struct vl_error err = {0};
        ck_assert_int_eq(haploid_text(BAD[i].sex, BAD[i].name, BAD[i].length, text, &err),
                         BAD[i].rc);
        ck_assert_ptr_nonnull(
            strstr(err.message, BAD[i].rc == VL_ERR_DATA ? BAD[i].name : "--sex"));
        ck_assert_str_eq(text, "");
    }
}
END_TEST

Suite *sex_contigs_suite(void)
{
    Suite *suite = suite_create("sex_contigs");
    TCase *tcase = tcase_create("sex_contigs");
    tcase_add_loop_test(tcase, test_outside_the_pseudoautosomal_regions, 0,
                        sizeof CASES / sizeof *CASES);
    tcase_add_test(tcase, test_refusals);
    suite_add_tcase(suite, tcase);
    return suite;
}
