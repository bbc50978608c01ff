/* What residual_decode.c and residual_encode.c must refuse. */
#include "projection/quality_deal.h"
#include "projection/shown_geometry.h"
#include "record/record.h"
#include "residual/residual.h"
#include "residual_fixture.h"
#include "synth_fixture.h"
#include "window/record_array.h"
#include "window/window_records.h"

Suite *residual_refusals_suite(void);

/* One window of each masking; under permute also one of a slice, under synth one whose
 * geometry is known. */
enum { PERMUTE, SLICE, SYNTH, MOVED, N_KINDS };
static struct world *world;

static bool shows_qualities(const bam1_t *b)
{
    return b->core.l_qseq > 0 && bam_get_qual(b)[0] != 0xff;
}

/* Neighbours on one strand show each other's string. */
static void exchange_qualities(struct window_records *w)
{
    struct record_array *masked = &w->masked;
    uint32_t place = 0;
    for (size_t i = 0; i < masked->n; i++, place++) {
        size_t other = i ^ 1;
        bool exchange = other < masked->n && shows_qualities(masked->v[i]) &&
                        shows_qualities(masked->v[other]) &&
                        bam_is_rev(masked->v[i]) == bam_is_rev(masked->v[other]);
        uint32_t at = exchange ? (uint32_t)other : place;
        vl_buf_add(&w->quality_place, &at, sizeof at);
        if (!exchange)
            continue;
        const bam1_t *own = w->shown.v[i];
        bam1_t *to = masked->v[other];
        bool is_reverse = bam_is_rev(to);
        size_t n = (size_t)own->core.l_qseq, n_out = (size_t)to->core.l_qseq;
        quality_fit(bam_get_qual(own), n, is_reverse, bam_get_qual(to), n_out);
        if (n > n_out)
            vl_buf_add(&w->quality_tail,
                       quality_tail(bam_get_qual(own), n_out, is_reverse), n - n_out);
    }
    w->stores_places = true;
}

/* The masked records need not lie where this moves them. */
static const struct shown_geometry *some_geometry(void)
{
    static struct vl_contig v[] = {
        {.name = "c0", .length = 9000}, {.name = "c1"}, {.name = "c2"}};
    static const struct vl_contigs CONTIGS = {.v = v, .n = 3};
    static const struct vl_bdiff_library LIBRARY = {300, 50};
    static const struct shown_geometry GEOMETRY = {.is_told = true,
                                                   .contigs = &CONTIGS,
                                                   .blur_sd = 10,
                                                   .draws_inserts = true,
                                                   .libraries = &LIBRARY,
                                                   .n_libraries = 1};
    return &GEOMETRY;
}

static struct window_records window_of_kind(int kind, uint64_t seed, uint32_t n)
{
    if (kind < SYNTH) {
        struct window_records w = random_window(&seed, n, 1 + n / 8);
        if (kind == SLICE) {
            exchange_qualities(&w);
            make_slice(&seed, &w);
        }
        return w;
    }
    world = world_open(seed);
    world->span = 3000;
    struct record_array originals = random_originals(&seed, world, (int)n);
    struct window_records w = synth_window(world, &originals);
    world_close(world);
    if (kind == MOVED)
        w.geometry = some_geometry();
    return w;
}

/* A flipped bit of the plaintext is refused, or changes nothing that is shown. */
START_TEST(test_flipped_bytes_of_the_plaintext)
{
    uint64_t s = 12;
    struct window_records w = window_of_kind(_i, 12, 12), back;
    struct vl_buf plain = encoded(&w, names_for(&w));
    for (size_t at = 0; at < plain.len; at++)
        for (int round = 0; round < 2; round++) {
            uint8_t flip =
                (uint8_t)(round ? 1u << rnd_below(&s, 8) : 1 + rnd_below(&s, 255));
            plain.data[at] ^= flip;
            int rc = decode(&w, &plain, names_for(&w), &back);
            ck_assert(rc == VL_ERR_SEAL || (rc == 0 && same_window(&back, &w)));
            plain.data[at] ^= flip;
            window_records_clear(&back);
        }
    for (size_t n = 0; n < plain.len; n++) {
        struct vl_buf cut = {.data = plain.data, .len = n};
        ck_assert_int_eq(decode(&w, &cut, names_for(&w), &back), VL_ERR_SEAL);
        window_records_clear(&back);
    }
    vl_buf_clear(&plain);
    window_records_clear(&w);
}
END_TEST

