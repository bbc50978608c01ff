#include <check.h>
#include <string.h>

#include "varlock/error.h"
#include "varlock/json.h"

Suite *json_read_suite(void);

static struct vl_json *read_text(const char *text)
{
    struct vl_json *json = NULL;
    struct vl_error err = {0};
    ck_assert_msg(vl_json_read(&json, text, strlen(text), &err) == 0, "%s: %s", text,
                  err.message);
    return json;
}

static const struct vl_json_item *member(const struct vl_json *json, const char *name)
{
    return vl_json_member(vl_json_root(json), name);
}

START_TEST(test_members_and_elements)
{
    struct vl_json *json =
        read_text(" {\"a\": {\"b\": \"text\"}, \"list\": [\"x\", 2, {\"c\": \"y\"}]}\n");
    const struct vl_json_item *list = member(json, "list");
    ck_assert_str_eq(vl_json_text(vl_json_member(member(json, "a"), "b")), "text");
    ck_assert_uint_eq(vl_json_count(list), 3);
    ck_assert_str_eq(vl_json_text(vl_json_element(list, 0)), "x");
    ck_assert_ptr_null(vl_json_text(vl_json_element(list, 1)));
    ck_assert_str_eq(vl_json_text(vl_json_member(vl_json_element(list, 2), "c")), "y");
    vl_json_free(json);
}
END_TEST

/* Whoever asks for what is not there gets nothing, however deep. */
START_TEST(test_what_is_not_there)
{
    struct vl_json *json = read_text("{\"text\": \"t\", \"list\": [], \"null\": null}");
    ck_assert_ptr_null(member(json, "none"));
    ck_assert_ptr_null(vl_json_member(member(json, "none"), "deeper"));
    ck_assert_ptr_null(vl_json_member(member(json, "text"), "deeper"));
    ck_assert_ptr_null(vl_json_member(member(json, "list"), "deeper"));
    ck_assert_uint_eq(vl_json_count(member(json, "none")), 0);
    ck_assert_uint_eq(vl_json_count(member(json, "text")), 0);
    ck_assert_uint_eq(vl_json_count(vl_json_root(json)), 0);
    ck_assert_ptr_null(vl_json_text(member(json, "none")));
    ck_assert_ptr_null(vl_json_text(member(json, "list")));
    ck_assert_ptr_null(vl_json_text(member(json, "null")));
    vl_json_free(json);
}
END_TEST

/* RFC 8259 §7. */
START_TEST(test_escapes)
{
    struct vl_json *json =
        read_text("{\"t\": \"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud834\\udd1e\", "
                  "\"e\\u0041\": \"\"}");
    ck_assert_str_eq(vl_json_text(member(json, "t")),
                     "\"\\/\b\f\n\r\t\xc3\xa9\xf0\x9d\x84\x9e");
    ck_assert_str_eq(vl_json_text(member(json, "eA")), "");
    vl_json_free(json);
}
END_TEST

static const char *const REFUSED[] = {"",
                                      " ",
                                      "{",
                                      "[1,]",
                                      "{\"a\": 1,}",
                                      "{'a': 1}",
                                      "{\"a\" 1}",
                                      "{} x",
                                      "{}{}",
                                      "[01]",
                                      "[NaN]",
                                      "[\"\x01\"]",        /* an unescaped control */
                                      "[\"\xff\"]",        /* no UTF-8 */
                                      "[\"\xc0\xaf\"]",    /* overlong */
                                      "[\"\\ud834\"]",     /* half a pair */
                                      "[\"a\\u0000b\"]",   /* a NUL */
                                      "{\"a\\u0000\": 1}", /* in a name */
                                      "{\"a\": 1, \"a\": 2}",
                                      "{\"x\": {\"a\": 1, \"a\": 1}}",
                                      "<html></html>",
                                      "\xef\xbb\xbf{}"};
enum { N_REFUSED = sizeof REFUSED / sizeof *REFUSED };

START_TEST(test_refusals)
{
    struct vl_json *json = (struct vl_json *)(uintptr_t)1;
    struct vl_error err = {0};
    const char *text = REFUSED[_i];
    ck_assert_msg(vl_json_read(&json, text, strlen(text), &err) == VL_ERR_DATA, "%s",
                  text);
    ck_assert_ptr_null(json);
    ck_assert_int_eq(err.code, VL_ERR_DATA);
    ck_assert_ptr_nonnull(strstr(err.message, "is no JSON: "));
}
END_TEST

START_TEST(test_refusal_tells_the_line)
{
    static const char TEXT[] = "{\n\"a\": 1,\n\"b\": oops\n}";
    struct vl_json *json;
    struct vl_error err = {0};
    ck_assert_int_eq(vl_json_read(&json, TEXT, strlen(TEXT), &err), VL_ERR_DATA);
    ck_assert_ptr_nonnull(strstr(err.message, "(line 3)"));
}
END_TEST

