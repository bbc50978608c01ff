#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "container/vac_file.h"
#include "varlock/digest.h"
#include "varlock/file.h"
#include "varlock/varlock.h"
#include "vcf2vac_fixture.h"

Suite *vcf2vac_suite(void);

static bool has_bcftools(void)
{
    bool found = system("command -v bcftools >/dev/null") == 0;
    if (!found)
        printf("vcf2vac: skipped what needs bcftools, which is not installed\n");
    return found;
}

static bool shared_file(char *path, size_t cap, const char *name)
{
    const char *shared = getenv("VARLOCK_SHARED");
    snprintf(path, cap, "%s/data/%s", shared ? shared : "../shared", name);
    bool found = access(path, R_OK) == 0;
    if (!found)
        printf("vcf2vac: skipped, %s is missing\n", path);
    return found;
}

/* Refused with that code and a message that has all of the parts (separated by '|'), and
 * nothing is left in the folder. */
static void assert_refused(struct vl_vcf2vac_options options, int code, const char *parts)
{
    struct vl_error err = {0};
    char list[256], *rest = NULL;
    int rc = convert(options, NULL, &err);
    ck_assert_msg(rc == code, "%d, not %d: %s", rc, code, err.message);
    snprintf(list, sizeof list, "%s", parts);
    for (char *part = strtok_r(list, "|", &rest); part; part = strtok_r(NULL, "|", &rest))
        ck_assert_msg(strstr(err.message, part), "no `%s` in: %s", part, err.message);
    char command[128];
    snprintf(command, sizeof command, "ls %s | grep -q out.vac", folder);
    ck_assert_msg(system(command) != 0, "an output was left");
}

/* Worked out by hand from testdata/vcf/joined.vcf. */
static const char JOINED[] = HEAD "1\t10\tA\t7\t0\t3\t0\n"
                                  "1\t20\tC\t2\t7\t0\t1\n"
                                  "1\t30\tG\t1\t0\t5\t2\n"
                                  "1\t50\tT\t0\t1\t0\t4\n"
                                  "1\t90\tA\t1\t2\t0\t0\n"
                                  "1\t100\tA\t1\t1\t0\t3\n"
                                  "1\t130\tA\t0\t10\t0\t0\n"
                                  "2\t5\tG\t0\t0\t10\t0\n"
                                  "2\t5000\tG\t2147483647\t0\t0\t0\n";

START_TEST(test_rules_of_a_line)
{
    struct vl_vcf2vac_counts n;
    assert_converts(of("testdata/vcf/joined.vcf"), &n, JOINED);
    ck_assert_uint_eq(n.n_lines, 18);
    ck_assert_uint_eq(n.n_sites, 9);
    ck_assert_uint_eq(n.n_joined, 1);
    ck_assert_uint_eq(n.n_not_snv, 5);
    ck_assert_uint_eq(n.n_no_counts, 2);
    ck_assert_uint_eq(n.n_duplicate, 1);
    struct stat st;
    mode_t mask = umask(0);
    umask(mask);
    ck_assert_int_eq(stat(in_folder("out.vac"), &st), 0);
    ck_assert_uint_eq(st.st_mode & 0777, 0644 & ~mask);
}
END_TEST

/* The worked example of formats/vac.md: its VCF is the file, its list what comes out. */
START_TEST(test_example_of_the_document)
{
    struct vl_buf document = VL_BUF_INIT, vcf = VL_BUF_INIT;
    ck_assert_int_eq(vl_file_slurp("formats/vac.md", 1 << 20, &document, NULL), 0);
    ck_assert_int_eq(vl_file_slurp("testdata/vcf/example.vcf", 1 << 20, &vcf, NULL), 0);
    vl_buf_add_byte(&document, '\0');
    vl_buf_add(&vcf, "```", 4);
    ck_assert_ptr_nonnull(strstr((char *)document.data, (char *)vcf.data));
    char *sites = strstr((char *)document.data, "```sites\n") + strlen("```sites\n");
    *strstr(sites, "```") = '\0';
    assert_converts(of("testdata/vcf/example.vcf"), NULL, sites);
    vl_buf_clear(&document);
    vl_buf_clear(&vcf);
}
END_TEST

