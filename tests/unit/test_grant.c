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

/* ---- grades ---- */

#define BASES "ACGTACGTAC"
/* Flags: 99 and 147 forward and reverse of a proper pair, 73 and 133 mapped and its
 * unmapped mate, 77 and 141 both unmapped. */

static const struct {
    const char *ranges;
    int grade; /* of the first record */
    const char *sam[MAX_RECORDS];
} GRADES[] = {
    /* alone */
    {"c0:1001-2000", VL_GRADE_FULL, {"r 0 c0 1001 60 10M * 0 0 " BASES " *"}},
    {"c0:1001-2000", VL_GRADE_FULL, {"r 0 c0 1991 60 10M * 0 0 " BASES " *"}},
    {"c0:1001-2000", VL_GRADE_EDGE, {"r 0 c0 1000 60 10M * 0 0 " BASES " *"}},
    {"c0:1001-2000", VL_GRADE_EDGE, {"r 0 c0 1992 60 10M * 0 0 " BASES " *"}},
    {"c0:1001-2000", VL_GRADE_NONE, {"r 0 c0 991 60 10M * 0 0 " BASES " *"}},
    {"c0:1001-2000", VL_GRADE_EDGE, {"r 0 c0 992 60 10M * 0 0 " BASES " *"}},
    {"c0:1001-2000", VL_GRADE_NONE, {"r 0 c0 2001 60 10M * 0 0 " BASES " *"}},
    {"c0:1001-2000", VL_GRADE_NONE, {"r 0 c1 1501 60 10M * 0 0 " BASES " *"}},
    /* clips count as laid out along the reference */
    {"c0:1001-2000", VL_GRADE_EDGE, {"r 0 c0 1001 60 1S9M * 0 0 " BASES " *"}},
    {"c0:1001-2000", VL_GRADE_FULL, {"r 0 c0 1002 60 1S9M * 0 0 " BASES " *"}},
    {"c0:1001-2000", VL_GRADE_EDGE, {"r 0 c0 1992 60 9M1S * 0 0 " BASES " *"}},
    {"c0:1001-2000", VL_GRADE_FULL, {"r 0 c0 1991 60 9M1S * 0 0 " BASES " *"}},
    {"c0:1001-2000", VL_GRADE_EDGE, {"r 0 c0 1991 60 10M1H * 0 0 " BASES " *"}},
    {"c0:1001-2000", VL_GRADE_NONE, {"r 0 c0 2001 60 5S5M * 0 0 " BASES " *"}},
    /* two ranges with a gap; a splice over the gap */
    {"c0:1001-1100 c0:1201-1300",
     VL_GRADE_EDGE,
     {"r 0 c0 1091 60 5M150N5M * 0 0 " BASES " *"}},
    {"c0:1001-1100 c0:1101-1300",
     VL_GRADE_FULL,
     {"r 0 c0 1091 60 5M150N5M * 0 0 " BASES " *"}},
    {"c0", VL_GRADE_FULL, {"r 0 c0 1 60 5S5M * 0 0 " BASES " *"}},
    /* mates, from MC */
    {"c0:1001-2000",
     VL_GRADE_FULL,
     {"r 99 c0 1101 60 10M = 1991 900 " BASES " * MC:Z:10M"}},
    {"c0:1001-2000",
     VL_GRADE_INSIDE,
     {"r 99 c0 1101 60 10M = 1992 901 " BASES " * MC:Z:10M"}},
    {"c0:1001-2000",
     VL_GRADE_INSIDE,
     {"r 99 c0 1101 60 10M = 1992 901 " BASES " * MC:Z:9M1S"}},
    {"c0:1001-2000", VL_GRADE_INSIDE, {"r 99 c0 1101 60 10M = 1201 110 " BASES " *"}},
    {"c0:1001-2000",
     VL_GRADE_INSIDE,
     {"r 99 c0 1101 60 10M = 1201 110 " BASES " * MC:Z:10"}},
    {"c0:1001-2000",
     VL_GRADE_INSIDE,
     {"r 99 c0 1101 60 10M = 1201 110 " BASES " * MC:Z:*"}},
    {"c0:1001-2000",
     VL_GRADE_INSIDE,
     {"r 99 c0 1101 60 10M = 1201 110 " BASES " * MC:Z:10M,9"}},
    {"c0:1001-2000",
     VL_GRADE_INSIDE,
     {"r 99 c0 1101 60 10M = 1201 110 " BASES " * MC:A:1"}},
    {"c0:1001-2000",
     VL_GRADE_INSIDE,
     {"r 65 c0 1101 60 10M c1 1201 0 " BASES " * MC:Z:10M"}},
    {"c0:1001-2000 c1:1001-2000",
     VL_GRADE_FULL,
     {"r 65 c0 1101 60 10M c1 1201 0 " BASES " * MC:Z:10M"}},
    {"c0:1001-2000",
     VL_GRADE_EDGE,
     {"r 99 c0 999 60 10M = 1201 110 " BASES " * MC:Z:10M"}},
    /* mates, from their own record */
    {"c0:1001-2000",
     VL_GRADE_FULL,
     {"r 99 c0 1101 60 10M = 1201 110 " BASES " *",
      "r 147 c0 1201 60 10M = 1101 -110 " BASES " *"}},
    {"c0:1001-2000",
     VL_GRADE_INSIDE,
     {"r 99 c0 1101 60 10M = 1995 904 " BASES " *",
      "r 147 c0 1995 60 10M = 1101 -904 " BASES " *"}},
    {"c0:1001-2000",
     VL_GRADE_INSIDE,
     {"r 99 c0 1101 60 10M = 1201 110 " BASES " *",
      "q 147 c0 1201 60 10M = 1101 -110 " BASES " *"}},
    {"c0:1001-2000",
     VL_GRADE_INSIDE,
     {"r 99 c0 1101 60 10M = 1201 110 " BASES " *",
      "r 147 c0 1201 60 10M = 1101 -110 " BASES " * SA:Z:c1,5,+,10M,60,0;"}},
    /* where the mate's record tells more than MC, it counts */
    {"c0:1001-2000",
     VL_GRADE_INSIDE,
     {"r 99 c0 1101 60 10M = 1991 900 " BASES " * MC:Z:10M",
      "r 147 c0 1991 60 9M1S1H = 1101 -900 " BASES " *"}},
    /* unmapped mates: placed with the read, elsewhere, unplaced */
    {"c0:1001-2000",
     VL_GRADE_FULL,
     {"r 73 c0 1101 60 10M = 1101 0 " BASES " *",
      "r 133 c0 1101 0 * = 1101 0 " BASES " *"}},
    {"c0:1001-2000", VL_GRADE_FULL, {"r 73 c0 1101 60 10M = 1101 0 " BASES " *"}},
    {"c0:1001-2000", VL_GRADE_INSIDE, {"r 73 c0 1101 60 10M c1 1101 0 " BASES " *"}},
    {"c0:1001-2000", VL_GRADE_FULL, {"r 73 c0 1101 60 10M * 0 0 " BASES " *"}},
    /* the unmapped one itself goes with its template or not at all */
    {"c0:1001-2000",
     VL_GRADE_FULL,
     {"r 133 c0 1101 0 * = 1101 0 " BASES " *",
      "r 73 c0 1101 60 10M = 1101 0 " BASES " *"}},
    {"c0:1001-2000",
     VL_GRADE_NONE,
     {"r 133 c0 1995 0 * = 1995 0 " BASES " *",
      "r 73 c0 1995 60 10M = 1995 0 " BASES " *"}},
    {"c0:1001-2000",
     VL_GRADE_NONE,
     {"r 133 c0 1101 0 * = 1101 0 " BASES " *",
      "r 73 c0 1101 60 10M = 1101 0 " BASES " * SA:Z:c1,5,+,10M,60,0;"}},
    {"c0:1001-2000", VL_GRADE_NONE, {"r 133 c0 1101 0 * = 1101 0 " BASES " *"}},
    {"c0:1001-2000", VL_GRADE_FULL, {"r 133 c0 1101 0 * = 1101 0 " BASES " * MC:Z:10M"}},
    {"c0:1001-2000", VL_GRADE_NONE, {"r 133 c0 1995 0 * = 1995 0 " BASES " * MC:Z:10M"}},
    {"c0:1001-2000", VL_GRADE_FULL, {"r 4 c0 1101 0 * * 0 0 " BASES " *"}},
    {"c0:1001-2000", VL_GRADE_NONE, {"r 4 c0 2001 0 * * 0 0 " BASES " *"}},
    /* unplaced reads */
    {"c0:1001-2000", VL_GRADE_NONE, {"r 4 * 0 0 * * 0 0 " BASES " *"}},
    {"*", VL_GRADE_FULL, {"r 4 * 0 0 * * 0 0 " BASES " *"}},
    {"*", VL_GRADE_FULL, {"r 77 * 0 0 * * 0 0 " BASES " *"}},
    {"*", VL_GRADE_NONE, {"r 0 c0 1101 60 10M * 0 0 " BASES " *"}},
    /* places that tags name */
    {"c0:1001-2000",
     VL_GRADE_FULL,
     {"r 0 c0 1101 60 10M * 0 0 " BASES " * SA:Z:c0,1991,+,10M,60,0;"}},
    {"c0:1001-2000",
     VL_GRADE_INSIDE,
     {"r 0 c0 1101 60 10M * 0 0 " BASES " * SA:Z:c0,1992,+,10M,60,0;"}},
    {"c0:1001-2000",
     VL_GRADE_INSIDE,
     {"r 0 c0 1101 60 10M * 0 0 " BASES
      " * SA:Z:c0,1991,+,10M,60,0;c1,1101,-,10M,60,0;"}},
    {"c0:1001-2000 c1:1001-2000",
     VL_GRADE_FULL,
     {"r 0 c0 1101 60 10M * 0 0 " BASES
      " * SA:Z:c0,1991,+,10M,60,0;c1,1101,-,10M,60,0;"}},
    {"c0:1001-2000",
     VL_GRADE_INSIDE,
     {"r 0 c0 1101 60 10M * 0 0 " BASES " * SA:Z:c0,1001,+,1S9M,60,0;"}},
    {"c0:1001-2000",
     VL_GRADE_FULL,
     {"r 0 c0 1101 60 10M * 0 0 " BASES " * XA:Z:c0,+1201,10M,0;c0,-1991,10M,1;"}},
    {"c0:1001-2000",
     VL_GRADE_INSIDE,
     {"r 0 c0 1101 60 10M * 0 0 " BASES " * XA:Z:c0,+1201,10M,0;c0,-1992,10M,1;"}},
    {"c0:1001-2000",
     VL_GRADE_INSIDE,
     {"r 0 c0 1101 60 10M * 0 0 " BASES " * XA:Z:c7,+1201,10M,0;"}},
    {"c0:1001-2000",
     VL_GRADE_FULL,
     {"r 0 c0 1101 60 10M * 0 0 " BASES " * OA:Z:c0,1201,+,10M,60,0;"}},
    {"c0:1001-2000",
     VL_GRADE_INSIDE,
     {"r 0 c0 1101 60 10M * 0 0 " BASES " * OA:Z:c0,901,+,10M,60,0;"}},
    {"c0:1001-2000",
     VL_GRADE_INSIDE,
     {"r 0 c0 1101 60 10M * 0 0 " BASES " * SA:Z:nonsense"}},
    {"c0:1001-2000", VL_GRADE_INSIDE, {"r 0 c0 1101 60 10M * 0 0 " BASES " * SA:i:5"}},
    {"c0:1001-2000", VL_GRADE_INSIDE, {"r 0 c0 1101 60 10M * 0 0 " BASES " * XA:A:c"}},
    {"c0:1001-2000",
     VL_GRADE_INSIDE,
     {"r 0 c0 1101 60 10M * 0 0 " BASES " * SA:Z:c0,1201,+,10Mc1,60,0;"}},
    {"c0:1001-2000",
     VL_GRADE_INSIDE,
     {"r 0 c0 1101 60 10M * 0 0 " BASES " * CC:Z:c1 CP:i:5"}},
    {"c0:1001-2000", VL_GRADE_INSIDE, {"r 0 c0 1101 60 10M * 0 0 " BASES " * OP:i:5"}},
};
enum { N_GRADES = sizeof GRADES / sizeof *GRADES };

