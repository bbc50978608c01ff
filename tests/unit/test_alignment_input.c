#include <stdio.h>
#include <unistd.h>

#include "alignment/alignment_input.h"
#include "record_fixture.h"

Suite *alignment_input_suite(void);

enum { N_ON_C0 = 20000, STEP = 200, UNPLACED = 5 };
enum { C0, C1, C2, ALL_CONTIGS };

static char path[64], index_path[80];
static struct alignment_input in;
static bam1_t *b;

/* c0 full, c1 with a read that has no position on it, c2 empty, reads of no contig. */
static void write_file(const char *mode)
{
    htsFile *file = hts_open(path, mode);
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(sam_hdr_write(file, fixture_header()), 0);
    bam1_t *record = fixture_record("r 0 c0 1 60 10M * 0 0 ACGTACGTAC *");
    for (int i = 0; i < N_ON_C0; i++) {
        record->core.pos = 10 + STEP * (int64_t)i;
        ck_assert_int_ge(sam_write1(file, fixture_header(), record), 0);
    }
    fixture_parse(record, "u 4 c1 1 0 * * 0 0 ACGT *");
    record->core.pos = -1; /* which htslib does not parse */
    ck_assert_int_ge(sam_write1(file, fixture_header(), record), 0);
    fixture_parse(record, "m 0 c1 777 60 4M * 0 0 ACGT *");
    ck_assert_int_ge(sam_write1(file, fixture_header(), record), 0);
    fixture_parse(record, "u 4 * 0 0 * * 0 0 ACGT *");
    for (int i = 0; i < UNPLACED; i++)
        ck_assert_int_ge(sam_write1(file, fixture_header(), record), 0);
    ck_assert_int_eq(hts_close(file), 0);
    bam_destroy1(record);
}

static void set_up(const char *mode, const char *suffix)
{
    struct vl_error err = {0};
    snprintf(path, sizeof path, "/tmp/varlock-input-%d", (int)getpid());
    snprintf(index_path, sizeof index_path, "%s%s", path, suffix);
    write_file(mode);
    ck_assert_int_eq(sam_index_build3(path, index_path, 0, 0), 0);
    ck_assert_msg(alignment_input_open(&in, path, NULL, NULL, NULL, &err) == 0, "%s",
                  err.message);
    ck_assert_msg(alignment_input_need_index(&in, &err) == 0, "%s", err.message);
    b = bam_init1();
}

static void set_up_bam(void)
{
    set_up("wb", ".bai");
}

static void set_up_cram(void)
{
    set_up("wc,no_ref", ".crai");
}

static void tear_down(void)
{
    bam_destroy1(b);
    alignment_input_close(&in);
    unlink(path);
    unlink(index_path);
}

static bool next(void)
{
    struct vl_error err = {0};
    int rc = alignment_input_next(&in, b, &err);
    ck_assert_msg(rc >= 0, "%s", err.message);
    return rc;
}

/* Reads on to the first record at or behind the place; how many were passed over. */
static int read_to(int contig, int64_t pos0)
{
    int n = 0;
    while (next() && ((uint32_t)b->core.tid < (uint32_t)contig ||
                      (b->core.tid == contig && b->core.pos < pos0)))
        n++;
    return n;
}

static int count_rest(void)
{
    int n = 0;
    while (next())
        n++;
    return n;
}

/* To the record there; at 0 to the contig's first one. */
static int seek(size_t contig, int64_t pos0)
{
    return alignment_input_seek(&in, contig, pos0, pos0 > 0 ? pos0 + 1 : HTS_POS_MAX,
                                NULL);
}

START_TEST(test_seeks_near_every_place)
{
    for (int i = N_ON_C0 - 1; i > 0; i -= 997) {
        int64_t pos0 = 10 + STEP * (int64_t)i;
        ck_assert_int_eq(seek(C0, pos0), 1);
        ck_assert_int_le(read_to(C0, pos0), 4000);
        ck_assert_int_eq(b->core.pos, pos0);
    }
    ck_assert_int_eq(seek(C0, 0), 1);
    ck_assert_int_eq(read_to(C0, 0), 0);
    ck_assert_int_eq(b->core.pos, 10);
    ck_assert_int_eq(seek(C1, 776), 1);
    read_to(C1, 776);
    ck_assert_str_eq(bam_get_qname(b), "m");
    ck_assert_int_eq(count_rest(), UNPLACED);
}
END_TEST

