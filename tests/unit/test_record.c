#include "../../src/core/record.h"

#include "record_fixture.h"

Suite *record_suite(void);

/* ---- walks against the CIGAR laid out base by base ---- */

START_TEST(test_walks_of_random_cigars)
{
    uint64_t s = 6;
    static struct layout l;
    bam1_t *b = bam_init1();
    for (int round = 0; round < 2000; round++) {
        struct aligned_run run;
        int64_t rpos[600], beg, end;
        bool hidden[600] = {0};
        int32_t qpos, len, last = -1;
        rnd_record(&s, "MM=X", 1, rnd_below(&s, 1000), b);
        lay_out(b, &l);
        memset(rpos, 0xff, sizeof rpos);
        for (struct run_walk walk = run_walk_start(b); run_walk_next(&walk, &run);) {
            ck_assert_int_gt(run.len, 0);
            ck_assert_int_gt(run.qpos, last);
            for (int32_t k = 0; k < run.len; k++)
                rpos[last = run.qpos + k] = run.rpos + k;
        }
        int n_deleted = 0, n_runs = 0, n_either = 0;
        for (struct run_walk walk = run_walk_start(b); run_walk_next(&walk, &run);
             n_runs++)
            ;
        for (struct run_walk walk = run_walk_start(b); run_walk_next_either(&walk, &run);
             n_either++)
            for (int32_t k = 0; k < run.len; k++)
                if (run.qpos < 0)
                    ck_assert_int_eq(run.rpos + k, l.deleted[n_deleted++]);
                else
                    ck_assert_int_eq(run.rpos + k, l.rpos[run.qpos + k]);
        ck_assert_int_eq(n_deleted, l.n_deleted);
        ck_assert_int_eq(n_either > n_runs, n_deleted > 0);
        last = -1;
        for (struct hidden_walk walk = hidden_walk_start(b);
             hidden_walk_next(&walk, &qpos, &len);) {
            ck_assert_int_gt(len, 0);
            ck_assert_int_gt(qpos, last);
            for (int32_t k = 0; k < len; k++)
                hidden[last = qpos + k] = true;
        }
        for (int32_t i = 0; i < b->core.l_qseq; i++) {
            ck_assert_int_eq(rpos[i], l.rpos[i]);
            ck_assert_int_eq(hidden[i], l.hidden[i]);
        }
        ck_assert_int_eq(bam_endpos(b), b->core.pos + l.span);
        record_unclipped(b, &beg, &end);
        ck_assert_int_eq(beg, b->core.pos - l.lead);
        ck_assert_int_eq(end, b->core.pos + l.span + l.trail);
        ck_assert(record_is_aligned(b));
        ck_assert(record_lengths_agree(b));
    }
    bam_destroy1(b);
}
END_TEST

static const struct {
    const char *sam;
    bool aligned;
    int32_t n_runs, n_hidden; /* hidden bases */
    int64_t end, beg, unclipped_end;
} ODD[] = {
    {"unmapped 4 c0 101 0 * * 0 0 ACGT *", false, 0, 4, 101, 100, 101},
    {"unmapped_with_cigar 4 c0 101 0 1S3M * 0 0 ACGT *", false, 0, 4, 101, 100, 101},
    {"unplaced 4 * 0 0 * * 0 0 ACGT *", false, 0, 4, 0, -1, 0},
    {"no_seq 0 c0 101 0 2S3M1S * 0 0 * *", true, 0, 0, 103, 98, 104},
    {"clipped 0 c0 101 0 3S1H * 0 0 ACG *", true, 0, 3, 101, 96, 101},
    {"inserted 0 c0 101 0 3I * 0 0 ACG *", true, 0, 3, 101, 100, 101},
    {"insertion_first 0 c0 101 0 2S1I1M * 0 0 ACGT *", true, 1, 3, 101, 98, 101},
    {"hard 0 c0 101 0 5H2M3D2M6H * 0 0 ACGT *", true, 2, 0, 107, 95, 113},
    {"padded 0 c0 101 0 2M2P2M * 0 0 ACGT *", true, 2, 0, 104, 100, 104},
};

