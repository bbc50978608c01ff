#include "record/md.h"

#include "record_fixture.h"

Suite *md_suite(void);

static bam1_t *aligned(const char *cigar, const char *seq)
{
    char line[512];
    snprintf(line, sizeof line, "r 0 c0 101 60 %s * 0 0 %s *", cigar, seq);
    return fixture_record(line);
}

/* The letters read, `.` where SEQ is not aligned, then `^` and the deleted ones; NULL
 * where the MD was refused.  The caller frees it. */
static char *read_letters(const bam1_t *b, const char *md)
{
    struct md_reference reference = {0};
    char *text = NULL;
    if (md_read(b, md, &reference)) {
        size_t n = (size_t)b->core.l_qseq;
        text = calloc(n + reference.deleted.len + 2, 1);
        for (size_t i = 0; i < n; i++) {
            int nibble = bam_seqi(reference.aligned.data, i);
            text[i] = nibble ? seq_nt16_str[nibble] : '.';
        }
        text[n] = '^';
        if (reference.deleted.len > 0)
            memcpy(text + n + 1, reference.deleted.data, reference.deleted.len);
    }
    md_reference_clear(&reference);
    return text;
}

/* The last column is NULL where the MD contradicts the record. */
static const struct {
    const char *cigar, *seq, *md;
    int64_t nm;
    const char *letters;
} READS[] = {
    {"4M", "ACGT", "4", 0, "ACGT^"},
    {"4M", "ACGT", "0T3", 1, "TCGT^"},
    {"4M", "ACGT", "3A0", 1, "ACGA^"},
    {"4M", "ACGT", "0T0A0A0A0", 4, "TAAA^"},
    {"4M", "AMGT", "4", 0, "AMGT^"},
    {"4M", "ACGT", "1R2", 1, "ARGT^"},
    {"4M", "ACGT", "1N2", 1, "ANGT^"},
    {"4M", "ANGT", "1N2", 1, "ANGT^"},
    {"4M", "A=GT", "1C2", 1, "ACGT^"},
    {"3M2D2M", "ACGTT", "1A1^AC2", 3, "AAGTT^AC"},
    {"2M1D2M", "ACGT", "2^T0A1", 2, "ACAT^T"},
    {"2M1D1D2M", "ACGT", "2^T0^A2", 2, "ACGT^TA"},
    {"2M1D2I2M", "ACTTGT", "2^A2", 3, "AC..GT^A"},
    {"2M2I1D2M", "ACTTGT", "2^A0A1", 4, "AC..AT^A"},
    {"2S2M1I2M1S", "TTACTGTA", "1A2", 2, "..AA.GT.^"},
    {"2M9N2M", "ACGT", "2A1", 1, "ACAT^"},
    {"2H2M1P2M", "ACGT", "4", 0, "ACGT^"},
    {"2=1X1=", "ACGT", "2A1", 1, "ACAT^"},
    {"1I3M", "ACGT", "3", 1, ".CGT^"},
    /* A zero may be left out before a letter, as some aligners do, but nothing is read
       into it. */
    {"2M", "AC", "AC", 2, "AC^"},
    {"4M", "ACGT", "", 0, NULL},
    {"4M", "ACGT", "3", 0, NULL},
    {"4M", "ACGT", "5", 0, NULL},
    {"4M", "ACGT", "4A0", 0, NULL},
    {"4M", "ACGT", "4^A0", 0, NULL},
    {"4M", "ACGT", "2^A2", 0, NULL},
    {"4M", "ACGT", "1a2", 0, NULL},
    {"4M", "ACGT", "1.2", 0, NULL},
    {"4M", "ACGT", "-4", 0, NULL},
    {"4M", "ACGT", "99999999999999999999", 0, NULL},
    {"4M", "ANGT", "4", 0, NULL},
    {"4M", "A=GT", "4", 0, NULL},
    {"2M2D2M", "ACGT", "4", 0, NULL},
    {"2M2D2M", "ACGT", "2^A2", 0, NULL},
    {"2M2D2M", "ACGT", "2^AC3", 0, NULL},
    {"2M2D2M", "ACGT", "1^AC3", 0, NULL},
    {"2M2D2M", "ACGT", "2^ac2", 0, NULL},
    {"2M2D2M", "ACGT", "2AC2", 0, NULL},
    {"2M1D1D2M", "ACGT", "2^TA2", 0, NULL},
    {"4M", "*", "4", 0, NULL},
};
enum { N_READS = sizeof READS / sizeof *READS };

