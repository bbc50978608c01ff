#include <arpa/inet.h>
#include <check.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../src/net/blocks.h"

Suite *blocks_suite(void);

static void add_ticket(struct ticket *ticket, const char *text)
{
    struct vl_error err = {0};
    ck_assert_msg(ticket_add(ticket, text, strlen(text), "http://h/x", &err) == 0, "%s",
                  err.message);
}

struct taken {
    char text[64]; /* "<block>:<bytes>;" */
    int rc;        /* what the sink returns */
};

static int take(void *arg, size_t url, const void *bytes, size_t n, struct vl_error *err)
{
    struct taken *taken = arg;
    size_t len = strlen(taken->text);
    (void)err;
    snprintf(taken->text + len, sizeof taken->text - len, "%zu:%.*s;", url, (int)n,
             n > 0 ? (const char *)bytes : "");
    return taken->rc;
}

/* ---- blocks that are in the ticket ---- */

static const struct {
    size_t first;
    int64_t from;
    const char *want;
} DATA[] = {{0, 0, "0:one;1:two;2:;3:four;"},
            {0, 2, "0:e;1:two;2:;3:four;"},
            {1, 3, "1:;2:;3:four;"},
            {3, 1, "3:our;"},
            {4, 0, ""}};
enum { N_DATA = sizeof DATA / sizeof *DATA };

START_TEST(test_data_in_order)
{
    struct ticket ticket = {0};
    struct taken taken = {"", 0};
    struct vl_error err = {0};
    const struct blocks_options options = {.http.timeout = 60, .n_connections = 2};
    add_ticket(&ticket, "{\"htsget\": {\"urls\": [{\"url\": \"data:;base64,b25l\"},"
                        " {\"url\": \"data:;base64,dHdv\"}, {\"url\": \"data:;base64,\"},"
                        " {\"url\": \"data:;base64,Zm91cg==\"}]}}");
    ck_assert_int_eq(blocks_fetch(&ticket, DATA[_i].first, DATA[_i].from, &options, take,
                                  &taken, &err),
                     0);
    ck_assert_str_eq(taken.text, DATA[_i].want);
    taken = (struct taken){"", VL_ERR_CANCELLED};
    ck_assert_int_eq(blocks_fetch(&ticket, 0, 0, &options, take, &taken, &err),
                     VL_ERR_CANCELLED);
    ck_assert_str_eq(taken.text, "0:one;");
    ticket_clear(&ticket);
}
END_TEST

/* ---- blocks that are elsewhere ---- */

/* A port that nobody listens at, and nobody else can take. */
static int dead_port(int *fd)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof address;
    *fd = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_ge(*fd, 0);
    ck_assert_int_eq(bind(*fd, (struct sockaddr *)&address, n), 0);
    ck_assert_int_eq(getsockname(*fd, (struct sockaddr *)&address, &n), 0);
    return ntohs(address.sin_port);
}

static long memory_kb(void)
{
    struct rusage usage;
    ck_assert_int_eq(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_maxrss;
}

/* Blocks as large as their ticket likes take no memory before a byte has come. */
START_TEST(test_sizes_that_are_only_told)
{
    static const char RANGE[] = "{\"url\": \"http://127.0.0.1:%d/b?secret\", "
                                "\"headers\": {\"Range\": \"bytes=0-70368744177663\"}}";
    struct ticket ticket = {0};
    struct taken taken = {"", 0};
    struct vl_error err = {0};
    char url[160], text[1024];
    int fd;
    snprintf(url, sizeof url, RANGE, dead_port(&fd));
    snprintf(text, sizeof text, "{\"htsget\": {\"urls\": [%s, %s, %s]}}", url, url, url);
    add_ticket(&ticket, text);
    ck_assert_int_eq(ticket_url_size(ticket.urls), INT64_C(1) << 46);
    const struct blocks_options options = {.http.timeout = 60, .n_connections = 1};
    long before = memory_kb();
    ck_assert_int_eq(blocks_fetch(&ticket, 0, 0, &options, take, &taken, &err),
                     VL_ERR_IO);
    ck_assert_int_lt(memory_kb() - before, 64 << 10);
    ck_assert_ptr_null(strstr(err.message, "secret"));
    ticket_clear(&ticket);
    close(fd);
}
END_TEST

/* ---- trying again ---- */

START_TEST(test_delays)
{
    ck_assert_double_eq(blocks_delay(1, -1), 0.25);
    ck_assert_double_eq(blocks_delay(2, -1), 0.5);
    ck_assert_double_eq(blocks_delay(5, -1), 4);
    for (int n = 9; n < 100000; n *= 3)
        ck_assert_double_eq(blocks_delay(n, -1), 30);
    ck_assert_double_eq(blocks_delay(1, 0), 0);
    ck_assert_double_eq(blocks_delay(9, 7), 7);
    ck_assert_double_eq(blocks_delay(1, 86400), 600);
}
END_TEST

START_TEST(test_what_is_tried_again)
{
    static const long AGAIN[] = {408, 429, 500, 502, 503, 504},
                      NOT[] = {200, 206, 400, 401, 403, 404, 413, 416};
    for (size_t i = 0; i < sizeof AGAIN / sizeof *AGAIN; i++)
        ck_assert(blocks_may_retry(AGAIN[i]));
    for (size_t i = 0; i < sizeof NOT / sizeof *NOT; i++)
        ck_assert(!blocks_may_retry(NOT[i]));
}
END_TEST

Suite *blocks_suite(void)
{
    Suite *suite = suite_create("blocks");
    TCase *tcase = tcase_create("blocks");
    tcase_add_loop_test(tcase, test_data_in_order, 0, N_DATA);
    tcase_add_test(tcase, test_sizes_that_are_only_told);
    tcase_add_test(tcase, test_delays);
    tcase_add_test(tcase, test_what_is_tried_again);
    suite_add_tcase(suite, tcase);
    return suite;
}
