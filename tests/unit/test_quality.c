#include "projection/quality.h"
#include "record_fixture.h"
#include "residual/quality_rank.h"

Suite *quality_suite(void);

START_TEST(test_modes_by_name)
{
    enum quality_mode mode = QUALITY_BIN4;
    static const char *const BAD[] = {"", "KEEP", "keep ", "bin", "bin8", "oqs"};
    ck_assert(quality_mode_parse("keep", &mode) && mode == QUALITY_KEEP);
    ck_assert(quality_mode_parse("shuffle", &mode) && mode == QUALITY_SHUFFLE);
    ck_assert(quality_mode_parse("oq", &mode) && mode == QUALITY_OQ);
    ck_assert(quality_mode_parse("bin4", &mode) && mode == QUALITY_BIN4);
    ck_assert(quality_mode_parse("flat", &mode) && mode == QUALITY_FLAT);
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++)
        ck_assert(!quality_mode_parse(BAD[i], &mode));
    ck_assert_int_eq(mode, QUALITY_FLAT);
}
END_TEST

/* Qualities as SAM text; `*` where they are missing. */
static const struct {
    const char *sam;
    bool has_oq;
    const char *shown[5]; /* keep, shuffle, oq, bin4, flat */
} MASKED[] = {
    {"r 0 c0 1 60 4M * 0 0 ACGT !+5I OQ:Z:#I~!",
     true,
     {"!+5I", "!+5I", "#I~!", "#-8F", "????"}},
    {"r 0 c0 1 60 4M * 0 0 ACGT !+5I", false, {"!+5I", "!+5I", "*", "#-8F", "????"}},
    {"r 0 c0 1 60 4M * 0 0 ACGT !+5I OQ:Z:#I~",
     false,
     {"!+5I", "!+5I", "*", "#-8F", "????"}},
    {"r 0 c0 1 60 4M * 0 0 ACGT !+5I OQ:Z:#I~!!",
     false,
     {"!+5I", "!+5I", "*", "#-8F", "????"}},
    {"r 0 c0 1 60 4M * 0 0 ACGT !+5I OQ:A:#",
     false,
     {"!+5I", "!+5I", "*", "#-8F", "????"}},
    {"r 0 c0 1 60 4M * 0 0 ACGT !+5I OQ:H:AABB",
     false,
     {"!+5I", "!+5I", "*", "#-8F", "????"}},
    /* missing stays missing, whatever OQ says */
    {"r 0 c0 1 60 4M * 0 0 ACGT * OQ:Z:IIII", true, {"*", "*", "*", "*", "*"}},
    /* the edges of the four bins: 2 3, 17 18, 29 30 */
    {"r 0 c0 1 60 6M * 0 0 ACGTAC #$23>?",
     false,
     {"#$23>?", "#$23>?", "*", "#--88F", "??????"}},
    {"r 0 c0 1 60 4M * 0 0 * * OQ:Z:IIII", false, {"", "", "", "", ""}},
    {"r 0 c0 1 60 4M * 0 0 * *", false, {"", "", "", "", ""}},
    /* unmapped records by the same rule */
    {"r 4 * 0 0 * * 0 0 ACGT !+5I OQ:Z:#I~!",
     true,
     {"!+5I", "!+5I", "#I~!", "#-8F", "????"}},
};
enum { N_MASKED = sizeof MASKED / sizeof *MASKED };

START_TEST(test_masked)
{
    bam1_t *b = fixture_record(MASKED[_i].sam);
    ck_assert_int_eq(quality_has_oq(b), MASKED[_i].has_oq);
    for (int mode = 0; mode < 5; mode++) {
        uint8_t *out = malloc((size_t)b->core.l_qseq + 1);
        const char *want = MASKED[_i].shown[mode];
        quality_mask(b, (enum quality_mode)mode, out);
        for (int32_t i = 0; i < b->core.l_qseq; i++)
            ck_assert_int_eq(out[i], *want == '*' ? 0xff : want[i] - 33);
        free(out);
    }
    bam_destroy1(b);
}
END_TEST