START_TEST(test_grades)
{
    struct scene s;
    scene_open(&s, GRADES[_i].sam, GRADES[_i].ranges);
    ck_assert_int_eq(grant_grade(&s.grant, 0), GRADES[_i].grade);
    /* A parent that shows less is never exceeded. */
    for (uint8_t parent = VL_GRADE_NONE; parent <= VL_GRADE_FULL; parent++) {
        s.w.grade.data[0] = parent;
        int grade = grant_grade(&s.grant, 0);
        ck_assert_int_le(grade, parent);
        ck_assert_int_le(grade, GRADES[_i].grade);
        /* What is aligned is cut down to the parent's grade, not further. */
        if (record_is_aligned(s.w.masked.v[0]) && parent < GRADES[_i].grade)
            ck_assert_int_eq(grade, parent);
    }
    scene_close(&s);
}
END_TEST

/* A mate that the parent does not show is not looked at. */
START_TEST(test_mates_that_the_parent_hides)
{
    static const char *const SAM[MAX_RECORDS] = {
        "r 99 c0 1101 60 10M = 1201 110 " BASES " *",
        "r 147 c0 1201 60 10M = 1101 -110 " BASES " *"};
    for (uint8_t parent = VL_GRADE_NONE; parent <= VL_GRADE_FULL; parent++) {
        struct scene s;
        scene_open(&s, SAM, "c0:1001-2000");
        s.w.grade.data[1] = parent;
        ck_assert_int_eq(grant_start(&s.grant, &s.w), 0);
        ck_assert_int_eq(grant_grade(&s.grant, 0),
                         parent >= VL_GRADE_INSIDE ? VL_GRADE_FULL : VL_GRADE_INSIDE);
        scene_close(&s);
    }
}
END_TEST

