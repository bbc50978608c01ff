/* error.h: after a failed open nothing is owned, and the handle is NULL or the struct
 * zeroed.  That nothing is owned shows under AddressSanitizer. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alignment/alignment_index.h"
#include "alignment/alignment_input.h"
#include "alignment/alignment_output.h"
#include "alignment/bam_indexer.h"
#include "alignment/header.h"
#include "container/bdiff_file.h"
#include "container/vac_file.h"
#include "key_fixture.h"
#include "mask/persona.h"
#include "mask/synth_setup.h"
#include "mask/vac_match.h"
#include "residual/residual_join.h"
#include "residual/window_streams.h"
#include "restore/masked_file.h"
#include "run/operation_keys.h"
#include "shard/shard.h"
#include "shard/shard_set.h"
#include "varlock/file.h"
#include "vcf/vcf_contigs.h"
#include "vcf/vcf_counts.h"
#include "vcf/vcf_part.h"
#include "vcf/vcf_source.h"

/* What stood in a handle or a struct before must not stay there. */
enum { GARBAGE = 0xa5 };
#define GARBAGE_HANDLE(type) ((type *)(void *)scratch)

static const char *golden(const char *name)
{
    static char path[2][4096];
    static int i;
    const char *testdata = getenv("VARLOCK_TESTDATA");
    i = !i;
    snprintf(path[i], sizeof path[i], "%s/golden/%s", testdata ? testdata : "testdata",
             name);
    return path[i];
}

static void expect_zero(const void *bytes, size_t n, const char *what)
{
    for (size_t i = 0; i < n; i++)
        ck_assert_msg(((const uint8_t *)bytes)[i] == 0, "%s: byte %zu is not zero", what,
                      i);
}

#define FAILS_TO_NULL(type, handle, call, what)                                          \
    do {                                                                                 \
        type *handle = GARBAGE_HANDLE(type);                                             \
        ck_assert_msg((call) < 0, "%s: was opened", what);                               \
        ck_assert_msg(!handle, "%s: the handle is not NULL", what);                      \
    } while (0)
#define FAILS_TO_ZERO(type, s, call, what)                                               \
    do {                                                                                 \
        type s;                                                                          \
        memset(&s, GARBAGE, sizeof s);                                                   \
        ck_assert_msg((call) < 0, "%s: was opened", what);                               \
        expect_zero(&s, sizeof s, what);                                                 \
    } while (0)

/* ---- what is opened ---- */

static struct vl_key *owner;

static void open_infile(const char *path)
{
    FAILS_TO_NULL(struct vl_infile, in, vl_infile_open(&in, path, NULL), path);
}

static void open_vac(const char *path)
{
    FAILS_TO_NULL(struct vl_vac_reader, vac, vl_vac_open(&vac, path, NULL), path);
}

static void open_bdiff(const char *path)
{
    FAILS_TO_NULL(struct vl_bdiff_reader, bdiff,
                  vl_bdiff_reader_open(&bdiff, path, owner, "owner", NULL, NULL, NULL),
                  path);
}

static void read_keys(const char *path)
{
    const struct vl_hooks hooks = {0};
    char good[4096];
    snprintf(good, sizeof good, "%s", key_path("alice.pub.pem"));
    const char *paths[] = {good, path};
    const struct vl_list list = {paths, 2};
    FAILS_TO_NULL(struct vl_key, key, vl_key_read_public(&key, path, NULL), path);
    FAILS_TO_NULL(struct vl_key, key,
                  operation_key_read_private(path, &hooks, &key, NULL), path);
    FAILS_TO_ZERO(struct recipients, all, recipients_read(&all, &list, NULL), path);
}

static void open_vcf(const char *path)
{
    const struct vcf_part_options options = {.input = path};
    FAILS_TO_NULL(struct vcf_source, vcf, vcf_source_open(&vcf, path, NULL, 0, NULL),
                  path);
    FAILS_TO_NULL(struct vcf_part, part, vcf_part_convert(&part, &options, NULL), path);
}

