#include "record/nibbles.h"
#include "record/record.h"
#include "record/walk.h"
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

static const char *const WHOLE[] = {
    "r 0 c0 101 60 4M * 0 0 ACGT IIII",
    "* 65535 * 0 0 * * 0 0 * *",
    "abcdefghijklm 16 c2 1000 255 1S2M1I = 1 -999 ACGN * RG:Z:x XX:i:-1 XB:B:f,1,2 XZ:Z:",
    "ab 4 * 0 0 * * 0 0 ACGTACGTACGTACGTR *",
    "abc 0 c0 101 60 3M1D2M = 300 204 ACGTA !~!~!",
};
enum { N_WHOLE = sizeof WHOLE / sizeof *WHOLE };

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
    tcase_add_test(bytes, test_set_aux);
    tcase_add_test(bytes, test_assembled_bin);
    suite_add_tcase(suite, bytes);
    return suite;
}
