#include "record/tags.h"
#include "record_fixture.h"
#include "residual/prediction.h"
#include "varlock/bdiff.h"
#include "window/record_array.h"
#include "window/sites.h"

Suite *prediction_suite(void);

/* A window of one masked record and one site. */
struct scene {
    struct record_array masked;
    struct site_list sites;
    struct prediction prediction;
};

static struct scene *scene_open(int model, const char *masked, const struct site *site)
{
    struct scene *s = calloc(1, sizeof *s);
    if (masked)
        fixture_parse(record_array_add(&s->masked), masked);
    if (site)
        ck_assert_int_eq(site_list_add(&s->sites, site), 0);
    prediction_start(&s->prediction, model, &s->masked, &s->sites, NULL, NULL);
    return s;
}

static void scene_close(struct scene *s)
{
    prediction_clear(&s->prediction);
    record_array_clear(&s->masked);
    site_list_clear(&s->sites);
    free(s);
}

/* ---- bases ---- */

/* The predicted SEQ, '?' where it is literal. */
static void describe(const struct prediction *p, int32_t l_qseq, char *text)
{
    const struct literal *v = (const void *)p->literals.data;
    int32_t last = 0;
    for (int32_t i = 0; i < l_qseq; i++)
        text[i] = seq_nt16_str[bam_seqi(p->reference.aligned.data, i)];
    for (size_t i = 0; i < p->literals.len / sizeof *v; i++) {
        ck_assert_int_ge(v[i].qpos, last);
        ck_assert_int_gt(v[i].len, 0);
        last = v[i].qpos + v[i].len;
        ck_assert_int_le(last, l_qseq);
        memset(text + v[i].qpos, '?', (size_t)v[i].len);
    }
    text[l_qseq] = '\0';
}

/* The reference from 100 on is AAAACCCCGGGG; the masked record shows T at 102. */
#define MASKED "m 0 c0 101 60 12M * 0 0 AATACCCCGGGG *"
static const struct site ALLELE = {.pos0 = 102, .change = 1};
static const struct site SWAP = {.pos0 = 102, .change = 23}; /* the complement */

