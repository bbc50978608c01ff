#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "varlock/frame.h"
#include "varlock/vac.h"
#include "varlock/wire.h"

enum {
    MAGIC_BYTES = 8,
    LEVEL = 9,
    META_BYTES_MAX = 1 << 28,
    NAME_BYTES_MAX = 65535,
    M5_BYTES = VL_M5_CHARS / 2,
    /* The fewest bytes that a contig (name, length, flag) and an index entry can take. */
    CONTIG_BYTES_MIN = 4,
    ENTRY_BYTES_MIN = 5
};

static const uint8_t MAGIC[MAGIC_BYTES] = {0x89, 'V', 'A', 'C', '\r', '\n', 0x1a, '\n'};
static const uint8_t END_MAGIC[MAGIC_BYTES] = {'\n', 0x1a, '\n', '\r',
                                               'C',  'A',  'V',  0x89};

static int bad_meta(struct vl_error *err, const char *why)
{
    return vl_error_set(err, VL_ERR_DATA, "malformed VAC metadata: %s", why);
}

/* ---- head and trailer: vac.md §2, §5 ---- */

void vl_vac_head_encode(struct vl_buf *out)
{
    static const uint8_t RESERVED[6] = {0};
    vl_buf_add(out, MAGIC, sizeof MAGIC);
    vl_put_u16(out, VL_VAC_VERSION);
    vl_buf_add(out, RESERVED, sizeof RESERVED);
}

int vl_vac_head_decode(const uint8_t head[static VL_VAC_HEAD_BYTES], struct vl_error *err)
{
    struct vl_cursor c = vl_cursor_over(head, VL_VAC_HEAD_BYTES);
    if (memcmp(vl_get_bytes(&c, MAGIC_BYTES), MAGIC, MAGIC_BYTES) != 0)
        return vl_error_set(err, VL_ERR_DATA, "not a VAC file");
    unsigned version = vl_get_u16(&c);
    if (version != VL_VAC_VERSION)
        return vl_error_set(err, VL_ERR_DATA,
                            "VAC version %u; this varlock reads version %d", version,
                            VL_VAC_VERSION);
    if (vl_get_u16(&c) != 0 || vl_get_u32(&c) != 0)
        return vl_error_set(err, VL_ERR_DATA, "VAC head with reserved bytes set");
    return 0;
}

int vl_vac_trailer_decode(const uint8_t trailer[static VL_VAC_TRAILER_BYTES],
                          uint64_t file_size, uint64_t *meta_offset, uint64_t *meta_size,
                          struct vl_error *err)
{
    struct vl_cursor c = vl_cursor_over(trailer, VL_VAC_TRAILER_BYTES);
    uint64_t offset = vl_get_u64(&c), size = vl_get_u64(&c), reserved = vl_get_u64(&c);
    if (memcmp(vl_get_bytes(&c, MAGIC_BYTES), END_MAGIC, MAGIC_BYTES) != 0)
        return vl_error_set(err, VL_ERR_DATA, "truncated: no VAC trailer at its end");
    uint64_t room = VL_VAC_HEAD_BYTES + VL_VAC_TRAILER_BYTES;
    if (reserved != 0 || file_size < room || offset < VL_VAC_HEAD_BYTES ||
        offset > file_size - VL_VAC_TRAILER_BYTES ||
        size != file_size - VL_VAC_TRAILER_BYTES - offset)
        return vl_error_set(err, VL_ERR_DATA,
                            "VAC trailer does not fit the file: bytes missing or added");
    *meta_offset = offset;
    *meta_size = size;
    return 0;
}

/* ---- contigs: vac.md §4.1 ---- */

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool put_contig(struct vl_buf *b, const struct vl_contig *contig)
{
    size_t n_name = strlen(contig->name), n_m5 = strlen(contig->m5);
    if (n_name == 0 || n_name > NAME_BYTES_MAX || contig->length < 0 ||
        contig->length > VL_VAC_POS_MAX || (n_m5 != 0 && n_m5 != VL_M5_CHARS))
        return false;
    vl_put_string(b, contig->name);
    vl_put_varint(b, (uint64_t)contig->length);
    vl_put_u8(b, n_m5 != 0);
    for (size_t i = 0; i < n_m5; i += 2) {
        int high = hex_value(contig->m5[i]), low = hex_value(contig->m5[i + 1]);
        if (high < 0 || low < 0)
            return false;
        vl_put_u8(b, (uint8_t)(high << 4 | low));
    }
    return true;
}

