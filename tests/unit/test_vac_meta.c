#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "container/vac_file.h"
#include "varlock/file.h"
#include "varlock/frame.h"
#include "varlock/vac.h"
#include "varlock/wire.h"

Suite *vac_meta_suite(void);

static const char M5[] = "0123456789abcdef0123456789abcdef";

/* Three contigs, four blocks that fill bytes 16 to 2016. */
static struct vl_vac_block blocks[4];
static struct vl_vac_meta example(void)
{
    static const struct vl_vac_block BLOCKS[4] = {
        {0, 8192, 0, 8191, 16, 500},
        {0, 10, 8192, 9000, 516, 500},
        {2, 1, 77, 77, 1016, 500},
        {2, 2, 1LL << 40, (1LL << 40) + 1, 1516, 500},
    };
    memcpy(blocks, BLOCKS, sizeof blocks);
    struct vl_vac_meta meta = {.n_sites = 8205, .blocks = blocks, .n_blocks = 4};
    memset(meta.source_sha256, 0xab, sizeof meta.source_sha256);
    ck_assert_int_eq(vl_contigs_add(&meta.contigs, "chr1", 9001, M5), 0);
    ck_assert_int_eq(vl_contigs_add(&meta.contigs, "chr2", 5, NULL), 0);
    ck_assert_int_eq(vl_contigs_add(&meta.contigs, "HLA:1*2", 0, NULL), 0);
    return meta;
}

enum { META_OFFSET = 2016 };

static struct vl_buf encoded(const struct vl_vac_meta *meta)
{
    struct vl_buf bytes = VL_BUF_INIT;
    struct vl_error err = {0};
    ck_assert_msg(vl_vac_meta_encode(meta, META_OFFSET, &bytes, &err) == 0, "%s",
                  err.message);
    return bytes;
}

START_TEST(test_round_trip)
{
    struct vl_vac_meta meta = example(), back;
    struct vl_buf bytes = encoded(&meta);
    uint64_t offset, size;
    ck_assert_int_eq(vl_vac_trailer_decode(bytes.data + bytes.len - VL_VAC_TRAILER_BYTES,
                                           META_OFFSET + bytes.len, &offset, &size, NULL),
                     0);
    ck_assert_uint_eq(offset, META_OFFSET);
    ck_assert_uint_eq(size, bytes.len - VL_VAC_TRAILER_BYTES);
    ck_assert_int_eq(vl_vac_meta_decode(&back, bytes.data, size, offset, NULL), 0);
    ck_assert_uint_eq(back.contigs.n, 3);
    for (size_t i = 0; i < 3; i++) {
        ck_assert_str_eq(back.contigs.v[i].name, meta.contigs.v[i].name);
        ck_assert_str_eq(back.contigs.v[i].m5, meta.contigs.v[i].m5);
        ck_assert_int_eq(back.contigs.v[i].length, meta.contigs.v[i].length);
    }
    ck_assert_mem_eq(back.source_sha256, meta.source_sha256, 32);
    ck_assert_uint_eq(back.n_sites, meta.n_sites);
    ck_assert_uint_eq(back.n_blocks, 4);
    for (size_t i = 0; i < 4; i++) {
        ck_assert_uint_eq(back.blocks[i].contig, blocks[i].contig);
        ck_assert_uint_eq(back.blocks[i].n_sites, blocks[i].n_sites);
        ck_assert_int_eq(back.blocks[i].first_pos0, blocks[i].first_pos0);
        ck_assert_int_eq(back.blocks[i].last_pos0, blocks[i].last_pos0);
        ck_assert_uint_eq(back.blocks[i].offset, blocks[i].offset);
        ck_assert_uint_eq(back.blocks[i].size_bytes, blocks[i].size_bytes);
    }
    vl_vac_meta_clear(&back);
    vl_contigs_clear(&meta.contigs);
    vl_buf_clear(&bytes);
}
END_TEST

START_TEST(test_encoder_refuses)
{
    for (int i = 0; i < 9; i++) {
        struct vl_vac_meta meta = example();
        struct vl_buf bytes = VL_BUF_INIT;
        switch (i) {
        case 0: /* behind the contig's end */
            blocks[1].last_pos0 = 9001;
            break;
        case 1: /* overlaps the block before */
            blocks[1].first_pos0 = 8191;
            break;
        case 2: /* contigs go back */
            blocks[3].contig = 0;
            break;
        case 3: /* a gap in the file */
            blocks[2].offset++;
            break;
        case 4:
            meta.n_sites++;
            break;
        case 5: /* more sites than positions */
            blocks[3].n_sites = 3;
            break;
        case 6:
            blocks[0].n_sites = 8193;
            break;
        case 7:
            meta.contigs.v[0].m5[0] = 'X';
            break;
        default:
            meta.contigs.v[1].length = -1;
        }
        ck_assert_msg(vl_vac_meta_encode(&meta, META_OFFSET, &bytes, NULL) ==
                          VL_ERR_USAGE,
                      "case %d", i);
        ck_assert_uint_eq(bytes.len, 0);
        vl_contigs_clear(&meta.contigs);
        vl_buf_clear(&bytes);
    }
}
END_TEST

