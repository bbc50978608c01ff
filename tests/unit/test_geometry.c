#include "projection/geometry.h"

#include "record_fixture.h"

Suite *geometry_suite(void);

/* ---- the rule of geometry.h, a base at a time ---- */

enum { BASES_MAX = 2000 };

struct laid {
    int64_t at[BASES_MAX]; /* of each base of the query, in query order */
    int64_t n;
    bool is_aligned;
};

static bool in_intron(const uint32_t *cigar, uint32_t n_cigar, int64_t pos0, int64_t at)
{
    for (uint32_t i = 0; i < n_cigar; i++) {
        int64_t len = bam_cigar_oplen(cigar[i]);
        if (bam_cigar_op(cigar[i]) == BAM_CREF_SKIP && at >= pos0 && at < pos0 + len)
            return true;
        pos0 += bam_cigar_type(bam_cigar_op(cigar[i])) & 2 ? len : 0;
    }
    return false;
}

static void lay_by_rule(const uint32_t *cigar, uint32_t n_cigar, int64_t pos0,
                        bool is_reverse, int64_t shift, struct laid *laid)
{
    static int64_t rpos[BASES_MAX];
    int64_t r = pos0, n = 0;
    for (uint32_t i = 0; i < n_cigar; i++)
        for (uint32_t k = bam_cigar_oplen(cigar[i]); k > 0; k--) {
            int type = bam_cigar_type(bam_cigar_op(cigar[i]));
            if (type & 1)
                rpos[n++] = type == 3 ? r : INT64_MIN;
            r += type >> 1;
        }
    laid->n = n;
    laid->is_aligned = false;
    int64_t step = is_reverse ? -1 : 1, q = is_reverse ? n - 1 : 0, n_before = 0;
    while (n_before < n && rpos[q + step * n_before] == INT64_MIN)
        n_before++;
    if (n_before == n)
        return;
    laid->is_aligned = true;
    int64_t cursor = rpos[q + step * n_before] - step * n_before;
    cursor += shift;
    bool is_over = false; /* fewer than 20 bases stood before an intron */
    for (int64_t k = 0; k < n; k++, cursor += step) {
        is_over |= n - k < 20 && in_intron(cigar, n_cigar, pos0, cursor);
        while (!is_over && in_intron(cigar, n_cigar, pos0, cursor))
            cursor += step;
        laid->at[q + step * k] = cursor;
    }
}

/* The CIGAR of laid bases as text; pos and end are those of the bases on the contig. */
static void describe(const struct laid *laid, int64_t length, char *text, int64_t *pos,
                     int64_t *end)
{
    int64_t n_clipped = 0, n_run = 0, last = 0;
    *text = '\0';
    *pos = *end = -1;
    for (int64_t i = 0; i < laid->n; i++) {
        int64_t at = laid->at[i];
        if (at < 0 || at >= length) {
            n_clipped++;
            continue;
        }
        if (*pos < 0) {
            *pos = at;
            if (n_clipped > 0)
                text += sprintf(text, "%dS", (int)n_clipped);
            n_clipped = 0;
        } else if (at != last + 1) {
            text += sprintf(text, "%dM%dN", (int)n_run, (int)(at - last - 1));
            n_run = 0;
        }
        n_run++;
        last = at;
        *end = at + 1;
    }
    if (*pos >= 0)
        text += sprintf(text, "%dM", (int)n_run);
    if (n_clipped > 0)
        sprintf(text, "%dS", (int)n_clipped);
}

static void describe_ops(const struct vl_buf *ops, char *text)
{
    const uint32_t *v = (const void *)ops->data;
    *text = '\0';
    for (size_t i = 0; i < ops->len / 4; i++)
        text += sprintf(text, "%u%c", bam_cigar_oplen(v[i]), bam_cigar_opchr(v[i]));
}

/* ---- cases ---- */

