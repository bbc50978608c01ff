#include "record/record.h"
#include "residual/residual.h"
#include "residual_fixture.h"
#include "window/window_records.h"

Suite *residual_suite(void);

static void round_trip(struct window_records *w, const struct vl_names *read_groups)
{
    struct vl_buf plain = encoded(w, read_groups);
    struct window_records back;
    ck_assert_int_eq(decode(w, &plain, read_groups, &back), 0);
    ck_assert(same_window(&back, w));
    ck_assert_uint_eq(back.sites.n, w->sites.n);
    for (size_t i = 0; i < w->sites.n; i++) {
        ck_assert_uint_eq(back.sites.v[i].contig, w->sites.v[i].contig);
        ck_assert_int_eq(back.sites.v[i].pos0, w->sites.v[i].pos0);
        ck_assert_uint_eq(back.sites.v[i].change, w->sites.v[i].change);
    }
    window_records_clear(&back);
    vl_buf_clear(&plain);
}

START_TEST(test_random_windows)
{
    uint64_t s = 100 + (uint64_t)_i;
    struct window_records w = random_window(&s, 200, 20);
    round_trip(&w, &groups);
    round_trip(&w, NULL);
    make_slice(&s, &w);
    round_trip(&w, NULL);
    /* The owner's file has no loose reads. */
    struct vl_buf plain = encoded(&w, NULL);
    struct window_records back;
    ck_assert_int_eq(decode(&w, &plain, &groups, &back), w.loose.n ? VL_ERR_SEAL : 0);
    window_records_clear(&back);
    vl_buf_clear(&plain);
    window_records_clear(&w);
}
END_TEST

START_TEST(test_small_windows)
{
    static const uint32_t SIZES[][2] = {{0, 0}, {0, 1}, {0, 9}, {1, 0}, {1, 3}};
    uint64_t s = 11;
    for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++)
        for (int round = 0; round < 20; round++) {
            struct window_records w = random_window(&s, SIZES[i][0], SIZES[i][1]);
            round_trip(&w, &groups);
            window_records_clear(&w);
        }
}
END_TEST

/* ---- what goes into which stream ---- */

static void expect_stream(const struct vl_bdiff_window *window, uint32_t id,
                          const void *want, size_t n)
{
    struct vl_cursor c;
    vl_bdiff_window_read(window, id, &c);
    ck_assert_msg(vl_left(&c) == n, "stream %u has %zu bytes", id, vl_left(&c));
    if (n > 0)
        ck_assert_mem_eq(c.at, want, n);
}

/* With ranges, what touches them comes as without, and all else is none of the slice's.
 */
START_TEST(test_wanted_alone)
{
    uint64_t s = (uint64_t)_i + 500;
    struct window_records w = random_window(&s, 200, 20), all, some;
    struct vl_contigs contigs = {0};
    struct vl_ranges ranges = VL_RANGES_INIT;
    vl_contigs_add(&contigs, "c0", 5000, NULL);
    vl_contigs_add(&contigs, "c1", 5000, NULL);
    ck_assert_int_eq(vl_ranges_add(&ranges, &contigs, 1, 400, 700), 0);
    vl_ranges_normalise(&ranges);
    ranges.unplaced = _i % 2;
    struct vl_buf plain = encoded(&w, &groups);
    ck_assert_int_eq(decode(&w, &plain, &groups, &all), 0);
    some = masked_only(&w);
    some.wanted = &ranges;
    ck_assert_int_eq(residual_decode(&some, plain.data, plain.len, &groups, NULL), 0);
    size_t n_wanted = 0;
    for (size_t i = 0; i < w.masked.n; i++) {
        const bam1_t *b = w.masked.v[i]; /* permute: it lies where the original does */
        bool touches = b->core.tid < 0 ? ranges.unplaced
                                       : vl_ranges_overlap(&ranges, b->core.tid,
                                                           b->core.pos, bam_endpos(b));
        n_wanted += touches;
        ck_assert_int_eq(some.grade.data[i], touches ? VL_GRADE_FULL : VL_GRADE_NONE);
        if (touches)
            ck_assert(same_record(some.shown.v[i], all.shown.v[i]));
    }
    ck_assert(n_wanted > 0 && n_wanted < w.masked.n / 2);
    ck_assert_uint_eq(some.whole.n, all.whole.n);
    for (size_t i = 0; i < all.whole.n; i++)
        ck_assert(same_record(some.whole.v[i], all.whole.v[i]));
    vl_ranges_clear(&ranges);
    vl_contigs_clear(&contigs);
    vl_buf_clear(&plain);
    window_records_clear(&w);
    window_records_clear(&all);
    window_records_clear(&some);
}
END_TEST

