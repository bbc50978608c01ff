#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "varlock/bdiff.h"
#include "varlock/frame.h"
#include "varlock/wire.h"

Suite *bdiff_header_suite(void);

static const char TEXT[] = "@HD\tVN:1.6\n@CO\tbytes of any kind \xff\n";

static struct vl_bdiff_header slice(void)
{
    struct vl_bdiff_header h = {.mask_model = VL_MASK_PERMUTE};
    memset(h.root_id, 0xab, sizeof h.root_id);
    memset(h.read_groups_sha256, 0xcd, sizeof h.read_groups_sha256);
    ck_assert_int_eq(vl_contigs_add(&h.contigs, "chr1", 1000, NULL), 0);
    ck_assert_int_eq(vl_contigs_add(&h.contigs, "HLA:1*2", 0, NULL), 0);
    ck_assert_int_eq(vl_contigs_add(&h.contigs, "big", 1LL << 40, NULL), 0);
    ck_assert_int_eq(vl_ranges_add(&h.granted, &h.contigs, 0, 10, 20), 0);
    ck_assert_int_eq(vl_ranges_add(&h.granted, &h.contigs, 0, 500, 1000), 0);
    ck_assert_int_eq(vl_ranges_add(&h.granted, &h.contigs, 2, 1LL << 33, 1LL << 34), 0);
    vl_ranges_normalise(&h.granted);
    return h;
}

static struct vl_bdiff_header root(void)
{
    struct vl_bdiff_header h = slice();
    h.is_root = h.grants_all = true;
    memset(h.vac_sha256, 0x11, sizeof h.vac_sha256);
    memset(h.mask_key, 0x22, sizeof h.mask_key);
    vl_buf_add(&h.dropped_tags, "AS,XS", 5);
    vl_buf_add(&h.original_text, TEXT, sizeof TEXT - 1);
    return h;
}

static struct vl_bdiff_header shard(void)
{
    struct vl_bdiff_header h = root();
    h.grants_all = false;
    memset(h.run_sha256, 0x33, sizeof h.run_sha256);
    return h;
}

static void add_geometry(struct vl_bdiff_header *h)
{
    static const struct vl_bdiff_library LIBRARIES[] = {{410, 90}, {0, INT32_MAX}};
    h->mask_model = VL_MASK_SYNTH;
    h->geometry.blur_sd = 100;
    h->geometry.quality = 3;
    h->geometry.draws_inserts = true;
    vl_buf_add(&h->geometry.libraries, LIBRARIES, sizeof LIBRARIES);
}

static struct vl_bdiff_header synth_root(void)
{
    struct vl_bdiff_header h = root();
    add_geometry(&h);
    return h;
}

/* A slice of everything. */
static struct vl_bdiff_header synth_slice(void)
{
    struct vl_bdiff_header h = slice();
    h.grants_all = true;
    add_geometry(&h);
    memset(h.geometry.key, 0x44, sizeof h.geometry.key);
    return h;
}

static struct vl_bdiff_header (*const kinds[])(void) = {slice, root, shard, synth_root,
                                                        synth_slice};

/* The content of the frame. */
static struct vl_buf content_of(struct vl_bdiff_header *h)
{
    struct vl_buf frame = VL_BUF_INIT, content = VL_BUF_INIT;
    ck_assert_int_eq(vl_bdiff_header_encode(h, &frame, NULL), 0);
    ck_assert_int_eq(vl_frame_decompress(frame.data, frame.len, 1 << 20, &content, NULL),
                     0);
    vl_buf_clear(&frame);
    return content;
}

static int decode_content(const uint8_t *content, size_t n)
{
    struct vl_buf frame = VL_BUF_INIT;
    struct vl_bdiff_header back;
    ck_assert_int_eq(vl_frame_compress(content, n, 1, &frame, NULL), 0);
    int rc = vl_bdiff_header_decode(&back, frame.data, frame.len, NULL);
    if (rc == 0)
        vl_bdiff_header_clear(&back);
    else
        ck_assert(back.contigs.n == 0 && back.granted.n == 0);
    vl_buf_clear(&frame);
    return rc;
}

