#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "varlock/region.h"

Suite *region_suite(void);

static struct vl_contigs contigs;
static struct vl_ranges ranges;

static void setup(void)
{
    contigs = VL_CONTIGS_INIT;
    ranges = VL_RANGES_INIT;
    ck_assert_int_eq(vl_contigs_add(&contigs, "chr1", 10000, NULL), 0);
    ck_assert_int_eq(vl_contigs_add(&contigs, "chr2", 500, NULL), 0);
    ck_assert_int_eq(vl_contigs_add(&contigs, "HLA:1", 300, NULL), 0);
    ck_assert_int_eq(vl_contigs_add(&contigs, "HLA", 300, NULL), 0);
    ck_assert_int_eq(vl_contigs_add(&contigs, "HLA:2:3", 300, NULL), 0);
    ck_assert_int_eq(vl_contigs_add(&contigs, "unknown", 0, NULL), 0);
    ck_assert_int_eq(vl_contigs_index(&contigs), 0);
}

static void teardown(void)
{
    vl_ranges_clear(&ranges);
    vl_contigs_clear(&contigs);
}

static const struct {
    const char *text;
    int contig;
    int64_t beg, end;
} good[] = {
    {"chr1", 0, 0, VL_POS_MAX},
    {"chr1:1", 0, 0, VL_POS_MAX},
    {"chr1:1,000", 0, 999, VL_POS_MAX},
    {"chr1:1,000-", 0, 999, VL_POS_MAX},
    {"chr1:1,000-2,000", 0, 999, 2000},
    {"chr1:-2,000", 0, 0, 2000},
    {"chr1:7-7", 0, 6, 7},
    {"chr1:1k", 0, 999, VL_POS_MAX},
    {"chr1:1k-1.5K", 0, 999, 1500},
    {"chr1:0.002m-2.5e+3", 0, 1999, 2500},
    {"chr1:1,500.0-2e3", 0, 1499, 2000},
    {"chr1:20e-1-1g", 0, 1, VL_POS_MAX},
    {"chr1:0.0025m-", 0, 2499, VL_POS_MAX},
    {"chr1:9999-10000", 0, 9998, VL_POS_MAX},
    {"chr1:10000-999999999999", 0, 9999, VL_POS_MAX},
    {"{chr1}", 0, 0, VL_POS_MAX},
    {"{chr1}:5-6", 0, 4, 6},
    {"{HLA:1}", 2, 0, VL_POS_MAX},
    {"{HLA}:1", 3, 0, VL_POS_MAX},
    {"HLA:1:5-6", 2, 4, 6},
    {"HLA:2:3", 4, 0, VL_POS_MAX},
    {"HLA:7-9", 3, 6, 9},
    {"unknown:5-6", 5, 4, 6},
};

START_TEST(test_region_is_read)
{
    struct vl_error err = {0};
    ck_assert_int_eq(vl_ranges_parse(&ranges, &contigs, good[_i].text, &err), 0);
    ck_assert_uint_eq(ranges.n, 1);
    ck_assert_int_eq(ranges.v[0].contig, good[_i].contig);
    ck_assert_int_eq(ranges.v[0].beg, good[_i].beg);
    ck_assert_int_eq(ranges.v[0].end, good[_i].end);
    ck_assert(!ranges.unplaced);
}
END_TEST

static const char *const bad[] = {"chr3",
                                  "",
                                  ":",
                                  "chr1:",
                                  "chr1:-",
                                  "chr1:x",
                                  "chr1:5-4",
                                  "chr1:0-5",
                                  "chr1:1-2x",
                                  "chr1:1--2",
                                  "chr1:,",
                                  "chr1:1-2-3",
                                  "chr1:10001",
                                  "chr1:1.5",
                                  "chr1:.5k",
                                  "chr1:1e",
                                  "chr1:1ke3",
                                  "chr1:1kk",
                                  "chr1:1.2.3k",
                                  "chr1:1t",
                                  "chr1:1e99",
                                  "chr1:1e-2",
                                  "chr1:9223372036854775807k",
                                  "HLA:1",
                                  "{chr1",
                                  "{chr1}x",
                                  "{chr1}:",
                                  "{}",
                                  "chr1:-0",
                                  "chr1: 1-2",
                                  "chr1:-5 - 6",
                                  "**",
                                  "chr2:501-600",
                                  "chr1:99999999999999999999-99999999999999999999"};

START_TEST(test_bad_region_is_refused)
{
    struct vl_error err = {0};
    ck_assert_int_eq(vl_ranges_parse(&ranges, &contigs, bad[_i], &err), VL_ERR_USAGE);
    ck_assert_uint_eq(ranges.n, 0);
    ck_assert_int_eq(err.code, VL_ERR_USAGE);
    ck_assert(err.message[0] != '\0');
}
END_TEST

