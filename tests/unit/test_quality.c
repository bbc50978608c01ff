#include <math.h>

#include "projection/quality.h"
#include "projection/quality_guard.h"
#include "record_fixture.h"
#include "residual/quality_rank.h"

Suite *quality_suite(void);

START_TEST(test_modes_by_name)
{
    enum quality_mode mode = QUALITY_BIN4;
    static const char *const BAD[] = {"", "KEEP", "keep ", "bin", "bin8", "oqs"};
    ck_assert(quality_mode_parse("keep", &mode) && mode == QUALITY_KEEP);
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
    const char *shown[4]; /* keep, oq, bin4, flat */
} MASKED[] = {
    {"r 0 c0 1 60 4M * 0 0 ACGT !+5I OQ:Z:#I~!", true, {"!+5I", "#I~!", "#-8F", "????"}},
    {"r 0 c0 1 60 4M * 0 0 ACGT !+5I", false, {"!+5I", "*", "#-8F", "????"}},
    {"r 0 c0 1 60 4M * 0 0 ACGT !+5I OQ:Z:#I~", false, {"!+5I", "*", "#-8F", "????"}},
    {"r 0 c0 1 60 4M * 0 0 ACGT !+5I OQ:Z:#I~!!", false, {"!+5I", "*", "#-8F", "????"}},
    {"r 0 c0 1 60 4M * 0 0 ACGT !+5I OQ:A:#", false, {"!+5I", "*", "#-8F", "????"}},
    {"r 0 c0 1 60 4M * 0 0 ACGT !+5I OQ:H:AABB", false, {"!+5I", "*", "#-8F", "????"}},
    /* missing stays missing, whatever OQ says */
    {"r 0 c0 1 60 4M * 0 0 ACGT * OQ:Z:IIII", true, {"*", "*", "*", "*"}},
    /* the edges of the four bins: 2 3, 17 18, 29 30 */
    {"r 0 c0 1 60 6M * 0 0 ACGTAC #$23>?", false, {"#$23>?", "*", "#--88F", "??????"}},
    {"r 0 c0 1 60 4M * 0 0 * * OQ:Z:IIII", false, {"", "", "", ""}},
    {"r 0 c0 1 60 4M * 0 0 * *", false, {"", "", "", ""}},
    /* unmapped records by the same rule */
    {"r 4 * 0 0 * * 0 0 ACGT !+5I OQ:Z:#I~!", true, {"!+5I", "#I~!", "#-8F", "????"}},
};
enum { N_MASKED = sizeof MASKED / sizeof *MASKED };

