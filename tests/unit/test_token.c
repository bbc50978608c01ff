#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../../src/net/token.h"
#include "file_fixture.h"
#include "varlock/base64.h"

Suite *token_suite(void);

/* 2023-11-14 22:13:20 UTC (date -ud @1700000000). */
enum { NOW = 1700000000 };

/* {"alg":"none"}; what python3's urlsafe_b64encode makes of it. */
#define HEADER "eyJhbGciOiJub25lIn0."
#define SIGNATURE ".c2VjcmV0"

/* ---- what is told ---- */

struct told {
    char notes[4096], warnings[1024]; /* a line each */
};

static void take_note(void *arg, const char *line)
{
    struct told *told = arg;
    ck_assert_uint_lt(strlen(told->notes) + strlen(line) + 2, sizeof told->notes);
    strcat(strcat(told->notes, line), "\n");
}

static void take_warning(void *arg, const char *line)
{
    struct told *told = arg;
    strcat(strcat(told->warnings, line), "\n");
}

static struct vl_hooks hooks_of(struct told *told)
{
    return (struct vl_hooks){.warning = take_warning,
                             .warning_arg = told,
                             .note = take_note,
                             .note_arg = told};
}

/* No part of a token, nor of a visa in it, that proves anything. */
static void expect_no_secret(const char *said)
{
    ck_assert_msg(!strstr(said, "c2VjcmV0"), "%s", said);
    ck_assert_msg(!strstr(said, "eyJ"), "%s", said);
    ck_assert_msg(!strstr(said, "secret"), "%s", said);
}

static int check_at(const char *text, int64_t now, bool lists_visas, struct told *told,
                    struct vl_error *err)
{
    const struct vl_hooks hooks = hooks_of(told);
    *told = (struct told){"", ""};
    *err = (struct vl_error){0};
    int rc = token_check(text, "a.token", now, lists_visas, &hooks, err);
    ck_assert_int_eq(err->code, rc);
    ck_assert(rc == 0 || strncmp(err->message, "a.token: ", 9) == 0);
    expect_no_secret(err->message);
    expect_no_secret(told->notes);
    return rc;
}

/* The payload as a token, which lives until the next call but three. */
static const char *jwt(const char *payload)
{
    static char ring[4][8192];
    static int i;
    struct vl_buf base64 = VL_BUF_INIT;
    char *token = ring[i++ % 4];
    ck_assert_int_eq(vl_base64_encode(payload, strlen(payload), &base64), 0);
    while (base64.len > 0 && base64.data[base64.len - 1] == '=')
        base64.len--;
    for (size_t k = 0; k < base64.len; k++)
        if (base64.data[k] == '+' || base64.data[k] == '/')
            base64.data[k] = base64.data[k] == '+' ? '-' : '_';
    snprintf(token, sizeof ring[0], HEADER "%.*s" SIGNATURE, (int)base64.len,
             (char *)base64.data);
    vl_buf_clear(&base64);
    return token;
}

/* ---- expiry ---- */

/* {"iss":"https://login.example/","exp":1700000000}; see HEADER. */
static const char EXPIRING[] =
    HEADER "eyJpc3MiOiJodHRwczovL2xvZ2luLmV4YW1wbGUvIiwiZXhwIjoxNzAwMDAwMDAwfQ" SIGNATURE;

/* "On or after" that time (RFC 7519 §4.1.4). */
START_TEST(test_expiry)
{
    struct told told;
    struct vl_error err;
    ck_assert_int_eq(check_at(EXPIRING, NOW - 1, true, &told, &err), 0);
    ck_assert_int_eq(check_at(EXPIRING, NOW, true, &told, &err), VL_ERR_KEY);
    ck_assert_str_eq(err.message,
                     "a.token: the token expired at 2023-11-14 22:13:20 UTC, "
                     "and was not sent");
    ck_assert_int_eq(check_at(EXPIRING, INT64_MAX, false, &told, &err), VL_ERR_KEY);
    ck_assert_str_eq(told.notes, "");
}
END_TEST

