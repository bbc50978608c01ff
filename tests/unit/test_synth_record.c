#include "mask/persona.h"
#include "mask/synth_order.h"
#include "mask/synth_record.h"
#include "projection/geometry.h"
#include "projection/pseudonym.h"
#include "projection/quality.h"
#include "record/nibbles.h"
#include "record/record.h"
#include "synth_fixture.h"
#include "window/sites.h"

Suite *synth_record_suite(void);

static struct world *world;

static void setup(void)
{
    world = world_open(3);
}

static void teardown(void)
{
    world_close(world);
}

/* What the record's own geometry and name tell, as reorder would plan it. */
static struct mask_plan plan_of(const bam1_t *b)
{
    struct mask_plan plan = {.pos0 = -1,
                             .mtid = -1,
                             .mpos = -1,
                             .group =
                                 read_group_of(b, world->context.policy.read_groups)};
    struct geometry g;
    struct vl_buf ops = VL_BUF_INIT;
    if (record_is_aligned(b)) {
        ck_assert(geometry_lay(bam_get_cigar(b), b->core.n_cigar, b->core.pos,
                               bam_is_rev(b), 0, world->contigs.v[b->core.tid].length, &g,
                               &ops));
        plan.pos0 = g.pos;
    }
    vl_buf_clear(&ops);
    return plan;
}

static char *sam_text(const bam1_t *b)
{
    kstring_t line = {0, 0, NULL};
    ck_assert_int_ge(sam_format1(fixture_header(), b, &line), 0);
    for (size_t i = 0; i < line.l; i++)
        if (line.s[i] == '\t')
            line.s[i] = ' ';
    return line.s;
}

/* Masked by a synth of its own, opened for the context as it is now. */
static char *masked_text(const char *sam, struct mask_plan plan)
{
    struct synth synth = {0};
    bam1_t *b = fixture_record(sam), *masked = bam_init1();
    ck_assert_int_eq(synth_open(&synth, &world->context, NULL), 0);
    if (plan.pos0 == INT64_MIN)
        plan.pos0 = plan_of(b).pos0;
    plan.group = plan_of(b).group;
    mask_synth(world, &synth, b, &plan, NULL, masked);
    char *text = sam_text(masked);
    synth_close(&synth);
    bam_destroy1(masked);
    bam_destroy1(b);
    return text;
}

#define ALONE ((struct mask_plan){.pos0 = INT64_MIN, .mtid = -1, .mpos = -1})

static void expect(const char *sam, struct mask_plan plan, const char *want)
{
    char *text = masked_text(sam, plan);
    ck_assert_str_eq(text, want);
    free(text);
}

/* ---- bases ---- */

/* Bit 0 of the first byte drawn for the name, without /1 and /2. */
static int haplotype_of(const char *name)
{
    struct vl_name_draw *draw = NULL;
    uint8_t bytes[16];
    size_t n = strlen(name);
    if (n >= 2 && name[n - 2] == '/' && (name[n - 1] == '1' || name[n - 1] == '2'))
        n -= 2;
    ck_assert_int_eq(
        vl_name_draw_open(&draw, world->context.mask_key, VL_NAME_HAPLOTYPE, NULL), 0);
    ck_assert_int_eq(vl_name_draw(draw, name, n, bytes, NULL), 0);
    vl_name_draw_free(draw);
    return bytes[0] & 1;
}

static int base_of_list(const struct persona_contig *c, size_t list, int64_t pos)
{
    const struct alt_list *alts = persona_alts(c, list, pos);
    for (size_t i = 0; i < alts->n; i++)
        if (alts->v[i].pos0 == pos)
            return alts->v[i].nibble;
    return bam_seqi(c->seq, pos);
}

/* SEQ, MD, NM and the sites of one masked record against its haplotype. */
static void expect_bases(const bam1_t *masked, size_t list, const struct site_list *sites)
{
    static struct layout l;
    const struct persona_contig *c = &world->personas[masked->core.tid];
    char md[3000] = "";
    int64_t nm = 0, matches = 0;
    size_t n_sites = 0;
    lay_out(masked, &l);
    for (int32_t i = 0; i < masked->core.l_qseq; i++) {
        if (l.rpos[i] < 0) {
            ck_assert_int_eq(fixture_nibble(masked, i), NIBBLE_N);
            continue;
        }
        int want = base_of_list(c, list, l.rpos[i]),
            reference = bam_seqi(c->seq, l.rpos[i]);
        ck_assert_int_eq(fixture_nibble(masked, i), want);
        if (want != reference) {
            ck_assert_uint_lt(n_sites, sites->n);
            ck_assert_uint_eq(sites->v[n_sites].contig, (uint32_t)masked->core.tid);
            ck_assert_int_eq(sites->v[n_sites].pos0, l.rpos[i]);
            ck_assert_uint_eq(sites->v[n_sites++].change, (uint8_t)reference);
        }
        /* samtools calmd: N matches nothing. */
        if (want == reference && want != NIBBLE_N) {
            matches++;
            continue;
        }
        sprintf(md + strlen(md), "%d%c", (int)matches, seq_nt16_str[reference]);
        matches = 0;
        nm++;
    }
    sprintf(md + strlen(md), "%d", (int)matches);
    ck_assert_uint_eq(sites->n, n_sites);
    ck_assert_str_eq(bam_aux2Z(bam_aux_get(masked, "MD")), md);
    ck_assert_int_eq(bam_aux2i(bam_aux_get(masked, "NM")), nm);
}

