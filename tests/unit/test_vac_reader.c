#include <check.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "container/vac_file.h"
#include "varlock/digest.h"
#include "varlock/file.h"
#include "varlock/varlock.h"

Suite *vac_reader_suite(void);

/* Contig "c0" has sites at 3 i, contig "c1" none, contig "c2" one at 5. */
enum { N_SITES = 20000 };

static char path[] = "/tmp/varlock-vac-XXXXXX";

static void add_block(struct vl_vac_meta *meta, struct vl_buf *file, uint32_t contig,
                      const struct vl_site *sites, size_t n)
{
    struct vl_vac_block *block = &meta->blocks[meta->n_blocks++];
    *block = (struct vl_vac_block){.contig = contig,
                                   .n_sites = (uint32_t)n,
                                   .first_pos0 = sites[0].pos0,
                                   .last_pos0 = sites[n - 1].pos0,
                                   .offset = file->len};
    ck_assert_int_eq(vl_vac_block_encode(sites, n, file, NULL), 0);
    block->size_bytes = (uint32_t)(file->len - block->offset);
    meta->n_sites += n;
}

static void write_file(const void *bytes, size_t n)
{
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fwrite(bytes, 1, n, f), n);
    ck_assert_int_eq(fclose(f), 0);
}

static struct vl_buf vac_bytes(size_t n_sites)
{
    struct vl_vac_block blocks[8];
    struct vl_vac_meta meta = {.blocks = blocks};
    struct vl_buf file = VL_BUF_INIT;
    struct vl_site *sites = calloc(n_sites, sizeof *sites);
    vl_contigs_add(&meta.contigs, "c0", 3 * (int64_t)n_sites, NULL);
    vl_contigs_add(&meta.contigs, "c1", 0, "0123456789abcdef0123456789abcdef");
    vl_contigs_add(&meta.contigs, "c2", 9, NULL);
    vl_vac_head_encode(&file);
    for (size_t i = 0; i < n_sites; i++)
        sites[i] = (struct vl_site){3 * (int64_t)i, i % 4, {(uint32_t)i, 1, 2, 3}};
    for (size_t i = 0; i < n_sites; i += VL_VAC_BLOCK_SITES)
        add_block(&meta, &file, 0, sites + i,
                  n_sites - i < VL_VAC_BLOCK_SITES ? n_sites - i : VL_VAC_BLOCK_SITES);
    add_block(&meta, &file, 2, &(struct vl_site){5, 1, {0, 10, 0, 0}}, 1);
    ck_assert_int_eq(vl_vac_meta_encode(&meta, file.len, &file, NULL), 0);
    vl_contigs_clear(&meta.contigs);
    free(sites);
    return file;
}

static void make_file(void)
{
    strcpy(path + strlen(path) - 6, "XXXXXX");
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    close(fd);
    struct vl_buf bytes = vac_bytes(N_SITES);
    write_file(bytes.data, bytes.len);
    vl_buf_clear(&bytes);
}

static void remove_file(void)
{
    unlink(path);
}

static struct vl_vac_reader *opened(void)
{
    struct vl_vac_reader *vac = NULL;
    struct vl_error err = {0};
    ck_assert_msg(vl_vac_open(&vac, path, &err) == 0, "%s", err.message);
    return vac;
}

START_TEST(test_seek_and_next)
{
    struct vl_vac_reader *vac = opened();
    struct vl_site site;
    ck_assert_int_eq(vl_vac_next(vac, &site, NULL), 0);
    for (int64_t pos = 0; pos < 3 * N_SITES; pos += 997) {
        ck_assert_int_eq(vl_vac_seek(vac, 0, pos, NULL), 0);
        int64_t first = (pos + 2) / 3;
        for (int64_t i = first; i < first + 3 && i < N_SITES; i++) {
            ck_assert_int_eq(vl_vac_next(vac, &site, NULL), 1);
            ck_assert_int_eq(site.pos0, 3 * i);
            ck_assert_uint_eq(site.ref, i % 4);
            ck_assert_uint_eq(site.count[0], (uint32_t)i);
        }
    }
    size_t n = 0;
    ck_assert_int_eq(vl_vac_seek(vac, 0, -1, NULL), 0);
    while (vl_vac_next(vac, &site, NULL) == 1)
        n++;
    ck_assert_uint_eq(n, N_SITES);
    ck_assert_int_eq(vl_vac_next(vac, &site, NULL), 0);
    ck_assert_int_eq(vl_vac_seek(vac, 1, 0, NULL), 0);
    ck_assert_int_eq(vl_vac_next(vac, &site, NULL), 0);
    ck_assert_int_eq(vl_vac_seek(vac, 2, 5, NULL), 0);
    ck_assert_int_eq(vl_vac_next(vac, &site, NULL), 1);
    ck_assert_int_eq(site.pos0, 5);
    ck_assert_int_eq(vl_vac_seek(vac, 2, 6, NULL), 0);
    ck_assert_int_eq(vl_vac_next(vac, &site, NULL), 0);
    ck_assert_int_eq(vl_vac_seek(vac, 99, 0, NULL), 0);
    ck_assert_int_eq(vl_vac_next(vac, &site, NULL), 0);
    vl_vac_free(vac);
}
END_TEST