START_TEST(test_tags_by_name)
{
    struct vl_vcf2vac_options o = of("testdata/vcf/joined.vcf");
    struct vl_vcf2vac_counts n;
    o.ac_tag = "AC_nfe";
    o.an_tag = "AN_nfe";
    /* Genotypes are of everybody and do not stand in for a subset's counts. */
    assert_converts(o, &n, HEAD "1\t10\tA\t3\t0\t1\t0\n1\t20\tC\t0\t4\t0\t0\n");
    ck_assert_uint_eq(n.n_no_counts, 11);
    unlink(in_folder("out.vac"));
    o.an_tag = "AN_afr";
    assert_refused(o, VL_ERR_DATA, "joined.vcf|no INFO tag AN_afr");
}
END_TEST

/* VCF, VCF.gz, BCF and uncompressed BCF, by name and on stdin, with threads: the same
 * sites, and the digest is that of the file. */
START_TEST(test_input_formats)
{
    static const char *const FORMATS[] = {"v", "z", "b", "u"};
    char command[256];
    if (!has_bcftools())
        return;
    for (int i = 0; i < 16; i++) {
        const char *input = in_folder("in");
        struct vl_vcf2vac_options o = of(input);
        o.n_threads = i & 1 ? 3 : 0;
        struct vl_error err = {0};
        struct vl_vac_reader *vac = NULL;
        struct vl_buf bytes = VL_BUF_INIT;
        uint8_t sha256[32];
        snprintf(command, sizeof command,
                 "bcftools view --no-version -O%s -o %s testdata/vcf/joined.vcf",
                 FORMATS[i / 4], input);
        ck_assert_int_eq(system(command), 0);
        ck_assert_int_eq(vl_file_slurp(input, 1 << 20, &bytes, NULL), 0);
        if (i & 2) {
            ck_assert_ptr_nonnull(freopen(input, "r", stdin));
            o.inputs = of("-").inputs;
        }
        assert_converts(o, NULL, JOINED);
        ck_assert_int_eq(vl_sha256(bytes.data, bytes.len, sha256), 0);
        ck_assert_msg(vl_vac_open(&vac, in_folder("out.vac"), &err) == 0, "%s",
                      err.message);
        ck_assert_mem_eq(vl_vac_meta(vac)->source_sha256, sha256, 32);
        vl_vac_free(vac);
        vl_buf_clear(&bytes);
    }
}
END_TEST

