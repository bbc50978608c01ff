#include "grant/grant.h"
#include "mask/permute_record.h"
#include "projection/masked_md.h"
#include "projection/masked_tags.h"
#include "record/record.h"
#include "record_fixture.h"
#include "window/record_array.h"
#include "window/sites.h"
#include "window/window_records.h"

Suite *grant_suite(void);

enum { MAX_RECORDS = 4 };

/* A window of originals as the owner's file shows it, and a grant of ranges in samtools'
 * syntax. */
struct scene {
    struct window_records w;
    struct vl_contigs contigs;
    struct vl_names groups;
    struct vl_ranges ranges;
    struct grant grant;
};

static void scene_open(struct scene *s, const char *const *sam, const char *ranges)
{
    struct mask_scratch scratch = {0};
    char text[128], *save = NULL;
    memset(s, 0, sizeof *s);
    s->w.model = VL_MASK_PERMUTE;
    vl_contigs_add(&s->contigs, "c0", 5000000, NULL);
    vl_contigs_add(&s->contigs, "c1", 5000000, NULL);
    vl_contigs_index(&s->contigs);
    vl_names_add(&s->groups, "lane");
    vl_names_index(&s->groups);
    struct tag_policy policy = {.read_groups = &s->groups};
    /* The complement at every position, so that a masked base is never the original one.
     */
    for (uint32_t contig = 0; contig < 2; contig++)
        for (int64_t pos = 900; pos < 2200; pos++)
            ck_assert_int_eq(site_list_add(&s->w.sites, &(struct site){.contig = contig,
                                                                       .pos0 = pos,
                                                                       .change = 23}),
                             0);
    for (size_t i = 0; i < MAX_RECORDS && sam[i]; i++) {
        bool withheld;
        bam1_t *b = record_array_add(&s->w.shown);
        fixture_parse(b, sam[i]);
        ck_assert_int_eq(mask_record(b, &(struct site_list){0}, &policy, &scratch,
                                     record_array_add(&s->w.masked), &withheld),
                         0);
        /* The sites have no reference base that an MD could agree with. */
        sites_mask(&s->w.sites, s->w.masked.v[i]);
        vl_buf_add_byte(&s->w.grade, VL_GRADE_FULL);
    }
    mask_scratch_clear(&scratch);
    strcpy(text, ranges);
    for (char *p = strtok_r(text, " ", &save); p; p = strtok_r(NULL, " ", &save)) {
        struct vl_error err = {0};
        ck_assert_msg(vl_ranges_parse(&s->ranges, &s->contigs, p, &err) == 0, "%s",
                      err.message);
    }
    vl_ranges_normalise(&s->ranges);
    s->grant.ranges = &s->ranges;
    s->grant.contigs = &s->contigs;
    s->grant.read_groups = &s->groups;
    ck_assert_int_eq(grant_start(&s->grant, &s->w), 0);
}

static void scene_close(struct scene *s)
{
    grant_clear(&s->grant);
    window_records_clear(&s->w);
    vl_ranges_clear(&s->ranges);
    vl_contigs_clear(&s->contigs);
    vl_names_clear(&s->groups);
}

/* ---- restored, loose or nothing ---- */

#define BASES "ACGTACGTAC"
/* Flags: 99 and 147 forward and reverse of a proper pair, 73 and 133 mapped and its
 * unmapped mate, 77 and 141 both unmapped. */

enum outcome { NOTHING, LOOSE, RESTORED };