static void check_same(const struct vl_bdiff_header *a, const struct vl_bdiff_header *b)
{
    ck_assert_int_eq(a->mask_model, b->mask_model);
    ck_assert_int_eq(a->is_root, b->is_root);
    ck_assert_int_eq(a->grants_all, b->grants_all);
    ck_assert_mem_eq(a->root_id, b->root_id, sizeof a->root_id);
    ck_assert_mem_eq(a->read_groups_sha256, b->read_groups_sha256,
                     sizeof a->read_groups_sha256);
    ck_assert_uint_eq(a->contigs.n, b->contigs.n);
    for (size_t i = 0; i < a->contigs.n; i++) {
        ck_assert_str_eq(a->contigs.v[i].name, b->contigs.v[i].name);
        ck_assert_int_eq(a->contigs.v[i].length, b->contigs.v[i].length);
    }
    ck_assert_mem_eq(a->vac_sha256, b->vac_sha256, 32);
    ck_assert_mem_eq(a->mask_key, b->mask_key, 32);
    ck_assert_mem_eq(a->run_sha256, b->run_sha256, 32);
    ck_assert_mem_eq(a->geometry.key, b->geometry.key, 32);
    ck_assert_uint_eq(a->geometry.blur_sd, b->geometry.blur_sd);
    ck_assert_uint_eq(a->geometry.quality, b->geometry.quality);
    ck_assert_int_eq(a->geometry.draws_inserts, b->geometry.draws_inserts);
    ck_assert_uint_eq(a->geometry.libraries.len, b->geometry.libraries.len);
    if (a->geometry.libraries.len > 0)
        ck_assert_mem_eq(a->geometry.libraries.data, b->geometry.libraries.data,
                         a->geometry.libraries.len);
    ck_assert_uint_eq(a->dropped_tags.len, b->dropped_tags.len);
    if (a->dropped_tags.len > 0)
        ck_assert_mem_eq(a->dropped_tags.data, b->dropped_tags.data, a->dropped_tags.len);
    ck_assert_uint_eq(a->original_text.len, b->original_text.len);
    if (a->original_text.len > 0)
        ck_assert_mem_eq(a->original_text.data, b->original_text.data,
                         a->original_text.len);
}

/* The key of the geometry is for whoever is granted everything. */
START_TEST(test_no_key_in_a_slice)
{
    struct vl_bdiff_header h = synth_slice(), back;
    h.grants_all = false;
    struct vl_buf bytes = VL_BUF_INIT, content = content_of(&h);
    ck_assert_ptr_null(memmem(content.data, content.len, h.geometry.key, 4));
    ck_assert_int_eq(vl_bdiff_header_encode(&h, &bytes, NULL), 0);
    ck_assert_int_eq(vl_bdiff_header_decode(&back, bytes.data, bytes.len, NULL), 0);
    ck_assert_int_eq(back.geometry.quality, 0);
    vl_buf_clear(&content);
    vl_buf_clear(&bytes);
    vl_bdiff_header_clear(&back);
    vl_bdiff_header_clear(&h);
}
END_TEST

START_TEST(test_slice_round_trip)
{
    for (int unplaced = 0; unplaced < 2; unplaced++) {
        struct vl_bdiff_header h = slice(), back;
        struct vl_buf bytes = VL_BUF_INIT;
        h.granted.unplaced = unplaced;
        ck_assert_int_eq(vl_bdiff_header_encode(&h, &bytes, NULL), 0);
        ck_assert_int_eq(vl_bdiff_header_decode(&back, bytes.data, bytes.len, NULL), 0);
        check_same(&h, &back);
        ck_assert_int_eq(back.granted.unplaced, unplaced);
        ck_assert_uint_eq(back.granted.n, 3);
        for (size_t i = 0; i < 3; i++) {
            ck_assert_int_eq(back.granted.v[i].contig, h.granted.v[i].contig);
            ck_assert_int_eq(back.granted.v[i].beg, h.granted.v[i].beg);
            ck_assert_int_eq(back.granted.v[i].end, h.granted.v[i].end);
        }
        ck_assert(back.granted.v[1].end == VL_POS_MAX);
        vl_bdiff_header_clear(&h);
        vl_bdiff_header_clear(&back);
        vl_buf_clear(&bytes);
    }
}
END_TEST

START_TEST(test_root_round_trip)
{
    struct vl_bdiff_header h = root(), back;
    struct vl_buf bytes = VL_BUF_INIT;
    ck_assert_int_eq(vl_bdiff_header_encode(&h, &bytes, NULL), 0);
    ck_assert_int_eq(vl_bdiff_header_decode(&back, bytes.data, bytes.len, NULL), 0);
    check_same(&h, &back);
    /* Filled in although not stored: all contigs and the unplaced reads. */
    ck_assert_uint_eq(back.granted.n, 3);
    ck_assert(back.granted.unplaced);
    vl_bdiff_header_clear(&h);
    vl_bdiff_header_clear(&back);
    vl_buf_clear(&bytes);
}
END_TEST

