#include "../../src/core/tags.h"

#include <ctype.h>

#include "record_fixture.h"

Suite *tags_suite(void);

/* Tag bytes: a string literal without its closing NUL. */
#define BYTES(literal) (const uint8_t *)(literal), sizeof(literal) - 1

static size_t count_tags(const uint8_t *aux, size_t n, bool *bad)
{
    struct tag_walk walk = tag_walk_over(aux, n);
    struct tag tag;
    size_t n_tags = 0;
    while (tag_walk_next(&walk, &tag))
        n_tags++;
    *bad = walk.bad;
    return n_tags;
}

/* Every type once, as SAM specification 4.2.4 lays them out. */
static const struct {
    const char *bytes;
    size_t size; /* of the whole tag */
} TAGS[] = {
#define TAG(literal) {literal, sizeof(literal) - 1}
    TAG("XAAq"),
    TAG("Xcc\xff"),
    TAG("XCC\xff"),
    TAG("Xss\x01\x02"),
    TAG("XSS\x01\x02"),
    TAG("Xii\x01\x02\x03\x04"),
    TAG("XII\x01\x02\x03\x84"),
    TAG("Xff\x00\x00\x80\x3f"),
    TAG("Xdd\x00\x00\x00\x00\x00\x00\xf0\x3f"),
    TAG("XZZtext\0"),
    TAG("YZZ\0"),
    TAG("XHH1AE3\0"),
    TAG("XBBc\x03\0\0\0\x01\x02\x03"),
    TAG("XBBC\x00\0\0\0"),
    TAG("XBBs\x02\0\0\0\x01\x02\x03\x04"),
    TAG("XBBS\x01\0\0\0\x01\x02"),
    TAG("XBBi\x01\0\0\0\x01\x02\x03\x04"),
    TAG("XBBI\x01\0\0\0\x01\x02\x03\x04"),
    TAG("XBBf\x02\0\0\0\x00\x00\x80\x3f\x00\x00\x80\x3f"),
};
enum { N_TAGS = sizeof TAGS / sizeof *TAGS };

START_TEST(test_walk_of_every_type)
{
    uint8_t aux[512];
    size_t n = 0;
    for (int i = 0; i < N_TAGS; i++) {
        memcpy(aux + n, TAGS[i].bytes, TAGS[i].size);
        n += TAGS[i].size;
    }
    struct tag_walk walk = tag_walk_over(aux, n);
    struct tag tag;
    size_t at = 0;
    for (int i = 0; i < N_TAGS; i++) {
        ck_assert(tag_walk_next(&walk, &tag));
        ck_assert_ptr_eq(tag.name, aux + at);
        ck_assert_int_eq(tag.type, TAGS[i].bytes[2]);
        ck_assert_ptr_eq(tag.value, aux + at + 3);
        ck_assert_uint_eq(tag.size, TAGS[i].size - 3);
        at += TAGS[i].size;
    }
    ck_assert(!tag_walk_next(&walk, &tag));
    ck_assert(!walk.bad);
}
END_TEST

/* Exact-size copies, so that a sanitizer sees a read past the end. */
START_TEST(test_every_cut_is_malformed)
{
    bool bad;
    for (int i = 0; i < N_TAGS; i++)
        for (size_t cut = 0; cut < TAGS[i].size; cut++) {
            size_t n = 5 + cut;
            uint8_t *aux = malloc(n);
            memcpy(aux, "AZZx", 5);
            memcpy(aux + 5, TAGS[i].bytes, cut);
            ck_assert_uint_eq(count_tags(aux, n, &bad), 1);
            ck_assert_int_eq(bad, cut > 0);
            free(aux);
        }
}
END_TEST

START_TEST(test_malformed)
{
    static const struct {
        const char *bytes;
        size_t n;
    } BAD[] = {TAG("XAa1"),
               TAG("XAx1234"),
               TAG("XA\0001234"),
               TAG("\x01" "AA1"),
               TAG("X AA"),
               TAG("\xff" "AA1"),
               TAG("XZZno end"),
               TAG("XHHno end"),
               TAG("XBBA\x01\0\0\0\x01"),
               TAG("XBBZ\x01\0\0\0\x00"),
               TAG("XBBd\x01\0\0\0\x01\x02\x03\x04\x05\x06\x07\x08"),
               TAG("XBB\0\x01\0\0\0\x01"),
               TAG("XBBI\xff\xff\xff\xff\x01\x02\x03\x04"),
               TAG("XBBI\x01\0\0\x40\x01\x02\x03\x04"),
               TAG("XBBc\x02\0\0\0\x01")};
    bool bad;
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        uint8_t *aux = malloc(BAD[i].n);
        memcpy(aux, BAD[i].bytes, BAD[i].n);
        ck_assert_uint_eq(count_tags(aux, BAD[i].n, &bad), 0);
        ck_assert(bad);
        free(aux);
    }
}
END_TEST

