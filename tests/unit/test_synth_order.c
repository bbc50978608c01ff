/* Pairs, mate fields and what leaves the masked file; the order is in
 * test_synth_order_total.c. */
#include "mask/synth_order.h"

#include "synth_order_fixture.h"

Suite *synth_order_suite(void);

/* ---- one by one ---- */

#define BASES "ACGTACGTAC *"
#define MANY 4

/* What becomes of records, in the order of the output: name/flag, then a reason, or the
 * masked POS and the mate's: p (proper), contig:PNEXT, TLEN, MC. */
static const struct {
    const char *what;
    struct limits limits;
    const char *sam[MANY];
    const char *want[MANY];
} CASES[] = {
    {"alone", {0}, {"r 0 c0 101 60 10M * 0 0 " BASES}, {"r/0 101 *:0 0"}},
    {"clipped", {0}, {"r 0 c0 104 60 3S7M * 0 0 " BASES}, {"r/0 101 *:0 0"}},
    {"unplaced", {0}, {"r 4 * 0 0 * * 0 0 " BASES}, {"r/4 0 *:0 0"}},
    {"unplaced pair",
     {0},
     {"r 77 * 0 0 * * 0 0 " BASES, "r 141 * 0 0 * * 0 0 " BASES},
     {"r/77 0 *:0 0", "r/141 0 *:0 0"}},
    /* pairs */
    {"pair",
     {0},
     {"r 97 c0 101 60 10M = 121 30 " BASES, "r 145 c0 121 60 10M = 101 -30 " BASES},
     {"r/97 101 p c0:121 30 10M", "r/145 121 p c0:101 -30 10M"}},
    {"pair of clipped ends",
     {0},
     {"r 97 c0 104 60 3S7M = 121 99 " BASES, "r 145 c0 121 60 8M2S = 7 99 " BASES},
     {"r/97 101 p c0:121 30 10M", "r/145 121 p c0:101 -30 10M"}},
    {"the reverse end moves before the forward one",
     {0},
     {"r 97 c0 104 60 10M = 105 99 " BASES, "r 145 c0 105 60 5M1I4M = 104 99 " BASES},
     {"r/97 104 p c0:104 10 10M", "r/145 104 p c0:104 -10 10M"}},
    {"names with /1 and /2",
     {0},
     {"r/1 97 c0 101 60 10M = 121 30 " BASES, "r/2 145 c0 121 60 10M = 101 -30 " BASES},
     {"r/1/97 101 p c0:121 30 10M", "r/2/145 121 p c0:101 -30 10M"}},
    {"introns and contig edges in MC",
     {0},
     {"r 97 c0 1 60 5S25M = 121 99 * *", "r 145 c0 121 60 25M9N25M = 1 99 * *"},
     {"r/97 1 p c0:121 179 25M9N25M", "r/145 121 p c0:1 -179 5S25M"}},
    {"one of a pair says that the strands are the same",
     {0},
     {"r 65 c0 101 60 10M = 121 30 " BASES, "r 145 c0 121 60 10M = 101 -30 " BASES},
     {"r/65 vaulted", "r/145 vaulted"}},
    {"one of a pair says that its mate is elsewhere",
     {0},
     {"r 97 c0 101 60 10M c1 121 30 " BASES, "r 145 c0 121 60 10M = 101 -30 " BASES},
     {"r/97 vaulted", "r/145 vaulted"}},
    {"MC and TLEN are not looked at",
     {0},
     {"r 97 c0 101 60 10M = 121 9 " BASES " MC:Z:9I5M",
      "r 145 c0 121 60 10M = 101 9 " BASES},
     {"r/97 101 p c0:121 30 10M", "r/145 121 p c0:101 -30 10M"}},
    {"at max_insert",
     {.max_insert = 30},
     {"r 97 c0 101 60 10M = 121 30 " BASES, "r 145 c0 121 60 10M = 101 -30 " BASES},
     {"r/97 101 p c0:121 30 10M", "r/145 121 p c0:101 -30 10M"}},
    {"beyond max_insert, but not by PNEXT",
     {.max_insert = 29},
     {"r 97 c0 101 60 10M = 121 30 " BASES, "r 145 c0 121 60 10M = 101 -30 " BASES},
     {"r/97 101 *:0 0", "r/145 121 *:0 0"}},
    {"far by PNEXT",
     {.max_insert = 19},
     {"r 97 c0 101 60 10M = 121 30 " BASES, "r 145 c0 121 60 10M = 101 -30 " BASES},
     {"r/97 vaulted", "r/145 vaulted"}},
    {"near by the 5' ends, far as one says",
     {.max_insert = 40},
     {"r 97 c0 101 60 10M = 142 30 " BASES, "r 145 c0 121 60 10M = 101 -30 " BASES},
     {"r/97 vaulted", "r/145 vaulted"}},
    {"far, but kept",
     {.max_insert = 19, .keep = true},
     {"r 97 c0 101 60 10M = 121 30 " BASES, "r 145 c0 121 60 10M = 101 -30 " BASES},
     {"r/97 101 c0:121 0", "r/145 121 c0:101 0"}},
    {"without max_insert",
     {.max_insert = -1},
     {"r 97 c0 101 60 10M = 9101 30 " BASES, "r 145 c0 9101 60 10M = 101 -30 " BASES},
     {"r/97 101 p c0:9101 9010 10M", "r/145 9101 p c0:101 -9010 10M"}},
    {"same strand",
     {0},
     {"r 65 c0 101 60 10M = 121 30 " BASES, "r 129 c0 121 60 10M = 101 -30 " BASES},
     {"r/65 vaulted", "r/129 vaulted"}},
    {"reverse forward",
     {0},
     {"r 81 c0 101 60 10M = 121 30 " BASES, "r 161 c0 121 60 10M = 101 -30 " BASES},
     {"r/81 vaulted", "r/161 vaulted"}},
    {"reverse forward, kept",
     {.keep = true},
     {"r 81 c0 101 60 10M = 121 30 " BASES, "r 161 c0 121 60 10M = 101 -30 " BASES},
     {"r/81 101 c0:121 10 10M", "r/161 121 c0:101 -10 10M"}},
    {"both are the first end",
     {.keep = true},
     {"r 97 c0 101 60 10M = 121 30 " BASES, "r 81 c0 121 60 10M = 101 -30 " BASES},
     {"r/97 vaulted", "r/81 vaulted"}},
    {"a third record of the name",
     {0},
     {"r 97 c0 101 60 10M = 121 30 " BASES, "r 145 c0 121 60 10M = 101 -30 " BASES,
      "r 97 c0 141 60 10M = 121 30 " BASES},
     {"r/97 vaulted", "r/145 vaulted", "r/97 vaulted"}},
    {"a third record near one of the two",
     {.max_insert = 30},
     {"r 97 c0 101 60 10M = 121 30 " BASES, "r 145 c0 121 60 10M = 101 -30 " BASES,
      "r 97 c0 141 60 10M = 121 30 " BASES},
     {"r/97 vaulted", "r/145 vaulted", "r/97 vaulted"}},
    {"the name in another read group",
     {0},
     {"r 97 c0 101 60 10M = 121 30 " BASES " RG:Z:a",
      "r 97 c0 111 60 10M = 131 30 " BASES " RG:Z:b",
      "r 145 c0 121 60 10M = 101 -30 " BASES " RG:Z:a",
      "r 145 c0 131 60 10M = 111 -30 " BASES " RG:Z:b"},
     {"r/97 101 p c0:121 30 10M", "r/97 111 p c0:131 30 10M",
      "r/145 121 p c0:101 -30 10M", "r/145 131 p c0:111 -30 10M"}},
    {"no pair: not paired",
     {.keep = true},
     {"r 97 c0 101 60 10M = 121 30 " BASES, "r 16 c0 121 60 10M = 101 -30 " BASES},
     {"r/97 101 *:0 0", "r/16 121 *:0 0"}},
    {"one says that the mate is unmapped",
     {.keep = true},
     {"r 105 c0 101 60 10M = 101 0 " BASES, "r 145 c0 121 60 10M = 101 -30 " BASES},
     {"r/105 vaulted", "r/145 vaulted"}},
    {"no pair: * is no name",
     {0},
     {"* 97 c0 101 60 10M = 121 30 " BASES, "* 145 c0 121 60 10M = 101 -30 " BASES},
     {"*/97 101 *:0 0", "*/145 121 *:0 0"}},
    {"no pair: nothing before /1 and /2",
     {0},
     {"/1 97 c0 101 60 10M = 121 30 " BASES, "/2 145 c0 121 60 10M = 101 -30 " BASES},
     {"/1/97 101 *:0 0", "/2/145 121 *:0 0"}},
    /* placed-unmapped */
    {"unmapped mate",
     {0},
     {"r 73 c0 101 60 10M = 101 0 " BASES, "r 133 c0 101 0 * = 101 0 " BASES},
     {"r/73 101 c0:101 0", "r/133 101 c0:101 0 10M"}},
    {"unmapped mate of a clipped end, first in the file",
     {0},
     {"r 133 c0 104 0 * = 104 0 " BASES, "r 73 c0 104 60 3S7M = 104 0 " BASES},
     {"r/73 101 c0:101 0", "r/133 101 c0:101 0 10M"}},
    {"unmapped mate elsewhere",
     {0},
     {"r 73 c0 101 60 10M = 101 0 " BASES, "r 133 c0 102 0 * = 101 0 " BASES},
     {"r/73 101 c0:101 0", "r/133 odd"}},
    {"placed-unmapped alone", {0}, {"r 133 c0 101 0 * = 101 0 " BASES}, {"r/133 odd"}},
    {"placed-unmapped without a mate", {0}, {"r 4 c0 101 0 * * 0 0 " BASES}, {"r/4 odd"}},
    {"unmapped mate of a whole one",
     {0},
     {"r 73 HLA 101 60 10M = 101 0 " BASES, "r 133 HLA 101 0 * = 101 0 " BASES},
     {"r/73 vaulted", "r/133 vaulted"}},
    /* mates that never come */
    {"near",
     {0},
     {"r 97 c0 101 60 10M = 121 99 " BASES " MC:Z:8M2S"},
     {"r/97 101 *:0 0"}},
    {"near, without max_insert",
     {.max_insert = -1},
     {"r 97 c0 101 60 10M = 90121 99 " BASES " MC:Z:8M2S"},
     {"r/97 101 c0:90121 0"}},
    {"PNEXT at max_insert",
     {.max_insert = 20},
     {"r 97 c0 101 60 10M = 121 30 " BASES},
     {"r/97 101 *:0 0"}},
    {"PNEXT beyond it",
     {.max_insert = 19},
     {"r 97 c0 101 60 10M = 121 30 " BASES},
     {"r/97 vaulted"}},
    {"PNEXT beyond it, kept",
     {.max_insert = 19, .keep = true},
     {"r 97 c0 101 60 10M = 121 30 " BASES},
     {"r/97 101 c0:121 0"}},
    {"same strand", {0}, {"r 65 c0 101 60 10M = 121 30 " BASES}, {"r/65 vaulted"}},
    {"RNEXT *", {0}, {"r 97 c0 101 60 10M * 0 0 " BASES}, {"r/97 101 *:0 0"}},
    {"mate on another contig",
     {0},
     {"r 97 c0 101 60 10M c1 121 0 " BASES " MC:Z:10M"},
     {"r/97 vaulted"}},
    {"mate on another contig, kept",
     {.keep = true},
     {"r 97 c0 101 60 10M c1 124 0 " BASES " MC:Z:8M2S"},
     {"r/97 101 c1:124 0"}},
    /* whole */
    {"secondary", {0}, {"r 256 c0 101 60 10M * 0 0 " BASES}, {"r/256 second"}},
    {"supplementary", {0}, {"r 2048 c0 101 60 10M * 0 0 " BASES}, {"r/2048 second"}},
    {"a supplementary one is no mate",
     {0},
     {"r 97 c0 101 60 10M = 121 30 " BASES, "r 2193 c0 121 60 10M = 101 -30 " BASES},
     {"r/97 101 *:0 0", "r/2193 second"}},
    {"nothing aligned", {0}, {"r 0 c0 101 60 10I * 0 0 " BASES}, {"r/0 odd"}},
    {"lengths disagree", {0}, {"short 0 c0 101 60 10M * 0 0 " BASES}, {"short/0 odd"}},
    {"behind the contig", {0}, {"r 0 c2 1101 60 10M * 0 0 " BASES}, {"r/0 1000 *:0 0"}},
    {"lost", {0}, {"r 0 * 0 60 * * 0 0 " BASES}, {"r/0 odd"}},
    {"at max_shift",
     {.max_shift = 10},
     {"r 0 c0 104 60 3S7M * 0 0 " BASES},
     {"r/0 101 *:0 0"}},
    {"SEQ is long", {.max_shift = 9}, {"r 0 c0 104 60 3S7M * 0 0 " BASES}, {"r/0 long"}},
    {"the CIGAR is long, without SEQ",
     {.max_shift = 9},
     {"r 0 c0 104 60 3S7M * 0 0 * *"},
     {"r/0 long"}},
    {"moved far",
     {.max_shift = 10},
     {"r 16 c0 101 60 5M50000D5M * 0 0 " BASES},
     {"r/16 50101 *:0 0"}},
    {"both go, for the reason of one",
     {0},
     {"short 97 c0 101 60 10M = 121 30 " BASES,
      "short 145 c0 121 60 10M = 101 -30 " BASES},
     {"short/97 odd", "short/145 odd"}},
    {"vaulted contig", {0}, {"r 0 HLA 101 60 10M * 0 0 " BASES}, {"r/0 vaulted"}},
    {"RNEXT is a vaulted contig, kept",
     {.keep = true},
     {"r 97 c0 101 60 10M HLA 121 30 " BASES},
     {"r/97 vaulted"}},
    {"meets the vault",
     {.vault = {110, 120}},
     {"r 0 c0 102 60 10M * 0 0 " BASES},
     {"r/0 vaulted"}},
    {"touches the vault",
     {.vault = {110, 120}},
     {"q 0 c0 101 60 10M * 0 0 " BASES, "r 0 c0 121 60 10M * 0 0 " BASES},
     {"q/0 101 *:0 0", "r/0 121 *:0 0"}},
    {"masked, it meets the vault",
     {.vault = {110, 120}},
     {"r 0 c0 124 60 5S5M * 0 0 " BASES},
     {"r/0 vaulted"}},
    {"its 5' end, off the contig's end, meets the vault",
     {.vault = {4999999, 5000009}},
     {"r 16 c0 4999991 60 5M5S * 0 0 " BASES},
     {"r/16 vaulted"}},
    {"its mate meets the vault, kept",
     {.vault = {125, 126}, .keep = true},
     {"r 97 c0 101 60 10M = 121 30 " BASES, "r 145 c0 121 60 10M = 101 -30 " BASES},
     {"r/97 vaulted", "r/145 vaulted"}},
    {"PNEXT, which is shown, meets the vault",
     {.vault = {120, 121}, .max_insert = 19, .keep = true},
     {"r 97 c0 101 60 10M = 121 30 " BASES},
     {"r/97 vaulted"}},
};
enum { N_CASES = sizeof CASES / sizeof *CASES };

