#include <stdio.h>

#include "projection/pseudonym.h"
#include "projection/quality_guard.h"
#include "record_fixture.h"

Suite *quality_guard_suite(void);

enum { LENGTH = 1003, COUNTED = 1000 }; /* bases of a read, and those that are counted */

static struct vl_names read_groups;
static uint64_t random_state;

static void setup(void)
{
    random_state = 5;
    for (int i = 0; i < 200; i++) {
        char name[16];
        snprintf(name, sizeof name, "g%d", i);
        ck_assert_int_eq(vl_names_add(&read_groups, name), 0);
    }
    ck_assert_int_eq(vl_names_index(&read_groups), 0);
}

static void teardown(void)
{
    vl_names_clear(&read_groups);
}

static struct quality_guard *new_guard(enum quality_mode mode)
{
    struct quality_guard *guard;
    ck_assert_int_eq(quality_guard_open(&guard, mode, &read_groups, "in.bam", NULL), 0);
    return guard;
}

/* How the qualities of a read go with its bases. */
enum kind { INNOCENT, TELLING };

struct reads {
    const char *name, *group; /* NULL: without a read group */
    int flag;
    enum kind kind;
    int n;
};

static void add_reads(struct quality_guard *guard, const struct reads *reads)
{
    static const char LETTERS[] = "ACGT";
    char seq[LENGTH], qual[LENGTH];
    bam1_t *b = bam_init1();
    uint32_t cigar = bam_cigar_gen(LENGTH, BAM_CMATCH);
    for (int i = 0; i < reads->n; i++) {
        for (int at = 0; at < LENGTH; at++) {
            uint64_t drawn = rnd(&random_state);
            seq[at] = LETTERS[drawn & 3];
            qual[at] = (reads->kind == TELLING ? drawn & 1 : drawn >> 2 & 1) ? 20 : 40;
        }
        ck_assert_int_ge(bam_set1(b, strlen(reads->name), reads->name,
                                  (uint16_t)reads->flag, 0, 10, 60, 1, &cigar, -1, -1, 0,
                                  LENGTH, seq, qual, 32),
                         0);
        if (reads->group)
            bam_aux_append(b, "RG", 'Z', (int)strlen(reads->group) + 1,
                           (const uint8_t *)reads->group);
        ck_assert_int_eq(
            quality_guard_add(guard, b, read_group_of(b, &read_groups), NULL), 0);
    }
    bam_destroy1(b);
}

static void expect(struct quality_guard *guard, const char *said)
{
    struct vl_error err = {0};
    int rc = quality_guard_finish(guard, &err);
    ck_assert_msg((rc == 0) == (said == NULL), "%s", err.message);
    if (said) {
        ck_assert_int_eq(rc, VL_ERR_DATA);
        ck_assert_msg(strstr(err.message, said), "%s", err.message);
        ck_assert_ptr_nonnull(strstr(err.message, "--qual flat"));
        ck_assert_int_eq(strncmp(err.message, "in.bam: ", 8), 0);
    }
}

static const char LANE_2[] = "A1:58:HJ7FJDSXX:2:1101:1000:2000",
                  LANE_3[] = "A1:58:HJ7FJDSXX:3:1101:1000:2000",
                  OTHER_CELL[] = "A1:59:HXXXXDSXX:2:1101:1000:2000";

/* A little more than 2 million counted bases are judged apart, a little less are judged
 * together with other small groups. */
