#include "serve/tiles.h"

#include <stdlib.h>
#include <string.h>

#include "alignment/bam_indexer.h"
#include "crypt4gh/memory_file.h"
#include "varlock/fail.h"

enum {
    STEP = 1 << 14,         /* bases; a window of a .bai's linear index */
    TARGET_BYTES = 1 << 19, /* a tile is no longer once it has so many in the input */
    /* A slot holds this many times what the input has there, and what the BDIFF has,
     * compressed better than a BAM; and this many bytes more. */
    PER_INPUT_BYTE = 2,
    PER_BDIFF_BYTE = 4,
    SPARE_BYTES = 1 << 16,
    BGZF_BLOCK = 1 << 16
};

/* ---- tiles of a contig ---- */

static const struct vl_bdiff_entry *entries(const struct vl_bdiff_reader *bdiff,
                                            size_t *n)
{
    const struct vl_bdiff_index *index = bdiff ? vl_bdiff_reader_index(bdiff) : NULL;
    *n = index ? index->n : 0;
    return index ? index->v : NULL;
}

static int64_t input_bytes(const struct tile *t)
{
    return t->behind == 0 ? 0
                          : (int64_t)((t->behind >> 16) - (t->first >> 16)) + BGZF_BLOCK;
}

/* Joins a step to the tile it belongs to, or begins another one. */
static int add_step(struct tiles *tiles, const struct tile *step, struct vl_error *err)
{
    struct tile *last = tiles->n > 0 ? &tiles->v[tiles->n - 1] : NULL;
    if (last && last->contig == step->contig && last->end == step->beg &&
        input_bytes(last) < TARGET_BYTES) {
        last->end = step->end;
        last->reach = step->reach;
        last->first = step->first < last->first ? step->first : last->first;
        last->behind = step->behind > last->behind ? step->behind : last->behind;
        return 0;
    }
    struct tile *v = vl_array_grow(tiles->v, tiles->n, &tiles->cap, sizeof *v);
    if (!v)
        return vl_error_memory(err);
    tiles->v = v;
    v[tiles->n++] = *step;
    return 0;
}

/* Steps without records of the input have tiles, too: a restored read may begin there. */
static int lay_contig(struct tiles *tiles, const struct alignment_input *in,
                      size_t contig, struct vl_error *err)
{
    bool unplaced = contig == in->contigs.n;
    int64_t length = unplaced ? 0 : in->contigs.v[contig].length;
    struct tile t = {.contig = (uint32_t)contig};
    int rc = 0;
    do {
        t.end = t.beg + STEP < length ? t.beg + STEP : VL_POS_MAX;
        t.reach = t.end;
        t.behind = 0;
        t.first = UINT64_MAX;
        rc = alignment_input_span(in, contig, t.beg,
                                  t.end == VL_POS_MAX ? HTS_POS_MAX : t.end, &t.first,
                                  &t.behind, err);
        if (rc >= 0)
            rc = add_step(tiles, &t, err);
        t.beg = t.end;
    } while (rc == 0 && t.end != VL_POS_MAX);
    return rc;
}

/* ---- how far records reach ---- */

static void reach_at_least(struct tile *t, int64_t end)
{
    t->reach = t->reach < end ? end : t->reach;
}

/* Records of tile i that the index expects further back. */
static void reach_back(struct tiles *tiles, const uint64_t *behind_so_far, size_t i)
{
    const struct tile *t = &tiles->v[i];
    if (t->behind == 0)
        return;
    for (size_t j = i; j-- > 0 && tiles->v[j].contig == t->contig;) {
        if (behind_so_far[j] <= t->first)
            break;
        if (tiles->v[j].behind > t->first)
            reach_at_least(&tiles->v[j], t->end);
    }
}

static int find_reaches(struct tiles *tiles, struct vl_error *err)
{
    uint64_t *behind_so_far = malloc((tiles->n + 1) * sizeof *behind_so_far), high = 0;
    if (!behind_so_far)
        return vl_error_memory(err);
    for (size_t i = 0; i < tiles->n; i++) {
        high = tiles->v[i].behind > high ? tiles->v[i].behind : high;
        behind_so_far[i] = high;
        reach_back(tiles, behind_so_far, i);
    }
    free(behind_so_far);
    return 0;
}