static const struct {
    const char *vcf, *parts;
} REFUSED[] = {
    {PLAIN(LINE("c1\t9", "A\tC", "AC=1;AN=10") LINE("c1\t9", "G\tC", "AC=1;AN=10")),
     "record 2 (c1:9): |REF G, but A"},
    {PLAIN(LINE("c1\t9", "A\tC", "AC=1;AN=10") LINE("c1\t8", "GA\tC", "AC=1;AN=10")),
     "record 2 (c1:8): |not sorted|9"},
    {PLAIN(LINE("c1\t9", "A\tC", "AC=1;AN=10") LINE("c2\t9", "A\tC", "AC=1;AN=10")
               LINE("c1\t10", "A\tC", "AC=1;AN=10")),
     "record 3 (c1:10): |not sorted|c1"},
    {PLAIN(LINE("c1\t101", "A\tC", "AC=1;AN=10")),
     "record 1 (c1:101): |contig's end at 100"},
    {PLAIN(LINE("c1\t0", "A\tC", "AC=1;AN=10")),
     "bad.vcf: no sites from 1 lines: 1 malformed|line 7, record 1: |not above 0"},
    {VCF("", TAGS, LINE("c1\t1", "A\tC", "AC=1;AN=10")),
     "bad.vcf|no contig lines|--contigs"},
    {VCF(CONTIGS, "", LINE("c1\t1", "A\tC", ".")), "bad.vcf|AC and AN|GT"},
    {VCF(CONTIGS,
         "##INFO=<ID=AC,Number=A,Type=Float,Description=\"\">\n"
         "##INFO=<ID=AN,Number=1,Type=Integer,Description=\"\">\n",
         LINE("c1\t1", "A\tC", "AC=1;AN=10")),
     "bad.vcf|AC|not of type Integer"},
    {PLAIN(LINE("c1\t9", "A\tC,G", "AC=1;AN=10")),
     "no sites from 1 lines: 1 with counts that do not fit|line 7, record 1 (c1:9): AC "
     "has 1 values for 2"},
    {PLAIN(LINE("c1\t9", "A\tC", "AC=-1;AN=10")), "record 1 (c1:9): AC is negative"},
    {PLAIN(LINE("c1\t9", "A\tC", "AC=1;AN=10") "c1\t10\t.\tA"),
     "bad.vcf|truncated|last line"},
    {PLAIN(""), "bad.vcf: no sites from 0 lines"},
    {PLAIN("\n\n" LINE("c1\t9", "AT\tC", "AC=1;AN=10") LINE("c1\t9", "A\tC", "AC=1")),
     "bad.vcf: no sites from 2 lines: 1 not SNV, 1 without counts"},
    {PLAIN(RECORD "\n" LINE("c1\t101", "A\tC", "AC=1;AN=10")),
     "line 9, record 2 (c1:101)"},
    {PLAIN(LINE("chrc1\t9", "A\tC", "AC=1;AN=10")),
     "line 7, record 1 (chrc1:9): |chrc1 is not listed|c1 is|--rename-contigs|`chrc1 "
     "c1`"},
    {VCF("##contig=<ID=chr1,length=9>\n", TAGS, LINE("1\t9", "A\tC", "AC=1;AN=10")),
     "line 6, record 1 (1:9): |`1 chr1`"},
    {VCF("##contig=<ID=chrM,length=9>\n", TAGS, LINE("MT\t9", "A\tC", "AC=1;AN=10")),
     "line 6, record 1 (MT:9): |`MT chrM`"},
    {PLAIN(SPACED),
     "no sites from 1 lines: 1 malformed|line 7, record 1: |spaces for tabs"},
    {"##fileformat=VCFv4.3\n" CONTIGS TAGS "#CHROM POS ID REF ALT QUAL FILTER INFO\n",
     "bad.vcf: line 6: its #CHROM line has spaces for tabs"},
    {"##fileformat=VCFv4.3\n" CONTIGS TAGS RECORD,
     "bad.vcf: line 6: a record, but no #CHROM"},
    {"##fileformat=VCFv4.3\n##contig=<ID=c1>\n",
     "bad.vcf: |the file ends without a #CHROM line"},
    {"@HD\tVN:1.6\n", "bad.vcf: neither VCF nor BCF"},
    {">c1\nACGT\n", "bad.vcf: neither VCF nor BCF"},
    {"", "bad.vcf: neither VCF nor BCF"},
};

START_TEST(test_refused_input)
{
    struct vl_vcf2vac_options o = of(write_text("bad.vcf", REFUSED[_i].vcf));
    assert_refused(o, VL_ERR_DATA, REFUSED[_i].parts);
}
END_TEST

START_TEST(test_files_that_cannot_be_read)
{
    struct vl_vcf2vac_options o = of(in_folder("none.vcf"));
    assert_refused(o, VL_ERR_IO, "none.vcf: cannot open: No such file");
    o.inputs = of(folder).inputs;
    assert_refused(o, VL_ERR_IO, "Is a directory");
    o.output = write_text("in.vcf", PLAIN(""));
    o.inputs = of(o.output).inputs;
    assert_refused(o, VL_ERR_USAGE, "in.vcf");
    o.output = in_folder("no/out.vac");
    assert_refused(o, VL_ERR_IO, "no/out.vac");
}
END_TEST