static const struct {
    const char *ranges;
    enum outcome outcome; /* of the first record */
    const char *sam[MAX_RECORDS];
} CASES[] = {
    /* alone */
    {"c0:1001-2000", RESTORED, {"r 0 c0 1001 60 10M * 0 0 " BASES " *"}},
    {"c0:1001-2000", RESTORED, {"r 0 c0 1991 60 10M * 0 0 " BASES " *"}},
    {"c0:1001-2000", LOOSE, {"r 0 c0 1000 60 10M * 0 0 " BASES " *"}},
    {"c0:1001-2000", LOOSE, {"r 0 c0 1992 60 10M * 0 0 " BASES " *"}},
    {"c0:1001-2000", NOTHING, {"r 0 c0 991 60 10M * 0 0 " BASES " *"}},
    {"c0:1001-2000", LOOSE, {"r 0 c0 992 60 10M * 0 0 " BASES " *"}},
    {"c0:1001-2000", NOTHING, {"r 0 c0 2001 60 10M * 0 0 " BASES " *"}},
    {"c0:1001-2000", NOTHING, {"r 0 c1 1501 60 10M * 0 0 " BASES " *"}},
    /* clips count as laid out along the reference */
    {"c0:1001-2000", LOOSE, {"r 0 c0 1001 60 1S9M * 0 0 " BASES " *"}},
    {"c0:1001-2000", RESTORED, {"r 0 c0 1002 60 1S9M * 0 0 " BASES " *"}},
    {"c0:1001-2000", LOOSE, {"r 0 c0 1992 60 9M1S * 0 0 " BASES " *"}},
    {"c0:1001-2000", RESTORED, {"r 0 c0 1991 60 9M1S * 0 0 " BASES " *"}},
    {"c0:1001-2000", LOOSE, {"r 0 c0 1991 60 10M1H * 0 0 " BASES " *"}},
    {"c0:1001-2000", NOTHING, {"r 0 c0 2001 60 5S5M * 0 0 " BASES " *"}},
    /* two ranges with a gap; a splice over the gap */
    {"c0:1001-1100 c0:1201-1300", LOOSE, {"r 0 c0 1091 60 5M150N5M * 0 0 " BASES " *"}},
    {"c0:1001-1100 c0:1101-1300",
     RESTORED,
     {"r 0 c0 1091 60 5M150N5M * 0 0 " BASES " *"}},
    {"c0", RESTORED, {"r 0 c0 1 60 5S5M * 0 0 " BASES " *"}},
    /* a mate that was not seen, whatever MC says */
    {"c0:1001-2000", LOOSE, {"r 99 c0 1101 60 10M = 1991 900 " BASES " * MC:Z:10M"}},
    {"c0:1001-2000", LOOSE, {"r 99 c0 1101 60 10M = 1201 110 " BASES " *"}},
    {"c0:1001-2000", LOOSE, {"r 65 c0 1101 60 10M c1 1201 0 " BASES " * MC:Z:10M"}},
    {"c0:1001-2000 c1:1001-2000",
     LOOSE,
     {"r 65 c0 1101 60 10M c1 1201 0 " BASES " *",
      "r 129 c1 1201 60 10M c0 1101 0 " BASES " *"}},
    {"c0:1001-1150 c0:1161-2000",
     LOOSE,
     {"r 99 c0 1101 60 10M = 1201 110 " BASES " *",
      "r 147 c0 1201 60 10M = 1101 -110 " BASES " *"}},
    {"c0:1001-2000", LOOSE, {"r 99 c0 999 60 10M = 1201 110 " BASES " * MC:Z:10M"}},
    /* mates, from their own record */
    {"c0:1001-2000",
     RESTORED,
     {"r 99 c0 1101 60 10M = 1201 110 " BASES " *",
      "r 147 c0 1201 60 10M = 1101 -110 " BASES " *"}},
    {"c0:1001-2000",
     LOOSE,
     {"r 99 c0 1101 60 10M = 1995 904 " BASES " *",
      "r 147 c0 1995 60 10M = 1101 -904 " BASES " *"}},
    {"c0:1001-2000",
     LOOSE,
     {"r 99 c0 1101 60 10M = 1201 110 " BASES " *",
      "q 147 c0 1201 60 10M = 1101 -110 " BASES " *"}},
    {"c0:1001-2000",
     LOOSE,
     {"r 99 c0 1101 60 10M = 1201 110 " BASES " *",
      "r 147 c0 1201 60 10M = 1101 -110 " BASES " * SA:Z:c1,5,+,10M,60,0;"}},
    /* mates that do not name each other */
    {"c0:1001-2000",
     LOOSE,
     {"r 99 c0 1101 60 10M = 1201 110 " BASES " *",
      "r 147 c0 1201 60 10M = 1102 -110 " BASES " *"}},
    {"c0:1001-2000",
     LOOSE,
     {"r 99 c0 1101 60 10M = 1201 110 " BASES " *",
      "r 99 c0 1201 60 10M = 1101 -110 " BASES " *"}},
    {"c0:1001-2000",
     LOOSE,
     {"r 99 c0 1101 60 10M = 1201 110 " BASES " * RG:Z:lane",
      "r 147 c0 1201 60 10M = 1101 -110 " BASES " *"}},
    /* without a name there are no mates */
    {"c0:1001-2000",
     LOOSE,
     {"* 99 c0 1101 60 10M = 1201 110 " BASES " *",
      "* 147 c0 1201 60 10M = 1101 -110 " BASES " *"}},
    {"c0:1001-2000", RESTORED, {"* 0 c0 1101 60 10M * 0 0 " BASES " *"}},
    /* TLEN tells of a place; so do the mate fields of a read without 0x1 */
    {"c0:1001-2000",
     LOOSE,
     {"r 99 c0 1101 60 10M = 1201 901 " BASES " *",
      "r 147 c0 1201 60 10M = 1101 -901 " BASES " *"}},
    {"c0:1001-2000", RESTORED, {"r 64 c0 1101 60 10M = 1201 110 " BASES " *"}},
    {"c0:1001-2000", LOOSE, {"r 64 c0 1101 60 10M = 3010 1919 " BASES " *"}},
    {"c0:1001-2000", LOOSE, {"r 64 c0 1101 60 10M c1 1201 0 " BASES " *"}},
    {"c0:1001-2000", LOOSE, {"r 0 c0 1101 60 10M * 0 901 " BASES " *"}},
    /* the mate's own record tells more than MC */
    {"c0:1001-2000",
     LOOSE,
     {"r 99 c0 1101 60 10M = 1991 900 " BASES " * MC:Z:10M",
      "r 147 c0 1991 60 9M1S1H = 1101 -900 " BASES " *"}},
    /* unmapped mates: placed with the read, elsewhere, unplaced */
    {"c0:1001-2000",
     RESTORED,
     {"r 73 c0 1101 60 10M = 1101 0 " BASES " *",
      "r 133 c0 1101 0 * = 1101 0 " BASES " *"}},
    {"c0:1001-2000", RESTORED, {"r 73 c0 1101 60 10M = 1101 0 " BASES " *"}},
    {"c0:1001-2000", LOOSE, {"r 73 c0 1101 60 10M c1 1101 0 " BASES " *"}},
    {"c0:1001-2000", RESTORED, {"r 73 c0 1101 60 10M * 0 0 " BASES " *"}},
    /* the unmapped one itself goes with its template or not at all */
    {"c0:1001-2000",
     RESTORED,
     {"r 133 c0 1101 0 * = 1101 0 " BASES " *",
      "r 73 c0 1101 60 10M = 1101 0 " BASES " *"}},
    {"c0:1001-2000",
     NOTHING,
     {"r 133 c0 1995 0 * = 1995 0 " BASES " *",
      "r 73 c0 1995 60 10M = 1995 0 " BASES " *"}},
    {"c0:1001-2000",
     NOTHING,
     {"r 133 c0 1101 0 * = 1101 0 " BASES " *",
      "r 73 c0 1101 60 10M = 1101 0 " BASES " * SA:Z:c1,5,+,10M,60,0;"}},
    {"c0:1001-2000", NOTHING, {"r 133 c0 1101 0 * = 1101 0 " BASES " *"}},
    {"c0:1001-2000", NOTHING, {"r 133 c0 1101 0 * = 1101 0 " BASES " * MC:Z:10M"}},
    {"c0:1001-2000", NOTHING, {"r 133 c0 1995 0 * = 1995 0 " BASES " * MC:Z:10M"}},
    {"c0:1001-2000", RESTORED, {"r 4 c0 1101 0 * * 0 0 " BASES " *"}},
    {"c0:1001-2000", NOTHING, {"r 4 c0 2001 0 * * 0 0 " BASES " *"}},
    /* unplaced reads */
    {"c0:1001-2000", NOTHING, {"r 4 * 0 0 * * 0 0 " BASES " *"}},
    {"*", RESTORED, {"r 4 * 0 0 * * 0 0 " BASES " *"}},
    {"*", RESTORED, {"r 77 * 0 0 * * 0 0 " BASES " *"}},
    {"*", NOTHING, {"r 0 c0 1101 60 10M * 0 0 " BASES " *"}},
    /* places that tags name */
    {"c0:1001-2000",
     RESTORED,
     {"r 0 c0 1101 60 10M * 0 0 " BASES " * SA:Z:c0,1991,+,10M,60,0;"}},
    {"c0:1001-2000",
     LOOSE,
     {"r 0 c0 1101 60 10M * 0 0 " BASES " * SA:Z:c0,1992,+,10M,60,0;"}},
    {"c0:1001-2000",
     LOOSE,
     {"r 0 c0 1101 60 10M * 0 0 " BASES
      " * SA:Z:c0,1991,+,10M,60,0;c1,1101,-,10M,60,0;"}},
    {"c0:1001-2000 c1:1001-2000",
     LOOSE,
     {"r 0 c0 1101 60 10M * 0 0 " BASES
      " * SA:Z:c0,1991,+,10M,60,0;c1,1101,-,10M,60,0;"}},
    {"c0:1001-2000",
     LOOSE,
     {"r 0 c0 1101 60 10M * 0 0 " BASES " * SA:Z:c0,1001,+,1S9M,60,0;"}},
    {"c0:1001-2000",
     RESTORED,
     {"r 0 c0 1101 60 10M * 0 0 " BASES " * XA:Z:c7,+1201,10M,0;"}},
    {"c0:1001-2000",
     RESTORED,
     {"r 0 c0 1101 60 10M * 0 0 " BASES " * OA:Z:c0,1201,+,10M,60,0;"}},
    {"c0:1001-2000",
     LOOSE,
     {"r 0 c0 1101 60 10M * 0 0 " BASES " * OA:Z:c0,901,+,10M,60,0;"}},
    {"c0:1001-2000", LOOSE, {"r 0 c0 1101 60 10M * 0 0 " BASES " * SA:Z:nonsense"}},
    {"c0:1001-2000", LOOSE, {"r 0 c0 1101 60 10M * 0 0 " BASES " * SA:i:5"}},
    {"c0:1001-2000",
     LOOSE,
     {"r 0 c0 1101 60 10M * 0 0 " BASES " * SA:Z:c0,1201,+,10Mc1,60,0;"}},
    {"c0:1001-2000", LOOSE, {"r 0 c0 1101 60 10M * 0 0 " BASES " * CC:Z:c1 CP:i:5"}},
    {"c0:1001-2000", LOOSE, {"r 0 c0 1101 60 10M * 0 0 " BASES " * XF:Z:1_c0-c1_5_10M"}},
    {"c0:1001-2000",
     LOOSE,
     {"r 0 c0 1101 60 10M * 0 0 " BASES
      " * SA:Z:c0,1201,+,10M,60,0; SA:Z:c1,5,+,10M,60,0;"}},
    {"c0:1001-2000", LOOSE, {"r 0 c0 1101 60 10M * 0 0 " BASES " * OP:i:5"}},
    /* the alignment that spans most of a range shows the read */
    {"c0:1001-2000",
     NOTHING,
     {"r 0 c0 996 60 10M * 0 0 " BASES " * SA:Z:c0,1995,+,6M4S,60,0;"}},
    {"c0:1001-2000",
     LOOSE,
     {"r 0 c0 996 60 10M * 0 0 " BASES " * SA:Z:c0,1997,+,6M4S,60,0;"}},
    {"c0:1001-2000",
     LOOSE,
     {"r 0 c0 996 60 10M * 0 0 " BASES " * SA:Z:c0,1996,+,5M5S,60,0;"}},
    {"c0:1001-2000",
     NOTHING,
     {"r 0 c0 1996 60 10M * 0 0 " BASES " * SA:Z:c0,996,+,10M,60,0;"}},
    /* nothing to show */
    {"c0:1001-2000", NOTHING, {"r 0 c0 996 60 10M * 0 0 * *"}},
    {"c0:1001-2000", NOTHING, {"r 0 c0 991 60 5M1500N5M * 0 0 " BASES " *"}},
};
enum { N_CASES = sizeof CASES / sizeof *CASES };

