#include "record/nibbles.h"

#include "record_fixture.h"

Suite *nibbles_suite(void);

enum { LONGEST = 70 };

static int get(const uint8_t *seq, int64_t i)
{
    return i % 2 ? seq[i / 2] & 15 : seq[i / 2] >> 4;
}

/* Exactly as many bytes as n nibbles take, so that a sanitizer sees one too many. */
static uint8_t *random_nibbles(uint64_t *s, int64_t n)
{
    uint8_t *seq = malloc((size_t)(n + 1) / 2);
    for (int64_t i = 0; i < (n + 1) / 2; i++)
        seq[i] = (uint8_t)rnd(s);
    return seq;
}

START_TEST(test_copy)
{
    uint64_t s = 1;
    for (int64_t n = 0; n <= LONGEST; n++)
        for (int64_t to = 0; to < 4; to++)
            for (int64_t from = 0; from < 4; from++)
                for (int64_t behind = 0; behind < 2; behind++) {
                    uint8_t *src = random_nibbles(&s, from + n);
                    uint8_t *dst = random_nibbles(&s, to + n + behind);
                    size_t size = (size_t)(to + n + behind + 1) / 2;
                    uint8_t *want = malloc(size + 1);
                    memcpy(want, dst, size);
                    for (int64_t i = to; i < to + n; i++) {
                        uint8_t v = (uint8_t)get(src, from + i - to);
                        want[i / 2] = (uint8_t)(i % 2 ? (want[i / 2] & 0xf0) | v
                                                      : (want[i / 2] & 15) | v << 4);
                    }
                    nibbles_copy(dst, to, src, from, n);
                    ck_assert_msg(memcmp(dst, want, size) == 0, "%d from %d to %d",
                                  (int)n, (int)from, (int)to);
                    free(want);
                    free(dst);
                    free(src);
                }
}
END_TEST

START_TEST(test_fill)
{
    uint64_t s = 2;
    for (int64_t n = 0; n <= LONGEST; n++)
        for (int64_t to = 0; to < 4; to++)
            for (int64_t behind = 0; behind < 3; behind++) {
                int64_t length = to + n + behind;
                int nibble = (int)rnd_below(&s, 16);
                uint8_t *dst = random_nibbles(&s, length);
                uint8_t *before = malloc((size_t)length / 2 + 1);
                memcpy(before, dst, (size_t)(length + 1) / 2);
                nibbles_fill(dst, to, n, nibble);
                for (int64_t i = 0; i < 2 * ((length + 1) / 2); i++)
                    ck_assert_int_eq(get(dst, i),
                                     i >= to && i < to + n ? nibble : get(before, i));
                free(before);
                free(dst);
            }
}
END_TEST

static int64_t mismatch_by_rule(const uint8_t *a, const uint8_t *b, int64_t from,
                                int64_t to, bool n_too)
{
    for (int64_t i = from; i < to; i++)
        if (get(a, i) != get(b, i) || (n_too && get(a, i) == NIBBLE_N))
            return i;
    return to;
}

/* One difference and one N at every place of every stretch. */
START_TEST(test_mismatch)
{
    uint64_t s = 3;
    for (int64_t length = 1; length <= LONGEST; length++)
        for (int64_t at = 0; at <= length; at++) {
            uint8_t *a = random_nibbles(&s, length),
                    *b = malloc((size_t)(length + 1) / 2);
            for (int64_t i = 0; i < length; i++)
                if (get(a, i) == NIBBLE_N)
                    seq_set_nibble(a, i, 1);
            if (at < length && rnd_below(&s, 2))
                seq_set_nibble(a, at, NIBBLE_N);
            memcpy(b, a, (size_t)(length + 1) / 2);
            if (at < length && rnd_below(&s, 3))
                seq_set_nibble(b, at, get(a, at) ^ (1 << rnd_below(&s, 4)));
            /* The half byte behind the end counts for nothing. */
            if (length % 2)
                a[length / 2] ^= 0xf;
            for (int64_t from = 0; from < length && from < 20; from++)
                for (int64_t to = length - (from > length - 3 ? 0 : 2); to <= length;
                     to++)
                    for (int n_too = 0; n_too < 2; n_too++)
                        ck_assert_int_eq(nibbles_mismatch(a, b, from, to, n_too),
                                         mismatch_by_rule(a, b, from, to, n_too));
            free(a);
            free(b);
        }
}
END_TEST

