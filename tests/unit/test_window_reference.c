#include "record/nibbles.h"
#include "record_fixture.h"
#include "residual/window_reference.h"
#include "window/record_array.h"
#include "window/sites.h"

Suite *window_reference_suite(void);

/* One letter a position of a stretch, '-' where no record covers it. */
static void describe(const struct window_reference *r, int32_t contig, int64_t beg,
                     int64_t end, char *text)
{
    while (beg < end) {
        int64_t n = -1;
        int64_t at = window_reference_at(r, contig, beg, end - beg, &n);
        ck_assert_int_gt(n, 0);
        ck_assert_int_le(n, end - beg);
        for (int64_t i = 0; i < n; i++)
            *text++ = at >= 0 ? seq_nt16_str[seq_nibble(r->bases.data, at + i)] : '-';
        beg += n;
    }
    *text = '\0';
}

static const struct {
    const char *sam[4];
    struct site sites[3];
    int32_t contig;
    int64_t beg, end;
    const char *want;
} CASES[] = {
    {{NULL}, {{0}}, 0, 100, 110, "----------"},
    {{"a 0 c0 101 60 4M * 0 0 ACGT *"}, {{0}}, 0, 98, 108, "--ACGT----"},
    {{"a 0 c0 101 60 4M * 0 0 ACGT *"}, {{0}}, 1, 98, 108, "----------"},
    /* a gap, an overlap, and records that touch */
    {{"a 0 c0 101 60 4M * 0 0 ACGT *", "b 0 c0 107 60 2M * 0 0 CC *"},
     {{0}},
     0,
     99,
     110,
     "-ACGT--CC--"},
    {{"a 0 c0 101 60 4M * 0 0 ACGT *", "b 0 c0 103 60 4M * 0 0 GTAA *"},
     {{0}},
     0,
     99,
     108,
     "-ACGTAA--"},
    {{"a 0 c0 101 60 4M * 0 0 ACGT *", "b 0 c0 105 60 4M * 0 0 GTAA *"},
     {{0}},
     0,
     99,
     110,
     "-ACGTGTAA--"},
    {{"a 0 c0 101 60 8M * 0 0 ACGTACGT *", "b 0 c0 103 60 2M * 0 0 GT *"},
     {{0}},
     0,
     99,
     110,
     "-ACGTACGT--"},
    /* introns, clips, insertions and deletions */
    {{"a 0 c0 101 60 2M3N2M * 0 0 ACGT *"}, {{0}}, 0, 99, 109, "-AC---GT--"},
    {{"a 0 c0 101 60 2M3N2M * 0 0 ACGT *", "b 0 c0 102 60 4M * 0 0 CTTT *"},
     {{0}},
     0,
     99,
     109,
     "-ACTTTGT--"},
    {{"a 0 c0 101 60 2M6N2M * 0 0 ACGT *", "b 0 c0 104 60 2M * 0 0 TT *"},
     {{0}},
     0,
     99,
     112,
     "-AC-TT---GT--"},
    {{"a 0 c0 101 60 2S2M1I2M1S * 0 0 NNACTGTN *"}, {{0}}, 0, 99, 106, "-ACGT--"},
    {{"a 0 c0 101 60 2M2D2M * 0 0 ACGT *"}, {{0}}, 0, 99, 108, "-AC--GT--"},
    /* out of order, on other contigs, without a place or bases */
    {{"b 0 c0 107 60 2M * 0 0 CC *", "a 0 c0 101 60 4M * 0 0 ACGT *"},
     {{0}},
     0,
     99,
     110,
     "-ACGT--CC--"},
    {{"a 0 c0 101 60 4M * 0 0 ACGT *", "b 0 c1 103 60 4M * 0 0 TTTT *"},
     {{0}},
     1,
     101,
     108,
     "-TTTT--"},
    {{"a 0 c1 101 60 4M * 0 0 ACGT *", "b 0 c0 103 60 4M * 0 0 TTTT *"},
     {{0}},
     0,
     101,
     108,
     "-TTTT--"},
    {{"a 4 * 0 0 * * 0 0 ACGT *", "b 4 c0 101 0 4M * 0 0 ACGT *",
      "c 0 c0 101 9 4M * 0 0 * *"},
     {{0}},
     0,
     99,
     106,
     "-------"},
    /* sites that are listed are put right, others not */
    {{"a 0 c0 101 60 4M * 0 0 ACGT *"},
     {{.pos0 = 102, .change = 8}, {.pos0 = 103, .change = 15}},
     0,
     99,
     106,
     "-ACTN--"},
    {{"a 0 c0 101 60 4M * 0 0 ACGT *"},
     {{.pos0 = 99, .change = 8},
      {.pos0 = 104, .change = 8},
      {.contig = 1, .pos0 = 102, .change = 8}},
     0,
     99,
     106,
     "-ACGT--"},
    /* of records that differ the first one counts */
    {{"a 0 c0 101 60 4M * 0 0 AAAA *", "b 0 c0 101 60 5M * 0 0 CCCCC *"},
     {{0}},
     0,
     99,
     107,
     "-AAAAC--"},
};
enum { N_CASES = sizeof CASES / sizeof *CASES };

START_TEST(test_cases)
{
    struct record_array masked = {0};
    struct site_list sites = {0};
    struct window_reference r = {0};
    char text[64];
    for (int i = 0; i < 4 && CASES[_i].sam[i]; i++)
        fixture_parse(record_array_add(&masked), CASES[_i].sam[i]);
    for (int i = 0; i < 3 && CASES[_i].sites[i].change; i++)
        ck_assert_int_eq(site_list_add(&sites, &CASES[_i].sites[i]), 0);
    /* Built twice: nothing is left over. */
    for (int round = 0; round < 2; round++) {
        ck_assert_int_eq(window_reference_build(&r, &masked, &sites, NULL), 0);
        describe(&r, CASES[_i].contig, CASES[_i].beg, CASES[_i].end, text);
        ck_assert_str_eq(text, CASES[_i].want);
    }
    window_reference_clear(&r);
    site_list_clear(&sites);
    record_array_clear(&masked);
}
END_TEST

