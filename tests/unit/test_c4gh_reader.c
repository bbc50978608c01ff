/* The reader and the writer of Crypt4GH files, against plain bytes. */
#include <check.h>
#include <htslib/hfile.h>
#include <stdlib.h>
#include <string.h>

#include "c4gh_fixture.h"
#include "crypt4gh/c4gh_reader.h"
#include "crypt4gh/c4gh_writer.h"

Suite *c4gh_reader_suite(void);

enum { ME = 0x40, OTHER = 0x10, WRITER = 0x60, SEGMENT = VL_C4GH_PLAIN_BYTES };

static uint8_t *plain;
static size_t n_plain;

/* Bytes that differ from segment to segment. */
static void make_plain(size_t n)
{
    free(plain);
    plain = malloc(n + 1);
    n_plain = n;
    ck_assert_ptr_nonnull(plain);
    for (size_t i = 0; i < n; i++)
        plain[i] = (uint8_t)(i * 31 + i / SEGMENT * 7 + 1);
}

/* hopen takes the memory over. */
static hFILE *stream_over(const struct vl_buf *bytes)
{
    char *copy = malloc(bytes->len + 1);
    ck_assert_ptr_nonnull(copy);
    memcpy(copy, bytes->data, bytes->len);
    hFILE *stream = hopen("mem:", "r:", copy, bytes->len);
    ck_assert_ptr_nonnull(stream);
    return stream;
}

static struct c4gh_key me_key = {.path = "me.sec"};
static struct c4gh_keys me = {.v = &me_key, .n = 1, .mutex = PTHREAD_MUTEX_INITIALIZER};

static int open_as_me(struct c4gh_reader **reader, const struct vl_buf *file,
                      struct vl_error *err)
{
    struct c4gh_header header;
    hFILE *source = stream_over(file);
    me_key.key = c4gh_fixture_key(ME);
    int rc = c4gh_header_read(&header, source, "f.c4gh", err);
    if (rc == 0)
        rc = c4gh_header_unlock(&header, &me, NULL, "f.c4gh", err);
    if (rc == 0)
        rc = c4gh_reader_open(reader, source, "f.c4gh", &header, err);
    if (rc < 0)
        hclose_abruptly(source);
    c4gh_header_clear(&header);
    return rc;
}

static void close_as_me(struct c4gh_reader *reader)
{
    c4gh_reader_free(reader);
    vl_key_free(me_key.key);
    me_key.key = NULL;
}

static int sink(void *arg, const void *bytes, size_t n, struct vl_error *err)
{
    (void)err;
    vl_buf_add(arg, bytes, n);
    return 0;
}

static struct vl_buf written(size_t step)
{
    struct vl_key *key = c4gh_fixture_key(ME);
    uint8_t public[1][VL_X25519_BYTES];
    struct c4gh_readers readers = {public, 1};
    struct vl_buf header = VL_BUF_INIT, body = VL_BUF_INIT;
    struct c4gh_writer *writer;
    ck_assert_int_eq(vl_key_x25519_public(key, public[0], NULL), 0);
    ck_assert_int_eq(
        c4gh_writer_open(&writer, &readers, NULL, &header, sink, &body, NULL), 0);
    for (size_t at = 0; at < n_plain; at += step) {
        size_t n = n_plain - at < step ? n_plain - at : step;
        ck_assert_int_eq(c4gh_writer_write(writer, plain + at, n, NULL), 0);
    }
    ck_assert_int_eq(c4gh_writer_finish(writer, NULL), 0);
    vl_buf_add(&header, body.data, body.len);
    c4gh_writer_free(writer);
    vl_buf_clear(&body);
    vl_key_free(key);
    return header;
}

static void expect_bytes(struct c4gh_reader *reader, int64_t from, size_t n,
                         size_t expected)
{
    size_t got;
    uint8_t *out = malloc(n + 1);
    ck_assert_int_eq(c4gh_reader_seek(reader, from, NULL), 0);
    ck_assert_int_eq(c4gh_reader_read(reader, out, n, &got, NULL), 0);
    ck_assert_uint_eq(got, expected);
    ck_assert(expected == 0 || memcmp(out, plain + from, expected) == 0);
    free(out);
}

static const size_t SIZES[] = {
    0, 1, 65535, 65536, 65537, 2 * SEGMENT, 200000, 3 * SEGMENT + 1, 1024 * 1024 + 17};
enum { N_SIZES = sizeof SIZES / sizeof *SIZES };

