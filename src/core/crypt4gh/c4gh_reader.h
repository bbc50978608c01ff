/*
 * A Crypt4GH file as a stream of its plain bytes, after the edit list of its header.  It
 * reads from any stream of htslib, seeks where that can, and holds two segments.
 */
#ifndef VARLOCK_CORE_C4GH_READER_H
#define VARLOCK_CORE_C4GH_READER_H

#include <htslib/hfile.h>
#include <stddef.h>
#include <stdint.h>

#include "crypt4gh/c4gh_header.h"
#include "varlock/error.h"

struct c4gh_reader; /* one thread at a time */

/* Opens the segments that `source` holds from its next byte on.  `header` is unlocked; it
 * is taken over, as is `source`, on success only.  `path` is for messages, and is
 * copied. */
VL_MUST_CHECK
int c4gh_reader_open(struct c4gh_reader **reader, hFILE *source, const char *path,
                     struct c4gh_header *header, struct vl_error *err);

const struct c4gh_header *c4gh_reader_header(const struct c4gh_reader *reader);

/* Reads up to n bytes.  *got is less than n at the end only.  VL_ERR_DATA: truncated, or
 * a segment that no data key opens; the message says which.  VL_ERR_IO. */
VL_MUST_CHECK
int c4gh_reader_read(struct c4gh_reader *reader, void *out, size_t n, size_t *got,
                     struct vl_error *err);

/* Goes to a byte, which may lie behind the end.  VL_ERR_IO where the source cannot. */
VL_MUST_CHECK
int c4gh_reader_seek(struct c4gh_reader *reader, int64_t offset, struct vl_error *err);
int64_t c4gh_reader_tell(const struct c4gh_reader *reader);

/* Number of bytes; -1 if the source does not tell its own size.  The source is read on
 * from where it was.  VL_ERR_DATA: its size is none that a whole file can have. */
VL_MUST_CHECK
int c4gh_reader_size(struct c4gh_reader *reader, int64_t *size, struct vl_error *err);

/* These fill in the error of a segment, counted from 0: one that is cut short, and one of
 * n bytes that no data key opens. */
int c4gh_blame_truncated(const char *path, uint64_t number, struct vl_error *err);
int c4gh_blame_segment(const char *path, uint64_t number, size_t n, struct vl_error *err);

/* Wipes, closes and frees.  NULL is fine. */
void c4gh_reader_free(struct c4gh_reader *reader);

#endif