/* The records shown, in the order of their places, and whether they are shown in full:
 * what the checksum is over. */
static bool shows_the_same(const struct window_records *a, const struct window_records *b)
{
    bool same = a->shown.n == b->shown.n && a->whole.n == b->whole.n;
    for (size_t i = 0; same && i < a->shown.n; i++)
        same =
            (a->grade.data[i] == VL_GRADE_NONE) == (b->grade.data[i] == VL_GRADE_NONE) &&
            (a->grade.data[i] == VL_GRADE_FULL) == (b->grade.data[i] == VL_GRADE_FULL) &&
            (a->grade.data[i] == VL_GRADE_NONE ||
             same_record(a->shown.v[i], b->shown.v[i]));
    for (size_t i = 0; same && i < a->whole.n; i++)
        same = same_record(a->whole.v[i], b->whole.v[i]);
    same = same && a->loose.n == b->loose.n;
    for (size_t i = 0; same && i < a->loose.n; i++)
        same = same_record(a->loose.v[i], b->loose.v[i]);
    return same;
}

/* Whole records among the masked ones: other places, the same records. */
static bool places_differ(const struct window_records *a, const struct window_records *b)
{
    bool differ = a->whole.n != b->whole.n;
    for (size_t i = 0; !differ && i < a->whole.n; i++)
        differ = a->whole_place[i].place != b->whole_place[i].place;
    return differ;
}

/* The same inside the streams, past zstd: what is joined without an error has another
 * checksum, or shows the same.  Every stream has bytes that are refused. */
START_TEST(test_flipped_bytes_of_streams)
{
    uint64_t s = 13;
    struct window_records w = window_of_kind(_i, 13, 22);
    struct vl_buf plain = encoded(&w, names_for(&w));
    struct vl_bdiff_window window = {0};
    ck_assert_int_eq(vl_bdiff_window_decode(&window, plain.data, plain.len, NULL), 0);
    int n_joined = 0, n_refused = 0;
    for (size_t k = 0; k < window.n_streams; k++) {
        int n_before = n_refused;
        for (size_t at = 0; at < window.streams[k].data.len; at++) {
            struct window_records back;
            struct vl_error err = {0};
            uint8_t flip = (uint8_t)(1 << rnd_below(&s, 8));
            window.streams[k].data.data[at] ^= flip;
            int rc = decode_streams(&w, &window, &back, &err);
            window.streams[k].data.data[at] ^= flip;
            bool joined = rc == 0 || strstr(err.message, "restores other records");
            n_joined += joined;
            n_refused += rc < 0;
            if (joined && !places_differ(&back, &w))
                ck_assert_msg((rc == 0) == shows_the_same(&back, &w),
                              "stream %x byte %zu", window.streams[k].id, at);
            window_records_clear(&back);
        }
        bool orders = window.streams[k].id == VL_STREAM_ORDER ||
                      window.streams[k].id == VL_STREAM_ORDER_STEP;
        ck_assert_msg(n_refused > n_before || orders, "stream %x", window.streams[k].id);
    }
    ck_assert_int_gt(n_joined, 100);
    ck_assert_int_gt(n_refused, 100);
    vl_bdiff_window_clear(&window);
    vl_buf_clear(&plain);
    window_records_clear(&w);
}
END_TEST

/* Streams that end early, or have a byte too many. */
START_TEST(test_stream_lengths)
{
    struct window_records w = window_of_kind(_i, 14, 60);
    struct vl_buf plain = encoded(&w, names_for(&w));
    struct vl_bdiff_window window = {0};
    ck_assert_int_eq(vl_bdiff_window_decode(&window, plain.data, plain.len, NULL), 0);
    ck_assert_uint_gt(window.n_streams, 15);
    for (size_t k = 0; k < window.n_streams; k++) {
        struct vl_buf *data = &window.streams[k].data;
        uint32_t id = window.streams[k].id;
        /* One template or shape more is one that nobody uses. */
        bool may_grow = id == VL_STREAM_TEMPLATES || id == VL_STREAM_SHAPES;
        struct window_records back;
        data->len--;
        ck_assert_msg(decode_streams(&w, &window, &back, NULL) == VL_ERR_SEAL,
                      "stream %x", id);
        window_records_clear(&back);
        data->len++;
        vl_buf_add_byte(data, 0);
        ck_assert_msg(decode_streams(&w, &window, &back, NULL) == VL_ERR_SEAL || may_grow,
                      "stream %x", id);
        window_records_clear(&back);
        data->len--;
    }
    vl_bdiff_window_clear(&window);
    vl_buf_clear(&plain);
    window_records_clear(&w);
}
END_TEST

