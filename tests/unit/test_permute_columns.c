#include <stdio.h>
#include <unistd.h>

#include "container/vac_file.h"
#include "mask/permute_columns.h"
#include "permute_columns_fixture.h"
#include "record_fixture.h"
#include "window/permutation.h"
#include "window/sites.h"

Suite *permute_columns_suite(void);

enum { N_SITES = 3000, N_FIXTURE_CONTIGS = 3 };

static char path[] = "/tmp/varlock-permute-XXXXXX";
/* Of contig c0: clusters of sites at the start, behind 2,400,000, and near the end;
 * contig c1 of the BAM is unknown to the VAC; c2 has a site at every seventh position. */
static struct vl_site sites[2][N_SITES];
static size_t n_sites[2];
static const int32_t VAC_CONTIG[N_FIXTURE_CONTIGS] = {1, -1,
                                                      0}; /* the VAC's order differs */
static const int CONTIG_SITES[N_FIXTURE_CONTIGS] = {0, -1, 1}; /* index in `sites` */
static const uint8_t KEY[VL_MASK_KEY_BYTES] = "a key of 32 bytes for the tests";
static struct vl_contigs contigs;
static struct vl_vac_reader *vac;

static void add_site(uint64_t *s, int contig, int64_t pos)
{
    struct vl_site *site = &sites[contig][n_sites[contig]++];
    site->pos0 = pos;
    site->ref = (uint8_t)rnd_below(s, 4);
    for (int i = 0; i < 4; i++)
        site->count[i] = rnd_below(s, 3) ? rnd_below(s, 2000) : 0;
    if (rnd_below(s, 10) == 0)
        memset(site->count, 0, sizeof site->count);
}

static void write_vac(void)
{
    struct vl_vac_block blocks[2] = {0};
    struct vl_vac_meta meta = {.blocks = blocks, .n_blocks = 2};
    struct vl_buf file = VL_BUF_INIT;
    vl_contigs_add(&meta.contigs, "2", 1000, NULL);
    vl_contigs_add(&meta.contigs, "0", 5000000, NULL);
    vl_vac_head_encode(&file);
    for (uint32_t i = 0; i < 2; i++) {
        const struct vl_site *v = sites[1 - i];
        size_t n = n_sites[1 - i];
        blocks[i] = (struct vl_vac_block){.contig = i,
                                          .n_sites = (uint32_t)n,
                                          .first_pos0 = v[0].pos0,
                                          .last_pos0 = v[n - 1].pos0,
                                          .offset = file.len};
        ck_assert_int_eq(vl_vac_block_encode(v, n, &file, NULL), 0);
        blocks[i].size_bytes = (uint32_t)(file.len - blocks[i].offset);
        meta.n_sites += n;
    }
    ck_assert_int_eq(vl_vac_meta_encode(&meta, file.len, &file, NULL), 0);
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fwrite(file.data, 1, file.len, f), file.len);
    ck_assert_int_eq(fclose(f), 0);
    vl_contigs_clear(&meta.contigs);
    vl_buf_clear(&file);
}

static void make_vac(void)
{
    uint64_t s = 9;
    strcpy(path + strlen(path) - 6, "XXXXXX");
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    close(fd);
    n_sites[0] = n_sites[1] = 0;
    static const int64_t STARTS[] = {0, 2400000, 4990000};
    for (int k = 0; k < 3; k++)
        for (int64_t pos = STARTS[k]; pos < STARTS[k] + 6000; pos += 3 + rnd_below(&s, 8))
            add_site(&s, 0, pos);
    for (int64_t pos = 3; pos < 1000; pos += 7)
        add_site(&s, 1, pos);
    write_vac();
    struct vl_error err = {0};
    ck_assert_msg(vl_vac_open(&vac, path, &err) == 0, "%s", err.message);
    memset(&contigs, 0, sizeof contigs);
    vl_contigs_add(&contigs, "c0", 5000000, NULL);
    vl_contigs_add(&contigs, "c1", 5000000, NULL);
    vl_contigs_add(&contigs, "c2", 1000, NULL);
}