static const struct {
    int model;
    bool is_whole;
    const char *masked, *original;
    const char *want, *deleted, *md; /* MD of the original as predicted, "-": not known */
    bool knows;
} BASES[] = {
    /* the masked record's own alignment */
    {VL_MASK_SYNTH, false, MASKED, "m 0 c0 101 60 12M * 0 0 AATACCCCGGGT *",
     "AAAACCCCGGGG", "", "2A8G0", true},
    {VL_MASK_SYNTH, false, "m 0 c0 1 60 2S3M * 0 0 NNCCC *",
     "m 0 c0 1 60 2S3M * 0 0 ACCCC *", "??CCC", "", "3", true},
    {VL_MASK_SYNTH, false, "m 0 c0 101 60 2M9N2M * 0 0 AATT *",
     "m 0 c0 101 60 2M9N2M * 0 0 AATT *", "AATT", "", "4", true},
    /* another one: from the window */
    {VL_MASK_SYNTH, false, MASKED, "m 0 c0 101 60 2S4M2I4M * 0 0 AAAAAAAAAAAA *",
     "??AAAA??CCCC", "", "4C0C0C0C0", true},
    {VL_MASK_SYNTH, false, MASKED, "m 0 c0 101 60 4M2D6M2S * 0 0 AAAACCGGGGAA *",
     "AAAACCGGGG??", "CC", "4^CC6", true},
    {VL_MASK_SYNTH, false, MASKED, "m 0 c0 103 60 2=8X2I * 0 0 AACCCCGGGGAA *",
     "AACCCCGGGG??", "", "10", true},
    {VL_MASK_SYNTH, false, MASKED, "m 0 c0 105 60 2M4N2M8S * 0 0 CCGGAAAAAAAA *",
     "CCGG????????", "", "4", true},
    /* where no masked record lies, nothing is known */
    {VL_MASK_SYNTH, false, MASKED, "m 0 c0 98 60 12= * 0 0 AAAAAAAAAAAA *",
     "???AAAACCCCG", "", "-", false},
    {VL_MASK_SYNTH, false, MASKED, "m 0 c0 109 60 12= * 0 0 AAAAAAAAAAAA *",
     "GGGG????????", "", "-", false},
    {VL_MASK_SYNTH, false, MASKED, "m 0 c0 109 60 2M4D2M8I * 0 0 AAAAAAAAAAAA *",
     "GG??????????", "GG", "-", false},
    {VL_MASK_SYNTH, false, MASKED, "m 0 c0 109 60 2M3D1M9S * 0 0 AAAAAAAAAAAA *",
     "GG??????????", "GG", "-", false},
    {VL_MASK_SYNTH, false, MASKED, "m 0 c1 101 60 12= * 0 0 AAAAAAAAAAAA *",
     "????????????", "", "-", false},
    {VL_MASK_SYNTH, false, "m 0 c0 101 60 4M4N4M * 0 0 AATAGGGG *",
     "m 0 c0 102 60 1S3M4D4M * 0 0 CAAAGGGG *", "?AAAGGGG", "", "-", false},
    {VL_MASK_SYNTH, false, "m 0 c0 101 60 4M4N4M * 0 0 AATAGGGG *",
     "m 0 c0 103 60 2M2N2M1D3M1I * 0 0 AACCGGGG *", "AA??GGG?", "", "-", false},
    /* whole records */
    {VL_MASK_SYNTH, true, MASKED, "w 256 c0 103 60 4M * 0 0 AACC *", "AACC", "", "4",
     true},
    {VL_MASK_SYNTH, true, MASKED, "w 4 c0 103 60 4M * 0 0 AACC *", "????", "", "-",
     false},
    {VL_MASK_SYNTH, true, MASKED, "w 4 * 0 0 * * 0 0 AACC *", "????", "", "-", false},
    {VL_MASK_SYNTH, true, MASKED, "w 256 c0 103 60 4M * 0 0 * *", "", "", "-", false},
    {VL_MASK_SYNTH, true, NULL, "w 256 c0 103 60 4M * 0 0 AACC *", "????", "", "-",
     false},
    /* unmapped masked records: all is hidden */
    {VL_MASK_SYNTH, false, "m 4 c0 101 0 * * 0 0 NNNN *", "m 4 c0 101 0 * * 0 0 ACGT *",
     "????", "", "-", false},
    /* permute: preimages; the reference is not known, but of a record that matches */
    {VL_MASK_PERMUTE, false, MASKED, "m 0 c0 101 60 12M * 0 0 AAAACCCCGGGG *",
     "AAAACCCCGGGG", "", "12", false},
    {VL_MASK_PERMUTE, false, "m 0 c0 101 60 2S3M1I2M * 0 0 NNAATNCC *",
     "m 0 c0 101 60 2S1=1X1=1I2M * 0 0 ACAAACCC *", "??AAA?CC", "", "5", false},
    {VL_MASK_PERMUTE, false, "m 0 c0 101 60 2M1D2M * 0 0 AACC *",
     "m 0 c0 101 60 2M1D2M * 0 0 AACC *", "AACC", "", "-", false},
    {VL_MASK_PERMUTE, true, MASKED, "w 256 c0 103 60 4M * 0 0 AACC *", "????", "", "4",
     false},
};
enum { N_BASES = sizeof BASES / sizeof *BASES };

START_TEST(test_bases)
{
    int model = BASES[_i].model;
    struct scene *s =
        scene_open(model, BASES[_i].masked, model == VL_MASK_SYNTH ? &ALLELE : &SWAP);
    bam1_t *b = fixture_record(BASES[_i].original);
    struct prediction *p = &s->prediction;
    const bam1_t *masked = BASES[_i].is_whole ? NULL : s->masked.v[0];
    bool same = masked && masked->core.n_cigar == b->core.n_cigar &&
                memcmp(bam_get_cigar(masked), bam_get_cigar(b), 4 * b->core.n_cigar) == 0;
    char text[100];
    /* Twice: nothing is left over from the first time. */
    for (int round = 0; round < 2; round++) {
        ck_assert_int_eq(prediction_bases(p, masked, same, &b->core, bam_get_cigar(b),
                                          b->core.n_cigar),
                         0);
        describe(p, b->core.l_qseq, text);
        ck_assert_str_eq(text, BASES[_i].want);
        ck_assert_uint_eq(p->reference.deleted.len, strlen(BASES[_i].deleted));
        if (*BASES[_i].deleted)
            ck_assert_mem_eq(p->reference.deleted.data, BASES[_i].deleted,
                             strlen(BASES[_i].deleted));
        ck_assert_int_eq(p->knows_reference, BASES[_i].knows);
        const char *md = prediction_md(p, b);
        ck_assert_str_eq(md ? md : "-", BASES[_i].md);
        ck_assert_int_eq(prediction_uses_variants(p), BASES[_i].knows);
    }
    bam_destroy1(b);
    scene_close(s);
}
END_TEST

