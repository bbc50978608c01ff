#include <check.h>
#include <string.h>

#include "hex_fixture.h"
#include "varlock/base64.h"
#include "varlock/error.h"

Suite *base64_suite(void);

/* RFC 4648 §10, and what python3 makes of bytes whose text differs between the two
 * alphabets. */
static const struct {
    const char *hex, *text, *url_text;
} VECTORS[] = {{"", "", ""},
               {"66", "Zg==", "Zg"},
               {"666f", "Zm8=", "Zm8"},
               {"666f6f", "Zm9v", "Zm9v"},
               {"666f6f62", "Zm9vYg==", "Zm9vYg"},
               {"666f6f6261", "Zm9vYmE=", "Zm9vYmE"},
               {"666f6f626172", "Zm9vYmFy", "Zm9vYmFy"},
               {"fbeffffbff", "++//+/8=", "--__-_8"},
               {"0000000000", "AAAAAAA=", "AAAAAAA"}};
enum { N_VECTORS = sizeof VECTORS / sizeof *VECTORS };

static void expect_decoded(const char *text, const char *hex)
{
    struct vl_buf out = VL_BUF_INIT;
    ck_assert_msg(vl_base64_decode(text, strlen(text), &out) == 0, "%s", text);
    expect_hex(out.data, out.len, hex);
    vl_buf_clear(&out);
}

START_TEST(test_vectors)
{
    struct vl_buf out = VL_BUF_INIT;
    uint8_t bytes[16];
    size_t n = from_hex(VECTORS[_i].hex, bytes);
    ck_assert_int_eq(vl_base64_encode(bytes, n, &out), 0);
    ck_assert_uint_eq(out.len, strlen(VECTORS[_i].text));
    ck_assert(out.len == 0 || memcmp(out.data, VECTORS[_i].text, out.len) == 0);
    vl_buf_clear(&out);
    expect_decoded(VECTORS[_i].text, VECTORS[_i].hex);
    expect_decoded(VECTORS[_i].url_text, VECTORS[_i].hex);
}
END_TEST

/* What is longer than a line of MIME or PEM stays one line. */
START_TEST(test_every_byte)
{
    static const char TEXT[] =
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7"
        "PD0+P0BBQkNERUZHSElKS0xNTk9QUVJTVFVWV1hZWltcXV5fYGFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3"
        "eHl6e3x9fn+AgYKDhIWGh4iJiouMjY6PkJGSk5SVlpeYmZqbnJ2en6ChoqOkpaanqKmqq6ytrq+wsbKz"
        "tLW2t7i5uru8vb6/wMHCw8TFxsfIycrLzM3Oz9DR0tPU1dbX2Nna29zd3t/g4eLj5OXm5+jp6uvs7e7v"
        "8PHy8/T19vf4+fr7/P3+/w==";
    struct vl_buf out = VL_BUF_INIT, plain = VL_BUF_INIT;
    uint8_t bytes[256];
    for (int i = 0; i < 256; i++)
        bytes[i] = (uint8_t)i;
    ck_assert_int_eq(vl_base64_encode(bytes, sizeof bytes, &out), 0);
    ck_assert_uint_eq(out.len, strlen(TEXT));
    ck_assert_mem_eq(out.data, TEXT, out.len);
    ck_assert_int_eq(vl_base64_decode(TEXT, strlen(TEXT), &plain), 0);
    ck_assert_uint_eq(plain.len, sizeof bytes);
    ck_assert_mem_eq(plain.data, bytes, sizeof bytes);
    vl_buf_clear(&out);
    vl_buf_clear(&plain);
}
END_TEST

START_TEST(test_appends)
{
    struct vl_buf out = VL_BUF_INIT;
    vl_buf_add(&out, "x:", 2);
    ck_assert_int_eq(vl_base64_encode("foob", 4, &out), 0);
    ck_assert_int_eq(vl_base64_decode("Zm9v, and more", 4, &out), 0);
    ck_assert_uint_eq(out.len, 2 + 8 + 3);
    ck_assert_mem_eq(out.data, "x:Zm9vYg==foo", 13);
    vl_buf_clear(&out);
}
END_TEST

static const char *const REFUSED[] = {
    "Z",        "Zm9vY",                  /* six bits are no byte */
    "Zg=",      "Zm8==",  "Zm9v=",        /* padding does not fill the group */
    "Zm9v====", "Zg===",  "Z===",         /* too much of it */
    "=",        "==",     "====",         /* of nothing */
    "Zg==Zg==", "Zg=v",   "=Zm9v",        /* in the midst */
    " Zg==",    "Zg== ",  "Zg==\n",       /* blanks, which OpenSSL skips */
    "Zm 9v",    "Zm9v\n", "Zm9v\r\nYg==", /* between groups */
    "Zm9*",     "Zm9%3D", "Zm\xc3\xa9",   /* of no alphabet */
    "Zm9,",     "Zm9.",   "Zm9~"};
enum { N_REFUSED = sizeof REFUSED / sizeof *REFUSED };

START_TEST(test_refusals)
{
    struct vl_buf out = VL_BUF_INIT;
    vl_buf_add(&out, "kept", 4);
    ck_assert_msg(vl_base64_decode(REFUSED[_i], strlen(REFUSED[_i]), &out) == VL_ERR_DATA,
                  "%s", REFUSED[_i]);
    ck_assert_uint_eq(out.len, 4);
    ck_assert_mem_eq(out.data, "kept", 4);
    vl_buf_clear(&out);
}
END_TEST

START_TEST(test_nul_is_no_character)
{
    struct vl_buf out = VL_BUF_INIT;
    ck_assert_int_eq(vl_base64_decode("Zm\0v", 4, &out), VL_ERR_DATA);
    ck_assert_int_eq(vl_base64_decode("Zm9v\0", 5, &out), VL_ERR_DATA);
    vl_buf_clear(&out);
}
END_TEST

Suite *base64_suite(void)
{
    Suite *suite = suite_create("base64");
    TCase *tcase = tcase_create("base64");
    tcase_add_loop_test(tcase, test_vectors, 0, N_VECTORS);
    tcase_add_test(tcase, test_every_byte);
    tcase_add_test(tcase, test_appends);
    tcase_add_loop_test(tcase, test_refusals, 0, N_REFUSED);
    tcase_add_test(tcase, test_nul_is_no_character);
    suite_add_tcase(suite, tcase);
    return suite;
}
