/* What a slice shows where masked and original geometry differ. */
#include "grant/grant.h"
#include "record_fixture.h"
#include "window/record_array.h"
#include "window/window_records.h"

Suite *grant_synth_suite(void);

/* The masked record shows A throughout, which is the reference. */
#define A10 "AAAAAAAAAA"
#define GRANTED "c0:1001-2000"

static const struct {
    const char *what, *masked, *original;
    int grade;
    const char *shown; /* NULL: nothing, or all of the original but its read group */
} CASES[] = {
    {"all inside", "r 0 c0 1001 60 10M * 0 0 " A10 " *",
     "r 0 c0 1003 50 2S8M * 0 0 CCGGGGGGGG *", VL_GRADE_FULL,
     "r 0 c0 1003 50 2S8M * 0 0 CCGGGGGGGG *"},
    {"its clips are not", "r 0 c0 998 60 10M * 0 0 " A10 " * NM:i:0 MD:Z:10",
     "r 0 c0 1000 50 2S8M * 0 0 CCGGGGGGGG * AS:i:5", VL_GRADE_EDGE,
     "r 0 c0 998 60 10M * 0 0 AAAGGGGGGG * NM:i:7 MD:Z:3A0A0A0A0A0A0A0"},
    {"an insertion", "r 0 c0 998 60 10M * 0 0 " A10 " * NM:i:0 MD:Z:10",
     "r 0 c0 998 60 4M2I4M * 0 0 CCCCTTGGGA *", VL_GRADE_EDGE,
     "r 0 c0 998 60 10M * 0 0 AAACGGGANN * NM:i:6 MD:Z:3A0A0A0A1A0A0"},
    {"a deletion", "r 0 c0 998 60 10M * 0 0 " A10 " * NM:i:0 MD:Z:10",
     "r 0 c0 998 60 4M2D6M * 0 0 CCCCGGGGGG *", VL_GRADE_EDGE,
     "r 0 c0 998 60 10M * 0 0 AAACNNGGGG * NM:i:7 MD:Z:3A0A0A0A0A0A0A0"},
    {"an intron", "r 0 c0 996 60 3M5N7M * 0 0 " A10 " *",
     "r 0 c0 996 60 3M5N2M2I3M * 0 0 CCCGGTTGGG *", VL_GRADE_EDGE,
     "r 0 c0 996 60 3M5N7M * 0 0 AAAGGGGGNN *"},
    {"reverse, laid from its other end", "r 16 c0 996 60 10M * 0 0 " A10 " *",
     "r 16 c0 994 60 5M2D5M * 0 0 CCCCCGGGGG *", VL_GRADE_EDGE,
     "r 16 c0 996 60 10M * 0 0 AAAAAGGGGG *"},
    {"aligned elsewhere inside", "r 0 c0 1996 60 10M * 0 0 " A10 " *",
     "r 0 c0 1999 60 3S7M * 0 0 CCCGGGGGGG *", VL_GRADE_EDGE,
     "r 0 c0 1996 60 10M * 0 0 NNNGGAAAAA *"},
    {"its masked form is outside", "r 0 c0 991 60 10M * 0 0 " A10 " *",
     "r 0 c0 991 60 5M10D5M * 0 0 CCCCCGGGGG *", VL_GRADE_NONE, NULL},
    {"it is inside, its masked form is not", "r 16 c0 991 60 10M * 0 0 " A10 " *",
     "r 16 c0 1001 60 10M * 0 0 GGGGGGGGGG *", VL_GRADE_FULL,
     "r 16 c0 1001 60 10M * 0 0 GGGGGGGGGG *"},
    {"its mate is outside: that stays as masked",
     "r 99 c0 1101 60 10M = 1991 900 " A10 " * CB:Z:AC MC:Z:10M RG:Z:rg1",
     "r 97 c0 1102 50 1S9M = 1995 896 CGGGGGGGGG * MC:Z:10M AS:i:9 RG:Z:lane "
     "XX:Z:private CB:Z:AC",
     VL_GRADE_INSIDE,
     "r 99 c0 1102 50 1S9M = 1991 900 CGGGGGGGGG * MC:Z:10M AS:i:9 RG:Z:rg1 CB:Z:AC"},
};
enum { N_CASES = sizeof CASES / sizeof *CASES };

static char *sam_text(const bam1_t *b)
{
    kstring_t line = {0, 0, NULL};
    ck_assert_int_ge(sam_format1(fixture_header(), b, &line), 0);
    for (size_t i = 0; i < line.l; i++)
        if (line.s[i] == '\t')
            line.s[i] = ' ';
    return line.s;
}