/* A slice of all that the parent shows passes its grades on, wherever the records lie;
 * but not tags that cannot be parsed, in which the read group may stand. */
START_TEST(test_everything)
{
    static const char *const SAM[MAX_RECORDS] = {
        "r 65 c1 7001 60 10M c0 5 0 " BASES " * SA:Z:c7,5,+,10M,60,0;",
        "u 133 c1 7001 0 * = 7001 0 " BASES " *"};
    for (uint8_t parent = VL_GRADE_NONE; parent <= VL_GRADE_FULL; parent++)
        for (size_t i = 0; i < 2; i++) {
            struct scene s;
            scene_open(&s, SAM, "c0:1001-2000");
            s.grant.everything = true;
            s.w.grade.data[i] = parent;
            ck_assert_int_eq(grant_grade(&s.grant, i), parent);
            ck_assert_int_eq(
                record_set_aux(s.w.shown.v[i], (const uint8_t *)"XXZno end", 9), 0);
            ck_assert_int_eq(grant_grade(&s.grant, i),
                             parent < VL_GRADE_INSIDE ? parent : VL_GRADE_INSIDE);
            fixture_parse(window_records_add_whole(&s.w, 0, 0),
                          "r 256 c1 7001 0 10M * 0 0 " BASES " *");
            ck_assert(grant_takes_whole(&s.grant, 0));
            scene_close(&s);
        }
}
END_TEST

