#include <check.h>
#include <string.h>

#include "../../src/net/query.h"
#include "varlock/json.h"

Suite *query_suite(void);

/* ---- addresses ---- */

static const struct {
    const char *url, *want;
} ADDRESSES[] = {
    {"https://h/reads/x", "https://h/reads/x"},
    {"http://h/reads/x", "http://h/reads/x"},
    {"HTTPS://h/reads/x", "HTTPS://h/reads/x"},
    {"https://h:8443/reads/a/b?user=1@2", "https://h:8443/reads/a/b?user=1@2"},
    {"htsget://h/reads/x", "https://h/reads/x"},
    {"HtsGet://h:8443/reads/x?a=b", "https://h:8443/reads/x?a=b"},
    {"htsget://localhost/reads/x", "http://localhost/reads/x"},
    {"htsget://LOCALHOST:8080/reads/x", "http://LOCALHOST:8080/reads/x"},
    {"htsget://127.0.0.1:8080/reads/x", "http://127.0.0.1:8080/reads/x"},
    {"htsget://127.1.2.3/reads/x", "http://127.1.2.3/reads/x"},
    {"htsget://[::1]:8080/reads/x", "http://[::1]:8080/reads/x"},
    /* names that look like this machine's */
    {"htsget://localhost.evil.example/x", "https://localhost.evil.example/x"},
    {"htsget://127.0.0.1.evil.example/x", "https://127.0.0.1.evil.example/x"},
    {"htsget://127.evil.example/x", "https://127.evil.example/x"},
    {"htsget://1127.0.0.1/x", "https://1127.0.0.1/x"},
    {"htsget://[::2]/x", "https://[::2]/x"},
    {"htsget://[::1:5]/x", "https://[::1:5]/x"},
    {"htsget://h/127.0.0.1", "https://h/127.0.0.1"},
    {"htsget://h?@127.0.0.1", "https://h?@127.0.0.1"}};
enum { N_ADDRESSES = sizeof ADDRESSES / sizeof *ADDRESSES };

START_TEST(test_addresses)
{
    struct vl_buf out = VL_BUF_INIT;
    struct vl_error err = {0};
    const char *want = ADDRESSES[_i].want;
    vl_buf_add(&out, "x", 1);
    ck_assert_msg(query_address(ADDRESSES[_i].url, &out, &err) == 0, "%s", err.message);
    vl_buf_add_byte(&out, 0);
    ck_assert_str_eq((char *)out.data + 1, want);
    ck_assert_uint_eq(out.len, 1 + strlen(want) + 1);
    vl_buf_clear(&out);
}
END_TEST

static const char *const REFUSED[] = {
    "", "x.bam", "/reads/x", "h/reads/x", "//h/reads/x", "file:///etc/passwd",
    "ftp://h/x", "s3://h/x", "http:/h/x", "http:h/x", "http://", "https://", "htsget://",
    "htsget:/h/x",
    /* what others on this machine could read */
    "https://user:secret@h/reads/x", "https://secret@h/reads/x",
    "htsget://user:secret@h/reads/x", "http://user:secret@127.0.0.1/reads/x",
    "https://@h/reads/x", "ftp://user:secret@h/x", "s3://h/x?signature=secret",
    "https://h/reads/x?token=secret#y", "https://secret@@h/x", "http://127.0.0.1\\@h/x",
    "http://user:se\\cret@h/x", "https://h/reads/x#y", "htsget://h#y"};
enum { N_REFUSED = sizeof REFUSED / sizeof *REFUSED };

START_TEST(test_refused_addresses)
{
    struct vl_buf out = VL_BUF_INIT;
    struct vl_error err = {0};
    ck_assert_msg(query_address(REFUSED[_i], &out, &err) == VL_ERR_USAGE, "%s",
                  REFUSED[_i]);
    ck_assert_int_eq(err.code, VL_ERR_USAGE);
    ck_assert_ptr_null(strstr(err.message, "secret"));
    vl_buf_clear(&out);
}
END_TEST

/* ---- GET ---- */

