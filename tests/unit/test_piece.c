#include "grant/piece.h"
#include "record_fixture.h"

Suite *piece_suite(void);

/* Ranges of c0, 1-based and inclusive. */
static struct vl_ranges parse_ranges(const char *text)
{
    struct vl_ranges ranges = VL_RANGES_INIT;
    struct vl_contigs contigs = VL_CONTIGS_INIT;
    char copy[128], *save = NULL;
    vl_contigs_add(&contigs, "c0", 5000000, NULL);
    strcpy(copy, text);
    for (char *p = strtok_r(copy, " ", &save); p; p = strtok_r(NULL, " ", &save)) {
        long long beg, end;
        ck_assert_int_eq(sscanf(p, "%lld-%lld", &beg, &end), 2);
        ck_assert_int_eq(vl_ranges_add(&ranges, &contigs, 0, beg - 1, end), 0);
    }
    vl_ranges_normalise(&ranges);
    vl_contigs_clear(&contigs);
    return ranges;
}

#define B10 "ACGTACGTAC"

static const struct {
    const char *ranges, *sam, *want; /* NULL: no piece */
} CASES[] = {
    {"101-200", "r 99 c0 98 17 10M = 301 90 " B10 " ABCDEFGHIJ",
     "* 0 c0 101 0 7M * 0 0 TACGTAC DEFGHIJ"},
    {"101-200", "r 1683 c0 196 20 10M = 98 -10 " B10 " *",
     "* 1552 c0 196 60 5M * 0 0 ACGTA *"},
    {"101-200", "r 0 c0 91 60 10M * 0 0 " B10 " *", NULL},
    {"101-200", "r 4 c0 121 0 * * 0 0 " B10 " *", NULL},
    {"101-200", "r 0 c0 121 60 10M * 0 0 * *", NULL},
    {"101-200", "r 0 c0 91 60 5M200N5M * 0 0 " B10 " *", NULL},
    /* clips go; indels and introns between bases inside stay */
    {"101-200", "r 0 c0 121 60 2S2M1D1=1I1X2M1H * 0 0 ACGTACGTA *",
     "* 0 c0 121 60 2M1D1=1I1X2M * 0 0 GTACGTA *"},
    {"101-200", "r 0 c0 121 60 5M20N2P5M * 0 0 " B10 " *",
     "* 0 c0 121 60 5M20N2P5M * 0 0 " B10 " *"},
    /* what lies at the edge is not between bases inside */
    {"101-200", "r 0 c0 98 60 3M2I5M * 0 0 " B10 " *", "* 0 c0 101 60 5M * 0 0 CGTAC *"},
    {"101-200", "r 0 c0 98 60 3M9D7M * 0 0 " B10 " *",
     "* 0 c0 110 60 7M * 0 0 TACGTAC *"},
    {"101-200", "r 0 c0 194 60 7M2I1M * 0 0 " B10 " *",
     "* 0 c0 194 60 7M * 0 0 ACGTACG *"},
    {"101-200", "r 0 c0 194 60 4M9D6M * 0 0 " B10 " *", "* 0 c0 194 60 4M * 0 0 ACGT *"},
    {"101-200", "r 0 c0 194 60 6M1I4M * 0 0 ACGTACGTACG *",
     "* 0 c0 194 60 6M1I1M * 0 0 ACGTACGT *"},
    /* the longest of several, the first of equal ones */
    {"101-103 105-109", "r 0 c0 101 60 10M * 0 0 " B10 " *",
     "* 0 c0 105 60 5M * 0 0 ACGTA *"},
    {"101-104 106-109", "r 0 c0 101 60 10M * 0 0 " B10 " *",
     "* 0 c0 101 60 4M * 0 0 ACGT *"},
    {"101-104 108-118", "r 0 c0 101 60 7M8N3M * 0 0 " B10 " *",
     "* 0 c0 101 60 4M * 0 0 ACGT *"},
    /* tags */
    {"101-200",
     "r 0 c0 98 60 4M2D6M * 0 0 " B10 " * RG:Z:lane XX:Z:x MD:Z:1T2^GG3A2 NM:i:4 AS:i:7 "
     "BC:Z:AC",
     "* 0 c0 101 60 1M2D6M * 0 0 TACGTAC * MD:Z:1^GG3A2 NM:i:3 RG:Z:rg1"},
    {"101-200", "r 0 c0 98 60 2M2D2M1I5M * 0 0 " B10 " * MD:Z:2^GG7",
     "* 0 c0 102 60 2M1I5M * 0 0 GTACGTAC * MD:Z:7"},
    {"101-200", "r 0 c0 98 60 10M * 0 0 " B10 " * NM:i:4 RG:Z:none",
     "* 0 c0 101 60 7M * 0 0 TACGTAC *"},
    {"101-200", "r 0 c0 98 60 10M * 0 0 " B10 " * MD:Z:9 NM:i:4",
     "* 0 c0 101 60 7M * 0 0 TACGTAC *"},
    /* modifications: C at 1, 5 and 9 of the whole, at 2 and 6 of the piece */
    {"101-200", "r 0 c0 98 60 10M * 0 0 " B10 " * MM:Z:C+m?,0,1;C+h,1;A-x,2;",
     "* 0 c0 101 60 7M * 0 0 TACGTAC * MM:Z:C+m?,1;C+h,0;A-x,1; MN:i:7"},
    {"101-200",
     "r 0 c0 98 60 10M * 0 0 " B10 " * MM:Z:C+mh,0,1;N+76792.,3,1; "
     "ML:B:C,1,2,3,4,5,6 MN:i:10",
     "* 0 c0 101 60 7M * 0 0 TACGTAC * ML:B:C,3,4,5,6 MM:Z:C+mh,1;N+76792.,0,1; MN:i:7"},
    /* of a reverse read the last base of SEQ comes first: G at 0, 4 and 8 of the whole,
       at 0 and 4 of the piece */
    {"101-200", "r 16 c0 98 60 10M * 0 0 " B10 " * MM:Z:G+m,0,0,0;C+m,1; ML:B:C,7,8,9,5",
     "* 16 c0 101 60 7M * 0 0 TACGTAC * ML:B:C,7,8 MM:Z:G+m,0,0;C+m; MN:i:7"},
    {"101-200", "r 0 c0 98 60 10M * 0 0 " B10 " * MM:Z:C+m,1;U+x,0; ML:B:C,1,2",
     "* 0 c0 101 60 7M * 0 0 TACGTAC * ML:B:C,1 MM:Z:C+m,0;U+x; MN:i:7"},
    {"101-200", "r 0 c0 98 60 10M * 0 0 " B10 " * MM:Z: ML:B:C",
     "* 0 c0 101 60 7M * 0 0 TACGTAC * ML:B:C MM:Z: MN:i:7"},
};
enum { N_CASES = sizeof CASES / sizeof *CASES };