static enum outcome outcome(struct scene *s, size_t i)
{
    bam1_t *shown = bam_init1();
    enum outcome found = RESTORED;
    if (!grant_restores(&s->grant, i)) {
        int rc = grant_show_loose(&s->grant, s->w.shown.v[i], shown);
        ck_assert_int_ge(rc, 0);
        found = rc > 0 ? LOOSE : NOTHING;
    }
    ck_assert(!s->grant.failed);
    bam_destroy1(shown);
    return found;
}

START_TEST(test_outcomes)
{
    struct scene s;
    scene_open(&s, CASES[_i].sam, CASES[_i].ranges);
    ck_assert_int_eq(outcome(&s, 0), CASES[_i].outcome);
    /* What the parent does not restore is not restored. */
    s.w.grade.data[0] = VL_GRADE_NONE;
    ck_assert(!grant_restores(&s.grant, 0));
    scene_close(&s);
}
END_TEST

static const char *const PAIR[MAX_RECORDS] = {
    "r 99 c0 1101 60 10M = 1201 110 " BASES " *",
    "r 147 c0 1201 60 10M = 1101 -110 " BASES " *"};

/* A mate that the parent does not show is not looked at. */
START_TEST(test_mates_that_the_parent_hides)
{
    struct scene s;
    scene_open(&s, PAIR, "c0:1001-2000");
    ck_assert(grant_restores(&s.grant, 0));
    s.w.grade.data[1] = VL_GRADE_NONE;
    ck_assert_int_eq(grant_start(&s.grant, &s.w), 0);
    ck_assert(!grant_restores(&s.grant, 0));
    scene_close(&s);
}
END_TEST

