#include "record_fixture.h"
#include "varlock/bdiff.h"
#include "window/permutation.h"
#include "window/sites.h"

Suite *sites_suite(void);

static int compare_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* All words of four different letters of ACGT, sorted. */
static void sorted_permutations(char words[N_PERMUTATIONS][5])
{
    int n = 0;
    for (int code = 255; code >= 0; code--) {
        char word[5] = {0};
        for (int i = 0; i < 4; i++)
            word[i] = "ACGT"[code >> (2 * i) & 3];
        if (strchr(word, 'A') && strchr(word, 'C') && strchr(word, 'G') &&
            strchr(word, 'T'))
            memcpy(words[n++], word, 5);
    }
    ck_assert_int_eq(n, N_PERMUTATIONS);
    qsort(words, N_PERMUTATIONS, 5, compare_text);
}

START_TEST(test_ranks_are_lexicographic)
{
    char words[N_PERMUTATIONS][5];
    sorted_permutations(words);
    for (uint8_t id = 0; id < N_PERMUTATIONS; id++) {
        uint8_t image[4];
        for (uint8_t base = 0; base < 4; base++) {
            image[base] = permutation_image(id, base);
            ck_assert_uint_lt(image[base], 4);
            ck_assert_int_eq("ACGT"[image[base]], words[id][base]);
            ck_assert_uint_eq(permutation_preimage(id, image[base]), base);
            ck_assert_uint_eq(permutation_image(id, permutation_preimage(id, base)),
                              base);
        }
        ck_assert_uint_eq(permutation_rank(image), id);
    }
}
END_TEST

START_TEST(test_sorted_list)
{
    struct site_list list = {0};
    uint64_t s = 1;
    enum { N = 1000 };
    for (uint32_t i = 0; i < N; i++) {
        /* Positions 0, 3, 6, ... of contigs 0, 2 and 4, in a scrambled order. */
        uint32_t k = i * 389 % N;
        struct site site = {.contig = 2 * (k % 3), .pos0 = k - k % 3, .used = k % 5 == 0};
        ck_assert_int_eq(site_list_add(&list, &site), 0);
    }
    site_list_sort(&list);
    ck_assert_uint_eq(list.n, N);
    for (size_t i = 1; i < N; i++) {
        const struct site *a = &list.v[i - 1], *b = &list.v[i];
        ck_assert(a->contig < b->contig || (a->contig == b->contig && a->pos0 < b->pos0));
    }
    for (int round = 0; round < 2000; round++) {
        uint32_t contig = rnd_below(&s, 6);
        int64_t pos = (int64_t)rnd_below(&s, 1100) - 20;
        size_t want = 0;
        while (want < N && (list.v[want].contig < contig ||
                            (list.v[want].contig == contig && list.v[want].pos0 < pos)))
            want++;
        ck_assert_uint_eq(site_list_seek(&list, contig, pos), want);
    }
    site_list_drop_unused(&list);
    ck_assert_uint_eq(list.n, N / 5);
    for (size_t i = 0; i < list.n; i++)
        ck_assert(list.v[i].used);
    ck_assert_uint_eq(site_list_seek(&(struct site_list){0}, 0, 0), 0);
    site_list_clear(&list);
    ck_assert_ptr_null(list.v);
}
END_TEST

/* Every third position of contigs 0 and 1 up to 3,000, permutations at random. */
static struct site_list random_sites(uint64_t *s)
{
    struct site_list list = {0};
    for (uint32_t contig = 0; contig < 2; contig++)
        for (int64_t pos = rnd_below(s, 3); pos < 3000; pos += 1 + rnd_below(s, 5)) {
            struct site site = {.contig = contig,
                                .pos0 = pos,
                                .change = (uint8_t)rnd_below(s, N_PERMUTATIONS)};
            ck_assert_int_eq(site_list_add(&list, &site), 0);
        }
    return list;
}

static struct site *site_at(const struct site_list *list, int32_t contig, int64_t pos)
{
    for (size_t i = 0; i < list->n; i++)
        if ((int32_t)list->v[i].contig == contig && list->v[i].pos0 == pos)
            return &list->v[i];
    return NULL;
}

static void expect_masked(const struct site_list *sites, const bam1_t *b,
                          const bam1_t *masked, bool *used)
{
    static const char LETTERS[] = "ACGT";
    char words[N_PERMUTATIONS][5];
    struct layout l;
    sorted_permutations(words);
    lay_out(b, &l);
    for (int32_t i = 0; i < b->core.l_qseq; i++) {
        char letter = seq_nt16_str[fixture_nibble(b, i)], want = letter;
        const char *base = strchr(LETTERS, letter);
        struct site *site = l.rpos[i] < 0 ? NULL : site_at(sites, b->core.tid, l.rpos[i]);
        if (site && base)
            want = words[site->change][base - LETTERS];
        if (want != letter)
            used[site - sites->v] = true;
        ck_assert_int_eq(seq_nt16_str[fixture_nibble(masked, i)], want);
    }
}

START_TEST(test_mask_and_restore_random_records)
{
    uint64_t s = 2;
    struct site_list sites = random_sites(&s);
    bool *used = calloc(sites.n, sizeof *used);
    bam1_t *b = bam_init1(), *masked = bam_init1();
    for (int round = 0; round < 300; round++) {
        rnd_record(&s, "MMM=X", (int32_t)rnd_below(&s, 3), rnd_below(&s, 3000), b);
        ck_assert_ptr_nonnull(bam_copy1(masked, b));
        sites_mask(&sites, masked);
        expect_masked(&sites, b, masked, used);
        sites_restore(&sites, VL_MASK_PERMUTE, masked, bam_get_seq(masked));
        ck_assert_int_eq(masked->l_data, b->l_data);
        ck_assert_mem_eq(masked->data, b->data, (size_t)b->l_data);
        ck_assert_mem_eq(&masked->core, &b->core, sizeof b->core);
    }
    size_t n_used = 0;
    for (size_t i = 0; i < sites.n; i++) {
        ck_assert_int_eq(sites.v[i].used, used[i]);
        n_used += used[i];
    }
    ck_assert_uint_gt(n_used, sites.n / 2);
    bam_destroy1(masked);
    bam_destroy1(b);
    free(used);
    site_list_clear(&sites);
}
END_TEST