/* ---- whole records ---- */

static const struct {
    const char *ranges;
    bool taken;
    const char *sam;
} WHOLE[] = {
    {"c0:1001-2000", true,
     "r 256 c0 1101 0 10M * 0 0 " BASES " * SA:Z:c0,1501,+,10M,60,0;"},
    {"c0:1001-2000", true,
     "r 2048 c0 1101 0 10M * 0 0 " BASES " * SA:Z:c0,1501,+,10M,60,0;"},
    {"c0:1001-2000", false,
     "r 2048 c0 1101 0 10M * 0 0 " BASES " * SA:Z:c1,1501,+,10M,60,0;"},
    {"c0:1001-2000", false,
     "r 2048 c0 1995 0 10M * 0 0 " BASES " * SA:Z:c0,1501,+,10M,60,0;"},
    {"c0:1001-2000", false,
     "r 2048 c0 1001 0 5H10M * 0 0 " BASES " * SA:Z:c0,1501,+,10M,60,0;"},
    {"c0:1001-2000", false, "r 256 c0 1101 0 10M * 0 0 " BASES " *"},
    {"c0:1001-2000", false, "r 256 c0 1101 0 10M * 0 0 * *"},
    {"c0:1001-2000", false, "r 2048 c0 1101 0 10M * 0 0 " BASES " *"},
    {"c0:1001-2000", false,
     "r 2113 c0 1101 0 10M c1 1101 0 " BASES " * SA:Z:c0,1501,+,10M,60,0; MC:Z:10M"},
    {"c0:1001-2000", true,
     "r 2113 c0 1101 0 10M = 1301 0 " BASES " * SA:Z:c0,1501,+,10M,60,0; MC:Z:10M"},
    {"c0:1001-2000", false,
     "r 2113 c0 1101 0 10M = 1301 0 " BASES " * SA:Z:c0,1501,+,10M,60,0;"},
};

