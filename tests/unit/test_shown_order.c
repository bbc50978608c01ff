#include "record/locus.h"
#include "record_fixture.h"
#include "restore/shown_order.h"

Suite *shown_order_suite(void);

enum { N_CONTIGS = 3, N_RECORDS = 3000 };

static void place(bam1_t *b, int32_t tid, int64_t pos, uint32_t number)
{
    char name[16];
    int n = snprintf(name, sizeof name, "%u", number);
    ck_assert_int_ge(bam_set1(b, (size_t)n, name, 0, tid, pos, 0, 0, NULL, -1, -1, 0, 0,
                              NULL, NULL, 0),
                     0);
}

/* The order that shown_order.h describes, as a number that may be compared. */
static int64_t key_of(const bam1_t *b)
{
    return b->core.tid < 0 ? INT64_MAX : (int64_t)b->core.tid << 40 | (b->core.pos + 1);
}

/* A stable sort by insertion. */
static void sort_by_rule(struct shown_record *v, size_t n)
{
    for (size_t i = 1; i < n; i++)
        for (size_t k = i; k > 0; k--) {
            int64_t a = key_of(v[k - 1].b), b = key_of(v[k].b);
            if (a < b || (a == b && v[k - 1].ordinal <= v[k].ordinal))
                break;
            struct shown_record t = v[k - 1];
            v[k - 1] = v[k];
            v[k] = t;
        }
}

static void random_run(uint64_t *s, struct shown_record *v, size_t n, bool with_ordinals,
                       uint32_t *number)
{
    for (size_t i = 0; i < n; i++) {
        v[i] = (struct shown_record){.b = bam_init1(),
                                     .grade = (int)rnd_below(s, 4),
                                     .ordinal = with_ordinals ? rnd_below(s, 4) : 0};
        int32_t tid = (int32_t)rnd_below(s, N_CONTIGS + 1) - 1;
        place(v[i].b, tid, tid < 0 ? -1 : (int64_t)rnd_below(s, 30) - 1, (*number)++);
    }
}

START_TEST(test_sort)
{
    uint64_t s = 1 + (uint64_t)_i;
    uint32_t number = 0;
    for (size_t n = 0; n < 200; n += 1 + n / 9) {
        struct shown_record *v = calloc(n + 1, sizeof *v),
                            *want = calloc(n + 1, sizeof *want);
        random_run(&s, v, n, _i % 2, &number);
        memcpy(want, v, n * sizeof *v);
        sort_by_rule(want, n);
        ck_assert_int_eq(shown_records_sort(v, n), 0);
        for (size_t i = 0; i < n; i++)
            ck_assert_ptr_eq(v[i].b, want[i].b);
        /* Again: nothing moves. */
        ck_assert_int_eq(shown_records_sort(v, n), 0);
        for (size_t i = 0; i < n; i++) {
            ck_assert_ptr_eq(v[i].b, want[i].b);
            bam_destroy1(v[i].b);
        }
        free(v);
        free(want);
    }
}
END_TEST

/* ---- the queue ---- */

struct written {
    uint32_t number[N_RECORDS];
    int grade[N_RECORDS];
    size_t n, fails_at;
};

static int write_number(void *arg, const bam1_t *b, int grade)
{
    struct written *w = arg;
    if (w->n == w->fails_at)
        return -77;
    w->number[w->n] = (uint32_t)atoi(bam_get_qname(b));
    w->grade[w->n++] = grade;
    return 0;
}

static void free_run(struct shown_record *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        bam_destroy1(v[i].b);
    free(v);
}

/* Of what has gone, with ordinals all that lies before the limit; without, also what lies
 * on it.  Unplaced ones go at once. */
static size_t count_due(const struct shown_record *all, size_t n,
                        const struct vl_locus *limit, bool has_order)
{
    size_t n_due = 0;
    for (size_t i = 0; i < n; i++) {
        struct vl_locus here = locus_of(all[i].b, N_CONTIGS);
        n_due +=
            locus_compare(&here, limit) < (has_order ? 0 : 1) || here.contig == N_CONTIGS;
    }
    return n_due;
}

/* Runs that overlap: a record of run k lies at or behind limit k - 1; what comes out is
 * the stable sort of all, and as early as the limit allows. */