static void read_contig_lists(const char *path)
{
    FAILS_TO_ZERO(struct vcf_lists, lists, vcf_lists_read(&lists, path, NULL, NULL),
                  path);
    FAILS_TO_ZERO(struct vcf_lists, lists, vcf_lists_read(&lists, NULL, path, NULL),
                  path);
}

static void open_masked(const char *path)
{
    struct vl_bdiff_reader *bdiff = NULL;
    ck_assert_int_eq(vl_bdiff_reader_open(&bdiff, golden("owner.bdiff"), owner, "owner",
                                          NULL, NULL, NULL),
                     0);
    FAILS_TO_ZERO(struct masked_file, m,
                  masked_open(&m, path, NULL, NULL, NULL, bdiff, NULL), path);
    vl_bdiff_reader_free(bdiff);
}

static void open_alignments(const char *path)
{
    FAILS_TO_ZERO(struct alignment_input, in,
                  alignment_input_open(&in, path, NULL, NULL, NULL, NULL), path);
    FAILS_TO_ZERO(struct bam_indexer, x, bam_indexer_open(&x, path, NULL, NULL, NULL),
                  path);
    open_masked(path);
}

static void open_shard_set(const char *path)
{
    char bdiff[4096];
    snprintf(bdiff, sizeof bdiff, "%s", golden("owner.bdiff"));
    const char *paths[] = {path, bdiff, bdiff, path};
    for (size_t i = 0; i < 2; i++) {
        const struct vl_list list = {paths + 2 * i, 2};
        const struct verifier nobody = {0};
        FAILS_TO_ZERO(struct shard_set, set,
                      shard_set_open(&set, &list, owner, "owner", &nobody, NULL, NULL),
                      path);
    }
}

static void open_reference(const char *path)
{
    const uint8_t key[VL_MASK_KEY_BYTES] = {1};
    const struct vl_encrypt_options encrypt = {
        .input = "x", .quality = "flat", .names = "token", .output = {.reference = path}};
    const struct record_array head = {0};
    struct vl_names samples = VL_NAMES_INIT, read_groups = VL_NAMES_INIT;
    struct vl_ranges haploid = VL_RANGES_INIT;
    struct alignment_input in;
    ck_assert_int_eq(
        alignment_input_open(&in, golden("person.sam"), NULL, NULL, NULL, NULL), 0);
    ck_assert_int_eq(header_read_groups(&in.text, &read_groups, NULL), 0);
    const struct persona_options options = {.reference = path,
                                            .contigs = &in.contigs,
                                            .samples = &samples,
                                            .haploid = &haploid};
    FAILS_TO_NULL(struct persona, persona, persona_open(&persona, &options, key, NULL),
                  path);
    FAILS_TO_ZERO(struct synth_setup, setup,
                  synth_setup_open(&setup, &encrypt, &in, &read_groups, NULL, NULL, key,
                                   &head, NULL),
                  path);
    vl_names_clear(&read_groups);
    alignment_input_close(&in);
}

/* ---- inputs ---- */

/* Each with a file that it can open: half of it is cut. */
static const struct {
    void (*open)(const char *path);
    const char *whole;
} OPENS[] = {{open_vac, "golden/pop.vac"},
             {open_bdiff, "golden/owner.bdiff"},
             {read_keys, "keys/owner.pem"},
             {open_vcf, NULL},
             {read_contig_lists, NULL},
             {open_alignments, "golden/masked.bam"},
             {open_shard_set, "golden/owner.bdiff"},
             {open_reference, NULL},
             {open_infile, NULL}};
enum { N_OPENS = sizeof OPENS / sizeof *OPENS };

static void write_half(const char *name, const char *of)
{
    char path[8192];
    struct vl_buf bytes = VL_BUF_INIT;
    snprintf(path, sizeof path, "%s/../%s", key_path("."), of);
    ck_assert_int_eq(vl_file_slurp(path, 1 << 24, &bytes, NULL), 0);
    write_scratch(name, bytes.data, bytes.len / 2);
    vl_buf_clear(&bytes);
}

