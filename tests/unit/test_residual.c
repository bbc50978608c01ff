#include "../../src/core/residual.h"

#include "../../src/core/mask.h"
#include "../../src/core/record.h"
#include "record_fixture.h"
#include "varlock/wire.h"

Suite *residual_suite(void);

static struct vl_contigs groups;

static void make_groups(void)
{
    memset(&groups, 0, sizeof groups);
    vl_contigs_add(&groups, "lane 1", 0, NULL);
    vl_contigs_add(&groups, "lane 2", 0, NULL);
    vl_contigs_find(&groups, "");
}

static void clear_groups(void)
{
    vl_contigs_clear(&groups);
}

/* ---- windows at random ---- */

static void add_random_tags(uint64_t *s, bam1_t *b)
{
    static const char *const TEXTS[] = {"", "x", "ACGT-1", "a longer text that is stored"};
    int32_t nm = (int32_t)rnd_below(s, 5);
    if (rnd_below(s, 4))
        bam_aux_append(b, "RG", 'Z', 7, (const uint8_t *)(rnd_below(s, 3) ? "lane 1" : "lane 2"));
    if (rnd_below(s, 8) == 0)
        bam_aux_append(b, "RG", 'Z', 7, (const uint8_t *)"lane 9");
    /* Integers of types that htslib would not choose. */
    if (rnd_below(s, 2)) {
        uint32_t type = rnd_below(s, 6);
        bam_aux_append(b, "NM", "cCsSiI"[type], 1 << type / 2, (const uint8_t *)&nm);
    }
    if (rnd_below(s, 2)) {
        int64_t n = md_all_match(b);
        char md[24];
        int len = snprintf(md, sizeof md, "%d", (int)(n < 0 ? 5 : n));
        bam_aux_append(b, "MD", 'Z', len + 1, (const uint8_t *)md);
    }
    for (uint32_t i = rnd_below(s, 4); i > 0; i--) {
        static const char *const NAMES[] = {"CB", "MC", "XZ", "XY"};
        const char *text = TEXTS[rnd_below(s, 4)];
        bam_aux_append(b, NAMES[rnd_below(s, 4)], 'Z', (int)strlen(text) + 1,
                       (const uint8_t *)text);
    }
    int32_t values[3] = {1, -1, 70000};
    if (rnd_below(s, 3) == 0)
        bam_aux_update_array(b, "XB", "iIf"[rnd_below(s, 3)], 3, values);
}

/* Bytes that are no tags, behind those that are. */
static void spoil_tags(bam1_t *b)
{
    struct vl_buf aux = VL_BUF_INIT;
    vl_buf_add(&aux, bam_get_aux(b), (size_t)bam_get_l_aux(b));
    vl_buf_add(&aux, "XXZno end", 9);
    ck_assert_int_eq(record_set_aux(b, aux.data, aux.len), 0);
    vl_buf_clear(&aux);
}

static void random_original(uint64_t *s, bam1_t *b)
{
    uint32_t kind = rnd_below(s, 20);
    if (kind == 0)
        fixture_parse(b, "placed 69 c1 500 0 * = 500 0 ACGTN IIIII");
    else if (kind == 1)
        fixture_parse(b, "unplaced 4 * 0 0 * * 0 0 ACGTR *");
    else if (kind == 2)
        fixture_parse(b, "no_seq 0 c1 500 9 5M1D3M * 0 0 * *");
    else
        rnd_record(s, rnd_below(s, 2) ? "MM=X" : "M", (int32_t)rnd_below(s, 2),
                   rnd_below(s, 2000), b);
    add_random_tags(s, b);
    if (rnd_below(s, 15) == 0)
        spoil_tags(b);
    record_normalise(b);
}