START_TEST(test_runs)
{
    uint64_t s = 50 + (uint64_t)_i;
    struct written w = {.fails_at = SIZE_MAX};
    struct shown_queue queue = {.n_contigs = N_CONTIGS,
                                .has_order = _i % 2,
                                .write = write_number,
                                .write_arg = &w};
    static struct shown_record all[N_RECORDS];
    size_t n_all = 0;
    int64_t base = 0;
    uint32_t contig = 0, number = 0;
    for (int run = 0; run < 60; run++) {
        size_t n = rnd_below(&s, 30);
        struct shown_record *v = calloc(n + 1, sizeof *v);
        for (size_t i = 0; i < n; i++) {
            bool unplaced = contig == N_CONTIGS;
            v[i] =
                (struct shown_record){.b = bam_init1(), .grade = (int)rnd_below(&s, 4)};
            place(v[i].b, unplaced ? -1 : (int32_t)contig,
                  unplaced ? -1 : base + rnd_below(&s, 40), number++);
            v[i].ordinal = !queue.has_order ? 0
                           : unplaced       ? number
                                            : rnd_below(&s, 1000000);
            all[n_all] = v[i];
            all[n_all++].b = bam_dup1(v[i].b);
        }
        if (rnd_below(&s, 12) == 0 && contig < N_CONTIGS) {
            contig++;
            base = 0;
        }
        base += rnd_below(&s, 20);
        struct vl_locus limit = {.contig = contig,
                                 .pos0 = contig == N_CONTIGS ? -1 : base};
        ck_assert_int_eq(shown_records_sort(v, n), 0);
        ck_assert_int_eq(shown_queue_add(&queue, v, n, &limit), 0);
        ck_assert_uint_eq(w.n, count_due(all, n_all, &limit, queue.has_order));
        free_run(v, n);
    }
    ck_assert_int_eq(shown_queue_end(&queue), 0);
    ck_assert_uint_eq(w.n, n_all);
    sort_by_rule(all, n_all);
    for (size_t i = 0; i < n_all; i++) {
        ck_assert_uint_eq(w.number[i], (uint32_t)atoi(bam_get_qname(all[i].b)));
        ck_assert_int_eq(w.grade[i], all[i].grade);
        bam_destroy1(all[i].b);
    }
    shown_queue_clear(&queue);
}
END_TEST

/* Without ordinals a record on the limit need not wait: who comes later goes later. */
START_TEST(test_limits)
{
    static const struct {
        bool has_order;
        struct vl_locus limit;
        size_t want;
    } CASES[] = {
        {true, {.contig = 0, .pos0 = 10}, 0}, {true, {.contig = 0, .pos0 = 11}, 2},
        {true, {.contig = 0, .pos0 = 12}, 2}, {true, {.contig = 1, .pos0 = 10}, 2},
        {true, {.contig = 1, .pos0 = 11}, 3}, {true, {.contig = 3, .pos0 = -1}, 4},
        {false, {.contig = 0, .pos0 = 9}, 0}, {false, {.contig = 0, .pos0 = 10}, 2},
        {false, {.contig = 1, .pos0 = 9}, 2}, {false, {.contig = 1, .pos0 = 10}, 3},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct written w = {.fails_at = SIZE_MAX};
        struct shown_queue queue = {.n_contigs = N_CONTIGS,
                                    .has_order = CASES[i].has_order,
                                    .write = write_number,
                                    .write_arg = &w};
        struct shown_record *v = calloc(4, sizeof *v);
        for (uint32_t k = 0; k < 4; k++)
            v[k].b = bam_init1();
        place(v[0].b, 0, 10, 0);
        place(v[1].b, 0, 10, 1);
        place(v[2].b, 1, 10, 2);
        place(v[3].b, -1, -1, 3);
        ck_assert_int_eq(shown_queue_add(&queue, v, 4, &CASES[i].limit), 0);
        ck_assert_msg(w.n == CASES[i].want, "%zu: %zu", i, w.n);
        ck_assert_int_eq(shown_queue_end(&queue), 0);
        ck_assert_uint_eq(w.n, 4);
        for (uint32_t k = 0; k < 4; k++)
            ck_assert_uint_eq(w.number[k], k);
        free_run(v, 4);
        shown_queue_clear(&queue);
    }
}
END_TEST

/* A failure to write is passed on, and nothing leaks or is lost. */
START_TEST(test_failing_write)
{
    const struct vl_locus low = {.contig = 0, .pos0 = 5},
                          high = {.contig = 3, .pos0 = -1};
    for (size_t fails_at = 0; fails_at < 20; fails_at++) {
        struct written w = {.fails_at = fails_at};
        struct shown_queue queue = {.n_contigs = N_CONTIGS,
                                    .has_order = true,
                                    .write = write_number,
                                    .write_arg = &w};
        int rc = 0;
        for (int run = 0; run < 2; run++) {
            struct shown_record *v = calloc(10, sizeof *v);
            for (uint32_t k = 0; k < 10; k++) {
                v[k].b = bam_init1();
                place(v[k].b, 0, k, k);
            }
            if (rc == 0)
                rc = shown_queue_add(&queue, v, 10, run ? &high : &low);
            free_run(v, 10);
        }
        ck_assert_int_eq(rc, -77);
        ck_assert_uint_eq(w.n, fails_at);
        shown_queue_clear(&queue);
    }
}
END_TEST

Suite *shown_order_suite(void)
{
    Suite *suite = suite_create("shown_order");
    TCase *tcase = tcase_create("shown_order");
    tcase_add_loop_test(tcase, test_sort, 0, 4);
    tcase_add_loop_test(tcase, test_runs, 0, 30);
    tcase_add_test(tcase, test_limits);
    tcase_add_test(tcase, test_failing_write);
    suite_add_tcase(suite, tcase);
    return suite;
}