START_TEST(test_one_position_is_told)
{
    static const char *const ONE[] = {"chr1:7", "chr1:1,000", "chr1:1.5k", "{chr1}:7",
                                      "HLA:2:3:1"};
    static const char *const OTHER[] = {"chr1",    "chr1:7-", "chr1:7-7", "chr1:-7",
                                        "HLA:2:3", "chr1:x",  "chr3:7",   "chr1:1.5"};
    for (size_t i = 0; i < sizeof ONE / sizeof *ONE; i++)
        ck_assert_msg(vl_region_is_position(&contigs, ONE[i]), "%s", ONE[i]);
    for (size_t i = 0; i < sizeof OTHER / sizeof *OTHER; i++)
        ck_assert_msg(!vl_region_is_position(&contigs, OTHER[i]), "%s", OTHER[i]);
}
END_TEST

START_TEST(test_star_is_unplaced)
{
    ck_assert_int_eq(vl_ranges_parse(&ranges, &contigs, "*", NULL), 0);
    ck_assert_uint_eq(ranges.n, 0);
    ck_assert(ranges.unplaced);
}
END_TEST

static void parse(struct vl_ranges *set, const char *text)
{
    struct vl_error err = {0};
    ck_assert_msg(vl_ranges_parse(set, &contigs, text, &err) == 0, "%s", err.message);
}

static void assert_formatted(const struct vl_ranges *set, size_t max_shown,
                             const char *text)
{
    struct vl_buf out = VL_BUF_INIT;
    vl_ranges_format(set, &contigs, max_shown, &out);
    vl_buf_add_byte(&out, '\0');
    ck_assert_str_eq((const char *)out.data, text);
    vl_buf_clear(&out);
}

START_TEST(test_unions_are_joined)
{
    parse(&ranges, "chr2:1-10");
    parse(&ranges, "chr1:200-300");
    parse(&ranges, "chr1:1-100");
    parse(&ranges, "chr1:101-150");
    parse(&ranges, "chr1:250-260");
    parse(&ranges, "chr1:290-310");
    parse(&ranges, "chr1:312-400");
    vl_ranges_normalise(&ranges);
    assert_formatted(&ranges, 0, "chr1:1-150 chr1:200-310 chr1:312-400 chr2:1-10");
    assert_formatted(&ranges, 2, "chr1:1-150 chr1:200-310 ...");
    ranges.unplaced = true;
    assert_formatted(&ranges, 4, "chr1:1-150 chr1:200-310 chr1:312-400 chr2:1-10 *");
}
END_TEST

START_TEST(test_ends_are_written_as_read)
{
    vl_ranges_normalise(&ranges);
    assert_formatted(&ranges, 0, "");
    parse(&ranges, "chr1:501");
    parse(&ranges, "chr2");
    parse(&ranges, "unknown:7");
    assert_formatted(&ranges, 0, "chr1:501-10000 chr2 unknown:7-");
}
END_TEST

/* The set as a table of single positions, against which the queries are checked. */
enum { TABLE = 60 };

START_TEST(test_queries_agree_with_a_table)
{
    srandom(20240501);
    for (int round = 0; round < 200; round++) {
        bool in[2][TABLE] = {{false}};
        vl_ranges_clear(&ranges);
        for (int i = 0; i < 5; i++) {
            int32_t contig = (int32_t)(random() % 2);
            int64_t beg = 1 + random() % (TABLE - 10), end = beg + 1 + random() % 8;
            ck_assert_int_eq(vl_ranges_add(&ranges, &contigs, contig, beg, end), 0);
            for (int64_t p = beg; p < end; p++)
                in[contig][p] = true;
        }
        vl_ranges_normalise(&ranges);
        for (int32_t contig = 0; contig < 2; contig++)
            for (int64_t beg = 0; beg < TABLE; beg++)
                for (int64_t end = beg; end <= TABLE && end < beg + 20; end++) {
                    bool any = in[contig][beg], all = any;
                    for (int64_t p = beg; p < end; p++) {
                        any = any || in[contig][p];
                        all = all && in[contig][p];
                    }
                    ck_assert_int_eq(vl_ranges_overlap(&ranges, contig, beg, end), any);
                    ck_assert_int_eq(vl_ranges_contain(&ranges, contig, beg, end), all);
                }
    }
}
END_TEST

START_TEST(test_open_ends_take_in_what_hangs_over)
{
    parse(&ranges, "chr1:1-10");
    parse(&ranges, "chr2:400-500");
    vl_ranges_normalise(&ranges);
    ck_assert(vl_ranges_contain(&ranges, 0, -30, 5));
    ck_assert(vl_ranges_overlap(&ranges, 0, -30, -20));
    ck_assert(!vl_ranges_contain(&ranges, 0, -30, 11));
    ck_assert(vl_ranges_contain(&ranges, 1, 450, 700));
    ck_assert(vl_ranges_overlap(&ranges, 1, 600, 700));
    ck_assert(!vl_ranges_overlap(&ranges, 3, 0, 10));
    ck_assert(!vl_ranges_overlap(&ranges, 1, -5, 399));
}
END_TEST