START_TEST(test_cases)
{
    struct bench bench;
    bench_open(&bench, &CASES[_i].limits);
    for (int i = 0; i < MANY && CASES[_i].sam[i]; i++)
        bench_push(&bench, CASES[_i].sam[i]);
    ck_assert_int_eq(reorder_end(bench.reorder, NULL), 0);
    for (int i = 0; i < MANY && CASES[_i].want[i]; i++) {
        char text[300];
        ck_assert_msg(bench_next(&bench, text), "%s", CASES[_i].what);
        ck_assert_msg(strcmp(text, CASES[_i].want[i]) == 0, "%s: %s, not %s",
                      CASES[_i].what, text, CASES[_i].want[i]);
    }
    ck_assert_ptr_null(reorder_peek(bench.reorder));
    bench_close(&bench);
}
END_TEST

/* What the counts say of the same records. */
START_TEST(test_counts)
{
    struct bench bench;
    bench_open(&bench, &(struct limits){.max_insert = 1000, .max_shift = 10});
    bench_push(&bench, "a 97 c0 101 60 10M = 121 30 " BASES);
    bench_push(&bench, "b 256 c0 101 60 10M * 0 0 " BASES);
    bench_push(&bench, "c 2048 c0 101 60 10M * 0 0 " BASES);
    bench_push(&bench, "short 0 c0 101 60 10M * 0 0 " BASES);
    bench_push(&bench, "e 0 c0 101 60 11M * 0 0 * *");
    bench_push(&bench, "f 65 c0 101 60 10M = 121 30 " BASES);
    bench_push(&bench, "g 97 c0 101 60 10M * 0 0 " BASES);
    bench_push(&bench, "h 0 c0 101 60 10M * 0 0 " BASES);
    bench_push(&bench, "h 73 c0 101 60 10M = 101 0 " BASES);
    bench_push(&bench, "i 4 * 0 0 * * 0 0 " BASES);
    ck_assert_int_eq(reorder_end(bench.reorder, NULL), 0);
    static const uint64_t WANT[WHOLE_REASONS] = {5, 2, 1, 1, 1};
    for (int reason = 0; reason < WHOLE_REASONS; reason++)
        ck_assert_uint_eq(reorder_n_whole(bench.reorder, (enum whole_reason)reason),
                          WANT[reason]);
    ck_assert_uint_eq(reorder_n_mate_unknown(bench.reorder), 2); /* a, g */
    bench_close(&bench);
}
END_TEST