/* Fills in the sites (unsorted until now) and the masked forms of the originals in `shown`. */
static void mask_all(struct window_records *w)
{
    struct mask_scratch scratch = {0};
    struct tag_policy policy = {.read_groups = &groups};
    site_list_sort(&w->sites);
    for (size_t i = 0; i < w->shown.n; i++) {
        bool withheld;
        bam1_t *masked = record_array_add(&w->masked);
        ck_assert_int_eq(mask_record(w->shown.v[i], &w->sites, &policy, &scratch, masked,
                                     &withheld),
                         0);
        vl_buf_add_byte(&w->grade, VL_GRADE_FULL);
    }
    site_list_drop_unused(&w->sites);
    mask_scratch_clear(&scratch);
}

static struct window_records random_window(uint64_t *s, uint32_t n_records, uint32_t n_whole)
{
    struct window_records w = {0};
    uint32_t place = 0;
    for (uint32_t contig = 0; contig < 2; contig++)
        for (int64_t pos = rnd_below(s, 3); pos < 2500; pos += 1 + rnd_below(s, 6))
            site_list_add(&w.sites, &(struct site){.contig = contig,
                                                   .pos0 = pos,
                                                   .ref = (uint8_t)rnd_below(s, 4),
                                                   .perm = (uint8_t)rnd_below(s, 24)});
    for (uint32_t i = 0; i < n_records; i++)
        random_original(s, record_array_add(&w.shown));
    mask_all(&w);
    for (uint32_t i = 0; i < n_whole; i++) {
        place += rnd_below(s, 2) ? 0 : rnd_below(s, n_records + 1 - place);
        bam1_t *b = window_records_add_whole(&w, place);
        random_original(s, b);
        b->core.flag |= BAM_FSUPPLEMENTARY;
    }
    return w;
}

/* Grades below FULL show something else than the original: of EDGE some aligned bases and other
 * tags, of INSIDE fewer tags. */
static void lower_grades(uint64_t *s, struct window_records *w)
{
    static struct layout l;
    for (size_t i = 0; i < w->masked.n; i++) {
        int grade = (int)rnd_below(s, 4);
        bam1_t *shown = w->shown.v[i];
        w->grade.data[i] = (uint8_t)grade;
        if (grade == VL_GRADE_EDGE) {
            ck_assert_ptr_nonnull(bam_copy1(shown, w->masked.v[i]));
            lay_out(shown, &l);
            for (int32_t k = 0; k < shown->core.l_qseq; k++)
                if (l.rpos[k] >= 0 && rnd_below(s, 3) == 0)
                    bam_set_seqi(bam_get_seq(shown), k, 1 << rnd_below(s, 4));
            record_set_aux(shown, (const uint8_t *)"MDZ7\0NMC\x01", 9);
        } else if (grade == VL_GRADE_INSIDE) {
            record_set_aux(shown, (const uint8_t *)"ASC\x07", 4);
        }
    }
}

static struct vl_buf encoded(struct window_records *w, struct vl_contigs *read_groups)
{
    struct vl_buf plain = VL_BUF_INIT;
    struct vl_error err = {0};
    ck_assert_msg(residual_encode(w, read_groups, &plain, &err) == 0, "%s", err.message);
    return plain;
}

/* A window that has the masked records of w, and nothing else yet. */
static struct window_records masked_only(const struct window_records *w)
{
    struct window_records copy = {0};
    for (size_t i = 0; i < w->masked.n; i++)
        ck_assert_ptr_nonnull(bam_copy1(record_array_add(&copy.masked), w->masked.v[i]));
    return copy;
}

/* Field by field and byte by byte, but for bin. */
static bool same_record(const bam1_t *a, const bam1_t *b)
{
    bam1_core_t x = a->core, y = b->core;
    x.bin = y.bin = 0;
    return x.tid == y.tid && x.pos == y.pos && x.flag == y.flag && x.qual == y.qual &&
           x.l_qname == y.l_qname && x.l_extranul == y.l_extranul && x.n_cigar == y.n_cigar &&
           x.l_qseq == y.l_qseq && x.mtid == y.mtid && x.mpos == y.mpos && x.isize == y.isize &&
           a->l_data == b->l_data && memcmp(a->data, b->data, (size_t)a->l_data) == 0;
}

