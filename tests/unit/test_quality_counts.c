#include <math.h>

#include "projection/quality_counts.h"
#include "record_fixture.h"

Suite *quality_counts_suite(void);

static struct quality_counts *new_counts(void)
{
    struct quality_counts *counts = calloc(1, sizeof *counts);
    ck_assert_ptr_nonnull(counts);
    return counts;
}

static unsigned word_of(const char *bases)
{
    unsigned word = 0;
    for (int i = 0; i < 4; i++)
        word = word << 2 | (unsigned)strcspn("ACGT", (char[]){bases[i], 0});
    return word;
}

/* What is counted: four bases in the order of sequencing, and the third one's quality. */
static const struct {
    const char *sam, *want;
    unsigned end;
} COUNTED[] = {
    {"r 0 c0 1 60 6M * 0 0 ACGTTA \"#$%&'", "ACGT$CGTT%GTTA&", 0},
    {"r 16 c0 1 60 6M * 0 0 ACGTTA \"#$%&'", "TAAC%AACG$ACGT#", 0},
    {"r 67 c0 1 60 4M * 0 0 ACGT \"#$%", "ACGT$", 0},
    {"r 131 c0 1 60 4M * 0 0 ACGT \"#$%", "ACGT$", 1},
    {"r 147 c0 1 60 4M * 0 0 AACG \"#$%", "CGTT#", 1},
    /* the read's own bases, wherever its CIGAR puts them; = and X are aligned as well */
    {"r 0 c0 1 60 2=2X * 0 0 ACGT \"#$%", "", 0},
    {"r 0 c0 1 60 4= * 0 0 ACGT \"#$%", "ACGT$", 0},
    {"r 0 c0 1 60 4X * 0 0 ACGT \"#$%", "ACGT$", 0},
    /* nothing across clips, insertions, deletions and introns; nothing with N */
    {"r 0 c0 1 60 1S4M1S * 0 0 TACGTT !\"#$%&", "ACGT$", 0},
    {"r 0 c0 1 60 4M1I4M * 0 0 ACGTTTGCA \"#$%&'()*", "ACGT$TGCA)", 0},
    {"r 0 c0 1 60 2M1D2M * 0 0 ACGT \"#$%", "", 0},
    {"r 0 c0 1 60 2M9N2M * 0 0 ACGT \"#$%", "", 0},
    {"r 0 c0 1 60 9M * 0 0 ACGTNTGCA \"#$%&'()*", "ACGT$TGCA)", 0},
    {"r 0 c0 1 60 5M * 0 0 ACRTA \"#$%&", "", 0},
    {"r 0 c0 1 60 3M * 0 0 ACG \"#$", "", 0},
    /* the highest value, as itself */
    {"r 0 c0 1 60 4M * 0 0 ACGT ~~~~", "ACGT~", 0},
    {"r 0 c0 1 60 4M * 0 0 ACGT >>>>", "ACGT>", 0},
    {"r 4 c0 1 60 4M * 0 0 ACGT IIII", "", 0},
    {"r 0 c0 1 60 4M * 0 0 * *", "", 0},
};

START_TEST(test_counted)
{
    struct quality_counts *counts = new_counts();
    bam1_t *b = fixture_record(COUNTED[_i].sam);
    unsigned end = COUNTED[_i].end;
    uint64_t n = strlen(COUNTED[_i].want) / 5;
    ck_assert_uint_eq(quality_counts_add(counts, b, bam_get_qual(b)), n);
    ck_assert_uint_eq(counts->n_bases[end], n);
    for (const char *p = COUNTED[_i].want; *p; p += 5) {
        uint32_t *cell = &counts->joint[end][p[4] - 33][word_of(p)];
        ck_assert_msg(*cell > 0, "%s", p);
        --*cell;
    }
    for (unsigned e = 0; e < QUALITY_ENDS; e++)
        for (int q = 0; q < QUALITY_VALUES; q++)
            for (int word = 0; word < QUALITY_WORDS; word++)
                ck_assert_uint_eq(counts->joint[e][q][word], 0);
    bam_destroy1(b);
    free(counts);
}
END_TEST

/* A CIGAR that is longer than SEQ must not be followed. */
START_TEST(test_lengths_that_differ)
{
    struct quality_counts *counts = new_counts(), *none = new_counts();
    bam1_t *b = fixture_record("r 0 c0 1 60 4M * 0 0 ACGT IIII");
    bam_get_cigar(b)[0] = bam_cigar_gen(4000, BAM_CMATCH);
    ck_assert_uint_eq(quality_counts_add(counts, b, bam_get_qual(b)), 0);
    ck_assert_mem_eq(counts, none, sizeof *counts);
    bam_destroy1(b);
    free(counts);
    free(none);
}
END_TEST

static void expect_near(double got, double want)
{
    ck_assert_msg(fabs(got - want) < 1e-9, "%.12f, not %.12f", got, want);
}

