#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "varlock/bdiff.h"
#include "varlock/wire.h"

Suite *bdiff_index_suite(void);

enum { WINDOWS_OFFSET = 777, ENTRY_BYTES_MAX = 96, N_CONTIGS = 25 };

/* Reads of a sorted file: one contig, across contigs, POS 0 of SAM, unplaced ones, whole
 * records only, a deep pile. */
static const struct vl_bdiff_entry ENTRIES[] = {
    {4096, {0, -1, 0}, {0, 65535, 2}, 0, -1, 0, 66000, 0, 1000, {1}, {2}},
    {32768, {0, 65535, 3}, {0, 65535, 32770}, 0, 65535, 0, 66100, 0, 1u << 20, {3}, {4}},
    {5000, {0, 248956000, 0}, {7, 12, 0}, 0, 248955000, 7, 600000, 0, 1, {5}, {6}},
    {0, {7, 100, 0}, {7, 100, 0}, 7, 100, 7, 250, 0, 300, {7}, {8}},
    {20000, {7, 200, 0}, {24, 16000, 1}, 5, 100, 24, 16569, 0, 400, {9}, {10}},
    {32768, {25, -1, 0}, {25, -1, 32767}, 25, -1, 25, 0, 0, 500, {11}, {12}},
};
enum { N_ENTRIES = sizeof ENTRIES / sizeof *ENTRIES };

static struct vl_bdiff_index example(bool is_root)
{
    struct vl_bdiff_index x = {
        .n_masked = 94632, .n_whole = 17, .n_sites = 1u << 31, .is_root = is_root};
    memset(x.masked_sha256, 0x77, 32);
    memset(x.original_sha256, is_root ? 0x88 : 0, 32);
    for (size_t i = 0; i < N_ENTRIES; i++)
        ck_assert_int_eq(vl_bdiff_index_add(&x, &ENTRIES[i]), 0);
    return x;
}

static struct vl_buf encoded(bool is_root)
{
    struct vl_bdiff_index x = example(is_root);
    struct vl_buf bytes = VL_BUF_INIT;
    ck_assert_int_eq(vl_bdiff_index_encode(&x, &bytes, NULL), 0);
    vl_bdiff_index_clear(&x);
    return bytes;
}

static int decode(const uint8_t *bytes, size_t n)
{
    struct vl_bdiff_index back;
    uint8_t *copy = malloc(n ? n : 1);
    memcpy(copy, bytes, n);
    int rc = vl_bdiff_index_decode(&back, copy, n, WINDOWS_OFFSET, N_CONTIGS, NULL);
    free(copy);
    if (rc < 0)
        ck_assert_uint_eq(back.n, 0);
    for (size_t i = 0; i < back.n; i++)
        ck_assert(back.v[i].first.pos0 >= -1 && back.v[i].first.contig <= INT32_MAX &&
                  back.v[i].last.pos0 >= -1 && back.v[i].last.contig <= INT32_MAX &&
                  back.v[i].low_pos0 >= -1 && back.v[i].high_end >= -1 &&
                  back.v[i].n_records <= 1 << 15);
    vl_bdiff_index_clear(&back);
    return rc;
}

static void check_locus(const struct vl_locus *a, const struct vl_locus *b)
{
    ck_assert_uint_eq(a->contig, b->contig);
    ck_assert_int_eq(a->pos0, b->pos0);
    ck_assert_uint_eq(a->ordinal, b->ordinal);
}

START_TEST(test_round_trip)
{
    for (int is_root = 0; is_root < 2; is_root++) {
        struct vl_bdiff_index x = example(is_root), back;
        struct vl_buf bytes = encoded(is_root);
        uint64_t offset = WINDOWS_OFFSET;
        ck_assert_int_eq(
            vl_bdiff_index_decode(&back, bytes.data, bytes.len, offset, N_CONTIGS, NULL),
            0);
        ck_assert_uint_eq(back.n_masked, x.n_masked);
        ck_assert_uint_eq(back.n_whole, x.n_whole);
        ck_assert_uint_eq(back.n_sites, x.n_sites);
        ck_assert_int_eq(back.is_root, is_root);
        ck_assert_mem_eq(back.masked_sha256, x.masked_sha256, 32);
        ck_assert_mem_eq(back.original_sha256, x.original_sha256, 32);
        ck_assert_uint_eq(back.n, N_ENTRIES);
        for (size_t i = 0; i < N_ENTRIES; i++) {
            const struct vl_bdiff_entry *a = &ENTRIES[i], *b = &back.v[i];
            check_locus(&a->first, &b->first);
            check_locus(&a->last, &b->last);
            ck_assert_uint_eq(a->low_contig, b->low_contig);
            ck_assert_int_eq(a->low_pos0, b->low_pos0);
            ck_assert_uint_eq(a->high_contig, b->high_contig);
            ck_assert_int_eq(a->high_end, b->high_end);
            ck_assert_uint_eq(a->n_records, b->n_records);
            ck_assert_uint_eq(a->size_bytes, b->size_bytes);
            ck_assert_uint_eq(b->offset, offset);
            ck_assert_mem_eq(a->sealed_sha256, b->sealed_sha256, 32);
            ck_assert_mem_eq(a->masked_sha256, b->masked_sha256, 32);
            offset += a->size_bytes;
        }
        vl_bdiff_index_clear(&x);
        vl_bdiff_index_clear(&back);
        vl_buf_clear(&bytes);
    }
}
END_TEST

