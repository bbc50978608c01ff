
#include <ctype.h>

#include "projection/masked_tags.h"
#include "projection/pseudonym.h"
#include "record_fixture.h"

Suite *tags_mask_suite(void);

/* The masked tags as SAM text; the caller frees it. */
static char *text_of(bam1_t *b, const char *keep, bool computes_mc, const uint32_t *mate,
                     uint32_t n_mate)
{
    struct vl_names groups = VL_NAMES_INIT;
    vl_names_add(&groups, "lane1");
    vl_names_add(&groups, "lane2");
    struct tag_policy policy = {
        .keep = keep, .read_groups = &groups, .computes_mc = computes_mc};
    struct vl_buf out = VL_BUF_INIT;
    kstring_t line = {0, 0, NULL};
    vl_names_index(&groups);
    tags_mask(b, &policy, mate, n_mate, &out);
    bam1_t *masked = fixture_tagged(out.data ? out.data : (const uint8_t *)"", out.len);
    ck_assert_int_ge(sam_format1(fixture_header(), masked, &line), 0);
    const char *tab = line.s;
    for (int i = 0; tab && i < 11; i++)
        tab = strchr(tab + 1, '\t');
    char *text = strdup(tab ? tab + 1 : "");
    free(line.s);
    bam_destroy1(masked);
    vl_buf_clear(&out);
    vl_names_clear(&groups);
    return text;
}

static char *masked_text(bam1_t *b, const char *keep)
{
    return text_of(b, keep, false, NULL, 0);
}

/* Tags separated by blanks in, tabs as blanks out. */
static void expect_masked(const char *tags, const char *keep, const char *want)
{
    char line[1024];
    snprintf(line, sizeof line, "r 0 c0 101 60 4M * 0 0 ACGT *%s%s", *tags ? " " : "",
             tags);
    bam1_t *b = fixture_record(line);
    char *text = masked_text(b, keep);
    for (char *p = text; *p; p++)
        if (*p == '\t')
            *p = ' ';
    ck_assert_str_eq(text, want);
    free(text);
    bam_destroy1(b);
}

START_TEST(test_kept_barcodes)
{
    static const char *const NAMES[] = {"BX", "CB", "CR", "MI", "RX", "UB", "UR"};
    char in[512], want[512];
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        snprintf(in, sizeof in, "%s:Z:ABCGTN0123456789+_/-", NAMES[i]);
        expect_masked(in, NULL, in);
        /* One character at a time: only those of the list. */
        for (char c = '!'; c <= '~'; c++) {
            snprintf(in, sizeof in, "%s:Z:A%c", NAMES[i], c);
            bool allowed = strchr("ABCGTN0123456789+_/-", c) != NULL;
            expect_masked(in, NULL, allowed ? in : "");
        }
        snprintf(in, sizeof in, "%s:A:A", NAMES[i]);
        expect_masked(in, NULL, "");
        snprintf(in, sizeof in, "%s:i:7", NAMES[i]);
        expect_masked(in, NULL, "");
        snprintf(in, sizeof in, "%s:H:AC", NAMES[i]);
        expect_masked(in, NULL, "");
        snprintf(in, sizeof in, "%s:B:C,65,67", NAMES[i]);
        expect_masked(in, NULL, "");
        snprintf(want, sizeof want, "%s:Z:ACGT", NAMES[i]);
        snprintf(in, sizeof in, "%s:Z:ACGT %s:Z:TTTT", NAMES[i], NAMES[i]);
        expect_masked(in, NULL, want);
        snprintf(in, sizeof in, "%s:Z:acgt %s:Z:TTTT", NAMES[i], NAMES[i]);
        expect_masked(in, NULL, "");
    }
}
END_TEST