START_TEST(test_inputs)
{
    void (*open)(const char *path) = OPENS[_i].open;
    open(scratch_path("missing"));
    open(scratch_path("missing/too"));
    open(scratch);
    if (open == open_infile)
        return;
    write_scratch("text", "neither this nor\nthat\n", 22);
    open(scratch_path("text"));
    write_scratch("empty", "", 0);
    if (open != read_contig_lists)
        open(scratch_path("empty"));
    if (OPENS[_i].whole) {
        write_half("half", OPENS[_i].whole);
        open(scratch_path("half"));
    }
}
END_TEST

/* Everything was opened before it shows that the files do not belong together. */
START_TEST(test_inputs_that_do_not_fit)
{
    struct vl_key *stranger = read_private(key_path("rsa3072.pem"), NULL);
    struct vl_contigs contigs = VL_CONTIGS_INIT;
    struct vl_vac_reader *vac = NULL;
    const struct vl_encrypt_options options = {.input = "x", .vac = "y"};
    open_masked(golden("synth.bam"));
    open_reference(key_path("owner.pem"));
    FAILS_TO_NULL(struct vl_bdiff_reader, bdiff,
                  vl_bdiff_reader_open(&bdiff, golden("owner.bdiff"), stranger, "rsa3072",
                                       NULL, NULL, NULL),
                  "another's key");
    FAILS_TO_NULL(struct vl_bdiff_reader, bdiff,
                  vl_bdiff_reader_open(&bdiff, golden("owner.bdiff"), owner, "owner",
                                       stranger, "rsa3072", NULL),
                  "another's signature");
    open_shard_set(golden("masked.bam"));
    ck_assert_int_eq(vl_vac_open(&vac, golden("pop.vac"), NULL), 0);
    ck_assert_int_eq(vl_contigs_add(&contigs, "nowhere", 9, NULL), 0);
    FAILS_TO_NULL(int32_t, numbers,
                  vac_match(&options, false, &contigs, vac, &numbers, NULL), "pop.vac");
    vl_contigs_clear(&contigs);
    vl_vac_free(vac);
    vl_key_free(stranger);
}
END_TEST

START_TEST(test_shard)
{
    struct alignment_input in;
    char part[256];
    ck_assert_int_eq(
        alignment_input_open(&in, golden("masked.bam"), NULL, NULL, NULL, NULL), 0);
    snprintf(part, sizeof part, "%s:2-3", in.contigs.v[0].name);
    const char *regions[] = {"nowhere", part};
    for (size_t i = 0; i < 2; i++) {
        const struct vl_list list = {&regions[i], 1};
        FAILS_TO_ZERO(struct shard, shard, shard_open(&shard, &list, &in, NULL),
                      regions[i]);
    }
    alignment_input_close(&in);
    ck_assert_int_eq(
        alignment_input_open(&in, golden("person.sam"), NULL, NULL, NULL, NULL), 0);
    const char *whole[] = {in.contigs.v[0].name};
    const struct vl_list list = {whole, 1};
    FAILS_TO_ZERO(struct shard, shard, shard_open(&shard, &list, &in, NULL), "no index");
    alignment_input_close(&in);
}
END_TEST

