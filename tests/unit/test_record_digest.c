/* Equality and digests of record.c. */
#include "projection/record_check.h"
#include "record/canonical.h"
#include "record/record.h"
#include "record_fixture.h"

Suite *record_digest_suite(void);

enum { N_CHANGES = 16 };

/* A change that every digest must see. */
static void change(bam1_t *b, int which)
{
    switch (which) {
    case 0:
        b->core.tid = 2;
        break;
    case 1:
        b->core.pos += INT64_C(1) << 33;
        break;
    case 2:
        b->core.flag ^= 0x400;
        break;
    case 3:
        b->core.qual ^= 1;
        break;
    case 4:
        b->core.mtid = -1;
        break;
    case 5:
        b->core.mpos += INT64_C(1) << 33;
        break;
    case 6:
        b->core.isize = -b->core.isize;
        break;
    case 7:
        bam_get_qname(b)[2] = 'X';
        break;
    case 8:
        ck_assert_int_ge(bam_set_qname(b, "abcdefghijkl"), 0);
        break;
    case 9:
        bam_get_cigar(b)[0] ^= 16;
        break;
    case 10:
        bam_get_cigar(b)[0] ^= 1;
        break;
    case 11:
        bam_set_seqi(bam_get_seq(b), 2, 1);
        break;
    case 12:
        bam_get_qual(b)[3] ^= 1;
        break;
    case 13:
        ck_assert_int_eq(bam_aux_update_int(b, "XX", -2), 0);
        break;
    case 14:
        ck_assert_int_eq(bam_aux_update_str(b, "XY", 2, "x"), 0);
        break;
    case 15:
        ck_assert_int_eq(bam_aux_del(b, bam_aux_get(b, "RG")), 0);
        break;
    }
}

static void digest_of(const bam1_t *b, uint8_t out[VL_SHA256_BYTES])
{
    struct vl_digest *digest = vl_digest_new();
    struct vl_buf scratch = VL_BUF_INIT;
    vl_buf_add(&scratch, "left over", 9);
    ck_assert_int_eq(record_masked_add(b, digest, &scratch), 0);
    ck_assert_int_eq(vl_digest_finish(digest, out), 0);
    vl_buf_clear(&scratch);
    vl_digest_free(digest);
}

static bool same_digest(const bam1_t *a, const bam1_t *b)
{
    uint8_t x[VL_SHA256_BYTES], y[VL_SHA256_BYTES];
    digest_of(a, x);
    digest_of(b, y);
    return memcmp(x, y, sizeof x) == 0;
}

static bool same_check(const bam1_t *a, const bam1_t *b)
{
    uint8_t checks[2][VL_CHECKSUM_BYTES];
    struct vl_checksum *sum = vl_checksum_new();
    struct vl_buf scratch = VL_BUF_INIT;
    vl_buf_add(&scratch, "left over", 9);
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(record_check_add(i ? b : a, NULL, sum, &scratch), 0);
        vl_checksum_finish(sum, checks[i]);
    }
    vl_buf_clear(&scratch);
    vl_checksum_free(sum);
    return memcmp(checks[0], checks[1], sizeof *checks) == 0;
}

static const char CHANGED[] = "abcdefghijklm 1040 c1 1000 50 1S2M1I = 1 -999 ACGN IIII "
                              "NM:i:1 RG:Z:x XX:i:-1 MD:Z:2";

START_TEST(test_every_change_is_seen)
{
    bam1_t *a = fixture_record(CHANGED), *b = bam_dup1(a);
    ck_assert(record_equal(a, b));
    ck_assert(same_check(a, b));
    ck_assert(same_digest(a, b));
    change(b, _i);
    ck_assert(!record_equal(a, b));
    ck_assert(!record_equal(b, a));
    ck_assert(!same_check(a, b));
    ck_assert(!same_digest(a, b));
    bam_destroy1(b);
    bam_destroy1(a);
}
END_TEST

/* A record as it was masked, and as it may come back from CRAM. */
static const struct {
    const char *masked, *back;
    bool is_same;
} TRIPS[] = {
    /* The mate stands behind: 0x20 may be added. */
    {"r 65 c0 101 60 4M = 201 104 ACGT *", "r 97 c0 101 60 4M = 201 104 ACGT *", true},
    {"r 65 c0 101 60 4M = 201 104 ACGT *", "r 65 c0 101 60 4M = 201 -104 ACGT *", false},
    /* It begins at the same place: the sign may change. */
    {"r 65 c0 101 60 4M = 101 8 ACGT *", "r 97 c0 101 60 4M = 101 -8 ACGT *", true},
    {"r 145 c0 101 60 4M = 101 8 ACGT *", "r 145 c0 101 60 4M = 101 -8 ACGT *", true},
    {"r 65 c0 101 60 4M = 101 8 ACGT *", "r 65 c0 101 60 4M = 101 9 ACGT *", false},
    {"r 65 c0 101 60 4M = 101 8 ACGT *", "r 81 c0 101 60 4M = 101 8 ACGT *", false},
    /* No such mate. */
    {"r 129 c0 101 60 4M = 51 -54 ACGT *", "r 161 c0 101 60 4M = 51 -54 ACGT *", false},
    {"r 65 c0 101 60 4M c1 201 0 ACGT *", "r 97 c0 101 60 4M c1 201 0 ACGT *", false},
    {"r 73 c0 101 60 4M = 101 0 ACGT *", "r 105 c0 101 60 4M = 101 0 ACGT *", false},
    {"r 0 c0 101 60 4M = 101 8 ACGT *", "r 0 c0 101 60 4M = 101 -8 ACGT *", false},
    {"r 77 * 0 0 * * 0 0 ACGT *", "r 109 * 0 0 * * 0 0 ACGT *", false}};

