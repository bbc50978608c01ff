/*
 * Writes the BAM file that is made while it is read, and its index:
 *     write_served MASKED BDIFF|- KEY|- FILE.bam [REGION]...
 * With regions it writes them as one BAM, without an index.  Of the file, it reads pieces
 * at random again and compares them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "varlock/serving.h"

enum { PIECES = 40, PIECE_BYTES = 100000 };

static struct vl_error err;
static uint8_t piece[PIECE_BYTES];

static int fail(void)
{
    return fprintf(stderr, "write_served: %s\n", err.message), 1;
}

static void add_file(struct vl_buf *path, const char *file, const char *ending)
{
    vl_buf_addf(path, "%s%s", file, ending);
    vl_buf_add_byte(path, 0);
}

static int write_stream(struct vl_serving_stream *stream, FILE *out)
{
    int64_t n;
    while ((n = vl_serving_read(stream, piece, 1 + (size_t)rand() % PIECE_BYTES, &err)) >
           0)
        if (fwrite(piece, 1, (size_t)n, out) != (size_t)n)
            return -1;
    vl_serving_stream_free(stream);
    return (int)n;
}

static int write_index(const struct vl_buf *index, bool is_csi, const char *file)
{
    struct vl_buf path = VL_BUF_INIT;
    add_file(&path, file, is_csi ? ".csi" : ".bai");
    FILE *out = fopen((const char *)path.data, "wb");
    int rc = out && fwrite(index->data, 1, index->len, out) == index->len ? 0 : -1;
    vl_buf_clear(&path);
    return out && fclose(out) == 0 ? rc : -1;
}

/* Reads up to n bytes from an offset on, all there are. */
static int64_t read_at(struct vl_serving *serving, int64_t at, int64_t n)
{
    struct vl_serving_stream *stream;
    int64_t got = 0, one = vl_serving_bytes(serving, at, &stream, &err);
    if (one < 0)
        return -1;
    while (got < n &&
           (one = vl_serving_read(stream, piece + got, (size_t)(n - got), &err)) > 0)
        got += one;
    vl_serving_stream_free(stream);
    return one < 0 ? -1 : got;
}

static int compare_pieces(struct vl_serving *serving, FILE *file, int64_t size)
{
    static uint8_t want[PIECE_BYTES];
    for (int i = 0; i < PIECES; i++) {
        int64_t at = (int64_t)((double)rand() / ((double)RAND_MAX + 1) * (double)size);
        if (fseek(file, (long)at, SEEK_SET) < 0)
            return -1;
        int64_t n = (int64_t)fread(want, 1, sizeof want, file);
        int64_t got = read_at(serving, at, n);
        if (got < 0)
            return fail();
        if (got != n || memcmp(piece, want, (size_t)n) != 0)
            return fprintf(stderr, "other bytes at %lld\n", (long long)at), -1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc < 5)
        return 2;
    const char *keys[] = {argv[3]};
    struct vl_serving_options options = {.input = argv[1]};
    struct vl_serving *serving;
    struct vl_serving_stream *stream;
    struct vl_ranges ranges = VL_RANGES_INIT;
    if (strcmp(argv[2], "-") != 0) {
        options.bdiff = argv[2];
        options.keys = (struct vl_list){keys, 1};
    }
    FILE *out = fopen(argv[4], "w+b");
    if (!out || vl_serving_open(&serving, &options, &err) < 0)
        return fail();
    for (int i = 5; i < argc; i++)
        if (vl_ranges_parse(&ranges, vl_serving_contigs(serving), argv[i], &err) < 0)
            return fail();
    vl_ranges_normalise(&ranges);
    int64_t size;
    const struct vl_buf *index;
    bool is_csi;
    int rc;
    if (argc > 5) {
        rc = vl_serving_reads(serving, &ranges, false, &stream, &err);
        rc = rc == 0 ? write_stream(stream, out) : rc;
    } else {
        rc = vl_serving_file(serving, &size, &index, &is_csi, &err);
        rc = rc == 0 ? vl_serving_bytes(serving, 0, &stream, &err) : rc;
        rc = rc == 0 ? write_stream(stream, out) : rc;
        if (rc == 0 && ftell(out) != size)
            return fprintf(stderr, "%ld bytes, not %lld\n", ftell(out), (long long)size),
                   1;
        rc = rc == 0 ? write_index(index, is_csi, argv[4]) : rc;
        rc = rc == 0 ? compare_pieces(serving, out, size) : rc;
    }
    if (rc < 0)
        return fail();
    printf("%s\n", vl_serving_id(serving));
    vl_ranges_clear(&ranges);
    vl_serving_free(serving);
    return fclose(out) == 0 ? rc : 1;
}