static const struct {
    const char *cigar;
    int64_t pos0;
    bool is_reverse;
    const char *want; /* NULL: no geometry */
    int64_t pos, end;
} CASES[] = {
    {"10M", 100, false, "10M", 100, 110},
    {"10M", 100, true, "10M", 100, 110},
    {"3=1X6=", 100, false, "10M", 100, 110},
    /* clips are unclipped at the 5' end, and so at the other */
    {"3S7M", 103, false, "10M", 100, 110},
    {"3S7M", 103, true, "10M", 100, 110},
    {"7M3S", 100, true, "10M", 100, 110},
    {"5H3S7M2H", 103, false, "10M", 100, 110},
    /* insertions and deletions move the 3' end only */
    {"5M3I5M", 100, false, "13M", 100, 113},
    {"5M3I5M", 100, true, "13M", 97, 110},
    {"5M3D5M", 100, false, "10M", 100, 110},
    {"5M3D5M", 100, true, "10M", 103, 113},
    {"2I5M", 100, false, "7M", 98, 105},
    {"5M2P5M", 100, false, "10M", 100, 110},
    /* a deletion at the 5' end: the anchor is the first aligned base */
    {"2S3D5M", 100, false, "7M", 101, 108},
    {"5M3D2S", 100, true, "7M", 100, 107},
    /* introns */
    {"25M100N25M", 100, false, "25M100N25M", 100, 250},
    {"25M100N25M", 100, true, "25M100N25M", 100, 250},
    {"2S25M100N25M", 102, false, "27M100N25M", 100, 252},
    {"25M2I100N25M", 100, false, "25M100N27M", 100, 252},
    {"25M2I100N25M", 100, true, "27M100N25M", 98, 250},
    {"25M2D100N25M", 100, false, "27M100N23M", 100, 250},
    {"25M2D100N25M", 100, true, "25M100N25M", 102, 252},
    {"25M100N25M5D200N23M", 100, false, "25M100N48M", 100, 273},
    {"25M26D10N1M", 100, false, "26M", 100, 126},
    {"25M50N50N25M", 100, false, "25M100N25M", 100, 250},
    {"25M50N3I50N25M", 100, false, "25M100N28M", 100, 253},
    {"25M50N2D50N25M", 100, false, "25M50N2M50N23M", 100, 250},
    /* at least 20 bases stand behind an intron */
    {"25M100N20M", 100, false, "25M100N20M", 100, 245},
    {"25M100N19M", 100, false, "44M", 100, 144},
    {"20M100N25M", 100, true, "20M100N25M", 100, 245},
    {"19M100N25M", 100, true, "44M", 200, 244},
    {"25M100N25M100N9M", 100, false, "25M100N34M", 100, 259},
    {"5M100N4M", 100, false, "9M", 100, 109},
    /* the anchor inside an intron */
    {"2I3N25M", 100, false, "27M", 103, 130},
    {"5I3N25M", 100, false, "2M3N28M", 98, 131},
    {"5M3N22I", 100, true, "27M", 100, 127},
    {"25M3N5I", 100, true, "28M3N2M", 97, 130},
    /* contig edges */
    {"5S5M", 2, false, "3S7M", 0, 7},
    {"5S5M", 2, true, "3S7M", 0, 7},
    {"5M5S", 993, false, "7M3S", 993, 1000},
    {"5M5S", 993, true, "7M3S", 993, 1000},
    {"8S2M", 0, false, "8S2M", 0, 2},
    {"2M8S", 998, false, "2M8S", 998, 1000},
    {"5M3I5M", 990, false, "10M3S", 990, 1000},
    {"5M10N1000I5M", 900, false, "5M10N85M920S", 900, 1000},
    {"25M100N25M", 980, false, "20M30S", 980, 1000},
    {"5S5M", 1005, false, "1M9S", 999, 1000},
    {"5M20I", 985, true, "15M10S", 985, 1000},
    {"1000I5M", 100, true, "900S105M", 0, 105},
    /* nothing aligned */
    {"10S", 100, false, NULL, 0, 0},
    {"10I", 100, true, NULL, 0, 0},
    {"5D", 100, false, NULL, 0, 0},
    {"", 100, false, NULL, 0, 0},
    {"0M5S", 100, false, NULL, 0, 0},
    {"0S5M0N5M0D", 100, false, "10M", 100, 110},
};
enum { N_CASES = sizeof CASES / sizeof *CASES };

