/* What residual_decode.c and residual_encode.c must refuse. */
#include "residual_fixture.h"
#include "varlock/wire.h"

Suite *residual_refusals_suite(void);

/* A flipped bit of the plaintext is refused, or changes nothing that is shown. */
START_TEST(test_flipped_bytes_of_the_plaintext)
{
    uint64_t s = 12;
    struct window_records w = random_window(&s, 12, 3), back;
    lower_grades(&s, &w);
    struct vl_buf plain = encoded(&w, &groups);
    for (size_t at = 0; at < plain.len; at++)
        for (int round = 0; round < 2; round++) {
            uint8_t flip =
                (uint8_t)(round ? 1u << rnd_below(&s, 8) : 1 + rnd_below(&s, 255));
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

/* The same inside the streams, past zstd: what is joined without an error has another
 * checksum, or shows the same. */
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
        ck_assert_msg(residual_join(&back, &window, &groups, check, NULL) ==
                              VL_ERR_SEAL ||
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
    struct window_records back = {0};
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

Suite *residual_refusals_suite(void)
{
    Suite *suite = suite_create("residual_refusals");
    TCase *tcase = tcase_create("refusals");
    tcase_add_checked_fixture(tcase, make_groups, clear_groups);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, test_flipped_bytes_of_the_plaintext);
    tcase_add_test(tcase, test_flipped_bytes_of_streams);
    tcase_add_test(tcase, test_stream_lengths);
    tcase_add_loop_test(tcase, test_masked_records_that_do_not_fit, 0, N_MISFITS);
    tcase_add_loop_test(tcase, test_masked_cigar_longer_than_seq, 0, 2);
    tcase_add_test(tcase, test_encoder_checks_the_join);
    suite_add_tcase(suite, tcase);
    return suite;
}
