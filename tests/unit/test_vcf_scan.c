#include <check.h>
#include <htslib/hts.h>
#include <stdio.h>

#include "../fuzz/scanned_line.h"
#include "vcf/vcf_scan.h"
#include "vcf/vcf_variant.h"

Suite *vcf_scan_suite(void);

enum { N_RANDOM_LINES = 200000 };

static struct line_comparison comparison;
static int log_level;

static void start(void)
{
    log_level = hts_get_log_level();
    hts_set_log_level(HTS_LOG_OFF);
    ck_assert_int_eq(line_comparison_init(&comparison, true), 0);
}

static void stop(void)
{
    line_comparison_clear(&comparison);
    hts_set_log_level(log_level);
}

/* Each line twice, as the first one teaches the names that the second one expects. */
START_TEST(test_lines)
{
    const char *line = SCANNED_LINES[_i].line;
    for (int round = 0; round < 2; round++)
        ck_assert_msg(line_compare(&comparison, line, strlen(line)) ==
                          SCANNED_LINES[_i].scanned,
                      "%s", line);
}
END_TEST

START_TEST(test_values)
{
    static const char LINE[] = "c10\t9\t.\tg\tA,<X>,T\t.\tPASS\tDB;AC=4,5,6;AN=20";
    struct vcf_variant v;
    ck_assert(vcf_scan_line(&comparison.scan, LINE, strlen(LINE), &v));
    ck_assert_str_eq(bcf_hdr_id2name(comparison.header, v.rid), "c10");
    ck_assert_int_eq(v.pos0, 8);
    ck_assert_int_eq(v.ref, 2);
    ck_assert_int_eq(v.alts, 1 | 8);
    ck_assert(!v.repeats);
    ck_assert_ptr_null(v.record);
    ck_assert_int_eq(v.alt_count[0], 4);
    ck_assert_int_eq(v.alt_count[3], 6);
    ck_assert_int_eq(v.ac_sum, 15);
    ck_assert_int_eq(v.an, 20);
}
END_TEST

START_TEST(test_nul_in_a_line)
{
    static const char LINE[] = "c1\t9\t.\tA\tC\t.\t.\tNOTE=\0;AC=1;AN=10";
    ck_assert_int_eq(line_compare(&comparison, LINE, sizeof LINE - 1), 0);
}
END_TEST

/* A header without samples: what follows INFO is nobody's. */
START_TEST(test_without_samples)
{
    static const char LINE[] = "c1\t9\t.\tA\tC\t.\t.\tAC=1;AN=10\tGT:x\t\t";
    struct line_comparison c;
    ck_assert_int_eq(line_comparison_init(&c, false), 0);
    ck_assert_int_eq(line_compare(&c, LINE, strlen(LINE)), 1);
    line_comparison_clear(&c);
}
END_TEST

/* One INFO entry more than a record of htslib holds. */
START_TEST(test_too_many_entries)
{
    kstring_t line = KS_INITIALIZE;
    kputs("c1\t9\t.\tA\tC\t.\t.\tAC=1;AN=10", &line);
    ck_assert_int_eq(line_compare(&comparison, line.s, line.l), 1);
    for (int i = 0; i < UINT16_MAX; i++)
        kputs(";DB", &line);
    ck_assert_int_eq(line_compare(&comparison, line.s, line.l), 0);
    free(line.s);
}
END_TEST

static unsigned draw(unsigned below)
{
    static uint64_t state = 2026;
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(state >> 33) % below;
}

/* Removes, doubles or replaces a few bytes of the line, or inserts one. */
static void change(kstring_t *line)
{
    static const char BYTES[] = "\t\t;;==,.ACGTacgtN0123456789|/:-+<>*_B\r ";
    enum { REMOVE, DOUBLE, REPLACE, INSERT, N_CHANGES } how = draw(N_CHANGES);
    kstring_t old = KS_INITIALIZE;
    size_t at = draw((unsigned)line->l + 1), n = draw(4);
    if (n > line->l - at)
        n = line->l - at;
    kputsn(line->s, line->l, &old);
    line->l = at;
    if (how == DOUBLE)
        kputsn(old.s + at, n, line);
    if (how == REPLACE || how == INSERT)
        kputc(BYTES[draw(sizeof BYTES - 1)], line);
    size_t next = at + (how == REMOVE || how == REPLACE ? n : 0);
    kputsn(old.s + next, old.l - next, line);
    free(old.s);
}

/* Lines that are nearly right. */
START_TEST(test_random_lines)
{
    int n_scanned = 0;
    kstring_t line = KS_INITIALIZE;
    for (int i = 0; i < N_RANDOM_LINES; i++) {
        unsigned from;
        do
            from = draw(N_SCANNED_LINES);
        while (i % 2 && !SCANNED_LINES[from].scanned);
        line.l = 0;
        kputs(SCANNED_LINES[from].line, &line);
        for (unsigned k = 1 + draw(2); k > 0; k--)
            change(&line);
        int rc = line_compare(&comparison, line.s, line.l);
        ck_assert_msg(rc >= 0, "%s", line.s);
        n_scanned += rc;
    }
    ck_assert_int_gt(n_scanned, N_RANDOM_LINES / 10);
    free(line.s);
}
END_TEST

Suite *vcf_scan_suite(void)
{
    Suite *suite = suite_create("vcf_scan");
    TCase *tc = tcase_create("vcf_scan");
    tcase_add_checked_fixture(tc, start, stop);
    tcase_add_loop_test(tc, test_lines, 0, N_SCANNED_LINES);
    tcase_add_test(tc, test_values);
    tcase_add_test(tc, test_nul_in_a_line);
    tcase_add_test(tc, test_without_samples);
    tcase_add_test(tc, test_too_many_entries);
    tcase_add_test(tc, test_random_lines);
    suite_add_tcase(suite, tc);
    return suite;
}