START_TEST(test_random_records)
{
    uint64_t s = 40 + (uint64_t)_i;
    bam1_t *b = bam_init1(), *masked = bam_init1();
    struct site_list sites = {0};
    int n_clipped = 0, n_sites = 0;
    for (int round = 0; round < 300; round++) {
        int32_t tid = (int32_t)rnd_below(&s, 3);
        const char *group = rnd_below(&s, 3) == 0 ? NULL
                            : rnd_below(&s, 2)    ? "lane 1"
                                                  : "lane 2";
        struct vl_buf ops = VL_BUF_INIT;
        struct geometry g;
        rnd_record(&s, "MM=X", tid, rnd_below(&s, tid == 2 ? 1000 : 15000), b);
        if (!geometry_lay(bam_get_cigar(b), b->core.n_cigar, b->core.pos, bam_is_rev(b),
                          0, world->contigs.v[tid].length, &g, &ops))
            continue;
        if (group)
            bam_aux_update_str(b, "RG", -1, group);
        struct mask_plan plan = plan_of(b);
        size_t list =
            (group && group[5] == '2' ? 2 : 0) + (size_t)haplotype_of(bam_get_qname(b));
        sites.n = 0;
        mask_synth(world, &world->synth, b, &plan, &sites, masked);
        ck_assert_int_eq(masked->core.pos, g.pos);
        ck_assert_uint_eq(masked->core.n_cigar * 4, ops.len);
        ck_assert_mem_eq(bam_get_cigar(masked), ops.data, ops.len);
        ck_assert_int_eq(masked->core.l_qseq, b->core.l_qseq);
        ck_assert_int_eq(bam_endpos(masked), g.end);
        expect_bases(masked, list, &sites);
        for (uint32_t i = 0; i < masked->core.n_cigar; i++)
            n_clipped += bam_cigar_op(bam_get_cigar(masked)[i]) == BAM_CSOFT_CLIP;
        n_sites += sites.n > 0;
        vl_buf_clear(&ops);
    }
    ck_assert_int_gt(n_clipped, 3);
    ck_assert_int_gt(n_sites, 100);
    site_list_clear(&sites);
    bam_destroy1(masked);
    bam_destroy1(b);
}
END_TEST

/* The masked record is a function of what is public: anything else may change. */
START_TEST(test_nothing_private_shows)
{
    static const char *const TWINS[] = {
        "r 1040 c0 2001 37 10M * 0 0 ACGTACGTAC ABCDEFGHIJ RG:Z:lane_2",
        "r 1042 c0 2001 20 10M * 0 77 TTTTTTTTTT ABCDEFGHIJ RG:Z:lane_2 AS:i:5 XS:i:5 "
        "OQ:Z:!!!!!!!!!!",
        "r 1040 c0 2004 60 3S4=1X2M * 0 0 NNNNNNNNNN ABCDEFGHIJ RG:Z:lane_2 MD:Z:3A3",
        "r 1040 c0 2003 59 2M2I6M * 0 0 ACGTACGTAC ABCDEFGHIJ BC:Z:ACGT RG:Z:lane_2",
        "r 1040 c0 1999 58 4M2D6M7H * 0 0 ACGTACGTAC ABCDEFGHIJ RG:Z:lane_2 MD:Z:4^AC6",
    };
    world->read_groups.v[1][4] = '_';
    char *first = masked_text(TWINS[0], ALONE);
    for (size_t i = 1; i < sizeof TWINS / sizeof *TWINS; i++)
        expect(TWINS[i], ALONE, first);
    free(first);
}
END_TEST

/* ---- the other fields ---- */

/* A persona without alleles and a reference of A makes texts that can be written down. */
static void plain_world(void)
{
    for (int c = 0; c < WORLD_CONTIGS; c++) {
        struct persona_contig *p = &world->personas[c];
        nibbles_fill(p->seq, 0, p->length, 1);
        for (size_t k = 0; k < p->n_haplotypes * p->n_stretches; k++)
            p->alts[k].n = 0;
    }
}

