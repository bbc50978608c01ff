#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/net/ticket.h"

Suite *ticket_suite(void);

static const char SOURCE[] = "https://htsget.example/reads/x?token=secret";

/* What ticket_add and ticket_blame are given lies in memory of exactly its size. */
static int add_from(struct ticket *ticket, const char *text, const char *source,
                    struct vl_error *err)
{
    size_t n = strlen(text);
    char *exact = malloc(n + !n);
    ck_assert_ptr_nonnull(exact);
    memcpy(exact, text, n);
    errno = 0;
    int rc = ticket_add(ticket, exact, n, source, err);
    free(exact);
    return rc;
}

static void add(struct ticket *ticket, const char *text)
{
    struct vl_error err = {0};
    ck_assert_msg(add_from(ticket, text, SOURCE, &err) == 0, "%s: %s", text, err.message);
}

static void refuse_from(const char *text, const char *source, const char *why)
{
    struct ticket ticket = {0};
    struct vl_error err = {0};
    ck_assert_msg(add_from(&ticket, text, source, &err) == VL_ERR_DATA, "%s", text);
    ck_assert_int_eq(err.code, VL_ERR_DATA);
    ck_assert_msg(strstr(err.message, why) != NULL, "%s: %s", text, err.message);
    ck_assert_ptr_nonnull(strstr(err.message, "://htsget.example/reads/x: "));
    ck_assert_ptr_null(strstr(err.message, "secret"));
    ticket_clear(&ticket);
}

static void refuse(const char *text, const char *why)
{
    refuse_from(text, SOURCE, why);
}

#define URLS(urls) "{\"htsget\": {\"urls\": [" urls "]}}"
#define BLOCK(url) URLS("{\"url\": \"" url "\"}")
#define HEADERS(headers) URLS("{\"url\": \"https://h/b\", \"headers\": {" headers "}}")
#define RANGE(range) HEADERS("\"Range\": \"" range "\"")

/* ---- good tickets ---- */

/* After the example of a response in hts-specs/htsget.md, with its ranges. */
START_TEST(test_example_of_the_specification)
{
    struct ticket t = {0};
    add(&t, "{\"htsget\": {\"format\": \"BAM\", \"urls\": ["
            "{\"url\": \"data:application/vnd.ga4gh.bam;base64,QkFNAQ==\","
            " \"class\": \"header\"},"
            "{\"url\": \"https://htsget.blocksrv.example/sample1234/header\","
            " \"class\": \"header\"},"
            "{\"url\": \"https://htsget.blocksrv.example/sample1234/run1.bam\","
            " \"headers\": {\"Authorization\": \"Bearer xxxx\","
            " \"Range\": \"bytes=65536-1003750\"}, \"class\": \"body\"},"
            "{\"url\": \"https://htsget.blocksrv.example/sample1234/run1.bam\","
            " \"headers\": {\"Authorization\": \"Bearer xxxx\","
            " \"Range\": \"bytes=2744831-9375732\"}, \"class\": \"body\"}]}}");
    ck_assert_uint_eq(t.n, 4);
    ck_assert_ptr_null(t.urls[0].url);
    ck_assert_uint_eq(t.urls[0].data.len, 4);
    ck_assert_mem_eq(t.urls[0].data.data, "BAM\1", 4);
    ck_assert_int_eq(ticket_url_size(&t.urls[0]), 4);
    ck_assert(t.urls[0].starts_file);
    ck_assert_str_eq(t.urls[1].url, "https://htsget.blocksrv.example/sample1234/header");
    ck_assert(!t.urls[1].has_range);
    ck_assert_uint_eq(t.urls[1].n_headers, 0);
    ck_assert_int_eq(ticket_url_size(&t.urls[1]), -1);
    ck_assert_uint_eq(t.urls[2].n_headers, 1);
    ck_assert_str_eq(t.urls[2].headers[0], "Authorization: Bearer xxxx");
    ck_assert(t.urls[2].has_range);
    ck_assert_int_eq(t.urls[2].beg, 65536);
    ck_assert_int_eq(t.urls[2].end, 1003751);
    ck_assert_int_eq(ticket_url_size(&t.urls[2]), 938215);
    ck_assert_int_eq(ticket_url_size(&t.urls[3]), 6630902);
    for (size_t i = 1; i < t.n; i++)
        ck_assert(!t.urls[i].starts_file);
    ck_assert_str_eq(t.md5, "");
    ticket_clear(&t);
    ck_assert_uint_eq(t.n, 0);
}
END_TEST