/* An error must not wait for the rest of a pipe. */
START_TEST(test_error_while_stdin_stays_open)
{
    static const char BAD[] =
        PLAIN(LINE("c1\t101", "A\tC", "AC=1;AN=10") LINE("c1\t10", "A\tC", "AC=1;AN=10"));
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    /* More than the relay reads at once, so that htslib gets the lines above. */
    char *text = malloc(1 << 16);
    memset(text, '\n', 1 << 16);
    memcpy(text, BAD, sizeof BAD - 1);
    ck_assert_int_eq(write(ends[1], text, 1 << 16), 1 << 16);
    free(text);
    assert_refused(of("-"), VL_ERR_DATA, "standard input: line 7, record 1 (c1:101): ");
    close(ends[0]);
    close(ends[1]);
}
END_TEST

START_TEST(test_contigs_file)
{
    static const char SITES[] = HEAD "c1\t9\tA\t9\t1\t0\t0\n";
    struct vl_vcf2vac_options o = of(write_text("in.vcf", NO_CONTIGS));
    o.contigs = write_text("ref.fa.fai", "c2\t50\t4\t60\t61\nc1\t100\t60\t60\t61\n");
    assert_converts(o, NULL, SITES);
    struct vl_vac_reader *vac = NULL;
    ck_assert_int_eq(vl_vac_open(&vac, in_folder("out.vac"), NULL), 0);
    const struct vl_contigs *contigs = &vl_vac_meta(vac)->contigs;
    ck_assert_uint_eq(contigs->n, 2);
    ck_assert_str_eq(contigs->v[0].name, "c1");
    ck_assert_int_eq(contigs->v[0].length, 100);
    ck_assert_int_eq(contigs->v[1].length, 50);
    vl_vac_free(vac);
    unlink(in_folder("out.vac"));
    /* A contig the header does not list is taken with an unknown length, as bcftools
     * does. */
    o.contigs = NULL;
    o.inputs =
        of(write_text("in.vcf", PLAIN(LINE("c3\t9", "A\tC", "AC=1;AN=10")))).inputs;
    assert_converts(o, NULL, HEAD "c3\t9\tA\t9\t1\t0\t0\n");
    unlink(in_folder("out.vac"));
    o.contigs = in_folder("none");
    assert_refused(o, VL_ERR_IO, "none");
}
END_TEST

/* A list of contigs, or of new names for them, with a VCF of one record: refused. */
static const struct {
    const char *vcf, *contigs, *names, *parts;
} BAD_LISTS[] = {
    {PLAIN(LINE("u\t9", "A\tC", "AC=1;AN=10") LINE("v\t9", "A\tC", "AC=1;AN=10")), NULL,
     "u w\nv w\n", "record 2 (v:9): two contigs are called w after renaming"},
    {NO_CONTIGS, "c2\t100\n", NULL, "record 1 (c1:9): |c1 is not listed in|list"},
    {NO_CONTIGS, "c2\t100\nc1\n", NULL, "list: line 2: not `name<TAB>length`"},
    {NO_CONTIGS, "c1\t100\nc1\t100\n", NULL, "c1 is listed twice"},
    {ONE_RECORD, "c1\t101\n", NULL, "c1 has 100 bases, but 101 in|list"},
    {ONE_RECORD, "chr1\t99\n", "c1 chr1\n", "chr1 has 100 bases, but 99"},
    {ONE_RECORD, NULL, "c1 x\nc2 x\n", "contig x is listed twice"},
    {ONE_RECORD, NULL, "c1 c2\n", "contig c2 is listed twice"},
    {ONE_RECORD, NULL, "c1 x\nc1 y\n", "names|c1 is listed twice"},
    {ONE_RECORD, NULL, "c1\n", "names: line 1"},
};
enum { N_BAD_LISTS = sizeof BAD_LISTS / sizeof *BAD_LISTS };

START_TEST(test_bad_lists)
{
    struct vl_vcf2vac_options o = of(write_text("in.vcf", BAD_LISTS[_i].vcf));
    if (BAD_LISTS[_i].contigs)
        o.contigs = write_text("list", BAD_LISTS[_i].contigs);
    if (BAD_LISTS[_i].names)
        o.rename_contigs = write_text("names", BAD_LISTS[_i].names);
    assert_refused(o, VL_ERR_DATA, BAD_LISTS[_i].parts);
}
END_TEST