START_TEST(test_seek_finds_the_next_range)
{
    parse(&ranges, "chr1:11-20");
    parse(&ranges, "chr1:31-40");
    parse(&ranges, "HLA:5-6");
    vl_ranges_normalise(&ranges);
    ck_assert_uint_eq(vl_ranges_seek(&ranges, 0, 0), 0);
    ck_assert_uint_eq(vl_ranges_seek(&ranges, 0, 19), 0);
    ck_assert_uint_eq(vl_ranges_seek(&ranges, 0, 20), 1);
    ck_assert_uint_eq(vl_ranges_seek(&ranges, 0, 40), 2);
    ck_assert_uint_eq(vl_ranges_seek(&ranges, 1, 0), 2);
    ck_assert_uint_eq(vl_ranges_seek(&ranges, 4, 0), 3);
}
END_TEST

START_TEST(test_containment_of_sets)
{
    struct vl_ranges inner = VL_RANGES_INIT;
    struct vl_range outside;
    parse(&ranges, "chr1:100-200");
    parse(&ranges, "chr2");
    vl_ranges_normalise(&ranges);
    ck_assert(vl_ranges_contain_all(&ranges, &inner, &outside));
    parse(&inner, "chr1:100-200");
    parse(&inner, "chr2:5-10");
    vl_ranges_normalise(&inner);
    ck_assert(vl_ranges_contain_all(&ranges, &inner, &outside));
    inner.unplaced = true;
    ck_assert(!vl_ranges_contain_all(&ranges, &inner, &outside));
    ck_assert_int_eq(outside.contig, -1);
    parse(&inner, "chr1:150-201");
    vl_ranges_normalise(&inner);
    ck_assert(!vl_ranges_contain_all(&ranges, &inner, &outside));
    ck_assert_int_eq(outside.contig, 0);
    ck_assert_int_eq(outside.end, 201);
    ck_assert(!vl_ranges_contain_all(&ranges, &inner, NULL));

    struct vl_ranges everything = VL_RANGES_INIT;
    ck_assert_int_eq(vl_ranges_add_all(&everything, &contigs), 0);
    ck_assert(vl_ranges_contain_all(&everything, &inner, NULL));
    ck_assert(!vl_ranges_contain_all(&inner, &everything, NULL));
    vl_ranges_clear(&everything);
    vl_ranges_clear(&inner);
}
END_TEST

/* Every line of `text`, as of a file `x.bed`. */
static int read_bed(const char *text, struct vl_error *err)
{
    int rc = 0;
    for (uint64_t n = 1; rc == 0 && *text; n++) {
        size_t length = strcspn(text, "\n") + 1;
        char *line = strndup(text, length);
        rc = vl_ranges_add_bed_line(&ranges, &contigs, line, "x.bed", n, err);
        free(line);
        text += strnlen(text, length);
    }
    return rc;
}

START_TEST(test_bed_is_read)
{
    struct vl_error err = {0};
    ck_assert_int_eq(read_bed("# comment\ntrack name=x\nbrowser position\n\n  \r\n"
                              "chr1\t0\t10\tname\t0\t+\r\nchr2 5 5000\nchr1\t10\t20",
                              &err),
                     0);
    vl_ranges_normalise(&ranges);
    assert_formatted(&ranges, 0, "chr1:1-20 chr2:6-500");
}
END_TEST

static const struct {
    const char *text, *message;
} bad_beds[] = {
    {"chr1\t0\t10\nchr3\t0\t10\n", "x.bed:2: unknown contig chr3"},
    {"chr1\t10\t10\n", "x.bed:1: empty interval"},
    {"chr1\t-1\t10\n", "x.bed:1: not a BED line (contig, begin, end)"},
    {"chr1\t1\n", "x.bed:1: not a BED line (contig, begin, end)"},
    {"chr1\t1\t99999999999999999999\n", "x.bed:1: not a BED line (contig, begin, end)"},
    {"\nchr2\t500\t600\n", "x.bed:2: begins behind the end of chr2 (500)"},
};

START_TEST(test_bad_bed_is_refused_with_its_line)
{
    struct vl_error err = {0};
    ck_assert_int_eq(read_bed(bad_beds[_i].text, &err), VL_ERR_DATA);
    ck_assert_str_eq(err.message, bad_beds[_i].message);
}
END_TEST

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))

Suite *region_suite(void)
{
    Suite *suite = suite_create("region");
    TCase *tc = tcase_create("region");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, test_region_is_read, 0, COUNT(good));
    tcase_add_loop_test(tc, test_bad_region_is_refused, 0, COUNT(bad));
    tcase_add_test(tc, test_one_position_is_told);
    tcase_add_test(tc, test_star_is_unplaced);
    tcase_add_test(tc, test_unions_are_joined);
    tcase_add_test(tc, test_ends_are_written_as_read);
    tcase_add_test(tc, test_queries_agree_with_a_table);
    tcase_add_test(tc, test_open_ends_take_in_what_hangs_over);
    tcase_add_test(tc, test_seek_finds_the_next_range);
    tcase_add_test(tc, test_containment_of_sets);
    tcase_add_test(tc, test_bed_is_read);
    tcase_add_loop_test(tc, test_bad_bed_is_refused_with_its_line, 0, COUNT(bad_beds));
    suite_add_tcase(suite, tc);
    return suite;
}