static const struct {
    struct reads reads[3];
    const char *said;
} GROUPS[] = {
    {{{"r", "g0", 0, INNOCENT, 20000}, {"r", "g1", 0, TELLING, 2001}},
     "(read group g1; limit 0.05)"},
    {{{"r", "g0", 0, INNOCENT, 20000}, {"r", "g1", 0, TELLING, 1999}},
     "(read group g1; limit"},
    {{{"r", "g0", 0, INNOCENT, 20000},
      {"r", "g1", 0, TELLING, 60},
      {"r", "g2", 0, TELLING, 60}},
     "(small read groups; limit"},
    {{{"r", "g0", 0, INNOCENT, 1999},
      {"r", "g1", 0, INNOCENT, 1999},
      {"r", "g2", 0, TELLING, 800}},
     NULL},
    {{{"r", "g0", 0, INNOCENT, 1999},
      {"r", "g1", 0, INNOCENT, 1999},
      {"r", "g2", 0, TELLING, 1999}},
     "(all reads; limit"},
    {{{"r", "g0", 0, INNOCENT, 20000}, {"r", NULL, 0, TELLING, 2001}},
     "(reads without a read group; limit"},
    {{{"r", "g0", 0, INNOCENT, 20000}, {"r", "other", 0, TELLING, 2001}},
     "(reads without a read group; limit"},
    /* lanes within one read group, or without any */
    {{{LANE_2, "g0", 0, INNOCENT, 20000}, {LANE_3, "g0", 0, TELLING, 2001}},
     "(lane HJ7FJDSXX:3; limit"},
    {{{LANE_2, NULL, 0, INNOCENT, 20000}, {OTHER_CELL, NULL, 0, TELLING, 2001}},
     "(lane HXXXXDSXX:2; limit"},
    /* small lanes by flow cell, and all others together */
    {{{LANE_2, "g0", 0, INNOCENT, 20000},
      {LANE_3, "g0", 0, TELLING, 50},
      {"A1:58:HJ7FJDSXX:4:1101:1000:2000", "g0", 0, TELLING, 51}},
     "(small lanes of flow cell HJ7FJDSXX; limit"},
    {{{LANE_2, "g0", 0, INNOCENT, 20000},
      {OTHER_CELL, "g0", 0, TELLING, 60},
      {"r", "g0", 0, TELLING, 60}},
     "(small lanes; limit"},
    {{{LANE_2, "g0", 0, INNOCENT, 20000}, {LANE_3, "g0", 0, TELLING, 99}}, NULL},
    /* the ends of pairs */
    {{{"r", "g0", 0x43, INNOCENT, 1000}, {"r", "g0", 0x83, TELLING, 150}},
     "(all reads, last reads; limit"},
    {{{"r", "g0", 0x83, INNOCENT, 1000}, {"r", "g0", 0x43, TELLING, 150}},
     "(all reads, first reads; limit"},
    {{{"r", "g0", 0x43, INNOCENT, 1000}, {"r", "g0", 0x83, TELLING, 99}}, NULL},
    /* too few to be judged */
    {{{"r", "g0", 0, TELLING, 99}}, NULL},
    {{{"r", "g0", 0, TELLING, 101}}, "QUAL tells 1.00"},
    /* what is not shown, or not aligned, is not judged */
    {{{"r", "g0", 0x100, TELLING, 3000}, {"r", "g0", 0x800, TELLING, 3000}}, NULL},
    {{{"r", "g0", 0x4, TELLING, 3000}, {"r", "g0", 0, INNOCENT, 200}}, NULL},
};

START_TEST(test_groups)
{
    struct quality_guard *guard = new_guard(QUALITY_KEEP);
    for (int i = 0; i < 3; i++)
        if (GROUPS[_i].reads[i].n > 0)
            add_reads(guard, &GROUPS[_i].reads[i]);
    expect(guard, GROUPS[_i].said);
    quality_guard_free(guard);
}
END_TEST

/* More groups than are told apart are judged all the same. */
START_TEST(test_many_groups)
{
    struct quality_guard *guard = new_guard(QUALITY_KEEP);
    for (int i = 0; i < 200; i++)
        add_reads(guard, &(struct reads){"r", read_groups.v[i], 0,
                                         i < 150 ? INNOCENT : TELLING, 2});
    ck_assert_uint_eq(quality_guard_n_bases(guard), 400 * COUNTED);
    add_reads(guard, &(struct reads){"r", "g199", 0, TELLING, 2001});
    expect(guard, "(reads without a read group; limit");
    quality_guard_free(guard);
}
END_TEST

/* Adds n reads with a deletion, whose qualities beside it are moved by `by`. */
static void add_deletions(struct quality_guard *guard, int n, int by)
{
    uint32_t cigar[] = {bam_cigar_gen(100, BAM_CMATCH), bam_cigar_gen(3, BAM_CDEL),
                        bam_cigar_gen(LENGTH - 100, BAM_CMATCH)};
    char seq[LENGTH], qual[LENGTH];
    bam1_t *b = bam_init1();
    memset(qual, 30, LENGTH);
    qual[99] = qual[100] = (char)(30 + by);
    for (int i = 0; i < n; i++) {
        for (int at = 0; at < LENGTH; at++)
            seq[at] = "ACGT"[rnd_below(&random_state, 4)];
        ck_assert_int_ge(
            bam_set1(b, 1, "d", 0, 0, 10, 60, 3, cigar, -1, -1, 0, LENGTH, seq, qual, 0),
            0);
        ck_assert_int_eq(quality_guard_add(guard, b, -1, NULL), 0);
    }
    bam_destroy1(b);
}

static const struct {
    int n, by;
    const char *said;
} DELETIONS[] = {
    {200, -5, "QUAL beside indels lies 4.8 below the mean of its cycle (all reads"},
    {200, 5, "QUAL beside indels lies 4.8 above the mean of its cycle (all reads"},
    {199, -25, NULL},
    {200, -4, NULL},
    {200, 4, NULL},
};

START_TEST(test_indels)
{
    struct quality_guard *guard = new_guard(QUALITY_KEEP);
    add_deletions(guard, DELETIONS[_i].n, DELETIONS[_i].by);
    /* These move the means of the cycles most of the way to 30. */
    bam1_t *b = bam_init1();
    char seq[LENGTH], qual[LENGTH];
    uint32_t cigar = bam_cigar_gen(LENGTH, BAM_CMATCH);
    memset(seq, 'A', LENGTH);
    memset(qual, 30, LENGTH);
    for (int i = 0; i < 4800; i++) {
        ck_assert_int_ge(
            bam_set1(b, 1, "p", 0, 0, 10, 60, 1, &cigar, -1, -1, 0, LENGTH, seq, qual, 0),
            0);
        ck_assert_int_eq(quality_guard_add(guard, b, -1, NULL), 0);
    }
    expect(guard, DELETIONS[_i].said);
    bam_destroy1(b);
    quality_guard_free(guard);
}
END_TEST