START_TEST(test_odd_records)
{
    bam1_t *b = fixture_record(ODD[_i].sam);
    struct aligned_run run;
    int32_t n_runs = 0, n_hidden = 0, qpos, len;
    int64_t beg, end;
    for (struct run_walk walk = run_walk_start(b); run_walk_next(&walk, &run);)
        n_runs++;
    for (struct hidden_walk walk = hidden_walk_start(b);
         hidden_walk_next(&walk, &qpos, &len);)
        n_hidden += len;
    ck_assert_int_eq(record_is_aligned(b), ODD[_i].aligned);
    ck_assert_int_eq(n_runs, ODD[_i].n_runs);
    ck_assert_int_eq(n_hidden, ODD[_i].n_hidden);
    ck_assert_int_eq(bam_endpos(b), ODD[_i].end);
    record_unclipped(b, &beg, &end);
    ck_assert_int_eq(beg, ODD[_i].beg);
    ck_assert_int_eq(end, ODD[_i].unclipped_end);
    bam_destroy1(b);
}
END_TEST

START_TEST(test_lengths_agree)
{
    bam1_t *b = fixture_record("r 0 c0 101 0 4M * 0 0 ACGT *");
    ck_assert(record_lengths_agree(b));
    bam_get_cigar(b)[0] = bam_cigar_gen(5, BAM_CMATCH);
    ck_assert(!record_lengths_agree(b));
    bam_get_cigar(b)[0] = bam_cigar_gen(4, BAM_CDEL);
    ck_assert(!record_lengths_agree(b));
    fixture_parse(b, "r 0 c0 101 0 4M * 0 0 * *");
    ck_assert(record_lengths_agree(b));
    fixture_parse(b, "r 4 c0 101 0 * * 0 0 ACGT *");
    ck_assert(record_lengths_agree(b));
    bam_destroy1(b);
}
END_TEST

START_TEST(test_nibbles)
{
    uint8_t seq[3] = {0x12, 0x48, 0xf0};
    static const int WANT[] = {1, 2, 4, 8, 15, 0};
    for (int i = 0; i < 6; i++)
        ck_assert_int_eq(seq_nibble(seq, i), WANT[i]);
    for (int at = 0; at < 6; at++) {
        seq_set_nibble(seq, at, 7);
        for (int i = 0; i < 6; i++)
            ck_assert_int_eq(seq_nibble(seq, i), i <= at ? 7 : WANT[i]);
    }
    for (int i = 0; i < 16; i++) {
        const char *base = strchr("ACGT", seq_nt16_str[i]);
        ck_assert_int_eq(base_of_nibble[i], base ? base - "ACGT" : -1);
    }
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(seq_nt16_str[nibble_of_base[i]], "ACGT"[i]);
}
END_TEST

START_TEST(test_normalise)
{
    bam1_t *b = fixture_record("r 0 c0 101 0 3M * 0 0 ACG * XX:A:y");
    bam1_t *dirty = bam_dup1(b);
    bam_get_seq(dirty)[1] |= 0x0f;
    ck_assert(!record_equal(b, dirty));
    record_normalise(dirty);
    ck_assert(record_equal(b, dirty));
    fixture_parse(b, "r 0 c0 101 0 4M * 0 0 ACGN *");
    ck_assert_ptr_nonnull(bam_copy1(dirty, b));
    record_normalise(b);
    ck_assert(record_equal(b, dirty));
    bam_destroy1(dirty);
    bam_destroy1(b);
}
END_TEST

/* ---- bytes ---- */

static void expect_same(const bam1_t *a, const bam1_t *b)
{
    ck_assert_int_eq(a->core.tid, b->core.tid);
    ck_assert_int_eq(a->core.pos, b->core.pos);
    ck_assert_int_eq(a->core.mtid, b->core.mtid);
    ck_assert_int_eq(a->core.mpos, b->core.mpos);
    ck_assert_int_eq(a->core.isize, b->core.isize);
    ck_assert_uint_eq(a->core.flag, b->core.flag);
    ck_assert_uint_eq(a->core.qual, b->core.qual);
    ck_assert_uint_eq(a->core.l_qname, b->core.l_qname);
    ck_assert_uint_eq(a->core.l_extranul, b->core.l_extranul);
    ck_assert_uint_eq(a->core.n_cigar, b->core.n_cigar);
    ck_assert_int_eq(a->core.l_qseq, b->core.l_qseq);
    ck_assert_int_eq(a->l_data, b->l_data);
    ck_assert_mem_eq(a->data, b->data, (size_t)a->l_data);
}