/* Ends that lie in different windows find each other, and so do other alignments of a
 * read that names them. */
START_TEST(test_ends_in_other_windows)
{
    static const char SECOND[] =
        "r 2113 c0 1301 0 5M5H = 1201 0 ACGTA * SA:Z:c0,1101,+,10M,60,0;";
    for (int split = 0; split < 2; split++) {
        struct template_ends ends = {{0}};
        struct scene s[3];
        char first[200];
        snprintf(first, sizeof first, "%s%s", PAIR[0],
                 split ? " SA:Z:c0,1301,+,5M5H,60,0;" : "");
        scene_open(&s[0], (const char *[MAX_RECORDS]){first}, "c0:1001-2000");
        scene_open(&s[1], (const char *[MAX_RECORDS]){PAIR[1]}, "c0:1001-2000");
        scene_open(&s[2], (const char *[MAX_RECORDS]){NULL}, "c0:1001-2000");
        fixture_parse(window_records_add_whole(&s[2].w, 0, 0), SECOND);
        for (int i = 0; i < 3; i++)
            grant_put_straddling(&s[i].grant, &ends);
        ck_assert_uint_eq(ends.v.len, 2 * sizeof(struct template_end));
        ck_assert_int_eq(template_ends_sort(&ends), 0);
        ck_assert(!grant_restores(&s[0].grant, 0));
        ck_assert(!grant_takes_whole(&s[2].grant, 0));
        for (int i = 0; i < 3; i++)
            s[i].grant.elsewhere = &ends;
        ck_assert(grant_restores(&s[0].grant, 0));
        ck_assert(grant_restores(&s[1].grant, 0));
        ck_assert(grant_takes_whole(&s[2].grant, 0));
        for (int i = 0; i < 3; i++)
            scene_close(&s[i]);
        template_ends_clear(&ends);
    }
}
END_TEST