/* What the tests above damage: every stream that there is. */
START_TEST(test_every_stream_is_among_them)
{
    bool seen[VL_STREAM_FIXED_END] = {false}, tags = false;
    for (int kind = 0; kind < N_KINDS; kind++) {
        struct window_records w = window_of_kind(kind, 14, 60);
        struct vl_buf plain = encoded(&w, names_for(&w));
        struct vl_bdiff_window window = {0};
        ck_assert_int_eq(vl_bdiff_window_decode(&window, plain.data, plain.len, NULL), 0);
        for (size_t k = 0; k < window.n_streams; k++)
            if (window.streams[k].id < VL_STREAM_FIXED_END)
                seen[window.streams[k].id] = true;
            else
                tags = true;
        vl_bdiff_window_clear(&window);
        vl_buf_clear(&plain);
        window_records_clear(&w);
    }
    for (int id = 1; id < VL_STREAM_FIXED_END; id++)
        ck_assert_msg(seen[id], "stream %d", id);
    ck_assert(tags);
}
END_TEST

enum { N_MISFITS = 11 };

/* Masked records that are not those the window was made of. */
static void misfit(struct window_records *w, int which)
{
    bam1_t *b = w->masked.v[0], *swapped;
    switch (which) {
    case 0:
        w->masked.n--;
        break;
    case 1:
        ck_assert_ptr_nonnull(bam_copy1(record_array_add(&w->masked), b));
        break;
    case 2:
        swapped = w->masked.v[0];
        w->masked.v[0] = w->masked.v[1];
        w->masked.v[1] = swapped;
        break;
    case 3:
        b->core.qual ^= 1;
        break;
    case 4:
        b->core.pos++;
        break;
    case 5:
        bam_get_qual(b)[0] ^= 1;
        break;
    case 6:
        bam_get_qname(b)[0] ^= 1;
        break;
    case 7: /* a base that no site explains */
        bam_set_seqi(bam_get_seq(b), 3, 4);
        break;
    case 8: /* one clipped base less */
        fixture_parse(b, "a 0 c0 101 60 1S3M1I4M * 0 0 NACGNACGT *");
        break;
    case 9: /* another read group: the restored one follows it */
        ck_assert_int_eq(bam_aux_update_str(b, "RG", 4, "rg1"), 0);
        break;
    case 10: /* a tag that the template takes over is gone */
        ck_assert_int_eq(bam_aux_del(b, bam_aux_get(b, "CB")), 0);
        break;
    }
}

START_TEST(test_masked_records_that_do_not_fit)
{
    static const char *const SAM[] = {
        "a 0 c0 101 60 2S3M1I4M * 0 0 TCACGTACGT IIIIIIIIII CB:Z:ACGT",
        "b 0 c0 101 60 5M * 0 0 ACNGT *",
        "c 4 * 0 0 * * 0 0 ACNGT *",
    };
    static const int64_t SITES[] = {104};
    struct window_records w = window_of(SAM, 3, SITES, 1);
    for (size_t i = 0; i < 2; i++) {
        bam_aux_append(w.shown.v[i], "RG", 'Z', 7, (const uint8_t *)"lane 2");
        bam_aux_append(w.masked.v[i], "RG", 'Z', 4, (const uint8_t *)"rg2");
    }
    struct vl_buf plain = encoded(&w, &groups);
    struct window_records back = masked_only(&w);
    ck_assert_int_eq(residual_decode(&back, plain.data, plain.len, &groups, NULL), 0);
    window_records_clear(&back);
    back = masked_only(&w);
    misfit(&back, _i);
    ck_assert_int_eq(residual_decode(&back, plain.data, plain.len, &groups, NULL),
                     VL_ERR_SEAL);
    window_records_clear(&back);
    vl_buf_clear(&plain);
    window_records_clear(&w);
}
END_TEST

/* SEQ shorter than its CIGAR: hidden bases and sites behind its end must not be written.
 */