static void round_trip(const bam1_t *b)
{
    struct vl_buf bytes = VL_BUF_INIT;
    struct vl_error err = {0};
    bam1_t *back = bam_init1();
    record_put(b, &bytes);
    vl_buf_add(&bytes, "next", 4);
    struct vl_cursor c = vl_cursor_over(bytes.data, bytes.len);
    ck_assert_msg(record_get(&c, back, &err) == 0, "%s", err.message);
    ck_assert_uint_eq(vl_left(&c), 4);
    expect_same(back, b);
    ck_assert(record_equal(back, b));
    bam_destroy1(back);
    vl_buf_clear(&bytes);
}

static const char *const WHOLE[] = {
    "r 0 c0 101 60 4M * 0 0 ACGT IIII",
    "* 65535 * 0 0 * * 0 0 * *",
    "abcdefghijklm 16 c2 1000 255 1S2M1I = 1 -999 ACGN * RG:Z:x XX:i:-1 XB:B:f,1,2 XZ:Z:",
    "ab 4 * 0 0 * * 0 0 ACGTACGTACGTACGTR *",
    "abc 0 c0 101 60 3M1D2M = 300 204 ACGTA !~!~!",
};
enum { N_WHOLE = sizeof WHOLE / sizeof *WHOLE };

START_TEST(test_put_and_get)
{
    bam1_t *b = fixture_record(WHOLE[_i]);
    round_trip(b);
    bam_destroy1(b);
}
END_TEST

/* The farthest position that is read back. */
#define FAR (INT64_C(1) << 60)

START_TEST(test_put_and_get_extremes)
{
    bam1_t *b = fixture_record(WHOLE[2]);
    const bam1_core_t core = b->core;
    static const int64_t POSITIONS[] = {-1, 0, 1, INT32_MAX, (int64_t)INT32_MAX + 1, FAR};
    static const int64_t LENGTHS[] = {-FAR, INT32_MIN, -1, 0, 1, INT32_MAX, FAR};
    for (size_t i = 0; i < sizeof POSITIONS / sizeof *POSITIONS; i++) {
        b->core = core;
        b->core.pos = POSITIONS[i];
        round_trip(b);
        b->core = core;
        b->core.mpos = POSITIONS[i];
        round_trip(b);
    }
    for (size_t i = 0; i < sizeof LENGTHS / sizeof *LENGTHS; i++) {
        b->core = core;
        b->core.isize = LENGTHS[i];
        round_trip(b);
    }
    b->core = core;
    b->core.tid = b->core.mtid = INT32_MAX;
    b->core.flag = UINT16_MAX;
    b->core.qual = UINT8_MAX;
    round_trip(b);
    b->core.tid = b->core.mtid = -1;
    b->core.flag = b->core.qual = 0;
    round_trip(b);
    b->core = core;
    for (uint32_t op = 0; op < 9; op++) {
        bam_get_cigar(b)[0] = bam_cigar_gen((1u << 28) - 1, op);
        round_trip(b);
    }
    bam_destroy1(b);
}
END_TEST

START_TEST(test_put_and_get_long_parts)
{
    enum { N_OPS = 70000, N_AUX = 300000 };
    bam1_t *b = bam_init1();
    char name[255];
    uint32_t *cigar = malloc(N_OPS * sizeof *cigar);
    char *seq = malloc(N_OPS);
    memset(name, 'n', sizeof name);
    for (uint32_t i = 0; i < N_OPS; i++) {
        cigar[i] = bam_cigar_gen(1, i % 2 ? BAM_CINS : BAM_CMATCH);
        seq[i] = "ACGTN"[i % 5];
    }
    for (size_t l_name = 251; l_name <= 254; l_name++) {
        ck_assert_int_ge(bam_set1(b, l_name, name, 0, 0, 5, 1, N_OPS, cigar, -1, -1, 0,
                                  N_OPS, seq, NULL, N_AUX + 100),
                         0);
        uint8_t *values = calloc(N_AUX, 1);
        ck_assert_int_eq(bam_aux_update_array(b, "XB", 'C', N_AUX, values), 0);
        free(values);
        round_trip(b);
    }
    free(seq);
    free(cigar);
    bam_destroy1(b);
}
END_TEST