/* Every size, written in small and large steps, comes back whole and from anywhere. */
START_TEST(test_round_trip)
{
    static const size_t STEPS[] = {1000, 65536, 65537, 400000};
    struct c4gh_reader *reader;
    int64_t size;
    make_plain(SIZES[_i]);
    for (size_t s = 0; s < sizeof STEPS / sizeof *STEPS; s++) {
        struct vl_buf file = written(STEPS[s]);
        size_t n_segments = (n_plain + SEGMENT - 1) / SEGMENT;
        ck_assert_uint_eq(file.len, 124 + n_plain + n_segments * VL_C4GH_OVERHEAD_BYTES);
        ck_assert_int_eq(open_as_me(&reader, &file, NULL), 0);
        expect_bytes(reader, 0, n_plain + 10, n_plain);
        ck_assert_int_eq(c4gh_reader_size(reader, &size, NULL), 0);
        ck_assert_int_eq(size, n_plain);
        expect_bytes(reader, 0, n_plain + 10, n_plain);
        for (size_t from = n_plain; from > 0; from = from > 30011 ? from - 30011 : 0) {
            size_t left = n_plain - from;
            expect_bytes(reader, (int64_t)from, 70000, left < 70000 ? left : 70000);
            expect_bytes(reader, (int64_t)from, 3, left < 3 ? left : 3);
        }
        expect_bytes(reader, (int64_t)n_plain + 100000, 5, 0);
        close_as_me(reader);
        vl_buf_clear(&file);
    }
}
END_TEST

/* A file of three segments under two data keys, with packets of others around. */
static struct vl_buf by_hand(const uint64_t *lengths, int n_lengths)
{
    struct vl_buf file = VL_BUF_INIT;
    vl_c4gh_put_start(&file, n_lengths < 0 ? 4 : 5);
    c4gh_fixture_seal_key(&file, WRITER, OTHER, 9);
    c4gh_fixture_seal_key(&file, WRITER, ME, 1);
    if (n_lengths >= 0)
        c4gh_fixture_seal_edits(&file, WRITER, ME, lengths, (uint32_t)n_lengths);
    c4gh_fixture_seal_key(&file, WRITER, ME, 2);
    c4gh_fixture_seal_key(&file, WRITER, OTHER, 8);
    for (size_t at = 0, i = 0; at < n_plain; at += SEGMENT, i++)
        c4gh_fixture_segment(&file, (uint8_t)(1 + i % 2), plain + at,
                             n_plain - at < SEGMENT ? n_plain - at : SEGMENT);
    return file;
}

static const struct {
    int n;
    uint64_t v[6];
} LISTS[] = {
    {-1, {0}},
    {0, {0}},
    {1, {100000}},
    {2, {0, 140000}},
    {2, {65536, 65536}},
    {2, {65535, 2}},
    {2, {10, 1000000}},
    {3, {0, 10, 100000}},
    {4, {65000, 1000, 60000, 14000}},
    {6, {0, 1, 0, 1, 130000, 1}},
    {2, {500, 0}},
    {1, {1000000}},
};

/* Whole, and byte by byte from behind, as the model keeps it. */
START_TEST(test_edit_lists)
{
    struct c4gh_reader *reader;
    int64_t size;
    make_plain(140000);
    struct vl_buf file = by_hand(LISTS[_i].v, LISTS[_i].n);
    uint8_t *model = malloc(n_plain);
    size_t n = 0, at = 0;
    for (int i = 0; i < LISTS[_i].n; i++)
        for (uint64_t k = 0; k < LISTS[_i].v[i] && at < n_plain; k++, at++)
            if (i % 2 == 1)
                model[n++] = plain[at];
    for (; (LISTS[_i].n <= 0 || LISTS[_i].n % 2 == 1) && at < n_plain; at++)
        model[n++] = plain[at];
    free(plain);
    plain = model;
    n_plain = n;
    ck_assert_int_eq(open_as_me(&reader, &file, NULL), 0);
    expect_bytes(reader, 0, 150000, n);
    ck_assert_int_eq(c4gh_reader_size(reader, &size, NULL), 0);
    ck_assert_int_eq(size, n);
    for (size_t from = n; from > 0; from = from > 9973 ? from - 9973 : 0)
        expect_bytes(reader, (int64_t)from, 20000, n - from < 20000 ? n - from : 20000);
    close_as_me(reader);
    vl_buf_clear(&file);
}
END_TEST

