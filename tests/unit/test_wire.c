#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "varlock/wire.h"

Suite *wire_suite(void);

START_TEST(test_fixed_widths_are_little_endian)
{
    static const uint8_t BYTES[] = {0x01, 0x03, 0x02, 0x07, 0x06, 0x05, 0x04, 0x0f,
                                    0x0e, 0x0d, 0x0c, 0x0b, 0x0a, 0x09, 0x08};
    struct vl_buf b = VL_BUF_INIT;
    vl_put_u8(&b, 1);
    vl_put_u16(&b, 0x0203);
    vl_put_u32(&b, 0x04050607);
    vl_put_u64(&b, 0x08090a0b0c0d0e0f);
    ck_assert_uint_eq(b.len, sizeof BYTES);
    ck_assert_mem_eq(b.data, BYTES, sizeof BYTES);
    struct vl_cursor c = vl_cursor_over(b.data, b.len);
    ck_assert_uint_eq(vl_get_u8(&c), 1);
    ck_assert_uint_eq(vl_get_u16(&c), 0x0203);
    ck_assert_uint_eq(vl_get_u32(&c), 0x04050607);
    ck_assert_uint_eq(vl_get_u64(&c), 0x08090a0b0c0d0e0f);
    ck_assert(!c.bad);
    ck_assert_uint_eq(vl_left(&c), 0);
    vl_buf_clear(&b);
}
END_TEST

/* The example of the DWARF standard (LEB128), and the ends of the range. */
START_TEST(test_varint)
{
    static const struct {
        uint64_t value;
        size_t n;
        uint8_t bytes[10];
    } CASES[] = {
        {0, 1, {0}},
        {127, 1, {0x7f}},
        {128, 2, {0x80, 0x01}},
        {624485, 3, {0xe5, 0x8e, 0x26}},
        {UINT64_MAX, 10, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct vl_buf b = VL_BUF_INIT;
        vl_put_varint(&b, CASES[i].value);
        ck_assert_uint_eq(b.len, CASES[i].n);
        ck_assert_mem_eq(b.data, CASES[i].bytes, b.len);
        struct vl_cursor c = vl_cursor_over(b.data, b.len);
        ck_assert_uint_eq(vl_get_varint(&c), CASES[i].value);
        ck_assert(!c.bad);
        c = vl_cursor_over(b.data, b.len - 1);
        ck_assert_uint_eq(vl_get_varint(&c), 0);
        ck_assert(c.bad);
        vl_buf_clear(&b);
    }
}
END_TEST

START_TEST(test_varint_refuses)
{
    static const struct {
        size_t n;
        uint8_t bytes[11];
    } CASES[] = {
        {2, {0x80, 0x00}}, /* long form */
        {10, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02}}, /* 65 bits */
        {11,
         {0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
          0x01}}, /* 11 bytes */
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct vl_cursor c = vl_cursor_over(CASES[i].bytes, CASES[i].n);
        ck_assert_uint_eq(vl_get_varint(&c), 0);
        ck_assert(c.bad);
        ck_assert_uint_eq(vl_left(&c), 0);
    }
}
END_TEST

START_TEST(test_varint_limit)
{
    static const uint8_t BYTES[] = {5, 6, 7};
    struct vl_cursor c = vl_cursor_over(BYTES, sizeof BYTES);
    ck_assert_uint_eq(vl_get_varint_max(&c, 5), 5);
    ck_assert(!c.bad);
    ck_assert_uint_eq(vl_get_varint_max(&c, 5), 0);
    ck_assert(c.bad);
    ck_assert_uint_eq(vl_get_u8(&c), 0);
}
END_TEST

START_TEST(test_zigzag)
{
    static const int64_t VALUES[] = {0, -1, 1, -2, INT64_MAX, INT64_MIN};
    static const uint8_t FIRST_BYTE[] = {0, 1, 2, 3, 0xfe, 0xff};
    for (size_t i = 0; i < sizeof VALUES / sizeof VALUES[0]; i++) {
        struct vl_buf b = VL_BUF_INIT;
        vl_put_zigzag(&b, VALUES[i]);
        ck_assert_uint_eq(b.data[0], FIRST_BYTE[i]);
        struct vl_cursor c = vl_cursor_over(b.data, b.len);
        ck_assert_int_eq(vl_get_zigzag(&c), VALUES[i]);
        ck_assert(!c.bad);
        vl_buf_clear(&b);
    }
}
END_TEST

START_TEST(test_reads_beyond_the_end)
{
    static const uint8_t BYTES[] = {1, 2, 3};
    struct vl_cursor c = vl_cursor_over(BYTES, sizeof BYTES);
    ck_assert_uint_eq(vl_get_u32(&c), 0);
    ck_assert(c.bad);
    ck_assert_uint_eq(vl_left(&c), 0);
    c = vl_cursor_over(BYTES, sizeof BYTES);
    ck_assert_ptr_null(vl_get_bytes(&c, SIZE_MAX));
    ck_assert(c.bad);
    c = vl_cursor_over(BYTES, sizeof BYTES);
    ck_assert_ptr_eq(vl_get_bytes(&c, 3), BYTES);
    ck_assert(!c.bad);
    c = vl_cursor_over(NULL, 0);
    ck_assert_uint_eq(vl_left(&c), 0);
}
END_TEST

START_TEST(test_strings)
{
    struct vl_buf b = VL_BUF_INIT;
    vl_put_string(&b, "chr1");
    vl_put_string(&b, "");
    struct vl_cursor c = vl_cursor_over(b.data, b.len);
    char *s = vl_get_string(&c, 4);
    ck_assert_str_eq(s, "chr1");
    free(s);
    s = vl_get_string(&c, 4);
    ck_assert_str_eq(s, "");
    free(s);
    ck_assert(!c.bad);
    c = vl_cursor_over(b.data, b.len);
    ck_assert_ptr_null(vl_get_string(&c, 3));
    ck_assert(c.bad);
    c = vl_cursor_over(b.data, 4);
    ck_assert_ptr_null(vl_get_string(&c, 4));
    ck_assert(c.bad);
    c = vl_cursor_over("\3a\0b", 4);
    ck_assert_ptr_null(vl_get_string(&c, 4));
    ck_assert(c.bad);
    vl_buf_clear(&b);
}
END_TEST

Suite *wire_suite(void)
{
    Suite *suite = suite_create("wire");
    TCase *tc = tcase_create("wire");
    tcase_add_test(tc, test_fixed_widths_are_little_endian);
    tcase_add_test(tc, test_varint);
    tcase_add_test(tc, test_varint_refuses);
    tcase_add_test(tc, test_varint_limit);
    tcase_add_test(tc, test_zigzag);
    tcase_add_test(tc, test_reads_beyond_the_end);
    tcase_add_test(tc, test_strings);
    suite_add_tcase(suite, tc);
    return suite;
}