START_TEST(test_quality_tags_follow_their_barcode)
{
    static const char *const PAIRS[][2] = {{"RX", "QX"}, {"CR", "CY"}, {"UR", "UY"}};
    char in[256], want[256];
    for (size_t i = 0; i < 3; i++) {
        const char *of = PAIRS[i][0], *quality = PAIRS[i][1];
        /* SAM text order is by name in the masked record. */
        snprintf(in, sizeof in, "%s:Z:ACGT %s:Z:I#~!", of, quality);
        snprintf(want, sizeof want, "%s:Z:%s %s:Z:%s",
                 strcmp(of, quality) < 0 ? of : quality,
                 strcmp(of, quality) < 0 ? "ACGT" : "I#~!",
                 strcmp(of, quality) < 0 ? quality : of,
                 strcmp(of, quality) < 0 ? "I#~!" : "ACGT");
        expect_masked(in, NULL, want);
        snprintf(want, sizeof want, "%s:Z:ACGT", of);
        snprintf(in, sizeof in, "%s:Z:ACGT %s:Z:I#~!I", of, quality);
        expect_masked(in, NULL, want);
        snprintf(in, sizeof in, "%s:Z:ACGT %s:Z:I#~", of, quality);
        expect_masked(in, NULL, want);
        snprintf(in, sizeof in, "%s:Z:ACGT %s:H:AABB", of, quality);
        expect_masked(in, NULL, want);
        snprintf(in, sizeof in, "%s:Z:I#~!", quality);
        expect_masked(in, NULL, "");
        snprintf(in, sizeof in, "%s:Z:Jane %s:Z:I#~!", of, quality);
        expect_masked(in, NULL, "");
        snprintf(in, sizeof in, "%s:i:1 %s:Z:I#~!", of, quality);
        expect_masked(in, NULL, "");
    }
}
END_TEST

START_TEST(test_everything_else_is_private)
{
    char in[256];
    expect_masked(
        "AS:i:1 XS:i:2 XA:Z:c1,+5,4M,0; SA:Z:c1,5,+,4M,60,0; OQ:Z:IIII BQ:Z:@@@@ "
        "MM:Z:C+m,0; ML:B:C,5 BC:Z:ACGT QT:Z:IIII PG:Z:bwa NM:i:0 MD:Z:4 RG:Z:other "
        "CO:Z:x OX:Z:ACGT CT:Z:ACGT LB:Z:AC PU:Z:AC SM:i:3 U2:Z:IIII MQ:i:60 TS:A:+",
        NULL, "");
    for (char a = '0'; a <= 'z'; a++)
        for (char c = '0'; c <= 'z'; c++) {
            static const char KEPT[] = "BX CB CR MI RX UB UR MC RG";
            char name[3] = {a, c, 0};
            if (!isalpha((unsigned char)a) || !isalnum((unsigned char)c) ||
                strstr(KEPT, name))
                continue;
            snprintf(in, sizeof in, "%s:Z:ACGT", name);
            expect_masked(in, NULL, "");
        }
}
END_TEST

START_TEST(test_order_is_by_name)
{
    expect_masked(
        "UY:Z:II RX:Z:AC MC:Z:4M QX:Z:II UR:Z:AC RG:Z:lane1 BX:Z:AC-1 UB:Z:AC CY:Z:II "
        "MI:Z:7 CR:Z:GT CB:Z:GT-1 AS:i:5",
        NULL,
        "BX:Z:AC-1 CB:Z:GT-1 CR:Z:GT CY:Z:II MC:Z:4M MI:Z:7 QX:Z:II RG:Z:rg1 RX:Z:AC "
        "UB:Z:AC UR:Z:AC UY:Z:II");
}
END_TEST

START_TEST(test_malformed_tags_show_nothing)
{
    bam1_t *b = fixture_tagged((const uint8_t *)"RXZACGT\0XXZno end", 17);
    char *text = masked_text(b, "XX");
    ck_assert_str_eq(text, "");
    free(text);
    bam_destroy1(b);
}
END_TEST

START_TEST(test_mate_cigar_folds)
{
    expect_masked("MC:Z:10M", NULL, "MC:Z:10M");
    expect_masked("MC:Z:10=", NULL, "MC:Z:10M");
    expect_masked("MC:Z:3=1X6=", NULL, "MC:Z:10M");
    expect_masked("MC:Z:2H5S3=1X2I6=1D4X7N1M2P3M5S", NULL,
                  "MC:Z:2H5S4M2I6M1D4M7N1M2P3M5S");
    expect_masked("MC:Z:*", NULL, "MC:Z:*");
    static const char *const BAD[] = {
        "MC:Z:",     "MC:Z:M",     "MC:Z:10",         "MC:Z:10M5", "MC:Z:10Q",
        "MC:Z:+10M", "MC:Z:10M;5", "MC:Z:10m",        "MC:Z:**",   "MC:A:*",
        "MC:i:10",   "MC:Z:-5M",   "MC:Z:1000000000M"};
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++)
        expect_masked(BAD[i], NULL, "");
    /* What was written before the fault must not stay behind. */
    expect_masked("MC:Z:5S10MJane CB:Z:AC", NULL, "CB:Z:AC");
}
END_TEST