/* Random records of one genome, asked for stretches of all lengths. */
START_TEST(test_random)
{
    enum { LENGTH = 3000 };
    static uint8_t genome[2][LENGTH], covered[2][LENGTH];
    static struct layout l;
    uint64_t s = 7 + (uint64_t)_i;
    struct record_array masked = {0};
    struct site_list sites = {0};
    struct window_reference r = {0};
    memset(covered, 0, sizeof covered);
    for (int c = 0; c < 2; c++)
        for (int i = 0; i < LENGTH; i++)
            genome[c][i] = (uint8_t)(1 + rnd_below(&s, 15));
    for (int k = 0; k < 40; k++) {
        int32_t tid = (int32_t)rnd_below(&s, 2);
        bam1_t *b = record_array_add(&masked);
        rnd_record(&s, "MM=X", tid, rnd_below(&s, 1200), b);
        lay_out(b, &l);
        for (int32_t i = 0; i < b->core.l_qseq; i++)
            if (l.rpos[i] >= 0) {
                bam_set_seqi(bam_get_seq(b), i, genome[tid][l.rpos[i]]);
                covered[tid][l.rpos[i]] = 1;
            }
    }
    for (uint32_t contig = 0; contig < 2; contig++)
        for (int64_t pos = 0; pos < LENGTH; pos += 1 + rnd_below(&s, 20)) {
            genome[contig][pos] = (uint8_t)(1 + rnd_below(&s, 15));
            ck_assert_int_eq(
                site_list_add(&sites, &(struct site){.contig = contig,
                                                     .pos0 = pos,
                                                     .change = genome[contig][pos]}),
                0);
        }
    ck_assert_int_eq(window_reference_build(&r, &masked, &sites, NULL), 0);
    for (int round = 0; round < 3000; round++) {
        int32_t contig = (int32_t)rnd_below(&s, 2);
        int64_t pos = rnd_below(&s, LENGTH - 300), n = 1 + rnd_below(&s, 300), len,
                want = 1;
        int64_t at = window_reference_at(&r, contig, pos, n, &len);
        ck_assert_int_eq(at >= 0, covered[contig][pos]);
        while (want < n && covered[contig][pos + want] == covered[contig][pos])
            want++;
        ck_assert_int_eq(len, want);
        for (int64_t i = 0; at >= 0 && i < len; i++)
            ck_assert_int_eq(seq_nibble(r.bases.data, at + i), genome[contig][pos + i]);
    }
    window_reference_clear(&r);
    site_list_clear(&sites);
    record_array_clear(&masked);
}
END_TEST

/* Gaps fill what no record covers, but for bases that are not A, C, G or T. */
START_TEST(test_gaps)
{
    static const uint8_t BASES[] = {0x12, 0x48, 0xf1, 0x20}; /* ACGTNAC */
    struct record_array masked = {0};
    struct window_reference r = {0};
    struct gap_list gaps = {0};
    struct site_list sites = {0};
    char text[40];
    fixture_parse(record_array_add(&masked), "a 0 c0 101 60 4M * 0 0 ACGT *");
    ck_assert_int_eq(gap_list_add(&gaps, 0, 90, 7, BASES, 0), 0);
    ck_assert_int_eq(gap_list_add(&gaps, 0, 104, 3, BASES, 1), 0);
    ck_assert_int_eq(gap_list_add(&gaps, 1, 5, 2, BASES, 5), 0);
    ck_assert_uint_eq(gap_list_n(&gaps), 4);
    ck_assert_int_eq(window_reference_build(&r, &masked, &sites, &gaps), 0);
    describe(&r, 0, 88, 110, text);
    ck_assert_str_eq(text, "--ACGT-AC---ACGTCGT---");
    describe(&r, 1, 4, 8, text);
    ck_assert_str_eq(text, "-AC-");
    gap_list_clear(&gaps);
    window_reference_clear(&r);
    record_array_clear(&masked);
}
END_TEST

/* Gaps over the record's last base, within it, and over its first base. */
START_TEST(test_gaps_that_overlap)
{
    static const uint8_t BASES[] = {0x12, 0x48};
    static const int64_t POS0[] = {103, 101, 97};
    struct record_array masked = {0};
    struct window_reference r = {0};
    struct gap_list gaps = {0};
    struct site_list sites = {0};
    fixture_parse(record_array_add(&masked), "a 0 c0 101 60 4M * 0 0 ACGT *");
    ck_assert_int_eq(gap_list_add(&gaps, 0, POS0[_i], _i == 2 ? 4 : 2, BASES, 0), 0);
    ck_assert_int_eq(window_reference_build(&r, &masked, &sites, &gaps), VL_ERR_DATA);
    gap_list_clear(&gaps);
    window_reference_clear(&r);
    record_array_clear(&masked);
}
END_TEST

Suite *window_reference_suite(void)
{
    Suite *suite = suite_create("window_reference");
    TCase *tcase = tcase_create("window_reference");
    tcase_add_loop_test(tcase, test_cases, 0, N_CASES);
    tcase_add_test(tcase, test_gaps);
    tcase_add_loop_test(tcase, test_gaps_that_overlap, 0, 3);
    tcase_add_loop_test(tcase, test_random, 0, 5);
    suite_add_tcase(suite, tcase);
    return suite;
}
