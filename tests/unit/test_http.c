#include <check.h>
#include <string.h>

#include "../../src/net/http.h"

Suite *http_suite(void);

/* The host of a URL lies between the last `@` before the path and the port (RFC 3986
 * §3.2); the rest of the row is for messages. */
static const struct {
    const char *url;
    bool is_url, is_plain;
    const char *shown;
} URLS[] = {{"https://h/a/b", true, false, "https://h/a/b"},
            {"http://h/a/b", true, true, "http://h/a/b"},
            {"HTTP://h", true, true, "HTTP://h"},
            {"http://127.0.0.1:80/a", true, false, "http://127.0.0.1:80/a"},
            {"http://[::1]:80/a", true, false, "http://[::1]:80/a"},
            {"http://localhost", true, false, "http://localhost"},
            {"http://localhost?a", true, false, "http://localhost"},
            {"https://h/a?token=secret", true, false, "https://h/a"},
            {"https://h?token=secret/x", true, false, "https://h"},
            {"https://h/a#secret", true, false, "https://h/a"},
            {"https://user:secret@h:8443/a@b", true, false, "https://h:8443/a@b"},
            {"https://secret@@h/a", true, false, "https://h/a"},
            {"https://h/a?b=http://c", true, false, "https://h/a"},
            /* a host elsewhere, whatever stands before it */
            {"http://127.0.0.1@h/a", true, true, "http://h/a"},
            {"http://localhost:secret@h/a", true, true, "http://h/a"},
            {"http://h/@127.0.0.1", true, true, "http://h/@127.0.0.1"},
            {"http://h?@127.0.0.1", true, true, "http://h"},
            {"http://127.0.0.1\\@h/a", true, true, "http://h/a"},
            {"https://user:sec\\ret@h/a", true, false, "https://h/a"},
            {"ftp://user:secret@h/a", false, false, "ftp://h/a"},
            {"file:///etc/passwd", false, false, "file:///etc/passwd"},
            {"x.bam", false, false, "x.bam"},
            {"", false, false, ""}};
enum { N_URLS = sizeof URLS / sizeof *URLS };

START_TEST(test_urls)
{
    struct vl_buf shown = VL_BUF_INIT;
    bool is_plain;
    ck_assert_int_eq(http_is_url(URLS[_i].url, &is_plain), URLS[_i].is_url);
    ck_assert_msg(is_plain == URLS[_i].is_plain, "%s", URLS[_i].url);
    http_put_shown(&shown, URLS[_i].url);
    ck_assert_str_eq((char *)shown.data, URLS[_i].shown);
    ck_assert_uint_eq(shown.len, strlen(URLS[_i].shown) + 1);
    vl_buf_clear(&shown);
}
END_TEST

Suite *http_suite(void)
{
    Suite *suite = suite_create("http");
    TCase *tcase = tcase_create("http");
    tcase_add_loop_test(tcase, test_urls, 0, N_URLS);
    suite_add_tcase(suite, tcase);
    return suite;
}