START_TEST(test_cases)
{
    struct window_records w = {.model = VL_MASK_SYNTH};
    struct vl_contigs contigs = VL_CONTIGS_INIT;
    struct vl_names groups = VL_NAMES_INIT;
    struct vl_ranges ranges = VL_RANGES_INIT;
    bam1_t *shown = bam_init1();
    vl_contigs_add(&contigs, "c0", 5000000, NULL);
    vl_contigs_add(&contigs, "c1", 5000000, NULL);
    vl_names_add(&groups, "lane");
    vl_names_index(&groups);
    vl_contigs_index(&contigs);
    ck_assert_int_eq(vl_ranges_parse(&ranges, &contigs, GRANTED, NULL), 0);
    vl_ranges_normalise(&ranges);
    fixture_parse(record_array_add(&w.masked), CASES[_i].masked);
    fixture_parse(record_array_add(&w.shown), CASES[_i].original);
    vl_buf_add_byte(&w.grade, VL_GRADE_FULL);
    struct grant grant = {.ranges = &ranges, .contigs = &contigs, .read_groups = &groups};
    ck_assert_int_eq(grant_start(&grant, &w), 0);
    int grade = grant_grade(&grant, 0);
    ck_assert_msg(grade == CASES[_i].grade, "%s: grade %d", CASES[_i].what, grade);
    if (grade != VL_GRADE_NONE) {
        ck_assert_int_eq(grant_show(&grant, 0, grade, shown), 0);
        char *text = sam_text(shown);
        ck_assert_msg(strcmp(text, CASES[_i].shown) == 0, "%s: %s", CASES[_i].what, text);
        free(text);
    }
    bam_destroy1(shown);
    grant_clear(&grant);
    window_records_clear(&w);
    vl_ranges_clear(&ranges);
    vl_contigs_clear(&contigs);
    vl_names_clear(&groups);
}
END_TEST

/* Mates are found by the names and places of the originals; the masked file may have
 * tokens in another order, and other places. */
START_TEST(test_mates_by_their_original_places)
{
    static const char *const SAM[4][2] = {
        {"b 99 c0 1101 60 10M = 1201 110 " A10 " *",
         "r 97 c0 1103 50 2S8M = 1204 107 CCGGGGGGGG *"},
        {"c 99 c0 1151 60 10M = 1251 110 " A10 " *",
         "q 97 c0 1153 50 2S8M = 1254 107 CCGGGGGGGG *"},
        {"b 147 c0 1201 60 10M = 1101 -110 " A10 " *",
         "r 145 c0 1204 50 3S7M = 1103 -107 CCCGGGGGGG * SA:Z:c1,5,+,10M,60,0;"},
        {"c 147 c0 1251 60 10M = 1151 -110 " A10 " *",
         "q 145 c0 1254 50 3S7M = 1153 -107 CCCGGGGGGG *"}};
    for (int has_sa = 0; has_sa < 2; has_sa++) {
        struct window_records w = {.model = VL_MASK_SYNTH};
        struct vl_contigs contigs = VL_CONTIGS_INIT;
        struct vl_ranges ranges = VL_RANGES_INIT;
        vl_contigs_add(&contigs, "c0", 5000000, NULL);
        vl_contigs_add(&contigs, "c1", 5000000, NULL);
        vl_contigs_index(&contigs);
        ck_assert_int_eq(vl_ranges_parse(&ranges, &contigs, GRANTED, NULL), 0);
        vl_ranges_normalise(&ranges);
        for (int i = 0; i < 4; i++) {
            fixture_parse(record_array_add(&w.masked), SAM[i][0]);
            fixture_parse(record_array_add(&w.shown), SAM[i][1]);
            vl_buf_add_byte(&w.grade, VL_GRADE_FULL);
        }
        if (!has_sa)
            ck_assert_int_eq(bam_aux_del(w.shown.v[2], bam_aux_get(w.shown.v[2], "SA")),
                             0);
        struct grant grant = {.ranges = &ranges, .contigs = &contigs};
        ck_assert_int_eq(grant_start(&grant, &w), 0);
        for (size_t i = 0; i < 4; i++)
            ck_assert_int_eq(grant_grade(&grant, i),
                             has_sa && i % 2 == 0 ? VL_GRADE_INSIDE : VL_GRADE_FULL);
        grant_clear(&grant);
        window_records_clear(&w);
        vl_ranges_clear(&ranges);
        vl_contigs_clear(&contigs);
    }
}
END_TEST

Suite *grant_synth_suite(void)
{
    Suite *suite = suite_create("grant_synth");
    TCase *tcase = tcase_create("synth");
    tcase_add_loop_test(tcase, test_cases, 0, N_CASES);
    tcase_add_test(tcase, test_mates_by_their_original_places);
    suite_add_tcase(suite, tcase);
    return suite;
}
