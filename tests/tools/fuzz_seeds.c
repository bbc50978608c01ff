/*
 * fuzz_seeds KEY.pem FILE.bdiff FILE.vac DIRECTORY: writes the well-formed inputs of the
 * targets of tests/fuzz, unsealed where they are sealed, as
 * DIRECTORY/<target>/seed-<number>.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "varlock/bdiff_file.h"
#include "varlock/file.h"
#include "varlock/vac_file.h"
#include "varlock/wire.h"

enum { FILE_BYTES_MAX = 1 << 24 };

static const char *directory;

static void check(int rc, const struct vl_error *err)
{
    if (rc < 0) {
        fprintf(stderr, "fuzz_seeds: %s\n", err->message);
        exit(1);
    }
}

/* Writes one input and empties the buffer. */
static void put(const char *target, size_t number, struct vl_buf *bytes)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", directory, target);
    mkdir(path, 0777);
    snprintf(path, sizeof path, "%s/%s/seed-%zu", directory, target, number);
    FILE *f = bytes->failed ? NULL : fopen(path, "wb");
    if (!f || fwrite(bytes->data, 1, bytes->len, f) != bytes->len || fclose(f) != 0) {
        perror(path);
        exit(1);
    }
    vl_buf_reset(bytes);
}

static void put_bdiff(const char *key_path, const char *path)
{
    struct vl_error err = {0};
    struct vl_buf bytes = VL_BUF_INIT, file = VL_BUF_INIT;
    struct vl_key *key = NULL;
    struct vl_bdiff_reader *bdiff = NULL;
    size_t size;
    check(vl_file_slurp(path, FILE_BYTES_MAX, &file, &err), &err);
    check(vl_key_read_private(&key, key_path, NULL, NULL, &err), &err);
    check(vl_bdiff_reader_open(&bdiff, path, key, key_path, NULL, NULL, &err), &err);
    check(vl_bdiff_envelope_size(file.data, &size, &err), &err);
    vl_buf_add(&bytes, file.data, size);
    put("fuzz_envelope", 0, &bytes);
    check(vl_bdiff_header_encode(vl_bdiff_reader_header(bdiff), &bytes, &err), &err);
    put("fuzz_header", 0, &bytes);
    const struct vl_bdiff_index *index = vl_bdiff_reader_index(bdiff);
    check(vl_bdiff_index_encode(index, &bytes, &err), &err);
    put("fuzz_index", 0, &bytes);
    for (size_t i = 0; i < index->n; i++) {
        check(vl_bdiff_reader_window(bdiff, i, &bytes, &err), &err);
        put("fuzz_window", i, &bytes);
    }
    vl_bdiff_reader_free(bdiff);
    vl_key_free(key);
    vl_buf_clear(&bytes);
    vl_buf_clear(&file);
}

static void put_vac(const char *path)
{
    struct vl_error err = {0};
    struct vl_buf bytes = VL_BUF_INIT, file = VL_BUF_INIT;
    struct vl_vac_reader *vac = NULL;
    uint64_t offset, size;
    check(vl_file_slurp(path, FILE_BYTES_MAX, &file, &err), &err);
    check(vl_vac_open(&vac, path, &err), &err);
    check(vl_vac_trailer_decode(file.data + file.len - VL_VAC_TRAILER_BYTES, file.len,
                                &offset, &size, &err),
          &err);
    vl_put_u64(&bytes, offset);
    vl_buf_add(&bytes, file.data + offset, size);
    put("fuzz_vac_meta", 0, &bytes);
    const struct vl_vac_meta *meta = vl_vac_meta(vac);
    for (size_t i = 0; i < meta->n_blocks; i++) {
        const struct vl_vac_block *block = &meta->blocks[i];
        vl_put_u32(&bytes, block->n_sites);
        vl_put_u64(&bytes, (uint64_t)block->first_pos0);
        vl_put_u64(&bytes, (uint64_t)block->last_pos0);
        vl_buf_add(&bytes, file.data + block->offset, block->size_bytes);
        put("fuzz_vac_block", i, &bytes);
    }
    vl_vac_free(vac);
    vl_buf_clear(&bytes);
    vl_buf_clear(&file);
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fputs("usage: fuzz_seeds KEY.pem FILE.bdiff FILE.vac DIRECTORY\n", stderr);
        return 2;
    }
    directory = argv[4];
    put_bdiff(argv[1], argv[2]);
    put_vac(argv[3]);
    return 0;
}
