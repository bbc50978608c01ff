#include <unistd.h>

#include <htslib/bgzf.h>

#include "alignment/header.h"
#include "projection/masked_header.h"
#include "record_fixture.h"
#include "varlock/varlock.h"

Suite *header_suite(void);

#define M5_OF_CHR1 "0123456789abcdef0123456789abcdef"

/* Whatever may stand in a header and must not be seen: each private word has JANE in it.
 */
static const char RICH[] =
    "@HD\tVN:1.5\tSO:coordinate\tGO:query\tSS:coordinate:JANE\txx:JANE\n"
    "@SQ\tSN:chr1\tLN:1000\tM5:" M5_OF_CHR1
    "\tUR:file:/home/JANE/ref.fa\tAS:JANE38\tSP:JANE\n"
    "@SQ\tSN:chr1_alt\tLN:99\tAH:chr1:10-20\tAN:JANE1,JANE2\tDS:JANE\tTP:linear\n"
    "@SQ\tSN:chr2\tLN:5000000000\txx:JANE\n"
    "@RG\tID:JANE.lane2\tSM:JANE\tLB:JANElib\tPL:ILLUMINA\tPU:JANE\tCN:JANE\tDT:2020-01-"
    "01JANE"
    "\tDS:JANE\tBC:JANE\tKS:JANE\tFO:JANE\tPG:JANE\tPI:350\tPM:JANE\txx:JANE\n"
    "@RG\tID:JANE.lane1\tSM:JANE\tPL:JANEseq\n"
    "@RG\tID:zJANE\tSM:Johns JANE\tLB:JANElib2\tPL:ont\n"
    "@RG\tID:aJANE\tLB:JANElib\n"
    "@PG\tID:bwa\tPN:bwa\tVN:0.7\tCL:bwa mem JANE.fq\tDS:JANE\n"
    "@PG\tID:varlock\tPN:JANE\tPP:bwa\n"
    "@CO\tJANE was here\n"
    "@CO\tvarlock:2 JANE\n";

static const struct masked_line LINE = {VL_MASK_PERMUTE,
                                        {0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
                                         0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff}};
#define OWN_LINES                                                                        \
    "@PG\tID:varlock\tPN:varlock\tVN:" VARLOCK_VERSION "\n"                              \
    "@CO\tvarlock:1 mask=permute bdiff=00112233445566778899aabbccddeeff\n"

static struct vl_buf text_of(const char *text)
{
    struct vl_buf buf = VL_BUF_INIT;
    vl_buf_add(&buf, text, strlen(text));
    return buf;
}

static struct vl_contigs contigs_of(const char *text)
{
    struct vl_contigs contigs = VL_CONTIGS_INIT;
    struct vl_error err = {0};
    sam_hdr_t *parsed = sam_hdr_parse(strlen(text), text);
    ck_assert_ptr_nonnull(parsed);
    ck_assert_msg(header_contigs(parsed, "x.bam", &contigs, &err) == 0, "%s",
                  err.message);
    sam_hdr_destroy(parsed);
    return contigs;
}

/* The caller frees it. */
static char *masked(const char *text)
{
    struct vl_buf original = text_of(text), out = VL_BUF_INIT;
    struct vl_contigs contigs = contigs_of(text);
    struct vl_error err = {0};
    ck_assert_msg(header_mask(&original, &contigs, &LINE, &out, &err) == 0, "%s",
                  err.message);
    vl_buf_add_byte(&out, 0);
    ck_assert_uint_eq(strlen((char *)out.data), out.len - 1);
    vl_contigs_clear(&contigs);
    vl_buf_clear(&original);
    return (char *)out.data;
}

/* The listed fields, pseudonyms in header order, our own lines, nothing
 * else. */