START_TEST(test_shard_round_trip)
{
    struct vl_bdiff_header h = shard(), back;
    struct vl_buf bytes = VL_BUF_INIT;
    ck_assert_int_eq(vl_bdiff_header_encode(&h, &bytes, NULL), 0);
    ck_assert_int_eq(vl_bdiff_header_decode(&back, bytes.data, bytes.len, NULL), 0);
    check_same(&h, &back);
    ck_assert(!back.grants_all && !back.granted.unplaced);
    ck_assert_uint_eq(back.granted.n, 3);
    vl_bdiff_header_clear(&h);
    vl_bdiff_header_clear(&back);
    vl_buf_clear(&bytes);
}
END_TEST

START_TEST(test_geometry_round_trip)
{
    struct vl_bdiff_header h[] = {synth_root(), synth_slice()}, back;
    for (size_t i = 0; i < sizeof h / sizeof *h; i++) {
        struct vl_buf bytes = VL_BUF_INIT;
        ck_assert_int_eq(vl_bdiff_header_encode(&h[i], &bytes, NULL), 0);
        ck_assert_int_eq(vl_bdiff_header_decode(&back, bytes.data, bytes.len, NULL), 0);
        check_same(&h[i], &back);
        vl_bdiff_header_clear(&back);
        vl_buf_clear(&bytes);
        h[i].geometry.quality = 5;
        ck_assert_int_eq(vl_bdiff_header_encode(&h[i], &bytes, NULL), 0);
        ck_assert_int_eq(vl_bdiff_header_decode(&back, bytes.data, bytes.len, NULL),
                         VL_ERR_SEAL);
        vl_buf_clear(&bytes);
        vl_bdiff_header_clear(&h[i]);
    }
}
END_TEST

/* A slice holds nothing of the owner's fields, whatever the struct has. */
START_TEST(test_slice_leaves_out_the_owners_fields)
{
    struct vl_bdiff_header h = root(), plain = slice();
    h.is_root = h.grants_all = false;
    struct vl_buf content = content_of(&h), expected = content_of(&plain);
    ck_assert_uint_eq(content.len, expected.len);
    ck_assert_mem_eq(content.data, expected.data, content.len);
    vl_bdiff_header_clear(&h);
    vl_bdiff_header_clear(&plain);
    vl_buf_clear(&content);
    vl_buf_clear(&expected);
}
END_TEST

START_TEST(test_empty_tables)
{
    struct vl_bdiff_header h = {.mask_model = VL_MASK_PERMUTE}, back;
    struct vl_buf bytes = VL_BUF_INIT;
    ck_assert_int_eq(vl_bdiff_header_encode(&h, &bytes, NULL), 0);
    ck_assert_int_eq(vl_bdiff_header_decode(&back, bytes.data, bytes.len, NULL), 0);
    check_same(&h, &back);
    vl_bdiff_header_clear(&back);
    vl_buf_clear(&bytes);
}
END_TEST

START_TEST(test_truncated_or_longer)
{
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        struct vl_bdiff_header h = kinds[k]();
        struct vl_buf content = content_of(&h);
        for (size_t n = 0; n < content.len; n++)
            ck_assert_int_eq(decode_content(content.data, n), VL_ERR_SEAL);
        vl_buf_add_byte(&content, 0);
        ck_assert_int_eq(decode_content(content.data, content.len), VL_ERR_SEAL);
        vl_bdiff_header_clear(&h);
        vl_buf_clear(&content);
    }
}
END_TEST

/* Fixed fields refuse any other value; the rest is refused or decoded, within bounds. */
START_TEST(test_every_changed_byte)
{
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        struct vl_bdiff_header h = kinds[k]();
        struct vl_buf content = content_of(&h);
        for (size_t at = 0; at < content.len; at++)
            for (unsigned change = 1; change < 256;
                 change = change < 8 ? change + 1 : 2 * change) {
                content.data[at] ^= (uint8_t)change;
                int rc = decode_content(content.data, content.len);
                /* One other value: that of the other masking, or of another flag. */
                bool fixed = (at == 0 && change != (VL_MASK_PERMUTE ^ VL_MASK_SYNTH)) ||
                             at == 2 || at == 3 || (at == 1 && change > 3);
                ck_assert_msg(rc == VL_ERR_SEAL || (rc == 0 && !fixed),
                              "byte %zu changed by %02x: %d", at, change, rc);
                content.data[at] ^= (uint8_t)change;
            }
        vl_bdiff_header_clear(&h);
        vl_buf_clear(&content);
    }
}
END_TEST