static const struct {
    struct query query;
    struct vl_asked region; /* a contig of NULL: none */
    const char *want;
} URLS[] = {
    {{"https://h/reads/x", "BAM", false, false},
     {NULL, 0, -1},
     "https://h/reads/x?format=BAM"},
    {{"https://h/reads/x?a=b", "CRAM", false, false},
     {NULL, 0, -1},
     "https://h/reads/x?a=b&format=CRAM"},
    {{"https://h/variants/x", "VCF", true, false},
     {NULL, 0, -1},
     "https://h/variants/x?format=VCF&class=header"},
    {{"https://h/x", "BAM", false, true},
     {NULL, 0, -1},
     "https://h/x?format=BAM&encryptionScheme=C4GH"},
    {{"https://h/x", "BAM", false, false},
     {"chr1", 0, -1},
     "https://h/x?format=BAM&referenceName=chr1"},
    {{"https://h/x", "BAM", false, false},
     {"chr1", 0, 1},
     "https://h/x?format=BAM&referenceName=chr1&start=0&end=1"},
    {{"https://h/x", "BAM", false, false},
     {"chr1", 99, -1},
     "https://h/x?format=BAM&referenceName=chr1&start=99"},
    {{"https://h/x", "BAM", false, false},
     {"chr1", 4999999999, 5000000000},
     "https://h/x?format=BAM&referenceName=chr1&start=4999999999&end=5000000000"},
    {{"https://h/x", "BAM", false, false},
     {"*", 0, -1},
     "https://h/x?format=BAM&referenceName=*"},
    /* python3: urllib.parse.quote(name, safe="") */
    {{"https://h/x", "BAM", false, false},
     {"HLA-DRB1*15:01:01:01", 0, -1},
     "https://h/x?format=BAM&referenceName=HLA-DRB1%2A15%3A01%3A01%3A01"},
    {{"https://h/x", "BAM", false, false},
     {"a b&c=d#e?f/g%h+i;j,k~l_m.n-o", 0, -1},
     "https://h/"
     "x?format=BAM&referenceName=a%20b%26c%3Dd%23e%3Ff%2Fg%25h%2Bi%3Bj%2Ck~l_m.n-o"},
    {{"https://h/x", "BAM", false, false},
     {"\xc3\xa9\x7f\n", 0, -1},
     "https://h/x?format=BAM&referenceName=%C3%A9%7F%0A"}};
enum { N_URLS = sizeof URLS / sizeof *URLS };

START_TEST(test_urls)
{
    struct vl_buf out = VL_BUF_INIT;
    struct vl_error err = {0};
    const struct vl_asked *region = URLS[_i].region.contig ? &URLS[_i].region : NULL;
    ck_assert_int_eq(query_put_url(&URLS[_i].query, region, &out, &err), 0);
    ck_assert_str_eq((char *)out.data, URLS[_i].want);
    ck_assert_uint_eq(out.len, strlen(URLS[_i].want) + 1);
    vl_buf_clear(&out);
}
END_TEST

/* ---- POST ---- */

static struct vl_json *read_body(const struct query *query,
                                 const struct vl_asked *regions, size_t n)
{
    struct vl_buf out = VL_BUF_INIT;
    struct vl_error err = {0};
    struct vl_json *json = NULL;
    ck_assert_int_eq(query_put_body(query, regions, n, &out, &err), 0);
    ck_assert_uint_gt(out.len, 0);
    ck_assert_uint_eq(strlen((char *)out.data), out.len - 1);
    ck_assert_msg(vl_json_read(&json, (char *)out.data, out.len - 1, &err) == 0, "%s",
                  err.message);
    vl_buf_clear(&out);
    return json;
}

static int count(void *arg, const char *name, const struct vl_json_item *item)
{
    size_t *n = arg;
    (void)name, (void)item;
    ++*n;
    return 0;
}

static void expect_members(const struct vl_json_item *item, size_t want)
{
    size_t n = 0;
    ck_assert_int_eq(vl_json_each(item, count, &n), 0);
    ck_assert_uint_eq(n, want);
}

static void expect_region(const struct vl_json_item *item, const char *name,
                          int64_t start, int64_t end)
{
    int64_t n;
    ck_assert_str_eq(vl_json_text(vl_json_member(item, "referenceName")), name);
    if (start >= 0) {
        ck_assert(vl_json_integer(vl_json_member(item, "start"), &n));
        ck_assert_int_eq(n, start);
    }
    if (end >= 0) {
        ck_assert(vl_json_integer(vl_json_member(item, "end"), &n));
        ck_assert_int_eq(n, end);
    }
    expect_members(item, (size_t)(1 + (start >= 0) + (end >= 0)));
}

/* Members as in hts-specs/htsget.md, "POST request body"; names are not escaped as in a
 * URL. */