/* Puts n bases of quality q into a context: one before the base, and the base. */
static void put(struct quality_counts *counts, unsigned end, int q, unsigned context,
                uint32_t n)
{
    counts->joint[end][q][context << 2] += n;
}

/* Joint distributions whose mutual information is known, less (a-1)(b-1)/(2 n ln 2) for a
 * qualities and b contexts that occur (Miller 1955). */
START_TEST(test_bits)
{
    enum quality_context before = QUALITY_CONTEXT_BEFORE;
    struct quality_counts *c = new_counts();
    expect_near(quality_counts_bits(c, QUALITY_ENDS, before), 0);
    put(c, 0, 30, 5, 1000);
    expect_near(quality_counts_bits(c, 0, before), 0);
    /* Independent: nothing but the correction. */
    memset(c, 0, sizeof *c);
    for (unsigned q = 0; q < 4; q++)
        for (unsigned i = 0; i < 8; i++)
            put(c, 1, 31 * (int)q, 8 * i, (q + 1) * (i + 1) * 100);
    expect_near(quality_counts_bits(c, 1, before), -3.0 * 7 / (2 * 36000 * log(2)));
    expect_near(quality_counts_bits(c, QUALITY_ENDS, before),
                -3.0 * 7 / (2 * 36000 * log(2)));
    expect_near(quality_counts_bits(c, 0, before), 0);
    /* The quality is the context: 6 bits, up to the highest quality. */
    memset(c, 0, sizeof *c);
    for (unsigned i = 0; i < 64; i++)
        put(c, 0, 30 + (int)i, i, 1000);
    expect_near(quality_counts_bits(c, 0, before), 6 - 63.0 * 63 / (2 * 64000 * log(2)));
    /* A binary symmetric channel with an error of 1/4: 1 - H(1/4); half in each end. */
    memset(c, 0, sizeof *c);
    for (unsigned end = 0; end < 2; end++) {
        put(c, end, 29, 3, 150000);
        put(c, end, 93, 9, 150000);
        put(c, end, 29, 9, 50000);
        put(c, end, 93, 3, 50000);
    }
    expect_near(quality_counts_bits(c, QUALITY_ENDS, before),
                1 + 0.25 * log2(0.25) + 0.75 * log2(0.75) - 1 / (2 * 800000 * log(2)));
    free(c);
}
END_TEST

/* Each context sees three of the four bases. */
START_TEST(test_contexts)
{
    static const struct {
        int shift;
        bool before, around; /* which context sees the base at this shift */
    } SEEN[] = {{6, true, false}, {4, true, true}, {2, true, true}, {0, false, true}};
    for (size_t i = 0; i < sizeof SEEN / sizeof *SEEN; i++) {
        struct quality_counts *c = new_counts();
        for (unsigned word = 0; word < QUALITY_WORDS; word++)
            c->joint[0][(word >> SEEN[i].shift & 3) < 2 ? 20 : 40][word] = 1000;
        double before = quality_counts_bits(c, 0, QUALITY_CONTEXT_BEFORE),
               around = quality_counts_bits(c, 0, QUALITY_CONTEXT_AROUND);
        ck_assert_int_eq(before > 0.99, SEEN[i].before);
        ck_assert_int_eq(before > 0.01, SEEN[i].before);
        ck_assert_int_eq(around > 0.99, SEEN[i].around);
        ck_assert_int_eq(around > 0.01, SEEN[i].around);
        free(c);
    }
}
END_TEST

/* Qualities beside indels, against the means of their cycles.  12 reads without an indel
 * have 30 throughout; the record has 40 in all bases, but 10 in those that are lowered.
 */
static const struct {
    const char *sam;
    double shift[QUALITY_WIDTHS];
} BESIDE[] = {
    {"r 0 c0 1 60 20M * 0 0 ACGTACGTACGTACGTACGT IIIIIIIIIIIIIIIIIIII", {0, 0}},
    {"r 0 c0 1 60 10M2D10M * 0 0 ACGTACGTACGTACGTACGT IIIIIIIII++IIIIIIIII",
     {-20 + 20.0 / 13, (2 * (-20 + 20.0 / 13) + 8 * (10 - 10.0 / 13)) / 10}},
    {"r 16 c0 1 60 10M2D10M * 0 0 ACGTACGTACGTACGTACGT IIIIIIIII++IIIIIIIII",
     {-20 + 20.0 / 13, (2 * (-20 + 20.0 / 13) + 8 * (10 - 10.0 / 13)) / 10}},
    {"r 0 c0 1 60 9M2I9M * 0 0 ACGTACGTACGTACGTACGT IIIIIIII+II+IIIIIIII",
     {-20 + 20.0 / 13, (2 * (-20 + 20.0 / 13) + 8 * (10 - 10.0 / 13)) / 10}},
    /* Near the edge of a read there are fewer bases, clipped ones among them. */
    {"r 0 c0 1 60 1S1M1D18M * 0 0 ACGTACGTACGTACGTACGT ++++IIIIIIIIIIIIIIII",
     {-20 + 20.0 / 13, (4 * (-20 + 20.0 / 13) + 3 * (10 - 10.0 / 13)) / 7}},
    /* An intron is no indel. */
    {"r 0 c0 1 60 10M50N10M * 0 0 ACGTACGTACGTACGTACGT IIIIIIIII++IIIIIIIII", {0, 0}},
};