static int decode_plain(const struct vl_buf *plain, struct vl_error *err)
{
    struct vl_buf frame = VL_BUF_INIT;
    struct vl_vac_meta back;
    ck_assert_int_eq(vl_frame_compress(plain->data, plain->len, 1, &frame, NULL), 0);
    int rc = vl_vac_meta_decode(&back, frame.data, frame.len, META_OFFSET, err);
    if (rc == 0)
        vl_vac_meta_clear(&back);
    vl_buf_clear(&frame);
    return rc;
}

/* Content cut at any byte, with each byte changed to other values, or longer: refused or
 * valid, within bounds; a changed name or digest is all that can pass. */
START_TEST(test_malformed_content)
{
    struct vl_vac_meta meta = example();
    struct vl_buf bytes = encoded(&meta), plain = VL_BUF_INIT;
    size_t size = bytes.len - VL_VAC_TRAILER_BYTES, n_accepted = 0;
    ck_assert_int_eq(vl_frame_decompress(bytes.data, size, 1 << 20, &plain, NULL), 0);
    ck_assert_int_eq(decode_plain(&plain, NULL), 0);
    size_t n = plain.len;
    for (plain.len = 0; plain.len < n; plain.len++)
        ck_assert_int_eq(decode_plain(&plain, NULL), VL_ERR_DATA);
    for (size_t i = 0; i < n; i++)
        for (unsigned value = 0; value < 256; value += 5) {
            uint8_t was = plain.data[i];
            plain.data[i] = (uint8_t)value;
            n_accepted += value != was && decode_plain(&plain, NULL) == 0;
            plain.data[i] = was;
        }
    ck_assert_uint_lt(n_accepted, 52 * n * 3 / 4);
    vl_buf_add_byte(&plain, 0);
    ck_assert_int_eq(decode_plain(&plain, NULL), VL_ERR_DATA);
    vl_contigs_clear(&meta.contigs);
    vl_buf_clear(&plain);
    vl_buf_clear(&bytes);
}
END_TEST

/* Counts that ask for more memory than the bytes could fill, and a name that stands
 * twice. */
START_TEST(test_counts_and_names_are_checked)
{
    static const struct {
        size_t n;
        uint8_t bytes[16];
        const char *why;
    } CASES[] = {
        {5, {0xff, 0xff, 0xff, 0xff, 0x07}, "more contigs"},
        {5, {0xff, 0xff, 0xff, 0xff, 0x0f}, "contig table"},
        {9, {2, 1, 'a', 0, 0, 1, 'a', 0, 0}, "listed twice"},
        {9, {2, 1, 'a', 0, 0, 1, 'b', 0, 2}, "contig table"},
        {5, {1, 0, 0, 0, 0}, "contig table"},
    };
    struct vl_buf plain = VL_BUF_INIT;
    static const uint8_t SHA256[32];
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct vl_error err = {0};
        vl_buf_reset(&plain);
        vl_buf_add(&plain, CASES[i].bytes, CASES[i].n);
        vl_buf_add(&plain, SHA256, sizeof SHA256);
        vl_put_varint(&plain, 0);
        vl_put_varint(&plain, 0);
        ck_assert_int_eq(decode_plain(&plain, &err), VL_ERR_DATA);
        ck_assert_msg(strstr(err.message, CASES[i].why), "case %zu: %s", i, err.message);
    }
    struct vl_error err = {0};
    vl_buf_reset(&plain);
    vl_put_varint(&plain, 0);
    vl_buf_add(&plain, SHA256, sizeof SHA256);
    vl_put_varint(&plain, 0);
    vl_put_varint(&plain, UINT64_MAX);
    ck_assert_int_eq(decode_plain(&plain, &err), VL_ERR_DATA);
    ck_assert_msg(strstr(err.message, "more blocks"), "%s", err.message);
    vl_buf_clear(&plain);
}
END_TEST