START_TEST(test_masked_cigar_longer_than_seq)
{
    static const char *const SAM[] = {
        "a 0 c0 101 60 4M60S * 0 0 "
        "ACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGT *",
        "a 0 c0 101 60 64M * 0 0 "
        "ACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGT *"};
    static const int64_t SITES[] = {130, 160};
    struct window_records w = window_of(&SAM[_i], 1, SITES, 2);
    struct vl_buf plain = encoded(&w, &groups);
    struct window_records back = {.model = VL_MASK_PERMUTE};
    struct vl_error err = {0};
    bam1_t *b = record_array_add(&back.masked);
    fixture_parse(b, "a 0 c0 101 60 4M * 0 0 ACGT *");
    uint32_t op = bam_get_cigar(w.masked.v[0])[0];
    ck_assert_int_eq(
        record_assemble(b, &b->core, "a", _i ? &op : bam_get_cigar(w.masked.v[0]),
                        w.masked.v[0]->core.n_cigar, (const uint8_t *)"\x12\x48",
                        (const uint8_t *)"IIII", NULL, 0),
        0);
    uint8_t *exact = malloc((size_t)b->l_data);
    memcpy(exact, b->data, (size_t)b->l_data);
    free(b->data);
    b->data = exact;
    b->m_data = (uint32_t)b->l_data;
    ck_assert_int_eq(residual_decode(&back, plain.data, plain.len, &groups, &err),
                     VL_ERR_SEAL);
    window_records_clear(&back);
    vl_buf_clear(&plain);
    window_records_clear(&w);
}
END_TEST

/* The same where another record asks for the reference that the masked ones tell. */
START_TEST(test_reference_of_a_cigar_longer_than_seq)
{
    static const char *const SAM[2][2] = {
        {"a 0 c0 101 60 8M * 0 0 AAAAAAAA *", "a 0 c0 103 60 2S6M * 0 0 AAAAAAAA *"},
        {"b 0 c0 105 60 8M * 0 0 AAAAAAAA *", "b 0 c0 105 60 8M * 0 0 AAAAAAAA *"}};
    struct window_records w = {.model = VL_MASK_SYNTH}, back;
    for (int i = 0; i < 2; i++) {
        fixture_parse(record_array_add(&w.masked), SAM[i][0]);
        fixture_parse(record_array_add(&w.shown), SAM[i][1]);
        vl_buf_add_byte(&w.grade, VL_GRADE_FULL);
    }
    struct vl_buf plain = encoded(&w, &groups);
    ck_assert_int_eq(decode(&w, &plain, &groups, &back), 0);
    window_records_clear(&back);
    back = masked_only(&w);
    bam1_t *b = back.masked.v[1];
    uint32_t op = bam_cigar_gen(1 << 20, BAM_CMATCH);
    ck_assert_int_eq(record_assemble(b, &b->core, "b", &op, 1, bam_get_seq(w.masked.v[1]),
                                     bam_get_qual(w.masked.v[1]), NULL, 0),
                     0);
    uint8_t *exact = malloc((size_t)b->l_data);
    memcpy(exact, b->data, (size_t)b->l_data);
    free(b->data);
    b->data = exact;
    b->m_data = (uint32_t)b->l_data;
    ck_assert_int_eq(residual_decode(&back, plain.data, plain.len, &groups, NULL),
                     VL_ERR_SEAL);
    window_records_clear(&back);
    vl_buf_clear(&plain);
    window_records_clear(&w);
}
END_TEST

/* A masked record of the synth masking has no deletions; one that has some tells nothing
 * of the letters that its MD would name. */
START_TEST(test_masked_deletions)
{
    struct window_records w = {.model = VL_MASK_SYNTH}, back;
    struct vl_bdiff_window window = {0};
    struct vl_error err;
    char sam[200];
    snprintf(sam, sizeof sam, "a 0 c0 101 60 2M%dD2M * 0 0 AACC *", _i ? 3 : 200000000);
    fixture_parse(record_array_add(&w.masked), sam);
    add_stream(&window, VL_STREAM_SHAPES, VL_GRADE_FULL, false);
    add_stream(&window, VL_STREAM_TEMPLATE, 0, false);
    vl_buf_add(vl_bdiff_window_stream(&window, VL_STREAM_TEMPLATES), "MDZp", 5);
    ck_assert_int_eq(decode_streams(&w, &window, &back, &err), VL_ERR_SEAL);
    ck_assert(!strstr(err.message, "restores other"));
    window_records_clear(&back);
    vl_bdiff_window_clear(&window);
    window_records_clear(&w);
}
END_TEST

/* FLAG is stored of masked records that are restored in full, in place of the bit that
 * turns 0x2 over. */