static void remove_vac(void)
{
    vl_vac_free(vac);
    vl_contigs_clear(&contigs);
    unlink(path);
}

static struct permute *opened(void)
{
    struct permute *p = NULL;
    ck_assert_int_eq(permute_open(&p, vac, VAC_CONTIG, &contigs, KEY, NULL), 0);
    return p;
}

/* Columns counted by hand: seen[] of every site, from records laid out base by base. */
struct columns {
    uint32_t seen[2][N_SITES][4];
};

static struct vl_site *find_site(int contig, int64_t pos)
{
    size_t low = 0, high = contig < 0 ? 0 : n_sites[contig];
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (sites[contig][mid].pos0 == pos)
            return &sites[contig][mid];
        if (sites[contig][mid].pos0 < pos)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

static void count_by_hand(struct columns *columns, const bam1_t *b)
{
    static struct layout l;
    int contig = b->core.tid < 0 ? -1 : CONTIG_SITES[b->core.tid];
    lay_out(b, &l);
    for (int32_t i = 0; i < b->core.l_qseq; i++) {
        const char *base = strchr("ACGT", seq_nt16_str[fixture_nibble(b, i)]);
        struct vl_site *site = l.rpos[i] < 0 ? NULL : find_site(contig, l.rpos[i]);
        if (site && base)
            columns->seen[contig][site - sites[contig]][base - "ACGT"]++;
    }
}

static uint8_t perm_of(int32_t tid, const struct vl_site *site, const uint32_t seen[4])
{
    struct vl_draw *draw = NULL;
    struct vl_site_draws draws;
    ck_assert_int_eq(vl_draw_open(&draw, KEY, NULL), 0);
    ck_assert_int_eq(vl_draw_set_contig(draw, contigs.v[tid].name, NULL), 0);
    ck_assert_int_eq(vl_draw_site(draw, (uint64_t)site->pos0, &draws, NULL), 0);
    vl_draw_free(draw);
    return permutation_by_rule(site->count, seen, &draws);
}

static int compare_positions(const void *a, const void *b)
{
    const bam1_t *x = *(bam1_t *const *)a, *y = *(bam1_t *const *)b;
    uint32_t s = (uint32_t)x->core.tid, t = (uint32_t)y->core.tid;
    if (s != t)
        return s < t ? -1 : 1;
    if (x->core.pos != y->core.pos)
        return x->core.pos < y->core.pos ? -1 : 1;
    return strcmp(bam_get_qname(x), bam_get_qname(y));
}

enum { N_READS = 2000, READS_A_WINDOW = 40 };

/* Sorted reads on all contigs, some unplaced ones behind; every ninth does not count. */
static void random_reads(bam1_t *reads[N_READS])
{
    static const int64_t STARTS[] = {0, 2397000, 4991000};
    uint64_t s = 10;
    for (int i = 0; i < N_READS; i++) {
        int32_t tid = i % 10 < 7 ? 0 : i % 10 == 7 ? 1 : 2;
        int64_t pos = tid == 2 ? rnd_below(&s, 990)
                               : STARTS[rnd_below(&s, 3)] + rnd_below(&s, 5000);
        reads[i] = bam_init1();
        if (i % 100 == 99) {
            fixture_parse(reads[i], "unplaced 4 * 0 0 * * 0 0 ACGT *");
            continue;
        }
        rnd_record(&s, "MMM=X", tid, pos, reads[i]);
        if (i % 50 == 0)
            reads[i]->core.flag |= BAM_FUNMAP;
    }
    qsort(reads, N_READS, sizeof *reads, compare_positions);
}

static bool takes_part(const bam1_t *b, int i)
{
    return i % 9 != 0 && !(b->core.flag & BAM_FUNMAP);
}

/* Pops what is ready: the records must come in order; their sites go to their window's
 * list. */
static int pop_ready(struct permute *p, bam1_t *const *reads, int n_popped,
                     struct site_list *lists)
{
    bam1_t *b = bam_init1();
    for (;;) {
        uint64_t window = (uint64_t)n_popped / READS_A_WINDOW;
        const bam1_t *next = permute_peek(p);
        int rc = permute_pop(p, b, window, &lists[window], NULL);
        ck_assert_int_eq(rc, next != NULL);
        if (rc == 0)
            break;
        ck_assert_int_lt(n_popped, N_READS);
        const bam1_t *want = reads[n_popped++];
        ck_assert_int_eq(b->l_data, want->l_data);
        ck_assert_mem_eq(b->data, want->data, (size_t)b->l_data);
        ck_assert_int_eq(b->core.pos, want->core.pos);
        ck_assert_int_eq(b->core.tid, want->core.tid);
    }
    bam_destroy1(b);
    return n_popped;
}

/* A site's entry in a window's list, which must have it once. */
static void expect_entry(const struct site_list *list, int32_t tid,
                         const struct vl_site *site, const uint32_t seen[4])
{
    const struct site *got = &list->v[site_list_seek(list, (uint32_t)tid, site->pos0)];
    ck_assert(got < list->v + list->n);
    ck_assert_int_eq(got->contig, tid);
    ck_assert_int_eq(got->pos0, site->pos0);
    ck_assert_uint_eq(got->ref, site->ref);
    ck_assert_uint_eq(got->change, perm_of(tid, site, seen));
}

/* A window's list has every site under an aligned or deleted base of its counting reads,
 * once. */
static void expect_window(struct site_list *list, bam1_t *const *reads, int first,
                          const struct columns *columns)
{
    static struct layout l;
    size_t n_want = 0;
    bool wanted[2][N_SITES] = {0};
    site_list_sort(list);
    for (int i = first; i < first + READS_A_WINDOW; i++) {
        int32_t tid = reads[i]->core.tid, n = reads[i]->core.l_qseq;
        int contig = tid < 0 ? -1 : CONTIG_SITES[tid];
        lay_out(reads[i], &l);
        for (int32_t k = 0; takes_part(reads[i], i) && k < n + l.n_deleted; k++) {
            int64_t pos = k < n ? l.rpos[k] : l.deleted[k - n];
            struct vl_site *site = pos < 0 ? NULL : find_site(contig, pos);
            if (!site || wanted[contig][site - sites[contig]])
                continue;
            wanted[contig][site - sites[contig]] = true;
            n_want++;
            expect_entry(list, tid, site, columns->seen[contig][site - sites[contig]]);
        }
    }
    ck_assert_uint_eq(list->n, n_want);
}

static void expect_counts(const struct permute *p, const struct columns *columns)
{
    uint64_t n_covered = 0, n_changed = 0;
    for (int32_t tid = 0; tid < N_FIXTURE_CONTIGS; tid++) {
        int contig = CONTIG_SITES[tid];
        for (size_t i = 0; contig >= 0 && i < n_sites[contig]; i++) {
            const uint32_t *seen = columns->seen[contig][i];
            bool changes = false, covers = seen[0] || seen[1] || seen[2] || seen[3];
            uint8_t perm = covers ? perm_of(tid, &sites[contig][i], seen) : 0;
            for (uint8_t base = 0; base < 4; base++)
                changes |= seen[base] > 0 && permutation_image(perm, base) != base;
            n_covered += covers;
            n_changed += changes;
        }
    }
    ck_assert_uint_gt(n_changed, 500);
    ck_assert_uint_lt(n_changed, n_covered);
    ck_assert_uint_eq(permute_n_covered(p), n_covered);
    ck_assert_uint_eq(permute_n_changed(p), n_changed);
}

START_TEST(test_columns_of_random_reads)
{
    static bam1_t *reads[N_READS];
    static struct columns columns;
    static struct site_list lists[N_READS / READS_A_WINDOW + 1];
    struct permute *p = opened();
    bam1_t *b = bam_init1();
    int n_popped = 0, n_waited = 0;
    random_reads(reads);
    for (int i = 0; i < N_READS; i++) {
        if (takes_part(reads[i], i))
            count_by_hand(&columns, reads[i]);
        ck_assert_int_eq(permute_advance(p, reads[i], NULL), 0);
        n_popped = pop_ready(p, reads, n_popped, lists);
        n_waited += n_popped < i;
        if (i > 0 && reads[i]->core.tid != reads[i - 1]->core.tid)
            ck_assert_int_eq(n_popped, i);
        ck_assert_ptr_nonnull(bam_copy1(b, reads[i]));
        ck_assert_int_eq(permute_push(p, b, i % 9 != 0, NULL), 0);
    }
    ck_assert_int_eq(permute_end(p, NULL), 0);
    ck_assert_int_eq(pop_ready(p, reads, n_popped, lists), N_READS);
    ck_assert_int_gt(n_waited, N_READS / 4);
    for (int i = 0; i < N_READS; i += READS_A_WINDOW)
        expect_window(&lists[i / READS_A_WINDOW], reads, i, &columns);
    expect_counts(p, &columns);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        site_list_clear(&lists[i]);
    for (int i = 0; i < N_READS; i++)
        bam_destroy1(reads[i]);
    bam_destroy1(b);
    permute_free(p);
}
END_TEST

/* A record whose aligned blocks start at pos and at `far`, all its bases being `base`. */
static void spliced(bam1_t *b, int64_t pos, int64_t far, char base)
{
    char line[256];
    if (far > 0)
        snprintf(line, sizeof line, "r 0 c0 %d 0 10M%dN10M * 0 0 %.*s *", (int)pos + 1,
                 (int)(far - pos - 10), 20, "AAAAAAAAAAAAAAAAAAAA");
    else
        snprintf(line, sizeof line, "r 0 c0 %d 0 10M * 0 0 %.*s *", (int)pos + 1, 10,
                 "AAAAAAAAAAAAAAAAAAAA");
    fixture_parse(b, line);
    for (int32_t i = 0; i < b->core.l_qseq; i++)
        bam_set_seqi(bam_get_seq(b), i, seq_nt16_table[(unsigned char)base]);
}

static void push(struct permute *p, bam1_t *b)
{
    ck_assert_int_eq(permute_advance(p, b, NULL), 0);
    ck_assert_int_eq(permute_push(p, b, true, NULL), 0);
}

START_TEST(test_spliced_read_waits_and_holds_back_the_next)
{
    struct permute *p = opened();
    struct site_list list = {0};
    bam1_t *b = bam_init1();
    spliced(b, 100, 3000, 'A');
    push(p, b);
    ck_assert_ptr_null(permute_peek(p));
    for (int64_t pos = 150; pos < 3000; pos += 150) {
        spliced(b, pos, 0, 'C');
        push(p, b);
        ck_assert_ptr_null(permute_peek(p));
        ck_assert_int_eq(permute_pop(p, b, 0, &list, NULL), 0);
    }
    spliced(b, 3010, 0, 'C');
    ck_assert_int_eq(permute_advance(p, b, NULL), 0);
    for (int64_t pos = 100; pos < 3000; pos += pos == 100 ? 50 : 150) {
        ck_assert_int_eq(permute_peek(p)->core.pos, pos);
        ck_assert_int_eq(permute_pop(p, b, 0, &list, NULL), 1);
        ck_assert_int_eq(b->core.pos, pos);
    }
    ck_assert_int_eq(permute_pop(p, b, 0, &list, NULL), 0);
    site_list_clear(&list);
    bam_destroy1(b);
    permute_free(p);
}
END_TEST

/* What is not counted, or lies where the VAC has nothing, need not wait. */
START_TEST(test_ready_at_once)
{
    static const struct {
        const char *sam;
        bool counts;
    } READS[] = {{"r 4 c0 101 0 10M * 0 0 AAAAAAAAAA *", true},
                 {"r 0 c0 101 0 10M * 0 0 AAAAAAAAAA *", false},
                 {"r 0 c0 101 0 10M * 0 0 * *", true},
                 {"r 0 c0 101 0 10S * 0 0 AAAAAAAAAA *", true},
                 {"r 0 c0 1000001 0 10M * 0 0 AAAAAAAAAA *", true},
                 {"r 0 c1 101 0 10M * 0 0 AAAAAAAAAA *", true},
                 {"r 4 * 0 0 * * 0 0 AAAAAAAAAA *", true}};
    struct permute *p = opened();
    struct site_list list = {0};
    bam1_t *b = bam_init1();
    for (size_t i = 0; i < sizeof READS / sizeof *READS; i++) {
        fixture_parse(b, READS[i].sam);
        ck_assert_int_eq(permute_advance(p, b, NULL), 0);
        ck_assert_int_eq(permute_push(p, b, READS[i].counts, NULL), 0);
        ck_assert_int_eq(permute_pop(p, b, 0, &list, NULL), 1);
        ck_assert_uint_eq(list.n, 0);
    }
    ck_assert_uint_eq(permute_n_covered(p), 0);
    site_list_clear(&list);
    bam_destroy1(b);
    permute_free(p);
}
END_TEST

START_TEST(test_n_and_iupac_do_not_count)
{
    struct permute *p = opened();
    struct site_list list = {0};
    bam1_t *b = bam_init1();
    const struct vl_site *site = &sites[0][20];
    for (const char *base = "NRYMSWK=BDHVNNNNNN"; *base; base++) {
        spliced(b, site->pos0, 0, *base);
        push(p, b);
    }
    ck_assert_int_eq(permute_end(p, NULL), 0);
    ck_assert_uint_eq(permute_n_covered(p), 0);
    while (permute_pop(p, b, 0, &list, NULL) == 1)
        ;
    ck_assert_uint_ge(list.n, 1);
    expect_entry(&list, 0, site, (uint32_t[4]){0});
    site_list_clear(&list);
    bam_destroy1(b);
    permute_free(p);
}
END_TEST

START_TEST(test_sites_once_a_window)
{
    struct permute *p = opened();
    struct site_list lists[3] = {{0}};
    bam1_t *b = bam_init1();
    const struct vl_site *site = &sites[0][20];
    for (int i = 0; i < 6; i++) {
        spliced(b, site->pos0, 0, 'A');
        push(p, b);
    }
    ck_assert_int_eq(permute_end(p, NULL), 0);
    for (int i = 0; i < 6; i++)
        ck_assert_int_eq(permute_pop(p, b, (uint64_t)i / 2, &lists[i / 2], NULL), 1);
    for (int i = 0; i < 3; i++) {
        ck_assert_uint_ge(lists[i].n, 1);
        ck_assert_uint_eq(lists[i].n, lists[0].n);
        ck_assert_int_eq(lists[i].v[0].pos0, site->pos0);
        ck_assert_uint_eq(lists[i].v[0].change, perm_of(0, site, (uint32_t[4]){6}));
    }
    for (int i = 0; i < 3; i++)
        site_list_clear(&lists[i]);
    bam_destroy1(b);
    permute_free(p);
}
END_TEST

/* A site where n_early As alone are permuted otherwise than among many Cs, and some way.
 */
static const struct vl_site *site_that_tells(uint32_t n_early, uint32_t n_later)
{
    for (size_t i = 0; i < n_sites[0]; i++) {
        const struct vl_site *site = &sites[0][i];
        uint8_t perm = perm_of(0, site, (uint32_t[4]){n_early});
        if (site->pos0 > 3000 && site->pos0 < 5000 && perm != 0 &&
            perm != perm_of(0, site, (uint32_t[4]){n_early, n_later}))
            return site;
    }
    ck_abort_msg("no such site");
    return NULL;
}

static bool has_site(const struct site_list *list, int64_t pos, uint8_t perm)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->v[i].pos0 == pos)
            return list->v[i].change == perm;
    return false;
}

