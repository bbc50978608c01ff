#include "window/block.h"

enum { BYTES_A_RECORD = 64 };

bool block_ends_before(const struct block *block, int32_t contig, int64_t pos0)
{
    bool border = pos0 >> BLOCK_SHIFT != block->last_pos0 >> BLOCK_SHIFT;
    return block->n_records > 0 &&
           (contig != block->contig ||
            (border && block->n_records >= BLOCK_RECORDS_MIN) ||
            block->n_records >= BLOCK_RECORDS_MAX || block->n_bases >= BLOCK_BASES_MAX);
}

void block_add(struct block *block, int32_t contig, int64_t pos0, int32_t n_bases)
{
    block->n_records++;
    block->n_bases += (size_t)n_bases;
    block->contig = contig;
    block->last_pos0 = pos0;
}

size_t block_bytes(const struct block *block)
{
    return BYTES_A_RECORD * block->n_records + block->n_bases * 3 / 2;
}
