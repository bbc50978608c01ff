#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "varlock/bdiff.h"
#include "varlock/wire.h"

Suite *bdiff_envelope_suite(void);

enum { N_RECIPIENTS = 3 };
static const uint16_t WRAPPED_SIZES[N_RECIPIENTS] = {256, 1, 1024};

static struct vl_bdiff_envelope
example(struct vl_bdiff_recipient recipients[N_RECIPIENTS])
{
    struct vl_bdiff_envelope e = {
        .header_size = 12345, .recipients = recipients, .n_recipients = N_RECIPIENTS};
    for (size_t i = 0; i < sizeof e.file_id; i++)
        e.file_id[i] = (uint8_t)(i * 17);
    for (size_t i = 0; i < N_RECIPIENTS; i++) {
        recipients[i] = (struct vl_bdiff_recipient){.algorithm = (uint16_t)(1 + 6 * i)};
        memset(recipients[i].hint, (int)i + 1, sizeof recipients[i].hint);
        for (size_t k = 0; k < WRAPPED_SIZES[i]; k++)
            vl_buf_add_byte(&recipients[i].wrapped, (uint8_t)(k * 7 + i));
    }
    return e;
}

/* With a MAC of 0xee bytes. */
static struct vl_buf encoded(const struct vl_bdiff_envelope *e)
{
    struct vl_buf bytes = VL_BUF_INIT;
    ck_assert_int_eq(vl_bdiff_envelope_encode(e, &bytes, NULL), 0);
    for (int i = 0; i < VL_BDIFF_MAC_BYTES; i++)
        vl_buf_add_byte(&bytes, 0xee);
    return bytes;
}

static struct vl_buf example_bytes(void)
{
    struct vl_bdiff_recipient recipients[N_RECIPIENTS];
    struct vl_bdiff_envelope e = example(recipients);
    struct vl_buf bytes = encoded(&e);
    for (size_t i = 0; i < N_RECIPIENTS; i++)
        vl_buf_clear(&recipients[i].wrapped);
    return bytes;
}

/* From memory of its own, for AddressSanitizer to see a read beyond it. */
static int decode(const uint8_t *bytes, size_t n)
{
    struct vl_bdiff_envelope back;
    uint8_t *copy = malloc(n ? n : 1);
    memcpy(copy, bytes, n);
    int rc = vl_bdiff_envelope_decode(&back, copy, n, NULL);
    free(copy);
    if (rc == 0)
        vl_bdiff_envelope_clear(&back);
    else
        ck_assert_ptr_eq(back.recipients, NULL);
    return rc;
}

START_TEST(test_round_trip)
{
    struct vl_bdiff_recipient recipients[N_RECIPIENTS];
    struct vl_bdiff_envelope e = example(recipients), back;
    struct vl_buf bytes = encoded(&e);
    size_t size;
    ck_assert_int_eq(vl_bdiff_envelope_size(bytes.data, &size, NULL), 0);
    ck_assert_uint_eq(size, bytes.len);
    ck_assert_int_eq(vl_bdiff_envelope_decode(&back, bytes.data, bytes.len, NULL), 0);
    ck_assert_mem_eq(back.file_id, e.file_id, sizeof e.file_id);
    ck_assert_uint_eq(back.header_size, 12345);
    ck_assert_uint_eq(back.n_recipients, N_RECIPIENTS);
    for (size_t i = 0; i < N_RECIPIENTS; i++) {
        ck_assert_uint_eq(back.recipients[i].algorithm, recipients[i].algorithm);
        ck_assert_mem_eq(back.recipients[i].hint, recipients[i].hint, 8);
        ck_assert_uint_eq(back.recipients[i].wrapped.len, WRAPPED_SIZES[i]);
        ck_assert_mem_eq(back.recipients[i].wrapped.data, recipients[i].wrapped.data,
                         WRAPPED_SIZES[i]);
        vl_buf_clear(&recipients[i].wrapped);
    }
    vl_bdiff_envelope_clear(&back);
    vl_buf_clear(&bytes);
}
END_TEST