START_TEST(test_odd_expiry)
{
    struct told told;
    struct vl_error err;
    ck_assert_int_eq(check_at(jwt("{\"exp\": 0}"), NOW, true, &told, &err), VL_ERR_KEY);
    ck_assert_int_eq(check_at(jwt("{\"exp\": -1}"), NOW, true, &told, &err), VL_ERR_KEY);
    ck_assert_int_eq(
        check_at(jwt("{\"exp\": -9223372036854775808}"), NOW, true, &told, &err),
        VL_ERR_KEY);
    ck_assert_ptr_nonnull(strstr(err.message, "an unknown date"));
    ck_assert_int_eq(
        check_at(jwt("{\"exp\": 9223372036854775807}"), NOW, true, &told, &err), 0);
}
END_TEST

/* A date may have a fraction, or an exponent (RFC 7519 §2). */
START_TEST(test_expiry_that_is_no_integer)
{
    struct told told;
    struct vl_error err;
    const char *half = jwt("{\"exp\": 1699999999.5}"),
               *exponent = jwt("{\"exp\": 1.7e9}");
    ck_assert_int_eq(check_at(half, NOW - 1, true, &told, &err), 0);
    ck_assert_int_eq(check_at(half, NOW, true, &told, &err), VL_ERR_KEY);
    ck_assert_ptr_nonnull(strstr(err.message, "2023-11-14 22:13:20 UTC"));
    ck_assert_int_eq(check_at(exponent, NOW - 1, true, &told, &err), 0);
    ck_assert_int_eq(check_at(exponent, NOW, true, &told, &err), VL_ERR_KEY);
    ck_assert_int_eq(check_at(jwt("{\"exp\": 1e300}"), NOW, true, &told, &err), 0);
    ck_assert_int_eq(check_at(jwt("{\"exp\": -1e300}"), NOW, true, &told, &err),
                     VL_ERR_KEY);
}
END_TEST

/* What tells no expiry is the server's to judge. */
static const char *const OPAQUE[] = {
    "c2VjcmV0",
    "a.b",
    ".",
    "..",
    "...",
    "a..c",
    "secret-_.~+/==",
    HEADER "not*base64" SIGNATURE,
    HEADER "c2VjcmV0" SIGNATURE,                      /* no JSON */
    HEADER "WzFd" SIGNATURE,                          /* [1] */
    HEADER "eyJleHAiOiJzb29uIn0" SIGNATURE,           /* {"exp":"soon"} */
    HEADER "eyJleHAiOjE3MDAwMDAwMDB9.a.b" SIGNATURE}; /* five parts: encrypted */
enum { N_OPAQUE = sizeof OPAQUE / sizeof *OPAQUE };

START_TEST(test_opaque_tokens)
{
    struct told told;
    struct vl_error err;
    ck_assert_int_eq(check_at(OPAQUE[_i], INT64_MAX, true, &told, &err), 0);
    ck_assert_str_eq(told.notes, "");
}
END_TEST

static const char *const NO_TOKENS[] = {
    "",         "secret ",  " secret",    "a secret",       "secret\r\nX: y",
    "secret\n", "secret\t", "secret\x7f", "secret\xc3\xa9", "\xef\xbb\xbfsecret"};
enum { N_NO_TOKENS = sizeof NO_TOKENS / sizeof *NO_TOKENS };

START_TEST(test_no_tokens)
{
    struct told told;
    struct vl_error err;
    ck_assert_int_eq(check_at(NO_TOKENS[_i], NOW, true, &told, &err), VL_ERR_DATA);
}
END_TEST

/* ---- visas (GA4GH Passport 1.2) ---- */

#define VISA(type, value, more)                                                          \
    "{\"iss\": \"https://dac.example/\"" more ", \"ga4gh_visa_v1\": {\"type\": \"" type  \
    "\", \"value\": \"" value "\"}}"