/* The record's tags may repeat a name, predicted ones too. */
START_TEST(test_repeated_tags)
{
    static const char *const SAM[] = {"a 0 c0 101 60 2M1I2M * 0 0 ACGTA * CB:Z:ACGT"};
    static const char AUX[] = "NMC\x01"
                              "CBZACGT\0MDZ4\0NMC\x01"
                              "CBZACGT\0RGZlane 1\0MDZ4\0"
                              "RGZlane 1\0NMs\x01";
    struct window_records w = window_of(SAM, 1, NULL, 0);
    ck_assert_int_eq(record_set_aux(w.shown.v[0], (const uint8_t *)AUX, sizeof AUX), 0);
    ck_assert_int_eq(bam_aux_update_str(w.masked.v[0], "RG", 4, "rg1"), 0);
    round_trip(&w, &groups);
    round_trip(&w, NULL);
    window_records_clear(&w);
}
END_TEST

/* The stream's byte at `at` replaced: refused before any checksum is looked at. */
static void expect_refused(const struct window_records *w, struct vl_bdiff_window *window,
                           uint32_t id, size_t at, uint8_t value)
{
    struct window_records back;
    struct vl_error err;
    struct vl_buf *data = vl_bdiff_window_stream(window, id);
    ck_assert_uint_lt(at, data->len);
    uint8_t before = data->data[at];
    data->data[at] = value;
    ck_assert_msg(decode_streams(w, window, &back, &err) == VL_ERR_SEAL, "stream %u", id);
    ck_assert_msg(!strstr(err.message, "restores other"), "stream %u", id);
    data->data[at] = before;
    window_records_clear(&back);
}

#define EXPECT(id, literal) expect_stream(&window, id, literal, sizeof(literal) - 1)

static void expect_tags(const struct vl_bdiff_window *w)
{
    static const char TEMPLATES[] = "RGZmNMCpMDZpXXSs\0\0RGZsNMCsMDZsXXCs";
    expect_stream(w, VL_STREAM_TEMPLATES, TEMPLATES, sizeof TEMPLATES);
    expect_stream(w, VL_STREAM_TEMPLATE, "\1\0\2", 3);
    expect_stream(w, vl_stream_of_tag("RG", 'Z'), "lane_2", 7);
    expect_stream(w, vl_stream_of_tag("NM", 'C'), "\1", 1);
    expect_stream(w, vl_stream_of_tag("MD", 'Z'), "7", 2);
    expect_stream(w, vl_stream_of_tag("XX", 'S'), "\x2c\1", 2);
    expect_stream(w, vl_stream_of_tag("XX", 'C'), "\5", 1);
}