START_TEST(test_masked)
{
    bam1_t *b = fixture_record(MASKED[_i].sam);
    ck_assert_int_eq(quality_has_oq(b), MASKED[_i].has_oq);
    for (int mode = 0; mode < 4; mode++) {
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
    static const enum quality_mode MODES[] = {QUALITY_OQ, QUALITY_BIN4, QUALITY_FLAT};
    bam_get_qual(b)[0] = 0xff;
    for (size_t i = 0; i < sizeof MODES / sizeof *MODES; i++) {
        uint8_t out[4] = {0};
        quality_mask(b, MODES[i], out);
        ck_assert_mem_eq(out, "\xff\xff\xff\xff", 4);
    }
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
        struct quality_ranks ranks;
        for (size_t i = 0; i < n; i++)
            qual[i] = (uint8_t)(rnd_below(&s, range) + (256 - range));
        quality_ranks_start(&ranks, qual, n);
        quality_order(qual, n, order);
        for (size_t i = 0; i < n; i++) {
            ck_assert_uint_lt(order[i], n);
            ck_assert(!seen[order[i]]);
            seen[order[i]] = true;
            ck_assert_uint_eq(quality_rank(&ranks, order[i]), i);
            ck_assert_uint_eq(quality_rank_base(&ranks, i), order[i]);
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

/* ---- counts ---- */

static void pack(const char *letters, uint8_t *seq)
{
    for (int64_t i = 0; letters[i]; i++)
        bam_set_seqi(seq, i, seq_nt16_table[(unsigned char)letters[i]]);
}

/* Pairs of reference bases in the order of sequencing, with the second one's quality. */
static const struct {
    const char *sam, *reference;
    const char *want; /* triples: base before, base, quality */
} COUNTED[] = {
    {"r 0 c0 1 60 5M * 0 0 TTTTT \"#$%&", "ACGTA", "AC#CG$GT%TA&"},
    {"r 16 c0 1 60 5M * 0 0 TTTTT \"#$%&", "ACGTA", "GT\"CG#AC$TA%"},
    /* no pair across clips, insertions, introns and deletions; none with N or IUPAC */
    {"r 0 c0 1 60 1S2M1I2M * 0 0 TTTTTT !\"#$%&", "AACGTA", "AC#TA&"},
    {"r 0 c0 1 60 2M5N2M * 0 0 TTTT \"#$%", "ACGT", "AC#GT%"},
    {"r 0 c0 1 60 2M5D2M * 0 0 TTTT \"#$%", "ACGT", "AC#GT%"},
    {"r 0 c0 1 60 5M * 0 0 TTTTT \"#$%&", "ACNTA", "AC#TA&"},
    {"r 0 c0 1 60 5M * 0 0 TTTTT \"#$%&", "ARGTA", "GT%TA&"},
    {"r 0 c0 1 60 1M * 0 0 T I", "A", ""},
    {"r 0 c0 1 60 5M * 0 0 TTTTT *", "ACGTA", ""},
    {"r 4 c0 1 60 5M * 0 0 TTTTT IIIII", "ACGTA", ""},
};

START_TEST(test_counts)
{
    static struct quality_counts counts;
    memset(&counts, 0, sizeof counts);
    bam1_t *b = fixture_record(COUNTED[_i].sam);
    uint8_t reference[8] = {0};
    pack(COUNTED[_i].reference, reference);
    quality_counts_add(&counts, b, reference);
    ck_assert_uint_eq(counts.n_records, 1);
    for (const char *p = COUNTED[_i].want; *p; p += 3) {
        size_t pair =
            4 * strcspn("ACGT", (char[]){p[0], 0}) + strcspn("ACGT", (char[]){p[1], 0});
        ck_assert_msg(counts.joint[p[2] - 33][pair] > 0, "%s", p);
        counts.joint[p[2] - 33][pair]--;
    }
    for (int q = 0; q < 64; q++)
        for (int pair = 0; pair < 16; pair++)
            ck_assert_uint_eq(counts.joint[q][pair], 0);
    bam_destroy1(b);
}
END_TEST

START_TEST(test_merge)
{
    static struct quality_counts a, b, want;
    uint64_t s = 4;
    memset(&want, 0, sizeof want);
    for (int q = 0; q < 64; q++)
        for (int pair = 0; pair < 16; pair++) {
            a.joint[q][pair] = rnd_below(&s, 100);
            b.joint[q][pair] = rnd_below(&s, 100);
            want.joint[q][pair] = a.joint[q][pair] + b.joint[q][pair];
        }
    a.n_records = 5;
    b.n_records = 7;
    want.n_records = 12;
    quality_counts_merge(&a, &b);
    ck_assert_mem_eq(&a, &want, sizeof a);
}
END_TEST

static void expect_near(double got, double want)
{
    ck_assert_msg(fabs(got - want) < 1e-9, "%.12f, not %.12f", got, want);
}

/* Joint distributions whose mutual information is known, less (a-1)(b-1)/(2 n ln 2) for a
 * qualities and b pairs that occur (Miller 1955). */
START_TEST(test_bits)
{
    static struct quality_counts c;
    memset(&c, 0, sizeof c);
    expect_near(quality_counts_bits(&c), 0);
    c.joint[30][5] = 1000;
    expect_near(quality_counts_bits(&c), 0);
    /* Independent: nothing but the correction. */
    memset(&c, 0, sizeof c);
    for (int q = 0; q < 4; q++)
        for (int pair = 0; pair < 8; pair++)
            c.joint[10 * q][2 * pair] = (uint64_t)(q + 1) * (uint64_t)(pair + 1) * 100;
    expect_near(quality_counts_bits(&c), -3.0 * 7 / (2 * 36000 * log(2)));
    /* The quality is the pair: 4 bits. */
    memset(&c, 0, sizeof c);
    for (int pair = 0; pair < 16; pair++)
        c.joint[pair][pair] = 1000;
    expect_near(quality_counts_bits(&c), 4 - 15.0 * 15 / (2 * 16000 * log(2)));
    /* It is one half of the pairs, or the other: 1 bit. */
    memset(&c, 0, sizeof c);
    for (int pair = 0; pair < 16; pair++)
        c.joint[pair < 8 ? 20 : 40][pair] = 500;
    expect_near(quality_counts_bits(&c), 1 - 1.0 * 15 / (2 * 8000 * log(2)));
    /* A binary symmetric channel with an error of 1/4: 1 - H(1/4). */
    memset(&c, 0, sizeof c);
    c.joint[20][3] = c.joint[40][9] = 300000;
    c.joint[20][9] = c.joint[40][3] = 100000;
    expect_near(quality_counts_bits(&c),
                1 + 0.25 * log2(0.25) + 0.75 * log2(0.75) - 1 / (2 * 800000 * log(2)));
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
    tcase_add_test(tcase, test_order);
    tcase_add_loop_test(tcase, test_counts, 0, sizeof COUNTED / sizeof *COUNTED);
    tcase_add_test(tcase, test_merge);
    tcase_add_test(tcase, test_bits);
    suite_add_tcase(suite, tcase);
    return suite;
}