START_TEST(test_visas)
{
    struct told told;
    struct vl_error err;
    char passport[4096];
    snprintf(passport, sizeof passport,
             "{\"ga4gh_passport_v1\": [\"%s\", \"%s\", 7, \"secret\", \"%s\"]}",
             jwt(VISA("ControlledAccessGrants", "https://ega.example/EGAD1",
                      ", \"exp\": 1700000060")),
             jwt(VISA("ResearcherStatus", "https://x.example/", ", \"exp\": 1700000000")),
             jwt(VISA("AffiliationAndRole", "faculty@x.example", "")));
    const char *token = jwt(passport);
    ck_assert_int_eq(check_at(token, NOW, true, &told, &err), 0);
    ck_assert_str_eq(
        told.notes,
        "visa ControlledAccessGrants: https://ega.example/EGAD1, by "
        "https://dac.example/, "
        "until 2023-11-14 22:14:20 UTC\n"
        "visa ResearcherStatus: https://x.example/, by https://dac.example/, "
        "until 2023-11-14 22:13:20 UTC (expired)\n"
        "visa AffiliationAndRole: faculty@x.example, by https://dac.example/\n");
    ck_assert_int_eq(check_at(token, NOW, false, &told, &err), 0);
    ck_assert_str_eq(told.notes, "");
}
END_TEST

/* Fields that are missing, of another type, or longer than a line. */
START_TEST(test_odd_visas)
{
    struct told told;
    struct vl_error err;
    char value[501], payload[1024], passport[2048];
    memset(value, 'v', sizeof value - 1);
    value[sizeof value - 1] = 0;
    snprintf(payload, sizeof payload,
             "{\"exp\": \"x\", \"ga4gh_visa_v1\": {\"type\": 7, \"value\": \"%s\"}}",
             value);
    snprintf(passport, sizeof passport, "{\"ga4gh_passport_v1\": [\"%s\"]}",
             jwt(payload));
    ck_assert_int_eq(check_at(jwt(passport), NOW, true, &told, &err), 0);
    value[128] = 0;
    snprintf(payload, sizeof payload, "visa ?: %s, by ?\n", value);
    ck_assert_str_eq(told.notes, payload);
    ck_assert_int_eq(
        check_at(jwt("{\"ga4gh_passport_v1\": \"x\"}"), NOW, true, &told, &err), 0);
    ck_assert_str_eq(told.notes, "");
}
END_TEST

/* ---- files ---- */

static int read_file(const char *path, const char *content, struct token *token,
                     struct told *told, struct vl_error *err)
{
    const struct vl_hooks hooks = hooks_of(told);
    *told = (struct told){"", ""};
    *err = (struct vl_error){0};
    if (content) {
        write_file("file", content);
        ck_assert_int_eq(chmod("file", 0600), 0);
    }
    int rc = token_read(token, path, NOW, true, &hooks, err);
    ck_assert(rc == 0 || !token->text);
    expect_no_secret(err->message);
    expect_no_secret(told->notes);
    expect_no_secret(told->warnings);
    return rc;
}

static const char *const FILES[] = {"c2VjcmV0", "c2VjcmV0\n", "\r\n  c2VjcmV0 \t\r\n\n",
                                    "{\"access_token\": \"c2VjcmV0\"}",
                                    " \n{\"access_token\": \"c2VjcmV0\", \"token_type\": "
                                    "\"bearer\", \"expires_in\": 1}\n"};
enum { N_FILES = sizeof FILES / sizeof *FILES };

START_TEST(test_files)
{
    struct token token;
    struct told told;
    struct vl_error err;
    ck_assert_msg(read_file("file", FILES[_i], &token, &told, &err) == 0, "%s",
                  err.message);
    ck_assert_str_eq(token.text, "c2VjcmV0");
    ck_assert_str_eq(told.warnings, "");
    token_clear(&token);
    ck_assert_ptr_null(token.text);
}
END_TEST

static const char *const BAD_FILES[] = {"",
                                        "\n",
                                        "two secrets",
                                        "secret\nsecret\n",
                                        "{\"access_token\": \"\"}",
                                        "{\"access_token\": \"a secret\"}",
                                        "{\"access_token\": \"secret\\r\\nX: y\"}",
                                        "{\"access_token\": 7}",
                                        "{\"token\": \"secret\"}",
                                        "{\"access_token\": \"secret\"",
                                        "{secret}"};