START_TEST(test_mismatches_at_random)
{
    uint64_t s = 4;
    for (int round = 0; round < 20000; round++) {
        int64_t length = 1 + rnd_below(&s, 200), from = rnd_below(&s, (uint32_t)length);
        int64_t to = from + rnd_below(&s, (uint32_t)(length - from) + 1);
        uint8_t *a = random_nibbles(&s, length), *b = malloc((size_t)(length + 1) / 2);
        memcpy(b, a, (size_t)(length + 1) / 2);
        for (uint32_t k = rnd_below(&s, 4); k > 0; k--)
            seq_set_nibble(b, rnd_below(&s, (uint32_t)length), (int)rnd_below(&s, 16));
        if (rnd_below(&s, 2))
            for (int64_t i = 0; i < length; i++)
                if (get(a, i) == NIBBLE_N && rnd_below(&s, 4)) {
                    seq_set_nibble(a, i, 2);
                    seq_set_nibble(b, i, 2);
                }
        for (int n_too = 0; n_too < 2; n_too++)
            ck_assert_int_eq(nibbles_mismatch(a, b, from, to, n_too),
                             mismatch_by_rule(a, b, from, to, n_too));
        free(a);
        free(b);
    }
}
END_TEST

/* Letters only, then one other nibble inside or outside the stretch. */
START_TEST(test_letters)
{
    uint64_t s = 5;
    for (int64_t length = 1; length <= LONGEST; length++)
        for (int64_t at = 0; at < length; at++) {
            uint8_t *a = random_nibbles(&s, length);
            for (int64_t i = 0; i < length; i++)
                seq_set_nibble(a, i, 1 + (int)rnd_below(&s, 14));
            ck_assert(nibbles_are_letters(a, 0, length));
            seq_set_nibble(a, at, rnd_below(&s, 2) ? NIBBLE_N : NIBBLE_EQUAL);
            for (int64_t from = 0; from < length && from < 20; from++)
                for (int64_t n = 0; n <= length - from; n++)
                    ck_assert_int_eq(nibbles_are_letters(a, from, n),
                                     at < from || at >= from + n);
            free(a);
        }
}
END_TEST

START_TEST(test_hide_equal)
{
    uint64_t s = 6;
    for (int64_t length = 1; length <= 3 * LONGEST; length++) {
        uint8_t *a = random_nibbles(&s, length), *b = malloc((size_t)(length + 1) / 2);
        for (uint32_t k = rnd_below(&s, 10); k > 0; k--)
            seq_set_nibble(a, rnd_below(&s, (uint32_t)length), NIBBLE_EQUAL);
        memcpy(b, a, (size_t)(length + 1) / 2);
        int64_t n = length - rnd_below(&s, 2);
        nibbles_hide_equal(b, n);
        for (int64_t i = 0; i < 2 * ((length + 1) / 2); i++)
            ck_assert_int_eq(get(b, i),
                             i < n && get(a, i) == NIBBLE_EQUAL ? NIBBLE_N : get(a, i));
        free(a);
        free(b);
    }
}
END_TEST

Suite *nibbles_suite(void)
{
    Suite *suite = suite_create("nibbles");
    TCase *tcase = tcase_create("nibbles");
    tcase_add_test(tcase, test_copy);
    tcase_add_test(tcase, test_fill);
    tcase_add_test(tcase, test_mismatch);
    tcase_add_test(tcase, test_mismatches_at_random);
    tcase_add_test(tcase, test_letters);
    tcase_add_test(tcase, test_hide_equal);
    suite_add_tcase(suite, tcase);
    return suite;
}
