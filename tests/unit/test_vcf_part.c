#include <check.h>
#include <string.h>

#include "varlock/varlock.h"
#include "vcf2vac_fixture.h"

Suite *vcf_part_suite(void);

/* A line that is odd costs that line at most: what stands between two sound ones, and
 * what is counted of it; `site`, where it makes one. */
static const struct {
    const char *line, *site;
    struct vl_vcf2vac_counts counts;
} ODD_LINES[] = {
    {"\n", "", {.n_blank = 1}},
    {"\r\n", "", {.n_blank = 1}},
    {" \t \n\n", "", {.n_blank = 2}},
    {LINE("c1\t9", "A\tC", "AC=11;AN=10"),
     "c1\t9\tA\t0\t11\t0\t0\n",
     {.n_over_total = 1}},
    {LINE("c1\t9", "A\tC", "AC=6;AN=10") LINE("c1\t9", "A\tG", "AC=5;AN=9"),
     "c1\t9\tA\t0\t6\t5\t0\n",
     {.n_over_total = 1, .n_joined = 1}},
    {LINE("c1\t9", "A\tC,G", "AC=1;AN=10"), "", {.n_misfit = 1}},
    {LINE("c1\t9", "A\tC", "AC=1,2;AN=10"), "", {.n_misfit = 1}},
    {LINE("c1\t9", "A\tC", "AC=-1;AN=10"), "", {.n_misfit = 1}},
    {LINE("c1\t9", "A\tC", "AC=1;AN=-10"), "", {.n_misfit = 1}},
    {LINE("c1\t9", "A\tC", "AC=1;AN=10,11"), "", {.n_misfit = 1}},
    {SPACED, "", {.n_malformed = 1}},
    {"c1\t9\t.\tA\tC\t.\t. AC=1;AN=10\n", "", {.n_malformed = 1}},
    {"c1\t9\t.\tA\tC\n", "", {.n_malformed = 1}},
    {"c1\n", "", {.n_malformed = 1}},
    {LINE("\t9", "A\tC", "AC=1;AN=10"), "", {.n_malformed = 1}},
    {LINE("c 1\t9", "A\tC", "AC=1;AN=10"), "", {.n_malformed = 1}},
    {"##fileformat=VCFv4.3\n" COLUMNS, "", {.n_malformed = 2}},
    {LINE("c1\tx", "A\tC", "AC=1;AN=10"), "", {.n_malformed = 1}},
    {LINE("c1\t", "A\tC", "AC=1;AN=10"), "", {.n_malformed = 1}},
    {LINE("c1\t0", "A\tC", "AC=1;AN=10"), "", {.n_malformed = 1}},
    {LINE("c1\t0", "A\t<DEL>", "AC=1;AN=10"), "", {.n_not_snv = 1}},
    {LINE("c1\t99999999999999999999", "A\tC", "AC=1;AN=10"), "", {.n_malformed = 1}},
    {LINE("c1\t9", "\tC", "AC=1;AN=10"), "", {.n_not_snv = 1}},
    {LINE("c1\t9", "A\t", "AC=1;AN=10"), "", {.n_not_snv = 1}},
    {LINE("c1\t9", "A\tC", ""), "", {.n_no_counts = 1}},
    {LINE("c1\t9", "A\tC", "AC=1; AN=10"), "", {.n_malformed = 1}},
};
enum { N_ODD_LINES = sizeof ODD_LINES / sizeof *ODD_LINES };

START_TEST(test_odd_line)
{
    const struct vl_vcf2vac_counts *want = &ODD_LINES[_i].counts;
    struct vl_vcf2vac_counts n;
    char text[1024], sites[256];
    snprintf(text, sizeof text, "%s%s%s", PLAIN(LINE("c1\t5", "A\tC", "AC=1;AN=10")),
             ODD_LINES[_i].line, LINE("c1\t50", "A\tC", "AC=1;AN=10"));
    snprintf(sites, sizeof sites, HEAD "c1\t5\tA\t9\t1\t0\t0\n%sc1\t50\tA\t9\t1\t0\t0\n",
             ODD_LINES[_i].site);
    assert_converts(of(write_text("odd.vcf", text)), &n, sites);
    ck_assert_uint_eq(n.n_sites, 2 + (*ODD_LINES[_i].site != '\0'));
    ck_assert_uint_eq(n.n_lines, n.n_sites + want->n_misfit + want->n_malformed +
                                     want->n_no_counts + want->n_not_snv +
                                     want->n_joined);
    ck_assert_uint_eq(n.n_blank, want->n_blank);
    ck_assert_uint_eq(n.n_misfit, want->n_misfit);
    ck_assert_uint_eq(n.n_malformed, want->n_malformed);
    ck_assert_uint_eq(n.n_no_counts, want->n_no_counts);
    ck_assert_uint_eq(n.n_not_snv, want->n_not_snv);
    ck_assert_uint_eq(n.n_joined, want->n_joined);
    ck_assert_uint_eq(n.n_over_total, want->n_over_total);
}
END_TEST

static void keep_warning(void *arg, const char *line)
{
    snprintf(arg, 512, "%s", line);
}

static const struct {
    const char *vcf, *parts;
} WARNED[] = {
    {PLAIN(RECORD SPACED), "1 malformed line skipped|line 8, record 2: |spaces for tabs"},
    {PLAIN(RECORD "c1\t10\t.\tA\tC\t.\t.\tAC=1;AN=1"),
     "in.vcf: its last line has no newline"},
    {PLAIN(RECORD LINE("c2\t9", "A\tC", "AC=1;AN=10")), "no length|(c2)|--contigs"},
    {VCF("##contig=<ID=c1,length=0>\n", TAGS, RECORD), "no length|(c1)|--contigs"},
    {PLAIN(RECORD LINE("c1\t10", "A\tC", "AC=1,2;AN=10")),
     "1 line skipped whose counts do not fit|record 2 (c1:10): AC has 2 values"},
};

START_TEST(test_warnings)
{
    char warning[512] = "", list[256], *rest = NULL;
    struct vl_vcf2vac_options o = of(write_text("in.vcf", WARNED[_i].vcf));
    o.output = in_folder("out.vac");
    o.hooks = (struct vl_hooks){.warning = keep_warning, .warning_arg = warning};
    ck_assert_int_eq(vl_vcf2vac(&o, NULL, NULL), 0);
    snprintf(list, sizeof list, "%s", WARNED[_i].parts);
    for (char *part = strtok_r(list, "|", &rest); part; part = strtok_r(NULL, "|", &rest))
        ck_assert_msg(strstr(warning, part), "no `%s` in: %s", part, warning);
}
END_TEST

Suite *vcf_part_suite(void)
{
    Suite *suite = suite_create("vcf_part");
    TCase *tc = tcase_create("vcf_part");
    tcase_add_checked_fixture(tc, make_folder, remove_folder);
    tcase_add_loop_test(tc, test_odd_line, 0, N_ODD_LINES);
    tcase_add_loop_test(tc, test_warnings, 0, sizeof WARNED / sizeof *WARNED);
    suite_add_tcase(suite, tc);
    return suite;
}