START_TEST(test_head)
{
    struct vl_buf head = VL_BUF_INIT;
    struct vl_error err = {0};
    vl_vac_head_encode(&head);
    ck_assert_uint_eq(head.len, VL_VAC_HEAD_BYTES);
    ck_assert_int_eq(vl_vac_head_decode(head.data, NULL), 0);
    for (size_t bit = 0; bit < 8 * VL_VAC_HEAD_BYTES; bit++) {
        head.data[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        ck_assert_int_eq(vl_vac_head_decode(head.data, NULL), VL_ERR_DATA);
        head.data[bit / 8] ^= (uint8_t)(1u << (bit % 8));
    }
    head.data[8] = 2;
    ck_assert_int_eq(vl_vac_head_decode(head.data, &err), VL_ERR_DATA);
    ck_assert_msg(strstr(err.message, "version 2"), "%s", err.message);
    vl_buf_clear(&head);
}
END_TEST

START_TEST(test_trailer)
{
    struct vl_vac_meta meta = example();
    struct vl_buf bytes = encoded(&meta);
    uint8_t *trailer = bytes.data + bytes.len - VL_VAC_TRAILER_BYTES;
    uint64_t file_size = META_OFFSET + bytes.len, offset, size;
    for (size_t bit = 0; bit < 8 * VL_VAC_TRAILER_BYTES; bit++) {
        trailer[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        ck_assert_int_eq(vl_vac_trailer_decode(trailer, file_size, &offset, &size, NULL),
                         VL_ERR_DATA);
        trailer[bit / 8] ^= (uint8_t)(1u << (bit % 8));
    }
    ck_assert_int_eq(vl_vac_trailer_decode(trailer, file_size + 1, &offset, &size, NULL),
                     VL_ERR_DATA);
    ck_assert_int_eq(vl_vac_trailer_decode(trailer, file_size - 1, &offset, &size, NULL),
                     VL_ERR_DATA);
    ck_assert_int_eq(vl_vac_trailer_decode(trailer, 32, &offset, &size, NULL),
                     VL_ERR_DATA);
    vl_contigs_clear(&meta.contigs);
    vl_buf_clear(&bytes);
}
END_TEST

/* The text of the fenced block of vac.md that is marked `kind`, NUL-terminated. */
static char *fenced(const char *document, const char *kind)
{
    char fence[32];
    snprintf(fence, sizeof fence, "```%s\n", kind);
    const char *beg = strstr(document, fence);
    ck_assert_msg(beg != NULL, "no %s block in vac.md", kind);
    beg += strlen(fence);
    return strndup(beg, (size_t)(strstr(beg, "```") - beg));
}

static void print_sites(const struct vl_vac_meta *meta, const uint8_t *file,
                        struct vl_buf *out)
{
    static struct vl_site sites[VL_VAC_BLOCK_SITES];
    vl_buf_addf(out, "#CONTIG\tPOS\tREF\tA\tC\tG\tT\n");
    for (size_t i = 0; i < meta->n_blocks; i++) {
        const struct vl_vac_block *b = &meta->blocks[i];
        struct vl_error err = {0};
        ck_assert_msg(vl_vac_block_decode(b, file + b->offset, sites, &err) == 0, "%s",
                      err.message);
        for (uint32_t k = 0; k < b->n_sites; k++)
            vl_buf_addf(out, "%s\t%" PRId64 "\t%c\t%u\t%u\t%u\t%u\n",
                        meta->contigs.v[b->contig].name, sites[k].pos0 + 1,
                        "ACGT"[sites[k].ref], sites[k].count[0], sites[k].count[1],
                        sites[k].count[2], sites[k].count[3]);
    }
    vl_buf_add_byte(out, '\0');
}

START_TEST(test_worked_example)
{
    struct vl_buf document = VL_BUF_INIT, file = VL_BUF_INIT, text = VL_BUF_INIT;
    struct vl_vac_meta meta;
    uint64_t offset, size;
    unsigned byte;
    int n_chars;
    ck_assert_int_eq(vl_file_slurp("formats/vac.md", 1 << 20, &document, NULL), 0);
    vl_buf_add_byte(&document, '\0');
    char *hex = fenced((char *)document.data, "hex");
    char *sites = fenced((char *)document.data, "sites");
    for (char *p = hex; sscanf(p, "%2x%n", &byte, &n_chars) == 1; p += n_chars)
        vl_buf_add_byte(&file, (uint8_t)byte);
    ck_assert_uint_eq(file.len, 204);
    ck_assert_int_eq(vl_vac_head_decode(file.data, NULL), 0);
    ck_assert_int_eq(vl_vac_trailer_decode(file.data + file.len - VL_VAC_TRAILER_BYTES,
                                           file.len, &offset, &size, NULL),
                     0);
    ck_assert_int_eq(vl_vac_meta_decode(&meta, file.data + offset, size, offset, NULL),
                     0);
    ck_assert_str_eq(meta.contigs.v[0].name, "chr2");
    ck_assert_int_eq(meta.contigs.v[0].length, 0);
    ck_assert_str_eq(meta.contigs.v[1].name, "chr1");
    ck_assert_int_eq(meta.contigs.v[1].length, 1000);
    ck_assert_str_eq(meta.contigs.v[1].m5, M5);
    print_sites(&meta, file.data, &text);
    ck_assert_str_eq((char *)text.data, sites);
    vl_vac_meta_clear(&meta);
    free(hex);
    free(sites);
    vl_buf_clear(&document);
    vl_buf_clear(&file);
    vl_buf_clear(&text);
}
END_TEST

Suite *vac_meta_suite(void)
{
    Suite *suite = suite_create("vac_meta");
    TCase *tc = tcase_create("vac_meta");
    tcase_add_test(tc, test_round_trip);
    tcase_add_test(tc, test_encoder_refuses);
    tcase_add_test(tc, test_malformed_content);
    tcase_add_test(tc, test_counts_and_names_are_checked);
    tcase_add_test(tc, test_head);
    tcase_add_test(tc, test_trailer);
    tcase_add_test(tc, test_worked_example);
    suite_add_tcase(suite, tc);
    return suite;
}