START_TEST(test_read_group_pseudonyms)
{
    expect_masked("RG:Z:lane1", NULL, "RG:Z:rg1");
    expect_masked("RG:Z:lane2", NULL, "RG:Z:rg2");
    expect_masked("RG:Z:lane3", NULL, "");
    expect_masked("RG:Z:rg1", NULL, "");
    expect_masked("RG:A:l", NULL, "");
    expect_masked("RG:Z:lane2", "RG,XX", "RG:Z:rg2");
    static const struct {
        const char *value;
        int number;
    } CASES[] = {
        {"rg1", 0},   {"rg3", 2},   {"rg4", -1},          {"rg0", -1},
        {"rg", -1},   {"rg01", -1}, {"rg1x", -1},         {"rg 1", -1},
        {"rg+1", -1}, {"rg-1", -1}, {"RG1", -1},          {"", -1},
        {"r", -1},    {"g1", -1},   {"rg4294967297", -1}, {"rg18446744073709551617", -1}};
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        uint8_t *exact = (uint8_t *)strdup(CASES[i].value);
        ck_assert_int_eq(read_group_of_pseudonym(exact, 3), CASES[i].number);
        free(exact);
    }
}
END_TEST

START_TEST(test_keep_list)
{
    struct vl_error err = {0};
    static const char *const GOOD[] = {"", "XX", "XX,YY", "X1,aB,Z9"};
    static const char *const BAD[] = {
        "X",     "XYZ",  ",",      "XX,", ",XX",   "XX,,YY", "XX YY", "1X",     "X-",
        "XX;YY", "XX,Y", "XX,YYY", "MD",  "XX,NM", "MC,XX",  "RG",    "XX, YY", "*"};
    ck_assert_int_eq(tag_policy_check_keep(NULL, &err), 0);
    for (size_t i = 0; i < sizeof GOOD / sizeof *GOOD; i++)
        ck_assert_int_eq(tag_policy_check_keep(GOOD[i], &err), 0);
    ck_assert_str_eq(err.message, "");
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        err.message[0] = '\0';
        ck_assert_msg(tag_policy_check_keep(BAD[i], &err) == VL_ERR_USAGE, "%s", BAD[i]);
        ck_assert_str_ne(err.message, "");
    }
    expect_masked("YY:Z:Jane XX:i:70000 AS:i:1 xx:Z:no", "XX,YY", "XX:i:70000 YY:Z:Jane");
    expect_masked("CB:Z:Jane AS:i:1", "CB", "CB:Z:Jane");
    expect_masked("YX:Z:no", "XY,ZY", "");
}
END_TEST

/* Under synth MC is the mate's masked CIGAR, whatever the record's own says. */
START_TEST(test_computed_mate_cigar)
{
    static const char *const TAGS[] = {"", "CB:Z:AC RG:Z:lane2", "MI:Z:1",
                                       "MC:Z:9M CB:Z:AC MI:Z:1", "CB:Z:AC MC:Z:5M"};
    static const char *const WANT[] = {
        "MC:Z:5M20N7M", "CB:Z:AC MC:Z:5M20N7M RG:Z:rg2", "MC:Z:5M20N7M MI:Z:1",
        "CB:Z:AC MC:Z:5M20N7M MI:Z:1", "CB:Z:AC MC:Z:5M20N7M"};
    const uint32_t mate[] = {5 << 4, 20 << 4 | BAM_CREF_SKIP, 7 << 4};
    for (size_t i = 0; i < 5; i++)
        for (uint32_t n_mate = 0; n_mate <= 3; n_mate += 3) {
            char line[256], want[256];
            snprintf(line, sizeof line, "r 0 c0 101 60 4M * 0 0 ACGT *%s%s",
                     *TAGS[i] ? " " : "", TAGS[i]);
            bam1_t *b = fixture_record(line);
            char *text = text_of(b, NULL, true, mate, n_mate);
            for (char *p = text; *p; p++)
                if (*p == '\t')
                    *p = ' ';
            strcpy(want, WANT[i]);
            char *mc = strstr(want, "MC:Z:5M20N7M");
            if (n_mate == 0) {
                size_t cut = strlen("MC:Z:5M20N7M") + (mc[12] == ' ');
                memmove(mc, mc + cut, strlen(mc + cut) + 1);
                size_t n = strlen(want);
                if (n > 0 && want[n - 1] == ' ')
                    want[n - 1] = '\0';
            }
            ck_assert_str_eq(text, want);
            free(text);
            bam_destroy1(b);
        }
}
END_TEST

