#include "vcf/site_blocks.h"

#include <stdlib.h>
#include <string.h>

static int add_block(struct site_blocks *to, const struct vl_vac_block *block,
                     struct vl_error *err)
{
    struct vl_vac_block *blocks =
        vl_array_grow(to->blocks, to->n_blocks, &to->cap, sizeof *blocks);
    if (!blocks)
        return vl_error_memory(err);
    to->blocks = blocks;
    to->blocks[to->n_blocks++] = *block;
    to->n_sites += block->n_sites;
    return 0;
}

int site_blocks_flush(struct site_blocks *to, struct vl_error *err)
{
    if (to->n_pending == 0)
        return 0;
    struct vl_vac_block block = {
        .contig = to->contig,
        .n_sites = (uint32_t)to->n_pending,
        .first_pos0 = to->pending[0].pos0,
        .last_pos0 = to->pending[to->n_pending - 1].pos0,
    };
    if (to->output)
        vl_buf_reset(&to->bytes);
    size_t before = to->bytes.len;
    int rc = vl_vac_block_encode(to->pending, to->n_pending, &to->bytes, err);
    if (rc < 0)
        return rc;
    block.offset = to->output ? vl_outfile_tell(to->output) : before;
    block.size_bytes = (uint32_t)(to->bytes.len - before);
    to->n_pending = 0;
    rc = add_block(to, &block, err);
    return rc < 0 || !to->output
               ? rc
               : vl_outfile_write(to->output, to->bytes.data, to->bytes.len, err);
}

int site_blocks_add(struct site_blocks *to, const struct vl_site *site,
                    struct vl_error *err)
{
    int rc = to->n_pending == VL_VAC_BLOCK_SITES ? site_blocks_flush(to, err) : 0;
    if (rc == 0)
        to->pending[to->n_pending++] = *site;
    return rc;
}

int site_blocks_start_contig(struct site_blocks *to, uint32_t contig,
                             struct vl_error *err)
{
    int rc = site_blocks_flush(to, err);
    to->contig = contig;
    return rc;
}

static int add_sites(struct site_blocks *to, const struct vl_site *sites, size_t n,
                     size_t *skip, struct vl_error *err)
{
    size_t i = *skip < n ? *skip : n;
    int rc = 0;
    *skip -= i;
    for (; i < n && rc == 0; i++)
        rc = site_blocks_add(to, &sites[i], err);
    return rc;
}

int site_blocks_add_first_contig(struct site_blocks *to, const struct site_blocks *from,
                                 size_t skip, struct vl_error *err)
{
    struct vl_site *sites = malloc(VL_VAC_BLOCK_SITES * sizeof *sites);
    int rc = sites ? 0 : vl_error_memory(err);
    for (size_t i = 0; i < from->n_blocks && from->blocks[i].contig == 0 && rc == 0;
         i++) {
        const struct vl_vac_block *block = &from->blocks[i];
        rc = vl_vac_block_decode(block, from->bytes.data + block->offset, sites, err);
        if (rc == 0)
            rc = add_sites(to, sites, block->n_sites, &skip, err);
    }
    free(sites);
    return rc == 0 && from->contig == 0
               ? add_sites(to, from->pending, from->n_pending, &skip, err)
               : rc;
}

int site_blocks_append(struct site_blocks *to, const struct site_blocks *from,
                       uint32_t first, uint32_t base, struct vl_error *err)
{
    int rc = 0;
    for (size_t i = 0; i < from->n_blocks && rc == 0; i++) {
        struct vl_vac_block block = from->blocks[i];
        const uint8_t *bytes = from->bytes.data + block.offset;
        if (block.contig < first)
            continue;
        block.contig += base;
        block.offset = vl_outfile_tell(to->output);
        rc = add_block(to, &block, err);
        if (rc == 0)
            rc = vl_outfile_write(to->output, bytes, block.size_bytes, err);
    }
    to->contig = base + from->contig;
    to->n_pending = from->n_pending;
    memcpy(to->pending, from->pending, from->n_pending * sizeof *to->pending);
    return rc;
}

void site_blocks_clear(struct site_blocks *blocks)
{
    vl_buf_clear(&blocks->bytes);
    free(blocks->blocks);
    memset(blocks, 0, sizeof *blocks);
}