START_TEST(test_body)
{
    static const struct vl_asked REGIONS[] = {{"chr1", 0, -1},
                                              {"chr1", 0, 10},
                                              {"chr2", 5000000000, -1},
                                              {"HLA-A*01:01 \"\\", 3, 4},
                                              {"*", 0, -1}};
    const struct query query = {"https://h/x", "BAM", false, false};
    struct vl_json *json = read_body(&query, REGIONS, 5);
    const struct vl_json_item *root = vl_json_root(json),
                              *regions = vl_json_member(root, "regions");
    ck_assert_str_eq(vl_json_text(vl_json_member(root, "format")), "BAM");
    expect_members(root, 2);
    ck_assert_uint_eq(vl_json_count(regions), 5);
    expect_region(vl_json_element(regions, 0), "chr1", -1, -1);
    expect_region(vl_json_element(regions, 1), "chr1", 0, 10);
    expect_region(vl_json_element(regions, 2), "chr2", 5000000000, -1);
    expect_region(vl_json_element(regions, 3), "HLA-A*01:01 \"\\", 3, 4);
    expect_region(vl_json_element(regions, 4), "*", -1, -1);
    vl_json_free(json);
}
END_TEST

START_TEST(test_body_for_an_encrypted_answer)
{
    const struct query query = {"https://h/x", "CRAM", false, true};
    const struct vl_asked region = {"c", 1, 2};
    struct vl_json *json = read_body(&query, &region, 1);
    const struct vl_json_item *root = vl_json_root(json);
    ck_assert_str_eq(vl_json_text(vl_json_member(root, "format")), "CRAM");
    ck_assert_str_eq(vl_json_text(vl_json_member(root, "encryptionScheme")), "C4GH");
    ck_assert_uint_eq(vl_json_count(vl_json_member(root, "regions")), 1);
    expect_members(root, 3);
    vl_json_free(json);
}
END_TEST

/* The second value is `base64 -w 0` of the file. */
#define PEM                                                                              \
    "-----BEGIN CRYPT4GH PUBLIC KEY-----\n"                                              \
    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"                                     \
    "-----END CRYPT4GH PUBLIC KEY-----\n"
static const struct {
    const char *scheme, *header;
    bool in_query;
} SCHEMES[] = {
    {"legacy", "client-public-key: AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", false},
    {"htsget-rs", NULL, true},
    {NULL, NULL, true}};
enum { N_SCHEMES = sizeof SCHEMES / sizeof *SCHEMES };

START_TEST(test_key_header)
{
    static const char WHOLE[] =
        "Htsget-Context-Public-Key: "
        "LS0tLS1CRUdJTiBDUllQVDRHSCBQVUJMSUMgS0VZLS0tLS0KQUFFQ0F3UUZCZ2NJQ1FvTERB"
        "ME9EeEFSRWhNVUZSWVhHQmthR3h3ZEhoOD0KLS0tLS1FTkQgQ1JZUFQ0R0ggUFVCTElDIEtF"
        "WS0tLS0tCg==";
    struct query query = {0};
    struct vl_buf header = VL_BUF_INIT;
    struct vl_error err = {0};
    const char *want = SCHEMES[_i].header ? SCHEMES[_i].header : WHOLE;
    ck_assert_int_eq(query_ask_for_c4gh(&query, SCHEMES[_i].scheme, PEM, sizeof PEM - 1,
                                        &header, &err),
                     0);
    ck_assert_str_eq((char *)header.data, want);
    ck_assert_int_eq(query.wants_c4gh, SCHEMES[_i].in_query);
    vl_buf_clear(&header);
}
END_TEST

START_TEST(test_unknown_scheme)
{
    struct query query = {0};
    struct vl_buf header = VL_BUF_INIT;
    struct vl_error err = {0};
    ck_assert_int_eq(
        query_ask_for_c4gh(&query, "Legacy", PEM, sizeof PEM - 1, &header, &err),
        VL_ERR_USAGE);
    ck_assert_uint_eq(header.len, 0);
}
END_TEST

Suite *query_suite(void)
{
    Suite *suite = suite_create("query");
    TCase *tcase = tcase_create("query");
    tcase_add_loop_test(tcase, test_addresses, 0, N_ADDRESSES);
    tcase_add_loop_test(tcase, test_refused_addresses, 0, N_REFUSED);
    tcase_add_loop_test(tcase, test_urls, 0, N_URLS);
    tcase_add_test(tcase, test_body);
    tcase_add_test(tcase, test_body_for_an_encrypted_answer);
    tcase_add_loop_test(tcase, test_key_header, 0, N_SCHEMES);
    tcase_add_test(tcase, test_unknown_scheme);
    suite_add_tcase(suite, tcase);
    return suite;
}