START_TEST(test_digest_is_that_of_the_file)
{
    struct vl_buf bytes = VL_BUF_INIT;
    struct vl_vac_reader *vac = opened();
    uint8_t want[32], got[32];
    ck_assert_int_eq(vl_file_slurp(path, 1 << 20, &bytes, NULL), 0);
    ck_assert_uint_eq(vl_vac_size_bytes(vac), bytes.len);
    ck_assert_int_eq(vl_sha256(bytes.data, bytes.len, want), 0);
    for (int i = 0; i < 2; i++) {
        memset(got, 0, sizeof got);
        ck_assert_int_eq(vl_vac_digest(vac, got, NULL), 0);
        ck_assert_mem_eq(got, want, 32);
    }
    vl_buf_clear(&bytes);
    vl_vac_free(vac);
}
END_TEST

/* Of a call of vl_view. */
struct reading {
    FILE *out;
    int n_calls;
    int refused; /* the call that is refused, from 1; 0: none */
};

static int take_text(void *arg, const char *text, size_t size_bytes)
{
    struct reading *reading = arg;
    ck_assert_uint_gt(size_bytes, 0);
    ck_assert_int_eq(text[size_bytes - 1], '\n');
    if (++reading->n_calls == reading->refused)
        return ENOSPC;
    ck_assert(!reading->refused || reading->n_calls < reading->refused);
    return fwrite(text, 1, size_bytes, reading->out) == size_bytes ? 0 : errno;
}

static char *printed(struct vl_request request, bool header_only)
{
    const struct vl_view_options options = {.size = sizeof options,
                                            .input = path,
                                            .request = request,
                                            .header_only = header_only};
    struct vl_error err = {0};
    char *text = NULL;
    size_t n = 0;
    struct reading reading = {.out = open_memstream(&text, &n)};
    ck_assert_msg(vl_view(&options, take_text, &reading, &err) == 0, "%s", err.message);
    fclose(reading.out);
    return text;
}

START_TEST(test_view_of_regions)
{
    static const char *const REGIONS[] = {"c2", "c0:24,574-24,580", "c0:1-1", "*"};
    char *text = printed((struct vl_request){.regions = {REGIONS, 4}}, false);
    ck_assert_str_eq(text, "#CONTIG\tPOS\tREF\tA\tC\tG\tT\n"
                           "c0\t1\tA\t0\t1\t2\t3\n"
                           "c0\t24574\tT\t8191\t1\t2\t3\n"
                           "c0\t24577\tA\t8192\t1\t2\t3\n"
                           "c0\t24580\tC\t8193\t1\t2\t3\n"
                           "c2\t6\tC\t0\t10\t0\t0\n");
    free(text);
    text = printed((struct vl_request){.unplaced = true}, false);
    ck_assert_str_eq(text, "#CONTIG\tPOS\tREF\tA\tC\tG\tT\n");
    free(text);
    static const char *const UNKNOWN[] = {"c7"};
    const struct vl_view_options options = {
        .size = sizeof options, .input = path, .request = {.regions = {UNKNOWN, 1}}};
    struct reading reading = {0};
    ck_assert_int_eq(vl_view(&options, take_text, &reading, NULL), VL_ERR_USAGE);
    ck_assert_int_eq(reading.n_calls, 0);
}
END_TEST