/* A record with these tag bytes; freed by the caller. */
static bam1_t *tagged(const uint8_t *aux, size_t n)
{
    bam1_t *b = fixture_record("r 0 c0 101 60 4M * 0 0 ACGT *");
    size_t front = (size_t)b->l_data;
    b->data = realloc(b->data, front + n + 1);
    b->m_data = (uint32_t)(front + n);
    memcpy(b->data + front, aux, n);
    b->l_data = (int)(front + n);
    return b;
}

START_TEST(test_find_takes_the_first)
{
    struct tag tag;
    bam1_t *b = tagged(BYTES("AZZone\0BCC\x05" "AZZtwo\0AYi\x01\0\0\0BDZlost"));
    ck_assert(tag_find(b, "AZ", &tag));
    ck_assert_str_eq((const char *)tag.value, "one");
    ck_assert_str_eq(tag_find_text(b, "AZ"), "one");
    ck_assert(tag_find(b, "AY", &tag));
    ck_assert_int_eq(tag.type, 'i');
    ck_assert_ptr_null(tag_find_text(b, "AY"));
    ck_assert(!tag_find(b, "BD", &tag));
    ck_assert(!tag_find(b, "az", &tag));
    ck_assert(!tag_find(b, "ZA", &tag));
    bam_destroy1(b);
}
END_TEST

static const struct {
    const char *bytes;
    size_t n;
    int64_t value;
} INTEGERS[] = {
    {"XXc\x80", 4, -128},
    {"XXc\x7f", 4, 127},
    {"XXc\xff", 4, -1},
    {"XXC\x00", 4, 0},
    {"XXC\xff", 4, 255},
    {"XXs\x00\x80", 5, -32768},
    {"XXs\xff\x7f", 5, 32767},
    {"XXS\x00\x00", 5, 0},
    {"XXS\xff\xff", 5, 65535},
    {"XXi\x00\x00\x00\x80", 7, -2147483648LL},
    {"XXi\xff\xff\xff\x7f", 7, 2147483647},
    {"XXi\xfe\xff\xff\xff", 7, -2},
    {"XXI\x00\x00\x00\x00", 7, 0},
    {"XXI\xff\xff\xff\xff", 7, 4294967295LL},
    {"XXI\x00\x00\x00\x80", 7, 2147483648LL},
};

START_TEST(test_integers_widen)
{
    struct tag_walk walk = tag_walk_over((const uint8_t *)INTEGERS[_i].bytes, INTEGERS[_i].n);
    struct tag tag;
    struct vl_buf out = VL_BUF_INIT;
    ck_assert(tag_walk_next(&walk, &tag));
    ck_assert(tag_is_integer(tag.type));
    ck_assert_int_eq(tag_integer(&tag), INTEGERS[_i].value);
    ck_assert(tag_put_integer(&out, tag.type, INTEGERS[_i].value));
    ck_assert_uint_eq(out.len, tag.size);
    ck_assert_mem_eq(out.data, tag.value, tag.size);
    vl_buf_clear(&out);
}
END_TEST

START_TEST(test_integers_that_do_not_fit)
{
    static const struct {
        char type;
        int64_t low, high;
    } RANGES[] = {{'c', INT8_MIN, INT8_MAX},   {'C', 0, UINT8_MAX},  {'s', INT16_MIN, INT16_MAX},
                  {'S', 0, UINT16_MAX},        {'i', INT32_MIN, INT32_MAX},
                  {'I', 0, UINT32_MAX}};
    struct vl_buf out = VL_BUF_INIT;
    for (size_t i = 0; i < sizeof RANGES / sizeof *RANGES; i++) {
        ck_assert(tag_put_integer(&out, RANGES[i].type, RANGES[i].low));
        ck_assert(tag_put_integer(&out, RANGES[i].type, RANGES[i].high));
        ck_assert(!tag_put_integer(&out, RANGES[i].type, RANGES[i].low - 1));
        ck_assert(!tag_put_integer(&out, RANGES[i].type, RANGES[i].high + 1));
    }
    for (const char *type = "AfdZHBx"; *type; type++)
        ck_assert(!tag_is_integer(*type));
    ck_assert(!tag_is_integer('\0'));
    vl_buf_clear(&out);
}
END_TEST