/* Dropped tags are gone, the others stay as they are and in their order, malformed bytes
 * too. */
START_TEST(test_drop)
{
    static const struct {
        const char *before, *list, *after;
        size_t n_before, n_after;
    } CASES[] = {
        {"XAAxXBC\1XZZabc\0XAAy", "XA", "XBC\1XZZabc\0", 19, 11},
        {"XAAxXBC\1XZZabc\0XAAy", "XB,XZ", "XAAxXAAy", 19, 8},
        {"XAAxXBC\1XZZabc\0XAAy", "XA,XB,XZ", "", 19, 0},
        {"XAAxXBC\1XZZabc\0XAAy", "AX,ZZ,BC", "XAAxXBC\1XZZabc\0XAAy", 19, 19},
        {"XAAxXBC\1XZZabc\0XAAy", "", "XAAxXBC\1XZZabc\0XAAy", 19, 19},
        {"XAAxXBC\1XXZno end", "XA,XX", "XBC\1XXZno end", 17, 13},
        {"", "XA", "", 0, 0},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        bam1_t *b = fixture_tagged((const uint8_t *)CASES[i].before, CASES[i].n_before);
        tags_drop(b, CASES[i].list);
        ck_assert_int_eq(bam_get_l_aux(b), (int)CASES[i].n_after);
        ck_assert_msg(memcmp(bam_get_aux(b), CASES[i].after, CASES[i].n_after) == 0,
                      "%zu", i);
        bam_destroy1(b);
    }
}
END_TEST

/* What is dropped may be any tag, unlike what is kept. */
START_TEST(test_drop_list)
{
    char many[400] = "";
    for (int i = 0; i < 101; i++)
        sprintf(many + strlen(many), "%sX%c", i ? "," : "", 'A' + i % 26);
    ck_assert_int_eq(tag_list_check(NULL, NULL), 0);
    ck_assert_int_eq(tag_list_check("MD,NM,MC,RG,X1", NULL), 0);
    ck_assert_int_eq(tag_list_check("M", NULL), VL_ERR_USAGE);
    ck_assert_int_eq(tag_list_check("MD,", NULL), VL_ERR_USAGE);
    ck_assert_int_eq(tag_list_check(many, NULL), VL_ERR_USAGE);
    many[strlen(many) - 3] = '\0';
    ck_assert_int_eq(tag_list_check(many, NULL), 0);
}
END_TEST

Suite *tags_mask_suite(void)
{
    Suite *suite = suite_create("tags_mask");
    TCase *masked = tcase_create("masked");
    tcase_add_test(masked, test_kept_barcodes);
    tcase_add_test(masked, test_quality_tags_follow_their_barcode);
    tcase_add_test(masked, test_everything_else_is_private);
    tcase_add_test(masked, test_order_is_by_name);
    tcase_add_test(masked, test_malformed_tags_show_nothing);
    tcase_add_test(masked, test_mate_cigar_folds);
    tcase_add_test(masked, test_read_group_pseudonyms);
    tcase_add_test(masked, test_keep_list);
    tcase_add_test(masked, test_computed_mate_cigar);
    tcase_add_test(masked, test_drop);
    tcase_add_test(masked, test_drop_list);
    suite_add_tcase(suite, masked);
    return suite;
}