START_TEST(test_fields)
{
    plain_world();
    const uint32_t mate[] = {5 << 4, 9 << 4 | BAM_CREF_SKIP, 5 << 4};
    struct mask_plan plan = {
        .pos0 = 98, .is_proper = true, .mtid = 0, .mpos = 300, .tlen = 212};
    const char *pair =
        "r 97 c0 101 19 2S3M * 0 -5 CCGGT ABCDE MC:Z:7M RG:Z:lane_x CB:Z:AC-1 XX:i:5";
    expect(pair, plan, "r 99 c0 99 0 5M = 301 212 AAAAA ABCDE CB:Z:AC-1 NM:i:0 MD:Z:5");
    plan.mate = (struct masked_cigar){.n = 1, .one = 10 << 4};
    expect(pair, plan,
           "r 99 c0 99 0 5M = 301 212 AAAAA ABCDE CB:Z:AC-1 MC:Z:10M NM:i:0 MD:Z:5");
    plan.mate = (struct masked_cigar){.n = 3, .ops = (uint32_t *)mate};
    plan.is_proper = false;
    plan.mtid = 1;
    plan.tlen = 0;
    expect(pair, plan,
           "r 97 c0 99 0 5M c1 301 0 AAAAA ABCDE CB:Z:AC-1 MC:Z:5M9N5M NM:i:0 MD:Z:5");
    /* 0x2 of the original does not count; the other flags stay. */
    expect("r 1731 c0 101 20 5M = 9 5 CCGGT *", ALONE,
           "r 1729 c0 101 60 5M * 0 0 AAAAA * NM:i:0 MD:Z:5");
    expect("r 0 c0 101 255 5M * 0 0 CCGGT *", ALONE,
           "r 0 c0 101 60 5M * 0 0 AAAAA * NM:i:0 MD:Z:5");
    expect("r 0 c0 101 0 5M * 0 0 CCGGT *", ALONE,
           "r 0 c0 101 0 5M * 0 0 AAAAA * NM:i:0 MD:Z:5");
    /* contig edges */
    expect("r 0 c0 1 60 3S2M * 0 0 CCGGT *", ALONE,
           "r 0 c0 1 60 3S2M * 0 0 NNNAA * NM:i:0 MD:Z:2");
    expect("r 16 c2 999 60 2M3S * 0 0 CCGGT *", ALONE,
           "r 16 c2 999 60 2M3S * 0 0 AANNN * NM:i:0 MD:Z:2");
    /* SEQ * stays *, and its L is the CIGAR's; then there is no MD */
    expect("r 0 c0 101 60 2S3M * 0 0 * *", ALONE, "r 0 c0 99 60 5M * 0 0 * *");
    expect("r 0 c0 101 60 2M9N2I18M * 0 0 CCGGTCCGGTCCGGTCCGGTCC *", ALONE,
           "r 0 c0 101 60 2M9N20M * 0 0 AAAAAAAAAAAAAAAAAAAAAA * NM:i:0 MD:Z:22");
    /* the 5' end moves */
    struct mask_plan moved = ALONE;
    moved.shift = -7;
    moved.pos0 = 93;
    expect("r 0 c0 101 60 5M * 0 0 CCGGT *", moved,
           "r 0 c0 94 60 5M * 0 0 AAAAA * NM:i:0 MD:Z:5");
}
END_TEST

/* Unmapped records: N throughout, without CIGAR, where the plan seats them. */
START_TEST(test_unmapped)
{
    const struct mask_plan seated = {
        .pos0 = 98, .mtid = 0, .mpos = 98, .mate = {.n = 1, .one = 10 << 4}};
    const struct mask_plan unplaced = {.pos0 = -1, .mtid = -1, .mpos = -1};
    plain_world();
    expect("r 165 c0 101 7 * = 101 0 ACGTA ABCDE RX:Z:AC", seated,
           "r 165 c0 99 0 * = 99 0 NNNNN ABCDE MC:Z:10M RX:Z:AC");
    expect("r 165 c0 101 7 3M2S = 101 0 ACGTA ABCDE NM:i:1 MD:Z:3", seated,
           "r 165 c0 99 0 * = 99 0 NNNNN ABCDE MC:Z:10M");
    expect("r 77 * 0 0 * * 0 0 ACGTA ABCDE XX:i:1", unplaced,
           "r 77 * 0 0 * * 0 0 NNNNN ABCDE");
    expect("r 4 * 0 0 * * 0 0 * *", unplaced, "r 4 * 0 0 * * 0 0 * *");
}
END_TEST

