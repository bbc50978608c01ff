#include "record/canonical.h"
#include "record/tags.h"
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
#define TAG(literal)                                                                     \
    {                                                                                    \
        literal, sizeof(literal) - 1                                                     \
    }
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
    TAG("ZZZseven..\0"),
    TAG("ZYZof eight\0"),
    TAG("ZXZa text of seventeen\0"),
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
               TAG("\x01"
                   "AA1"),
               TAG("X AA"),
               TAG("\xff"
                   "AA1"),
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

START_TEST(test_find_takes_the_first)
{
    struct tag tag;
    bam1_t *b = fixture_tagged(BYTES("AZZone\0BCC\x05"
                                     "AZZtwo\0AYi\x01\0\0\0BDZlost"));
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
    struct tag_walk walk =
        tag_walk_over((const uint8_t *)INTEGERS[_i].bytes, INTEGERS[_i].n);
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
    } RANGES[] = {{'c', INT8_MIN, INT8_MAX},   {'C', 0, UINT8_MAX},
                  {'s', INT16_MIN, INT16_MAX}, {'S', 0, UINT16_MAX},
                  {'i', INT32_MIN, INT32_MAX}, {'I', 0, UINT32_MAX}};
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
    static const int64_t VALUES[] = {0,   1,     127,   128,   255,
                                     256, 32767, 65535, 65536, 2147483647};
    for (size_t i = 0; i < sizeof VALUES / sizeof *VALUES; i++) {
        struct vl_buf out = VL_BUF_INIT;
        char line[128];
        snprintf(line, sizeof line, "r 0 c0 1 0 1M * 0 0 A * NM:i:%lld",
                 (long long)VALUES[i]);
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
    struct vl_buf out = canonical(BYTES("XZZb\0NMC\x01"
                                        "AAc\xfe"
                                        "MDZ4\0XZZa\0"));
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
    ck_assert(
        !same_canonical(BYTES("XXi\xff\xff\xff\xff"), BYTES("XXI\xff\xff\xff\xff")));
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
            ck_assert_int_eq(
                same_canonical((const uint8_t *)VARIANTS[i].bytes, VARIANTS[i].n,
                               (const uint8_t *)VARIANTS[j].bytes, VARIANTS[j].n),
                i == j);
}
END_TEST

START_TEST(test_canonical_counts_what_stands_before_malformed_bytes)
{
    ck_assert(same_canonical(BYTES("XXZab\0"), BYTES("XXZab\0XYZno end")));
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
    tcase_add_test(canonical_form,
                   test_canonical_counts_what_stands_before_malformed_bytes);
    suite_add_tcase(suite, canonical_form);
    return suite;
}