/* An answer of several tickets: each begins a file, and no MD5 is that of all. */
START_TEST(test_several_tickets)
{
    static const char ONE[] =
        "{\"htsget\": {\"md5\": \"D41D8CD98F00B204E9800998ECF8427E\", \"urls\": "
        "[{\"url\": \"https://h/a\"},"
        " {\"url\": \"HTTPS://h/b\"}]}}";
    struct ticket t = {0};
    add(&t, ONE);
    ck_assert_str_eq(t.md5, "d41d8cd98f00b204e9800998ecf8427e");
    add(&t, ONE);
    ck_assert_str_eq(t.md5, "");
    add(&t, ONE);
    ck_assert_str_eq(t.md5, "");
    ck_assert_uint_eq(t.n, 6);
    for (size_t i = 0; i < t.n; i++)
        ck_assert_int_eq(t.urls[i].starts_file, i % 2 == 0);
    ticket_clear(&t);
}
END_TEST

static const char *const NO_MD5[] = {"\"\"", "\"d41d8cd98f00b204e9800998ecf8427\"",
                                     "\"d41d8cd98f00b204e9800998ecf8427e0\"", "7",
                                     "null"};

START_TEST(test_no_md5)
{
    struct ticket t = {0};
    char text[256];
    snprintf(text, sizeof text,
             "{\"htsget\": {\"md5\": %s, \"urls\": [{\"url\": \"https://h/a\"}]}}",
             NO_MD5[_i]);
    add(&t, text);
    ck_assert_str_eq(t.md5, "");
    ticket_clear(&t);
}
END_TEST

/* ---- ranges (RFC 9110 §14.1.2) ---- */

static const struct {
    const char *text;
    int64_t beg, end, size;
} RANGES[] = {{RANGE("bytes=0-0"), 0, 1, 1},
              {RANGE("bytes=0-499"), 0, 500, 500},
              {RANGE("bytes=500-999"), 500, 1000, 500},
              {RANGE("bytes=9500-"), 9500, -1, -1},
              {RANGE("bytes=0-"), 0, -1, -1},
              {RANGE("Bytes=7-8"), 7, 9, 2},
              {RANGE("bytes=0-70368744177663"), 0, INT64_C(1) << 46, INT64_C(1) << 46},
              {RANGE("bytes=1099511627776-1099511627777"), INT64_C(1) << 40,
               (INT64_C(1) << 40) + 2, 2},
              {HEADERS("\"range\": \"bytes=3-4\""), 3, 5, 2}};
enum { N_RANGES = sizeof RANGES / sizeof *RANGES };

START_TEST(test_ranges)
{
    struct ticket t = {0};
    add(&t, RANGES[_i].text);
    ck_assert(t.urls->has_range);
    ck_assert_int_eq(t.urls->beg, RANGES[_i].beg);
    ck_assert_int_eq(t.urls->end, RANGES[_i].end);
    ck_assert_int_eq(ticket_url_size(t.urls), RANGES[_i].size);
    ck_assert_uint_eq(t.urls->n_headers, 0);
    ticket_clear(&t);
}
END_TEST

/* ---- data URIs (RFC 2397) ---- */

static const struct {
    const char *text, *want;
} DATA[] = {
    {BLOCK("data:;base64,SGVsbG8="), "Hello"},
    {BLOCK("data:application/octet-stream;base64,SGVsbG8="), "Hello"},
    {BLOCK("data:text/plain;charset=utf-8;base64,SGVsbG8="), "Hello"},
    {BLOCK("DATA:;BASE64,SGVsbG8="), "Hello"},
    {BLOCK("data:;base64,SGVsbG8"), "Hello"},
    {BLOCK("data:;base64,"), ""},
    {URLS("{\"url\": \"data:;base64,SGVsbG8=\", \"headers\": {\"a\": \"b\"}}"), "Hello"}};
enum { N_DATA = sizeof DATA / sizeof *DATA };

START_TEST(test_data)
{
    struct ticket t = {0};
    size_t n = strlen(DATA[_i].want);
    add(&t, DATA[_i].text);
    ck_assert_ptr_null(t.urls->url);
    ck_assert_uint_eq(t.urls->data.len, n);
    ck_assert(n == 0 || memcmp(t.urls->data.data, DATA[_i].want, n) == 0);
    ck_assert_int_eq(ticket_url_size(t.urls), (int64_t)n);
    ck_assert_uint_eq(t.urls->n_headers, 0);
    ticket_clear(&t);
}
END_TEST

/* ---- refusals ---- */