/* A pair in one window is passed on, as a whole, only if it names other alignments. */
START_TEST(test_ends_that_nobody_asks_for)
{
    for (int split = 0; split < 2; split++) {
        struct template_ends ends = {{0}};
        struct scene s;
        char first[200];
        snprintf(first, sizeof first, "%s%s", PAIR[0],
                 split ? " SA:Z:c0,1301,+,5M5H,60,0;" : "");
        scene_open(&s, (const char *[MAX_RECORDS]){first, PAIR[1]}, "c0:1001-2000");
        grant_put_straddling(&s.grant, &ends);
        ck_assert_uint_eq(ends.v.len, 2 * (size_t)split * sizeof(struct template_end));
        template_ends_clear(&ends);
        scene_close(&s);
    }
}
END_TEST

/* A slice of all that the parent shows passes it on, wherever the records lie. */
START_TEST(test_everything)
{
    static const char *const SAM[MAX_RECORDS] = {
        "r 65 c1 7001 60 10M c0 5 0 " BASES " * SA:Z:c7,5,+,10M,60,0;",
        "u 133 c1 7001 0 * = 7001 0 " BASES " *"};
    struct scene s;
    bam1_t *shown = bam_init1(), *loose = fixture_record("* 16 c1 5 60 3M * 0 0 ACG *");
    scene_open(&s, SAM, "c0:1001-2000");
    s.grant.everything = true;
    for (size_t i = 0; i < 2; i++)
        ck_assert(grant_restores(&s.grant, i));
    s.w.grade.data[1] = VL_GRADE_NONE;
    ck_assert(!grant_restores(&s.grant, 1));
    fixture_parse(window_records_add_whole(&s.w, 0, 0),
                  "r 256 c1 7001 0 10M * 0 0 " BASES " *");
    ck_assert(grant_takes_whole(&s.grant, 0));
    ck_assert_int_eq(grant_show_loose(&s.grant, loose, shown), 1);
    ck_assert(record_equal(shown, loose));
    bam_destroy1(loose);
    bam_destroy1(shown);
    scene_close(&s);
}
END_TEST