/* htslib's own choice of type for NM. */
START_TEST(test_nm_as_htslib_writes_it)
{
    static const int64_t VALUES[] = {0, 1, 127, 128, 255, 256, 32767, 65535, 65536, 2147483647};
    for (size_t i = 0; i < sizeof VALUES / sizeof *VALUES; i++) {
        struct vl_buf out = VL_BUF_INIT;
        char line[128];
        snprintf(line, sizeof line, "r 0 c0 1 0 1M * 0 0 A * NM:i:%lld", (long long)VALUES[i]);
        bam1_t *b = fixture_record(line);
        tag_put_nm(&out, VALUES[i]);
        ck_assert_int_eq(bam_get_l_aux(b), (int)out.len);
        ck_assert_mem_eq(bam_get_aux(b), out.data, out.len);
        bam_destroy1(b);
        vl_buf_clear(&out);
    }
}
END_TEST

/* ---- canonical form ---- */

static struct vl_buf canonical(const uint8_t *aux, size_t n)
{
    struct vl_buf out = VL_BUF_INIT;
    vl_buf_add(&out, "before", 6);
    ck_assert_int_eq(tags_put_canonical(aux, n, &out), 0);
    ck_assert_mem_eq(out.data, "before", 6);
    return out;
}

static bool same_canonical(const uint8_t *a, size_t n_a, const uint8_t *b, size_t n_b)
{
    struct vl_buf x = canonical(a, n_a), y = canonical(b, n_b);
    bool same = x.len == y.len && memcmp(x.data, y.data, x.len) == 0;
    vl_buf_clear(&x);
    vl_buf_clear(&y);
    return same;
}

/* bdiff.md §6.4, byte by byte */
START_TEST(test_canonical_bytes)
{
    static const char WANT[] = "before\x03\0\0\0"
                               "AAi\xfe\xff\xff\xff\xff\xff\xff\xff"
                               "XZZb\0"
                               "XZZa\0";
    struct vl_buf out = canonical(BYTES("XZZb\0NMC\x01" "AAc\xfe" "MDZ4\0XZZa\0"));
    ck_assert_uint_eq(out.len, sizeof WANT - 1);
    ck_assert_mem_eq(out.data, WANT, out.len);
    vl_buf_clear(&out);
    out = canonical(NULL, 0);
    ck_assert_uint_eq(out.len, 10);
    ck_assert_mem_eq(out.data + 6, "\0\0\0\0", 4);
    vl_buf_clear(&out);
}
END_TEST

START_TEST(test_canonical_independent_of_order)
{
    uint64_t s = 5;
    for (int round = 0; round < 200; round++) {
        uint8_t aux[2][512];
        size_t n[2] = {0};
        for (int k = 0; k < 2; k++) {
            int order[N_TAGS];
            for (int i = 0; i < N_TAGS; i++) {
                int j = (int)rnd_below(&s, (uint32_t)i + 1);
                order[i] = order[j];
                order[j] = i;
            }
            for (int i = 0; i < N_TAGS; i++) {
                const char *bytes = TAGS[order[i]].bytes;
                memcpy(aux[k] + n[k], bytes, TAGS[order[i]].size);
                /* Names of their own: tags of one name keep their order. */
                aux[k][n[k] + 1] = (uint8_t)('A' + order[i]);
                n[k] += TAGS[order[i]].size;
            }
        }
        ck_assert(same_canonical(aux[0], n[0], aux[1], n[1]));
    }
}
END_TEST

START_TEST(test_canonical_independent_of_integer_type)
{
    static const char TYPES[] = "cCsSiI";
    for (const char *p = TYPES; *p; p++)
        for (const char *q = TYPES; *q; q++) {
            struct vl_buf a = VL_BUF_INIT, b = VL_BUF_INIT;
            vl_buf_addf(&a, "XX%c", *p);
            ck_assert(tag_put_integer(&a, *p, 93));
            vl_buf_addf(&b, "XX%c", *q);
            ck_assert(tag_put_integer(&b, *q, 93));
            ck_assert(same_canonical(a.data, a.len, b.data, b.len));
            vl_buf_clear(&a);
            vl_buf_clear(&b);
        }
    /* Equal bits are not equal values. */
    ck_assert(!same_canonical(BYTES("XXc\xff"), BYTES("XXC\xff")));
    ck_assert(!same_canonical(BYTES("XXi\xff\xff\xff\xff"), BYTES("XXI\xff\xff\xff\xff")));
}
END_TEST