START_TEST(test_memory)
{
    bcf_hdr_t *header = bcf_hdr_init("w");
    struct vl_bdiff_window window = {0};
    struct window_records records = {0};
    struct prediction prediction = {0};
    struct site_list sites = {0};
    const struct vcf_lists lists = {0};
    vl_put_varint(vl_bdiff_window_stream(&window, VL_STREAM_SHAPES), VL_SHAPE_END);
    FAILS_TO_ZERO(struct window_streams, streams,
                  window_streams_open(&streams, &window, NULL), "streams");
    FAILS_TO_ZERO(struct residual_join, join,
                  residual_join_open(&join, &records, &sites, &records.gaps, &window,
                                     NULL, &prediction, NULL),
                  "join");
    FAILS_TO_ZERO(struct vcf_contigs, contigs,
                  vcf_contigs_init(&contigs, &lists, header, "x", NULL), "contigs");
    FAILS_TO_ZERO(struct vcf_counts, counts,
                  vcf_counts_init(&counts, header, "x", "A", "B", NULL), "tags");
    FAILS_TO_ZERO(struct vl_bdiff_envelope, envelope,
                  vl_bdiff_envelope_decode(&envelope, (const uint8_t *)"x", 1, NULL),
                  "envelope");
    FAILS_TO_ZERO(struct vl_bdiff_header, h,
                  vl_bdiff_header_decode(&h, (const uint8_t *)"x", 1, NULL), "header");
    FAILS_TO_ZERO(struct vl_bdiff_index, index,
                  vl_bdiff_index_decode(&index, (const uint8_t *)"x", 1, 0, 1, NULL),
                  "index");
    FAILS_TO_ZERO(struct vl_vac_meta, meta,
                  vl_vac_meta_decode(&meta, (const uint8_t *)"x", 1, 0, NULL), "meta");
    FAILS_TO_NULL(struct vl_key, key, vl_key_generate(&key, 1024, NULL), "key");
    prediction_clear(&prediction);
    site_list_clear(&sites);
    vl_bdiff_window_clear(&window);
    bcf_hdr_destroy(header);
}
END_TEST

/* ---- outputs ---- */

static void open_output(const struct vl_output *options)
{
    sam_hdr_t *header = sam_hdr_parse(18, "@SQ\tSN:c1\tLN:100\n");
    ck_assert_ptr_nonnull(header);
    FAILS_TO_NULL(struct alignment_output, out,
                  alignment_output_open(&out, options, 0600, 0, header, NULL, NULL, NULL),
                  options->path);
    sam_hdr_destroy(header);
}

START_TEST(test_outputs)
{
    const char *unwritable[] = {"", scratch, "missing/too"};
    struct vl_key *keys[] = {owner};
    const struct vl_bdiff_header header = {.mask_model = VL_MASK_PERMUTE,
                                           .grants_all = true};
    ck_assert_int_eq(chdir(scratch), 0);
    for (size_t i = 0; i < 3; i++) {
        struct vl_bdiff_writer *writer = NULL;
        FAILS_TO_NULL(struct vl_outfile, out,
                      vl_outfile_open(&out, unwritable[i], 0600, 0, NULL), unwritable[i]);
        open_output(&(struct vl_output){.path = unwritable[i]});
        ck_assert_int_eq(vl_bdiff_writer_new(&writer, NULL), 0);
        ck_assert_int_lt(
            vl_bdiff_writer_open(writer, unwritable[i], false, keys, 1, &header, NULL),
            0);
        vl_bdiff_writer_free(writer);
    }
    FAILS_TO_ZERO(struct alignment_index, index,
                  alignment_index_open(&index, &(struct vl_output){.path = "missing/too"},
                                       0600, 0, NULL),
                  "index");
    /* Behind the output itself, which leaves no temporary either. */
    open_output(&(struct vl_output){.path = "x.sam", .write_index = true});
    ck_assert_int_eq(mkdir("x.bam.csi", 0700), 0);
    open_output(&(struct vl_output){.path = "x.bam", .write_index = true});
    ck_assert_int_eq(rmdir("x.bam.csi"), 0);
    ck_assert_int_eq(chdir("/"), 0);
    ck_assert_int_eq(rmdir(scratch), 0);
    ck_assert_int_eq(mkdir(scratch, 0700), 0);
}
END_TEST

static void setup(void)
{
    make_scratch();
    owner = read_private(key_path("owner.pem"), NULL);
}

static void teardown(void)
{
    vl_key_free(owner);
    remove_scratch();
}

Suite *failed_opens_suite(void);

Suite *failed_opens_suite(void)
{
    Suite *suite = suite_create("failed_opens");
    TCase *tcase = tcase_create("core");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, test_inputs, 0, N_OPENS);
    tcase_add_test(tcase, test_inputs_that_do_not_fit);
    tcase_add_test(tcase, test_shard);
    tcase_add_test(tcase, test_memory);
    tcase_add_test(tcase, test_outputs);
    suite_add_tcase(suite, tcase);
    return suite;
}
