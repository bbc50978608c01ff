#include <check.h>
#include <stdio.h>
#include <unistd.h>

#include <htslib/bgzf.h>

#include "serve/filler.h"
#include "varlock/little_endian.h"

Suite *filler_suite(void);

/* Fills n bytes, and checks that the blocks say their sizes and add up to n. */
static void fill(struct vl_buf *out, int64_t n)
{
    while (n > 0) {
        size_t before = out->len, size = filler_next(out, n);
        ck_assert_uint_eq(out->len - before, size);
        ck_assert_uint_ge(size, 28);
        ck_assert_uint_le(size, 65536);
        ck_assert_uint_eq(vl_load_le(out->data + before + 16, 2) + 1, size);
        n -= (int64_t)size;
    }
    ck_assert_int_eq(n, 0);
}

START_TEST(test_any_number_of_bytes_is_filled)
{
    struct vl_buf out = VL_BUF_INIT;
    for (int64_t n = FILLER_MIN_BYTES; n < 300; n++) {
        vl_buf_reset(&out);
        fill(&out, n);
    }
    for (int64_t n = 65400; n < 66100; n++) {
        vl_buf_reset(&out);
        fill(&out, n);
    }
    for (int64_t n = 131000; n < 131600; n++) {
        vl_buf_reset(&out);
        fill(&out, n);
    }
    vl_buf_clear(&out);
}
END_TEST

/* htslib reads on behind filler, and finds nothing in it. */
START_TEST(test_filler_is_a_part_of_bgzf_files)
{
    char path[64], read[16];
    struct vl_buf filler = VL_BUF_INIT;
    snprintf(path, sizeof path, "/tmp/varlock-filler-%d", (int)getpid());
    for (int64_t n = FILLER_MIN_BYTES; n < 400000; n = n * 3 / 2 + 1) {
        BGZF *first = bgzf_open(path, "w");
        ck_assert_int_eq(bgzf_write(first, "before", 6), 6);
        ck_assert_int_eq(bgzf_close(first), 0);
        FILE *file = fopen(path, "ab");
        vl_buf_reset(&filler);
        fill(&filler, n);
        ck_assert_uint_eq(fwrite(filler.data, 1, filler.len, file), filler.len);
        fclose(file);
        BGZF *last = bgzf_open(path, "a");
        ck_assert_int_eq(bgzf_write(last, "behind", 6), 6);
        ck_assert_int_eq(bgzf_close(last), 0);
        BGZF *all = bgzf_open(path, "r");
        ck_assert_int_eq(bgzf_read(all, read, sizeof read), 12);
        ck_assert_mem_eq(read, "beforebehind", 12);
        ck_assert_int_eq(bgzf_close(all), 0);
    }
    unlink(path);
    vl_buf_clear(&filler);
}
END_TEST

Suite *filler_suite(void)
{
    Suite *suite = suite_create("filler");
    TCase *tcase = tcase_create("filler");
    tcase_add_test(tcase, test_any_number_of_bytes_is_filled);
    tcase_add_test(tcase, test_filler_is_a_part_of_bgzf_files);
    suite_add_tcase(suite, tcase);
    return suite;
}
