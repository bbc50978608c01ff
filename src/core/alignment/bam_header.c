#include "alignment/bam_header.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "varlock/little_endian.h"

static const char MAGIC[] = "BAM\1";

static int cut(const char *where, struct vl_error *err)
{
    return vl_error_set(err, VL_ERR_DATA, "truncated or corrupt in %s", where);
}

/* Appends the next n bytes, piece by piece: the file may be shorter than n. */
static int read_bytes(BGZF *file, size_t n, struct vl_buf *out, const char *where,
                      struct vl_error *err)
{
    enum { PIECE_BYTES = 1 << 16 };
    while (n > 0) {
        size_t want = n < PIECE_BYTES ? n : PIECE_BYTES;
        uint8_t *at = vl_buf_reserve(out, want);
        if (!at)
            return vl_error_memory(err);
        if (bgzf_read(file, at, want) != (ssize_t)want)
            return cut(where, err);
        out->len += want;
        n -= want;
    }
    return 0;
}

static int read_number(BGZF *file, uint32_t *number, const char *where,
                       struct vl_error *err)
{
    uint8_t bytes[4];
    if (bgzf_read(file, bytes, sizeof bytes) != sizeof bytes)
        return cut(where, err);
    *number = (uint32_t)vl_load_le(bytes, sizeof bytes);
    return 0;
}

/* A name without its NUL is accepted, as by htslib. */
static int read_contig(BGZF *file, uint32_t i, struct vl_buf *name,
                       struct vl_contigs *contigs, struct vl_error *err)
{
    static const char WHERE[] = "the contig list of its header";
    uint32_t size = 0, length = 0;
    int rc = read_number(file, &size, WHERE, err);
    if (rc == 0 && (size == 0 || size > INT32_MAX))
        return vl_error_set(err, VL_ERR_DATA,
                            "corrupt: contig %" PRIu64
                            " of its header has a name of %" PRId32 " bytes",
                            (uint64_t)i + 1, (int32_t)size);
    vl_buf_reset(name);
    if (rc == 0)
        rc = read_bytes(file, size, name, WHERE, err);
    if (rc == 0)
        rc = read_number(file, &length, WHERE, err);
    if (rc < 0)
        return rc;
    vl_buf_add_byte(name, 0);
    if (name->failed ||
        vl_contigs_add(contigs, (const char *)name->data, length, NULL) < 0)
        return vl_error_memory(err);
    return 0;
}

static int read_contigs(BGZF *file, struct vl_contigs *contigs, struct vl_error *err)
{
    struct vl_buf name = VL_BUF_INIT;
    uint32_t n = 0;
    int rc = read_number(file, &n, "its header", err);
    if (rc == 0 && n > INT32_MAX)
        rc = vl_error_set(err, VL_ERR_DATA, "corrupt: its header has %" PRId32 " contigs",
                          (int32_t)n);
    for (uint32_t i = 0; rc == 0 && i < n; i++)
        rc = read_contig(file, i, &name, contigs, err);
    vl_buf_clear(&name);
    return rc;
}

int bam_header_read(BGZF *file, struct vl_buf *text, struct vl_contigs *contigs,
                    struct vl_error *err)
{
    uint8_t magic[4];
    uint32_t size = 0;
    if (bgzf_read(file, magic, sizeof magic) != sizeof magic ||
        memcmp(magic, MAGIC, sizeof magic) != 0)
        return cut("its header", err);
    int rc = read_number(file, &size, "its header", err);
    if (rc == 0 && size > INT32_MAX)
        return vl_error_set(err, VL_ERR_DATA,
                            "corrupt: its header text has %" PRId32 " bytes",
                            (int32_t)size);
    if (rc == 0)
        rc = read_bytes(file, size, text, "its header text", err);
    return rc < 0 ? rc : read_contigs(file, contigs, err);
}
