#include "container/vac_file.h"

#include <stdlib.h>

#include "varlock/digest.h"
#include "varlock/file.h"

enum { DIGEST_PIECE_BYTES = 1 << 18 };

struct vl_vac_reader {
    struct vl_infile *file;
    struct vl_vac_meta meta;
    struct vl_buf bytes;   /* the block or section read last */
    struct vl_site *sites; /* sites of block `loaded` */
    size_t loaded;         /* index of that block; meta.n_blocks: none */
    size_t block;          /* position of the next site: block, and site within it */
    size_t site;
    size_t end_block; /* end (exclusive) of the blocks of the contig of the last seek */
    bool have_digest;
    uint8_t digest[VL_SHA256_BYTES];
};

/* Puts the path before a message of the codecs, which do not know the file. */
static int in_file(const struct vl_vac_reader *vac, int rc, const struct vl_error *inner,
                   struct vl_error *err)
{
    return rc < 0 ? vl_error_set(err, rc, "%s: %s", vl_infile_path(vac->file),
                                 inner->message)
                  : rc;
}

static int read_bytes(struct vl_vac_reader *vac, uint64_t offset, size_t n,
                      struct vl_error *err)
{
    vl_buf_reset(&vac->bytes);
    uint8_t *at = vl_buf_reserve(&vac->bytes, n);
    if (!at)
        return vl_error_memory(err);
    int rc = vl_infile_read(vac->file, offset, at, n, err);
    if (rc == 0)
        vac->bytes.len = n;
    return rc;
}

static int read_meta(struct vl_vac_reader *vac, struct vl_error *err)
{
    uint64_t file_size = vl_infile_size(vac->file), offset = 0, size = 0;
    struct vl_error inner = {0};
    if (file_size < VL_VAC_HEAD_BYTES)
        return vl_error_set(err, VL_ERR_DATA, "%s: not a VAC file",
                            vl_infile_path(vac->file));
    int rc = read_bytes(vac, 0, VL_VAC_HEAD_BYTES, err);
    if (rc < 0)
        return rc;
    rc = vl_vac_head_decode(vac->bytes.data, &inner);
    if (rc < 0)
        return in_file(vac, rc, &inner, err);
    if (file_size < VL_VAC_HEAD_BYTES + VL_VAC_TRAILER_BYTES)
        return vl_error_set(err, VL_ERR_DATA, "%s: truncated", vl_infile_path(vac->file));
    rc = read_bytes(vac, file_size - VL_VAC_TRAILER_BYTES, VL_VAC_TRAILER_BYTES, err);
    if (rc < 0)
        return rc;
    rc = vl_vac_trailer_decode(vac->bytes.data, file_size, &offset, &size, &inner);
    if (rc < 0)
        return in_file(vac, rc, &inner, err);
    rc = read_bytes(vac, offset, (size_t)size, err);
    if (rc < 0)
        return rc;
    rc = vl_vac_meta_decode(&vac->meta, vac->bytes.data, vac->bytes.len, offset, &inner);
    return in_file(vac, rc, &inner, err);
}

int vl_vac_open(struct vl_vac_reader **vac, const char *path, struct vl_error *err)
{
    *vac = NULL;
    struct vl_vac_reader *v = calloc(1, sizeof *v);
    if (!v)
        return vl_error_memory(err);
    int rc = vl_infile_open(&v->file, path, err);
    if (rc == 0)
        rc = read_meta(v, err);
    if (rc == 0) {
        v->sites = malloc(VL_VAC_BLOCK_SITES * sizeof *v->sites);
        v->loaded = v->meta.n_blocks;
        rc = v->sites ? 0 : vl_error_memory(err);
    }
    if (rc < 0) {
        vl_vac_free(v);
        return rc;
    }
    *vac = v;
    return 0;
}

const struct vl_vac_meta *vl_vac_meta(const struct vl_vac_reader *vac)
{
    return &vac->meta;
}

const char *vl_vac_path(const struct vl_vac_reader *vac)
{
    return vl_infile_path(vac->file);
}