/* Read to the end; returns the error. */
static int read_all(const struct vl_buf *file, struct vl_error *err)
{
    struct c4gh_reader *reader = NULL;
    uint8_t *out = malloc(1 << 20);
    size_t got;
    int rc = open_as_me(&reader, file, err);
    if (rc == 0)
        rc = c4gh_reader_read(reader, out, 1 << 20, &got, err);
    close_as_me(reader);
    free(out);
    return rc;
}

static const struct {
    size_t cut; /* bytes that are left */
    const char *message;
} CUTS[] = {
    {0, "f.c4gh: is truncated: its Crypt4GH header ends after 0 bytes"},
    {15, "ends after 15 bytes"},
    {18, "ends after 18 bytes"},
    {100, "ends after 100 bytes"},
    {124 + 27, "f.c4gh: is truncated in segment 1"},
    {124 + 500, "segment 1 does not open: the file is damaged, or truncated there"},
    {124 + 65564 + 1, "f.c4gh: is truncated in segment 2"},
    {124 + 65564 + 28, NULL}, /* no more than an empty last segment, which is refused */
};

START_TEST(test_cuts)
{
    struct vl_error err = {0};
    make_plain(100000);
    struct vl_buf file = written(65536);
    file.len = CUTS[_i].cut;
    ck_assert_int_eq(read_all(&file, &err), VL_ERR_DATA);
    if (CUTS[_i].message)
        ck_assert_msg(strstr(err.message, CUTS[_i].message) != NULL, "%s", err.message);
    vl_buf_clear(&file);
}
END_TEST

/* An empty last segment, which only others write, ends the file. */
START_TEST(test_empty_segment)
{
    struct c4gh_reader *reader;
    struct vl_error err = {0};
    for (size_t n = 0; n <= SEGMENT; n += SEGMENT) {
        make_plain(n);
        struct vl_buf file = by_hand(NULL, -1);
        c4gh_fixture_segment(&file, 1, plain, 0);
        ck_assert_int_eq(open_as_me(&reader, &file, &err), 0);
        expect_bytes(reader, 0, n + 1, n);
        close_as_me(reader);
        vl_buf_clear(&file);
    }
}
END_TEST

START_TEST(test_refused_headers)
{
    static const uint64_t LENGTHS[] = {0, 5};
    struct vl_error err = {0};
    struct vl_buf file = VL_BUF_INIT;
    vl_c4gh_put_start(&file, 2);
    c4gh_fixture_seal_key(&file, WRITER, OTHER, 1);
    c4gh_fixture_seal_edits(&file, WRITER, ME, LENGTHS, 2);
    ck_assert_int_eq(read_all(&file, &err), VL_ERR_KEY);
    ck_assert_msg(strstr(err.message, "of the 2 packets of its header 1 open, and none "
                                      "holds a data key; tried: me.sec") != NULL,
                  "%s", err.message);
    vl_buf_reset(&file);
    vl_c4gh_put_start(&file, 3);
    c4gh_fixture_seal_edits(&file, WRITER, ME, LENGTHS, 2);
    c4gh_fixture_seal_key(&file, WRITER, ME, 1);
    c4gh_fixture_seal_edits(&file, WRITER, ME, LENGTHS, 2);
    ck_assert_int_eq(read_all(&file, &err), VL_ERR_DATA);
    ck_assert_str_eq(err.message, "f.c4gh: its Crypt4GH header has two edit lists");
    /* More packets than there are. */
    vl_buf_reset(&file);
    vl_c4gh_put_start(&file, UINT32_MAX);
    c4gh_fixture_seal_key(&file, WRITER, ME, 1);
    ck_assert_int_eq(read_all(&file, &err), VL_ERR_DATA);
    vl_buf_clear(&file);
}
END_TEST

static void clear(void)
{
    free(plain);
    plain = NULL;
}

Suite *c4gh_reader_suite(void)
{
    Suite *suite = suite_create("c4gh_reader");
    TCase *tc = tcase_create("c4gh_reader");
    tcase_add_checked_fixture(tc, NULL, clear);
    tcase_add_loop_test(tc, test_round_trip, 0, N_SIZES);
    tcase_add_loop_test(tc, test_edit_lists, 0, sizeof LISTS / sizeof *LISTS);
    tcase_add_loop_test(tc, test_cuts, 0, sizeof CUTS / sizeof *CUTS);
    tcase_add_test(tc, test_empty_segment);
    tcase_add_test(tc, test_refused_headers);
    suite_add_tcase(suite, tc);
    return suite;
}