/* One window with places as far apart as they may be; `change` makes it one too far. */
static int decode_extreme(void (*change)(struct vl_bdiff_index *,
                                         struct vl_bdiff_entry *))
{
    const int64_t FAR = (int64_t)vl_bdiff_limit(VL_LIMIT_POSITION, 0);
    struct vl_bdiff_entry e = {.n_records = 1 << 15,
                               .first = {0, -1, 0},
                               .last = {N_CONTIGS - 1, FAR, 1 << 15},
                               .low_contig = 0,
                               .low_pos0 = -1,
                               .high_contig = N_CONTIGS - 1,
                               .high_end =
                                   (int64_t)vl_bdiff_limit(VL_LIMIT_RANGE_POSITION, 0),
                               .size_bytes = 1 << 30};
    struct vl_bdiff_index x = {.n_masked = 1 << 15}, back;
    struct vl_buf bytes = VL_BUF_INIT;
    if (change)
        change(&x, &e);
    ck_assert_int_eq(vl_bdiff_index_add(&x, &e), 0);
    ck_assert_int_eq(vl_bdiff_index_encode(&x, &bytes, NULL), 0);
    int rc = vl_bdiff_index_decode(&back, bytes.data, bytes.len, 0, N_CONTIGS, NULL);
    vl_bdiff_index_clear(&x);
    if (rc == 0)
        vl_bdiff_index_clear(&back);
    vl_buf_clear(&bytes);
    return rc;
}

#define CHANGE(name, ...)                                                                \
    static void name(struct vl_bdiff_index *x, struct vl_bdiff_entry *e)                 \
    {                                                                                    \
        (void)x;                                                                         \
        (void)e;                                                                         \
        __VA_ARGS__;                                                                     \
    }
CHANGE(too_far, e->last.pos0++)
CHANGE(far_end, e->high_end++)
CHANGE(no_such_contig, e->last.contig = e->high_contig = N_CONTIGS + 1)
CHANGE(placed_without_contig, e->last.contig = N_CONTIGS)
CHANGE(low_is_nowhere, e->low_contig = N_CONTIGS)
CHANGE(low_behind_high, e->high_contig = 0; e->high_end = 5; e->low_pos0 = 6)
CHANGE(last_before_first, e->first.contig = 1; e->last.contig = 0)
CHANGE(ordinal_beyond_all, e->last.ordinal++)
CHANGE(more_than_masked, x->n_masked--; e->last.ordinal = 0)
CHANGE(max_position, e->first.pos0 = INT64_MAX)
CHANGE(overlaps_the_one_before, struct vl_bdiff_entry one = *e; one.n_records = 1;
       one.last = one.first; x->n_masked++;
       ck_assert_int_eq(vl_bdiff_index_add(x, &one), 0))

START_TEST(test_extreme_places)
{
    static void (*const CHANGES[])(struct vl_bdiff_index *, struct vl_bdiff_entry *) = {
        too_far,          far_end,         no_such_contig,         placed_without_contig,
        low_is_nowhere,   low_behind_high, last_before_first,      ordinal_beyond_all,
        more_than_masked, max_position,    overlaps_the_one_before};
    ck_assert_int_eq(decode_extreme(NULL), 0);
    for (size_t i = 0; i < sizeof CHANGES / sizeof *CHANGES; i++)
        ck_assert_msg(decode_extreme(CHANGES[i]) == VL_ERR_SEAL, "change %zu", i);
}
END_TEST

static size_t entry_size(const struct vl_bdiff_entry *before,
                         const struct vl_bdiff_entry *entry)
{
    struct vl_bdiff_index x = {0};
    struct vl_buf one = VL_BUF_INIT, two = VL_BUF_INIT;
    ck_assert_int_eq(vl_bdiff_index_add(&x, before), 0);
    ck_assert_int_eq(vl_bdiff_index_encode(&x, &one, NULL), 0);
    ck_assert_int_eq(vl_bdiff_index_add(&x, entry), 0);
    ck_assert_int_eq(vl_bdiff_index_encode(&x, &two, NULL), 0);
    size_t size = two.len - one.len;
    vl_bdiff_index_clear(&x);
    vl_buf_clear(&one);
    vl_buf_clear(&two);
    return size;
}