/* ---- places ---- */

/* POS, RNEXT, PNEXT and TLEN (1-based) that the masked form suggests of the original,
 * whose POS, CIGAR, flag and MC it knows. */
static const struct {
    int model;
    const char *masked, *original, *want;
} PLACES[] = {
    {VL_MASK_SYNTH, "m 0 c0 101 60 10M * 0 0 * *", "m 0 c0 104 60 3S7M * 0 0 * *",
     "104 -1 0 0"},
    {VL_MASK_SYNTH, "m 16 c0 101 60 10M * 0 0 * *", "m 16 c0 104 60 7M3D3M * 0 0 * *",
     "98 -1 0 0"},
    {VL_MASK_SYNTH, "m 4 c0 101 0 * * 0 0 AC *", "m 4 c0 104 0 * * 0 0 AC *",
     "101 -1 0 0"},
    /* the mate by its MC */
    {VL_MASK_SYNTH, "m 97 c0 101 60 10M = 121 30 * * MC:Z:10M",
     "m 97 c0 101 60 10M = 121 30 * * MC:Z:10M", "101 0 121 30"},
    {VL_MASK_SYNTH, "m 97 c0 101 60 10M = 121 30 * * MC:Z:10M",
     "m 97 c0 101 60 10M = 123 30 * * MC:Z:2S8M", "101 0 123 30"},
    {VL_MASK_SYNTH, "m 145 c0 121 60 10M = 101 -30 * * MC:Z:10M",
     "m 145 c0 121 60 10M = 104 -27 * * MC:Z:3S7M", "121 0 104 -27"},
    {VL_MASK_SYNTH, "m 97 c0 101 60 10M = 121 30 * * MC:Z:10M",
     "m 97 c0 104 60 3S7M = 123 27 * * MC:Z:2S8M", "104 0 123 27"},
    /* without MC as masked, less what the own 5' end moves */
    {VL_MASK_SYNTH, "m 97 c0 101 60 10M = 121 30 * * MC:Z:10M",
     "m 97 c0 104 60 3S7M = 121 27 * *", "104 0 121 27"},
    {VL_MASK_SYNTH, "m 97 c0 101 60 10M = 121 30 * * MC:Z:10M",
     "m 97 c0 101 60 10M = 121 30 * * MC:Z:junk", "101 0 121 30"},
    {VL_MASK_SYNTH, "m 97 c0 101 60 10M = 121 30 * *",
     "m 97 c0 101 60 10M = 123 30 * * MC:Z:2S8M", "101 0 121 30"},
    /* on another contig */
    {VL_MASK_SYNTH, "m 97 c0 101 60 10M c1 121 0 * * MC:Z:10M",
     "m 97 c0 101 60 10M c1 121 0 * * MC:Z:9M1S", "101 1 121 0"},
    /* an unmapped mate sits where the record is */
    {VL_MASK_SYNTH, "m 73 c0 101 60 10M = 101 0 * *", "m 73 c0 104 60 3S7M = 104 0 * *",
     "104 0 104 0"},
    {VL_MASK_SYNTH, "m 97 c0 101 60 10M * 0 0 * *", "m 97 c0 101 60 10M = 121 0 * *",
     "101 -1 0 0"},
    /* permute: as masked */
    {VL_MASK_PERMUTE, "m 97 c0 101 60 10M = 121 30 * * MC:Z:10M",
     "m 97 c0 104 60 3S7M = 123 27 * * MC:Z:2S8M", "101 0 121 30"},
    /* whole: the mate at the record itself; TLEN by MC where the mate fields are known */
    {VL_MASK_SYNTH, NULL, "w 97 c0 101 60 10M = 121 30 * * MC:Z:9M1S", "- 0 101 29"},
    {VL_MASK_SYNTH, NULL, "w 97 c0 101 60 10M = 121 30 * *", "- 0 101 0"},
    {VL_MASK_PERMUTE, NULL, "w 145 c0 121 60 10M = 101 -30 * * MC:Z:10M", "- 0 121 -30"},
    {VL_MASK_SYNTH, NULL, "w 97 c0 101 60 10M c1 121 30 * * MC:Z:9M1S", "- 0 101 0"},
};