/* Memory that nobody popped. */
START_TEST(test_freed_while_waiting)
{
    struct bench bench;
    bench_open(&bench, &(struct limits){0});
    bench_push(&bench, "a 97 c0 101 60 10M = 121 30 " BASES " MC:Z:5M9N5M");
    bench_push(&bench, "b 97 c1 101 60 10M = 121 30 " BASES " MC:Z:5M9N5M");
    bench_close(&bench);
    reorder_free(NULL);
}
END_TEST

/* A reverse read whose mate is not at hand moves when it was already laid out.  Where it
 * then reaches over introns that are too long for one operator, it leaves. */
START_TEST(test_moved_over_long_introns)
{
    static const uint8_t KEY[VL_MASK_KEY_BYTES] = {5};
    struct bench bench;
    struct vl_error err = {0};
    int n_laid = 0, n_odd = 0;
    bench_open(&bench, &(struct limits){0});
    bench.contigs.v[0].length = (int64_t)1 << 30;
    reorder_free(bench.reorder);
    ck_assert_int_eq(blur_open(&bench.options.blur, &bench.contigs, 20, KEY, &err), 0);
    bench.options.blur_max = 80;
    ck_assert_int_eq(reorder_open(&bench.reorder, &bench.options, &err), 0);
    for (int i = 0; i < 40; i++) {
        char sam[200];
        sprintf(sam, "r 17 c0 %d 60 15M268435455N268435455N50M * 0 0 * *", 1000 + i);
        bench_push(&bench, sam);
    }
    ck_assert_int_eq(reorder_end(bench.reorder, &err), 0);
    for (struct placed *p; (p = reorder_peek(bench.reorder));
         reorder_pop(bench.reorder)) {
        ck_assert_int_eq(p->whole, p->is_laid ? WHOLE_NOT : WHOLE_ODD);
        n_laid += p->is_laid;
        n_odd += !p->is_laid;
    }
    ck_assert_int_eq(n_laid + n_odd, 40);
    ck_assert(n_laid > 0 && n_odd > 0);
    blur_free(bench.options.blur);
    bench_close(&bench);
}
END_TEST

Suite *synth_order_suite(void)
{
    Suite *suite = suite_create("synth_order");
    TCase *tcase = tcase_create("reorder");
    tcase_add_loop_test(tcase, test_cases, 0, N_CASES);
    tcase_add_test(tcase, test_counts);
    tcase_add_test(tcase, test_freed_while_waiting);
    tcase_add_test(tcase, test_moved_over_long_introns);
    suite_add_tcase(suite, tcase);
    return suite;
}