START_TEST(test_what_lasts_through_cram)
{
    bam1_t *masked = fixture_record(TRIPS[_i].masked),
           *back = fixture_record(TRIPS[_i].back);
    ck_assert_int_eq(same_digest(masked, back), TRIPS[_i].is_same);
    /* The original is restored to the bit. */
    ck_assert(!same_check(masked, back));
    bam_destroy1(back);
    bam_destroy1(masked);
}
END_TEST

START_TEST(test_bin_is_no_field)
{
    bam1_t *a = fixture_record(CHANGED), *b = bam_dup1(a);
    b->core.bin ^= 0x55;
    ck_assert(record_equal(a, b));
    ck_assert(same_check(a, b));
    ck_assert(same_digest(a, b));
    /* Nor is the padding of the name. */
    ck_assert_int_ge(bam_set_qname(b, "abcdefghijklm"), 0);
    ck_assert(record_equal(a, b));
    bam_destroy1(b);
    bam_destroy1(a);
}
END_TEST

/* The masked digest must outlive calmd and CRAM; the checksum of the original need not.
 */
START_TEST(test_masked_digest_ignores_md_nm_order_and_integer_type)
{
    static const char *const TWINS[] = {"NM:i:7 RG:Z:x XX:i:-1 MD:Z:2",
                                        "NM:i:1 RG:Z:x XX:i:-1 MD:Z:0A1",
                                        "RG:Z:x XX:i:-1", "XX:i:-1 MD:Z:2 NM:i:1 RG:Z:x"};
    bam1_t *a = fixture_record(CHANGED), *b = bam_init1();
    char line[256];
    for (size_t i = 0; i < sizeof TWINS / sizeof *TWINS; i++) {
        snprintf(line, sizeof line, "%.*s%s", (int)(strstr(CHANGED, "NM:") - CHANGED),
                 CHANGED, TWINS[i]);
        fixture_parse(b, line);
        ck_assert(same_digest(a, b));
        ck_assert(!same_check(a, b));
        ck_assert(!record_equal(a, b));
    }
    ck_assert_ptr_nonnull(bam_copy1(b, a));
    bam_aux_del(b, bam_aux_get(b, "XX"));
    int32_t minus_one = -1;
    ck_assert_int_eq(bam_aux_append(b, "XX", 'i', 4, (uint8_t *)&minus_one), 0);
    ck_assert(same_digest(a, b));
    ck_assert(!same_check(a, b));
    bam_destroy1(b);
    bam_destroy1(a);
}
END_TEST

/* bdiff.md §6.4: front and sorted tags, byte by byte */
START_TEST(test_masked_digest_bytes)
{
    static const char WANT[] = "\x01\0\0\0"
                               "\xe7\x03\0\0\0\0\0\0"
                               "\x10\x04\x32"
                               "\x01\0\0\0"
                               "\0\0\0\0\0\0\0\0"
                               "\x19\xfc\xff\xff\xff\xff\xff\xff"
                               "\x03\0\0\0\x04\0\0\0"
                               "\x0d"
                               "abcdefghijklm"
                               "\x14\0\0\0\x20\0\0\0\x11\0\0\0"
                               "\x12\x4f"
                               "\x28\x28\x28\x28"
                               "\x02\0\0\0"
                               "RGZx\0"
                               "XXi\xff\xff\xff\xff\xff\xff\xff\xff";
    uint8_t want[VL_SHA256_BYTES], got[VL_SHA256_BYTES];
    bam1_t *b = fixture_record(CHANGED);
    ck_assert_int_eq(vl_sha256(WANT, sizeof WANT - 1, want), 0);
    digest_of(b, got);
    ck_assert_mem_eq(got, want, sizeof want);
    bam_destroy1(b);
}
END_TEST

Suite *record_digest_suite(void)
{
    Suite *suite = suite_create("record_digest");
    TCase *digests = tcase_create("digests");
    tcase_add_loop_test(digests, test_every_change_is_seen, 0, N_CHANGES);
    tcase_add_loop_test(digests, test_what_lasts_through_cram, 0,
                        sizeof TRIPS / sizeof *TRIPS);
    tcase_add_test(digests, test_bin_is_no_field);
    tcase_add_test(digests, test_masked_digest_ignores_md_nm_order_and_integer_type);
    tcase_add_test(digests, test_masked_digest_bytes);
    suite_add_tcase(suite, digests);
    return suite;
}