/* Under `oq` the qualities of OQ are judged, under `keep` those of QUAL. */
START_TEST(test_what_is_shown)
{
    bool oq_tells = _i;
    struct quality_guard *oq = new_guard(QUALITY_OQ), *keep = new_guard(QUALITY_KEEP);
    bam1_t *b = bam_init1();
    char seq[LENGTH], tells[LENGTH], flat[LENGTH], text[LENGTH + 1] = "";
    uint32_t cigar = bam_cigar_gen(LENGTH, BAM_CMATCH);
    memset(flat, 30, LENGTH);
    for (int i = 0; i < 200; i++) {
        for (int at = 0; at < LENGTH; at++) {
            seq[at] = "ACGT"[rnd_below(&random_state, 4)];
            tells[at] = seq[at] == 'A' ? 20 : 40;
            text[at] = (char)(33 + (oq_tells ? tells : flat)[at]);
        }
        bam_set1(b, 1, "r", 0, 0, 10, 60, 1, &cigar, -1, -1, 0, LENGTH, seq,
                 oq_tells ? flat : tells, LENGTH + 10);
        bam_aux_append(b, "OQ", 'Z', LENGTH + 1, (const uint8_t *)text);
        ck_assert_int_eq(quality_guard_add(oq, b, -1, NULL), 0);
        ck_assert_int_eq(quality_guard_add(keep, b, -1, NULL), 0);
        bam_get_qual(b)[0] = QUALITY_MISSING; /* shows nothing */
        ck_assert_int_eq(quality_guard_add(oq, b, -1, NULL), 0);
        ck_assert_int_eq(quality_guard_add(keep, b, -1, NULL), 0);
    }
    ck_assert_uint_eq(quality_guard_n_bases(oq), 200 * COUNTED);
    ck_assert_uint_eq(quality_guard_n_bases(keep), 200 * COUNTED);
    expect(oq, oq_tells ? "OQ tells 0.8" : NULL);
    expect(keep, oq_tells ? NULL : "QUAL tells 0.8");
    bam_destroy1(b);
    quality_guard_free(oq);
    quality_guard_free(keep);
}
END_TEST

START_TEST(test_modes)
{
    ck_assert(quality_guard_judges(QUALITY_KEEP));
    ck_assert(quality_guard_judges(QUALITY_OQ));
    ck_assert(!quality_guard_judges(QUALITY_BIN4));
    ck_assert(!quality_guard_judges(QUALITY_FLAT));
}
END_TEST

/* The millionth primary record brings the verdict, and later ones no longer count. */
START_TEST(test_full)
{
    bool tells = _i;
    struct quality_guard *guard = new_guard(QUALITY_KEEP);
    bam1_t *unmapped = fixture_record("r 4 * 0 0 * * 0 0 ACGT IIII");
    bam1_t *second = fixture_record("r 256 c0 1 60 4M * 0 0 ACGT IIII");
    add_reads(guard, &(struct reads){"r", "g0", 0, tells ? TELLING : INNOCENT, 200});
    for (int i = 200; i < QUALITY_READS_MAX - 1; i++) {
        ck_assert_int_eq(quality_guard_add(guard, unmapped, -1, NULL), 0);
        ck_assert_int_eq(quality_guard_add(guard, second, -1, NULL), 0);
    }
    ck_assert_int_eq(quality_guard_add(guard, unmapped, -1, NULL),
                     tells ? VL_ERR_DATA : 0);
    add_reads(guard, &(struct reads){"r", "g0", 0, TELLING, 2000});
    ck_assert_uint_eq(quality_guard_n_bases(guard), 200 * COUNTED);
    expect(guard, NULL);
    bam_destroy1(unmapped);
    bam_destroy1(second);
    quality_guard_free(guard);
}
END_TEST

Suite *quality_guard_suite(void)
{
    Suite *suite = suite_create("quality_guard");
    TCase *tcase = tcase_create("quality_guard");
    tcase_set_timeout(tcase, 300);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, test_groups, 0, sizeof GROUPS / sizeof *GROUPS);
    tcase_add_test(tcase, test_many_groups);
    tcase_add_loop_test(tcase, test_indels, 0, sizeof DELETIONS / sizeof *DELETIONS);
    tcase_add_loop_test(tcase, test_what_is_shown, 0, 2);
    tcase_add_test(tcase, test_modes);
    tcase_add_loop_test(tcase, test_full, 0, 2);
    suite_add_tcase(suite, tcase);
    return suite;
}