/* Modifications that do not fit SEQ, or are not understood, are left out. */
static const char *const MISFITS[] = {
    "MM:Z:C+m,3;",        "MM:Z:C+m,1,1;",        "MM:Z:C+m,0",
    "MM:Z:C+m,;",         "MM:Z:Cm,0;",           "MM:Z:X+m,0;",
    "MM:Z:C+,0;",         "MM:Z:C+m9,0;",         "MM:Z:C+m,0; ML:B:C,1,2",
    "MM:Z:C+m,0; ML:B:C", "MM:Z:C+m,0; ML:B:c,1", "MM:Z:C+m,0; ML:i:1",
    "MM:Z:C+m,0; MN:i:9", "MM:Z:C+m,0; MN:Z:10",  "MM:A:C",
    "MM:Z:C+m,-1;",       "MM:Z:C+m,0;;",         "ML:B:C,1",
};
enum { N_MISFITS = sizeof MISFITS / sizeof *MISFITS };

static char *piece_text(const char *ranges, const char *sam)
{
    struct vl_ranges set = parse_ranges(ranges);
    struct vl_names groups = VL_NAMES_INIT;
    struct piece_maker maker = {0};
    struct piece piece;
    bam1_t *b = fixture_record(sam), *made = bam_init1();
    kstring_t line = {0, 0, NULL};
    vl_names_add(&groups, "lane");
    vl_names_index(&groups);
    if (piece_find(b, &set, &piece)) {
        ck_assert_int_eq(piece_make(&maker, b, &piece, &groups, made), 0);
        ck_assert_int_ge(sam_format1(fixture_header(), made, &line), 0);
        for (size_t i = 0; i < line.l; i++)
            line.s[i] = line.s[i] == '\t' ? ' ' : line.s[i];
    }
    piece_maker_clear(&maker);
    vl_ranges_clear(&set);
    vl_names_clear(&groups);
    bam_destroy1(b);
    bam_destroy1(made);
    return line.s;
}

START_TEST(test_cases)
{
    char *text = piece_text(CASES[_i].ranges, CASES[_i].sam);
    if (CASES[_i].want)
        ck_assert_str_eq(text ? text : "nothing", CASES[_i].want);
    else
        ck_assert_ptr_null(text);
    free(text);
}
END_TEST

START_TEST(test_modifications_that_do_not_fit)
{
    char sam[200];
    snprintf(sam, sizeof sam, "r 0 c0 98 60 10M * 0 0 " B10 " * %s", MISFITS[_i]);
    char *text = piece_text("101-200", sam);
    ck_assert_str_eq(text, "* 0 c0 101 60 7M * 0 0 TACGTAC *");
    free(text);
}
END_TEST

Suite *piece_suite(void)
{
    Suite *suite = suite_create("piece");
    TCase *tcase = tcase_create("piece");
    tcase_add_loop_test(tcase, test_cases, 0, N_CASES);
    tcase_add_loop_test(tcase, test_modifications_that_do_not_fit, 0, N_MISFITS);
    suite_add_tcase(suite, tcase);
    return suite;
}