START_TEST(test_read)
{
    bam1_t *b = aligned(READS[_i].cigar, READS[_i].seq);
    char *letters = read_letters(b, READS[_i].md);
    if (READS[_i].letters) {
        ck_assert_pstr_eq(letters, READS[_i].letters);
        ck_assert_int_eq(md_edit_distance(b, READS[_i].md), READS[_i].nm);
    } else {
        ck_assert_ptr_null(letters);
    }
    free(letters);
    bam_destroy1(b);
}
END_TEST

START_TEST(test_read_needs_an_alignment)
{
    bam1_t *b = aligned("4M", "ACGT");
    b->core.flag |= BAM_FUNMAP;
    ck_assert_ptr_null(read_letters(b, "4"));
    b->core.flag = 0;
    b->core.tid = -1;
    ck_assert_ptr_null(read_letters(b, "4"));
    b->core.tid = 0;
    bam_get_cigar(b)[0] = bam_cigar_gen(5, BAM_CMATCH);
    ck_assert_ptr_null(read_letters(b, "5"));
    bam_get_cigar(b)[0] = bam_cigar_gen(3, BAM_CMATCH);
    ck_assert_ptr_null(read_letters(b, "3"));
    bam_destroy1(b);
}
END_TEST

/* The text where reference letters come from the first record and the bases from the
 * second. */
static const struct {
    const char *cigar, *seq, *md, *other_seq, *other_md;
    int64_t nm;
} WRITES[] = {
    {"4M", "ACGT", "4", "ACGT", "4", 0},
    {"4M", "ACGT", "4", "TCGA", "0A2T0", 2},
    {"4M", "ACGT", "0T3", "TCGT", "4", 0},
    {"4M", "ACGT", "4", "NNNN", "0A0C0G0T0", 4},
    {"4M", "ACGT", "1N2", "ANGT", "1N2", 1},
    {"4M", "ACGT", "1N2", "A=GT", "4", 0},
    {"4M", "ACGT", "1R2", "ARGT", "4", 0},
    {"2M1D2M", "ACGT", "2^T0A1", "ACAA", "2^T1T0", 2},
    {"2M1D1D2M", "ACGT", "2^T0^A2", "ACGT", "2^T0^A2", 2},
    {"2M2I1D2M", "ACTTGT", "2^A2", "AGNNGT", "1C0^A2", 4},
    {"2S2M9N2M1S", "TTACGTA", "4", "NNACCTN", "2G1", 1},
    {"1I1D1M", "AC", "0^G1", "NC", "0^G1", 2},
};

START_TEST(test_write)
{
    bam1_t *b = aligned(WRITES[_i].cigar, WRITES[_i].seq);
    bam1_t *other = aligned(WRITES[_i].cigar, WRITES[_i].other_seq);
    struct md_reference reference = {0};
    struct vl_buf md = VL_BUF_INIT;
    int64_t nm = -1;
    ck_assert(md_read(b, WRITES[_i].md, &reference));
    md_write(other, &reference, &md, &nm);
    vl_buf_add_byte(&md, 0);
    ck_assert_str_eq((char *)md.data, WRITES[_i].other_md);
    ck_assert_int_eq(nm, WRITES[_i].nm);
    vl_buf_clear(&md);
    md_reference_clear(&reference);
    bam_destroy1(other);
    bam_destroy1(b);
}
END_TEST

/* MD and NM of b over `genome`, by laying out one event per base: `=` a match, a letter a
 * mismatch, `^` and letters a deletion; then counting the matches. */
