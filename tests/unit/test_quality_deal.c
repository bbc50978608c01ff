#include "projection/quality.h"
#include "projection/quality_deal.h"
#include "record_fixture.h"
#include "varlock/contig.h"
#include "window/block.h"

Suite *quality_deal_suite(void);

static struct vl_contigs contigs;
static struct quality_dealer *dealer;
static struct record_array records;

static void open_dealer(void)
{
    uint8_t key[VL_MASK_KEY_BYTES];
    for (int i = 0; i < VL_MASK_KEY_BYTES; i++)
        key[i] = (uint8_t)i;
    memset(&contigs, 0, sizeof contigs);
    memset(&records, 0, sizeof records);
    ck_assert_int_eq(vl_contigs_add(&contigs, "c0", 5000000, NULL), 0);
    ck_assert_int_eq(vl_contigs_add(&contigs, "c1", 5000000, NULL), 0);
    ck_assert_int_eq(quality_dealer_open(&dealer, &contigs, key, NULL), 0);
}

static void close_dealer(void)
{
    quality_dealer_free(dealer);
    quality_dealer_free(NULL);
    record_array_clear(&records);
    vl_contigs_clear(&contigs);
}

/* Adds a masked record of n bases; tags may be "". */
static bam1_t *add(int flag, int32_t tid, int64_t pos0, int n, const char *tags)
{
    char sam[1000], seq[300], qual[300];
    bam1_t *b = record_array_add(&records);
    memset(seq, 'A', (size_t)n);
    memset(qual, 'I', (size_t)n);
    seq[n] = qual[n] = '\0';
    snprintf(sam, sizeof sam, "r %d %s %lld 60 * * 0 0 %s %s%s", flag,
             tid < 0    ? "*"
             : tid == 0 ? "c0"
                        : "c1",
             (long long)pos0 + 1, n ? seq : "*", n ? qual : "*", tags);
    fixture_parse(b, sam);
    b->core.flag = (uint16_t)flag; /* htslib adds 0x4 where there is no CIGAR */
    return b;
}

static void deal(uint64_t ordinal)
{
    const bam1_core_t *c = &records.v[0]->core;
    struct vl_locus first = {
        .contig = c->tid < 0 ? 2 : (uint32_t)c->tid, .pos0 = c->pos, .ordinal = ordinal};
    ck_assert_int_eq(quality_dealer_deal(dealer, &records, &first, NULL), 0);
    const uint32_t *sources = quality_dealer_sources(dealer);
    const uint32_t *places = quality_dealer_places(dealer);
    for (uint32_t i = 0; i < records.n; i++)
        if (sources[i] == QUALITY_FROM_NONE)
            ck_assert_uint_eq(places[i], i);
        else
            ck_assert_uint_eq(places[sources[i]], i);
}

static bool is_flat(size_t i)
{
    return quality_dealer_sources(dealer)[i] == QUALITY_FROM_NONE;
}

static size_t count_flat(void)
{
    size_t n = 0;
    for (size_t i = 0; i < records.n; i++)
        n += is_flat(i);
    return n;
}

/* Made by tests/tools/deal.py. */
static const uint32_t ALIKE[40] = {23, 37, 34, 27, 31, 35, 17, 9,  24, 10, 16, 2,  22, 33,
                                   13, 11, 30, 0,  18, 36, 19, 20, 6,  8,  4,  29, 1,  25,
                                   12, 21, 3,  14, 28, 15, 32, 26, 39, 5,  38, 7};
static const uint32_t MIXED[40] = {38, 19, 25, 9,  34, 3,  31, 17, 33, 39, 15, 30, 14, 2,
                                   12, 1,  22, 11, 8,  13, 37, 10, 32, 20, 21, 16, 36, 4,
                                   24, 35, 26, 18, 28, 27, 5,  29, 6,  0,  7,  23};

START_TEST(test_of_an_outside_oracle)
{
    for (int i = 0; i < 40; i++)
        add(0, 0, 10 * i + 100, 10 + (_i ? i % 3 : 0), "");
    deal(_i ? 0 : 3);
    ck_assert_mem_eq(quality_dealer_sources(dealer), _i ? MIXED : ALIKE, sizeof ALIKE);
}
END_TEST