START_TEST(test_truncated_or_longer)
{
    struct vl_buf bytes = example_bytes();
    for (size_t n = 0; n < bytes.len; n++)
        ck_assert_int_eq(decode(bytes.data, n), VL_ERR_SEAL);
    vl_buf_add_byte(&bytes, 0);
    ck_assert_int_eq(decode(bytes.data, bytes.len), VL_ERR_SEAL);
    vl_buf_clear(&bytes);
}
END_TEST

/* bdiff.md §2: what a change of these bytes alone can make valid. */
static bool is_free(size_t at)
{
    if (at < 16 || (at >= 36 && at < 40))
        return false; /* magic, version, counts; reserved */
    size_t entry = 40;
    for (size_t i = 0; i < N_RECIPIENTS; i++) {
        if (at == entry + 2 || at == entry + 3)
            return false; /* wrapped_size */
        entry += 12 + WRAPPED_SIZES[i];
    }
    return true;
}

START_TEST(test_every_changed_byte)
{
    struct vl_buf bytes = example_bytes();
    for (size_t at = 0; at < bytes.len; at++)
        for (unsigned change = 1; change < 256; change += at < 60 ? 1 : 50) {
            bytes.data[at] ^= (uint8_t)change;
            ck_assert_msg(decode(bytes.data, bytes.len) ==
                              (is_free(at) ? 0 : VL_ERR_SEAL),
                          "byte %zu changed by %02x", at, change);
            bytes.data[at] ^= (uint8_t)change;
        }
    vl_buf_clear(&bytes);
}
END_TEST

START_TEST(test_limits)
{
    struct vl_bdiff_envelope e = {0};
    struct vl_buf bytes = VL_BUF_INIT;
    size_t n = VL_BDIFF_RECIPIENTS_MAX + 1;
    ck_assert_int_eq(vl_bdiff_envelope_encode(&e, &bytes, NULL), VL_ERR_USAGE);
    e.recipients = calloc(n, sizeof *e.recipients);
    for (size_t i = 0; i < n; i++)
        for (int k = 0; k < 1024; k++)
            vl_buf_add_byte(&e.recipients[i].wrapped, 1);
    e.n_recipients = n;
    ck_assert_int_eq(vl_bdiff_envelope_encode(&e, &bytes, NULL), VL_ERR_USAGE);
    ck_assert_uint_eq(bytes.len, 0);
    e.n_recipients = n - 1;
    bytes = encoded(&e);
    ck_assert_uint_le(bytes.len, VL_BDIFF_ENVELOPE_MAX);
    ck_assert_int_eq(decode(bytes.data, bytes.len), 0);
    vl_buf_clear(&bytes);
    e.n_recipients = n;
    vl_bdiff_envelope_clear(&e);
}
END_TEST

START_TEST(test_wrapped_sizes)
{
    static const size_t SIZES[] = {0, 1025};
    for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++) {
        struct vl_bdiff_recipient r = {.algorithm = VL_WRAP_RSA_OAEP_SHA256};
        struct vl_bdiff_envelope e = {.recipients = &r, .n_recipients = 1};
        for (size_t k = 0; k < SIZES[i]; k++)
            vl_buf_add_byte(&r.wrapped, 1);
        struct vl_buf bytes = encoded(&e);
        ck_assert_int_eq(decode(bytes.data, bytes.len), VL_ERR_SEAL);
        vl_buf_clear(&bytes);
        vl_buf_clear(&r.wrapped);
    }
}
END_TEST

START_TEST(test_declared_size)
{
    struct vl_buf bytes = example_bytes();
    static const uint32_t SIZES[] = {0, 71, VL_BDIFF_ENVELOPE_MAX + 1, UINT32_MAX};
    size_t size;
    for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++) {
        for (int k = 0; k < 4; k++)
            bytes.data[12 + k] = (uint8_t)(SIZES[i] >> (8 * k));
        ck_assert_int_eq(vl_bdiff_envelope_size(bytes.data, &size, NULL), VL_ERR_SEAL);
    }
    vl_buf_clear(&bytes);
}
END_TEST