START_TEST(test_qualities)
{
    static const char SAM[] = "r 0 c0 101 60 5M * 0 0 CCGGT !+5I~ OQ:Z:BBBBB";
    plain_world();
    world->context.quality = QUALITY_OQ;
    expect(SAM, ALONE, "r 0 c0 101 60 5M * 0 0 AAAAA BBBBB NM:i:0 MD:Z:5");
    world->context.quality = QUALITY_BIN4;
    expect(SAM, ALONE, "r 0 c0 101 60 5M * 0 0 AAAAA #-8FF NM:i:0 MD:Z:5");
    world->context.quality = QUALITY_FLAT;
    expect(SAM, ALONE, "r 0 c0 101 60 5M * 0 0 AAAAA ????? NM:i:0 MD:Z:5");
    expect("r 4 * 0 0 * * 0 0 ACGTA ABCDE",
           (struct mask_plan){.pos0 = -1, .mtid = -1, .mpos = -1},
           "r 4 * 0 0 * * 0 0 NNNNN ?????");
}
END_TEST

/* 80 bits drawn for the name without /1 and /2, in base32 (RFC 4648), lower case. */
START_TEST(test_tokens)
{
    static const char *const NAMES[] = {"r",      "read:1/1", "read:1/2",
                                        "read:1", "/1",       "read:1/3"};
    char sam[100], want[200], tokens[6][17];
    plain_world();
    world->context.names = SYNTH_NAMES_TOKEN;
    for (size_t i = 0; i < 6; i++) {
        struct vl_name_draw *draw = NULL;
        uint8_t bytes[16];
        char message[20] = {0}; /* no read group, then the name */
        bool ends = i == 1 || i == 2 || i == 4;
        strcpy(message + 4, NAMES[i]);
        ck_assert_int_eq(
            vl_name_draw_open(&draw, world->context.mask_key, VL_NAME_TOKEN, NULL), 0);
        ck_assert_int_eq(vl_name_draw(draw, message,
                                      4 + strlen(NAMES[i]) - (ends ? 2 : 0), bytes, NULL),
                         0);
        vl_name_draw_free(draw);
        for (int k = 0; k < 16; k++) {
            int v = 0;
            for (int bit = 5 * k; bit < 5 * k + 5; bit++)
                v = 2 * v + (bytes[bit / 8] >> (7 - bit % 8) & 1);
            tokens[i][k] = "abcdefghijklmnopqrstuvwxyz234567"[v];
        }
        tokens[i][16] = '\0';
        snprintf(sam, sizeof sam, "%s 0 c0 101 60 5M * 0 0 CCGGT *", NAMES[i]);
        snprintf(want, sizeof want, "%s 0 c0 101 60 5M * 0 0 AAAAA * NM:i:0 MD:Z:5",
                 tokens[i]);
        expect(sam, ALONE, want);
    }
    ck_assert_str_eq(tokens[1], tokens[2]);
    ck_assert_str_eq(tokens[1], tokens[3]);
    ck_assert_str_ne(tokens[1], tokens[5]);
}
END_TEST

/* Ends of a template and its split parts come from one haplotype, whatever they are
 * called. */
START_TEST(test_one_haplotype_for_a_template)
{
    int n[2] = {0, 0};
    for (int i = 0; i < 200; i++) {
        char sam[300], *texts[3];
        for (int k = 0; k < 3; k++) {
            char seq[201];
            memset(seq, 'C', 200);
            seq[200] = '\0';
            snprintf(sam, sizeof sam, "read%d%s 0 c0 2001 60 200M * 0 0 %s *", i,
                     k == 0   ? ""
                     : k == 1 ? "/1"
                              : "/2",
                     seq);
            bam1_t *b = fixture_record(sam);
            struct mask_plan plan = plan_of(b);
            mask_synth(world, &world->synth, b, &plan, NULL, world->compared[0]);
            texts[k] = malloc(201);
            for (int32_t q = 0; q < 200; q++)
                texts[k][q] = seq_nt16_str[fixture_nibble(world->compared[0], q)];
            texts[k][200] = '\0';
            bam_destroy1(b);
        }
        ck_assert_str_eq(texts[0], texts[1]);
        ck_assert_str_eq(texts[0], texts[2]);
        snprintf(sam, sizeof sam, "read%d", i);
        n[haplotype_of(sam)]++;
        for (int k = 0; k < 3; k++)
            free(texts[k]);
    }
    ck_assert_int_gt(n[0], 60);
    ck_assert_int_gt(n[1], 60);
}
END_TEST

Suite *synth_record_suite(void)
{
    Suite *suite = suite_create("synth_record");
    TCase *tcase = tcase_create("synth");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, test_random_records, 0, 4);
    tcase_add_test(tcase, test_nothing_private_shows);
    tcase_add_test(tcase, test_fields);
    tcase_add_test(tcase, test_unmapped);
    tcase_add_test(tcase, test_qualities);
    tcase_add_test(tcase, test_tokens);
    tcase_add_test(tcase, test_one_haplotype_for_a_template);
    suite_add_tcase(suite, tcase);
    return suite;
}
