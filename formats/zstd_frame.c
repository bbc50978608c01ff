#include <zstd.h>
#include <zstd_errors.h>

#include "varlock/frame.h"
#include "varlock/wire.h"

int vl_frame_compress(const void *bytes, size_t n, int level, struct vl_buf *out,
                      struct vl_error *err)
{
    ZSTD_CCtx *context = ZSTD_createCCtx();
    size_t bound = ZSTD_compressBound(n);
    uint8_t *at = ZSTD_isError(bound) ? NULL : vl_buf_reserve(out, bound);
    size_t size = 0;
    int rc = context && at ? 0 : VL_ERR_MEMORY;
    /* The content size is written by default: ZSTD_compress2 knows it. */
    if (rc == 0 &&
        (ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level)) ||
         ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)) ||
         ZSTD_isError(size = ZSTD_compress2(context, at, bound, bytes, n))))
        rc = VL_ERR_MEMORY;
    ZSTD_freeCCtx(context);
    if (rc < 0)
        return vl_error_memory(err);
    out->len += size;
    return 0;
}

int vl_frame_decompress(const void *frame, size_t n, size_t max_bytes, struct vl_buf *out,
                        struct vl_error *err)
{
    struct vl_cursor c = vl_cursor_over(frame, n);
    /* zstd also takes skippable frames, for which it reports a content of 0 bytes. */
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
    size_t got = ZSTD_decompress(at, (size_t)size, frame, n);
    if (ZSTD_isError(got) && ZSTD_getErrorCode(got) == ZSTD_error_memory_allocation)
        return vl_error_memory(err);
    if (got != size)
        return vl_error_set(err, VL_ERR_DATA, "damaged zstd frame");
    out->len += got;
    return 0;
}