/* First tile that ends behind that place. */
static size_t seek_tile(const struct tiles *tiles, uint32_t contig, int64_t pos0)
{
    size_t low = 0, high = tiles->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        const struct tile *t = &tiles->v[mid];
        if (t->contig < contig || (t->contig == contig && t->end <= pos0))
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* What a window shows lies within its extents, and takes room. */
static void add_window(struct tiles *tiles, const struct vl_bdiff_entry *e)
{
    for (size_t i = seek_tile(tiles, e->low_contig, e->low_pos0); i < tiles->n; i++) {
        struct tile *t = &tiles->v[i];
        if (t->contig > e->high_contig ||
            (t->contig == e->high_contig && t->beg > 0 && t->beg >= e->high_end))
            break;
        t->size += (int64_t)e->size_bytes * PER_BDIFF_BYTE;
        reach_at_least(t, t->contig == e->high_contig ? e->high_end : VL_POS_MAX);
    }
}

int tiles_lay(struct tiles *tiles, const struct alignment_input *in,
              const struct vl_bdiff_reader *bdiff, int64_t header_size,
              struct vl_error *err)
{
    size_t n_entries;
    const struct vl_bdiff_entry *entry = entries(bdiff, &n_entries);
    int rc = 0;
    memset(tiles, 0, sizeof *tiles);
    for (size_t c = 0; rc == 0 && c <= in->contigs.n; c++)
        rc = lay_contig(tiles, in, c, err);
    if (rc == 0)
        rc = find_reaches(tiles, err);
    for (size_t i = 0; rc == 0 && i < n_entries; i++)
        add_window(tiles, &entry[i]);
    tiles->size = header_size;
    for (size_t i = 0; i < tiles->n; i++) {
        struct tile *t = &tiles->v[i];
        t->size += input_bytes(t) * PER_INPUT_BYTE;
        t->size += t->size > 0 ? SPARE_BYTES : 0;
        t->offset = tiles->size;
        tiles->size += t->size;
    }
    return rc;
}

size_t tiles_find(const struct tiles *tiles, int64_t offset)
{
    size_t low = 0, high = tiles->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (tiles->v[mid].offset + tiles->v[mid].size <= offset)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

void tiles_clear(struct tiles *tiles)
{
    free(tiles->v);
    memset(tiles, 0, sizeof *tiles);
}

/* ---- the index ---- */

/* A tile stands in the index as one record from its begin to its reach would. */
static int push(hts_idx_t *index, const struct tile *t, const struct vl_contigs *contigs)
{
    const uint64_t behind = (uint64_t)(t->offset + t->size) << 16;
    if (t->contig == contigs->n)
        return hts_idx_push(index, -1, -1, -1, behind, 0);
    int64_t length = contigs->v[t->contig].length;
    int64_t end = t->reach < length ? t->reach : length;
    return hts_idx_push(index, (int)t->contig, t->beg, end > t->beg ? end : t->beg + 1,
                        behind, 1);
}

static int save(hts_idx_t *index, int format, struct vl_buf *bytes, struct vl_error *err)
{
    struct memory_file *memory = NULL;
    int rc = memory_file_open(&memory, err);
    if (rc == 0 && hts_idx_save_as(index, NULL, memory->name, format) < 0)
        rc = vl_error_memory(err);
    if (rc == 0)
        vl_buf_add(bytes, memory->bytes.data, memory->bytes.len);
    memory_file_free(memory);
    return rc == 0 && bytes->failed ? vl_error_memory(err) : rc;
}

int tiles_index(const struct tiles *tiles, const struct vl_contigs *contigs,
                int64_t header_size, struct vl_buf *bytes, bool *is_csi,
                struct vl_error *err)
{
    const int n_levels = bam_indexer_levels(contigs);
    *is_csi = n_levels > BAM_INDEXER_BAI_LEVELS;
    const int format = *is_csi ? HTS_FMT_CSI : HTS_FMT_BAI;
    hts_idx_t *index =
        hts_idx_init((int)contigs->n, format, (uint64_t)header_size << 16,
                     BAM_INDEXER_MIN_SHIFT, *is_csi ? n_levels : BAM_INDEXER_BAI_LEVELS);
    int rc = index ? 0 : vl_error_memory(err);
    for (size_t i = 0; rc == 0 && i < tiles->n; i++)
        if (tiles->v[i].size > 0 && push(index, &tiles->v[i], contigs) < 0)
            rc = vl_error_set(err, VL_ERR_USAGE, "%s cannot be indexed",
                              tiles->v[i].contig < contigs->n
                                  ? contigs->v[tiles->v[i].contig].name
                                  : "*");
    if (rc == 0 && hts_idx_finish(index, (uint64_t)tiles->size << 16) < 0)
        rc = vl_error_memory(err);
    if (rc == 0)
        rc = save(index, format, bytes, err);
    if (index)
        hts_idx_destroy(index);
    return rc;
}