START_TEST(test_canonical_leaves_out_md_and_nm_only)
{
    ck_assert(same_canonical(BYTES("AAAx"), BYTES("MDZ4\0AAAxNMC\x01")));
    ck_assert(same_canonical(BYTES("MDZ4\0"), BYTES("MDA4NMf\0\0\0\0NMZ\0")));
    ck_assert(!same_canonical(BYTES("AAAx"), BYTES("AAAxMCZ4M\0")));
    ck_assert(!same_canonical(BYTES("AAAx"), BYTES("AAAxmdZ4\0")));
    ck_assert(!same_canonical(BYTES("AAAx"), BYTES("AAAxDMZ4\0")));
}
END_TEST

START_TEST(test_canonical_sensitive_to_all_else)
{
    static const struct {
        const char *bytes;
        size_t n;
    } VARIANTS[] = {TAG("XXZab\0"),
                    TAG("XXZac\0"),
                    TAG("XXHab\0"),
                    TAG("XYZab\0"),
                    TAG("YXZab\0"),
                    TAG("XXZa\0"),
                    TAG("XXZab\0XXZab\0"),
                    TAG("XXZab\0XXZac\0"),
                    TAG("XXZac\0XXZab\0"),
                    TAG("XXZab\0XYZab\0"),
                    TAG("XXAa"),
                    TAG("XXCa"),
                    TAG("XXfa\0\0\0"),
                    TAG("XXBC\x01\0\0\0a"),
                    TAG("XXBc\x01\0\0\0a"),
                    TAG("XXBS\x01\0\0\0a\0"),
                    TAG("XXBC\x02\0\0\0aa"),
                    TAG("XXBC\x02\0\0\0ab"),
                    TAG("")};
    enum { N_VARIANTS = sizeof VARIANTS / sizeof *VARIANTS };
    for (int i = 0; i < N_VARIANTS; i++)
        for (int j = 0; j < N_VARIANTS; j++)
            ck_assert_int_eq(same_canonical((const uint8_t *)VARIANTS[i].bytes, VARIANTS[i].n,
                                            (const uint8_t *)VARIANTS[j].bytes, VARIANTS[j].n),
                             i == j);
}
END_TEST

START_TEST(test_canonical_counts_what_stands_before_malformed_bytes)
{
    ck_assert(same_canonical(BYTES("XXZab\0"), BYTES("XXZab\0XYZno end")));
}
END_TEST

/* ---- what a masked record shows ---- */

/* The masked tags as SAM text; the caller frees it. */
static char *masked_text(bam1_t *b, const char *keep)
{
    struct vl_contigs groups = VL_CONTIGS_INIT;
    vl_contigs_add(&groups, "lane1", 0, NULL);
    vl_contigs_add(&groups, "lane2", 0, NULL);
    struct tag_policy policy = {.keep = keep, .read_groups = &groups};
    struct vl_buf out = VL_BUF_INIT;
    kstring_t line = {0, 0, NULL};
    vl_contigs_find(&groups, "");
    tags_mask(b, &policy, &out);
    bam1_t *masked = tagged(out.data ? out.data : (const uint8_t *)"", out.len);
    ck_assert_int_ge(sam_format1(fixture_header(), masked, &line), 0);
    const char *tab = line.s;
    for (int i = 0; tab && i < 11; i++)
        tab = strchr(tab + 1, '\t');
    char *text = strdup(tab ? tab + 1 : "");
    free(line.s);
    bam_destroy1(masked);
    vl_buf_clear(&out);
    vl_contigs_clear(&groups);
    return text;
}