static uint32_t parse(const char *text, uint32_t *ops)
{
    uint32_t n = 0;
    while (*text) {
        char *op;
        unsigned long len = strtoul(text, &op, 10);
        ops[n++] = bam_cigar_gen((uint32_t)len,
                                 (uint32_t)(strchr(BAM_CIGAR_STR, *op) - BAM_CIGAR_STR));
        text = op + 1;
    }
    return n;
}

START_TEST(test_cases)
{
    uint32_t cigar[20], n = parse(CASES[_i].cigar, cigar);
    struct geometry g;
    struct vl_buf ops = VL_BUF_INIT;
    char got[200];
    vl_buf_add(&ops, "left over", 9);
    bool good =
        geometry_lay(cigar, n, CASES[_i].pos0, CASES[_i].is_reverse, 0, 1000, &g, &ops);
    ck_assert_int_eq(good, CASES[_i].want != NULL);
    if (good) {
        describe_ops(&ops, got);
        ck_assert_str_eq(got, CASES[_i].want);
        ck_assert_int_eq(g.pos, CASES[_i].pos);
        ck_assert_int_eq(g.end, CASES[_i].end);
        ck_assert_int_eq(g.is_reverse, CASES[_i].is_reverse);
    }
    vl_buf_clear(&ops);
}
END_TEST

/* BAM packs a length into 28 bits: what would be longer is no geometry, and nothing
 * shorter takes its place. */
START_TEST(test_lengths_that_bam_cannot_pack)
{
    static const struct {
        const char *cigar;
        int64_t pos0, contig_length;
        bool is_reverse;
        const char *want;
    } LONG[] = {
        {"268435455S268435455S4M", 500, 1000, false, NULL},
        {"4M268435455S268435455S", 500, 1000, false, NULL},
        {"268435455S268435455S4M", 500, 1000, true, NULL},
        {"268435455S1S4M", 0, 1000, false, NULL},
        {"268435455S1S4M", 1, 1000, false, "268435455S5M"},
        {"4M1S268435455S", 996, 1000, true, NULL},
        {"4M1S268435455S", 995, 1000, true, "5M268435455S"},
        {"268435455M1M", 0, INT64_C(1) << 40, false, NULL},
        {"268435454M1M", 0, INT64_C(1) << 40, false, "268435455M"},
        {"20M268435455N1N20M", 0, INT64_C(1) << 40, false, NULL},
        {"20M268435454N1N20M", 0, INT64_C(1) << 40, false, "20M268435455N20M"},
    };
    for (size_t i = 0; i < sizeof LONG / sizeof *LONG; i++) {
        uint32_t cigar[20], n = parse(LONG[i].cigar, cigar);
        struct geometry g;
        struct vl_buf ops = VL_BUF_INIT;
        char got[200];
        bool good = geometry_lay(cigar, n, LONG[i].pos0, LONG[i].is_reverse, 0,
                                 LONG[i].contig_length, &g, &ops);
        ck_assert_msg(good == (LONG[i].want != NULL), "%s", LONG[i].cigar);
        if (good) {
            describe_ops(&ops, got);
            ck_assert_str_eq(got, LONG[i].want);
        }
        vl_buf_clear(&ops);
    }
}
END_TEST

/* ---- at random ---- */

static uint32_t any_cigar(uint64_t *s, uint32_t *cigar)
{
    uint32_t n = rnd_cigar(s, "M=X", cigar);
    /* Gaps before the first and behind the last aligned base. */
    for (int end = 0; end < 2; end++)
        for (uint32_t k = rnd_below(s, 4) ? 0 : 1 + rnd_below(s, 3); k > 0; k--) {
            static const uint32_t OPS[] = {BAM_CREF_SKIP, BAM_CINS, BAM_CDEL};
            uint32_t op = bam_cigar_gen(1 + rnd_below(s, 8), OPS[rnd_below(s, 3)]);
            if (end == 0) {
                memmove(cigar + 1, cigar, n * sizeof *cigar);
                cigar[0] = op;
            } else {
                cigar[n] = op;
            }
            n++;
        }
    return n;
}