START_TEST(test_flags_of_shapes)
{
    static const struct {
        unsigned shape;
        uint64_t flag;
        bool good;
    } CASES[] = {{VL_GRADE_FULL | VL_SHAPE_FLAG, UINT16_MAX, true},
                 {VL_GRADE_FULL | VL_SHAPE_FLAG, UINT16_MAX + 1, false},
                 {VL_GRADE_FULL | VL_SHAPE_FLAG | VL_SHAPE_PROPER, 3, false},
                 {VL_GRADE_LOOSE | VL_SHAPE_FLAG, 3, false},
                 {VL_GRADE_NONE | VL_SHAPE_FLAG, 3, false}};
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct window_records w = {.model = VL_MASK_PERMUTE}, back;
        struct vl_bdiff_window window = {0};
        struct vl_error err;
        fixture_parse(record_array_add(&w.masked), "a 0 c0 101 60 * * 0 0 * *");
        add_stream(&window, VL_STREAM_SHAPES, CASES[i].shape, false);
        add_stream(&window, VL_STREAM_TEMPLATE, 0, false);
        add_stream(&window, VL_STREAM_TEMPLATES, 0, false);
        add_stream(&window, VL_STREAM_FLAG, (int64_t)CASES[i].flag, false);
        ck_assert_int_eq(decode_streams(&w, &window, &back, &err), VL_ERR_SEAL);
        /* No check was put in: what is good fails there alone. */
        ck_assert_msg(!!strstr(err.message, "restores other") == CASES[i].good, "%zu: %s",
                      i, err.message);
        window_records_clear(&back);
        vl_bdiff_window_clear(&window);
        window_records_clear(&w);
    }
}
END_TEST

/* The encoder must notice what the streams cannot express. */
START_TEST(test_encoder_checks_the_join)
{
    static const char *const SAM[] = {"a 0 c0 101 60 4M * 0 0 ACGT IIII"};
    for (int which = 0; which < 10; which++) {
        struct window_records w = window_of(SAM, 1, NULL, 0);
        struct vl_buf plain = VL_BUF_INIT;
        struct vl_error err = {0};
        bam1_t *b = w.masked.v[0];
        if (which == 0)
            w.shown.v[0]->core.pos = -2;
        else if (which == 1)
            w.shown.v[0]->core.mtid = -2;
        else if (which == 2)
            b->core.tid = 1;
        else if (which == 3)
            fixture_parse(b, "a 0 c0 101 60 5M * 0 0 ACGTA IIIII");
        else if (which == 4)
            w.shown.v[0]->core.mpos = -(INT64_C(1) << 60) - 1;
        /* What it can. */
        b->core.pos += which == 5;
        bam_get_qual(b)[1] ^= which == 6;
        bam_get_qname(b)[0] ^= which == 7;
        b->core.flag ^= which == 8 ? BAM_FPROPER_PAIR : 0;
        b->core.flag ^= which == 9 ? BAM_FREAD1 | 1 << 12 : 0;
        bool can = which > 4;
        ck_assert_int_eq(residual_encode(&w, &groups, NULL, &plain, &err),
                         can ? 0 : VL_ERR_DATA);
        ck_assert(can || strstr(err.message, "could not be restored"));
        ck_assert_int_eq(plain.len > 0, can);
        vl_buf_clear(&plain);
        window_records_clear(&w);
    }
}
END_TEST

Suite *residual_refusals_suite(void)
{
    Suite *suite = suite_create("residual_refusals");
    TCase *tcase = tcase_create("refusals");
    tcase_add_checked_fixture(tcase, make_groups, clear_groups);
    tcase_add_loop_test(tcase, test_flipped_bytes_of_the_plaintext, 0, N_KINDS);
    tcase_add_loop_test(tcase, test_flipped_bytes_of_streams, 0, N_KINDS);
    tcase_add_loop_test(tcase, test_stream_lengths, 0, N_KINDS);
    tcase_add_test(tcase, test_every_stream_is_among_them);
    tcase_add_loop_test(tcase, test_masked_records_that_do_not_fit, 0, N_MISFITS);
    tcase_add_loop_test(tcase, test_masked_cigar_longer_than_seq, 0, 2);
    tcase_add_test(tcase, test_reference_of_a_cigar_longer_than_seq);
    tcase_add_loop_test(tcase, test_masked_deletions, 0, 2);
    tcase_add_test(tcase, test_flags_of_shapes);
    tcase_add_test(tcase, test_encoder_checks_the_join);
    suite_add_tcase(suite, tcase);
    return suite;
}
