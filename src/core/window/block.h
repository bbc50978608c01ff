/*
 * Blocks: runs of consecutive masked records on one contig (bdiff.md §5).  Where a block
 * ends follows from masked records alone, so that borders tell nothing.  Windows end
 * between blocks.
 */
#ifndef VARLOCK_CORE_BLOCK_H
#define VARLOCK_CORE_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    BLOCK_SHIFT = 14,         /* a block ends at a border of 16 kb ... */
    BLOCK_RECORDS_MIN = 1024, /* ... once it has as many records */
    BLOCK_RECORDS_MAX = 32768,
    BLOCK_BASES_MAX = 1 << 22 /* it ends once it has as many bases */
};

struct block {
    size_t n_records, n_bases;
    int32_t contig;    /* of its records; -1: unplaced */
    int64_t last_pos0; /* of its last record */
};

/* True if a record at that place begins another block.  An empty block takes any. */
bool block_ends_before(const struct block *block, int32_t contig, int64_t pos0);

/* Adds a record of that many bases. */
void block_add(struct block *block, int32_t contig, int64_t pos0, int32_t n_bases);

/* What the records of a block count for in a window (bdiff.md §5). */
size_t block_bytes(const struct block *block);

#endif
