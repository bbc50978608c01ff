#include "window/block.h"

#include <check.h>

Suite *block_suite(void);

/* n records of a base each at one place. */
static struct block block_of(size_t n, int64_t pos0, int32_t n_bases)
{
    struct block block = {0};
    for (size_t i = 0; i < n; i++)
        block_add(&block, 0, pos0, n_bases);
    return block;
}

/* Whether a block of so many records at 100 ends before a record at a place. */
START_TEST(test_ends)
{
    static const struct {
        size_t n;
        int32_t n_bases, contig;
        int64_t pos0;
        bool ends;
    } CASES[] = {
        {1, 1, 0, 100, false},
        {1, 1, 1, 100, true},
        {1, 1, -1, -1, true},
        {1023, 1, 0, 16384, false},
        {1024, 1, 0, 16383, false},
        {1024, 1, 0, 16384, true},
        {32767, 1, 0, 100, false},
        {32768, 1, 0, 100, true},
        {1, (1 << 22) - 1, 0, 100, false},
        {1, 1 << 22, 0, 100, true},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct block block = block_of(CASES[i].n, 100, CASES[i].n_bases);
        ck_assert_msg(block_ends_before(&block, CASES[i].contig, CASES[i].pos0) ==
                          CASES[i].ends,
                      "case %zu", i);
    }
    ck_assert(!block_ends_before(&(struct block){0}, 3, 7));
}
END_TEST

START_TEST(test_bytes)
{
    struct block block = block_of(3, 5, 101);
    ck_assert_uint_eq(block_bytes(&block), 3 * 64 + 303 * 3 / 2);
}
END_TEST

Suite *block_suite(void)
{
    Suite *suite = suite_create("block");
    TCase *tcase = tcase_create("block");
    tcase_add_test(tcase, test_ends);
    tcase_add_test(tcase, test_bytes);
    suite_add_tcase(suite, tcase);
    return suite;
}