static int get_contig(struct vl_cursor *c, struct vl_contigs *contigs,
                      struct vl_error *err)
{
    static const char HEX[] = "0123456789abcdef";
    char m5[VL_M5_CHARS + 1] = "";
    char *name = vl_get_string(c, NAME_BYTES_MAX);
    int64_t length = (int64_t)vl_get_varint_max(c, VL_VAC_POS_MAX);
    uint8_t has_m5 = vl_get_u8(c);
    const uint8_t *bytes = has_m5 == 1 ? vl_get_bytes(c, M5_BYTES) : NULL;
    for (size_t i = 0; bytes && i < M5_BYTES; i++) {
        m5[2 * i] = HEX[bytes[i] >> 4];
        m5[2 * i + 1] = HEX[bytes[i] & 15];
    }
    int rc = 0;
    if (c->bad || has_m5 > 1 || name[0] == '\0')
        rc = bad_meta(err, "contig table");
    else if (vl_contigs_add(contigs, name, length, m5) < 0)
        rc = vl_error_memory(err);
    free(name);
    return rc;
}

static int get_contigs(struct vl_cursor *c, struct vl_contigs *contigs,
                       struct vl_error *err)
{
    uint64_t n = vl_get_varint_max(c, INT32_MAX);
    if (n > vl_left(c) / CONTIG_BYTES_MIN)
        return bad_meta(err, "more contigs than it has bytes for");
    int rc = c->bad ? bad_meta(err, "contig table") : 0;
    for (uint64_t i = 0; i < n && rc == 0; i++)
        rc = get_contig(c, contigs, err);
    return rc < 0 ? rc : vl_contigs_check_unique(contigs, "malformed VAC metadata", err);
}

/* ---- block index: vac.md §4.2 ---- */

/* Every index entry is coded relative to the block before it.  The first one is coded
 * relative to this block, which stands for the start of everything. */
static struct vl_vac_block before_first_block(void)
{
    return (struct vl_vac_block){.last_pos0 = -1, .offset = VL_VAC_HEAD_BYTES};
}

/* The lowest first_pos0 that a block of `contig` can have after the block `previous`. */
static int64_t least_pos0(const struct vl_vac_block *previous, uint32_t contig)
{
    return contig == previous->contig ? previous->last_pos0 + 1 : 0;
}

static bool block_is_valid(const struct vl_vac_block *block,
                           const struct vl_contigs *contigs)
{
    if (block->contig >= contigs->n || block->n_sites == 0 ||
        block->n_sites > VL_VAC_BLOCK_SITES || block->size_bytes == 0)
        return false;
    int64_t length = contigs->v[block->contig].length;
    return block->last_pos0 - block->first_pos0 >= (int64_t)block->n_sites - 1 &&
           (block->n_sites > 1 || block->first_pos0 == block->last_pos0) &&
           block->last_pos0 <= VL_VAC_POS_MAX &&
           (length == 0 || block->last_pos0 < length);
}

static bool put_index(struct vl_buf *b, const struct vl_vac_meta *meta, uint64_t offset)
{
    struct vl_vac_block previous = before_first_block();
    uint64_t n_sites = 0;
    vl_put_varint(b, meta->n_blocks);
    for (size_t i = 0; i < meta->n_blocks; i++) {
        const struct vl_vac_block *block = &meta->blocks[i];
        if (!block_is_valid(block, &meta->contigs) || block->contig < previous.contig ||
            block->offset != previous.offset + previous.size_bytes ||
            block->first_pos0 < least_pos0(&previous, block->contig))
            return false;
        vl_put_varint(b, block->contig - previous.contig);
        vl_put_varint(b, block->n_sites);
        vl_put_varint(
            b, (uint64_t)(block->first_pos0 - least_pos0(&previous, block->contig)));
        vl_put_varint(b, (uint64_t)(block->last_pos0 - block->first_pos0));
        vl_put_varint(b, block->size_bytes);
        n_sites += block->n_sites;
        previous = *block;
    }
    return previous.offset + previous.size_bytes == offset && n_sites == meta->n_sites;
}