START_TEST(test_another_ordinal_deals_otherwise)
{
    for (int i = 0; i < 40; i++)
        add(0, 0, 10 * i + 100, 10, "");
    deal(4);
    ck_assert_mem_ne(quality_dealer_sources(dealer), ALIKE, sizeof ALIKE);
}
END_TEST

/* How many records at how many starts, of which the last one has the rest. */
static const struct {
    int n, n_starts;
    bool deals;
} SIZES[] = {
    {31, 31, false}, {32, 31, false}, {32, 32, true}, {38, 32, false}, /* 7 at one */
    {35, 32, true},                                                    /* 4 of 35 */
    {36, 32, false},                                                   /* 5 of 36 */
    {56, 50, false},                                                   /* 7 of 56 */
    {57, 51, true},                                                    /* 7 of 57 */
    {56, 51, true},                                                    /* 6 of 56 */
};

START_TEST(test_sizes_of_groups)
{
    for (int i = 0; i < SIZES[_i].n; i++)
        add(0, 0, 100 + (i < SIZES[_i].n_starts ? i : SIZES[_i].n_starts - 1), 20, "");
    deal(0);
    ck_assert_uint_eq(count_flat(), SIZES[_i].deals ? 0 : (size_t)SIZES[_i].n);
}
END_TEST

/* Flags and tags of two kinds of records: do they deal together? */
static const struct {
    int flag;
    const char *tags;
    bool alike;
} KINDS[] = {
    {0, "", true},
    {0x10, "", false},
    {0x40, "", false},
    {0x80, "", false},
    {0x4, "", false},
    {0x1 | 0x2 | 0x8 | 0x20 | 0x200 | 0x400, "", true},
    {0, " RG:Z:rg1", false},
    {0, " RG:Z:lane1", true},
    {0, " RG:Z:rg01", true},
    {0, " RG:Z:rg0", true},
    {0, " RG:Z:rg2147483648", true},
    {0, " RG:Z:rg2147483647", false},
    {0, " BC:Z:ACGT", true},
};

/* Twenty of each kind are enough together only. */
START_TEST(test_who_is_alike)
{
    for (int i = 0; i < 40; i++)
        if (i % 2)
            add(0, 0, 100 + i, 20, "");
        else
            add(KINDS[_i].flag, 0, 100 + i, 20, KINDS[_i].tags);
    deal(0);
    ck_assert_uint_eq(count_flat(), KINDS[_i].alike ? 0 : 40);
}
END_TEST

/* Records of a length that too few have deal with each other, not with the others. */
START_TEST(test_few_of_a_length)
{
    for (int i = 0; i < 80; i++)
        add(0, 0, 100 + i, i % 2 ? 20 : 30 + i % 4 + i / 2 % 3, "");
    deal(0);
    for (uint32_t i = 0; i < 80; i++)
        ck_assert_uint_eq(quality_dealer_sources(dealer)[i] % 2, i % 2);
    ck_assert_uint_eq(count_flat(), 0);
}
END_TEST

/* The few left over are too few. */
START_TEST(test_left_over)
{
    for (int i = 0; i < 63; i++)
        add(0, 0, 100 + i, i % 2 ? 21 : 20, "");
    deal(0);
    for (uint32_t i = 0; i < 63; i++)
        ck_assert(is_flat(i) == (i % 2 == 1));
}
END_TEST

START_TEST(test_no_part)
{
    for (int i = 0; i < 80; i++) {
        bam1_t *b = add(0, 0, 100 + i, i % 4 == 1 ? 0 : 20, "");
        if (i % 4 == 2)
            memset(bam_get_qual(b), QUALITY_MISSING, 20);
    }
    deal(0);
    for (uint32_t i = 0; i < 80; i++) {
        uint32_t source = quality_dealer_sources(dealer)[i];
        if (i % 4 == 1 || i % 4 == 2)
            ck_assert_uint_eq(source, i);
        else
            ck_assert(source % 4 == 0 || source % 4 == 3);
    }
}
END_TEST

/* Unplaced records have no start in common. */
START_TEST(test_unplaced)
{
    for (int i = 0; i < 32 - _i; i++)
        add(4, -1, -1, 20, "");
    deal(100000);
    ck_assert_uint_eq(count_flat(), _i ? 31 : 0);
}
END_TEST

