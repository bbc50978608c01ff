#include "serve/filler.h"

#include "varlock/little_endian.h"

/*
 * A block of a gzip member without data: a header that tells its size, stored blocks of
 * deflate without bytes, an empty last block, a CRC and a length of 0.  The stored blocks
 * are 5 bytes each (RFC 1951, section 3.2.4), so a block has 28 + 5 k bytes.
 */
static const uint8_t HEADER[16] = {31, 139, 8, 4, 0, 0, 0, 0, 0, 255, 6, 0, 66, 67, 2, 0};
static const uint8_t STORED[5] = {0, 0, 0, 0xff, 0xff};
static const uint8_t LAST[2] = {3, 0};
enum { SMALLEST = 28, LARGEST = SMALLEST + 5 * 13101 };

size_t filler_next(struct vl_buf *out, int64_t n)
{
    /* With a blocks, n - 28 a must be a multiple of 5. */
    int64_t blocks = n * 2 % 5 == 0 ? 5 : n * 2 % 5;
    int64_t size = blocks == 1 && n <= LARGEST       ? n
                   : n - LARGEST >= FILLER_MIN_BYTES ? LARGEST
                                                     : SMALLEST;
    uint8_t bsize[2];
    vl_store_le(bsize, (uint64_t)size - 1, sizeof bsize);
    vl_buf_add(out, HEADER, sizeof HEADER);
    vl_buf_add(out, bsize, sizeof bsize);
    for (int64_t i = SMALLEST; i < size; i += (int64_t)sizeof STORED)
        vl_buf_add(out, STORED, sizeof STORED);
    vl_buf_add(out, LAST, sizeof LAST);
    vl_buf_add(out, "\0\0\0\0\0\0\0\0", 8);
    return (size_t)size;
}