/* Above PERMUTE_HELD_MAX the oldest record is decided from what was seen; reads that come
 * later follow, and are counted no more.  A column that shows only N by then is drawn all
 * the same: left as it is, it would show the later reads' own bases. */
START_TEST(test_forced_decision)
{
    enum { N_LATER = 9, BIG = PERMUTE_HELD_MAX / 4, N_BIG = 4 };
    uint32_t n_early = _i == 0 ? 1 : 0;
    const struct vl_site *site = site_that_tells(n_early, N_LATER);
    struct permute *p = opened();
    struct site_list list = {0}, others = {0};
    bam1_t *b = bam_init1();
    uint8_t *filler = calloc(BIG, 1), perm = perm_of(0, site, (uint32_t[4]){n_early});
    spliced(b, 100, site->pos0, n_early ? 'A' : 'N');
    push(p, b);
    for (int i = 0; i < N_BIG; i++) {
        ck_assert_ptr_null(permute_peek(p));
        spliced(b, 150, 0, 'G');
        ck_assert_int_eq(bam_aux_update_array(b, "XB", 'C', BIG - 1000, filler), 0);
        push(p, b);
    }
    ck_assert_ptr_null(permute_peek(p));
    spliced(b, 150, 0, 'G');
    ck_assert_int_eq(bam_aux_update_array(b, "XB", 'C', 8000, filler), 0);
    push(p, b);
    ck_assert_ptr_nonnull(permute_peek(p));
    ck_assert_int_eq(permute_pop(p, b, 0, &list, NULL), 1);
    ck_assert_int_eq(b->core.pos, 100);
    ck_assert(has_site(&list, site->pos0, perm));
    /* Still above the limit: so is the next one, a big one.  Then the others wait again.
     */
    ck_assert_int_eq(permute_pop(p, b, 0, &list, NULL), 1);
    ck_assert_int_eq(b->core.pos, 150);
    ck_assert_ptr_null(permute_peek(p));
    for (int i = 0; i < N_LATER; i++) {
        spliced(b, site->pos0, 0, 'C');
        push(p, b);
        while (permute_pop(p, b, 1, &others, NULL) == 1)
            ck_assert_int_eq(b->core.pos, 150);
    }
    ck_assert_int_eq(permute_end(p, NULL), 0);
    list.n = 0;
    for (int i = 0; i < N_LATER; i++)
        ck_assert_int_eq(permute_pop(p, b, 2, &list, NULL), 1);
    ck_assert(has_site(&list, site->pos0, perm));
    ck_assert_int_eq(permute_pop(p, b, 2, &list, NULL), 0);
    free(filler);
    site_list_clear(&others);
    site_list_clear(&list);
    bam_destroy1(b);
    permute_free(p);
}
END_TEST

START_TEST(test_free_with_waiting_records)
{
    struct permute *p = opened();
    bam1_t *b = bam_init1();
    spliced(b, 100, 3000, 'A');
    push(p, b);
    bam_destroy1(b);
    permute_free(p);
    permute_free(NULL);
}
END_TEST

Suite *permute_columns_suite(void)
{
    Suite *suite = suite_create("permute_columns");
    TCase *columns = tcase_create("columns");
    tcase_add_checked_fixture(columns, make_vac, remove_vac);
    tcase_add_test(columns, test_columns_of_random_reads);
    tcase_add_test(columns, test_spliced_read_waits_and_holds_back_the_next);
    tcase_add_test(columns, test_ready_at_once);
    tcase_add_test(columns, test_n_and_iupac_do_not_count);
    tcase_add_test(columns, test_sites_once_a_window);
    tcase_add_loop_test(columns, test_forced_decision, 0, 2);
    tcase_add_test(columns, test_free_with_waiting_records);
    suite_add_tcase(suite, columns);
    return suite;
}