START_TEST(test_seeks_what_overlaps_a_range)
{
    int64_t beg = 10 + STEP * (int64_t)5000;
    ck_assert_int_eq(alignment_input_seek(&in, C0, beg, beg + 5 * STEP, NULL), 1);
    ck_assert_int_le(read_to(C0, beg), 4000);
    ck_assert_int_eq(alignment_input_seek(&in, C1, 700, 5000, NULL), 1);
    read_to(C1, 776);
    ck_assert_str_eq(bam_get_qname(b), "m");
}
END_TEST

START_TEST(test_seeks_a_record_without_a_position_with_its_contig)
{
    ck_assert_int_eq(seek(C1, 0), 1);
    read_to(C1, -1);
    ck_assert_str_eq(bam_get_qname(b), "u");
    ck_assert_int_eq(count_rest(), 1 + UNPLACED);
}
END_TEST

START_TEST(test_seeks_the_unplaced_records)
{
    ck_assert_int_eq(seek(ALL_CONTIGS, -1), 1);
    ck_assert_int_eq(count_rest(), UNPLACED);
}
END_TEST

START_TEST(test_a_bam_tells_what_its_index_lacks)
{
    ck_assert_int_eq(seek(ALL_CONTIGS, -1), 1);
    ck_assert_int_eq(seek(C2, 0), 0);
    ck_assert_int_eq(seek(C1, -1), 0);
    ck_assert_int_eq(count_rest(), UNPLACED);
    ck_assert_int_eq(alignment_input_rewind(&in, NULL), 0);
    ck_assert_int_eq(count_rest(), N_ON_C0 + 2 + UNPLACED);
}
END_TEST

/* The head of a file, of which the masking is chosen, can be all of it. */
START_TEST(test_a_sam_read_by_threads_stays_at_its_end)
{
    struct vl_error err = {0};
    htsThreadPool pool = {hts_tpool_init(2), 0};
    snprintf(path, sizeof path, "/tmp/varlock-input-%d", (int)getpid());
    write_file("w");
    ck_assert_int_eq(alignment_input_open(&in, path, NULL, NULL, &pool, &err), 0);
    b = bam_init1();
    ck_assert_int_gt(count_rest(), 0);
    for (int i = 0; i < 3; i++)
        ck_assert(!next());
    bam_destroy1(b);
    alignment_input_close(&in);
    hts_tpool_destroy(pool.pool);
    unlink(path);
}
END_TEST

Suite *alignment_input_suite(void)
{
    Suite *suite = suite_create("alignment_input");
    TCase *sam_case = tcase_create("sam");
    tcase_set_timeout(sam_case, 60);
    tcase_add_test(sam_case, test_a_sam_read_by_threads_stays_at_its_end);
    suite_add_tcase(suite, sam_case);
    TCase *bam_case = tcase_create("bam"), *cram_case = tcase_create("cram");
    tcase_add_checked_fixture(bam_case, set_up_bam, tear_down);
    tcase_add_checked_fixture(cram_case, set_up_cram, tear_down);
    tcase_set_timeout(bam_case, 60);
    tcase_set_timeout(cram_case, 60);
    tcase_add_test(bam_case, test_seeks_near_every_place);
    tcase_add_test(bam_case, test_seeks_what_overlaps_a_range);
    tcase_add_test(bam_case, test_seeks_a_record_without_a_position_with_its_contig);
    tcase_add_test(bam_case, test_seeks_the_unplaced_records);
    tcase_add_test(bam_case, test_a_bam_tells_what_its_index_lacks);
    tcase_add_test(cram_case, test_seeks_near_every_place);
    tcase_add_test(cram_case, test_seeks_what_overlaps_a_range);
    tcase_add_test(cram_case, test_seeks_the_unplaced_records);
    suite_add_tcase(suite, bam_case);
    suite_add_tcase(suite, cram_case);
    return suite;
}