enum { N_BAD_FILES = sizeof BAD_FILES / sizeof *BAD_FILES };

START_TEST(test_bad_files)
{
    struct token token;
    struct told told;
    struct vl_error err;
    ck_assert_int_eq(read_file("file", BAD_FILES[_i], &token, &told, &err), VL_ERR_DATA);
    ck_assert_ptr_nonnull(strstr(err.message, "file: "));
}
END_TEST

/* Text in UTF-16, say, of which a C string is the first character. */
START_TEST(test_nul_in_file)
{
    static const char TEXT[] = "s\0e\0c\0r\0e\0t";
    struct token token;
    struct told told;
    struct vl_error err;
    FILE *file = fopen("file", "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(TEXT, 1, sizeof TEXT, file), sizeof TEXT);
    ck_assert_int_eq(fclose(file), 0);
    ck_assert_int_eq(read_file("file", NULL, &token, &told, &err), VL_ERR_DATA);
}
END_TEST

START_TEST(test_expired_file)
{
    struct token token;
    struct told told;
    struct vl_error err;
    ck_assert_int_eq(read_file("file", EXPIRING, &token, &told, &err), VL_ERR_KEY);
    ck_assert_int_eq(read_file("absent", NULL, &token, &told, &err), VL_ERR_IO);
}
END_TEST

START_TEST(test_others_may_read_it)
{
    struct token token;
    struct told told;
    struct vl_error err;
    write_file("file", "c2VjcmV0");
    ck_assert_int_eq(chmod("file", 0640), 0);
    ck_assert_int_eq(read_file("file", NULL, &token, &told, &err), 0);
    ck_assert_ptr_nonnull(strstr(told.warnings, "file: "));
    ck_assert_ptr_nonnull(strstr(told.warnings, "0640"));
    token_clear(&token);
}
END_TEST

START_TEST(test_environment)
{
    struct token token;
    struct told told;
    struct vl_error err;
    unsetenv("HTS_AUTH_LOCATION");
    ck_assert_int_eq(read_file(NULL, "c2VjcmV0", &token, &told, &err), 0);
    ck_assert_ptr_null(token.text);
    setenv("HTS_AUTH_LOCATION", "", 1);
    ck_assert_int_eq(read_file(NULL, NULL, &token, &told, &err), 0);
    ck_assert_ptr_null(token.text);
    setenv("HTS_AUTH_LOCATION", "file", 1);
    ck_assert_int_eq(read_file(NULL, NULL, &token, &told, &err), 0);
    ck_assert_str_eq(token.text, "c2VjcmV0");
    token_clear(&token);
    setenv("HTS_AUTH_LOCATION", "absent", 1);
    ck_assert_int_eq(read_file(NULL, NULL, &token, &told, &err), VL_ERR_IO);
    ck_assert_int_eq(read_file("file", NULL, &token, &told, &err), 0);
    token_clear(&token);
    unsetenv("HTS_AUTH_LOCATION");
}
END_TEST

Suite *token_suite(void)
{
    Suite *suite = suite_create("token");
    TCase *tcase = tcase_create("token");
    tcase_add_checked_fixture(tcase, enter_directory, leave_directory);
    tcase_add_test(tcase, test_expiry);
    tcase_add_test(tcase, test_odd_expiry);
    tcase_add_test(tcase, test_expiry_that_is_no_integer);
    tcase_add_loop_test(tcase, test_opaque_tokens, 0, N_OPAQUE);
    tcase_add_loop_test(tcase, test_no_tokens, 0, N_NO_TOKENS);
    tcase_add_test(tcase, test_visas);
    tcase_add_test(tcase, test_odd_visas);
    tcase_add_loop_test(tcase, test_files, 0, N_FILES);
    tcase_add_loop_test(tcase, test_bad_files, 0, N_BAD_FILES);
    tcase_add_test(tcase, test_nul_in_file);
    tcase_add_test(tcase, test_expired_file);
    tcase_add_test(tcase, test_others_may_read_it);
    tcase_add_test(tcase, test_environment);
    suite_add_tcase(suite, tcase);
    return suite;
}