START_TEST(test_records_without_aligned_bases_stay)
{
    static const char *const LINES[] = {
        "unmapped 4 c0 1 0 4M * 0 0 ACGT *", "unplaced 0 * 0 0 * * 0 0 ACGT *",
        "no_cigar 0 c0 1 0 * * 0 0 ACGT *", "no_seq 0 c0 1 0 4M * 0 0 * *",
        "clipped 0 c0 1 0 4S * 0 0 ACGT *"};
    struct site_list list = {0};
    for (int64_t pos = 0; pos < 4; pos++)
        ck_assert_int_eq(site_list_add(&list, &(struct site){.pos0 = pos, .change = 23}),
                         0);
    for (size_t i = 0; i < sizeof LINES / sizeof *LINES; i++) {
        bam1_t *b = fixture_record(LINES[i]), *copy = bam_dup1(b);
        /* sam_parse1 sets 0x4 where it thinks it should; the walk must not need it. */
        if (i == 4)
            b->core.flag = copy->core.flag = 0;
        sites_mask(&list, b);
        ck_assert_mem_eq(b->data, copy->data, (size_t)b->l_data);
        sites_restore(&list, VL_MASK_PERMUTE, b, bam_get_seq(b));
        ck_assert_mem_eq(b->data, copy->data, (size_t)b->l_data);
        bam_destroy1(b);
        bam_destroy1(copy);
    }
    for (size_t i = 0; i < list.n; i++)
        ck_assert(!list.v[i].used);
    bam1_t *b = fixture_record("aligned 0 c0 1 0 4M * 0 0 ACGN *");
    sites_mask(&list, b);
    ck_assert_int_eq(fixture_nibble(b, 0), 8);
    ck_assert_int_eq(fixture_nibble(b, 3), 15);
    ck_assert(list.v[2].used && !list.v[3].used);
    bam_destroy1(b);
    site_list_clear(&list);
}
END_TEST

/* Of sites at one position one stays. */
START_TEST(test_repeated_sites)
{
    static const struct site SITES[] = {
        {.contig = 0, .pos0 = 5, .change = 1}, {.contig = 0, .pos0 = 5, .change = 1},
        {.contig = 0, .pos0 = 6, .change = 2}, {.contig = 1, .pos0 = 6, .change = 4},
        {.contig = 1, .pos0 = 6, .change = 4}, {.contig = 1, .pos0 = 6, .change = 4},
        {.contig = 2, .pos0 = 5, .change = 8}};
    struct site_list list = {0};
    site_list_drop_repeated(&list);
    ck_assert_uint_eq(list.n, 0);
    for (size_t i = 0; i < sizeof SITES / sizeof *SITES; i++)
        ck_assert_int_eq(site_list_add(&list, &SITES[i]), 0);
    site_list_drop_repeated(&list);
    ck_assert_uint_eq(list.n, 4);
    for (size_t i = 0; i < 4; i++)
        ck_assert_uint_eq(list.v[i].change, 1 << i);
    site_list_drop_repeated(&list);
    ck_assert_uint_eq(list.n, 4);
    site_list_clear(&list);
}
END_TEST

/* Under synth a site says which base the reference has, whatever stands there. */
START_TEST(test_restore_the_reference)
{
    uint64_t s = 3;
    static struct layout l;
    struct site_list sites = random_sites(&s);
    bam1_t *b = bam_init1();
    for (size_t i = 0; i < sites.n; i++)
        sites.v[i].change = (uint8_t)(1 + rnd_below(&s, 15));
    for (int round = 0; round < 300; round++) {
        rnd_record(&s, "MM=X", (int32_t)rnd_below(&s, 3), rnd_below(&s, 3000), b);
        lay_out(b, &l);
        uint8_t *seq = malloc((size_t)(b->core.l_qseq + 1) / 2);
        memcpy(seq, bam_get_seq(b), (size_t)(b->core.l_qseq + 1) / 2);
        sites_restore(&sites, VL_MASK_SYNTH, b, seq);
        for (int32_t i = 0; i < b->core.l_qseq; i++) {
            struct site *site =
                l.rpos[i] < 0 ? NULL : site_at(&sites, b->core.tid, l.rpos[i]);
            ck_assert_int_eq(bam_seqi(seq, i),
                             site ? site->change : fixture_nibble(b, i));
        }
        free(seq);
    }
    bam_destroy1(b);
    site_list_clear(&sites);
}
END_TEST

Suite *sites_suite(void)
{
    Suite *suite = suite_create("sites");
    TCase *tcase = tcase_create("sites");
    tcase_add_test(tcase, test_ranks_are_lexicographic);
    tcase_add_test(tcase, test_sorted_list);
    tcase_add_test(tcase, test_mask_and_restore_random_records);
    tcase_add_test(tcase, test_records_without_aligned_bases_stay);
    tcase_add_test(tcase, test_repeated_sites);
    tcase_add_test(tcase, test_restore_the_reference);
    suite_add_tcase(suite, tcase);
    return suite;
}