/* Neighbours as large genomes have them: two windows, the second of them
 * reaching from `low` to `high`. */
struct neighbours {
    uint32_t n_before, n_records;
    struct vl_locus before[2], places[2], low, high;
    uint32_t size_bytes;
};
static const struct neighbours PAIRS[] = {
    /* 500,000 reads on one position near the end of chromosome 1, sealed into 16 MB */
    {32768,
     32768,
     {{0, 248000000, 0}, {0, 248900000, 450000}},
     {{0, 248900000, 450001}, {0, 248900000, 482768}},
     {0, 248400000, 0},
     {0, 248956422, 0},
     16u << 20},
    /* from the middle of one chromosome to that of the next */
    {4096,
     4096,
     {{3, 190000000, 0}, {3, 190100000, 0}},
     {{3, 190200000, 0}, {4, 180000000, 99}},
     {3, 189600000, 0},
     {4, 180600000, 0},
     2u << 20},
    /* a plant's chromosome of 2^31 - 1 bases, read of 2 Mb hanging back */
    {4096,
     32768,
     {{1, 0, 0}, {1, 2147000000, 0}},
     {{1, 2147400000, 0}, {1, 2147480000, 9}},
     {1, 2145400000, 0},
     {1, 2147483647, 0},
     16u << 20},
    /* many small contigs in one window, among a million of them */
    {4096,
     4100,
     {{900000, 5, 0}, {904000, 300, 1}},
     {{904001, 17, 0}, {908000, 900, 0}},
     {904001, 17, 0},
     {908000, 1050, 0},
     1u << 20},
    /* to the unplaced reads */
    {32768,
     32768,
     {{24, 57000000, 0}, {24, 57227415, 3}},
     {{3366, -1, 0}, {3366, -1, 32767}},
     {3366, -1, 0},
     {3366, 0, 0},
     16u << 20},
    {32768,
     32768,
     {{3366, -1, 0}, {3366, -1, 600000000}},
     {{3366, -1, 600000001}, {3366, -1, 600032768}},
     {3366, -1, 0},
     {3366, 0, 0},
     16u << 20},
};

/* An entry takes at most 96 bytes, so that the index of a large file stays small. */
START_TEST(test_entries_stay_small)
{
    for (size_t i = 0; i < sizeof PAIRS / sizeof *PAIRS; i++) {
        const struct neighbours *p = &PAIRS[i];
        struct vl_bdiff_entry before = {
            .n_records = p->n_before, .first = p->before[0], .last = p->before[1]};
        struct vl_bdiff_entry entry = {.n_records = p->n_records,
                                       .first = p->places[0],
                                       .last = p->places[1],
                                       .low_contig = p->low.contig,
                                       .low_pos0 = p->low.pos0,
                                       .high_contig = p->high.contig,
                                       .high_end = p->high.pos0,
                                       .size_bytes = p->size_bytes};
        size_t size = entry_size(&before, &entry);
        ck_assert_msg(size <= ENTRY_BYTES_MAX, "pair %zu: %zu bytes", i, size);
    }
}
END_TEST

START_TEST(test_truncated_or_longer)
{
    for (int is_root = 0; is_root < 2; is_root++) {
        struct vl_buf bytes = encoded(is_root);
        ck_assert_int_eq(decode(bytes.data, bytes.len), 0);
        for (size_t n = 0; n < bytes.len; n++)
            ck_assert_int_eq(decode(bytes.data, n), VL_ERR_SEAL);
        vl_buf_add_byte(&bytes, 0);
        ck_assert_int_eq(decode(bytes.data, bytes.len), VL_ERR_SEAL);
        vl_buf_clear(&bytes);
    }
}
END_TEST

START_TEST(test_every_changed_byte)
{
    struct vl_buf bytes = encoded(true);
    size_t n_accepted = 0;
    for (size_t at = 0; at < bytes.len; at++)
        for (unsigned change = 1; change < 256; change++) {
            bytes.data[at] ^= (uint8_t)change;
            int rc = decode(bytes.data, bytes.len);
            ck_assert(rc == 0 || rc == VL_ERR_SEAL);
            ck_assert(at > 0 || rc == VL_ERR_SEAL); /* flags */
            n_accepted += rc == 0;
            bytes.data[at] ^= (uint8_t)change;
        }
    ck_assert_uint_gt(n_accepted, 64 * N_ENTRIES);
    vl_buf_clear(&bytes);
}
END_TEST