static void expect_refusals(const struct window_records *w,
                            struct vl_bdiff_window *window)
{
    static const struct {
        uint32_t id;
        size_t at;
        uint8_t value;
    } CASES[] = {
        {VL_STREAM_SHAPES, 0, 0x10},    /* grade NONE with a template */
        {VL_STREAM_SHAPES, 1, 0x21},    /* a masked record of a loose one's grade */
        {VL_STREAM_SHAPE, 0, 5},        /* no such shape */
        {VL_STREAM_SHAPE, 0, 3},        /* that of a whole record */
        {VL_STREAM_SHAPE, 1, 0},        /* a whole record of a masked one's */
        {VL_STREAM_RUN, 3, 2},          /* one record more */
        {VL_STREAM_SITE_CHANGE, 0, 0},  /* the identity */
        {VL_STREAM_SITE_CHANGE, 0, 24}, /* no permutation */
        {VL_STREAM_CIGAR, 2, 4},        /* an operator more */
        {VL_STREAM_HIDDEN_COUNT, 0, 4}, /* a base less */
        {VL_STREAM_HIDDEN_COUNT, 0, 8}, /* a base more */
        {VL_STREAM_HIDDEN_COUNT, 0, 7}, /* packed */
        {VL_STREAM_HIDDEN, 1, 16},      /* no nibble */
        {VL_STREAM_PACKED, 0, 4},       /* bits behind the last base */
        {VL_STREAM_PATCH_RANK, 0, 5},   /* behind the end of SEQ */
        {VL_STREAM_PATCH_BASE, 0, 16},  /* no nibble */
        {VL_STREAM_TEMPLATE, 0, 3},     /* no such template */
        {VL_STREAM_TEMPLATES, 3, 'x'},  /* no such source */
        {VL_STREAM_WHOLE_PLACE, 1, 3},  /* behind the end */
        {VL_STREAM_WHOLE_CONTIG, 0, 1}, /* contig -2 */
        {VL_STREAM_WHOLE_LENGTH, 0, 2}, /* a base more */
        {VL_STREAM_MATE_CONTIG, 0, 3},  /* contig -2 */
        {VL_STREAM_QUAL, 0, 2},         /* a quality more */
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
        expect_refused(w, window, CASES[i].id, CASES[i].at, CASES[i].value);
}

static void replace(struct vl_bdiff_window *window, uint32_t id, const char *bytes,
                    size_t n)
{
    struct vl_buf *data = vl_bdiff_window_stream(window, id);
    vl_buf_reset(data);
    vl_buf_add(data, bytes, n);
}

/* Streams that fit each other, but not the format. */
static void expect_other_refusals(const struct window_records *w,
                                  struct vl_bdiff_window *window)
{
    static const char SHAPE[] = "\2\4\1\0\3";
    struct window_records back;
    /* The common shape, said as if it were another: nothing is wrong with that. */
    replace(window, VL_STREAM_RUN, "\0\0\0\0\0", 5);
    replace(window, VL_STREAM_SHAPE, SHAPE, 5);
    ck_assert_int_eq(decode_streams(w, window, &back, NULL), 0);
    ck_assert(same_window(&back, w));
    window_records_clear(&back);
    expect_refused(w, window, VL_STREAM_SHAPE, 3, 5);
    replace(window, VL_STREAM_RUN, "\0\0\0\1", 4);
    replace(window, VL_STREAM_SHAPE, "\2\4\1\3", 4);
    /* A hidden base more than SEQ has. */
    replace(window, VL_STREAM_HIDDEN, "\x08\x02\x08\x01", 4);
    expect_refused(w, window, VL_STREAM_HIDDEN_COUNT, 0, 8);
    replace(window, VL_STREAM_HIDDEN, "\x08\x02\x08", 3);
}

/* bdiff.md §5.2 to §5.7, byte by byte */
START_TEST(test_streams)
{
    static const char *const SAM[] = {
        "a 0 c0 101 60 2S3M1I4M * 0 0 TCACGTACGT * RG:Z:lane_2 NM:i:1 MD:Z:7 XX:i:300",
        "b 0 c0 101 60 2=1X2= * 0 0 AC=GT *",
        "c 0 c0 103 60 2M * 0 0 CG * RG:Z:lane_2 NM:i:1 MD:Z:7 XX:i:5",
    };
    static const int64_t SITES[] = {102, 107};
    struct window_records w = window_of(SAM, 3, SITES, 2);
    vl_names_clear(&groups);
    vl_names_add(&groups, "lane 1");
    vl_names_add(&groups, "lane_2");
    vl_names_index(&groups);
    /* The groups of make_groups have no lane_2, so one masked record gets its own here.
     */
    ck_assert_int_eq(bam_aux_update_str(w.masked.v[0], "RG", 4, "rg2"), 0);
    fixture_parse(window_records_add_whole(&w, 1, 0), "d 256 c0 101 0 1M * 0 0 A !");
    fixture_parse(window_records_add_whole(&w, 3, 0), "e 256 c0 104 0 * * 0 0 * *");
    struct vl_buf plain = encoded(&w, &groups);
    struct vl_bdiff_window window = {0};
    ck_assert_int_eq(vl_bdiff_window_decode(&window, plain.data, plain.len, NULL), 0);
    /* Of c, b, a, e, d; FULL with: a template, CIGAR and a patch, hidden bases and a
     * template */
    EXPECT(VL_STREAM_SHAPES, "\x13\x27\x53\xa3\x43\xe3\x63");
    EXPECT(VL_STREAM_SHAPE, "\2\4\1\3");
    EXPECT(VL_STREAM_RUN, "\0\0\0\1");
    EXPECT(VL_STREAM_SITE_CONTIG, "\0");
    EXPECT(VL_STREAM_SITE_POS, "\x66");
    EXPECT(VL_STREAM_SITE_CHANGE, "\x17");
    EXPECT(VL_STREAM_VARIANT_BASE, "");
    EXPECT(VL_STREAM_CIGAR, "\1\x10\3\x27\x18\x27\0");
    EXPECT(VL_STREAM_HIDDEN_COUNT, "\6\3");
    EXPECT(VL_STREAM_HIDDEN, "\x08\x02\x08");
    EXPECT(VL_STREAM_PACKED, "\0");
    EXPECT(VL_STREAM_PATCH_COUNT, "");
    EXPECT(VL_STREAM_PATCH_RANK, "\2");
    EXPECT(VL_STREAM_PATCH_BASE, "\0");
    EXPECT(VL_STREAM_WHOLE_PLACE, "\1\2");
    EXPECT(VL_STREAM_WHOLE_CONTIG, "\2\0");
    EXPECT(VL_STREAM_WHOLE_POS, "\xc8\1\6");
    /* A record without CIGAR is unmapped: htslib sets 0x4. */
    EXPECT(VL_STREAM_WHOLE_FLAG, "\x80\2\x84\2");
    EXPECT(VL_STREAM_WHOLE_LENGTH, "\1\0");
    EXPECT(VL_STREAM_POS, "");
    EXPECT(VL_STREAM_MAPQ, "\0\0");
    EXPECT(VL_STREAM_MATE_CONTIG, "\1\1");
    EXPECT(VL_STREAM_MATE_POS, "\xc9\1\xcf\1");
    EXPECT(VL_STREAM_MATE_TLEN, "\0\0");
    EXPECT(VL_STREAM_NAME, "d\0e\0");
    EXPECT(VL_STREAM_QUAL, "\1\0");
    EXPECT(VL_STREAM_FLAG, "");
    EXPECT(VL_STREAM_ORDER, "");
    EXPECT(VL_STREAM_N_QUALITY, "");
    expect_tags(&window);
    expect_refusals(&w, &window);
    expect_other_refusals(&w, &window);
    vl_bdiff_window_clear(&window);
    vl_buf_clear(&plain);
    window_records_clear(&w);
}
END_TEST

/* Pairs whose mates begin at the same place or behind: CRAM may add 0x20 and turn TLEN
 * over.  Whether it did, or not, the originals are restored. */
START_TEST(test_masked_records_from_cram)
{
    static const char *const SAM[] = {
        "a 65 c0 101 60 4M = 101 4 ACGT *",  "a 129 c0 101 60 4M = 101 -4 ACGT *",
        "b 97 c0 101 60 4M = 101 4 ACGT *",  "b 145 c0 101 60 4M = 101 -4 ACGT *",
        "c 65 c0 101 60 4M = 151 54 ACGT *", "c 4161 c0 101 60 4M = 151 54 ACGT *"};
    struct window_records w = window_of(SAM, 6, NULL, 0), back;
    w.model = _i ? VL_MASK_SYNTH : VL_MASK_PERMUTE;
    struct vl_buf plain = encoded(&w, &groups);
    for (size_t i = 0; i < w.masked.n; i++) {
        bam1_core_t *c = &w.masked.v[i]->core;
        ck_assert_uint_eq(c->flag >> 12, 0);
        c->flag |= BAM_FMREVERSE;
        c->isize *= c->mpos == c->pos ? -1 : 1;
    }
    ck_assert_int_eq(decode(&w, &plain, &groups, &back), 0);
    ck_assert(same_window(&back, &w));
    window_records_clear(&back);
    /* Digests do not see it taken away either. */
    for (size_t i = 0; i < w.masked.n; i++)
        w.masked.v[i]->core.flag &= (uint16_t)~BAM_FMREVERSE;
    ck_assert_int_eq(decode(&w, &plain, &groups, &back), 0);
    ck_assert(same_window(&back, &w));
    window_records_clear(&back);
    w.masked.v[4]->core.isize *= -1;
    ck_assert_int_eq(decode(&w, &plain, &groups, &back), VL_ERR_SEAL);
    window_records_clear(&back);
    vl_buf_clear(&plain);
    window_records_clear(&w);
}
END_TEST

/* PNEXT follows from the strand of the mate as it is restored, whatever the masked record
 * says after CRAM. */
START_TEST(test_mate_strand_from_cram)
{
    struct window_records w = {.model = VL_MASK_SYNTH}, back;
    fixture_parse(record_array_add(&w.masked),
                  "a 65 c0 101 60 4M = 201 110 ACGT * MC:Z:10M");
    fixture_parse(record_array_add(&w.shown),
                  "a 65 c0 101 60 4M = 201 111 ACGT * MC:Z:4M1D6M");
    vl_buf_add_byte(&w.grade, VL_GRADE_FULL);
    struct vl_buf plain = encoded(&w, &groups);
    w.masked.v[0]->core.flag |= BAM_FMREVERSE;
    ck_assert_int_eq(decode(&w, &plain, &groups, &back), 0);
    ck_assert(same_window(&back, &w));
    window_records_clear(&back);
    vl_buf_clear(&plain);
    window_records_clear(&w);
}
END_TEST

Suite *residual_suite(void)
{
    Suite *suite = suite_create("residual");
    TCase *tcase = tcase_create("residual");
    tcase_add_checked_fixture(tcase, make_groups, clear_groups);
    tcase_add_loop_test(tcase, test_random_windows, 0, 20);
    tcase_add_loop_test(tcase, test_wanted_alone, 0, 6);
    tcase_add_test(tcase, test_small_windows);
    tcase_add_test(tcase, test_repeated_tags);
    tcase_add_test(tcase, test_streams);
    tcase_add_loop_test(tcase, test_masked_records_from_cram, 0, 2);
    tcase_add_test(tcase, test_mate_strand_from_cram);
    suite_add_tcase(suite, tcase);
    return suite;
}