START_TEST(test_renamed_contigs)
{
    struct vl_vcf2vac_options o = of(write_text("in.vcf", ONE_RECORD));
    o.rename_contigs = write_text("names", "c1 chr1\r\nunused chrU\n\nc2\tchr2\n");
    assert_converts(o, NULL, HEAD "chr1\t9\tA\t9\t1\t0\t0\n");
    o.contigs = write_text("list", "chr1\t100\n");
    assert_converts(o, NULL, HEAD "chr1\t9\tA\t9\t1\t0\t0\n");
}
END_TEST

#ifdef __SANITIZE_ADDRESS__
enum { N_TRUNCATED_THREADS = 0 }; /* htslib 1.16 loses a result of its thread pool here */
#else
enum { N_TRUNCATED_THREADS = 2 };
#endif

/* Cut at any length, at a block's end too, a compressed input is refused. */
START_TEST(test_truncated_compressed_input)
{
    static const char *const COMMANDS[] = {
        "bcftools view --no-version -Oz testdata/vcf/joined.vcf >%s",
        "bcftools view --no-version -Ob testdata/vcf/joined.vcf >%s",
        "gzip -c testdata/vcf/joined.vcf >%s"};
    char command[256];
    if (!has_bcftools())
        return;
    const char *path = in_folder("in.gz");
    snprintf(command, sizeof command, COMMANDS[_i], path);
    ck_assert_int_eq(system(command), 0);
    struct stat st;
    ck_assert_int_eq(stat(path, &st), 0);
    struct vl_vcf2vac_options o = of(path);
    ck_assert_int_eq(convert(o, NULL, NULL), 0);
    unlink(in_folder("out.vac"));
    for (off_t n = st.st_size - 1; n > 0; n -= n > st.st_size - 40 ? 1 : 29) {
        ck_assert_int_eq(truncate(path, n), 0);
        o.n_threads = n & 1 ? N_TRUNCATED_THREADS : 0;
        assert_refused(o, VL_ERR_DATA, "in.gz");
    }
}
END_TEST

/* Genotypes counted here and by bcftools. */
START_TEST(test_genotypes_against_bcftools)
{
    char command[512];
    if (!has_bcftools())
        return;
    const char *gt = in_folder("gt.vcf"), *filled = in_folder("filled.vcf");
    snprintf(command, sizeof command,
             "bcftools annotate -x INFO -o %s testdata/vcf/joined.vcf 2>/dev/null && "
             "bcftools +fill-tags %s -o %s -- -t AC,AN 2>/dev/null",
             gt, gt, filled);
    if (system(command) != 0) {
        printf("vcf2vac: skipped, bcftools has no +fill-tags\n");
        return;
    }
    struct vl_error err = {0};
    ck_assert_msg(convert(of(filled), NULL, &err) == 0, "%s", err.message);
    char *want = view(in_folder("out.vac"));
    ck_assert_ptr_nonnull(strstr(want, "1\t100\tA\t1\t1\t0\t3\n"));
    assert_converts(of(gt), NULL, want);
    free(want);
}
END_TEST

/* ---- the shared panel against bcftools query, by code that shares nothing with ours
 * ---- */

struct tally {
    long pos;
    char ref;
    long an, used, alt[128];
};

static void print_tally(const struct tally *t, FILE *out)
{
    if (!t->ref)
        return;
    fprintf(out, "z\t%ld\t%c", t->pos, t->ref);
    for (const char *b = "ACGT"; *b; b++)
        fprintf(out, "\t%ld", *b == t->ref ? t->an - t->used : t->alt[(unsigned char)*b]);
    fputc('\n', out);
}