/* ---- whole records ---- */

/* The primary records of the read, and whether another alignment goes with them. */
static const struct {
    const char *ranges;
    bool taken;
    const char *sam;
    const char *primary[MAX_RECORDS];
} WHOLE[] = {
    {"c0:1001-2000",
     true,
     "r 2048 c0 1101 0 10M * 0 0 " BASES " * SA:Z:c0,1501,+,10M,60,0;",
     {"r 0 c0 1501 60 10M * 0 0 " BASES " *"}},
    {"c0:1001-2000",
     true,
     "r 256 c0 1101 0 10M * 0 0 * *",
     {"r 0 c0 1501 60 10M * 0 0 " BASES " *"}},
    /* the primary record is not there, outside, another read's or another range's */
    {"c0:1001-2000",
     false,
     "r 2048 c0 1101 0 10M * 0 0 " BASES " * SA:Z:c0,1501,+,10M,60,0;",
     {NULL}},
    {"c0:1001-2000",
     false,
     "r 256 c0 1101 0 10M * 0 0 * *",
     {"r 0 c0 1995 60 10M * 0 0 " BASES " *"}},
    {"c0:1001-2000",
     false,
     "r 256 c0 1101 0 10M * 0 0 * *",
     {"q 0 c0 1501 60 10M * 0 0 " BASES " *"}},
    {"c0:1001-1200 c0:1301-2000",
     false,
     "r 256 c0 1101 0 10M * 0 0 * *",
     {"r 0 c0 1501 60 10M * 0 0 " BASES " *"}},
    /* it is outside itself, or names such a place */
    {"c0:1001-2000",
     false,
     "r 2048 c0 1001 0 5H10M * 0 0 " BASES " *",
     {"r 0 c0 1501 60 10M * 0 0 " BASES " *"}},
    {"c0:1001-2000",
     false,
     "r 2048 c0 1101 0 10M * 0 0 " BASES " * SA:Z:c1,1501,+,10M,60,0;",
     {"r 0 c0 1501 60 10M * 0 0 " BASES " *"}},
    /* the read's mate */
    {"c0:1001-2000",
     true,
     "r 2113 c0 1301 0 10M = 1201 0 " BASES " *",
     {"r 99 c0 1101 60 10M = 1201 110 " BASES " *",
      "r 147 c0 1201 60 10M = 1101 -110 " BASES " *"}},
    {"c0:1001-2000",
     false,
     "r 2113 c0 1301 0 10M = 1201 0 " BASES " *",
     {"r 99 c0 1101 60 10M = 1201 110 " BASES " *"}},
    {"c0:1001-2000",
     false,
     "r 2113 c0 1301 0 10M c1 1201 0 " BASES " *",
     {"r 99 c0 1101 60 10M = 1201 110 " BASES " *",
      "r 147 c0 1201 60 10M = 1101 -110 " BASES " *"}},
};

START_TEST(test_whole_records)
{
    struct scene s;
    scene_open(&s, WHOLE[_i].primary, WHOLE[_i].ranges);
    fixture_parse(window_records_add_whole(&s.w, 0, 0), WHOLE[_i].sam);
    ck_assert_int_eq(grant_start(&s.grant, &s.w), 0);
    ck_assert_int_eq(grant_takes_whole(&s.grant, 0), WHOLE[_i].taken);
    scene_close(&s);
}
END_TEST

/* ---- what is shown ---- */

static char *sam_text(const bam1_t *b)
{
    kstring_t line = {0, 0, NULL};
    ck_assert_int_ge(sam_format1(fixture_header(), b, &line), 0);
    for (size_t i = 0; i < line.l; i++)
        if (line.s[i] == '\t')
            line.s[i] = ' ';
    return line.s;
}