static bool same_window(const struct window_records *a, const struct window_records *b)
{
    bool same = a->masked.n == b->masked.n && a->shown.n == b->shown.n &&
                a->whole.n == b->whole.n && a->grade.len == b->grade.len;
    for (size_t i = 0; same && i < a->masked.n; i++)
        same = a->grade.data[i] == b->grade.data[i] &&
               (a->grade.data[i] == VL_GRADE_NONE || same_record(a->shown.v[i], b->shown.v[i]));
    for (size_t i = 0; same && i < a->whole.n; i++)
        same = a->whole_place[i] == b->whole_place[i] &&
               same_record(a->whole.v[i], b->whole.v[i]);
    return same;
}

static int decode(const struct window_records *w, const struct vl_buf *plain,
                  struct vl_contigs *read_groups, struct window_records *back)
{
    struct vl_error err = {0};
    *back = masked_only(w);
    int rc = residual_decode(back, plain->data, plain->len, read_groups, &err);
    ck_assert(rc == 0 || err.message[0]);
    return rc;
}

static void round_trip(struct window_records *w, struct vl_contigs *read_groups)
{
    struct vl_buf plain = encoded(w, read_groups);
    struct window_records back;
    ck_assert_int_eq(decode(w, &plain, read_groups, &back), 0);
    ck_assert(same_window(&back, w));
    ck_assert_uint_eq(back.sites.n, w->sites.n);
    for (size_t i = 0; i < w->sites.n; i++) {
        ck_assert_uint_eq(back.sites.v[i].contig, w->sites.v[i].contig);
        ck_assert_int_eq(back.sites.v[i].pos0, w->sites.v[i].pos0);
        ck_assert_uint_eq(back.sites.v[i].perm, w->sites.v[i].perm);
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
    lower_grades(&s, &w);
    round_trip(&w, &groups);
    round_trip(&w, NULL);
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

/* A window of originals from SAM text, masked with the complement at every site given. */
static struct window_records window_of(const char *const *sam, size_t n, const int64_t *sites,
                                       size_t n_sites)
{
    struct window_records w = {0};
    for (size_t i = 0; i < n_sites; i++)
        site_list_add(&w.sites, &(struct site){.pos0 = sites[i], .perm = 23});
    for (size_t i = 0; i < n; i++)
        fixture_parse(record_array_add(&w.shown), sam[i]);
    mask_all(&w);
    return w;
}

static void expect_stream(const struct vl_bdiff_window *window, uint32_t id, const void *want,
                          size_t n)
{
    struct vl_cursor c;
    vl_bdiff_window_read(window, id, &c);
    ck_assert_msg(vl_left(&c) == n, "stream %u has %zu bytes", id, vl_left(&c));
    if (n > 0)
        ck_assert_mem_eq(c.at, want, n);
}

#define EXPECT(id, literal) expect_stream(&window, id, literal, sizeof(literal) - 1)

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
    struct vl_contigs lanes = VL_CONTIGS_INIT;
    vl_contigs_add(&lanes, "lane 1", 0, NULL);
    vl_contigs_add(&lanes, "lane_2", 0, NULL);
    vl_contigs_find(&lanes, "");
    /* The groups of make_groups have no lane_2, so the masked records get theirs here. */
    ck_assert_int_eq(bam_aux_update_str(w.masked.v[0], "RG", 4, "rg2"), 0);
    fixture_parse(window_records_add_whole(&w, 1), "d 256 c0 101 0 1M * 0 0 A !");
    fixture_parse(window_records_add_whole(&w, 3), "e 256 c0 104 0 * * 0 0 * *");
    struct vl_buf plain = encoded(&w, &lanes);
    struct vl_bdiff_window window = {0};
    ck_assert_int_eq(vl_bdiff_window_decode(&window, plain.data, plain.len, NULL), 0);
    EXPECT(VL_STREAM_SHAPE, "\x03\x0f\x03");
    EXPECT(VL_STREAM_PERM_CONTIG, "\0");
    EXPECT(VL_STREAM_PERM_POS, "\x66");
    EXPECT(VL_STREAM_PERM_ID, "\x17");
    EXPECT(VL_STREAM_CIGAR, "\x03\x27\x18\x27");
    EXPECT(VL_STREAM_HIDDEN_COUNT, "\x03\x00\x00");
    EXPECT(VL_STREAM_HIDDEN, "\x08\x02\x08");
    EXPECT(VL_STREAM_PATCH, "\x01\x02\x00");
    vl_bdiff_window_clear(&window);
    vl_buf_clear(&plain);
    vl_contigs_clear(&lanes);
    window_records_clear(&w);
}
END_TEST

/* ---- what must be refused ---- */

/* A flipped bit of the plaintext is refused, or changes nothing that is shown. */
START_TEST(test_flipped_bytes_of_the_plaintext)
{
    uint64_t s = 12;
    struct window_records w = random_window(&s, 12, 3), back;
    lower_grades(&s, &w);
    struct vl_buf plain = encoded(&w, &groups);
    for (size_t at = 0; at < plain.len; at++)
        for (int round = 0; round < 2; round++) {
            uint8_t flip = (uint8_t)(round ? 1u << rnd_below(&s, 8) : 1 + rnd_below(&s, 255));
            plain.data[at] ^= flip;
            int rc = decode(&w, &plain, &groups, &back);
            ck_assert(rc == VL_ERR_SEAL || (rc == 0 && same_window(&back, &w)));
            plain.data[at] ^= flip;
            window_records_clear(&back);
        }
    for (size_t n = 0; n < plain.len; n++) {
        struct vl_buf cut = {.data = plain.data, .len = n};
        ck_assert_int_eq(decode(&w, &cut, &groups, &back), VL_ERR_SEAL);
        window_records_clear(&back);
    }
    vl_buf_clear(&plain);
    window_records_clear(&w);
}
END_TEST

static int add_shown(void *arg, const bam1_t *b, const bam1_t *masked, int grade)
{
    (void)masked;
    if (grade != VL_GRADE_NONE)
        record_put(b, arg);
    return 0;
}

/* The records shown, in their order: what the checksum is over. */
static bool shows_the_same(const struct window_records *a, const struct window_records *b)
{
    struct vl_buf x = VL_BUF_INIT, y = VL_BUF_INIT;
    window_records_visit(a, add_shown, &x);
    window_records_visit(b, add_shown, &y);
    bool same = x.len == y.len && memcmp(x.data, y.data, x.len) == 0;
    vl_buf_clear(&x);
    vl_buf_clear(&y);
    return same;
}

/* The same inside the streams, past zstd: what is joined without an error has another checksum,
 * or shows the same. */
START_TEST(test_flipped_bytes_of_streams)
{
    uint64_t s = 13;
    struct window_records w = random_window(&s, 40, 5);
    lower_grades(&s, &w);
    struct vl_buf plain = encoded(&w, &groups);
    struct vl_bdiff_window window = {0};
    ck_assert_int_eq(vl_bdiff_window_decode(&window, plain.data, plain.len, NULL), 0);
    int n_joined = 0, n_refused = 0;
    for (size_t k = 0; k < window.n_streams; k++)
        for (size_t at = 0; at < window.streams[k].data.len; at++) {
            struct window_records back = masked_only(&w);
            uint8_t check[VL_CHECK_BYTES], flip = (uint8_t)(1 << rnd_below(&s, 8));
            struct vl_error err = {0};
            window.streams[k].data.data[at] ^= flip;
            int rc = residual_join(&back, &window, &groups, check, &err);
            window.streams[k].data.data[at] ^= flip;
            ck_assert(rc == 0 || (rc == VL_ERR_SEAL && err.message[0]));
            n_joined += rc == 0;
            n_refused += rc < 0;
            if (rc == 0)
                ck_assert_int_eq(memcmp(check, window.check, sizeof check) == 0,
                                 shows_the_same(&back, &w));
            window_records_clear(&back);
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
    uint64_t s = 14;
    struct window_records w = random_window(&s, 40, 5);
    struct vl_buf plain = encoded(&w, &groups);
    struct vl_bdiff_window window = {0};
    uint8_t check[VL_CHECK_BYTES];
    ck_assert_int_eq(vl_bdiff_window_decode(&window, plain.data, plain.len, NULL), 0);
    ck_assert_uint_gt(window.n_streams, 15);
    for (size_t k = 0; k < window.n_streams; k++) {
        struct vl_buf *data = &window.streams[k].data, whole = *data;
        /* One template more is one that nobody uses. */
        bool may_grow = window.streams[k].id == VL_STREAM_TEMPLATES;
        struct window_records back = masked_only(&w);
        data->data = malloc(whole.len - 1);
        memcpy(data->data, whole.data, --data->len);
        ck_assert_msg(residual_join(&back, &window, &groups, check, NULL) == VL_ERR_SEAL,
                      "stream %x", window.streams[k].id);
        window_records_clear(&back);
        free(data->data);
        *data = whole;
        vl_buf_add_byte(data, 0);
        back = masked_only(&w);
        ck_assert_msg(residual_join(&back, &window, &groups, check, NULL) == VL_ERR_SEAL ||
                          may_grow,
                      "stream %x", window.streams[k].id);
        window_records_clear(&back);
        data->len--;
    }
    vl_bdiff_window_clear(&window);
    vl_buf_clear(&plain);
    window_records_clear(&w);
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
    ck_assert_int_eq(residual_decode(&back, plain.data, plain.len, &groups, NULL), VL_ERR_SEAL);
    window_records_clear(&back);
    vl_buf_clear(&plain);
    window_records_clear(&w);
}
END_TEST

/* SEQ shorter than its CIGAR: hidden bases and sites behind its end must not be written. */
START_TEST(test_masked_cigar_longer_than_seq)
{
    static const char *const SAM[] = {"a 0 c0 101 60 4M60S * 0 0 "
                                      "ACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGT *",
                                      "a 0 c0 101 60 64M * 0 0 "
                                      "ACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGT *"};
    static const int64_t SITES[] = {130, 160};
    struct window_records w = window_of(&SAM[_i], 1, SITES, 2);
    struct vl_buf plain = encoded(&w, &groups);
    struct window_records back = {0};
    struct vl_error err = {0};
    bam1_t *b = record_array_add(&back.masked);
    fixture_parse(b, "a 0 c0 101 60 4M * 0 0 ACGT *");
    uint32_t op = bam_get_cigar(w.masked.v[0])[0];
    ck_assert_int_eq(record_assemble(b, &b->core, "a", _i ? &op : bam_get_cigar(w.masked.v[0]),
                                     w.masked.v[0]->core.n_cigar, (const uint8_t *)"\x12\x48",
                                     (const uint8_t *)"IIII", NULL, 0),
                     0);
    uint8_t *exact = malloc((size_t)b->l_data);
    memcpy(exact, b->data, (size_t)b->l_data);
    free(b->data);
    b->data = exact;
    b->m_data = (uint32_t)b->l_data;
    ck_assert_int_eq(residual_decode(&back, plain.data, plain.len, &groups, &err), VL_ERR_SEAL);
    window_records_clear(&back);
    vl_buf_clear(&plain);
    window_records_clear(&w);
}
END_TEST

/* The encoder must notice what the streams cannot express. */
START_TEST(test_encoder_checks_the_join)
{
    static const char *const SAM[] = {"a 0 c0 101 60 4M * 0 0 ACGT IIII"};
    for (int which = 0; which < 4; which++) {
        struct window_records w = window_of(SAM, 1, NULL, 0);
        struct vl_buf plain = VL_BUF_INIT;
        struct vl_error err = {0};
        bam1_t *b = w.masked.v[0];
        b->core.flag ^= which == 0 ? BAM_FDUP : 0;
        b->core.pos += which == 1;
        bam_get_qual(b)[1] ^= which == 2;
        bam_get_qname(b)[0] ^= which == 3;
        ck_assert_int_eq(residual_encode(&w, &groups, &plain, &err), VL_ERR_DATA);
        ck_assert_ptr_nonnull(strstr(err.message, "could not be restored"));
        ck_assert_uint_eq(plain.len, 0);
        vl_buf_clear(&plain);
        window_records_clear(&w);
    }
}
END_TEST

/* ---- order ---- */

struct visited {
    char names[64];
    int n, stop_at;
};

static int note(void *arg, const bam1_t *b, const bam1_t *masked, int grade)
{
    struct visited *v = arg;
    char c = bam_get_qname(b)[0];
    ck_assert(masked || grade == VL_GRADE_FULL);
    ck_assert_int_eq(masked == NULL, c >= 'A' && c <= 'Z');
    ck_assert(grade != VL_GRADE_NONE || b == masked);
    v->names[v->n++] = c;
    return v->n == v->stop_at ? -7 : 0;
}

START_TEST(test_visit_in_the_order_of_the_original)
{
    static const char *const SAM[] = {"a 0 c0 101 60 4M * 0 0 ACGT *",
                                      "b 0 c0 101 60 4M * 0 0 ACGT *",
                                      "c 0 c0 102 60 4M * 0 0 ACGT *"};
    struct window_records w = window_of(SAM, 3, NULL, 0);
    static const struct {
        uint32_t place;
        const char *sam;
    } WHOLE[] = {{0, "X 256 c0 101 0 * * 0 0 * *"}, {0, "Y 256 c0 101 0 * * 0 0 * *"},
                 {2, "Z 256 c0 102 0 * * 0 0 * *"}, {3, "W 256 c0 103 0 * * 0 0 * *"}};
    for (size_t i = 0; i < 4; i++)
        fixture_parse(window_records_add_whole(&w, WHOLE[i].place), WHOLE[i].sam);
    w.grade.data[1] = VL_GRADE_NONE;
    struct visited v = {0};
    ck_assert_int_eq(window_records_visit(&w, note, &v), 0);
    ck_assert_str_eq(v.names, "XYabZcW");
    for (int stop = 1; stop <= 7; stop++) {
        v = (struct visited){.stop_at = stop};
        ck_assert_int_eq(window_records_visit(&w, note, &v), -7);
        ck_assert_int_eq(v.n, stop);
    }
    window_records_reset(&w);
    v = (struct visited){0};
    ck_assert_int_eq(window_records_visit(&w, note, &v), 0);
    ck_assert_int_eq(v.n, 0);
    window_records_clear(&w);
}
END_TEST

Suite *residual_suite(void)
{
    Suite *suite = suite_create("residual");
    TCase *tcase = tcase_create("residual");
    tcase_add_checked_fixture(tcase, make_groups, clear_groups);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, test_random_windows, 0, 20);
    tcase_add_test(tcase, test_small_windows);
    tcase_add_test(tcase, test_streams);
    tcase_add_test(tcase, test_flipped_bytes_of_the_plaintext);
    tcase_add_test(tcase, test_flipped_bytes_of_streams);
    tcase_add_test(tcase, test_stream_lengths);
    tcase_add_loop_test(tcase, test_masked_records_that_do_not_fit, 0, N_MISFITS);
    tcase_add_loop_test(tcase, test_masked_cigar_longer_than_seq, 0, 2);
    tcase_add_test(tcase, test_encoder_checks_the_join);
    tcase_add_test(tcase, test_visit_in_the_order_of_the_original);
    suite_add_tcase(suite, tcase);
    return suite;
}