START_TEST(test_places)
{
    struct scene *s = scene_open(PLACES[_i].model, PLACES[_i].masked, NULL);
    bam1_t *b = fixture_record(PLACES[_i].original);
    const bam1_t *masked = PLACES[_i].masked ? s->masked.v[0] : NULL;
    char pos[30] = "-", text[100];
    int32_t mtid;
    int64_t mpos;
    if (masked)
        sprintf(pos, "%lld",
                (long long)prediction_pos(&s->prediction, masked, bam_get_cigar(b),
                                          b->core.n_cigar) +
                    1);
    const char *mc = tag_find_text(b, "MC");
    prediction_mate(&s->prediction, masked, masked ? tag_find_text(masked, "MC") : NULL,
                    b, mc, &mtid, &mpos);
    int64_t tlen = prediction_tlen(&s->prediction, masked, NULL, b, mc);
    sprintf(text, "%s %d %lld %lld", pos, mtid, (long long)mpos + 1, (long long)tlen);
    ck_assert_str_eq(text, PLACES[_i].want);
    bam_destroy1(b);
    scene_close(s);
}
END_TEST

/* ---- mates in the window ---- */

START_TEST(test_mates_before)
{
    struct scene *s = scene_open(VL_MASK_SYNTH, NULL, NULL);
    struct prediction *p = &s->prediction;
    bam1_t *first = fixture_record("r 65 c0 101 60 10M = 121 30 * * MC:Z:2S8M");
    bam1_t *second = fixture_record("r 129 c0 121 60 10M = 101 -30 * *");
    bam1_t *other = fixture_record("q 129 c0 121 60 10M = 101 -30 * *");
    int32_t mtid;
    int64_t mpos, tlen;
    struct vl_buf ops = VL_BUF_INIT;
    ck_assert_ptr_null(prediction_mate_before(p, second));
    /* Nothing that a mate could be told by: not noted. */
    ck_assert_int_eq(prediction_remember(p, VL_GRADE_FULL, "MCZk", first, first), 0);
    ck_assert_ptr_null(prediction_mate_before(p, second));
    ck_assert_int_eq(prediction_remember(p, VL_GRADE_FULL, "RGZmMCZs", first, first), 1);
    ck_assert_ptr_eq(prediction_mate_before(p, second), first);
    ck_assert_ptr_null(prediction_mate_before(p, first));
    ck_assert_ptr_null(prediction_mate_before(p, other));
    ck_assert(prediction_by_mate(first, &mtid, &mpos, &tlen, &ops));
    ck_assert(mtid == 0 && mpos == 100 && tlen == -30);
    ck_assert_uint_eq(ops.len, 8);
    ck_assert_mem_eq(ops.data, ((uint32_t[]){2 << 4 | BAM_CSOFT_CLIP, 8 << 4}), 8);
    ck_assert(!prediction_by_mate(second, &mtid, &mpos, &tlen, &ops));
    /* Another window, another person. */
    prediction_start(p, VL_MASK_SYNTH, &s->masked, &s->sites, NULL, NULL);
    ck_assert_ptr_null(prediction_mate_before(p, second));
    static const unsigned TELLING[] = {VL_SHAPE_CIGAR, VL_SHAPE_MATE, VL_SHAPE_PAIR};
    for (int i = 0; i < 3; i++) {
        prediction_start(p, VL_MASK_SYNTH, &s->masked, &s->sites, NULL, NULL);
        ck_assert_int_eq(
            prediction_remember(p, VL_GRADE_FULL | TELLING[i], "", first, first), 1);
        ck_assert_ptr_eq(prediction_mate_before(p, second), first);
    }
    prediction_start(p, VL_MASK_PERMUTE, &s->masked, &s->sites, NULL, NULL);
    ck_assert_int_eq(prediction_remember(p, VL_SHAPE_CIGAR, "MCZs", first, first), 0);
    ck_assert_ptr_null(prediction_mate_before(p, second));
    vl_buf_clear(&ops);
    bam_destroy1(first);
    bam_destroy1(second);
    bam_destroy1(other);
    scene_close(s);
}
END_TEST

Suite *prediction_suite(void)
{
    Suite *suite = suite_create("prediction");
    TCase *tcase = tcase_create("prediction");
    tcase_add_loop_test(tcase, test_bases, 0, N_BASES);
    tcase_add_loop_test(tcase, test_places, 0, sizeof PLACES / sizeof *PLACES);
    tcase_add_test(tcase, test_mates_before);
    suite_add_tcase(suite, tcase);
    return suite;
}