START_TEST(test_view_of_the_header)
{
    char want[512];
    struct vl_vac_reader *vac = opened();
    snprintf(want, sizeof want,
             "format\tVAC 1\nsource_sha256\t%064d\nrecords\t20001\nblocks\t4\n"
             "bytes_per_record\t%.2f\ncontig\tc0\t60000\t.\t20000\n"
             "contig\tc1\t.\t0123456789abcdef0123456789abcdef\t0\ncontig\tc2\t9\t.\t1\n",
             0, (double)vl_vac_size_bytes(vac) / 20001);
    char *text = printed((struct vl_request){0}, true);
    ck_assert_str_eq(text, want);
    free(text);
    vl_vac_free(vac);
}
END_TEST

/* The text comes in parts of whole lines; the first or the last that is refused ends it.
 */
START_TEST(test_refused_text_is_an_error)
{
    const struct vl_view_options options = {.size = sizeof options, .input = path};
    struct reading all = {.out = fopen("/dev/null", "w")};
    ck_assert_ptr_nonnull(all.out);
    ck_assert_int_eq(vl_view(&options, take_text, &all, NULL), 0);
    ck_assert_int_gt(all.n_calls, 2);
    for (int i = 1; i <= all.n_calls; i++) {
        struct reading reading = {.out = all.out, .refused = i};
        struct vl_error err = {0};
        ck_assert_int_eq(vl_view(&options, take_text, &reading, &err), VL_ERR_IO);
        ck_assert_str_eq(err.message, "writing text failed: No space left on device");
        ck_assert_int_eq(reading.n_calls, i);
    }
    fclose(all.out);
}
END_TEST

/* Opens the file, reads everything; true where that worked and gave the N small sites. */
static int read_all(uint64_t *sum, struct vl_error *err)
{
    struct vl_vac_reader *vac = NULL;
    struct vl_site site;
    int rc = vl_vac_open(&vac, path, err);
    *sum = 0;
    for (uint32_t contig = 0; rc == 0 && contig < vl_vac_meta(vac)->contigs.n; contig++) {
        rc = vl_vac_seek(vac, contig, 0, err);
        while (rc == 0 && (rc = vl_vac_next(vac, &site, err)) > 0) {
            *sum = *sum * 31 + (uint64_t)site.pos0 * 4 + site.ref;
            for (int b = 0; b < 4; b++)
                *sum = *sum * 31 + site.count[b];
            rc = 0;
        }
    }
    vl_vac_free(vac);
    return rc;
}

/* Each truncation, an added byte and each flipped bit: refused with the path, or the same
 * sites. */
START_TEST(test_damaged_files)
{
    struct vl_buf bytes = vac_bytes(20);
    struct vl_error err = {0};
    uint64_t want, got;
    write_file(bytes.data, bytes.len);
    ck_assert_int_eq(read_all(&want, &err), 0);
    for (size_t n = 0; n < bytes.len; n++) {
        write_file(bytes.data, n);
        ck_assert_int_eq(read_all(&got, &err), VL_ERR_DATA);
        ck_assert_msg(strncmp(err.message, path, strlen(path)) == 0, "%s", err.message);
    }
    for (size_t bit = 0; bit < 8 * bytes.len; bit++) {
        bytes.data[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        write_file(bytes.data, bytes.len);
        int rc = read_all(&got, &err);
        ck_assert_msg(rc == VL_ERR_DATA || (rc == 0 && got == want), "bit %zu: %d", bit,
                      rc);
        if (rc < 0)
            ck_assert_msg(strncmp(err.message, path, strlen(path)) == 0, "%s",
                          err.message);
        bytes.data[bit / 8] ^= (uint8_t)(1u << (bit % 8));
    }
    vl_buf_add_byte(&bytes, 0);
    write_file(bytes.data, bytes.len);
    ck_assert_int_eq(read_all(&got, &err), VL_ERR_DATA);
    unlink(path);
    ck_assert_int_eq(read_all(&got, &err), VL_ERR_IO);
    vl_buf_clear(&bytes);
}
END_TEST

Suite *vac_reader_suite(void)
{
    Suite *suite = suite_create("vac_reader");
    TCase *tc = tcase_create("vac_file");
    tcase_add_checked_fixture(tc, make_file, remove_file);
    tcase_add_test(tc, test_seek_and_next);
    tcase_add_test(tc, test_digest_is_that_of_the_file);
    tcase_add_test(tc, test_view_of_regions);
    tcase_add_test(tc, test_view_of_the_header);
    tcase_add_test(tc, test_refused_text_is_an_error);
    tcase_add_test(tc, test_damaged_files);
    suite_add_tcase(suite, tc);
    return suite;
}