START_TEST(test_masked_header)
{
    char *text = masked(RICH);
    ck_assert_str_eq(text, "@HD\tVN:1.5\tSO:coordinate\n"
                           "@SQ\tSN:chr1\tLN:1000\tM5:" M5_OF_CHR1 "\n"
                           "@SQ\tSN:chr1_alt\tLN:99\tAH:*\n"
                           "@SQ\tSN:chr2\tLN:5000000000\n"
                           "@RG\tID:rg1\tSM:sample1\tLB:lib1\tPL:ILLUMINA\n"
                           "@RG\tID:rg2\tSM:sample1\n"
                           "@RG\tID:rg3\tSM:sample2\tLB:lib2\tPL:ont\n"
                           "@RG\tID:rg4\tLB:lib1\n" OWN_LINES);
    ck_assert_ptr_null(strstr(text, "JANE"));
    sam_hdr_t *parsed = sam_hdr_parse(strlen(text), text);
    ck_assert_ptr_nonnull(parsed);
    ck_assert_int_eq(sam_hdr_count_lines(parsed, "RG"), 4);
    ck_assert_int_eq(sam_hdr_count_lines(parsed, "PG"), 1);
    sam_hdr_destroy(parsed);
    free(text);
}
END_TEST

START_TEST(test_masked_header_of_little)
{
    static const char *const VERSIONS[] = {"", "@HD\tVN:JANE\n", "@HD\tVN:1.6JANE\n",
                                           "@HD\tVN:123456789\n", "@HD\tSO:coordinate\n"};
    for (size_t i = 0; i < sizeof VERSIONS / sizeof *VERSIONS; i++) {
        char text[256];
        snprintf(text, sizeof text,
                 "%s@SQ\tSN:c\tLN:5\tM5:JANEJANEJANEJANEJANEJANEJANEJANE\n", VERSIONS[i]);
        char *out = masked(text);
        ck_assert_str_eq(out, "@HD\tVN:1.6\tSO:coordinate\n@SQ\tSN:c\tLN:5\n" OWN_LINES);
        free(out);
    }
    char *out = masked("@CO\tJANE\n");
    ck_assert_str_eq(out, "@HD\tVN:1.6\tSO:coordinate\n" OWN_LINES);
    free(out);
}
END_TEST

START_TEST(test_masked_header_of_no_header)
{
    struct vl_buf bad = text_of("@RG\tno colon here\n"), out = VL_BUF_INIT;
    struct vl_contigs contigs = VL_CONTIGS_INIT;
    struct vl_error err = {0};
    hts_set_log_level(HTS_LOG_OFF);
    ck_assert_int_eq(header_mask(&bad, &contigs, &LINE, &out, &err), VL_ERR_DATA);
    ck_assert_str_ne(err.message, "");
    vl_buf_clear(&out);
    vl_buf_clear(&bad);
}
END_TEST

/* Hours, were the samples searched or sorted again for each line. */
START_TEST(test_masked_header_of_many_read_groups)
{
    enum { N = 100000 };
    struct vl_buf text = VL_BUF_INIT;
    for (int i = 0; i < N; i++)
        vl_buf_addf(&text, "@RG\tID:%d\tSM:JANE%d\tLB:JANE%d\n", i,
                    (int)((int64_t)i * 7919 % N), i / 2);
    vl_buf_add_byte(&text, 0);
    char *out = masked((const char *)text.data);
    ck_assert_ptr_null(strstr(out, "JANE"));
    ck_assert_ptr_nonnull(
        strstr(out, "@RG\tID:rg100000\tSM:sample100000\tLB:lib50000\n"));
    free(out);
    vl_buf_clear(&text);
}
END_TEST

START_TEST(test_contigs)
{
    struct vl_contigs contigs = contigs_of(RICH);
    ck_assert_uint_eq(contigs.n, 3);
    ck_assert_str_eq(contigs.v[0].name, "chr1");
    ck_assert_str_eq(contigs.v[0].m5, M5_OF_CHR1);
    ck_assert_str_eq(contigs.v[1].name, "chr1_alt");
    ck_assert_str_eq(contigs.v[1].m5, "");
    ck_assert_int_eq(contigs.v[2].length, 5000000000);
    vl_contigs_clear(&contigs);
}
END_TEST