static const char *const MALFORMED_BLOCKS[] = {
    URLS("{}"), URLS("7"), URLS("\"https://h/b\""), URLS("{\"url\": 7}"),
    /* data that is not base64 */
    BLOCK("data:"), BLOCK("data:,Hello"), BLOCK("data:text/plain,Hello"),
    BLOCK("data:;base64"), BLOCK("data:;base64,SGVsbG8*"),
    BLOCK("data:;base64,SGVsbG8%3D"), BLOCK("data:;base64,S"),
    BLOCK("data:;base64;x=y,SGVsbG8="),
    /* lines that would hold other lines, or none */
    HEADERS("\"X\": \"a\\r\\nHost: evil\""), HEADERS("\"X\": \"a\\nb\""),
    HEADERS("\"X\": \"a\\u007f\""), HEADERS("\"X\\r\\nY\": \"a\""),
    HEADERS("\"X: a\\nY\": \"b\""), HEADERS("\"X:\": \"a\""), HEADERS("\"\": \"a\""),
    HEADERS("\"X Y\": \"a\""), HEADERS("\"X\\u00e9\": \"a\""), HEADERS("\"X\": 7"),
    HEADERS("\"X\": null"), HEADERS("\"X\": [\"a\"]"),
    URLS("{\"url\": \"https://h/b\", \"headers\": [\"X: a\"]}"),
    URLS("{\"url\": \"https://h/b\", \"headers\": \"X: a\"}"),
    /* what is one stretch of bytes of no place */
    RANGE(""), RANGE("bytes"), RANGE("bytes="), RANGE("bytes=-"), RANGE("bytes=-500"),
    RANGE("bytes=5-4"), RANGE("bytes=0-1,3-4"), RANGE("bytes=0-1 "), RANGE("bytes= 0-1"),
    RANGE("bytes=0 -1"), RANGE("bytes=+0-1"), RANGE("bytes=0-+1"), RANGE("bytes=0--1"),
    RANGE("bytes=0x1-2"), RANGE("lines=0-1"), RANGE("bytes=0-70368744177664"),
    RANGE("bytes=70368744177665-"), RANGE("bytes=9223372036854775806-"),
    RANGE("bytes=9223372036854775807-"),
    HEADERS("\"Range\": \"bytes=0-1\", \"range\": \"bytes=2-3\""),
    RANGE("bytes=0-9223372036854775807"), RANGE("bytes=0-9223372036854775808"),
    RANGE("bytes=9223372036854775808-"),
    RANGE("bytes=99999999999999999999-99999999999999999999")};
enum { N_MALFORMED_BLOCKS = sizeof MALFORMED_BLOCKS / sizeof *MALFORMED_BLOCKS };

START_TEST(test_malformed_blocks)
{
    refuse(MALFORMED_BLOCKS[_i], ": block 1 of its ticket is malformed");
}
END_TEST

static const char *const ELSEWHERE[] = {
    BLOCK("file:///etc/passwd"), BLOCK("FILE:///etc/passwd"), BLOCK("/etc/passwd"),
    BLOCK("etc/passwd"), BLOCK("//h/b"), BLOCK(""), BLOCK("ftp://h/b"),
    BLOCK("s3://bucket/b"), BLOCK("htsget://h/b"), BLOCK("http:/h/b"), BLOCK("https:h/b"),
    BLOCK(" https://h/b"), BLOCK("https://h/b\\r\\nX: y"),
    /* out of TLS */
    BLOCK("http://h/b"), BLOCK("HTTP://127.0.0.1/b")};
enum { N_ELSEWHERE = sizeof ELSEWHERE / sizeof *ELSEWHERE };

START_TEST(test_places_that_are_refused)
{
    refuse(ELSEWHERE[_i], "its ticket leads to a URL that is refused (");
}
END_TEST

/* What came in the clear may lead to both. */
START_TEST(test_http_leads_to_both)
{
    struct ticket t = {0};
    struct vl_error err = {0};
    ck_assert_int_eq(
        add_from(&t, URLS("{\"url\": \"http://h/b\"}, {\"url\": \"https://h/c\"}"),
                 "http://htsget.example/reads/x", &err),
        0);
    ck_assert_str_eq(t.urls[0].url, "http://h/b");
    ck_assert_str_eq(t.urls[1].url, "https://h/c");
    ticket_clear(&t);
    refuse_from(BLOCK("file:///etc/passwd"), "http://htsget.example/reads/x", "(file)");
    refuse_from(BLOCK("http://h/b"), "HTTPS://htsget.example/reads/x", "(http)");
}
END_TEST

START_TEST(test_refusal_tells_the_block)
{
    refuse(URLS("{\"url\": \"https://h/a\"}, {\"url\": \"https://h/b\"}, {}"), "block 3");
    refuse(URLS("{\"url\": \"https://h/a\"}, {\"url\": \"file:///b?secret\"}"),
           "block 2");
}
END_TEST

