#include <check.h>
#include <string.h>

#include "../../src/net/reads_question.h"

Suite *reads_question_suite(void);

static struct vl_contigs contigs;
static struct reads_question question;
static struct reads_refusal refusal;

static void set_up(void)
{
    contigs = VL_CONTIGS_INIT;
    ck_assert_int_eq(vl_contigs_add(&contigs, "c1", 1000, NULL), 0);
    ck_assert_int_eq(vl_contigs_add(&contigs, "c2", 500, NULL), 0);
    ck_assert_int_eq(vl_contigs_index(&contigs), 0);
    memset(&refusal, 0, sizeof refusal);
}

static void tear_down(void)
{
    reads_question_clear(&question);
    vl_contigs_clear(&contigs);
}

/* The ranges as regions, `all`, or the refusal's type. */
static void expect(int rc, const char *want)
{
    struct vl_buf shown = VL_BUF_INIT;
    if (rc < 0)
        vl_buf_addf(&shown, "%u %s", refusal.status, refusal.type);
    else if (question.is_of_all)
        vl_buf_addf(&shown, "all");
    else
        vl_ranges_format(&question.ranges, &contigs, 0, &shown);
    if (rc == 0 && question.header_only)
        vl_buf_addf(&shown, " header");
    vl_buf_add_byte(&shown, 0);
    ck_assert_str_eq((char *)shown.data, want);
    ck_assert(rc == 0 || refusal.error.message[0]);
    vl_buf_clear(&shown);
}

/* htsget 1.3, "Query parameters" and "Response": the errors' types and statuses. */
static const struct {
    struct reads_parameters given;
    const char *want;
} GETS[] = {
    {{0}, "all"},
    {{.class = "header"}, "all header"},
    {{.format = "bam", .reference_name = "c1"}, "c1"},
    {{.reference_name = "c1", .start = "9", .end = "20"}, "c1:10-20"},
    {{.reference_name = "c1", .start = "9"}, "c1:10-1000"},
    {{.reference_name = "c2", .end = "20"}, "c2:1-20"},
    {{.reference_name = "c2", .end = "999999999999999999"}, "c2"},
    {{.reference_name = "*"}, "*"},
    {{.reference_name = "c1", .start = "9", .end = "9"}, ""},
    {{.format = "CRAM"}, "400 UnsupportedFormat"},
    {{.class = "tail"}, "400 InvalidInput"},
    {{.start = "1"}, "400 InvalidInput"},
    {{.end = "1"}, "400 InvalidInput"},
    {{.reference_name = "*", .start = "1"}, "400 InvalidInput"},
    {{.reference_name = "c1", .start = "-1"}, "400 InvalidInput"},
    {{.reference_name = "c1", .start = ""}, "400 InvalidInput"},
    {{.reference_name = "c1", .start = "1e3"}, "400 InvalidInput"},
    {{.reference_name = "c1", .end = "9999999999999999999"}, "400 InvalidInput"},
    {{.reference_name = "c1", .start = "10", .end = "9"}, "400 InvalidRange"},
    {{.reference_name = "c3"}, "404 NotFound"},
    {{.reference_name = ""}, "404 NotFound"},
    {{.class = "header", .format = "BAM"}, "all header"},
    {{.class = "header", .reference_name = "c1"}, "400 InvalidInput"},
    {{.class = "header", .start = "1"}, "400 InvalidInput"},
    {{.class = "header", .end = "1"}, "400 InvalidInput"},
    {{.class = "header", .fields = "POS"}, "400 InvalidInput"},
    {{.class = "header", .tags = ""}, "400 InvalidInput"},
    {{.class = "header", .notags = "MD"}, "400 InvalidInput"},
    {{.fields = "QNAME,POS", .tags = "MD,NM", .notags = "N,MDD,OQ"}, "all"},
    {{.tags = ",", .notags = ",,"}, "all"},
    {{.tags = "MD,NM", .notags = "OQ,NM"}, "400 InvalidInput"},
};
enum { N_GETS = sizeof GETS / sizeof *GETS };

START_TEST(test_get)
{
    expect(reads_question_get(&question, &GETS[_i].given, &contigs, &refusal),
           GETS[_i].want);
}
END_TEST

static const struct {
    const char *body, *want;
} POSTS[] = {
    {"{}", "all"},
    {"{\"class\": \"header\"}", "all header"},
    {"{\"regions\": []}", "400 InvalidInput"},
    {"{\"regions\": {}}", "400 InvalidInput"},
    {"{\"regions\": null}", "400 InvalidInput"},
    {"[]", "400 InvalidInput"},
    {"7", "400 InvalidInput"},
    {"{\"format\": 1}", "400 InvalidInput"},
    {"{\"class\": [\"header\"]}", "400 InvalidInput"},
    {"{\"class\": \"header\", \"regions\": [{\"referenceName\": \"c1\"}]}",
     "400 InvalidInput"},
    {"{\"class\": \"header\", \"tags\": []}", "400 InvalidInput"},
    {"{\"tags\": [\"MD\", \"NM\"], \"notags\": [\"OQ\"]}", "all"},
    {"{\"tags\": [\"MD\", \"NM\"], \"notags\": [\"NM\"]}", "400 InvalidInput"},
    {"{\"fields\": [1]}", "400 InvalidInput"},
    {"{\"fields\": {}}", "400 InvalidInput"},
    {"{\"tags\": \"NM\"}", "400 InvalidInput"},
    {"{\"notags\": 7}", "400 InvalidInput"},
    {"{\"regions\": [{\"referenceName\": \"c2\"}, {\"referenceName\": \"c1\", "
     "\"start\": 9, \"end\": 20}, {\"referenceName\": \"c1\", \"start\": 15, \"end\": "
     "30}]}",
     "c1:10-30 c2"},
    {"{\"regions\": [{\"referenceName\": \"*\"}, {\"referenceName\": \"c1\"}]}", "c1 *"},
    {"{\"regions\": [{\"start\": 1}]}", "400 InvalidInput"},
    {"{\"regions\": [{\"referenceName\": \"*\", \"start\": 1}]}", "400 InvalidInput"},
    {"{\"regions\": [7]}", "400 InvalidInput"},
    {"{\"regions\": [{\"referenceName\": \"c1\", \"start\": -1}]}", "400 InvalidInput"},
    {"{\"regions\": [{\"referenceName\": \"c1\", \"start\": \"1\"}]}",
     "400 InvalidInput"},
    {"{\"regions\": [{\"referenceName\": \"c1\", \"start\": 1.5}]}", "400 InvalidInput"},
    {"{\"regions\": [{\"referenceName\": \"c1\", \"start\": 5, \"end\": 5}]}",
     "400 InvalidRange"},
    {"{\"regions\": [{\"referenceName\": \"c3\"}]}", "404 NotFound"},
    {"{\"format\": \"VCF\"}", "400 UnsupportedFormat"},
    {"", "400 InvalidInput"},
    {"{\"regions\": [", "400 InvalidInput"},
};
enum { N_POSTS = sizeof POSTS / sizeof *POSTS };

START_TEST(test_post)
{
    const char *body = POSTS[_i].body;
    expect(reads_question_post(&question, body, strlen(body), &contigs, &refusal),
           POSTS[_i].want);
}
END_TEST

Suite *reads_question_suite(void)
{
    Suite *suite = suite_create("reads_question");
    TCase *tcase = tcase_create("reads_question");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, test_get, 0, N_GETS);
    tcase_add_loop_test(tcase, test_post, 0, N_POSTS);
    suite_add_tcase(suite, tcase);
    return suite;
}