/* n counts, not a NUL. */
START_TEST(test_length)
{
    struct vl_json *json;
    struct vl_error err = {0};
    ck_assert_int_eq(vl_json_read(&json, "[1]]]]", 3, &err), 0);
    ck_assert_uint_eq(vl_json_count(vl_json_root(json)), 1);
    vl_json_free(json);
    ck_assert_int_eq(vl_json_read(&json, "[1]\0[2]", 7, &err), VL_ERR_DATA);
    ck_assert_int_eq(vl_json_read(&json, "[1]\0", 4, &err), VL_ERR_DATA);
}
END_TEST

/* As deep as a server likes; the stack is not to end. */
START_TEST(test_depth)
{
    enum { DEPTH = 1000000 };
    struct vl_json *json;
    struct vl_error err = {0};
    struct vl_buf text = VL_BUF_INIT;
    for (int i = 0; i < DEPTH; i++)
        vl_buf_add_byte(&text, '[');
    for (int i = 0; i < DEPTH; i++)
        vl_buf_add_byte(&text, ']');
    ck_assert(!text.failed);
    ck_assert_int_eq(vl_json_read(&json, (char *)text.data, text.len, &err), VL_ERR_DATA);
    vl_buf_clear(&text);
}
END_TEST

START_TEST(test_integers)
{
    struct vl_json *json = read_text(
        "[0, -1, 9223372036854775807, -9223372036854775808, 1.0, 1e3, \"1\", true,"
        " null]");
    static const int64_t WANT[] = {0, -1, INT64_MAX, INT64_MIN};
    const struct vl_json_item *root = vl_json_root(json);
    int64_t n;
    for (size_t i = 0; i < 4; i++) {
        ck_assert(vl_json_integer(vl_json_element(root, i), &n));
        ck_assert_int_eq(n, WANT[i]);
    }
    for (size_t i = 4; i < vl_json_count(root); i++)
        ck_assert(!vl_json_integer(vl_json_element(root, i), &n));
    ck_assert(!vl_json_integer(root, &n));
    ck_assert(!vl_json_integer(NULL, &n));
    vl_json_free(json);
}
END_TEST

START_TEST(test_numbers)
{
    static const double WANT[] = {0, -7, 1.5, 1000, 0.25};
    struct vl_json *json = read_text("[0, -7, 1.5, 1e3, 25E-2, \"1\", true, null, []]");
    const struct vl_json_item *root = vl_json_root(json);
    double n;
    for (size_t i = 0; i < 5; i++) {
        ck_assert(vl_json_number(vl_json_element(root, i), &n));
        ck_assert_double_eq(n, WANT[i]);
    }
    for (size_t i = 5; i < vl_json_count(root); i++)
        ck_assert(!vl_json_number(vl_json_element(root, i), &n));
    ck_assert(!vl_json_number(NULL, &n));
    vl_json_free(json);
}
END_TEST

struct seen {
    char names[64];
    int stop_at; /* call that returns 7 */
    int n;
};

static int see(void *arg, const char *name, const struct vl_json_item *value)
{
    struct seen *seen = arg;
    strcat(strcat(strcat(seen->names, name), "="), vl_json_text(value));
    return ++seen->n == seen->stop_at ? 7 : 0;
}

START_TEST(test_each)
{
    struct vl_json *json = read_text("{\"a\": \"1\", \"b\": \"2\", \"c\": \"3\"}"),
                   *list = read_text("[\"a\"]"), *empty = read_text("{}");
    struct seen all = {"", 0, 0}, some = {"", 2, 0}, none = {"", 0, 0};
    ck_assert_int_eq(vl_json_each(vl_json_root(json), see, &all), 0);
    ck_assert_str_eq(all.names, "a=1b=2c=3");
    ck_assert_int_eq(vl_json_each(vl_json_root(json), see, &some), 7);
    ck_assert_str_eq(some.names, "a=1b=2");
    ck_assert_int_eq(vl_json_each(vl_json_root(empty), see, &none), 0);
    ck_assert_int_eq(vl_json_each(vl_json_root(list), see, &none), VL_ERR_DATA);
    ck_assert_int_eq(vl_json_each(vl_json_member(vl_json_root(json), "a"), see, &none),
                     VL_ERR_DATA);
    ck_assert_int_eq(vl_json_each(NULL, see, &none), VL_ERR_DATA);
    ck_assert_int_eq(none.n, 0);
    vl_json_free(json);
    vl_json_free(list);
    vl_json_free(empty);
}
END_TEST

Suite *json_read_suite(void)
{
    Suite *suite = suite_create("json_read");
    TCase *tcase = tcase_create("json_read");
    tcase_add_test(tcase, test_members_and_elements);
    tcase_add_test(tcase, test_what_is_not_there);
    tcase_add_test(tcase, test_escapes);
    tcase_add_loop_test(tcase, test_refusals, 0, N_REFUSED);
    tcase_add_test(tcase, test_refusal_tells_the_line);
    tcase_add_test(tcase, test_length);
    tcase_add_test(tcase, test_depth);
    tcase_add_test(tcase, test_integers);
    tcase_add_test(tcase, test_numbers);
    tcase_add_test(tcase, test_each);
    suite_add_tcase(suite, tcase);
    return suite;
}