/* Tags separated by blanks in, tabs as blanks out. */
static void expect_masked(const char *tags, const char *keep, const char *want)
{
    char line[1024];
    snprintf(line, sizeof line, "r 0 c0 101 60 4M * 0 0 ACGT *%s%s", *tags ? " " : "", tags);
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
        snprintf(want, sizeof want, "%s:Z:%s %s:Z:%s", strcmp(of, quality) < 0 ? of : quality,
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
    expect_masked("AS:i:1 XS:i:2 XA:Z:c1,+5,4M,0; SA:Z:c1,5,+,4M,60,0; OQ:Z:IIII BQ:Z:@@@@ "
                  "MM:Z:C+m,0; ML:B:C,5 BC:Z:ACGT QT:Z:IIII PG:Z:bwa NM:i:0 MD:Z:4 RG:Z:other "
                  "CO:Z:x OX:Z:ACGT CT:Z:ACGT LB:Z:AC PU:Z:AC SM:i:3 U2:Z:IIII MQ:i:60 TS:A:+",
                  NULL, "");
    for (char a = '0'; a <= 'z'; a++)
        for (char c = '0'; c <= 'z'; c++) {
            static const char KEPT[] = "BX CB CR MI RX UB UR MC RG";
            char name[3] = {a, c, 0};
            if (!isalpha((unsigned char)a) || !isalnum((unsigned char)c) || strstr(KEPT, name))
                continue;
            snprintf(in, sizeof in, "%s:Z:ACGT", name);
            expect_masked(in, NULL, "");
        }
}
END_TEST

START_TEST(test_order_is_by_name)
{
    expect_masked("UY:Z:II RX:Z:AC MC:Z:4M QX:Z:II UR:Z:AC RG:Z:lane1 BX:Z:AC-1 UB:Z:AC CY:Z:II "
                  "MI:Z:7 CR:Z:GT CB:Z:GT-1 AS:i:5",
                  NULL,
                  "BX:Z:AC-1 CB:Z:GT-1 CR:Z:GT CY:Z:II MC:Z:4M MI:Z:7 QX:Z:II RG:Z:rg1 RX:Z:AC "
                  "UB:Z:AC UR:Z:AC UY:Z:II");
}
END_TEST

START_TEST(test_malformed_tags_show_nothing)
{
    bam1_t *b = tagged(BYTES("RXZACGT\0XXZno end"));
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
    expect_masked("MC:Z:2H5S3=1X2I6=1D4X7N1M2P3M5S", NULL, "MC:Z:2H5S4M2I6M1D4M7N1M2P3M5S");
    expect_masked("MC:Z:*", NULL, "MC:Z:*");
    static const char *const BAD[] = {"MC:Z:",     "MC:Z:M",    "MC:Z:10",    "MC:Z:10M5",
                                      "MC:Z:10Q",  "MC:Z:+10M", "MC:Z:10M;5", "MC:Z:10m",
                                      "MC:Z:**",   "MC:A:*",    "MC:i:10",    "MC:Z:-5M",
                                      "MC:Z:1000000000M"};
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
    } CASES[] = {{"rg1", 0},    {"rg3", 2},  {"rg4", -1},   {"rg0", -1},  {"rg", -1},
                 {"rg01", -1},  {"rg1x", -1}, {"rg 1", -1}, {"rg+1", -1}, {"rg-1", -1},
                 {"RG1", -1},   {"", -1},    {"r", -1},     {"g1", -1},
                 {"rg4294967297", -1}, {"rg18446744073709551617", -1}};
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
    static const char *const BAD[] = {"X",     "XXX",  ",",     "XX,",   ",XX",    "XX,,YY",
                                      "XX YY", "1X",   "X-",    "XX;YY", "XX,Y",   "XX,YYY",
                                      "MD",    "XX,NM", "MC,XX", "RG",    "XX, YY", "*"};
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

Suite *tags_suite(void)
{
    Suite *suite = suite_create("tags");
    TCase *walk = tcase_create("walk");
    tcase_add_test(walk, test_walk_of_every_type);
    tcase_add_test(walk, test_every_cut_is_malformed);
    tcase_add_test(walk, test_malformed);
    tcase_add_test(walk, test_find_takes_the_first);
    tcase_add_loop_test(walk, test_integers_widen, 0, sizeof INTEGERS / sizeof *INTEGERS);
    tcase_add_test(walk, test_integers_that_do_not_fit);
    tcase_add_test(walk, test_nm_as_htslib_writes_it);
    suite_add_tcase(suite, walk);
    TCase *canonical_form = tcase_create("canonical");
    tcase_add_test(canonical_form, test_canonical_bytes);
    tcase_add_test(canonical_form, test_canonical_independent_of_order);
    tcase_add_test(canonical_form, test_canonical_independent_of_integer_type);
    tcase_add_test(canonical_form, test_canonical_leaves_out_md_and_nm_only);
    tcase_add_test(canonical_form, test_canonical_sensitive_to_all_else);
    tcase_add_test(canonical_form, test_canonical_counts_what_stands_before_malformed_bytes);
    suite_add_tcase(suite, canonical_form);
    TCase *masked = tcase_create("masked");
    tcase_add_test(masked, test_kept_barcodes);
    tcase_add_test(masked, test_quality_tags_follow_their_barcode);
    tcase_add_test(masked, test_everything_else_is_private);
    tcase_add_test(masked, test_order_is_by_name);
    tcase_add_test(masked, test_malformed_tags_show_nothing);
    tcase_add_test(masked, test_mate_cigar_folds);
    tcase_add_test(masked, test_read_group_pseudonyms);
    tcase_add_test(masked, test_keep_list);
    suite_add_tcase(suite, masked);
    return suite;
}