static int64_t md_of(const bam1_t *b, const char *genome, char *md)
{
    static char events[4000];
    int64_t n = 0, nm = 0, q = 0, r = b->core.pos;
    for (uint32_t i = 0; i < b->core.n_cigar; i++) {
        char op = "MIDNSHP=X"[bam_get_cigar(b)[i] & 15];
        uint32_t len = bam_get_cigar(b)[i] >> 4;
        if (op == 'D')
            events[n++] = '^';
        for (uint32_t k = 0; k < len; k++) {
            char base = strchr("MI=XS", op) ? seq_nt16_str[fixture_nibble(b, q)] : 0;
            bool same = base == '=' || (base == genome[r] && base != 'N');
            if (strchr("M=X", op)) {
                events[n++] = same ? '=' : genome[r];
                nm += !same;
            } else if (op == 'D') {
                events[n++] = genome[r];
            }
            nm += op == 'I' || op == 'D';
            q += strchr("MI=XS", op) != NULL;
            r += strchr("MDN=X", op) != NULL;
        }
        if (op == 'D')
            events[n++] = '$';
    }
    int64_t matches = 0;
    bool deleting = false;
    for (int64_t i = 0; i < n; i++) {
        if (events[i] == '=') {
            matches++;
        } else if (events[i] == '$') {
            deleting = false;
        } else {
            if (!deleting)
                md += sprintf(md, "%d", (int)matches);
            *md++ = events[i];
            matches = 0;
            deleting |= events[i] == '^';
        }
    }
    sprintf(md, "%d", (int)matches);
    return nm;
}

/* SEQ agrees with the genome where it is aligned, but for a few bases. */
static void follow_genome(uint64_t *s, bam1_t *b, const char *genome, bool with_n)
{
    struct layout l;
    lay_out(b, &l);
    for (int32_t i = 0; i < b->core.l_qseq; i++) {
        char letter = l.rpos[i] < 0 || rnd_below(s, 10) == 0 ? "ACGTRN"[rnd_below(s, 6)]
                                                             : genome[l.rpos[i]];
        if (!with_n && letter == 'N' && l.rpos[i] >= 0 && genome[l.rpos[i]] != 'N')
            letter = 'A';
        bam_set_seqi(bam_get_seq(b), i, seq_nt16_table[(unsigned char)letter]);
    }
}

START_TEST(test_random_alignments)
{
    static char genome[4000];
    char md[2048], other_md[2048];
    uint64_t s = 3;
    bam1_t *b = bam_init1(), *other = bam_init1();
    struct md_reference reference = {0};
    struct vl_buf out = VL_BUF_INIT;
    for (size_t i = 0; i < sizeof genome; i++)
        genome[i] =
            rnd_below(&s, 40) ? "ACGT"[rnd_below(&s, 4)] : "NRYM"[rnd_below(&s, 4)];
    for (int round = 0; round < 1000; round++) {
        int64_t nm;
        rnd_record(&s, "MM=X", 0, rnd_below(&s, 1000), b);
        follow_genome(&s, b, genome, true);
        ck_assert_ptr_nonnull(bam_copy1(other, b));
        follow_genome(&s, other, genome, true);
        int64_t want = md_of(b, genome, md), other_want = md_of(other, genome, other_md);
        ck_assert_int_eq(md_edit_distance(b, md), want);
        ck_assert_msg(md_read(b, md, &reference), "%s", md);
        for (int k = 0; k < 2; k++) {
            vl_buf_reset(&out);
            md_write(k ? other : b, &reference, &out, &nm);
            vl_buf_add_byte(&out, 0);
            ck_assert_str_eq((char *)out.data, k ? other_md : md);
            ck_assert_int_eq(nm, k ? other_want : want);
        }
    }
    vl_buf_clear(&out);
    md_reference_clear(&reference);
    bam_destroy1(other);
    bam_destroy1(b);
}
END_TEST

