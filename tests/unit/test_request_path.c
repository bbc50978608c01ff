#include <check.h>
#include <stdio.h>
#include <string.h>

#include "../../src/net/request_path.h"

Suite *request_path_suite(void);

static const char TOKEN[] = "0123456789abcdef0123456789abcdef";
/* The second begins with the first. */
static const char *const IDS[] = {"x-1", "x-1.bam"};

static const struct {
    const char *rest;
    enum request_kind kind;
    size_t shown;
} PATHS[] = {
    {"reads/x-1", REQUEST_TICKET, 0},
    {"reads/x-1.bam", REQUEST_TICKET, 1},
    {"reads/service-info", REQUEST_SERVICE_INFO, 0},
    {"data/x-1", REQUEST_DATA, 0},
    {"files/x-1.bam", REQUEST_BAM, 0},
    {"files/x-1.bam.bam", REQUEST_BAM, 1},
    {"files/x-1.bam.bai", REQUEST_BAI, 0},
    {"files/x-1.bai", REQUEST_BAI, 0},
    {"files/x-1.bam.csi", REQUEST_CSI, 0},
    {"", REQUEST_PAGE, 0},
    {"reads/", REQUEST_PAGE, 0},
    {"reads/x-", REQUEST_PAGE, 0},
    {"reads/x-1/", REQUEST_PAGE, 0},
    {"reads//x-1", REQUEST_PAGE, 0},
    {"Reads/x-1", REQUEST_PAGE, 0},
    {"files/x-1", REQUEST_PAGE, 0},
    {"files/x-1.cram", REQUEST_PAGE, 0},
    {"files/../files/x-1.bam", REQUEST_PAGE, 0},
};
enum { N_PATHS = sizeof PATHS / sizeof *PATHS };

static struct request_path read_path(const char *before, const char *token,
                                     const char *after)
{
    static char path[256];
    snprintf(path, sizeof path, "%s%s%s", before, token, after);
    return request_path_read(path, TOKEN, IDS, 2);
}

START_TEST(test_paths)
{
    char after[128];
    snprintf(after, sizeof after, "/%s", PATHS[_i].rest);
    struct request_path got = read_path("/", TOKEN, after);
    ck_assert_msg(got.kind == PATHS[_i].kind, "%s: %d", PATHS[_i].rest, got.kind);
    ck_assert_uint_eq(got.shown, PATHS[_i].shown);
    if (got.kind == REQUEST_PAGE)
        ck_assert_str_eq(got.rest, PATHS[_i].rest);
}
END_TEST

START_TEST(test_another_token_leads_nowhere)
{
    char other[sizeof TOKEN];
    for (size_t i = 0; i < TOKEN_CHARS; i++) {
        strcpy(other, TOKEN);
        other[i] ^= 1;
        ck_assert_int_eq(read_path("/", other, "/reads/x-1").kind, REQUEST_NOTHING);
        other[i] = 0;
        ck_assert_int_eq(read_path("/", other, "/reads/x-1").kind, REQUEST_NOTHING);
    }
    ck_assert_int_eq(read_path("/", TOKEN, "reads/x-1").kind, REQUEST_NOTHING);
    ck_assert_int_eq(read_path("/", TOKEN, "").kind, REQUEST_NOTHING);
    ck_assert_int_eq(read_path("//", TOKEN, "/reads/x-1").kind, REQUEST_NOTHING);
    ck_assert_int_eq(read_path("", TOKEN, "/reads/x-1").kind, REQUEST_NOTHING);
    ck_assert_int_eq(read_path("", "", "").kind, REQUEST_NOTHING);
}
END_TEST

Suite *request_path_suite(void)
{
    Suite *suite = suite_create("request_path");
    TCase *tcase = tcase_create("request_path");
    tcase_add_loop_test(tcase, test_paths, 0, N_PATHS);
    tcase_add_test(tcase, test_another_token_leads_nowhere);
    suite_add_tcase(suite, tcase);
    return suite;
}