static bool get_block(struct vl_cursor *c, const struct vl_vac_block *previous,
                      const struct vl_contigs *contigs, struct vl_vac_block *block)
{
    uint64_t n_contigs_left = contigs->n - previous->contig;
    block->contig = previous->contig + (uint32_t)vl_get_varint_max(c, n_contigs_left);
    block->n_sites = (uint32_t)vl_get_varint_max(c, VL_VAC_BLOCK_SITES);
    int64_t least = least_pos0(previous, block->contig);
    if (c->bad || least > VL_VAC_POS_MAX)
        return false;
    block->first_pos0 =
        least + (int64_t)vl_get_varint_max(c, (uint64_t)(VL_VAC_POS_MAX - least));
    block->last_pos0 =
        block->first_pos0 +
        (int64_t)vl_get_varint_max(c, (uint64_t)(VL_VAC_POS_MAX - block->first_pos0));
    block->size_bytes = (uint32_t)vl_get_varint_max(c, VL_VAC_BLOCK_BYTES_MAX);
    block->offset = previous->offset + previous->size_bytes;
    return !c->bad && block_is_valid(block, contigs);
}

static int get_index(struct vl_cursor *c, struct vl_vac_meta *meta, uint64_t offset,
                     struct vl_error *err)
{
    uint64_t n = vl_get_varint(c), n_sites = 0;
    if (c->bad || n > vl_left(c) / ENTRY_BYTES_MIN)
        return bad_meta(err, "more blocks than it has bytes for");
    meta->blocks = calloc(n + 1, sizeof *meta->blocks);
    if (!meta->blocks)
        return vl_error_memory(err);
    meta->n_blocks = n;
    struct vl_vac_block previous = before_first_block();
    for (uint64_t i = 0; i < n; i++) {
        if (!get_block(c, &previous, &meta->contigs, &meta->blocks[i]))
            return bad_meta(err, "block index");
        previous = meta->blocks[i];
        n_sites += previous.n_sites;
    }
    if (vl_left(c) > 0)
        return bad_meta(err, "bytes behind the block index");
    if (previous.offset + previous.size_bytes != offset)
        return bad_meta(err, "the blocks do not fill the file");
    return n_sites == meta->n_sites ? 0 : bad_meta(err, "number of records");
}

/* ---- the section: vac.md §4 ---- */

int vl_vac_meta_encode(const struct vl_vac_meta *meta, uint64_t offset,
                       struct vl_buf *out, struct vl_error *err)
{
    struct vl_buf plain = VL_BUF_INIT;
    vl_put_varint(&plain, meta->contigs.n);
    bool valid = meta->contigs.n <= INT32_MAX;
    for (size_t i = 0; i < meta->contigs.n && valid; i++)
        valid = put_contig(&plain, &meta->contigs.v[i]);
    vl_buf_add(&plain, meta->source_sha256, sizeof meta->source_sha256);
    vl_put_varint(&plain, meta->n_sites);
    valid = valid && put_index(&plain, meta, offset) && plain.len <= META_BYTES_MAX;
    size_t before = out->len;
    int rc = plain.failed ? vl_error_memory(err)
             : !valid     ? vl_error_set(err, VL_ERR_USAGE, "VAC metadata out of range")
                          : vl_frame_compress(plain.data, plain.len, LEVEL, out, err);
    if (rc == 0) {
        size_t size = out->len - before;
        vl_put_u64(out, offset);
        vl_put_u64(out, size);
        vl_put_u64(out, 0);
        vl_buf_add(out, END_MAGIC, sizeof END_MAGIC);
        if (out->failed)
            rc = vl_error_memory(err);
    }
    vl_buf_clear(&plain);
    return rc;
}

int vl_vac_meta_decode(struct vl_vac_meta *meta, const uint8_t *bytes, size_t n,
                       uint64_t offset, struct vl_error *err)
{
    memset(meta, 0, sizeof *meta);
    struct vl_buf plain = VL_BUF_INIT;
    int rc = vl_frame_decompress(bytes, n, META_BYTES_MAX, &plain, err);
    struct vl_cursor c = vl_cursor_over(plain.data, plain.len);
    if (rc == 0)
        rc = get_contigs(&c, &meta->contigs, err);
    if (rc == 0) {
        const uint8_t *sha256 = vl_get_bytes(&c, sizeof meta->source_sha256);
        if (sha256)
            memcpy(meta->source_sha256, sha256, sizeof meta->source_sha256);
        meta->n_sites = vl_get_varint(&c);
        rc = get_index(&c, meta, offset, err);
    }
    vl_buf_clear(&plain);
    if (rc < 0)
        vl_vac_meta_clear(meta);
    return rc;
}

void vl_vac_meta_clear(struct vl_vac_meta *meta)
{
    vl_contigs_clear(&meta->contigs);
    free(meta->blocks);
    memset(meta, 0, sizeof *meta);
}