uint64_t vl_vac_size_bytes(const struct vl_vac_reader *vac)
{
    return vl_infile_size(vac->file);
}

int vl_vac_digest(struct vl_vac_reader *vac, uint8_t out[static VL_SHA256_BYTES],
                  struct vl_error *err)
{
    uint64_t size = vl_infile_size(vac->file);
    struct vl_digest *digest = NULL;
    int rc = 0;
    if (!vac->have_digest) {
        digest = vl_digest_new();
        rc = digest ? 0 : vl_error_memory(err);
        for (uint64_t at = 0; rc == 0 && at < size; at += DIGEST_PIECE_BYTES) {
            size_t n = size - at < DIGEST_PIECE_BYTES ? (size_t)(size - at)
                                                      : (size_t)DIGEST_PIECE_BYTES;
            rc = read_bytes(vac, at, n, err);
            if (rc == 0)
                vl_digest_add(digest, vac->bytes.data, n);
        }
        if (rc == 0 && vl_digest_finish(digest, vac->digest) < 0)
            rc = vl_error_memory(err);
        vac->have_digest = rc == 0;
    }
    for (size_t i = 0; rc == 0 && i < VL_SHA256_BYTES; i++)
        out[i] = vac->digest[i];
    vl_digest_free(digest);
    return rc;
}

static int load_block(struct vl_vac_reader *vac, size_t number, struct vl_error *err)
{
    if (vac->loaded == number)
        return 0;
    const struct vl_vac_block *block = &vac->meta.blocks[number];
    struct vl_error inner = {0};
    vac->loaded = vac->meta.n_blocks;
    int rc = read_bytes(vac, block->offset, block->size_bytes, err);
    if (rc < 0)
        return rc;
    rc = vl_vac_block_decode(block, vac->bytes.data, vac->sites, &inner);
    if (rc == 0)
        vac->loaded = number;
    return in_file(vac, rc, &inner, err);
}

/* The first block that is on a later contig, or on this contig and ends at or after
 * pos0. */
static size_t find_block(const struct vl_vac_meta *meta, uint32_t contig, int64_t pos0)
{
    size_t low = 0, high = meta->n_blocks;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        const struct vl_vac_block *block = &meta->blocks[mid];
        if (block->contig < contig ||
            (block->contig == contig && block->last_pos0 < pos0))
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

int vl_vac_seek(struct vl_vac_reader *vac, uint32_t contig, int64_t pos0,
                struct vl_error *err)
{
    vac->block = find_block(&vac->meta, contig, pos0);
    vac->end_block = find_block(&vac->meta, contig, INT64_MAX);
    vac->site = 0;
    if (vac->block == vac->end_block)
        return 0;
    const struct vl_vac_block *block = &vac->meta.blocks[vac->block];
    if (pos0 <= block->first_pos0)
        return 0;
    int rc = load_block(vac, vac->block, err);
    if (rc < 0) {
        vac->end_block = vac->block;
        return rc;
    }
    size_t low = 0, high = block->n_sites;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (vac->sites[mid].pos0 < pos0)
            low = mid + 1;
        else
            high = mid;
    }
    vac->site = low;
    return 0;
}

int vl_vac_next(struct vl_vac_reader *vac, struct vl_site *site, struct vl_error *err)
{
    if (vac->block < vac->end_block &&
        vac->site == vac->meta.blocks[vac->block].n_sites) {
        vac->block++;
        vac->site = 0;
    }
    if (vac->block >= vac->end_block)
        return 0;
    int rc = load_block(vac, vac->block, err);
    if (rc < 0)
        return rc;
    *site = vac->sites[vac->site++];
    return 1;
}

void vl_vac_free(struct vl_vac_reader *vac)
{
    if (!vac)
        return;
    vl_infile_free(vac->file);
    vl_vac_meta_clear(&vac->meta);
    vl_buf_clear(&vac->bytes);
    free(vac->sites);
    free(vac);
}
