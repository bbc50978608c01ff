#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "varlock/frame.h"
#include "varlock/vac.h"
#include "varlock/wire.h"

Suite *vac_block_suite(void);

static uint64_t state;

/* xorshift64* (Vigna 2016): reproducible, and good enough to draw test sites. */
static uint64_t draw(uint64_t below)
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return (state * 0x2545f4914f6cdd1d) % below;
}

static uint32_t draw_count(void)
{
    switch (draw(4)) {
    case 0:
        return 0;
    case 1:
        return (uint32_t)draw(10);
    case 2:
        return (uint32_t)draw(10000);
    default:
        return UINT32_MAX - (uint32_t)draw(3);
    }
}

static void draw_sites(struct vl_site *sites, size_t n)
{
    int64_t pos = (int64_t)draw(1000);
    for (size_t i = 0; i < n; i++) {
        sites[i].pos0 = pos;
        sites[i].ref = (uint8_t)draw(4);
        for (int b = 0; b < 4; b++)
            sites[i].count[b] = draw_count();
        pos += 1 + (int64_t)draw(draw(100) ? 100 : (uint64_t)1 << 40);
    }
}

static struct vl_vac_block entry_of(const struct vl_site *sites, size_t n,
                                    const struct vl_buf *bytes)
{
    return (struct vl_vac_block){.n_sites = (uint32_t)n,
                                 .first_pos0 = sites[0].pos0,
                                 .last_pos0 = sites[n - 1].pos0,
                                 .size_bytes = (uint32_t)bytes->len};
}

static bool same_sites(const struct vl_site *a, const struct vl_site *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (a[i].pos0 != b[i].pos0 || a[i].ref != b[i].ref ||
            memcmp(a[i].count, b[i].count, sizeof a[i].count) != 0)
            return false;
    return true;
}

static void assert_round_trip(const struct vl_site *sites, size_t n)
{
    struct vl_site *back = malloc(n * sizeof *back);
    struct vl_buf bytes = VL_BUF_INIT;
    struct vl_error err = {0};
    ck_assert_int_eq(vl_vac_block_encode(sites, n, &bytes, NULL), 0);
    ck_assert_uint_le(bytes.len, VL_VAC_BLOCK_BYTES_MAX);
    struct vl_vac_block entry = entry_of(sites, n, &bytes);
    ck_assert_msg(vl_vac_block_decode(&entry, bytes.data, back, &err) == 0, "%s",
                  err.message);
    ck_assert(same_sites(sites, back, n));
    vl_buf_clear(&bytes);
    free(back);
}

START_TEST(test_random_round_trips)
{
    static const size_t N[] = {1, 2, 3, 100, VL_VAC_BLOCK_SITES};
    struct vl_site *sites = malloc(VL_VAC_BLOCK_SITES * sizeof *sites);
    state = 42;
    for (int round = 0; round < 40; round++) {
        size_t n = N[round % 5];
        draw_sites(sites, n);
        assert_round_trip(sites, n);
    }
    free(sites);
}
END_TEST

START_TEST(test_extreme_counts_and_positions)
{
    const uint32_t most = UINT32_MAX;
    const struct vl_site sites[] = {
        {0, 0, {0, 0, 0, 0}},
        {1, 3, {most, most, most, most}},
        {2, 3, {0, 0, 0, 0}},
        {3, 1, {most, 0, 0, 0}},
        {1LL << 40, 2, {0, 0, most, 0}},
        {VL_VAC_POS_MAX, 0, {0, 1, 0, 0}},
    };
    assert_round_trip(sites, sizeof sites / sizeof sites[0]);
}
END_TEST