/* One entry: places as zigzags, then n_records and size as varints. */
static int decode_entry(const int64_t places[8], uint64_t n_records, uint64_t size)
{
    struct vl_buf bytes = VL_BUF_INIT;
    uint8_t digests[64] = {0};
    vl_put_u8(&bytes, 0);
    vl_put_varint(&bytes, n_records); /* n_masked */
    for (int i = 0; i < 2; i++)
        vl_put_varint(&bytes, 0);
    vl_buf_add(&bytes, digests, 32);
    vl_put_varint(&bytes, 1);
    for (int i = 0; i < 8; i++) {
        vl_put_zigzag(&bytes, places[i]);
        if (i == 1 || i == 3)
            vl_put_varint(&bytes, 0);
    }
    vl_put_varint(&bytes, n_records);
    vl_put_varint(&bytes, size);
    vl_buf_add(&bytes, digests, 64);
    int rc = decode(bytes.data, bytes.len);
    vl_buf_clear(&bytes);
    return rc;
}

START_TEST(test_limits)
{
    static const struct {
        int64_t places[8];
        uint64_t n_records, size;
        int rc;
    } CASES[] = {
        {{0, 5, 0, 9, 0, 0, 0, 9}, 1 << 15, 1 << 30, 0},
        {{0, 5, 0, 9, 0, 0, 0, 9}, (1 << 15) + 1, 1, VL_ERR_SEAL},
        {{0, 5, 0, 9, 0, 0, 0, 9}, 1, (1 << 30) + 1, VL_ERR_SEAL},
        {{-1, 5, 0, 9, 0, 0, 0, 9}, 1, 1, VL_ERR_SEAL},
        {{(int64_t)INT32_MAX + 1, 5, 0, 9, 0, 0, 0, 9}, 1, 1, VL_ERR_SEAL},
        {{INT64_MIN, 5, 0, 9, 0, 0, 0, 9}, 1, 1, VL_ERR_SEAL},
        {{3, 5, INT64_MAX, 9, 0, 0, 0, 9}, 1, 1, VL_ERR_SEAL},
        {{0, -1, 0, 0, 0, 0, 0, 1}, 1, 1, 0},
        {{0, -2, 0, 9, 0, 0, 0, 9}, 1, 1, VL_ERR_SEAL},
        {{0, 5, 0, -7, 0, 0, 0, 9}, 1, 1, VL_ERR_SEAL},
        {{0, 5, 0, 9, 0, -7, 0, 9}, 1, 1, VL_ERR_SEAL},
        {{0, 5, 0, INT64_MAX, 0, 0, 0, 9}, 1, 1, VL_ERR_SEAL},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
        ck_assert_msg(decode_entry(CASES[i].places, CASES[i].n_records, CASES[i].size) ==
                          CASES[i].rc,
                      "case %zu", i);
}
END_TEST

START_TEST(test_reserved_flags_and_counts)
{
    struct vl_buf bytes = encoded(false);
    for (unsigned flags = 2; flags < 256; flags++) {
        bytes.data[0] = (uint8_t)flags;
        ck_assert_int_eq(decode(bytes.data, bytes.len), VL_ERR_SEAL);
    }
    vl_buf_reset(&bytes);
    for (int i = 0; i < 36; i++)
        vl_put_u8(&bytes, 0);
    vl_put_varint(&bytes, UINT64_MAX); /* n_windows */
    ck_assert_int_eq(decode(bytes.data, bytes.len), VL_ERR_SEAL);
    vl_buf_clear(&bytes);
}
END_TEST

/* bdiff.md §3, bytes 30 to 73 of the associated data. */
START_TEST(test_range_bytes)
{
    static const uint8_t EXPECTED[44] = {
        0x01, 0x02, 0x03, 0x00, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0x07, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x06, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x09, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00};
    struct vl_bdiff_entry e = {
        .n_records = 0x030201, .first = {5, -1, 7}, .last = {6, 256, 9}};
    struct vl_buf bytes = VL_BUF_INIT;
    vl_bdiff_range_encode(&e, &bytes);
    ck_assert_uint_eq(bytes.len, sizeof EXPECTED);
    ck_assert_mem_eq(bytes.data, EXPECTED, sizeof EXPECTED);
    vl_buf_clear(&bytes);
}
END_TEST

Suite *bdiff_index_suite(void)
{
    Suite *suite = suite_create("bdiff_index");
    TCase *tc = tcase_create("bdiff_index");
    tcase_add_test(tc, test_round_trip);
    tcase_add_test(tc, test_extreme_places);
    tcase_add_test(tc, test_entries_stay_small);
    tcase_add_test(tc, test_truncated_or_longer);
    tcase_add_test(tc, test_every_changed_byte);
    tcase_add_test(tc, test_limits);
    tcase_add_test(tc, test_reserved_flags_and_counts);
    tcase_add_test(tc, test_range_bytes);
    suite_add_tcase(suite, tc);
    return suite;
}