START_TEST(test_read_groups)
{
    struct vl_buf text = text_of(RICH);
    struct vl_names groups = VL_NAMES_INIT;
    ck_assert_int_eq(header_read_groups(&text, &groups, NULL), 0);
    ck_assert_uint_eq(groups.n, 4);
    ck_assert_str_eq(groups.v[0], "JANE.lane2");
    ck_assert_str_eq(groups.v[3], "aJANE");
    ck_assert_int_eq(vl_names_find(&groups, "zJANE"), 2);
    vl_names_clear(&groups);
    vl_buf_clear(&text);
}
END_TEST

#define HEX "00112233445566778899aabbccddeeff"

START_TEST(test_masked_line)
{
    static const struct {
        const char *text;
        int found;
        uint8_t model;
    } CASES[] = {
        {OWN_LINES, 1, VL_MASK_PERMUTE},
        {"@CO\tvarlock:1 mask=synth bdiff=" HEX "\n", 1, VL_MASK_SYNTH},
        {"@HD\tVN:1.6\n@CO\tfirst\n@CO\tvarlock:1 mask=permute bdiff=" HEX, 1,
         VL_MASK_PERMUTE},
        {"@CO\tvarlock:1 mask=synth bdiff=00112233445566778899aabbccddeef\n", VL_ERR_DATA,
         0},
        {"@CO\tvarlock:1 mask=synth bdiff=0011223344556677889gaabbccddeeff\n",
         VL_ERR_DATA, 0},
        {"@CO\tvarlock:1 mask=synth bdiff=", VL_ERR_DATA, 0},
        {"@CO\tvarlock:1 mask=other bdiff=" HEX "\n", VL_ERR_DATA, 0},
        {"@CO\tvarlock:1 bdiff=" HEX "\n", VL_ERR_DATA, 0},
        {"@CO\tvarlock:2 mask=synth bdiff=" HEX "\n", 0, 0},
        {"@CO\tsee @CO\tvarlock:1 mask=synth bdiff=" HEX "\n", 0, 0},
        {"@PG\tID:x\tDS:varlock:1 mask=synth bdiff=" HEX "\n", 0, 0},
        {"", 0, 0},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct masked_line line = {0};
        char *exact = strdup(CASES[i].text);
        ck_assert_msg(header_masked_line(exact, &line) == CASES[i].found, "%s", exact);
        if (CASES[i].found == 1) {
            ck_assert_mem_eq(line.bdiff_id, LINE.bdiff_id, sizeof line.bdiff_id);
            ck_assert_int_eq(line.mask_model, CASES[i].model);
        }
        free(exact);
    }
}
END_TEST

/* Through a BAM file and back: text and contigs as given, NULs and missing @SQ lines
 * included. */
static void raw_round_trip(const void *text, size_t n, const struct vl_contigs *contigs)
{
    char path[] = "/tmp/varlock-header-XXXXXX";
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    close(fd);
    sam_hdr_t *raw = header_from_raw(text, n, contigs);
    ck_assert_ptr_nonnull(raw);
    BGZF *out = bgzf_open(path, "w");
    ck_assert_int_eq(bam_hdr_write(out, raw), 0);
    ck_assert_int_eq(bgzf_close(out), 0);
    sam_hdr_destroy(raw);
    BGZF *in = bgzf_open(path, "r");
    uint8_t fixed[8];
    ck_assert_int_eq(bgzf_read(in, fixed, 8), 8);
    size_t l_text = fixed[4] | (size_t)fixed[5] << 8 | (size_t)fixed[6] << 16;
    ck_assert_uint_eq(l_text, n);
    char *back = malloc(n + 1);
    ck_assert_int_eq(bgzf_read(in, back, n), (ssize_t)n);
    if (n > 0)
        ck_assert_mem_eq(back, text, n);
    free(back);
    bgzf_close(in);
    in = bgzf_open(path, "r");
    sam_hdr_t *parsed = bam_hdr_read(in);
    ck_assert_ptr_nonnull(parsed);
    ck_assert_int_eq(parsed->n_targets, (int)contigs->n);
    for (size_t i = 0; i < contigs->n; i++) {
        ck_assert_str_eq(parsed->target_name[i], contigs->v[i].name);
        if (contigs->v[i].length < UINT32_MAX)
            ck_assert_int_eq(sam_hdr_tid2len(parsed, (int)i), contigs->v[i].length);
    }
    sam_hdr_destroy(parsed);
    bgzf_close(in);
    unlink(path);
}