START_TEST(test_random_against_the_rule)
{
    static struct laid laid;
    uint64_t s = 5;
    struct vl_buf ops = VL_BUF_INIT;
    int n_clipped = 0;
    for (int round = 0; round < 20000; round++) {
        uint32_t cigar[80], n = any_cigar(&s, cigar);
        bool is_reverse = rnd_below(&s, 2);
        int64_t length = 1000, pos0 = (int64_t)rnd_below(&s, 1100) - 40, pos, end;
        struct geometry g;
        char want[800], got[800];
        int64_t shift = rnd_below(&s, 2) ? 0 : (int64_t)rnd_below(&s, 200) - 100;
        lay_by_rule(cigar, n, pos0, is_reverse, shift, &laid);
        describe(&laid, length, want, &pos, &end);
        bool good = geometry_lay(cigar, n, pos0, is_reverse, shift, length, &g, &ops);
        ck_assert_int_eq(good, laid.is_aligned);
        if (!good || pos < 0)
            continue;
        describe_ops(&ops, got);
        ck_assert_str_eq(got, want);
        ck_assert_int_eq(g.pos, pos);
        ck_assert_int_eq(g.end, end);
        ck_assert_int_eq(geometry_5prime(&g), is_reverse ? end : pos);
        n_clipped += strchr(want, 'S') != NULL;
    }
    ck_assert_int_gt(n_clipped, 1000);
    vl_buf_clear(&ops);
}
END_TEST

/* Where no intron stands before the anchor or between the contig and what lies off it. */
START_TEST(test_origin)
{
    uint64_t s = 6;
    struct vl_buf ops = VL_BUF_INIT;
    int n_checked = 0;
    for (int round = 0; round < 20000; round++) {
        uint32_t cigar[80], n = rnd_cigar(&s, "M=X", cigar);
        bool is_reverse = rnd_below(&s, 2), has_intron = false, has_clip = false;
        int64_t pos0 = rnd_below(&s, 1000);
        struct geometry g;
        if (!geometry_lay(cigar, n, pos0, is_reverse, 0, 1000, &g, &ops))
            continue;
        const uint32_t *masked = (const void *)ops.data;
        uint32_t n_masked = (uint32_t)(ops.len / 4);
        for (uint32_t i = 0; i < n; i++)
            has_intron |= bam_cigar_op(cigar[i]) == BAM_CREF_SKIP;
        for (uint32_t i = 0; i < n_masked; i++)
            has_clip |= bam_cigar_op(masked[i]) == BAM_CSOFT_CLIP;
        int64_t first = is_reverse ? g.five + 1 - g.n_query : g.five;
        bool is_off = first >= 1000 || first + g.n_query <= 0;
        if ((has_intron && has_clip) || is_off)
            continue;
        ck_assert_int_eq(geometry_origin(g.pos, masked, n_masked, is_reverse, cigar, n),
                         pos0);
        n_checked++;
    }
    ck_assert_int_gt(n_checked, 10000);
    /* Nothing aligned, nothing masked: the position itself. */
    uint32_t clip = bam_cigar_gen(5, BAM_CSOFT_CLIP),
             match = bam_cigar_gen(5, BAM_CMATCH);
    ck_assert_int_eq(geometry_origin(7, &match, 1, false, &clip, 1), 7);
    ck_assert_int_eq(geometry_origin(7, NULL, 0, true, &match, 1), 7);
    vl_buf_clear(&ops);
}
END_TEST

Suite *geometry_suite(void)
{
    Suite *suite = suite_create("geometry");
    TCase *tcase = tcase_create("geometry");
    tcase_add_loop_test(tcase, test_cases, 0, N_CASES);
    tcase_add_test(tcase, test_lengths_that_bam_cannot_pack);
    tcase_add_test(tcase, test_random_against_the_rule);
    tcase_add_test(tcase, test_origin);
    suite_add_tcase(suite, tcase);
    return suite;
}
