#include <stdlib.h>
#include <string.h>

#include "varlock/bdiff.h"
#include "varlock/wire.h"

enum { FLAG_ROOT = 1 };
enum { ENTRY_BYTES_MIN = 12 + 64, RECORDS_MAX = 1 << 24, WINDOW_SEALED_MAX = 1 << 30 };

int vl_bdiff_index_add(struct vl_bdiff_index *index, const struct vl_bdiff_entry *entry)
{
    struct vl_bdiff_entry *v = vl_array_grow(index->v, index->n, &index->cap, sizeof *v);
    if (!v)
        return VL_ERR_MEMORY;
    index->v = v;
    index->v[index->n++] = *entry;
    return 0;
}

/* bdiff.md §6.2: a position relative to another one; absolute when the contig changes. */
static void put_place(struct vl_buf *out, uint32_t from_contig, int64_t from_pos,
                      uint32_t contig, int64_t pos)
{
    vl_put_zigzag(out, (int64_t)contig - from_contig);
    vl_put_zigzag(out, contig == from_contig ? pos - from_pos : pos);
}

static void get_place(struct vl_cursor *c, uint32_t from_contig, int64_t from_pos,
                      uint32_t *contig, int64_t *pos)
{
    int64_t number = (int64_t)((uint64_t)vl_get_zigzag(c) + from_contig);
    int64_t delta = vl_get_zigzag(c);
    if (number < 0 || number > INT32_MAX) {
        c->bad = true;
        number = 0;
    }
    *contig = (uint32_t)number;
    *pos =
        number == from_contig ? (int64_t)((uint64_t)from_pos + (uint64_t)delta) : delta;
    if (*pos < -1)
        c->bad = true;
}

static void put_entry(struct vl_buf *out, const struct vl_bdiff_entry *before,
                      const struct vl_bdiff_entry *e)
{
    put_place(out, before->last.contig, before->last.pos0, e->first.contig,
              e->first.pos0);
    vl_put_varint(out, e->first.ordinal);
    put_place(out, e->first.contig, e->first.pos0, e->last.contig, e->last.pos0);
    vl_put_varint(out, e->last.ordinal);
    put_place(out, e->first.contig, e->first.pos0, e->low_contig, e->low_pos0);
    put_place(out, e->last.contig, e->last.pos0, e->high_contig, e->high_end);
    vl_put_varint(out, e->n_records);
    vl_put_varint(out, e->size_bytes);
    vl_buf_add(out, e->sealed_sha256, sizeof e->sealed_sha256);
    vl_buf_add(out, e->masked_sha256, sizeof e->masked_sha256);
}

static void get_entry(struct vl_cursor *c, const struct vl_bdiff_entry *before,
                      struct vl_bdiff_entry *e)
{
    get_place(c, before->last.contig, before->last.pos0, &e->first.contig,
              &e->first.pos0);
    e->first.ordinal = vl_get_varint(c);
    get_place(c, e->first.contig, e->first.pos0, &e->last.contig, &e->last.pos0);
    e->last.ordinal = vl_get_varint(c);
    get_place(c, e->first.contig, e->first.pos0, &e->low_contig, &e->low_pos0);
    get_place(c, e->last.contig, e->last.pos0, &e->high_contig, &e->high_end);
    e->n_records = (uint32_t)vl_get_varint_max(c, RECORDS_MAX);
    e->size_bytes = (uint32_t)vl_get_varint_max(c, WINDOW_SEALED_MAX);
    const uint8_t *sealed = vl_get_bytes(c, sizeof e->sealed_sha256);
    const uint8_t *masked = vl_get_bytes(c, sizeof e->masked_sha256);
    if (c->bad)
        return;
    memcpy(e->sealed_sha256, sealed, sizeof e->sealed_sha256);
    memcpy(e->masked_sha256, masked, sizeof e->masked_sha256);
}

/* bdiff.md §6 */
int vl_bdiff_index_encode(const struct vl_bdiff_index *index, struct vl_buf *out,
                          struct vl_error *err)
{
    vl_put_u8(out, index->is_root ? FLAG_ROOT : 0);
    vl_put_varint(out, index->n_masked);
    vl_put_varint(out, index->n_whole);
    vl_put_varint(out, index->n_sites);
    vl_buf_add(out, index->masked_sha256, sizeof index->masked_sha256);
    if (index->is_root)
        vl_buf_add(out, index->original_sha256, sizeof index->original_sha256);
    vl_put_varint(out, index->n);
    struct vl_bdiff_entry start = {0};
    for (size_t i = 0; i < index->n; i++)
        put_entry(out, i ? &index->v[i - 1] : &start, &index->v[i]);
    return out->failed ? vl_error_memory(err) : 0;
}

static bool get_index_head(struct vl_cursor *c, struct vl_bdiff_index *index)
{
    unsigned flags = vl_get_u8(c);
    index->is_root = flags & FLAG_ROOT;
    index->n_masked = vl_get_varint(c);
    index->n_whole = vl_get_varint(c);
    index->n_sites = vl_get_varint(c);
    const uint8_t *masked = vl_get_bytes(c, sizeof index->masked_sha256);
    const uint8_t *original =
        index->is_root ? vl_get_bytes(c, sizeof index->original_sha256) : NULL;
    if (c->bad || flags > FLAG_ROOT)
        return false;
    memcpy(index->masked_sha256, masked, sizeof index->masked_sha256);
    if (original)
        memcpy(index->original_sha256, original, sizeof index->original_sha256);
    return true;
}

int vl_bdiff_index_decode(struct vl_bdiff_index *index, const uint8_t *bytes, size_t n,
                          uint64_t offset, struct vl_error *err)
{
    memset(index, 0, sizeof *index);
    struct vl_cursor c = vl_cursor_over(bytes, n);
    bool good = get_index_head(&c, index);
    size_t n_entries = vl_get_varint_max(&c, vl_left(&c) / ENTRY_BYTES_MIN + 1);
    struct vl_bdiff_entry before = {0};
    for (size_t i = 0; good && i < n_entries && !c.bad; i++) {
        struct vl_bdiff_entry e = {.offset = offset};
        get_entry(&c, &before, &e);
        offset += e.size_bytes;
        good = !c.bad && vl_bdiff_index_add(index, &e) == 0;
        before = e;
    }
    if (good && !c.bad && vl_left(&c) == 0)
        return 0;
    vl_bdiff_index_clear(index);
    return vl_error_set(err, VL_ERR_SEAL, "the sealed index is malformed");
}

void vl_bdiff_index_clear(struct vl_bdiff_index *index)
{
    free(index->v);
    memset(index, 0, sizeof *index);
}

/* bdiff.md §3 */
void vl_bdiff_range_encode(const struct vl_bdiff_entry *entry, struct vl_buf *out)
{
    vl_put_u32(out, entry->n_records);
    vl_put_u32(out, entry->first.contig);
    vl_put_u64(out, (uint64_t)entry->first.pos0);
    vl_put_u64(out, entry->first.ordinal);
    vl_put_u32(out, entry->last.contig);
    vl_put_u64(out, (uint64_t)entry->last.pos0);
    vl_put_u64(out, entry->last.ordinal);
}