/* A QUAL that begins with 0xff is missing, whatever follows, and whatever OQ says. */
START_TEST(test_nothing_behind_a_missing_first)
{
    bam1_t *b = fixture_record("r 0 c0 1 60 4M * 0 0 ACGT !+5I OQ:Z:#I~!");
    static const enum quality_mode MODES[] = {QUALITY_SHUFFLE, QUALITY_OQ, QUALITY_BIN4,
                                              QUALITY_FLAT};
    bam_get_qual(b)[0] = 0xff;
    for (size_t i = 0; i < sizeof MODES / sizeof *MODES; i++) {
        uint8_t out[4] = {0};
        quality_mask(b, MODES[i], out);
        ck_assert_mem_eq(out, "\xff\xff\xff\xff", 4);
    }
    bam_destroy1(b);
}
END_TEST

/* Values that no file may hold could be taken for a missing QUAL where they are dealt. */
START_TEST(test_shuffle_beyond_93_is_none)
{
    bam1_t *b = fixture_record("r 0 c0 1 60 4M * 0 0 ACGT I~~~");
    uint8_t out[4] = {0};
    quality_mask(b, QUALITY_SHUFFLE, out);
    ck_assert_mem_eq(out, bam_get_qual(b), 4);
    bam_get_qual(b)[2] = 94;
    quality_mask(b, QUALITY_SHUFFLE, out);
    ck_assert_mem_eq(out, "\xff\xff\xff\xff", 4);
    bam_destroy1(b);
}
END_TEST

START_TEST(test_oq_beyond_93_is_none)
{
    bam1_t *b = fixture_record("r 0 c0 1 60 4M * 0 0 ACGT IIII OQ:Z:IIII");
    char *oq = (char *)bam_aux_get(b, "OQ") + 1;
    static const struct {
        char c;
        bool good;
    } CASES[] = {
        {'!', true}, {'~', true}, {' ', false}, {'\x7f', false}, {'\xff', false}};
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        oq[3] = CASES[i].c;
        ck_assert_int_eq(quality_has_oq(b), CASES[i].good);
    }
    bam_destroy1(b);
}
END_TEST

/* All ranks at once, one by one, and back: by quality and, where it is equal, by index.
 */
START_TEST(test_order)
{
    uint64_t s = 3;
    for (size_t n = 0; n < 400; n += 1 + n / 5) {
        uint8_t *qual = malloc(n + 1);
        uint32_t *order = malloc((n + 1) * sizeof *order), range = 1 + rnd_below(&s, 256);
        bool *seen = calloc(n + 1, sizeof *seen);
        for (size_t i = 0; i < n; i++)
            qual[i] = (uint8_t)(rnd_below(&s, range) + (256 - range));
        quality_order(qual, n, order);
        for (size_t i = 0; i < n; i++) {
            ck_assert_uint_lt(order[i], n);
            ck_assert(!seen[order[i]]);
            seen[order[i]] = true;
            ck_assert_uint_eq(quality_rank(qual, n, order[i]), i);
            ck_assert_uint_eq(quality_rank_base(qual, n, i), order[i]);
            if (i > 0)
                ck_assert(
                    qual[order[i - 1]] < qual[order[i]] ||
                    (qual[order[i - 1]] == qual[order[i]] && order[i - 1] < order[i]));
        }
        free(seen);
        free(order);
        free(qual);
    }
}
END_TEST

Suite *quality_suite(void)
{
    Suite *suite = suite_create("quality");
    TCase *tcase = tcase_create("quality");
    tcase_add_test(tcase, test_modes_by_name);
    tcase_add_loop_test(tcase, test_masked, 0, N_MASKED);
    tcase_add_test(tcase, test_nothing_behind_a_missing_first);
    tcase_add_test(tcase, test_oq_beyond_93_is_none);
    tcase_add_test(tcase, test_shuffle_beyond_93_is_none);
    tcase_add_test(tcase, test_order);
    suite_add_tcase(suite, tcase);
    return suite;
}