START_TEST(test_whole_records)
{
    static const char *const NONE[MAX_RECORDS] = {NULL};
    struct scene s;
    scene_open(&s, NONE, WHOLE[_i].ranges);
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

static void expect_shown(struct scene *s, size_t i, int grade, const char *want)
{
    bam1_t *shown = bam_init1();
    ck_assert_int_eq(grant_show(&s->grant, i, grade, shown), 0);
    char *text = sam_text(shown);
    ck_assert_str_eq(text, want);
    free(text);
    bam_destroy1(shown);
}

START_TEST(test_shown_in_full_but_for_the_read_group)
{
    static const char *const SAM[MAX_RECORDS] = {
        "r 99 c0 1101 60 2S2=1X3M2S = 1201 110 " BASES " IIIIIIIIII XA:Z:c0,+1201,10M,0; "
        "RG:Z:lane MD:Z:2A3 BC:Z:ACGT NM:i:1 MC:Z:10M AS:i:9 ML:B:C,1,2"};
    struct scene s;
    scene_open(&s, SAM, "c0:1001-2000");
    ck_assert_int_eq(grant_grade(&s.grant, 0), VL_GRADE_FULL);
    expect_shown(&s, 0, VL_GRADE_FULL,
                 "r 99 c0 1101 60 2S2=1X3M2S = 1201 110 " BASES
                 " IIIIIIIIII XA:Z:c0,+1201,10M,0; "
                 "RG:Z:rg1 MD:Z:2A3 BC:Z:ACGT NM:i:1 MC:Z:10M AS:i:9 ML:B:C,1,2");
    scene_close(&s);
}
END_TEST

/* Grade INSIDE: bases, QUAL, CIGAR, name, MD NM AS XS OQ BQ MM ML MN; other tags as
 * masked, or not. */
START_TEST(test_shown_inside)
{
    static const char *const SAM[MAX_RECORDS] = {
        "r 99 c0 1101 60 2S2=1X3M2S c1 5 0 " BASES
        " IIIIIIIIII XA:Z:c1,+1201,10M,0; RG:Z:lane "
        "MD:Z:2A3 BC:Z:ACGT NM:i:1 MC:Z:8=2X AS:i:9 XS:i:8 SA:Z:c1,7,+,10M,60,0; "
        "OQ:Z:IIIIIIIIII "
        "BQ:Z:@@@@@@@@@@ MM:Z:C+m,0; ML:B:C,1 MN:i:10 CB:Z:ACGT-1 MQ:i:60 XX:Z:private"};
    struct scene s;
    scene_open(&s, SAM, "c0:1001-2000");
    ck_assert_int_eq(grant_grade(&s.grant, 0), VL_GRADE_INSIDE);
    expect_shown(
        &s, 0, VL_GRADE_INSIDE,
        "r 99 c0 1101 60 2S2=1X3M2S c1 5 0 " BASES " IIIIIIIIII RG:Z:rg1 MD:Z:2A3 NM:i:1 "
        "MC:Z:10M AS:i:9 XS:i:8 OQ:Z:IIIIIIIIII BQ:Z:@@@@@@@@@@ MM:Z:C+m,0; ML:B:C,1 "
        "MN:i:10 CB:Z:ACGT-1");
    scene_close(&s);
}
END_TEST

/* A grade below FULL must not hand out tag bytes that cannot be told apart. */
START_TEST(test_malformed_tags_are_shown_in_full_only)
{
    static const char *const SAM[MAX_RECORDS] = {"r 0 c0 1101 60 10M * 0 0 " BASES " *"};
    struct scene s;
    bam1_t *shown = bam_init1();
    scene_open(&s, SAM, "c0:1001-2000");
    ck_assert_int_eq(
        record_set_aux(s.w.shown.v[0], (const uint8_t *)"XXZab\0YYZno end", 15), 0);
    ck_assert_int_eq(grant_grade(&s.grant, 0), VL_GRADE_INSIDE);
    ck_assert_int_eq(grant_show(&s.grant, 0, VL_GRADE_INSIDE, shown), 0);
    ck_assert_int_eq(bam_get_l_aux(shown), 0);
    bam_destroy1(shown);
    scene_close(&s);
}
END_TEST

/* Inside the range the base the original had aligned there; outside, and where it had
 * none, what the masked file shows; MD and NM follow. */
START_TEST(test_shown_at_the_edge)
{
    static const struct {
        const char *ranges, *sam, *want;
    } CASES[] = {
        /* the masked file shows the complement TGCATGCATG */
        {"c0:1001-2000", "r 0 c0 998 60 10M * 0 0 " BASES " IIIIIIIIII",
         "r 0 c0 998 60 10M * 0 0 TGCTACGTAC IIIIIIIIII"},
        {"c0:1001-2000", "r 0 c0 1996 60 10M * 0 0 " BASES " *",
         "r 0 c0 1996 60 10M * 0 0 ACGTAGCATG *"},
        {"c0:1001-1002 c0:1005-1006", "r 0 c0 999 60 10M * 0 0 " BASES " *",
         "r 0 c0 999 60 10M * 0 0 TGGTTGGTTG *"},
        /* clipped and inserted bases stay N, = and X stay M, on both sides */
        {"c0:1001-2000", "r 0 c0 999 60 1S2=1I1X4M1S * 0 0 " BASES " *",
         "r 0 c0 999 60 1S2M1I5M1S * 0 0 NGCNACGTAN *"},
        {"c0:1001-2000", "r 0 c0 1001 60 3S7M * 0 0 " BASES " *",
         "r 0 c0 1001 60 3S7M * 0 0 NNNTACGTAC *"},
        /* a splice whose second block is inside */
        {"c0:1001-2000", "r 0 c0 951 60 5M100N5M * 0 0 " BASES " *",
         "r 0 c0 951 60 5M100N5M * 0 0 TGCATCGTAC *"},
        /* private tags stay private, those of the masked record are shown */
        {"c0:1001-2000",
         "r 0 c0 998 60 10M * 0 0 " BASES
         " * AS:i:7 RG:Z:lane OQ:Z:IIIIIIIIII XX:Z:private",
         "r 0 c0 998 60 10M * 0 0 TGCTACGTAC * RG:Z:rg1"},
        {"c0:1001-2000",
         "r 99 c0 998 60 10M = 1201 110 " BASES " * MC:Z:8=2X SA:Z:c1,7,+,10M,60,0;",
         "r 99 c0 998 60 10M = 1201 110 TGCTACGTAC * MC:Z:10M"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        const char *sam[MAX_RECORDS] = {CASES[i].sam};
        struct scene s;
        scene_open(&s, sam, CASES[i].ranges);
        ck_assert_int_eq(grant_grade(&s.grant, 0), VL_GRADE_EDGE);
        expect_shown(&s, 0, VL_GRADE_EDGE, CASES[i].want);
        scene_close(&s);
    }
}
END_TEST

/* MD and NM count what the edge record shows, against the reference that the masked MD
 * tells. */
START_TEST(test_md_at_the_edge)
{
    static const char *const SAM[MAX_RECORDS] = {"r 0 c0 998 60 10M * 0 0 " BASES
                                                 " * NM:i:1 MD:Z:7A2"};
    struct scene s;
    bam1_t *shown = bam_init1();
    scene_open(&s, SAM, "c0:1001-2000");
    /* What the masked file says of its own bases, as mask_record would have written it.
     */
    ck_assert_int_eq(record_set_aux(s.w.masked.v[0],
                                    (const uint8_t *)"NMC\x09MDZ0A0C0G0T0A0C0G1A0C0\0",
                                    27),
                     0);
    ck_assert_int_eq(grant_show(&s.grant, 0, VL_GRADE_EDGE, shown), 0);
    char *text = sam_text(shown);
    ck_assert_str_eq(text, "r 0 c0 998 60 10M * 0 0 TGCTACGTAC * NM:i:4 MD:Z:0A0C0G4A2");
    free(text);
    bam_destroy1(shown);
    scene_close(&s);
}
END_TEST

/* Cutting a slice of a slice: the edge record the parent shows is all there is to give.
 */
START_TEST(test_edge_of_an_edge)
{
    static const char *const SAM[MAX_RECORDS] = {"r 0 c0 998 60 10M * 0 0 " BASES " *"};
    struct scene s;
    scene_open(&s, SAM, "c0:1001-1003 c0:900-999");
    fixture_parse(s.w.shown.v[0], "r 0 c0 998 60 10M * 0 0 TGCTACGTAC *");
    s.w.grade.data[0] = VL_GRADE_EDGE;
    ck_assert_int_eq(grant_grade(&s.grant, 0), VL_GRADE_EDGE);
    expect_shown(&s, 0, VL_GRADE_EDGE, "r 0 c0 998 60 10M * 0 0 TGCTACCATG *");
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
    bam1_t *shown = bam_init1();
    scene_open(&s, NONE, "c0:1001-2000");
    snprintf(sam, sizeof sam, "%s RG:Z:lane NM:i:0", REST);
    snprintf(want, sizeof want, "%s RG:Z:rg1 NM:i:0", REST);
    fixture_parse(window_records_add_whole(&s.w, 0, 0), sam);
    ck_assert_int_eq(grant_show_whole(&s.grant, 0, shown), 0);
    char *text = sam_text(shown);
    ck_assert_str_eq(text, want);
    free(text);
    /* A slice's own whole records have the pseudonym already. */
    s.grant.read_groups = NULL;
    ck_assert_int_eq(grant_show_whole(&s.grant, 0, shown), 0);
    text = sam_text(shown);
    ck_assert_str_eq(text, sam);
    free(text);
    bam_destroy1(shown);
    scene_close(&s);
}
END_TEST

Suite *grant_suite(void)
{
    Suite *suite = suite_create("grant");
    TCase *tcase = tcase_create("grant");
    tcase_add_loop_test(tcase, test_grades, 0, N_GRADES);
    tcase_add_test(tcase, test_mates_that_the_parent_hides);
    tcase_add_test(tcase, test_everything);
    tcase_add_loop_test(tcase, test_whole_records, 0, sizeof WHOLE / sizeof *WHOLE);
    tcase_add_test(tcase, test_shown_in_full_but_for_the_read_group);
    tcase_add_test(tcase, test_shown_inside);
    tcase_add_test(tcase, test_malformed_tags_are_shown_in_full_only);
    tcase_add_test(tcase, test_shown_at_the_edge);
    tcase_add_test(tcase, test_md_at_the_edge);
    tcase_add_test(tcase, test_edge_of_an_edge);
    tcase_add_test(tcase, test_whole_record_keeps_all_but_the_read_group);
    suite_add_tcase(suite, tcase);
    return suite;
}