START_TEST(test_damaged_frame)
{
    struct vl_bdiff_header h = root(), back;
    struct vl_buf bytes = VL_BUF_INIT;
    ck_assert_int_eq(vl_bdiff_header_encode(&h, &bytes, NULL), 0);
    for (size_t n = 0; n < bytes.len; n++) {
        uint8_t *cut = malloc(n ? n : 1);
        memcpy(cut, bytes.data, n);
        ck_assert_int_lt(vl_bdiff_header_decode(&back, cut, n, NULL), 0);
        free(cut);
    }
    for (size_t at = 0; at < bytes.len; at++) {
        bytes.data[at] ^= 0x10;
        if (vl_bdiff_header_decode(&back, bytes.data, bytes.len, NULL) == 0) {
            check_same(&h, &back);
            vl_bdiff_header_clear(&back);
        }
        bytes.data[at] ^= 0x10;
    }
    vl_bdiff_header_clear(&h);
    vl_buf_clear(&bytes);
}
END_TEST

/* bdiff.md §4.1 and §4.2, behind the 52 fixed bytes of a slice. */
START_TEST(test_malformed_tables)
{
    static const struct {
        const char *what;
        size_t n;
        const char *bytes;
        int rc;
    } CASES[] = {
        {"valid", 10,
         "\x01\x01"
         "a\x64\x01\x01\x00\x05\x09\x00",
         VL_ERR_SEAL},
        {"valid", 9,
         "\x01\x01"
         "a\x64\x01\x01\x00\x05\x09",
         0},
        {"to the end", 9,
         "\x01\x01"
         "a\x64\x00\x01\x00\x05\x00",
         0},
        {"no name", 8, "\x01\x00\x64\x01\x01\x00\x05\x09", VL_ERR_SEAL},
        {"NUL in a name", 9, "\x01\x01\x00\x64\x01\x01\x00\x05\x09", VL_ERR_SEAL},
        {"unplaced 2", 9,
         "\x01\x01"
         "a\x64\x02\x01\x00\x05\x09",
         VL_ERR_SEAL},
        {"no such contig", 9,
         "\x01\x01"
         "a\x64\x01\x01\x01\x05\x09",
         VL_ERR_SEAL},
        {"empty range", 9,
         "\x01\x01"
         "a\x64\x01\x01\x00\x05\x05",
         VL_ERR_SEAL},
        {"end before start", 9,
         "\x01\x01"
         "a\x64\x01\x01\x00\x05\x04",
         VL_ERR_SEAL},
        {"two ranges", 12,
         "\x01\x01"
         "a\x64\x01\x02\x00\x05\x09\x00\x0a\x0b",
         0},
        {"touching", 12,
         "\x01\x01"
         "a\x64\x01\x02\x00\x05\x09\x00\x09\x0b",
         VL_ERR_SEAL},
        {"overlapping", 12,
         "\x01\x01"
         "a\x64\x01\x02\x00\x05\x09\x00\x08\x0b",
         VL_ERR_SEAL},
        {"too many contigs", 5, "\xff\xff\xff\xff\x0f", VL_ERR_SEAL},
        {"too many ranges", 10,
         "\x01\x01"
         "a\x64\x01\xff\xff\xff\xff\x0f",
         VL_ERR_SEAL},
        {"long varint", 10,
         "\x01\x01"
         "a\xe4\x00\x01\x01\x00\x05\x09",
         VL_ERR_SEAL},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        enum { FIXED_BYTES = 52 };
        uint8_t content[FIXED_BYTES + 20] = {VL_MASK_PERMUTE};
        memcpy(content + FIXED_BYTES, CASES[i].bytes, CASES[i].n);
        ck_assert_msg(decode_content(content, FIXED_BYTES + CASES[i].n) == CASES[i].rc,
                      "%zu: %s", i, CASES[i].what);
    }
}
END_TEST

Suite *bdiff_header_suite(void)
{
    Suite *suite = suite_create("bdiff_header");
    TCase *tc = tcase_create("bdiff_header");
    tcase_add_test(tc, test_no_key_in_a_slice);
    tcase_add_test(tc, test_slice_round_trip);
    tcase_add_test(tc, test_root_round_trip);
    tcase_add_test(tc, test_shard_round_trip);
    tcase_add_test(tc, test_geometry_round_trip);
    tcase_add_test(tc, test_slice_leaves_out_the_owners_fields);
    tcase_add_test(tc, test_empty_tables);
    tcase_add_test(tc, test_truncated_or_longer);
    tcase_add_test(tc, test_every_changed_byte);
    tcase_add_test(tc, test_damaged_frame);
    tcase_add_test(tc, test_malformed_tables);
    suite_add_tcase(suite, tc);
    return suite;
}
