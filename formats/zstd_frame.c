#include <zstd.h>
#include <zstd_errors.h>

#include "varlock/frame.h"
#include "varlock/wire.h"

enum { MIN_MATCH_OF_SYMBOLS = 7 };

/* The writer's handle is zstd's own context, under another name. */
static ZSTD_CCtx *context_of(struct vl_frame_writer *writer)
{
    return (ZSTD_CCtx *)(void *)writer;
}

struct vl_frame_writer *vl_frame_writer_new(void)
{
    return (struct vl_frame_writer *)(void *)ZSTD_createCCtx();
}

void vl_frame_writer_free(struct vl_frame_writer *writer)
{
    ZSTD_freeCCtx(context_of(writer));
}

int vl_frame_writer_put(struct vl_frame_writer *writer, const void *bytes, size_t n,
                        int level, bool symbols, struct vl_buf *out, struct vl_error *err)
{
    ZSTD_CCtx *context = context_of(writer);
    size_t bound = ZSTD_compressBound(n);
    uint8_t *at = ZSTD_isError(bound) ? NULL : vl_buf_reserve(out, bound);
    size_t size = 0;
    /* The content size needs no setting: ZSTD_compress2 knows it and writes it by
     * default. */
    if (!at ||
        ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level)) ||
        ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_minMatch,
                                            symbols ? MIN_MATCH_OF_SYMBOLS : 0)) ||
        ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)) ||
        ZSTD_isError(size = ZSTD_compress2(context, at, bound, bytes, n)))
        return vl_error_memory(err);
    out->len += size;
    return 0;
}

int vl_frame_compress(const void *bytes, size_t n, int level, struct vl_buf *out,
                      struct vl_error *err)
{
    struct vl_frame_writer *writer = vl_frame_writer_new();
    if (!writer)
        return vl_error_memory(err);
    int rc = vl_frame_writer_put(writer, bytes, n, level, false, out, err);
    vl_frame_writer_free(writer);
    return rc;
}

/* Writes a single segment of raw blocks with a content size of 8 bytes (RFC 8878,
 * 3.1.1). */
int vl_frame_store(const void *bytes, size_t n, struct vl_buf *out, struct vl_error *err)
{
    enum { SINGLE_SEGMENT_SIZE_8 = 0xe0, BLOCK_MAX = 1 << 17 };
    size_t before = out->len;
    vl_put_u32(out, ZSTD_MAGICNUMBER);
    vl_put_u8(out, SINGLE_SEGMENT_SIZE_8);
    vl_put_u64(out, n);
    for (size_t at = 0; at < n; at += BLOCK_MAX) {
        size_t size = n - at < BLOCK_MAX ? n - at : BLOCK_MAX;
        uint32_t header = (uint32_t)size << 3 | (at + size == n);
        vl_put_u16(out, (uint16_t)header);
        vl_put_u8(out, (uint8_t)(header >> 16));
        vl_buf_add(out, (const uint8_t *)bytes + at, size);
    }
    if (!out->failed)
        return 0;
    out->len = before;
    return vl_error_memory(err);
}

struct vl_frame_reader *vl_frame_reader_new(void)
{
    return (struct vl_frame_reader *)(void *)ZSTD_createDCtx();
}

void vl_frame_reader_free(struct vl_frame_reader *reader)
{
    ZSTD_freeDCtx((ZSTD_DCtx *)(void *)reader);
}

int vl_frame_reader_get(struct vl_frame_reader *reader, const void *frame, size_t n,
                        size_t max_bytes, struct vl_buf *out, struct vl_error *err)
{
    struct vl_cursor c = vl_cursor_over(frame, n);
    /* The magic number is checked first: zstd also accepts skippable frames, and reports
     * a content of 0 bytes for them. */
    if (vl_get_u32(&c) != ZSTD_MAGICNUMBER)
        return vl_error_set(err, VL_ERR_DATA, "not a zstd frame");
    unsigned long long size = ZSTD_getFrameContentSize(frame, n);
    if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR)
        return vl_error_set(err, VL_ERR_DATA, "zstd frame without a content size");
    if (size > max_bytes)
        return vl_error_set(err, VL_ERR_DATA, "zstd frame of %llu bytes, at most %zu",
                            size, max_bytes);
    if (ZSTD_findFrameCompressedSize(frame, n) != n)
        return vl_error_set(err, VL_ERR_DATA,
                            "zstd frame cut short or followed by bytes");
    uint8_t *at = vl_buf_reserve(out, (size_t)size);
    if (!at)
        return vl_error_memory(err);
    size_t got =
        ZSTD_decompressDCtx((ZSTD_DCtx *)(void *)reader, at, (size_t)size, frame, n);
    if (ZSTD_isError(got) && ZSTD_getErrorCode(got) == ZSTD_error_memory_allocation)
        return vl_error_memory(err);
    if (got != size)
        return vl_error_set(err, VL_ERR_DATA, "damaged zstd frame");
    out->len += got;
    return 0;
}

int vl_frame_decompress(const void *frame, size_t n, size_t max_bytes, struct vl_buf *out,
                        struct vl_error *err)
{
    struct vl_frame_reader *reader = vl_frame_reader_new();
    if (!reader)
        return vl_error_memory(err);
    int rc = vl_frame_reader_get(reader, frame, n, max_bytes, out, err);
    vl_frame_reader_free(reader);
    return rc;
}