static void expect_shown(struct scene *s, const bam1_t *b, const bam1_t *masked,
                         const char *want)
{
    bam1_t *shown = bam_init1();
    ck_assert_int_eq(grant_show(&s->grant, b, masked, shown), 0);
    char *text = sam_text(shown);
    ck_assert_str_eq(text, want);
    free(text);
    bam_destroy1(shown);
}

START_TEST(test_restored_but_for_the_read_group)
{
    static const char *const SAM[MAX_RECORDS] = {
        "r 64 c0 1101 60 2S2=1X3M2S = 1201 110 " BASES " IIIIIIIIII XA:Z:c0,+1201,10M,0; "
        "RG:Z:lane MD:Z:2A3 BC:Z:ACGT NM:i:1 MC:Z:10M AS:i:9 ML:B:C,1,2"};
    struct scene s;
    scene_open(&s, SAM, "c0:1001-2000");
    ck_assert(grant_restores(&s.grant, 0));
    expect_shown(&s, s.w.shown.v[0], s.w.masked.v[0],
                 "r 64 c0 1101 60 2S2=1X3M2S = 1201 110 " BASES
                 " IIIIIIIIII XA:Z:c0,+1201,10M,0; "
                 "RG:Z:rg1 MD:Z:2A3 BC:Z:ACGT NM:i:1 MC:Z:10M AS:i:9 ML:B:C,1,2");
    scene_close(&s);
}
END_TEST

/* Malformed tags may name places, so the record is loose.  Where everything is granted
 * they are left out, because they may hold the name of the read group. */
START_TEST(test_malformed_tags)
{
    static const char *const SAM[MAX_RECORDS] = {"r 0 c0 1101 60 10M * 0 0 " BASES " *"};
    struct scene s;
    scene_open(&s, SAM, "c0:1001-2000");
    ck_assert_int_eq(
        record_set_aux(s.w.shown.v[0], (const uint8_t *)"XXZab\0YYZno end", 15), 0);
    ck_assert_int_eq(outcome(&s, 0), LOOSE);
    s.grant.everything = true;
    ck_assert(grant_restores(&s.grant, 0));
    expect_shown(&s, s.w.shown.v[0], s.w.masked.v[0],
                 "r 0 c0 1101 60 10M * 0 0 " BASES " * XX:Z:ab");
    scene_close(&s);
}
END_TEST

START_TEST(test_whole_record_keeps_all_but_the_read_group)
{
    static const char *const NONE[MAX_RECORDS] = {NULL};
    static const char REST[] =
        "r 2048 c0 1101 9 5H10M * 0 0 " BASES " IIIIIIIIII XX:Z:own "
        "SA:Z:c0,1501,+,10M,60,0;";
    char sam[256], want[256];
    struct scene s;
    scene_open(&s, NONE, "c0:1001-2000");
    snprintf(sam, sizeof sam, "%s RG:Z:lane NM:i:0", REST);
    snprintf(want, sizeof want, "%s RG:Z:rg1 NM:i:0", REST);
    fixture_parse(window_records_add_whole(&s.w, 0, 0), sam);
    expect_shown(&s, s.w.whole.v[0], NULL, want);
    /* A slice's own whole records have the pseudonym already. */
    s.grant.read_groups = NULL;
    expect_shown(&s, s.w.whole.v[0], NULL, sam);
    scene_close(&s);
}
END_TEST

Suite *grant_suite(void)
{
    Suite *suite = suite_create("grant");
    TCase *tcase = tcase_create("grant");
    tcase_add_loop_test(tcase, test_outcomes, 0, N_CASES);
    tcase_add_test(tcase, test_mates_that_the_parent_hides);
    tcase_add_test(tcase, test_ends_in_other_windows);
    tcase_add_test(tcase, test_ends_that_nobody_asks_for);
    tcase_add_test(tcase, test_everything);
    tcase_add_loop_test(tcase, test_whole_records, 0, sizeof WHOLE / sizeof *WHOLE);
    tcase_add_test(tcase, test_restored_but_for_the_read_group);
    tcase_add_test(tcase, test_malformed_tags);
    tcase_add_test(tcase, test_whole_record_keeps_all_but_the_read_group);
    suite_add_tcase(suite, tcase);
    return suite;
}
