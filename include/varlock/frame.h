/*
 * zstd frames (RFC 8878) as formats/README.md defines them: one complete frame with its
 * content size.  Stateless and thread safe.
 */
#ifndef VARLOCK_FRAME_H
#define VARLOCK_FRAME_H

#include <stdbool.h>
#include <stddef.h>

#include "varlock/buf.h"
#include "varlock/fail.h"

/* Appends one frame that holds the n bytes, with content size and content checksum.
 * `level` is zstd's, 1 to 9 here.  Returns 0 or VL_ERR_MEMORY; `out` keeps its length on
 * failure. */
VL_MUST_CHECK
int vl_frame_compress(const void *bytes, size_t n, int level, struct vl_buf *out,
                      struct vl_error *err);

/* A writer compresses like vl_frame_compress, but keeps its memory from frame to frame;
 * one thread at a time.  `symbols` says that the bytes are single symbols rather than
 * text: short repeats among them are not worth encoding. */
struct vl_frame_writer;
VL_MUST_CHECK
struct vl_frame_writer *vl_frame_writer_new(void); /* NULL without memory */
VL_MUST_CHECK
int vl_frame_writer_put(struct vl_frame_writer *writer, const void *bytes, size_t n,
                        int level, bool symbols, struct vl_buf *out,
                        struct vl_error *err);
void vl_frame_writer_free(struct vl_frame_writer *writer);

/* Appends one frame that holds the n bytes (n >= 1) uncompressed.  It is for content that
 * compresses so well that a reader would take the compressed frame for a trap.  Returns 0
 * or VL_ERR_MEMORY. */
VL_MUST_CHECK
int vl_frame_store(const void *bytes, size_t n, struct vl_buf *out, struct vl_error *err);

/* Appends the content of a frame; the n bytes must be exactly one frame.  Returns
 * VL_ERR_DATA where they are not, where the frame states no content size or one over
 * max_bytes, or where the content does not have the stated size, or does not match the
 * checksum of a frame that has one.  `out` keeps its length on failure.  At most
 * max_bytes are allocated for the content. */
VL_MUST_CHECK
int vl_frame_decompress(const void *frame, size_t n, size_t max_bytes, struct vl_buf *out,
                        struct vl_error *err);

/* A reader decompresses like vl_frame_decompress, but keeps its memory from frame to
 * frame; one thread at a time. */
struct vl_frame_reader;
struct vl_frame_reader *vl_frame_reader_new(void); /* NULL without memory */
VL_MUST_CHECK
int vl_frame_reader_get(struct vl_frame_reader *reader, const void *frame, size_t n,
                        size_t max_bytes, struct vl_buf *out, struct vl_error *err);
void vl_frame_reader_free(struct vl_frame_reader *reader); /* NULL is fine */

#endif
