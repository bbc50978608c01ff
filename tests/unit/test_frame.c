#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "varlock/frame.h"

Suite *frame_suite(void);

static const char TEXT[] = "allele counts, allele counts, allele counts";

static struct vl_buf framed(const void *bytes, size_t n)
{
    struct vl_buf frame = VL_BUF_INIT;
    ck_assert_int_eq(vl_frame_compress(bytes, n, 3, &frame, NULL), 0);
    return frame;
}

static void assert_refused(const void *frame, size_t n, size_t max_bytes, const char *why)
{
    struct vl_buf out = VL_BUF_INIT;
    struct vl_error err = {0};
    ck_assert_int_eq(vl_frame_decompress(frame, n, max_bytes, &out, &err), VL_ERR_DATA);
    ck_assert_uint_eq(out.len, 0);
    if (why)
        ck_assert_msg(strstr(err.message, why), "%s", err.message);
    vl_buf_clear(&out);
}

START_TEST(test_round_trip_appends)
{
    struct vl_buf frame = framed(TEXT, sizeof TEXT), out = VL_BUF_INIT;
    vl_buf_add(&out, "x", 1);
    ck_assert_int_eq(vl_frame_decompress(frame.data, frame.len, sizeof TEXT, &out, NULL),
                     0);
    ck_assert_uint_eq(out.len, 1 + sizeof TEXT);
    ck_assert_mem_eq(out.data + 1, TEXT, sizeof TEXT);
    vl_buf_clear(&frame);
    vl_buf_clear(&out);
}
END_TEST

START_TEST(test_empty_content)
{
    struct vl_buf frame = framed(NULL, 0), out = VL_BUF_INIT;
    ck_assert_int_eq(vl_frame_decompress(frame.data, frame.len, 0, &out, NULL), 0);
    ck_assert_uint_eq(out.len, 0);
    vl_buf_clear(&frame);
    vl_buf_clear(&out);
}
END_TEST

START_TEST(test_refused_frames)
{
    /* Handmade frames of RFC 8878 §3.1: a raw block "a" without a content size; a
     * skippable one. */
    static const uint8_t NO_SIZE[] = {0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58, 9, 0, 0, 'a'};
    static const uint8_t SKIPPABLE[] = {0x50, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 'a'};
    struct vl_buf frame = framed(TEXT, sizeof TEXT);
    assert_refused(NO_SIZE, sizeof NO_SIZE, 100, "without a content size");
    assert_refused(SKIPPABLE, sizeof SKIPPABLE, 100, "not a zstd frame");
    assert_refused(NULL, 0, 100, "not a zstd frame");
    assert_refused(frame.data, frame.len, sizeof TEXT - 1, "at most 43");
    for (size_t n = 0; n < frame.len; n++)
        assert_refused(frame.data, n, 1000, NULL);
    vl_buf_add_byte(&frame, 0);
    assert_refused(frame.data, frame.len, 1000, "followed by bytes");
    frame.len--;
    vl_buf_add(&frame, NO_SIZE, sizeof NO_SIZE);
    assert_refused(frame.data, frame.len, 1000, "followed by bytes");
    vl_buf_clear(&frame);
}
END_TEST

START_TEST(test_a_flipped_bit_never_changes_the_content)
{
    struct vl_buf frame = framed(TEXT, sizeof TEXT), out = VL_BUF_INIT;
    size_t n_refused = 0;
    for (size_t bit = 0; bit < 8 * frame.len; bit++) {
        frame.data[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        vl_buf_reset(&out);
        if (vl_frame_decompress(frame.data, frame.len, 1000, &out, NULL) == 0) {
            ck_assert_uint_eq(out.len, sizeof TEXT);
            ck_assert_mem_eq(out.data, TEXT, sizeof TEXT);
        } else {
            n_refused++;
        }
        frame.data[bit / 8] ^= (uint8_t)(1u << (bit % 8));
    }
    /* zstd ignores one bit of the descriptor, and a few patterns of entropy tables
     * coincide. */
    ck_assert_uint_ge(n_refused, 8 * frame.len - 8);
    vl_buf_clear(&frame);
    vl_buf_clear(&out);
}
END_TEST

/* The zstd program reads what we write, and we read what it writes. */
START_TEST(test_zstd_program_agrees)
{
    char path[] = "/tmp/varlock-frame-XXXXXX", command[256], bytes[1000];
    struct vl_buf frame = framed(TEXT, sizeof TEXT), out = VL_BUF_INIT;
    if (system("command -v zstd >/dev/null") != 0) {
        printf("frame: skipped the zstd program, which is not installed\n");
        vl_buf_clear(&frame);
        return;
    }
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, frame.data, frame.len), (ssize_t)frame.len);
    close(fd);
    snprintf(command, sizeof command, "zstd -dcq <%s", path);
    FILE *pipe = popen(command, "r");
    ck_assert_uint_eq(fread(bytes, 1, sizeof bytes, pipe), sizeof TEXT);
    ck_assert_mem_eq(bytes, TEXT, sizeof TEXT);
    ck_assert_int_eq(pclose(pipe), 0);
    snprintf(command, sizeof command,
             "zstd -dcq <%s >%s.txt && zstd -cq %s.txt; rm -f %s.txt", path, path, path,
             path);
    pipe = popen(command, "r");
    size_t n = fread(bytes, 1, sizeof bytes, pipe);
    ck_assert_int_eq(pclose(pipe), 0);
    ck_assert_int_eq(vl_frame_decompress(bytes, n, sizeof TEXT, &out, NULL), 0);
    ck_assert_uint_eq(out.len, sizeof TEXT);
    ck_assert_mem_eq(out.data, TEXT, sizeof TEXT);
    unlink(path);
    vl_buf_clear(&frame);
    vl_buf_clear(&out);
}
END_TEST

Suite *frame_suite(void)
{
    Suite *suite = suite_create("frame");
    TCase *tc = tcase_create("frame");
    tcase_add_test(tc, test_round_trip_appends);
    tcase_add_test(tc, test_empty_content);
    tcase_add_test(tc, test_refused_frames);
    tcase_add_test(tc, test_a_flipped_bit_never_changes_the_content);
    tcase_add_test(tc, test_zstd_program_agrees);
    suite_add_tcase(suite, tc);
    return suite;
}