START_TEST(test_put_and_get_random)
{
    uint64_t s = 7;
    bam1_t *b = bam_init1();
    for (int round = 0; round < 300; round++) {
        rnd_record(&s, "M=X", (int32_t)rnd_below(&s, 3), rnd_below(&s, 1u << 31), b);
        record_normalise(b);
        round_trip(b);
    }
    bam_destroy1(b);
}
END_TEST

START_TEST(test_positions_out_of_range_are_refused)
{
    static const int64_t POSITIONS[] = {INT64_MIN, -2, FAR + 1, INT64_MAX};
    static const int64_t LENGTHS[] = {INT64_MIN, -FAR - 1, FAR + 1, INT64_MAX};
    bam1_t *b = fixture_record(WHOLE[2]), *back = bam_init1();
    const bam1_core_t core = b->core;
    for (int i = 0; i < 12; i++) {
        struct vl_buf bytes = VL_BUF_INIT;
        b->core = core;
        *(i < 4   ? &b->core.pos
          : i < 8 ? &b->core.mpos
                  : &b->core.isize) = i < 4 ? POSITIONS[i % 4] : LENGTHS[i % 4];
        record_put(b, &bytes);
        struct vl_cursor c = vl_cursor_over(bytes.data, bytes.len);
        ck_assert_int_eq(record_get(&c, back, NULL), VL_ERR_SEAL);
        vl_buf_clear(&bytes);
    }
    bam_destroy1(back);
    bam_destroy1(b);
}
END_TEST

START_TEST(test_every_truncation_is_refused)
{
    bam1_t *b = fixture_record(WHOLE[2]), *back = bam_init1();
    struct vl_buf bytes = VL_BUF_INIT;
    record_put(b, &bytes);
    for (size_t n = 0; n < bytes.len; n++) {
        uint8_t *exact = malloc(n + 1);
        struct vl_error err = {0};
        memcpy(exact, bytes.data, n);
        struct vl_cursor c = vl_cursor_over(exact, n);
        ck_assert_int_eq(record_get(&c, back, &err), VL_ERR_SEAL);
        ck_assert_str_ne(err.message, "");
        free(exact);
    }
    vl_buf_clear(&bytes);
    bam_destroy1(back);
    bam_destroy1(b);
}
END_TEST

/* The fields of a record of the name "r", then what a decoder must refuse. */
static void put_front(struct vl_buf *out, int64_t contig, size_t name_bytes)
{
    vl_put_zigzag(out, contig);
    vl_put_zigzag(out, 5);
    vl_put_u16(out, 0);
    vl_put_u8(out, 0);
    vl_put_varint(out, name_bytes);
    for (size_t i = 0; i < name_bytes; i++)
        vl_put_u8(out, 'r');
}

static void put_back(struct vl_buf *out, uint64_t cigar, uint64_t l_seq, int64_t mate,
                     uint64_t l_aux)
{
    vl_put_varint(out, 1);
    vl_put_varint(out, cigar);
    vl_put_varint(out, l_seq);
    for (uint64_t i = 0; i < (l_seq + 1) / 2 + l_seq && i < 100; i++)
        vl_put_u8(out, 0);
    vl_put_zigzag(out, mate);
    vl_put_zigzag(out, -1);
    vl_put_zigzag(out, 0);
    vl_put_varint(out, l_aux);
    for (uint64_t i = 0; i < l_aux && i < 100; i++)
        vl_put_u8(out, 'x');
}

static int get_from(struct vl_buf *bytes)
{
    bam1_t *b = bam_init1();
    struct vl_cursor c = vl_cursor_over(bytes->data, bytes->len);
    int rc = record_get(&c, b, NULL);
    bam_destroy1(b);
    vl_buf_clear(bytes);
    return rc;
}

