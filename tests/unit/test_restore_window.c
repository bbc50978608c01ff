/* A BDIFF sealed to the victim's key by somebody else: everything inside is authentic,
 * nothing can be trusted. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "container/bdiff_file.h"
#include "residual_fixture.h"
#include "varlock/varlock.h"

static char directory[] = "/tmp/varlock-test-XXXXXX";

static const char *in_directory(const char *name)
{
    static char path[4][256];
    static int next;
    next = (next + 1) % 4;
    snprintf(path[next], sizeof path[next], "%s/%s", directory, name);
    return path[next];
}

static const char *key_path(const char *name)
{
    static char path[2][512];
    static int next;
    const char *testdata = getenv("VARLOCK_TESTDATA");
    next = (next + 1) % 2;
    snprintf(path[next], sizeof path[next], "%s/keys/%s",
             testdata ? testdata : "testdata", name);
    return path[next];
}

static void setup(void)
{
    strcpy(directory + strlen(directory) - 6, "XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(directory));
    FILE *sam = fopen(in_directory("masked.sam"), "w");
    ck_assert_ptr_nonnull(sam);
    /* The id of the owner's file is 0 in the header below. */
    fprintf(sam,
            "@HD\tVN:1.6\tSO:coordinate\n@SQ\tSN:c1\tLN:1000\n"
            "@CO\tvarlock:1 mask=permute bdiff=%032d\n",
            0);
    ck_assert_int_eq(fclose(sam), 0);
}

static void teardown(void)
{
    unlink(in_directory("masked.sam"));
    unlink(in_directory("evil.bdiff"));
    unlink(in_directory("out.sam"));
    ck_assert_int_eq(rmdir(directory), 0);
}

/* One window with one whole record and no masked ones. */
static void write_bdiff(int32_t tid, int64_t pos, int32_t mtid, int64_t mpos)
{
    struct vl_error err;
    struct vl_bdiff_writer *writer;
    struct vl_key *keys[1];
    struct vl_bdiff_header header = {.mask_model = VL_MASK_PERMUTE, .grants_all = true};
    ck_assert_int_eq(vl_sha256("", 0, header.read_groups_sha256), 0); /* no @RG line */
    struct vl_bdiff_window window = {0};
    struct vl_bdiff_entry entry = {0};
    struct vl_buf plain = VL_BUF_INIT, sealed = VL_BUF_INIT;
    bam1_t *b = bam_init1();
    ck_assert_int_ge(bam_set1(b, 1, "r", BAM_FSECONDARY, 0, 0, 60, 0, NULL, -1, -1, 0, 0,
                              NULL, NULL, 0),
                     0);
    b->core.tid = tid;
    b->core.pos = pos;
    b->core.mtid = mtid;
    b->core.mpos = mpos;
    put_check(&window, b);
    put_whole(&window, &b->core);
    /* The masked digest of no record over the one contig: asked of the library once. */
    struct vl_digest *digest = vl_digest_new();
    uint8_t contigs_sha256[VL_SHA256_BYTES];
    ck_assert_int_eq(vl_sha256("\1\2c1\350\7", 6, contigs_sha256), 0);
    vl_digest_add(digest, contigs_sha256, sizeof contigs_sha256);
    vl_digest_add(digest, "\0\0\0\0", 4);
    ck_assert_int_eq(vl_digest_finish(digest, entry.masked_sha256), 0);
    ck_assert_int_eq(vl_contigs_add(&header.contigs, "c1", 1000, NULL), 0);
    ck_assert_int_eq(vl_key_read_public(&keys[0], key_path("alice.pub.pem"), &err), 0);
    ck_assert_int_eq(vl_bdiff_writer_new(&writer, &err), 0);
    ck_assert_int_eq(vl_bdiff_writer_open(writer, in_directory("evil.bdiff"), false, keys,
                                          1, &header, &err),
                     0);
    ck_assert_int_eq(vl_bdiff_window_encode(&window, &plain, &err), 0);
    ck_assert_int_eq(vl_bdiff_writer_seal(writer, 0, &plain, &entry, &sealed, &err), 0);
    ck_assert_int_eq(vl_bdiff_writer_add(writer, &entry, &sealed, &err), 0);
    ck_assert_int_eq(vl_bdiff_writer_finish(writer, NULL, &err), 0);
    ck_assert_int_eq(vl_bdiff_writer_commit(writer, &err), 0);
    vl_bdiff_writer_free(writer);
    vl_key_free(keys[0]);
    vl_contigs_clear(&header.contigs);
    vl_bdiff_window_clear(&window);
    vl_digest_free(digest);
    vl_buf_clear(&plain);
    vl_buf_clear(&sealed);
    bam_destroy1(b);
}

static int restore(struct vl_error *err)
{
    char key[512], masked[256], bdiff[256], output[256];
    snprintf(key, sizeof key, "%s", key_path("alice.pem"));
    snprintf(masked, sizeof masked, "%s", in_directory("masked.sam"));
    snprintf(bdiff, sizeof bdiff, "%s", in_directory("evil.bdiff"));
    snprintf(output, sizeof output, "%s", in_directory("out.sam"));
    const char *keys[] = {key};
    struct vl_decrypt_options options = {.size = sizeof options,
                                         .masked = masked,
                                         .bdiff = bdiff,
                                         .keys = {keys, 1},
                                         .output = {.path = output}};
    return vl_decrypt(&options, NULL, err);
}

START_TEST(test_honest_record)
{
    struct vl_error err;
    write_bdiff(0, 10, 0, 20);
    ck_assert_msg(restore(&err) == 0, "%s", err.message);
    ck_assert_int_eq(access(in_directory("out.sam"), F_OK), 0);
}
END_TEST

/* Once htslib printed what lay behind its table of contig names, or wrote a corrupt BAM.
 */
START_TEST(test_places_outside_the_file)
{
    static const struct {
        int32_t tid, mtid;
        int64_t pos, mpos;
    } CASES[] = {{1, 0, 10, 20},         {1000000, 0, 10, 20}, {0, 1, 10, 20},
                 {0, INT32_MAX, 10, 20}, {0, 0, -2, 20},       {0, 0, INT64_MAX, 20},
                 {0, 0, 10, INT64_MIN}};
    struct vl_error err;
    write_bdiff(CASES[_i].tid, CASES[_i].pos, CASES[_i].mtid, CASES[_i].mpos);
    ck_assert_int_eq(restore(&err), VL_ERR_SEAL);
    ck_assert_int_ne(access(in_directory("out.sam"), F_OK), 0);
}
END_TEST

Suite *restore_window_suite(void);
Suite *restore_window_suite(void)
{
    Suite *suite = suite_create("restore_window");
    TCase *hostile = tcase_create("hostile");
    tcase_add_checked_fixture(hostile, setup, teardown);
    tcase_add_test(hostile, test_honest_record);
    tcase_add_loop_test(hostile, test_places_outside_the_file, 0, 7);
    suite_add_tcase(suite, hostile);
    return suite;
}