/* A mismatch too many or too few cannot stay unnoticed: the lengths do not add up. */
START_TEST(test_cut_texts_are_refused)
{
    static char genome[4000];
    char md[2048];
    uint64_t s = 4;
    bam1_t *b = bam_init1();
    for (size_t i = 0; i < sizeof genome; i++)
        genome[i] = "ACGT"[rnd_below(&s, 4)];
    for (int round = 0; round < 100; round++) {
        rnd_record(&s, "M", 0, rnd_below(&s, 1000), b);
        follow_genome(&s, b, genome, false);
        md_of(b, genome, md);
        char *letters = read_letters(b, md);
        size_t n = strlen(md), n_zero = n - 1;
        ck_assert_ptr_nonnull(letters);
        free(letters);
        /* The last number is implied where it is 0. */
        if (md[n - 1] == '0' && n > 1 && md[n - 2] >= 'A')
            n_zero = n - 2;
        for (size_t cut = 1; cut <= n_zero; cut++) {
            char kept = md[cut];
            md[cut] = '\0';
            ck_assert_msg(read_letters(b, md) == NULL, "%s", md);
            md[cut] = kept;
        }
        strcat(md, "A");
        ck_assert_ptr_null(read_letters(b, md));
    }
    bam_destroy1(b);
}
END_TEST

START_TEST(test_all_match)
{
    static const struct {
        const char *cigar;
        int64_t n;
    } CASES[] = {{"4M", 4},      {"2=1X1=", 4}, {"1S2M1I", 2},  {"2M1D2M", -1},
                 {"2M50N2M", 4}, {"4S", 0},     {"3H2M2P2M", 4}};
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        bam1_t *b = aligned(CASES[i].cigar, "ACGT");
        ck_assert_int_eq(md_all_match(b), CASES[i].n);
        bam_destroy1(b);
    }
}
END_TEST

START_TEST(test_edit_distance_counts_deleted_letters_once)
{
    bam1_t *b = aligned("2M3D1I2M", "ACGGT");
    ck_assert_int_eq(md_edit_distance(b, "2^TTT2"), 4);
    ck_assert_int_eq(md_edit_distance(b, "1A0^TTT0C1"), 6);
    ck_assert_int_eq(md_edit_distance(b, ""), 4);
    bam_destroy1(b);
}
END_TEST

/* bwa mem's default: 1 for a match, -4 for a mismatch, -6 for a gap and -1 for each base
 * of it. */
START_TEST(test_score)
{
    static const struct {
        const char *cigar, *seq, *md;
        int64_t score;
    } CASES[] = {
        {"10M", "ACGTACGTAC", "10", 10},
        {"10M", "ACGTACGTAC", "3A6", 5},
        {"10M", "ACGTACGTAC", "0A0C7T0", -5},
        {"4S4M2H", "ACGTACGT", "4", 4},
        {"4M2I4M", "ACGTACGTAC", "8", 0},
        {"5M3D5M", "ACGTACGTAC", "5^ACG5", 1},
        {"5M3D5M", "ACGTACGTAC", "4A0^ACG0C4", -9},
        {"5M90N5M", "ACGTACGTAC", "10", 10},
        {"2=1X1=", "ACGT", "2A1", -1},
        {"2M2P2M", "ACGT", "4", 4},
        {"4S", "ACGT", "0", 0},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        bam1_t *b = aligned(CASES[i].cigar, CASES[i].seq);
        ck_assert_msg(md_score(b, CASES[i].md) == CASES[i].score, "%zu", i);
        bam_destroy1(b);
    }
}
END_TEST

Suite *md_suite(void)
{
    Suite *suite = suite_create("md");
    TCase *tcase = tcase_create("md");
    tcase_add_loop_test(tcase, test_read, 0, N_READS);
    tcase_add_test(tcase, test_read_needs_an_alignment);
    tcase_add_loop_test(tcase, test_write, 0, sizeof WRITES / sizeof *WRITES);
    tcase_add_test(tcase, test_random_alignments);
    tcase_add_test(tcase, test_cut_texts_are_refused);
    tcase_add_test(tcase, test_all_match);
    tcase_add_test(tcase, test_edit_distance_counts_deleted_letters_once);
    tcase_add_test(tcase, test_score);
    suite_add_tcase(suite, tcase);
    return suite;
}
