#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run/report.h"
#include "varlock/varlock.h"

Suite *report_suite(void);

#define GOLDEN "testdata/golden/"
#define OWNER "testdata/keys/owner.pem"
#define OWNERS                                                                           \
    {                                                                                    \
        (const char *[]){OWNER}, 1                                                       \
    }

static char folder[] = "/tmp/varlock-report-XXXXXX";
static char in[32][64]; /* files made for the tests, by need */
static size_t n_in;
static char out[128]; /* the folder of outputs */

static const char *in_folder(const char *name)
{
    char *path = in[n_in++];
    ck_assert_uint_lt(n_in, 32);
    snprintf(path, sizeof in[0], "%s/%s", folder, name);
    return path;
}

static const char *output(const char *name)
{
    static char paths[2][160];
    static size_t n;
    char *path = paths[n++ % 2];
    snprintf(path, sizeof paths[0], "%s/%s", out, name);
    return path;
}

static void make_folder(void)
{
    strcpy(folder + strlen(folder) - 6, "XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(out, sizeof out, "%s/out", folder);
    ck_assert_int_eq(mkdir(out, 0700), 0);
    n_in = 0;
}

static void remove_folder(void)
{
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    ck_assert_int_eq(system(command), 0);
}

static bool out_is_empty(void)
{
    size_t n = 0;
    DIR *directory = opendir(out);
    ck_assert_ptr_nonnull(directory);
    while (readdir(directory))
        n++;
    closedir(directory);
    return n == 2;
}

/* ---- the operations, with outputs in `out` ---- */

static const char *const recipient[] = {"testdata/keys/owner.pub.pem"};
static const struct vl_list recipients = {recipient, 1};

static int encrypt(struct vl_hooks hooks, int n_threads, struct vl_error *err)
{
    const struct vl_encrypt_options o = {
        .size = sizeof o,
        .input = GOLDEN "person.sam",
        .vac = GOLDEN "pop.vac",
        .mask = "permute",
        .recipients = recipients,
        .bdiff = output("o.bdiff"),
        .output = {.path = output("o.bam"), .write_index = true},
        .n_threads = n_threads,
        .hooks = hooks};
    return vl_encrypt(&o, NULL, err);
}

static int decrypt(struct vl_hooks hooks, int n_threads, struct vl_error *err)
{
    const struct vl_decrypt_options o = {
        .size = sizeof o,
        .masked = GOLDEN "masked.bam",
        .bdiff = GOLDEN "owner.bdiff",
        .keys = OWNERS,
        .output = {.path = output("o.bam"), .write_index = true},
        .n_threads = n_threads,
        .hooks = hooks};
    return vl_decrypt(&o, NULL, err);
}

static int reencrypt_by(struct vl_list regions, struct vl_hooks hooks, int n_threads,
                        struct vl_error *err)
{
    const struct vl_reencrypt_options o = {.size = sizeof o,
                                           .masked = GOLDEN "masked.bam",
                                           .bdiff = GOLDEN "owner.bdiff",
                                           .key = OWNER,
                                           .recipients = recipients,
                                           .request = {.regions = regions},
                                           .all = regions.n == 0,
                                           .output = output("o.bdiff"),
                                           .n_threads = n_threads,
                                           .hooks = hooks};
    return vl_reencrypt(&o, NULL, err);
}

/* Windows are passed on whole. */
static int reencrypt_all(struct vl_hooks hooks, int n_threads, struct vl_error *err)
{
    return reencrypt_by((struct vl_list){0}, hooks, n_threads, err);
}

/* Windows are cut. */
static int reencrypt_some(struct vl_hooks hooks, int n_threads, struct vl_error *err)
{
    const char *const region[] = {"z:601-1600"};
    return reencrypt_by((struct vl_list){region, 1}, hooks, n_threads, err);
}

/* Shards of the golden original; `in` has their paths in order. */
static struct vl_list make_shards(void)
{
    static const char *paths[4];
    const char *const contigs[2][3] = {{"z"}, {"chr:odd*1", "y", "*"}};
    const char *original = in_folder("o.bam"), *mask_key = in_folder("mask.key");
    const struct vl_decrypt_options restore = {
        .size = sizeof restore,
        .masked = GOLDEN "masked.bam",
        .bdiff = GOLDEN "owner.bdiff",
        .keys = OWNERS,
        .output = {.path = original, .write_index = true}};
    ck_assert_int_eq(vl_decrypt(&restore, NULL, NULL), 0);
    FILE *f = fopen(mask_key, "w");
    ck_assert_ptr_nonnull(f);
    fprintf(f, "%032d", 7);
    ck_assert_int_eq(fclose(f), 0);
    for (int i = 0; i < 2; i++) {
        char name[2][32];
        struct vl_error err = {0};
        snprintf(name[0], sizeof name[0], "s%d.bam", i);
        snprintf(name[1], sizeof name[1], "s%d.bdiff", i);
        paths[2 * i] = in_folder(name[0]);
        paths[2 * i + 1] = in_folder(name[1]);
        const struct vl_encrypt_options o = {.size = sizeof o,
                                             .input = original,
                                             .vac = GOLDEN "pop.vac",
                                             .mask = "permute",
                                             .recipients = recipients,
                                             .mask_key = mask_key,
                                             .regions = {contigs[i], i == 0 ? 1 : 3},
                                             .bdiff = paths[2 * i + 1],
                                             .output = {.path = paths[2 * i]}};
        ck_assert_msg(vl_encrypt(&o, NULL, &err) == 0, "%s", err.message);
    }
    return (struct vl_list){paths, 4};
}

static int merge(struct vl_hooks hooks, int n_threads, struct vl_error *err)
{
    static struct vl_list shards;
    if (n_in == 0)
        shards = make_shards();
    const struct vl_merge_options o = {.size = sizeof o,
                                       .shards = shards,
                                       .key = OWNER,
                                       .recipients = recipients,
                                       .bdiff = output("o.bdiff"),
                                       .output = output("o.bam"),
                                       .n_threads = n_threads,
                                       .hooks = hooks};
    return vl_merge(&o, NULL, err);
}

static void make_vcf(const char *path, const char *contig, int n_lines)
{
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    fprintf(f,
            "##fileformat=VCFv4.2\n##contig=<ID=%s,length=50000>\n"
            "##INFO=<ID=AC,Number=A,Type=Integer,Description=\"\">\n"
            "##INFO=<ID=AN,Number=1,Type=Integer,Description=\"\">\n"
            "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n",
            contig);
    for (int i = 1; i <= n_lines; i++)
        fprintf(f, "%s\t%d\t.\tA\tC\t.\t.\tAC=1;AN=10\n", contig, i);
    ck_assert_int_eq(fclose(f), 0);
}

static int convert(const struct vl_list *inputs, struct vl_hooks hooks, int n_threads,
                   struct vl_error *err)
{
    const struct vl_vcf2vac_options o = {.size = sizeof o,
                                         .inputs = *inputs,
                                         .output = output("o.vac"),
                                         .n_threads = n_threads,
                                         .hooks = hooks};
    return vl_vcf2vac(&o, NULL, err);
}

enum { VCF_LINES = 40000 };

static int vcf2vac(struct vl_hooks hooks, int n_threads, struct vl_error *err)
{
    if (n_in == 0)
        make_vcf(in_folder("in.vcf"), "1", VCF_LINES);
    const char *const inputs[] = {in[0]};
    return convert(&(struct vl_list){inputs, 1}, hooks, n_threads, err);
}

/* The calling thread takes the first file, so that another one reads the lines. */
static int vcf2vac_two(struct vl_hooks hooks, int n_threads, struct vl_error *err)
{
    if (n_in == 0) {
        make_vcf(in_folder("short.vcf"), "1", 1);
        make_vcf(in_folder("long.vcf"), "2", VCF_LINES);
    }
    const char *const inputs[] = {in[0], in[1]};
    return convert(&(struct vl_list){inputs, 2}, hooks, n_threads, err);
}

/* A slice of the first bases of many reads; without an index all of them are read. */
static void make_slice(void)
{
    enum { RECORDS = 70000, LAST_POS = 2990 }; /* a window holds 32,768 */
    const char *original = in_folder("o.sam"), *masked = in_folder("m.bam");
    const char *bdiff = in_folder("m.bdiff"), *slice = in_folder("slice.bdiff");
    const char *const region[] = {"z:1-5"};
    struct vl_error err = {0};
    FILE *f = fopen(original, "w");
    ck_assert_ptr_nonnull(f);
    fputs("@HD\tVN:1.6\tSO:coordinate\n@SQ\tSN:z\tLN:3000\n", f);
    for (int i = 0; i < RECORDS; i++)
        fprintf(f, "r%d\t0\tz\t%d\t60\t4M\t*\t0\t0\tACGT\tIIII\n", i,
                1 + (int)((int64_t)i * LAST_POS / RECORDS));
    ck_assert_int_eq(fclose(f), 0);
    const struct vl_encrypt_options mask = {
        .size = sizeof mask,
        .input = original,
        .vac = GOLDEN "pop.vac",
        .mask = "permute",
        .recipients = recipients,
        .bdiff = bdiff,
        .output = {.path = masked, .write_index = true}};
    ck_assert_msg(vl_encrypt(&mask, NULL, &err) == 0, "%s", err.message);
    const struct vl_reencrypt_options cut = {.size = sizeof cut,
                                             .masked = masked,
                                             .bdiff = bdiff,
                                             .key = OWNER,
                                             .recipients = recipients,
                                             .request = {.regions = {region, 1}},
                                             .output = slice};
    ck_assert_msg(vl_reencrypt(&cut, NULL, &err) == 0, "%s", err.message);
    ck_assert_int_eq(unlink(in_folder("m.bam.csi")), 0);
}

static int decrypt_slice(struct vl_hooks hooks, int n_threads, struct vl_error *err)
{
    if (n_in == 0)
        make_slice();
    const struct vl_decrypt_options o = {.size = sizeof o,
                                         .masked = in[1],
                                         .bdiff = in[3],
                                         .keys = OWNERS,
                                         .whole = true,
                                         .output = {.path = output("o.bam")},
                                         .n_threads = n_threads,
                                         .hooks = hooks};
    return vl_decrypt(&o, NULL, err);
}

static int take_text(void *arg, const char *text, size_t size_bytes)
{
    return fwrite(text, 1, size_bytes, arg) == size_bytes ? 0 : errno;
}

static int view(struct vl_hooks hooks, int n_threads, struct vl_error *err)
{
    const struct vl_view_options o = {
        .size = sizeof o, .input = GOLDEN "owner.bdiff", .keys = OWNERS, .hooks = hooks};
    (void)n_threads;
    FILE *nowhere = fopen("/dev/null", "w");
    ck_assert_ptr_nonnull(nowhere);
    int rc = vl_view(&o, take_text, nowhere, err);
    ck_assert_int_eq(fclose(nowhere), 0);
    return rc;
}

struct operation {
    int (*run)(struct vl_hooks hooks, int n_threads, struct vl_error *err);
    int n_calls; /* of the progress hook, at least */
};

/* decrypt_slice: a window, and twice 16,384 of the records behind it.  merge: while two
 * shards are copied, and of their windows.  vcf2vac: twice 16,384 lines, of
 * which another thread may tell once. */
static const struct operation OPERATIONS[] = {
    {encrypt, 1},       {decrypt, 1},        {decrypt_slice, 3},
    {reencrypt_all, 1}, {reencrypt_some, 1}, {merge, 4},
    {vcf2vac, 2},       {vcf2vac_two, 1},    {view, 1},
};

enum { N_OPERATIONS = sizeof OPERATIONS / sizeof OPERATIONS[0] };

/* ---- tests ---- */

struct countdown {
    int left;         /* calls until it cancels */
    pthread_t caller; /* of the operation */
};

static int count_down(void *arg, uint64_t n, double share)
{
    struct countdown *countdown = arg;
    (void)n;
    ck_assert(share <= 1);
    ck_assert(pthread_equal(pthread_self(), countdown->caller));
    return --countdown->left == 0;
}

/* Cancelled at the first progress, the second, ... until there is none: then it is done.
 */
START_TEST(test_cancelled_operations_leave_nothing)
{
    const struct operation *operation = &OPERATIONS[_i / 2];
    int n_cancelled = 0, n_threads = _i % 2 * 2, rc;
    do {
        struct countdown countdown = {.left = n_cancelled + 1, .caller = pthread_self()};
        const struct vl_hooks hooks = {.progress = count_down,
                                       .progress_arg = &countdown};
        struct vl_error err = {0};
        rc = operation->run(hooks, n_threads, &err);
        if (rc == 0)
            break;
        ck_assert_msg(rc == VL_ERR_CANCELLED, "%d: %s", rc, err.message);
        ck_assert_int_eq(err.code, VL_ERR_CANCELLED);
        ck_assert_str_eq(err.message, "cancelled by the caller");
        ck_assert(out_is_empty());
    } while (++n_cancelled < 100);
    ck_assert_int_eq(rc, 0);
    ck_assert_int_ge(n_cancelled, operation->n_calls);
    ck_assert(operation->run == view || !out_is_empty());
}
END_TEST

Suite *report_suite(void)
{
    Suite *suite = suite_create("report");
    TCase *tcase = tcase_create("report");
    tcase_add_checked_fixture(tcase, make_folder, remove_folder);
    tcase_add_loop_test(tcase, test_cancelled_operations_leave_nothing, 0,
                        2 * N_OPERATIONS);
    suite_add_tcase(suite, tcase);
    return suite;
}