static void add_query_line(struct tally *t, char *line, FILE *out)
{
    char *rest = NULL, *alts = NULL, *acs = NULL;
    long pos = atol(strtok_r(line, "\t\n", &rest));
    char *ref = strtok_r(NULL, "\t\n", &rest), *alt = strtok_r(NULL, "\t\n", &rest);
    char *ac = strtok_r(NULL, "\t\n", &rest);
    long an = atol(strtok_r(NULL, "\t\n", &rest));
    long counts[128] = {0}, sum = 0;
    bool snv = false;
    char *allele = strtok_r(alt, ",", &alts), *count = strtok_r(ac, ",", &acs);
    for (; allele;
         allele = strtok_r(NULL, ",", &alts), count = strtok_r(NULL, ",", &acs)) {
        sum += atol(count);
        if (strlen(allele) == 1 && strchr("ACGT", *allele)) {
            counts[(unsigned char)*allele] = atol(count);
            snv = true;
        }
    }
    if (strlen(ref) != 1 || !snv)
        return;
    if (pos != t->pos) {
        print_tally(t, out);
        *t = (struct tally){.pos = pos, .ref = *ref};
    }
    t->an = an > t->an ? an : t->an;
    t->used += sum;
    for (const char *b = "ACGT"; *b; b++)
        t->alt[(unsigned char)*b] += counts[(unsigned char)*b];
}

static char *tally_query(const char *command)
{
    struct tally t = {0};
    char *text = NULL, *line = NULL;
    size_t n = 0, cap = 0;
    FILE *query = popen(command, "r"), *out = open_memstream(&text, &n);
    fputs(HEAD, out);
    while (getline(&line, &cap, query) > 0)
        add_query_line(&t, line, out);
    print_tally(&t, out);
    free(line);
    ck_assert_int_eq(pclose(query), 0);
    fclose(out);
    return text;
}

START_TEST(test_panel_against_bcftools)
{
    /* As it is; multi-allelic lines split into several; lines joined into multi-allelic
     * ones. */
    static const char *const FORMS[] = {"view", "norm -m-", "norm -m+"};
    char panel[512], command[1024];
    if (!has_bcftools() ||
        !shared_file(panel, sizeof panel, "chr20-1mb/population.vcf.gz"))
        return;
    const char *input = in_folder("panel.vcf.gz");
    snprintf(command, sizeof command, "bcftools %s --no-version -Oz -o %s %s 2>/dev/null",
             FORMS[_i], input, panel);
    ck_assert_int_eq(system(command), 0);
    snprintf(command, sizeof command,
             "bcftools query -f '%%POS\\t%%REF\\t%%ALT\\t%%AC\\t%%AN\\n' %s", input);
    char *want = tally_query(command);
    struct vl_vcf2vac_counts counts;
    assert_converts(of(input), &counts, want);
    ck_assert_uint_gt(counts.n_sites, 28000);
    if (_i == 1)
        ck_assert_uint_gt(counts.n_joined, 50);
    struct stat st;
    ck_assert_int_eq(stat(in_folder("out.vac"), &st), 0);
    ck_assert_uint_lt((uint64_t)st.st_size, 3 * counts.n_sites);
    free(want);
}
END_TEST

Suite *vcf2vac_suite(void)
{
    Suite *suite = suite_create("vcf2vac");
    TCase *tc = tcase_create("vcf2vac");
    tcase_add_checked_fixture(tc, make_folder, remove_folder);
    tcase_add_test(tc, test_rules_of_a_line);
    tcase_add_test(tc, test_example_of_the_document);
    tcase_add_test(tc, test_tags_by_name);
    tcase_add_test(tc, test_input_formats);
    tcase_add_loop_test(tc, test_refused_input, 0, sizeof REFUSED / sizeof REFUSED[0]);
    tcase_add_test(tc, test_files_that_cannot_be_read);
    tcase_add_test(tc, test_error_while_stdin_stays_open);
    tcase_add_test(tc, test_contigs_file);
    tcase_add_loop_test(tc, test_bad_lists, 0, N_BAD_LISTS);
    tcase_add_test(tc, test_renamed_contigs);
    tcase_add_loop_test(tc, test_truncated_compressed_input, 0, 3);
    tcase_add_test(tc, test_genotypes_against_bcftools);
    tcase_add_loop_test(tc, test_panel_against_bcftools, 0, 3);
    suite_add_tcase(suite, tc);
    return suite;
}