START_TEST(test_encoder_refuses)
{
    struct vl_buf bytes = VL_BUF_INIT;
    struct vl_site sites[2] = {{.pos0 = 5}, {.pos0 = 5}};
    ck_assert_int_eq(vl_vac_block_encode(sites, 2, &bytes, NULL), VL_ERR_USAGE);
    sites[1].pos0 = 4;
    ck_assert_int_eq(vl_vac_block_encode(sites, 2, &bytes, NULL), VL_ERR_USAGE);
    ck_assert_int_eq(vl_vac_block_encode(sites, 0, &bytes, NULL), VL_ERR_USAGE);
    sites[0].pos0 = -1;
    ck_assert_int_eq(vl_vac_block_encode(sites, 1, &bytes, NULL), VL_ERR_USAGE);
    sites[0] = (struct vl_site){.ref = 4};
    ck_assert_int_eq(vl_vac_block_encode(sites, 1, &bytes, NULL), VL_ERR_USAGE);
    ck_assert_uint_eq(bytes.len, 0);
    vl_buf_clear(&bytes);
}
END_TEST

/* Cut short, or with any bit flipped, a block is refused or, where zstd ignores the bit,
 * gives the same sites. */
START_TEST(test_damaged_blocks)
{
    enum { N = 50 };
    struct vl_site sites[N], back[N];
    struct vl_buf bytes = VL_BUF_INIT;
    state = 7;
    draw_sites(sites, N);
    ck_assert_int_eq(vl_vac_block_encode(sites, N, &bytes, NULL), 0);
    struct vl_vac_block entry = entry_of(sites, N, &bytes);
    for (uint32_t n = 0; n < bytes.len; n++) {
        /* In memory of its own, for AddressSanitizer to see a read beyond it. */
        uint8_t *cut = malloc(n + 1);
        memcpy(cut, bytes.data, n);
        cut = realloc(cut, n ? n : 1);
        entry.size_bytes = n;
        ck_assert_int_eq(vl_vac_block_decode(&entry, cut, back, NULL), VL_ERR_DATA);
        free(cut);
    }
    entry.size_bytes = (uint32_t)bytes.len;
    for (size_t bit = 0; bit < 8 * bytes.len; bit++) {
        bytes.data[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        if (vl_vac_block_decode(&entry, bytes.data, back, NULL) == 0)
            ck_assert(same_sites(sites, back, N));
        bytes.data[bit / 8] ^= (uint8_t)(1u << (bit % 8));
    }
    vl_buf_clear(&bytes);
}
END_TEST

START_TEST(test_index_entry_must_agree)
{
    struct vl_site sites[3] = {{.pos0 = 5}, {.pos0 = 7}, {.pos0 = 9}}, back[4];
    struct vl_buf bytes = VL_BUF_INIT;
    ck_assert_int_eq(vl_vac_block_encode(sites, 3, &bytes, NULL), 0);
    const struct vl_vac_block good = entry_of(sites, 3, &bytes);
    struct vl_vac_block entry = good;
    entry.first_pos0 = 4;
    ck_assert_int_eq(vl_vac_block_decode(&entry, bytes.data, back, NULL), VL_ERR_DATA);
    entry = good;
    entry.last_pos0 = 10;
    ck_assert_int_eq(vl_vac_block_decode(&entry, bytes.data, back, NULL), VL_ERR_DATA);
    entry = good;
    entry.n_sites = 2;
    ck_assert_int_eq(vl_vac_block_decode(&entry, bytes.data, back, NULL), VL_ERR_DATA);
    entry.n_sites = 4;
    ck_assert_int_eq(vl_vac_block_decode(&entry, bytes.data, back, NULL), VL_ERR_DATA);
    entry.n_sites = VL_VAC_BLOCK_SITES + 1;
    ck_assert_int_eq(vl_vac_block_decode(&entry, bytes.data, back, NULL), VL_ERR_DATA);
    vl_buf_clear(&bytes);
}
END_TEST

/* Whole frames with contents that vac.md §3 does not allow, for two sites at 1 and 2. */
START_TEST(test_malformed_columns)
{
    static const struct {
        struct {
            size_t n;
            uint8_t bytes[8];
        } column[4];
        int rc;
    } CASES[] = {
        {{{2, {1, 1}}, {2, {0x08, 0x08}}, {2, {4, 0}}, {2, {1, 1}}}, 0},
        /* positions: a step of 0, a site more, a site less */
        {{{3, {1, 0, 1}}, {2, {0x08, 0x08}}, {2, {4, 0}}, {2, {1, 1}}}, VL_ERR_DATA},
        {{{3, {1, 1, 1}}, {2, {0x08, 0x08}}, {2, {4, 0}}, {2, {1, 1}}}, VL_ERR_DATA},
        {{{1, {1}}, {2, {0x08, 0x08}}, {2, {4, 0}}, {2, {1, 1}}}, VL_ERR_DATA},
        /* bases: reserved bit, the reference among the alternatives */
        {{{2, {1, 1}}, {2, {0x48, 0x08}}, {2, {4, 0}}, {2, {1, 1}}}, VL_ERR_DATA},
        {{{2, {1, 1}}, {2, {0x04, 0x08}}, {2, {4, 0}}, {2, {1, 1}}}, VL_ERR_DATA},
        /* totals: below the sum, negative, reference count of 33 bits */
        {{{2, {1, 1}}, {2, {0x08, 0x08}}, {2, {0, 2}}, {2, {1, 1}}}, VL_ERR_DATA},
        {{{2, {1, 1}}, {2, {0x08, 0x08}}, {2, {4, 7}}, {2, {1, 1}}}, VL_ERR_DATA},
        {{{2, {1, 1}},
          {2, {0x08, 0x08}},
          {6, {0x84, 0x80, 0x80, 0x80, 0x20, 0}},
          {2, {1, 1}}},
         VL_ERR_DATA},
        /* counts: zero, one too many, 33 bits */
        {{{2, {1, 1}}, {2, {0x08, 0x08}}, {2, {4, 0}}, {2, {0, 1}}}, VL_ERR_DATA},
        {{{2, {1, 1}}, {2, {0x08, 0x08}}, {2, {4, 0}}, {3, {1, 1, 1}}}, VL_ERR_DATA},
        {{{2, {1, 1}},
          {2, {0x08, 0x08}},
          {2, {4, 0}},
          {6, {0x80, 0x80, 0x80, 0x80, 0x10, 1}}},
         VL_ERR_DATA},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct vl_buf frames = VL_BUF_INIT, bytes = VL_BUF_INIT;
        struct vl_site sites[2];
        for (int k = 0; k < 4; k++) {
            size_t before = frames.len;
            ck_assert_int_eq(vl_frame_compress(CASES[i].column[k].bytes,
                                               CASES[i].column[k].n, 1, &frames, NULL),
                             0);
            vl_put_varint(&bytes, frames.len - before);
        }
        vl_buf_add(&bytes, frames.data, frames.len);
        struct vl_vac_block entry = {.n_sites = 2,
                                     .first_pos0 = 1,
                                     .last_pos0 = 2,
                                     .size_bytes = (uint32_t)bytes.len};
        int rc = vl_vac_block_decode(&entry, bytes.data, sites, NULL);
        ck_assert_msg(rc == CASES[i].rc, "case %zu: %d", i, rc);
        vl_buf_clear(&frames);
        vl_buf_clear(&bytes);
    }
}
END_TEST

Suite *vac_block_suite(void)
{
    Suite *suite = suite_create("vac_block");
    TCase *tc = tcase_create("vac_block");
    tcase_add_test(tc, test_random_round_trips);
    tcase_add_test(tc, test_extreme_counts_and_positions);
    tcase_add_test(tc, test_encoder_refuses);
    tcase_add_test(tc, test_damaged_blocks);
    tcase_add_test(tc, test_index_entry_must_agree);
    tcase_add_test(tc, test_malformed_columns);
    suite_add_tcase(suite, tc);
    return suite;
}