START_TEST(test_beside_indels)
{
    struct quality_counts *counts = new_counts(), *other = new_counts();
    bam1_t *plain =
        fixture_record("p 0 c0 1 60 20M * 0 0 ACGTACGTACGTACGTACGT ????????????????????");
    bam1_t *last = fixture_record(
        "p 131 c0 1 60 20M * 0 0 ACGTACGTACGTACGTACGT ####################");
    bam1_t *b = fixture_record(BESIDE[_i].sam);
    for (int i = 0; i < 12; i++) {
        quality_counts_add(i % 2 ? counts : other, plain, bam_get_qual(plain));
        quality_counts_add(other, last, bam_get_qual(last)); /* has means of its own */
    }
    quality_counts_add(counts, b, bam_get_qual(b));
    quality_counts_merge(counts, other);
    ck_assert_uint_eq(counts->n_indel_reads, BESIDE[_i].shift[0] != 0);
    for (unsigned w = 0; w < QUALITY_WIDTHS; w++)
        expect_near(quality_counts_indel_shift(counts, w), BESIDE[_i].shift[w]);
    bam_destroy1(plain);
    bam_destroy1(last);
    bam_destroy1(b);
    free(counts);
    free(other);
}
END_TEST

/* A read of more cycles than are told apart, with an indel among the later ones. */
START_TEST(test_many_cycles)
{
    enum { LENGTH = 3000 };
    struct quality_counts *counts = new_counts();
    bam1_t *b = bam_init1();
    char *seq = malloc(LENGTH), *qual = malloc(LENGTH);
    for (int reverse = 0; reverse < 2; reverse++)
        for (int at = 1; at < LENGTH; at += 1 + at / 3) {
            uint32_t cigar[] = {bam_cigar_gen((uint32_t)at, BAM_CMATCH),
                                bam_cigar_gen(2, BAM_CDEL),
                                bam_cigar_gen((uint32_t)(LENGTH - at), BAM_CMATCH)};
            memset(seq, 'A', LENGTH);
            memset(qual, 30, LENGTH);
            ck_assert_int_ge(bam_set1(b, 2, "r", reverse ? BAM_FREVERSE : 0, 0, 10, 60, 3,
                                      cigar, -1, -1, 0, LENGTH, seq, qual, 0),
                             0);
            quality_counts_add(counts, b, bam_get_qual(b));
        }
    for (unsigned w = 0; w < QUALITY_WIDTHS; w++)
        expect_near(quality_counts_indel_shift(counts, w), 0);
    bam_destroy1(b);
    free(seq);
    free(qual);
    free(counts);
}
END_TEST

/* Two parts merged are what one count of all records is. */
START_TEST(test_merge)
{
    struct quality_counts *whole = new_counts(), *a = new_counts(), *b = new_counts();
    uint64_t s = 4;
    for (int i = 0; i < 400; i++) {
        char sam[120];
        snprintf(sam, sizeof sam, "r %d c0 1 60 %s * 0 0 ACGTACGTACGTACGTACGT %s",
                 (int[]){0, 16, 67, 131, 147}[rnd_below(&s, 5)],
                 (const char *[]){"20M", "10M5D10M", "5S8M2I5M"}[rnd_below(&s, 3)],
                 (const char *[]){"+5?I++55IIII5555????", "????????????????????",
                                  "~~~~~~~~~~!!!!!!!!!!"}[rnd_below(&s, 3)]);
        bam1_t *record = fixture_record(sam);
        quality_counts_add(whole, record, bam_get_qual(record));
        quality_counts_add(i % 3 ? a : b, record, bam_get_qual(record));
        bam_destroy1(record);
    }
    quality_counts_merge(a, b);
    ck_assert_mem_eq(a, whole, sizeof *a);
    ck_assert_uint_gt(a->n_indel_reads, 100);
    free(whole);
    free(a);
    free(b);
}
END_TEST

Suite *quality_counts_suite(void)
{
    Suite *suite = suite_create("quality_counts");
    TCase *tcase = tcase_create("quality_counts");
    tcase_add_loop_test(tcase, test_counted, 0, sizeof COUNTED / sizeof *COUNTED);
    tcase_add_test(tcase, test_lengths_that_differ);
    tcase_add_test(tcase, test_bits);
    tcase_add_test(tcase, test_contexts);
    tcase_add_loop_test(tcase, test_beside_indels, 0, sizeof BESIDE / sizeof *BESIDE);
    tcase_add_test(tcase, test_many_cycles);
    tcase_add_test(tcase, test_merge);
    suite_add_tcase(suite, tcase);
    return suite;
}