static const struct {
    const char *text, *why;
} NO_TICKETS[] = {
    {"", "reads/x: sent no htsget ticket (its answer is no JSON: "},
    {"<html>\n</html>", "reads/x: sent no htsget ticket (its answer is no JSON: "},
    {"{\n\"htsget\": oops}", "(line 2))"},
    {"{}", ": sent no htsget ticket"},
    {"[]", ": sent no htsget ticket"},
    {"{\"urls\": [{\"url\": \"https://h/a\"}]}", ": sent no htsget ticket"},
    {"{\"htsget\": {}}", ": sent a ticket without blocks"},
    {"{\"htsget\": []}", ": sent a ticket without blocks"},
    {"{\"htsget\": null}", ": sent a ticket without blocks"},
    {URLS(""), ": sent a ticket without blocks"},
    {"{\"htsget\": {\"urls\": {}}}", ": sent a ticket without blocks"}};
enum { N_NO_TICKETS = sizeof NO_TICKETS / sizeof *NO_TICKETS };

START_TEST(test_no_tickets)
{
    refuse(NO_TICKETS[_i].text, NO_TICKETS[_i].why);
}
END_TEST

/* ---- errors ---- */

/* hts-specs/htsget.md, "Errors". */
static const struct {
    long status;
    const char *type;
    int want;
} REFUSALS[] = {{401, "InvalidAuthentication", VL_ERR_GRANT},
                {403, "PermissionDenied", VL_ERR_GRANT},
                {404, "NotFound", VL_ERR_IO},
                {413, "PayloadTooLarge", VL_ERR_IO},
                {400, "UnsupportedFormat", VL_ERR_USAGE},
                {400, "InvalidInput", VL_ERR_USAGE},
                {400, "InvalidRange", VL_ERR_USAGE},
                {500, "Unknown", VL_ERR_IO},
                {503, "Busy", VL_ERR_IO}};
enum { N_REFUSALS = sizeof REFUSALS / sizeof *REFUSALS };

START_TEST(test_errors)
{
    struct vl_error err = {0};
    char text[256], want[256];
    int n = snprintf(text, sizeof text,
                     "{\"htsget\": {\"error\": \"%s\", \"message\": \"No.\"}}",
                     REFUSALS[_i].type);
    snprintf(want, sizeof want,
             "https://htsget.example/reads/x: refused: status %ld, %s: No.",
             REFUSALS[_i].status, REFUSALS[_i].type);
    errno = 0;
    ck_assert_int_eq(ticket_blame(REFUSALS[_i].status, text, (size_t)n, SOURCE, &err),
                     REFUSALS[_i].want);
    ck_assert_int_eq(err.code, REFUSALS[_i].want);
    ck_assert_str_eq(err.message, want);
}
END_TEST

/* A proxy answers in its own way, and nobody's text may move the cursor. */
START_TEST(test_errors_without_ticket)
{
    static const char *const TEXTS[] = {
        "",   "<html>502</html>", "{}",
        "[]", "{\"htsget\": 7}",  "{\"htsget\": {\"error\": 7, \"message\": []}}"};
    static const char HOSTILE[] =
        "{\"htsget\": {\"error\": \"a\\u001b[2J\", \"message\": \"b\\r\\nc\"}}";
    struct vl_error err = {0};
    errno = 0;
    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++) {
        const char *text = TEXTS[i][0] ? TEXTS[i] : NULL;
        ck_assert_int_eq(ticket_blame(502, text, strlen(TEXTS[i]), SOURCE, &err),
                         VL_ERR_IO);
        ck_assert_str_eq(err.message,
                         "https://htsget.example/reads/x: refused: status 502");
    }
    ck_assert_int_eq(ticket_blame(403, HOSTILE, strlen(HOSTILE), SOURCE, &err),
                     VL_ERR_GRANT);
    ck_assert_str_eq(err.message,
                     "https://htsget.example/reads/x: refused: status 403, a?[2J: b??c");
}
END_TEST

Suite *ticket_suite(void)
{
    Suite *suite = suite_create("ticket");
    TCase *tcase = tcase_create("ticket");
    tcase_add_test(tcase, test_example_of_the_specification);
    tcase_add_test(tcase, test_several_tickets);
    tcase_add_loop_test(tcase, test_no_md5, 0, sizeof NO_MD5 / sizeof *NO_MD5);
    tcase_add_loop_test(tcase, test_ranges, 0, N_RANGES);
    tcase_add_loop_test(tcase, test_data, 0, N_DATA);
    tcase_add_loop_test(tcase, test_malformed_blocks, 0, N_MALFORMED_BLOCKS);
    tcase_add_loop_test(tcase, test_places_that_are_refused, 0, N_ELSEWHERE);
    tcase_add_test(tcase, test_http_leads_to_both);
    tcase_add_test(tcase, test_refusal_tells_the_block);
    tcase_add_loop_test(tcase, test_no_tickets, 0, N_NO_TICKETS);
    tcase_add_loop_test(tcase, test_errors, 0, N_REFUSALS);
    tcase_add_test(tcase, test_errors_without_ticket);
    suite_add_tcase(suite, tcase);
    return suite;
}