START_TEST(test_out_of_range_values_are_refused)
{
    struct vl_buf bytes = VL_BUF_INIT;
#define TRY(contig, name, cigar, l_seq, mate, l_aux)                                     \
    (put_front(&bytes, contig, name), put_back(&bytes, cigar, l_seq, mate, l_aux),       \
     get_from(&bytes))
    ck_assert_int_eq(TRY(0, 1, 64, 4, -1, 4), 0);
    ck_assert_int_eq(TRY(-1, 254, UINT32_MAX, 0, INT32_MAX, 0), 0);
    ck_assert_int_eq(TRY(-2, 1, 64, 4, -1, 4), VL_ERR_SEAL);
    ck_assert_int_eq(TRY((int64_t)INT32_MAX + 1, 1, 64, 4, -1, 4), VL_ERR_SEAL);
    ck_assert_int_eq(TRY(0, 1, 64, 4, -2, 4), VL_ERR_SEAL);
    ck_assert_int_eq(TRY(0, 1, 64, 4, INT64_MAX, 4), VL_ERR_SEAL);
    ck_assert_int_eq(TRY(0, 255, 64, 4, -1, 4), VL_ERR_SEAL);
    ck_assert_int_eq(TRY(0, 1, (uint64_t)UINT32_MAX + 1, 4, -1, 4), VL_ERR_SEAL);
    ck_assert_int_eq(TRY(0, 1, 64, 1 << 30, -1, 4), VL_ERR_SEAL);
    ck_assert_int_eq(TRY(0, 1, 64, UINT64_MAX, -1, 4), VL_ERR_SEAL);
    ck_assert_int_eq(TRY(0, 1, 64, 4, -1, 101), VL_ERR_SEAL);
    ck_assert_int_eq(TRY(0, 1, 64, 4, -1, UINT64_MAX), VL_ERR_SEAL);
#undef TRY
    put_front(&bytes, 0, 1);
    vl_put_varint(&bytes, UINT32_MAX);
    vl_put_u8(&bytes, 0);
    ck_assert_int_eq(get_from(&bytes), VL_ERR_SEAL);
}
END_TEST

START_TEST(test_set_aux)
{
    bam1_t *b = fixture_record("r 0 c0 101 0 4M * 0 0 ACGT * XX:A:y XZ:Z:longer");
    bam1_t *want = fixture_record("r 0 c0 101 0 4M * 0 0 ACGT *");
    ck_assert_int_eq(record_set_aux(b, NULL, 0), 0);
    expect_same(b, want);
    fixture_parse(want, "r 0 c0 101 0 4M * 0 0 ACGT * XY:A:z");
    ck_assert_int_eq(record_set_aux(b, (const uint8_t *)"XYAz", 4), 0);
    expect_same(b, want);
    bam_destroy1(want);
    bam_destroy1(b);
}
END_TEST

/* The bin is that of the SAM specification §5.3, which htslib fills in when it parses. */
START_TEST(test_assembled_bin)
{
    for (int i = 0; i < N_WHOLE; i++) {
        bam1_t *b = fixture_record(WHOLE[i]), *made = bam_init1();
        ck_assert_int_eq(record_assemble(made, &b->core, bam_get_qname(b),
                                         bam_get_cigar(b), b->core.n_cigar,
                                         bam_get_seq(b), bam_get_qual(b), bam_get_aux(b),
                                         (size_t)bam_get_l_aux(b)),
                         0);
        expect_same(made, b);
        ck_assert_uint_eq(made->core.bin, b->core.bin);
        bam_destroy1(made);
        bam_destroy1(b);
    }
}
END_TEST

Suite *record_suite(void)
{
    Suite *suite = suite_create("record");
    TCase *walks = tcase_create("walks");
    tcase_add_test(walks, test_walks_of_random_cigars);
    tcase_add_loop_test(walks, test_odd_records, 0, sizeof ODD / sizeof *ODD);
    tcase_add_test(walks, test_lengths_agree);
    tcase_add_test(walks, test_nibbles);
    tcase_add_test(walks, test_normalise);
    suite_add_tcase(suite, walks);
    TCase *bytes = tcase_create("bytes");
    tcase_add_loop_test(bytes, test_put_and_get, 0, N_WHOLE);
    tcase_add_test(bytes, test_put_and_get_extremes);
    tcase_add_test(bytes, test_put_and_get_long_parts);
    tcase_add_test(bytes, test_put_and_get_random);
    tcase_add_test(bytes, test_positions_out_of_range_are_refused);
    tcase_add_test(bytes, test_every_truncation_is_refused);
    tcase_add_test(bytes, test_out_of_range_values_are_refused);
    tcase_add_test(bytes, test_set_aux);
    tcase_add_test(bytes, test_assembled_bin);
    suite_add_tcase(suite, bytes);
    return suite;
}
