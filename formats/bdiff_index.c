#include <stdlib.h>
#include <string.h>

#include "varlock/bdiff.h"
#include "varlock/wire.h"

enum { FLAG_ROOT = 1 };
enum { ENTRY_BYTES_MIN = 12 + 64 };

int vl_bdiff_index_add(struct vl_bdiff_index *index, const struct vl_bdiff_entry *entry)
{
    struct vl_bdiff_entry *v = vl_array_grow(index->v, index->n, &index->cap, sizeof *v);
    if (!v)
        return VL_ERR_MEMORY;
    index->v = v;
    index->v[index->n++] = *entry;
    return 0;
}

/* bdiff.md §6.2: appends a place relative to another one; the position is absolute where
 * the contig changes. */
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
    e->n_records =
        (uint32_t)vl_get_varint_max(c, vl_bdiff_limit(VL_LIMIT_WINDOW_MASKED, 0));
    e->size_bytes =
        (uint32_t)vl_get_varint_max(c, vl_bdiff_limit(VL_LIMIT_WINDOW_SEALED, 0));
    const uint8_t *sealed = vl_get_bytes(c, sizeof e->sealed_sha256);
    const uint8_t *masked = vl_get_bytes(c, sizeof e->masked_sha256);
    if (c->bad)
        return;
    memcpy(e->sealed_sha256, sealed, sizeof e->sealed_sha256);
    memcpy(e->masked_sha256, masked, sizeof e->masked_sha256);
}

/* bdiff.md §6.1, §6.2: whether a place of an entry is within its limits. */
static bool is_place(const struct vl_locus *l, size_t n_contigs, uint64_t n_masked)
{
    if (l->contig >= n_contigs)
        return l->contig == n_contigs && l->pos0 == -1 && l->ordinal <= n_masked;
    return l->pos0 >= -1 && l->pos0 <= (int64_t)vl_bdiff_limit(VL_LIMIT_POSITION, 0) &&
           l->ordinal <= n_masked;
}

static bool is_end(uint32_t contig, int64_t end, size_t n_contigs)
{
    if (contig >= n_contigs)
        return contig == n_contigs && end == 0;
    return end >= 0 && end <= (int64_t)vl_bdiff_limit(VL_LIMIT_RANGE_POSITION, 0);
}

static bool is_before(const struct vl_locus *a, const struct vl_locus *b)
{
    if (a->contig != b->contig)
        return a->contig < b->contig;
    return a->pos0 != b->pos0 ? a->pos0 < b->pos0 : a->ordinal < b->ordinal;
}

/* `behind` is the last masked record of the windows before, which this entry must come
 * after (NULL: there is none). */
static bool is_entry(const struct vl_bdiff_entry *e, size_t n_contigs, uint64_t n_masked,
                     const struct vl_locus *behind)
{
    struct vl_locus low = {.contig = e->low_contig, .pos0 = e->low_pos0};
    if (!is_place(&e->first, n_contigs, n_masked) ||
        !is_place(&e->last, n_contigs, n_masked) || !is_place(&low, n_contigs, 0) ||
        !is_end(e->high_contig, e->high_end, n_contigs) ||
        e->low_contig > e->high_contig ||
        (e->low_contig == e->high_contig && e->low_pos0 > e->high_end))
        return false;
    return e->n_records == 0 ||
           (!is_before(&e->last, &e->first) && (!behind || is_before(behind, &e->first)));
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
                          uint64_t offset, size_t n_contigs, struct vl_error *err)
{
    memset(index, 0, sizeof *index);
    struct vl_cursor c = vl_cursor_over(bytes, n);
    bool good = get_index_head(&c, index);
    size_t n_entries = vl_get_varint_max(&c, vl_left(&c) / ENTRY_BYTES_MIN + 1);
    struct vl_bdiff_entry before = {0};
    struct vl_locus behind = {0};
    uint64_t n_records = 0;
    int rc = 0;
    for (size_t i = 0; rc == 0 && good && i < n_entries && !c.bad; i++) {
        struct vl_bdiff_entry e = {.offset = offset};
        get_entry(&c, &before, &e);
        good = !c.bad &&
               is_entry(&e, n_contigs, index->n_masked, n_records > 0 ? &behind : NULL);
        rc = good ? vl_bdiff_index_add(index, &e) : 0;
        offset += e.size_bytes;
        n_records += e.n_records;
        if (e.n_records > 0)
            behind = e.last;
        before = e;
    }
    good = good && !c.bad && vl_left(&c) == 0 &&
           (index->is_root ? n_records == index->n_masked : n_records <= index->n_masked);
    if (good && rc == 0)
        return 0;
    vl_bdiff_index_clear(index);
    if (rc < 0)
        return vl_error_memory(err);
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
