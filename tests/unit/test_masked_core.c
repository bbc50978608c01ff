/* A masked record shows what CRAM keeps of it, and what CRAM cannot hold is not shown. */
#include "projection/masked_core.h"
#include "record_fixture.h"

Suite *masked_core_suite(void);

START_TEST(test_flags)
{
    ck_assert_uint_eq(
        masked_flag(0xf000 | BAM_FPAIRED | BAM_FPROPER_PAIR | BAM_FMREVERSE),
        BAM_FPAIRED | BAM_FPROPER_PAIR | BAM_FMREVERSE);
    ck_assert_uint_eq(masked_flag(0xfffe), BAM_FUNMAP | BAM_FREVERSE | BAM_FSECONDARY |
                                               BAM_FQCFAIL | BAM_FDUP |
                                               BAM_FSUPPLEMENTARY);
}
END_TEST

START_TEST(test_core)
{
    bam1_core_t unpaired = {
        .flag = BAM_FUNMAP, .qual = 37, .mtid = 0, .mpos = 5, .isize = 9};
    bam1_core_t paired = {.flag = BAM_FPAIRED, .qual = 37, .mpos = 5, .isize = 9};
    masked_core_normalise(&unpaired);
    ck_assert_uint_eq(unpaired.qual, 0);
    ck_assert_int_eq(unpaired.mtid, -1);
    ck_assert_int_eq(unpaired.mpos, -1);
    ck_assert_int_eq(unpaired.isize, 0);
    masked_core_normalise(&paired);
    ck_assert_uint_eq(paired.qual, 37);
    ck_assert_int_eq(paired.mpos, 5);
    ck_assert_int_eq(paired.isize, 9);
    paired.mpos = -2;
    masked_core_normalise(&paired);
    ck_assert_int_eq(paired.mpos, -1);
}
END_TEST

/* Of a read or mate that is unmapped or elsewhere CRAM takes TLEN from the mate, or RNEXT
 * too. */
START_TEST(test_template_length)
{
    static const struct {
        uint16_t flag;
        int32_t tid, mtid;
        bool shown;
    } CASES[] = {{BAM_FPAIRED, 1, 1, true},
                 {BAM_FPAIRED | BAM_FUNMAP, 1, 1, false},
                 {BAM_FPAIRED | BAM_FMUNMAP, 1, 1, false},
                 {BAM_FPAIRED, 1, 0, false},
                 {BAM_FPAIRED, 1, -1, false},
                 {BAM_FPAIRED, -1, -1, false}};
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        bam1_core_t core = {.flag = CASES[i].flag,
                            .tid = CASES[i].tid,
                            .mtid = CASES[i].mtid,
                            .mpos = 5,
                            .isize = -9};
        masked_core_normalise(&core);
        ck_assert_int_eq(core.isize, CASES[i].shown ? -9 : 0);
        ck_assert_int_eq(core.mtid, CASES[i].mtid);
        ck_assert_int_eq(core.mpos, 5);
    }
}
END_TEST

START_TEST(test_query_name)
{
    bam1_t *b = fixture_record("r 0 c0 101 60 4M * 0 0 ACGT *");
    ck_assert_str_eq(masked_query_name(b), "r");
    bam_get_qname(b)[0] = 0;
    ck_assert_str_eq(masked_query_name(b), "*");
    bam_destroy1(b);
}
END_TEST

/* On a contig of 104 bases. */
static const struct {
    const char *sam;
    bool fits;
} FITS[] = {
    {"r 0 c0 101 60 4M * 0 0 ACGT *", true},   {"r 0 c0 102 60 4M * 0 0 ACGT *", false},
    {"r 0 c0 101 60 * * 0 0 * *", false},      {"r 0 c0 101 60 0M * 0 0 * *", false},
    {"r 0 * 0 60 4M * 0 0 ACGT *", false},     {"r 4 c0 104 0 * * 0 0 ACGT *", true},
    {"r 4 * 0 0 * * 0 0 ACGT *", true},        {"r 4 c0 105 0 * * 0 0 ACGT *", false},
    {"r 0 c0 0 60 4M * 0 0 ACGT *", false},    {"r 0 * 0 60 1M * 0 0 A *", false},
    {"r 0 c0 9 60 2M1B2M * 0 0 ACGT *", false}};

START_TEST(test_fits_cram)
{
    struct vl_contig contig = {.length = 104};
    struct vl_contigs contigs = {.v = &contig, .n = 1};
    bam1_t *b = fixture_record(FITS[_i].sam);
    /* htslib takes what is mapped nowhere for unmapped. */
    if (FITS[_i].sam[2] == '0')
        b->core.flag &= (uint16_t)~BAM_FUNMAP;
    ck_assert_int_eq(masked_core_fits_cram(b, &contigs), FITS[_i].fits);
    bam_destroy1(b);
}
END_TEST

Suite *masked_core_suite(void)
{
    Suite *suite = suite_create("masked_core");
    TCase *tcase = tcase_create("masked_core");
    tcase_add_test(tcase, test_flags);
    tcase_add_test(tcase, test_core);
    tcase_add_test(tcase, test_template_length);
    tcase_add_test(tcase, test_query_name);
    tcase_add_loop_test(tcase, test_fits_cram, 0, sizeof FITS / sizeof *FITS);
    suite_add_tcase(suite, tcase);
    return suite;
}