START_TEST(test_raw_headers)
{
    struct vl_contigs contigs = VL_CONTIGS_INIT, none = VL_CONTIGS_INIT;
    vl_contigs_add(&contigs, "c0", 1000, NULL);
    vl_contigs_add(&contigs, "c1", 0, NULL);
    static const char WITH_NULS[] = "@SQ\tSN:c0\tLN:1000\n@SQ\tSN:c1\tLN:0\n\0\0\0";
    static const char ODD[] = "@SQ\tLN:1000\tSN:c0\r\n@CO\t\xe9\n@CO no tab\nno at sign";
    raw_round_trip(WITH_NULS, sizeof WITH_NULS - 1, &contigs);
    raw_round_trip(WITH_NULS, sizeof WITH_NULS - 4, &contigs);
    raw_round_trip(ODD, sizeof ODD - 1, &contigs);
    raw_round_trip("", 0, &contigs);
    raw_round_trip(NULL, 0, &contigs);
    raw_round_trip("", 0, &none);
    raw_round_trip("@HD\tVN:1.6", 10, &none);
    vl_contigs_clear(&contigs);
}
END_TEST

START_TEST(test_check_contigs)
{
    struct vl_contigs a = VL_CONTIGS_INIT, b = VL_CONTIGS_INIT;
    struct vl_error err = {0};
    vl_contigs_add(&a, "c0", 1000, NULL);
    vl_contigs_add(&a, "c1", 500, NULL);
    vl_contigs_add(&b, "c0", 1000, M5_OF_CHR1);
    ck_assert_int_eq(header_check_contigs("x.bam", &a, &b, &err), VL_ERR_SEAL);
    vl_contigs_add(&b, "c1", 500, NULL);
    ck_assert_int_eq(header_check_contigs("x.bam", &a, &b, NULL), 0);
    b.v[1].length++;
    ck_assert_int_eq(header_check_contigs("x.bam", &a, &b, &err), VL_ERR_SEAL);
    ck_assert_ptr_nonnull(strstr(err.message, "x.bam"));
    ck_assert_ptr_nonnull(strstr(err.message, "501"));
    b.v[1].length--;
    b.names.v[1][0] = 'd';
    ck_assert_int_eq(header_check_contigs("x.bam", &a, &b, &err), VL_ERR_SEAL);
    ck_assert_ptr_nonnull(strstr(err.message, "d1"));
    vl_contigs_clear(&a);
    vl_contigs_clear(&b);
}
END_TEST

Suite *header_suite(void)
{
    Suite *suite = suite_create("header");
    TCase *tcase = tcase_create("header");
    tcase_add_test(tcase, test_masked_header);
    tcase_add_test(tcase, test_masked_header_of_little);
    tcase_add_test(tcase, test_masked_header_of_no_header);
    tcase_add_test(tcase, test_contigs);
    tcase_add_test(tcase, test_read_groups);
    tcase_add_test(tcase, test_masked_line);
    tcase_add_test(tcase, test_raw_headers);
    tcase_add_test(tcase, test_check_contigs);
    suite_add_tcase(suite, tcase);
    TCase *large = tcase_create("large");
    tcase_set_timeout(large, 60);
    tcase_add_test(large, test_masked_header_of_many_read_groups);
    suite_add_tcase(suite, large);
    return suite;
}