/* Nothing is dealt over the end of a block, and each is dealt otherwise. */
START_TEST(test_blocks)
{
    enum { N = BLOCK_RECORDS_MIN };
    for (int i = 0; i < 3 * N; i++)
        add(0, i / N == 2, (i / N == 1 ? 1 << BLOCK_SHIFT : 0) + i % N, 20, "");
    deal(0);
    const uint32_t *sources = quality_dealer_sources(dealer);
    int n_same[2] = {0};
    for (uint32_t i = 0; i < 3 * N; i++) {
        ck_assert_uint_eq(sources[i] / N, i / N);
        for (uint32_t k = 0; k < i / N; k++)
            n_same[k] += sources[i] % N == sources[k * N + i % N] % N;
    }
    ck_assert_int_lt(n_same[0], 20);
    ck_assert_int_lt(n_same[1], 20);
    /* The ordinal of what begins a block among others at its position counts. */
    close_dealer();
    open_dealer();
    for (int i = 0; i < BLOCK_RECORDS_MAX + N; i++)
        add(0, 0, i < N ? i : N, 1, i % 2 ? " RG:Z:rg1" : "");
    deal(0);
    ck_assert_uint_eq(count_flat(), records.n);
}
END_TEST

/* Of 40 records each shows each string about as often as any other. */
START_TEST(test_is_uniform)
{
    enum { N = 32, ROUNDS = 4000 };
    static int count[N][N];
    for (int i = 0; i < N; i++)
        add(0, 0, 100 + i, 20, "");
    for (int round = 0; round < ROUNDS; round++) {
        deal((uint64_t)round);
        for (uint32_t i = 0; i < N; i++)
            count[i][quality_dealer_sources(dealer)[i]]++;
    }
    for (int i = 0; i < N; i++)
        for (int k = 0; k < N; k++) /* 125, standard deviation 11 */
            ck_assert_msg(count[i][k] > 70 && count[i][k] < 180, "%d of %d: %d", k, i,
                          count[i][k]);
}
END_TEST

static const struct {
    bool is_reverse;
    const char *qual, *tail, *shown;
} FITS[] = {
    {false, "abcde", "", "abcde"}, {true, "abcde", "", "abcde"},
    {false, "abcde", "de", "abc"}, {true, "abcde", "ab", "cde"},
    {false, "abc", "", "abccc"},   {true, "abc", "", "aaabc"},
    {false, "abcde", "bcde", "a"}, {true, "abcde", "abcd", "e"},
    {false, "a", "", "aaa"},       {true, "a", "", "aaa"},
};

START_TEST(test_lengths)
{
    const uint8_t *qual = (const void *)FITS[_i].qual;
    size_t n = strlen(FITS[_i].qual), n_out = strlen(FITS[_i].shown),
           n_tail = strlen(FITS[_i].tail);
    uint8_t shown[8], back[8];
    bool is_reverse = FITS[_i].is_reverse;
    quality_fit(qual, n, is_reverse, shown, n_out);
    ck_assert_mem_eq(shown, FITS[_i].shown, n_out);
    if (n_tail > 0)
        ck_assert_mem_eq(quality_tail(qual, n_out, is_reverse), FITS[_i].tail, n_tail);
    quality_unfit(shown, n_out, (const void *)FITS[_i].tail, is_reverse, back, n);
    ck_assert_mem_eq(back, qual, n);
}
END_TEST

Suite *quality_deal_suite(void)
{
    Suite *suite = suite_create("quality_deal");
    TCase *tcase = tcase_create("quality_deal");
    tcase_add_checked_fixture(tcase, open_dealer, close_dealer);
    tcase_add_loop_test(tcase, test_of_an_outside_oracle, 0, 2);
    tcase_add_test(tcase, test_another_ordinal_deals_otherwise);
    tcase_add_loop_test(tcase, test_sizes_of_groups, 0,
                        (int)(sizeof SIZES / sizeof *SIZES));
    tcase_add_loop_test(tcase, test_who_is_alike, 0, (int)(sizeof KINDS / sizeof *KINDS));
    tcase_add_test(tcase, test_few_of_a_length);
    tcase_add_test(tcase, test_left_over);
    tcase_add_test(tcase, test_no_part);
    tcase_add_loop_test(tcase, test_unplaced, 0, 2);
    tcase_add_test(tcase, test_blocks);
    tcase_add_test(tcase, test_is_uniform);
    tcase_add_loop_test(tcase, test_lengths, 0, (int)(sizeof FITS / sizeof *FITS));
    suite_add_tcase(suite, tcase);
    return suite;
}