START_TEST(test_unknown_version_is_named)
{
    struct vl_buf bytes = example_bytes();
    struct vl_error err = {0};
    size_t size;
    bytes.data[8] = 2;
    ck_assert_int_eq(vl_bdiff_envelope_size(bytes.data, &size, &err), VL_ERR_SEAL);
    ck_assert_ptr_ne(strstr(err.message, "version 2"), NULL);
    vl_buf_clear(&bytes);
}
END_TEST

START_TEST(test_trailer)
{
    struct vl_bdiff_trailer t = {
        .index_offset = 1000, .index_size = 200, .signature_size = 256};
    struct vl_bdiff_trailer back;
    struct vl_buf bytes = VL_BUF_INIT;
    uint64_t size = 1000 + 200 + 256 + VL_BDIFF_TRAILER_BYTES;
    vl_bdiff_trailer_encode(&t, &bytes);
    ck_assert_uint_eq(bytes.len, VL_BDIFF_TRAILER_BYTES - VL_BDIFF_MAC_BYTES);
    for (int i = 0; i < VL_BDIFF_MAC_BYTES; i++)
        vl_buf_add_byte(&bytes, (uint8_t)i);
    ck_assert_int_eq(vl_bdiff_trailer_decode(&back, bytes.data, size, NULL), 0);
    ck_assert_uint_eq(back.index_offset, 1000);
    ck_assert_uint_eq(back.index_size, 200);
    ck_assert_uint_eq(back.signature_size, 256);
    ck_assert_mem_eq(back.mac, bytes.data + 24, VL_BDIFF_MAC_BYTES);
    ck_assert_int_eq(vl_bdiff_trailer_decode(&back, bytes.data, size - 1, NULL),
                     VL_ERR_SEAL);
    ck_assert_int_eq(vl_bdiff_trailer_decode(&back, bytes.data, size + 1, NULL),
                     VL_ERR_SEAL);
    ck_assert_int_eq(vl_bdiff_trailer_decode(&back, bytes.data, 56, NULL), VL_ERR_SEAL);
    for (size_t at = 0; at < VL_BDIFF_TRAILER_BYTES; at++)
        for (unsigned change = 1; change < 256; change++) {
            bytes.data[at] ^= (uint8_t)change;
            int rc = vl_bdiff_trailer_decode(&back, bytes.data, size, NULL);
            ck_assert_int_eq(rc, at < 24 ? VL_ERR_SEAL : 0);
            bytes.data[at] ^= (uint8_t)change;
        }
    /* Sums that wrap around, and a signature longer than any key makes. */
    t = (struct vl_bdiff_trailer){UINT64_MAX - 55, 0, 0, {0}};
    vl_buf_reset(&bytes);
    vl_bdiff_trailer_encode(&t, &bytes);
    bytes.len += 32;
    ck_assert_int_eq(vl_bdiff_trailer_decode(&back, bytes.data, 0, NULL), VL_ERR_SEAL);
    t = (struct vl_bdiff_trailer){1000, 200, 1025, {0}};
    vl_buf_reset(&bytes);
    vl_bdiff_trailer_encode(&t, &bytes);
    bytes.len += 32;
    ck_assert_int_eq(
        vl_bdiff_trailer_decode(&back, bytes.data, 1000 + 200 + 1025 + 56, NULL),
        VL_ERR_SEAL);
    vl_buf_clear(&bytes);
}
END_TEST

Suite *bdiff_envelope_suite(void)
{
    Suite *suite = suite_create("bdiff_envelope");
    TCase *tc = tcase_create("bdiff_envelope");
    tcase_add_test(tc, test_round_trip);
    tcase_add_test(tc, test_truncated_or_longer);
    tcase_add_test(tc, test_every_changed_byte);
    tcase_add_test(tc, test_limits);
    tcase_add_test(tc, test_wrapped_sizes);
    tcase_add_test(tc, test_declared_size);
    tcase_add_test(tc, test_unknown_version_is_named);
    tcase_add_test(tc, test_trailer);
    suite_add_tcase(suite, tc);
    return suite;
}
